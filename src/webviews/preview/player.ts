import { h } from '../shared/dom';
import { createIcon } from '../shared/icons';
import type { Overlay } from './overlay';
import { clampTime, getFrameStart, getJumpTarget, getStepTarget, measureFrameRate } from './time';

/** What most models generate. Used until the rate is measured during playback. */
const USUAL_FRAMES_PER_SECOND = 24;
/** Not a code of `MediaError`: see `videoError` of the protocol. */
const ONLY_SOUND = 5;

export interface PlayerOptions {
  overlay: Overlay;
  /** `code` is that of `MediaError`, or 5 if only the sound plays. */
  onError: (code: number, isCopy: boolean) => void;
  /** Called with width divided by height as soon as the video is loaded. */
  onRatio: (ratio: number) => void;
}

/** The video element. Continues without flickering when the source changes from the link to the local copy. */
export class Player {
  readonly video = h('video', { id: 'video', playsinline: '', preload: 'auto', tabindex: '-1' });
  readonly element: HTMLElement;
  /** Shows the last frame while the source changes. */
  readonly #still = h('canvas', { class: 'hold', 'aria-hidden': 'true' });
  readonly #bigPlay = h('div', { class: 'bigPlay', 'aria-hidden': 'true' }, createIcon('play'));
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  #source = '';
  #framesPerSecond = USUAL_FRAMES_PER_SECOND;
  #isMeasured = false;
  #frameTimes: readonly number[] | undefined;
  /** The visible frame; `undefined` from a seek until the browser reports the next one. */
  #shownFrame: VideoFrameCallbackMetadata | undefined;

  constructor({ overlay, onError, onRatio }: PlayerOptions) {
    const { video } = this;
    video.loop = true;
    this.#still.hidden = true;
    this.#bigPlay.hidden = true;
    this.element = h('div', { class: 'frame' }, overlay.background, video, this.#still, this.#bigPlay, overlay.element);
    video.addEventListener('loadedmetadata', () => {
      if (video.videoWidth === 0) {
        // The browser has no decoder for the picture, and plays the rest as if that were all.
        const isCopy = video.dataset['source'] === 'copy';
        this.unload();
        onError(ONLY_SOUND, isCopy);
        return;
      }
      onRatio(video.videoWidth / video.videoHeight);
      this.element.style.setProperty('--natural', `${Math.round(video.videoWidth / devicePixelRatio)}px`);
    });
    // `loadeddata` is fired before the seek to the previous position has finished: keep the last frame until then.
    for (const event of ['loadeddata', 'seeked']) {
      video.addEventListener(event, () => {
        if (!video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
          this.#still.hidden = true;
          this.element.classList.add('painted');
        }
      });
    }
    video.addEventListener('error', () => {
      const code = video.error?.code;
      if (this.#source !== '' && code !== undefined) {
        this.#still.hidden = true;
        onError(code, video.dataset['source'] === 'copy');
      }
    });
    video.addEventListener('play', () => {
      this.#bigPlay.hidden = true;
    });
    video.addEventListener('seeking', () => {
      this.#shownFrame = undefined;
    });
    video.addEventListener('click', () => this.togglePlay());
    this.#watchFrames();
  }

  get source(): string {
    return this.#source;
  }

  get framesPerSecond(): number {
    return this.#framesPerSecond;
  }

  /** Time of the visible frame, in seconds. */
  get shownTime(): number {
    // After a seek the browser has not reported the frame yet.
    return this.#shownFrame?.mediaTime ?? getFrameStart(this.video.currentTime, this.#frameTimes);
  }

  /** Whether the browser can decode H.264, which the service uses. The sound is AAC. */
  get canPlayVideo(): boolean {
    return this.video.canPlayType('video/mp4; codecs="avc1.42E01E"') !== '';
  }

  get canPlaySound(): boolean {
    return this.video.canPlayType('audio/mp4; codecs="mp4a.40.2"') !== '';
  }

  /** When each frame of the loaded video appears, in seconds, if the file tells. */
  set frameTimes(times: readonly number[] | undefined) {
    this.#frameTimes = times;
  }

  /** Loads a video. If another source is playing, continues at the same position. */
  load(url: string, isCopy: boolean): void {
    const { video } = this;
    if (url === this.#source && !video.error) {
      return;
    }
    const isContinued = this.#source !== '' && !video.error && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    const at = isContinued ? video.currentTime : 0;
    const wasPaused = isContinued && video.paused;
    if (isContinued) {
      this.#showLastFrame();
    } else {
      this.element.classList.remove('painted');
    }
    this.#source = url;
    this.#shownFrame = undefined;
    this.#framesPerSecond = USUAL_FRAMES_PER_SECOND;
    this.#isMeasured = false;
    this.#frameTimes = undefined;
    video.dataset['source'] = isCopy ? 'copy' : 'link';
    // Reading frames needs CORS, which VS Code allows for local files. Links might not play with it.
    video.crossOrigin = isCopy ? 'anonymous' : null;
    video.src = url;
    if (at > 0) {
      video.currentTime = at;
    }
    if (!wasPaused) {
      this.#start();
    }
  }

  unload(): void {
    if (this.#source !== '') {
      this.#source = '';
      this.video.removeAttribute('src');
      this.video.load();
    }
  }

  togglePlay(): void {
    if (this.video.paused) {
      this.play();
    } else {
      this.video.pause();
    }
  }

  play(): void {
    // If playback is refused or interrupted, the button shows that the video is paused.
    this.video.play().catch(() => undefined);
  }

  seek(seconds: number): void {
    if (Number.isFinite(this.video.duration)) {
      this.video.currentTime = clampTime(seconds, this.video.duration);
    }
  }

  step(direction: 1 | -1): void {
    this.video.pause();
    // While it plays, the time runs ahead of the frame that is visible.
    const rhythm = { times: this.#frameTimes, framesPerSecond: this.#framesPerSecond };
    const target = getStepTarget(this.shownTime, rhythm, direction);
    // At its end a film that repeats would begin anew.
    if (target !== undefined && target < this.video.duration) {
      this.seek(target);
    }
  }

  jump(direction: 1 | -1): void {
    this.seek(getJumpTarget(this.video.currentTime, this.video.duration, direction));
  }

  #showLastFrame(): void {
    this.#still.width = this.video.videoWidth;
    this.#still.height = this.video.videoHeight;
    this.#still.getContext('2d')?.drawImage(this.video, 0, 0);
    this.#still.hidden = false;
  }

  /** Starts playback with sound if the browser allows it, or else muted, or else when the user presses play. */
  #start(): void {
    if (this.#reducedMotion.matches) {
      this.#bigPlay.hidden = false;
      return;
    }
    const source = this.#source;
    this.video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError' && this.#source === source) {
        this.video.muted = true;
        this.video.play().catch(() => {
          this.#bigPlay.hidden = this.#source !== source;
        });
      }
    });
  }

  #watchFrames(): void {
    this.video.requestVideoFrameCallback((_now, frame) => {
      const measured = this.#shownFrame && measureFrameRate(this.#shownFrame, frame);
      if (measured !== undefined && (!this.#isMeasured || measured > this.#framesPerSecond)) {
        // The greatest counts: a frame that was skipped before the browser counted it halves the rate.
        this.#framesPerSecond = measured;
        this.#isMeasured = true;
      }
      // During a seek this is still the frame from before it.
      this.#shownFrame = this.video.seeking ? undefined : frame;
      this.#watchFrames();
    });
  }
}
