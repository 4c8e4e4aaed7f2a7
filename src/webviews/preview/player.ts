import { h } from '../shared/dom';
import { createIcon } from '../shared/icons';
import type { Overlay } from './overlay';
import { clampTime, getJumpTarget, getStepTarget, measureFrameRate } from './time';

/** Most of these models make 24; measured while it plays. */
const USUAL_FRAMES_PER_SECOND = 24;

export interface PlayerOptions {
  overlay: Overlay;
  /** `code`: that of `MediaError`. */
  onError: (code: number, isCopy: boolean) => void;
  /** Width by height, as soon as the video tells. */
  onRatio: (ratio: number) => void;
}

/** The video in its frame. Goes on without a blink when its source changes from the link to the local copy. */
export class Player {
  readonly video = h('video', { id: 'video', playsinline: '', preload: 'auto', tabindex: '-1' });
  readonly element: HTMLElement;
  /** Shows the last picture while the source changes. */
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
    // `loadeddata` comes before a seek to where it was is done; the picture is held until then.
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

  /** The time of the frame on the screen. */
  get shownTime(): number {
    return this.#shownFrame?.mediaTime ?? this.video.currentTime;
  }

  /** Whether this browser has the decoders for what the service makes: H.264, and AAC where there is sound. */
  get canPlayVideo(): boolean {
    return this.video.canPlayType('video/mp4; codecs="avc1.42E01E"') !== '';
  }

  get canPlaySound(): boolean {
    return this.video.canPlayType('audio/mp4; codecs="mp4a.40.2"') !== '';
  }

  /** Where it plays another source, it goes on where it was. */
  load(url: string, isCopy: boolean): void {
    const { video } = this;
    if (url === this.#source && !video.error) {
      return;
    }
    const goesOn = this.#source !== '' && !video.error && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    const at = goesOn ? video.currentTime : 0;
    const wasPaused = goesOn && video.paused;
    if (goesOn) {
      this.#holdPicture();
    } else {
      this.element.classList.remove('painted');
    }
    this.#source = url;
    video.dataset['source'] = isCopy ? 'copy' : 'link';
    // VS Code lets pages read its own files; to ask that of a link could keep it from playing.
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
    // Refused or interrupted: the button shows that it does not play.
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

  #holdPicture(): void {
    this.#still.width = this.video.videoWidth;
    this.#still.height = this.video.videoHeight;
    this.#still.getContext('2d')?.drawImage(this.video, 0, 0);
    this.#still.hidden = false;
  }

  /** With sound if the browser allows it, else without, else when the user presses play. */
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
