import { getJumpTarget } from '../preview/time';
import { correct, getLeader, getLength, getPlace, getStep, type Film } from './step';

type StepEvent = 'seeked' | 'error' | 'emptied';

/** The part of `HTMLVideoElement` that is used here. */
export interface StepVideo {
  currentTime: number;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  playbackRate: number;
  muted: boolean;
  play(): Promise<void>;
  pause(): void;
  addEventListener(type: StepEvent, listener: (event: { readonly type: string }) => void): void;
  removeEventListener(type: StepEvent, listener: (event: { readonly type: string }) => void): void;
}

interface Part {
  readonly video: StepVideo;
  isNudged: boolean;
  /** When it was last brought back by a seek, milliseconds of the page. */
  soughtAt: number;
}

export interface InStepOptions {
  /** Called when something changed that the controls show: position, playing, speed, loop. */
  onDidChange: () => void;
  /** The browser refuses to play with sound before the user has touched the page. */
  onSoundRefused: () => void;
  /** Calls back before the page is drawn next. */
  requestFrame: (callback: () => void) => void;
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
}

/** Nearer to the end than this, playing begins anew. Less than a frame of any usual film. */
const AT_END_S = 0.01;
/** A seek that never ends must not stop the others. */
const SEEK_PATIENCE_MS = 4_000;
/** Of seeks that correct a film: on a slow computer each costs time, and the next would be due at once. */
const BETWEEN_SEEKS_MS = 1_000;

/**
 * Plays several videos as one: one position, one speed, one button. The longest leads, the others follow it. A seek ends
 * when all have sought; a film that is shorter holds its last frame until the longest is over.
 */
export class InStep {
  readonly #options: InStepOptions;
  #parts: Part[] = [];
  /** Told by the host, perhaps before there is a picture. */
  readonly #times = new WeakMap<StepVideo, readonly number[] | undefined>();
  #target = 0;
  #wantsPlay = false;
  /** They play, and are looked after frame by frame. */
  #isRunning = false;
  #isSeeking = false;
  /** What the running seek was asked for meanwhile. */
  #isSeekOutdated = false;
  #rate = 1;
  #isLooped = true;
  #audible: StepVideo | undefined;

  constructor(options: InStepOptions) {
    this.#options = options;
  }

