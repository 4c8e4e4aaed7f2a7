import { h } from '../shared/dom';

/** The pointer that only passes starts nothing. */
const START_AFTER_MS = 140;
/** After the pointer has moved over the picture, it plays on from there. */
const PLAY_ON_AFTER_MS = 700;
/** Of the whole length, for a key. */
const STEP = 0.05;

/** Whether the system or VS Code asks for less motion: then nothing plays by itself. */
function isMotionReduced(): boolean {
  return (
    matchMedia('(prefers-reduced-motion: reduce)').matches || document.body.classList.contains('vscode-reduce-motion')
  );
}

/**
 * The one player of the gallery, which is put into the tile that the pointer or the focus is on: decoders are few, and a
 * page with hundreds of players would keep as many files open.
 */
export class Player {
  readonly #video = h('video', { playsinline: '', tabindex: '-1', 'aria-hidden': 'true', preload: 'auto' });
  readonly #line = h('div', { class: 'line', 'aria-hidden': 'true' });
  #place: HTMLElement | undefined;
  #url: string | undefined;
  #startTimer: ReturnType<typeof setTimeout> | undefined;
  #playTimer: ReturnType<typeof setTimeout> | undefined;
  /** Where the video is to be, as a share of its length, while it is still on its way somewhere else. */
  #wanted: number | undefined;
  #isPaused = false;

  constructor() {
    const video = this.#video;
    video.muted = true;
    video.loop = true;
    video.disablePictureInPicture = true;
    video.addEventListener('loadeddata', () => {
      // What plays sound alone shows nothing: the poster or the icon stays.
      video.classList.toggle('shown', video.videoWidth > 0);
      this.#seek();
    });
    video.addEventListener('seeked', () => this.#seek());
    video.addEventListener('timeupdate', () => this.#drawLine());
    video.addEventListener('error', () => video.classList.remove('shown'));
  }

  /** Where it is, or is about to be. */
  get place(): HTMLElement | undefined {
    return this.#place;
  }

  /** Shows a video in a picture after a moment, and plays it unless less motion is asked for. */
  start(place: HTMLElement, url: string): void {
    if (place === this.#place && url === this.#url) {
      return;
    }
    this.stop();
    this.#place = place;
    this.#url = url;
    this.#isPaused = isMotionReduced();
    this.#startTimer = setTimeout(() => this.#load(), START_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.#startTimer);
    clearTimeout(this.#playTimer);
    this.#startTimer = undefined;
    this.#wanted = undefined;
    if (this.#place && this.#video.isConnected) {
      const video = this.#video;
      video.classList.remove('shown');
      video.remove();
      this.#line.remove();
      // Closes the file.
      video.removeAttribute('src');
      video.load();
    }
    this.#place = undefined;
    this.#url = undefined;
  }

  /** Shows the frame at this share of the length, 0 to 1, and plays on from there when the pointer rests. */
  scrub(share: number): void {
    if (!this.#place) {
      return;
    }
    if (this.#startTimer !== undefined) {
      this.#load();
    }
    clearTimeout(this.#playTimer);
    this.#video.pause();
    this.#wanted = Math.min(0.999, Math.max(0, share));
    this.#seek();
    this.#drawLine();
    if (!this.#isPaused) {
      this.#playTimer = setTimeout(() => this.#play(), PLAY_ON_AFTER_MS);
    }
  }

  /** The same for a key. */
  step(direction: 1 | -1): void {
    const { currentTime, duration } = this.#video;
    if (this.#place && duration > 0) {
      this.#isPaused = true;
      this.scrub((this.#wanted ?? currentTime / duration) + direction * STEP);
    }
  }

  toggle(): void {
    if (!this.#place) {
      return;
    }
    if (this.#startTimer !== undefined) {
      this.#load();
    }
    this.#isPaused = !this.#video.paused;
    if (this.#isPaused) {
      clearTimeout(this.#playTimer);
      this.#video.pause();
    } else {
      this.#play();
    }
  }

  #load(): void {
    clearTimeout(this.#startTimer);
    this.#startTimer = undefined;
    if (this.#place && this.#url !== undefined && !this.#video.isConnected) {
      this.#place.append(this.#video, this.#line);
      this.#line.style.setProperty('--share', '0');
      this.#video.src = this.#url;
      if (!this.#isPaused && this.#wanted === undefined) {
        this.#play();
      }
    }
  }

  #play(): void {
    // Refused when it is stopped at once, or cannot be played here: the poster stays.
    this.#video.play().catch(() => undefined);
  }

  #seek(): void {
    const video = this.#video;
    if (this.#wanted === undefined || video.seeking || !(video.duration > 0)) {
      return;
    }
    const seconds = this.#wanted * video.duration;
    this.#wanted = undefined;
    video.currentTime = seconds;
  }

  #drawLine(): void {
    const { currentTime, duration } = this.#video;
    const share = this.#wanted ?? (duration > 0 ? currentTime / duration : 0);
    this.#line.style.setProperty('--share', String(share));
  }
}
