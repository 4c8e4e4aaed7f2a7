import { h } from '../shared/dom';
import { createIcon } from '../shared/icons';
import type { Overlay } from './overlay';
import { clampTime, getJumpTarget, getStepTarget, measureFrameRate } from './time';

/** What most models generate. Used until the rate is measured during playback. */
const USUAL_FRAMES_PER_SECOND = 24;

export interface PlayerOptions {
  overlay: Overlay;
  /** `code` is that of `MediaError`. */
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
  #shownFrame: VideoFrameCallbackMetadata | undefined;

  constructor({ overlay, onError, onRatio }: PlayerOptions) {
    const { video } = this;
    video.loop = true;
    this.#still.hidden = true;
    this.#bigPlay.hidden = true;
    this.element = h('div', { class: 'frame' }, overlay.background, video, this.#still, this.#bigPlay, overlay.element);
    video.addEventListener('loadedmetadata', () => {
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
    return this.#shownFrame?.mediaTime ?? this.video.currentTime;
  }

  /** Whether the browser can decode H.264, which the service uses. The sound is AAC. */
  get canPlayVideo(): boolean {
    return this.video.canPlayType('video/mp4; codecs="avc1.42E01E"') !== '';
  }

  get canPlaySound(): boolean {
    return this.video.canPlayType('audio/mp4; codecs="mp4a.40.2"') !== '';
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
    this.seek(getStepTarget(this.video.currentTime, this.#framesPerSecond, direction));
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
      this.#framesPerSecond = measured ?? this.#framesPerSecond;
      this.#shownFrame = frame;
      this.#watchFrames();
    });
  }
}
