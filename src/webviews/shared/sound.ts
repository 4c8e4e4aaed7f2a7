import { h } from './dom';

/** How often the sound is compared with the picture. */
const EVERY_MS = 100;
/** Closer than this nobody hears a difference, and the sound is left alone. Seconds. */
const TOLERANCE = 0.008;
/** Further away, playing a little faster or slower would take too long: the sound jumps. */
const JUMP = 0.2;
/** Within this time it is to be in step again. Pitch is kept, but a great change of speed is heard all the same. */
const CATCH_UP_SECONDS = 0.5;
const MAX_RATE_CHANGE = 0.08;
/** How late a sound may begin on a slow machine. */
const MAX_LEAD = 0.15;
/** After this time of playing it shows how late the sound began. */
const SETTLE_MS = 250;

export interface ExternalSoundOptions {
  /** The browser plays no sound before the user does something. */
  onRefused: () => void;
  /** The file cannot be played. */
  onError: () => void;
}

/**
 * Plays the sound of a video from a file of its own, in step with the picture: for a browser that cannot decode the
 * sound in the video. Follows the video element in all it does: play, pause, seek, speed, repeat, volume, mute. So
 * controls work on the video element alone.
 */
export class ExternalSound {
  /** To be put into the page; it shows nothing. */
  readonly element = h('audio', { preload: 'auto', 'aria-hidden': 'true' });
  readonly #video: HTMLVideoElement;
  readonly #options: ExternalSoundOptions;
  #url = '';
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Seconds that the sound is started ahead of the picture, learned from how late it began before. */
  #lead = 0;
  #startedAt = 0;
  #isLeadMeasured = true;

  constructor(video: HTMLVideoElement, options: ExternalSoundOptions) {
    this.#video = video;
    this.#options = options;
    const { element } = this;
    for (const event of ['playing', 'seeked']) {
      video.addEventListener(event, () => this.#start());
    }
    for (const event of ['pause', 'waiting', 'seeking', 'ended', 'emptied']) {
      video.addEventListener(event, () => this.#stop());
    }
    video.addEventListener('ratechange', () => this.#followRate());
    video.addEventListener('volumechange', () => {
      this.#followVolume();
      // Refused before, it may begin now.
      this.#start();
    });
    element.addEventListener('canplay', () => this.#start());
    element.addEventListener('error', () => {
      if (this.#url !== '') {
        this.unload();
        options.onError();
      }
    });
    this.#followVolume();
  }

  get isLoaded(): boolean {
    return this.#url !== '';
  }

  load(url: string): void {
    if (url !== this.#url) {
      this.#url = url;
      this.element.src = url;
      this.#followRate();
      this.#start();
    }
  }

  unload(): void {
    if (this.#url !== '') {
      this.#stop();
      this.#url = '';
      this.element.removeAttribute('src');
      this.element.load();
    }
  }

  /** Begins where the picture is, if that plays. */
  #start(): void {
    const { element } = this;
    const { paused, seeking, ended, readyState, currentTime } = this.#video;
    const isPlaying = !paused && !seeking && !ended && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    if (!this.isLoaded || !isPlaying || !element.paused || element.readyState < HTMLMediaElement.HAVE_METADATA) {
      return;
    }
    if (currentTime >= element.duration) {
      return; // The sound is over before the picture.
    }
    element.currentTime = Math.max(0, currentTime + this.#lead * this.#video.playbackRate);
    this.#startedAt = performance.now();
    this.#isLeadMeasured = false;
    this.#timer ??= setInterval(() => this.#keepInStep(), EVERY_MS);
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        this.#options.onRefused();
      }
    });
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.element.pause();
    this.#followRate();
  }

  #keepInStep(): void {
    const { element } = this;
    const video = this.#video;
    if (element.paused || element.seeking || element.ended || video.seeking || video.paused) {
      return;
    }
    /** Seconds; positive where the sound is ahead. */
    const drift = element.currentTime - video.currentTime;
    if (!this.#isLeadMeasured && performance.now() - this.#startedAt >= SETTLE_MS) {
      this.#isLeadMeasured = true;
      // Half of it: one start is later than another.
      const lead = this.#lead - drift / video.playbackRate / 2;
      this.#lead = Math.max(-MAX_LEAD, Math.min(MAX_LEAD, lead));
    }
    if (Math.abs(drift) > JUMP) {
      element.currentTime = Math.max(0, video.currentTime + this.#lead * video.playbackRate);
      this.#followRate();
    } else if (this.#isLeadMeasured) {
      const change = Math.abs(drift) < TOLERANCE ? 0 : -drift / CATCH_UP_SECONDS;
      this.#followRate(1 + Math.max(-MAX_RATE_CHANGE, Math.min(MAX_RATE_CHANGE, change)));
    }
  }

  #followRate(factor = 1): void {
    const { playbackRate, preservesPitch } = this.#video;
    const { element } = this;
    element.preservesPitch = preservesPitch;
    if (element.playbackRate !== playbackRate * factor) {
      element.defaultPlaybackRate = playbackRate;
      element.playbackRate = playbackRate * factor;
    }
  }

  #followVolume(): void {
    this.element.volume = this.#video.volume;
    this.element.muted = this.#video.muted;
  }
}
