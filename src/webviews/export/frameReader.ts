import type { PlannedFrame } from '../../views/export/plan';
import { h } from '../shared/dom';

/** Time limit for a frame after a seek. */
const SHOWN_WITHIN_MS = 10_000;
/** How long a seek may show another frame than the wanted one before that is taken: the file states wrong times then. */
const CORRECT_WITHIN_MS = 1_000;
const LOOK_AGAIN_MS = 20;
/** No frame for so long while it plays: the page is hidden, or the machine is busy. */
const STALLED_AFTER_MS = 700;
const MAX_STALLS = 2;
/** How many frames a second are shown while it plays: what a screen of 60 Hz can show, and some to spare. */
const SHOWN_PER_SECOND = 48;
const MAX_RATE = 4;
/** Frames further apart are sought: playing up to them takes longer. Seconds. */
const MAX_GAP_S = 0.35;
/** Frames that wait for being encoded. The browser has a few for all. */
const MAX_PENDING = 4;
/** Half of what a time may be off by rounding, seconds. */
const TOLERANCE_S = 0.002;

/** Called with each frame, which it closes, in turn. */
export type TakeFrame = (frame: VideoFrame, index: number) => Promise<void>;

export interface ReadOptions {
  take: TakeFrame;
  signal: AbortSignal;
}

/**
 * Reads frames of a video that nobody sees. A seek shows any frame, but decodes all that lie before it up to a key frame, of
 * which a film has one or two. So the video plays, and where a frame was not shown in time, or none at all, it is sought.
 */
export class FrameReader {
  readonly #video = h('video', { preload: 'auto', playsinline: '' });
  #isExact = false;
  #rate = 2;
  #stalls = 0;

  constructor() {
    this.#video.muted = true;
    this.#video.crossOrigin = 'anonymous';
  }

  /** @throws when the browser cannot decode it */
  async load(url: string): Promise<void> {
    const loaded = this.#once('loadeddata');
    this.#video.src = url;
    await loaded;
  }

  /** @param isExact whether the frames' times are those of the file, so that it can be told which frame is shown */
  describe(framesPerSecond: number, isExact: boolean): void {
    this.#isExact = isExact;
    this.#rate = Math.max(0.5, Math.min(MAX_RATE, SHOWN_PER_SECOND / framesPerSecond));
  }

  /**
   * Reads frames in the order of display.
   *
   * @throws what `take` throws; an `AbortError`; when the video cannot be decoded
   */
  async read(frames: readonly PlannedFrame[], { take, signal }: ReadOptions): Promise<void> {
    try {
      for (let next = 0; next < frames.length;) {
        signal.throwIfAborted();
        await take(await this.#seek(frames[next]!), next);
        next = await this.#follow(frames, next + 1, { take, signal });
      }
    } finally {
      this.#video.pause();
    }
  }

  /** The frame that is shown, and when it begins, in seconds; `undefined` while there is none. */
  #grab(): VideoFrame | undefined {
    try {
      return new VideoFrame(this.#video);
    } catch {
      return undefined;
    }
  }

  async #seek({ from, until }: PlannedFrame): Promise<VideoFrame> {
    const video = this.#video;
    const sought = this.#once('seeked');
    video.currentTime = (from + until) / 2;
    await sought;
    const since = performance.now();
    for (;;) {
      const frame = this.#grab();
      const waited = performance.now() - since;
      if (frame && (!this.#isExact || isShown(frame, { from, until }) || waited > CORRECT_WITHIN_MS)) {
        return frame;
      }
      frame?.close();
      if (waited > SHOWN_WITHIN_MS) {
        throw new Error('no frame');
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  /** Plays, and takes the frames from `next` on, as long as none is missed. Returns the index of the first that was not taken. */
  async #follow(frames: readonly PlannedFrame[], next: number, { take, signal }: ReadOptions): Promise<number> {
    const gap = (frames[next]?.from ?? Infinity) - (frames[next - 1]?.from ?? 0);
    if (!this.#isExact || this.#stalls >= MAX_STALLS || gap > MAX_GAP_S) {
      return next;
    }
    const video = this.#video;
    let index = next;
    let taking: Promise<void> = Promise.resolve();
    let pending = 0;
    await new Promise<void>((resolve, reject) => {
      let isOver = false;
      let stalled: ReturnType<typeof setTimeout>;
      const end = (settle: () => void) => {
        isOver = true;
        clearTimeout(stalled);
        video.pause();
        settle();
      };
      const watch = () => {
        clearTimeout(stalled);
        stalled = setTimeout(() => {
          if (pending >= MAX_PENDING) {
            watch();
          } else {
            this.#stalls += 1;
            end(resolve);
          }
        }, STALLED_AFTER_MS);
      };
      const play = () => {
        video.play().catch(() => {
          // Paused before it began.
        });
      };
      const onFrame = () => {
        if (isOver) {
          return;
        }
        if (signal.aborted) {
          end(() => reject(signal.reason as Error));
          return;
        }
        watch();
        const frame = this.#grab();
        const wanted = frames[index];
        const seconds = frame ? frame.timestamp / 1e6 : -1;
        if (!frame || !wanted || seconds < wanted.from - TOLERANCE_S) {
          frame?.close();
        } else if (!isShown(frame, wanted)) {
          frame.close();
          this.#rate = Math.max(0.5, this.#rate * 0.85);
          end(resolve);
          return;
        } else {
          const at = index;
          index += 1;
          pending += 1;
          taking = taking
            .then(() => take(frame, at))
            .finally(() => {
              pending -= 1;
              if (!isOver && video.paused && pending < MAX_PENDING) {
                play();
              }
            });
          taking.catch((error: unknown) =>
            end(() => reject(error instanceof Error ? error : new Error(String(error)))),
          );
          if (index === frames.length) {
            end(resolve);
            return;
          }
          if (pending >= MAX_PENDING) {
            video.pause();
          }
        }
        if (video.ended) {
          end(resolve);
          return;
        }
        video.requestVideoFrameCallback(onFrame);
      };
      video.playbackRate = this.#rate;
      video.requestVideoFrameCallback(onFrame);
      watch();
      play();
    });
    await taking;
    return index;
  }

  #once(event: 'loadeddata' | 'seeked'): Promise<void> {
    const video = this.#video;
    return new Promise((resolve, reject) => {
      const fail = () => end(() => reject(new Error(video.error?.message ?? `no ${event}`)));
      const done = () => end(resolve);
      const timer = setTimeout(fail, SHOWN_WITHIN_MS);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        video.removeEventListener(event, done);
        video.removeEventListener('error', fail);
        settle();
      };
      video.addEventListener(event, done);
      video.addEventListener('error', fail);
    });
  }
}

/** Whether a frame is the one that the file shows then. */
function isShown({ timestamp }: VideoFrame, { from, until }: Pick<PlannedFrame, 'from' | 'until'>): boolean {
  const seconds = timestamp / 1e6;
  return seconds >= from - TOLERANCE_S && seconds < until - TOLERANCE_S;
}
