import { parseFrameRequest, type FrameReply, type FrameRequest } from '../../views/lastFrame/protocol';
import type { DueFrame } from '../../views/messageParts';
import { h } from './dom';
import type { HostChannel } from './messages';
import { createThumbnail, drawCanvas, toBlob } from './thumbnail';

/** Time limit for a frame to be shown. */
const SHOWN_WITHIN_MS = 10_000;
/** If no other frame is shown within this time after a seek, the visible frame is the requested one. */
const SAME_AFTER_MS = 2_000;
/** How many seconds are played before the last frame. */
const RUN_UP_S = 0.5;

/** A picture of a frame in its full size, and when the frame begins, in seconds. */
export interface DrawnFrame {
  picture: HTMLCanvasElement;
  seconds: number;
}

/**
 * Draws the last frame of a video in a player of its own, because one that the user sees repeats the video at its end. Only
 * of a local copy: links are of another origin, which does not allow reading (CORS).
 *
 * @throws when the video does not play here
 */
export async function drawLastFrame(url: string, due: DueFrame): Promise<DrawnFrame> {
  const video = h('video', { preload: 'auto', playsinline: '' });
  video.muted = true;
  video.crossOrigin = 'anonymous';
  try {
    const loaded = nextFrame(video);
    video.src = url;
    const seconds = await showLastFrame(video, await loaded, due);
    return { picture: drawFrame(video), seconds };
  } finally {
    video.removeAttribute('src');
    video.load();
  }
}

/** Draws the frame that a video shows. */
export function drawFrame(video: HTMLVideoElement): HTMLCanvasElement {
  return drawCanvas(
    { width: video.videoWidth, height: video.videoHeight },
    (context, { width, height }) => context.drawImage(video, 0, 0, width, height),
    { alpha: false },
  );
}

/**
 * Lets a page draw last frames for the host, beside what it is there for: see `src/views/lastFrame/`. The host reads the
 * replies apart from the page's own messages.
 */
export function answerFrameRequests(host: Pick<HostChannel<unknown>, 'postMessage'>): void {
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const request = parseFrameRequest(data);
    if (request) {
      void answer(host, request);
    }
  });
}

async function answer(
  host: Pick<HostChannel<FrameReply>, 'postMessage'>,
  { request, url, due }: FrameRequest,
): Promise<void> {
  let isHeldUp = false;
  const onVisibility = () => {
    const isHidden = document.visibilityState === 'hidden';
    isHeldUp ||= isHidden;
    host.postMessage({ type: 'heldUp', request, isHidden });
  };
  if (document.visibilityState === 'hidden') {
    onVisibility();
  }
  document.addEventListener('visibilitychange', onVisibility);
  try {
    do {
      await whenSeen();
      isHeldUp = false;
      const reply = await tryToDraw(url, due);
      if (reply && !isHeldUp) {
        host.postMessage({ type: 'lastFrame', request, ...reply });
        return;
      }
      // A browser shows no frames while the window is hidden: neither an error nor a picture is one of the video then.
    } while (isHeldUp);
    host.postMessage({ type: 'noLastFrame', request });
  } finally {
    document.removeEventListener('visibilitychange', onVisibility);
  }
}

async function tryToDraw(
  url: string,
  due: DueFrame,
): Promise<Omit<Extract<FrameReply, { type: 'lastFrame' }>, 'type' | 'request'> | undefined> {
  try {
    const { picture, seconds } = await drawLastFrame(url, due);
    const png = await toBlob(picture, 'image/png');
    return {
      bytes: await png.arrayBuffer(),
      seconds: Math.max(0, seconds),
      thumbnail: createThumbnail(picture, 'black'),
    };
  } catch {
    return undefined;
  }
}

async function whenSeen(): Promise<void> {
  while (document.visibilityState === 'hidden') {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}

/** Waits until a frame that was decoded before the pause is visible. */
export function nextPaint(): Promise<unknown> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}

/**
 * Shows the last frame. Usually a seek to the end is enough, but the duration in the file may be too short, even by a
 * rounding error. No seek reaches the last frame then, so the end of the video is played.
 *
 * @param shown time of the visible frame, in seconds
 * @returns time of the last frame, in seconds
 */
async function showLastFrame(video: HTMLVideoElement, shown: number, due: DueFrame): Promise<number> {
  const end = Number.isFinite(video.duration) ? video.duration : Number.MAX_SAFE_INTEGER;
  const seconds = await showFrameAt(video, end, shown);
  if (!due || seconds >= due.seconds - due.lasts / 2) {
    return seconds;
  }
  let last = await showFrameAt(video, Math.max(0, due.seconds - RUN_UP_S), seconds);
  video.requestVideoFrameCallback(function follow(_now, { mediaTime }) {
    last = mediaTime;
    video.requestVideoFrameCallback(follow);
  });
  await new Promise((resolve, reject) => {
    video.addEventListener('ended', resolve, { once: true });
    video.play().catch(reject);
    setTimeout(reject, SHOWN_WITHIN_MS);
  });
  await nextPaint();
  return last;
}

/**
 * Seeks, and returns the time of the frame that is visible then, in seconds.
 *
 * @param wanted seconds
 * @param shown time of the visible frame; if that is the wanted one, no other is shown
 */
function showFrameAt(video: HTMLVideoElement, wanted: number, shown: number): Promise<number> {
  const same = new Promise<number>((resolve) => {
    video.addEventListener('seeked', () => setTimeout(() => resolve(shown), SAME_AFTER_MS), { once: true });
  });
  const next = nextFrame(video);
  video.currentTime = wanted;
  return Promise.race([next, same]);
}

/** Waits for the next frame. Returns its time in seconds. */
function nextFrame(video: HTMLVideoElement): Promise<number> {
  return new Promise((resolve, reject) => {
    video.requestVideoFrameCallback((_now, { mediaTime }) => resolve(mediaTime));
    video.addEventListener('error', () => reject(new Error(video.error?.message ?? 'no picture')), { once: true });
    setTimeout(() => reject(new Error('no picture')), SHOWN_WITHIN_MS);
  });
}