  /** Takes these videos, whose metadata are loaded, in place of the ones before. They go to the common position. */
  setVideos(videos: readonly StepVideo[]): void {
    if (videos.length === this.#parts.length && videos.every((video, index) => this.#parts[index]!.video === video)) {
      return;
    }
    this.#target = this.position;
    for (const { video } of this.#parts) {
      if (!videos.includes(video)) {
        video.pause();
      }
    }
    this.#parts = videos.map(
      (video) => this.#find(video) ?? { video, isNudged: false, soughtAt: Number.NEGATIVE_INFINITY },
    );
    this.#go();
  }

  /** When each frame of a video appears, in seconds, if the file tells. */
  setFrameTimes(video: StepVideo, times: readonly number[] | undefined): void {
    this.#times.set(video, times);
  }

  /** The one whose sound is heard. All others are mute. */
  set audible(audible: StepVideo | undefined) {
    this.#audible = audible;
    this.#parts.forEach(({ video }) => {
      video.muted = video !== audible;
    });
  }

  get isPlaying(): boolean {
    return this.#wantsPlay;
  }

  get rate(): number {
    return this.#rate;
  }

  get isLooped(): boolean {
    return this.#isLooped;
  }

  /** In seconds; while a seek is on its way, where it leads. */
  get position(): number {
    return (this.#isRunning ? this.#leader?.video.currentTime : undefined) ?? this.#target;
  }

  /** In seconds; 0 without videos. */
  get length(): number {
    return getLength(this.#films);
  }

  togglePlay(): void {
    if (this.#wantsPlay) {
      this.pause();
    } else {
      this.play();
    }
  }

  play(): void {
    if (this.#parts.length > 0 && !this.#wantsPlay) {
      this.#wantsPlay = true;
      if (this.#target >= this.length - AT_END_S) {
        this.#target = 0;
      }
      this.#go();
    }
  }

  /** Pauses all at the same position. */
  pause(): void {
    this.#target = this.position;
    this.#wantsPlay = false;
    this.#go();
  }

  seek(seconds: number): void {
    this.#target = Math.min(Math.max(0, seconds), this.length);
    this.#go();
  }

  jump(direction: 1 | -1): void {
    this.seek(getJumpTarget(this.position, this.length, direction));
  }

  /** Pauses, and shows the next or the previous frame of all. */
  step(direction: 1 | -1): void {
    const position = this.position;
    const target = getStep(position, this.#films, direction);
    this.#wantsPlay = false;
    this.#target = target ?? position;
    this.#go();
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#parts.forEach((part) => {
      part.isNudged = false;
      part.video.playbackRate = rate;
    });
    this.#options.onDidChange();
  }

  toggleLoop(): void {
    this.#isLooped = !this.#isLooped;
    this.#options.onDidChange();
  }

  get #films(): (Film & Part)[] {
    return this.#parts.map((part) => ({
      ...part,
      duration: part.video.duration,
      times: this.#times.get(part.video),
    }));
  }

  get #leader(): Part | undefined {
    const index = getLeader(
      this.#films,
      this.#parts.findIndex(({ video }) => video === this.#audible),
    );
    return index === undefined ? undefined : this.#parts[index];
  }

  #find(video: StepVideo): Part | undefined {
    return this.#parts.find((part) => part.video === video);
  }

  /** Leads all to the target, and plays on from there if they are to play. One run at a time takes what is newest. */
  #go(): void {
    this.#isRunning = false;
    this.#isSeekOutdated = true;
    this.#options.onDidChange();
    if (!this.#isSeeking) {
      void this.#seekAll();
    }
  }

  async #seekAll(): Promise<void> {
    this.#isSeeking = true;
    while (this.#isSeekOutdated) {
      this.#isSeekOutdated = false;
      const films = this.#films;
      films.forEach(({ video }) => video.pause());
      await Promise.all(films.map((film) => seekTo(film.video, getPlace(this.#target, film))));
      if (!this.#isSeekOutdated && this.#wantsPlay) {
        await this.#start();
      }
    }
    this.#isSeeking = false;
    this.#options.onDidChange();
  }

  async #start(): Promise<void> {
    for (const part of this.#parts) {
      part.isNudged = false;
      part.video.playbackRate = this.#rate;
      part.video.muted = part.video !== this.#audible;
    }
    const waiting = this.#films.filter(({ duration }) => this.#target < duration);
    const results = await Promise.allSettled(waiting.map(({ video }) => video.play()));
    if (this.#isSeekOutdated) {
      return;
    }
    const refused = results.some((result) => result.status === 'rejected' && isRefusal(result.reason));
    if (refused && this.#audible) {
      this.#options.onSoundRefused();
      this.audible = undefined;
      this.#isSeekOutdated = true;
    } else if (results.every(({ status }) => status === 'rejected')) {
      this.#wantsPlay = false;
    } else {
      this.#isRunning = true;
      this.#options.requestFrame(() => this.#look());
    }
  }

  /** Once a frame of the page while they play. */
  #look(): void {
    const leader = this.#leader;
    if (!this.#isRunning || !leader) {
      return;
    }
    if (leader.video.ended) {
      this.#wantsPlay = this.#isLooped;
      this.#target = this.#isLooped ? 0 : this.length;
      this.#go();
      return;
    }
    if (leader.video.paused) {
      // By a key of the keyboard for media, or by the browser.
      this.pause();
      return;
    }
    for (const film of this.#films) {
      const part = this.#find(film.video);
      if (part && part !== leader && !film.video.seeking) {
        this.#keepInStep(part, film, leader.video.currentTime);
      }
    }
    this.#options.onDidChange();
    this.#options.requestFrame(() => this.#look());
  }

  #keepInStep(part: Part, film: Film, leaderAt: number): void {
    const { video } = part;
    const correction = correct(leaderAt, this.#rate, { ...film, at: video.currentTime, isNudged: part.isNudged });
    if (!correction) {
      return;
    }
    if (video.paused) {
      video.play().catch(() => undefined);
    }
    if (!('seek' in correction)) {
      part.isNudged = correction.isNudged;
      video.playbackRate = correction.rate;
    } else if (this.#options.now() - part.soughtAt > BETWEEN_SEEKS_MS) {
      part.soughtAt = this.#options.now();
      video.currentTime = correction.seek;
    }
  }
}

function isRefusal(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'NotAllowedError';
}

/** Resolves when the video shows that place, or cannot. */
function seekTo(video: StepVideo, place: number): Promise<void> {
  if (Math.abs(video.currentTime - place) < 1e-6 && !video.seeking) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const ends = ['seeked', 'error', 'emptied'] as const;
    const end = () => {
      clearTimeout(patience);
      ends.forEach((name) => video.removeEventListener(name, onEvent));
      resolve();
    };
    const onEvent = (event: { readonly type: string }) => {
      // The end of an earlier seek may be told when this one is on its way.
      if (event.type !== 'seeked' || !video.seeking) {
        end();
      }
    };
    const patience = setTimeout(end, SEEK_PATIENCE_MS);
    ends.forEach((name) => video.addEventListener(name, onEvent));
    video.currentTime = place;
  });
}
