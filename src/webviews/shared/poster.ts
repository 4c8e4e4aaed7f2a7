import { POSTER_MAX_BYTES } from '../../tasks/model/poster';
import { h } from './dom';
import { getFrameScore, isTelling, type Pixels } from './frameScore';
import { drawCanvas, fitInto, toBlob, type Size } from './thumbnail';

/** Tried in this order until a poster fits into `POSTER_MAX_BYTES`. */
const SIDES_PX = [480, 320];
const QUALITIES = [0.8, 0.65, 0.5, 0.35];
/** Where frames are looked at, as shares of the duration: what opens a video is often black, what ends it faded. */
const SHARES = [0.3, 0.15, 0.5, 0.7, 0.9];
/** Of the small picture by which frames are compared. */
const SAMPLE_SIDE_PX = 48;
const LOADED_WITHIN_MS = 10_000;
const SHOWN_WITHIN_MS = 3_000;
/** After a seek to the frame that is shown already, no other is reported. */
const SAME_AFTER_MS = 250;

let last: Promise<unknown> = Promise.resolve();

/**
 * Draws the poster of a video: a frame by which people know it again, not a black or blank one, as a small JPEG. Uses a
 * player of its own, so that what the user plays is not moved, and draws one poster of a page at a time: decoders are
 * few. Only of a local copy: links are of another origin, which does not allow reading (CORS).
 *
 * @returns the JPEG, at most `POSTER_MAX_BYTES`; `undefined` when the video does not play here, or cannot be read
 */
export function drawPoster(videoUrl: string): Promise<ArrayBuffer | undefined> {
  const poster = last.then(() => draw(videoUrl)).catch(() => undefined);
  last = poster;
  return poster;
}

async function draw(videoUrl: string): Promise<ArrayBuffer | undefined> {
  const video = h('video', { preload: 'auto', playsinline: '' });
  video.muted = true;
  // Without it the canvas would be tainted. VS Code allows reading local files.
  video.crossOrigin = 'anonymous';
  try {
    const loaded = waitFor(video, 'loadeddata', LOADED_WITHIN_MS);
    video.src = videoUrl;
    await loaded;
    const frame = await findTellingFrame(video);
    return frame && (await compress(frame));
  } finally {
    video.removeAttribute('src');
    video.load();
  }
}

/** Returns the first frame that is telling, or else the best of those that were looked at. */
async function findTellingFrame(video: HTMLVideoElement): Promise<HTMLCanvasElement | undefined> {
  const size: Size = { width: video.videoWidth, height: video.videoHeight };
  if (size.width === 0) {
    // The browser has no decoder for the picture, only for the sound.
    return undefined;
  }
  let best: { frame: HTMLCanvasElement; score: number } | undefined;
  for (const seconds of getTimes(video.duration)) {
    await showFrameAt(video, seconds);
    const frame = drawScaled(video, fitInto(size, SIDES_PX[0]!));
    const score = getFrameScore(readSample(frame));
    if (!best || score > best.score) {
      best = { frame, score };
    }
    if (isTelling(score)) {
      break;
    }
  }
  return best?.frame;
}

/** Seconds. A file that does not tell how long it is has its first frame alone. */
function getTimes(duration: number): number[] {
  return Number.isFinite(duration) && duration > 0 ? SHARES.map((share) => share * duration) : [0];
}

async function showFrameAt(video: HTMLVideoElement, seconds: number): Promise<void> {
  const shown = new Promise<void>((resolve) => video.requestVideoFrameCallback(() => resolve()));
  const seeked = waitFor(video, 'seeked', SHOWN_WITHIN_MS);
  video.currentTime = seconds;
  await seeked;
  await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, SAME_AFTER_MS))]);
}

function drawScaled(
  image: HTMLVideoElement | HTMLCanvasElement,
  size: Size,
  settings?: CanvasRenderingContext2DSettings,
) {
  return drawCanvas(size, (context, { width, height }) => context.drawImage(image, 0, 0, width, height), {
    alpha: false,
    ...settings,
  });
}

function readSample(frame: HTMLCanvasElement): Pixels {
  const size = fitInto(frame, SAMPLE_SIDE_PX);
  const canvas = drawScaled(frame, size, { willReadFrequently: true });
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, size.width, size.height);
  return { ...size, data };
}

async function compress(frame: HTMLCanvasElement): Promise<ArrayBuffer | undefined> {
  for (const side of SIDES_PX) {
    const canvas = drawScaled(frame, fitInto(frame, side));
    for (const quality of QUALITIES) {
      const jpeg = await toBlob(canvas, 'image/jpeg', quality);
      if (jpeg.size <= POSTER_MAX_BYTES) {
        return jpeg.arrayBuffer();
      }
    }
  }
  return undefined;
}

function waitFor(video: HTMLVideoElement, event: 'loadeddata' | 'seeked', withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener('error', () => reject(new Error(video.error?.message ?? 'no picture')), { once: true });
    setTimeout(() => reject(new Error('no picture')), withinMs);
  });
}
