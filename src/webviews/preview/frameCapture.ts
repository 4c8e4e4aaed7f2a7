import type { HostMessage, PreviewStrings, WebviewMessage } from '../../views/preview/protocol';
import { h } from '../shared/dom';
import { createIcon } from '../shared/icons';
import type { HostChannel } from '../shared/messages';
import { drawCanvas, toBlob } from '../shared/thumbnail';
import type { Player } from './player';
import { sendImage, type ImageOrigin } from './sendImage';

/** Time limit for a frame to be shown. */
const SHOWN_WITHIN_MS = 10_000;
/** If no other frame is shown within this time after a seek, the visible frame is the requested one. */
const SAME_AFTER_MS = 2_000;
/** How many seconds are played before the last frame. */
const RUN_UP_S = 0.5;

/** Start and duration of the last frame in seconds, if the file tells. */
type DueFrame = Extract<HostMessage, { type: 'takeLastFrame' }>['due'];

export interface FrameCaptureOptions {
  player: Player;
  host: HostChannel<WebviewMessage>;
  strings: PreviewStrings;
  announce: (text: string) => void;
}

/** Captures frames of the video as images. Works only with the local copy, because links do not allow reading (CORS). */
export class FrameCapture {
  readonly element: HTMLElement;
  readonly continueFromLastFrame: HTMLButtonElement;
  readonly useFrame: HTMLButtonElement;
  readonly saveFrame: HTMLButtonElement;
  readonly #options: FrameCaptureOptions;

  constructor(options: FrameCaptureOptions) {
    this.#options = options;
    const { strings, host } = options;
    // The host reads from the file when the last frame begins, and sends `takeLastFrame`.
    this.continueFromLastFrame = this.#createButton('continueFromLastFrame', 'N', () =>
      host.postMessage({ type: 'action', action: 'continueFromLastFrame' }),
    );
    this.useFrame = this.#createButton('useFrame', 'U', () => this.#takeShownFrame('firstFrame'));
    this.saveFrame = this.#createButton('saveFrame', 'S', () => this.#takeShownFrame('save'));
    this.element = h(
      'div',
      { class: 'frames', role: 'group', 'aria-label': strings.frames },
      this.continueFromLastFrame,
      this.useFrame,
      this.saveFrame,
    );
  }

  /** Captures the last frame in a second player, because the visible one repeats the video at its end. */
  takeLastFrame(due: DueFrame): void {
    const { player } = this.#options;
    void this.#run(async () => {
      player.video.pause();
      const video = h('video', { preload: 'auto', playsinline: '' });
      video.muted = true;
      video.crossOrigin = 'anonymous';
      try {
        const loaded = nextFrame(video);
        video.src = player.source;
        const seconds = await showLastFrame(video, await loaded, due);
        player.seek(seconds + (due?.lasts ?? 1 / player.framesPerSecond) / 2);
        await this.#sendFrame(video, { use: 'firstFrame', frame: { seconds, isLast: true } });
      } finally {
        video.removeAttribute('src');
        video.load();
      }
    });
  }

  #createButton(
    id: 'continueFromLastFrame' | 'useFrame' | 'saveFrame',
    key: string,
    onPress: () => void,
  ): HTMLButtonElement {
    const label = this.#options.strings[id];
    const button = h(
      'button',
      { id, type: 'button', class: 'frameButton', title: `${label} (${key})` },
      createIcon(id),
      h('span', {}, label),
    );
    button.addEventListener('click', onPress);
    return button;
  }

  #takeShownFrame(use: 'firstFrame' | 'save'): void {
    const { player } = this.#options;
    const { video } = player;
    void this.#run(async () => {
      video.pause();
      if (video.seeking) {
        await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      }
      await nextPaint();
      await this.#sendFrame(video, { use, frame: { seconds: player.shownTime, isLast: false } });
    });
  }

  /** Captures one frame at a time: 4K frames take a while. */
  async #run(take: () => Promise<void>): Promise<void> {
    const { host, strings, announce } = this.#options;
    const { classList } = this.element;
    if (classList.contains('busy')) {
      return;
    }
    classList.add('busy');
    announce(strings.takingFrame);
    try {
      await take();
    } catch {
      host.postMessage({ type: 'pictureFailed' });
    } finally {
      classList.remove('busy');
      announce('');
    }
  }

  async #sendFrame(
    video: HTMLVideoElement,
    { use, frame }: { use: ImageOrigin['use']; frame: NonNullable<ImageOrigin['frame']> },
  ): Promise<void> {
    const canvas = drawCanvas(
      { width: video.videoWidth, height: video.videoHeight },
      (context, { width, height }) => context.drawImage(video, 0, 0, width, height),
      { alpha: false },
    );
    const png = await toBlob(canvas, 'image/png');
    const seconds = Math.max(0, frame.seconds);
    await sendImage(this.#options.host, png, canvas, { use, frame: { ...frame, seconds } });
  }
}

/** Waits until a frame that was decoded before the pause is visible. */
function nextPaint(): Promise<unknown> {
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
