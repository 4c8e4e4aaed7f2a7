import type { ComparedTake, CompareStrings, TakeAction } from '../../views/compare/protocol';
import { createToolButton, setLabel } from '../preview/buttons';
import { h, setText } from '../shared/dom';
import { setIcon, type IconName } from '../shared/icons';
import { ExternalSound } from '../shared/sound';

/** Not a code of `MediaError`: see `videoError` of the protocol. */
const ONLY_SOUND = 5;

/** By then a player that can decode the sound has begun with it; `timeupdate` comes four times a second. */
const DECODED_BY_UPDATES = 3;

/** Actions that are tools below the picture, and their icons. The others are buttons with words, where the picture would be. */
const TOOLS: Partial<Record<TakeAction, IconName>> = {
  use: 'useTake',
  save: 'save',
  again: 'again',
  remove: 'remove',
};

export interface TakeViewOptions {
  strings: CompareStrings;
  onAction: (action: TakeAction) => void;
  onError: (code: number) => void;
  /** The video can play from now on, or no longer. */
  onDidChange: () => void;
  onSound: () => void;
  /** Asks the host for the sound as a file: `soundNeeded`. */
  onSoundNeeded: () => void;
  /** The browser plays no sound before the user does something. */
  onSoundRefused: () => void;
  onPress: () => void;
}

/** A take in the comparison: its name, its video or why there is none, and what can be done with it. */
export class TakeView {
  readonly element: HTMLElement;
  readonly video = h('video', { playsinline: '', preload: 'auto', tabindex: '-1' });
  readonly #options: TakeViewOptions;
  readonly #name: HTMLElement;
  readonly #about = h('span', { class: 'about', dir: 'auto' });
  readonly #frame: HTMLElement;
  readonly #notice = h('p', { class: 'notice', role: 'status' });
  readonly #noticeButtons = h('div', { class: 'noticeButtons' });
  readonly #tools = h('div', { class: 'tools' });
  readonly #sound: HTMLButtonElement;
  #take: ComparedTake;
  #source = '';
  /** Not `readyState`, which falls during a seek. */
  #hasPicture = false;
  readonly #external: ExternalSound;
  /** The sound as a file, for a browser that cannot decode the one in the video. */
  #file: 'unasked' | 'asked' | 'given' | 'none' = 'unasked';
  #isHeard = false;
  /** The player says that it can, but has decoded nothing of a sound track. */
  #decodesNothing = false;
  /** For how many updates of the time it has been heard. */
  #heardUpdates = 0;

  constructor(take: ComparedTake, options: TakeViewOptions) {
    const { video } = this;
    this.#take = take;
    this.#options = options;
    this.#name = h('h2', { id: `name-${take.id}`, class: 'name' });
    this.#sound = createToolButton(`sound-${take.id}`, 'muted', options.strings.soundOf, options.onSound);
    this.#external = new ExternalSound(video, {
      onRefused: options.onSoundRefused,
      onError: () => this.receiveSound(undefined),
    });
    this.#frame = h(
      'div',
      { class: 'frame' },
      video,
      this.#external.element,
      h('div', { class: 'said' }, this.#notice, this.#noticeButtons),
    );
    this.element = h(
      'article',
      { id: `take-${take.id}`, class: 'take', 'aria-labelledby': `name-${take.id}` },
      h('header', { class: 'head' }, this.#name, this.#about),
      this.#frame,
      this.#tools,
    );
    video.muted = true;
    video.addEventListener('loadeddata', () => {
      this.#hasPicture = this.#source !== '' && video.duration > 0 && Number.isFinite(video.duration);
      options.onDidChange();
    });
    video.addEventListener('loadedmetadata', () => {
      if (video.videoWidth === 0) {
        // The browser has no decoder for the picture, and plays the rest as if that were all.
        this.#load('');
        options.onError(ONLY_SOUND);
        return;
      }
      this.#setRatio(video.videoWidth / video.videoHeight);
    });
    video.addEventListener('error', () => {
      const code = video.error?.code;
      if (this.#source !== '' && code !== undefined) {
        this.#load('');
        options.onError(code);
        options.onDidChange();
      }
    });
    video.addEventListener('timeupdate', () => this.#watchDecoder());
    video.addEventListener('click', () => options.onPress());
    this.draw(take);
  }

  get id(): string {
    return this.#take.id;
  }

  get name(): string {
    return this.#take.name;
  }

  /** Whether there is a picture, so that it can play with the others. */
  get isLoaded(): boolean {
    return this.#hasPicture;
  }

  /** Whether its picture is still to come. */
  get isLoading(): boolean {
    return this.#source !== '' && !this.#hasPicture;
  }

  /** Whether it has sound that can be heard here. */
  get hasSound(): boolean {
    const { video } = this.#take;
    return video !== undefined && video.sound !== false && this.#file !== 'none';
  }

  /** Whether it has sound that this browser cannot play. */
  get isSilenced(): boolean {
    return this.#take.video?.sound === true && this.#file === 'none';
  }

  /** Width divided by height of the picture. */
  get ratio(): number {
    return this.video.videoWidth > 0 ? this.video.videoWidth / this.video.videoHeight : this.#take.ratio;
  }

  /** Whether this is the one that is heard. */
  set isAudible(isAudible: boolean) {
    this.#isHeard = isAudible;
    const video = this.#take.video;
    if (isAudible && video?.sound === true && !video.isOther && !this.#can('audio/mp4; codecs="mp4a.40.2"')) {
      this.#requestSound();
    }
    const { soundOf, soundOff } = this.#options.strings;
    setIcon(this.#sound, isAudible ? 'sound' : 'muted');
    this.#sound.setAttribute('aria-pressed', String(isAudible));
    this.#sound.title = isAudible ? soundOff : soundOf;
  }

  draw(take: ComparedTake): void {
    this.#take = take;
    setText(this.#name, take.name);
    setText(this.#about, take.about);
    setText(this.#notice, take.notice ?? '');
    this.#drawVideo(take);
    this.#drawButtons(take);
  }

  /** Takes the answer of the host: no URL where the sound cannot be decoded. */
  receiveSound(url: string | undefined): void {
    if (this.#file !== 'unasked') {
      this.#file = url === undefined ? 'none' : 'given';
      if (url !== undefined) {
        this.#external.load(url);
      }
      this.#drawButtons(this.#take);
    }
  }

  dispose(): void {
    this.#load('');
    this.element.remove();
  }

  #drawVideo({ video, ratio }: ComparedTake): void {
    this.element.classList.toggle('shown', video !== undefined);
    if (!video) {
      this.#load('');
      this.#setRatio(ratio);
      return;
    }
    if (!video.isOther && !this.#can('video/mp4; codecs="avc1.42E01E"')) {
      this.#options.onError(0);
      return;
    }
    if (this.video.videoWidth === 0) {
      this.#setRatio(ratio);
    }
    this.#load(video.url);
  }

  #can(type: string): boolean {
    return this.video.canPlayType(type) !== '';
  }

  #requestSound(): void {
    if (this.#file === 'unasked') {
      this.#file = 'asked';
      this.#options.onSoundNeeded();
    }
  }

  /** A player may say that it can, and decode nothing of a sound track. */
  #watchDecoder(): void {
    // Not in the standard: Chromium has it, and VS Code is Chromium.
    const decoded = (this.video as { webkitAudioDecodedByteCount?: number }).webkitAudioDecodedByteCount;
    const isHeard = this.#isHeard && this.#take.video?.sound === true && !this.video.paused;
    this.#heardUpdates = isHeard ? this.#heardUpdates + 1 : 0;
    if (decoded === 0 && this.#heardUpdates > DECODED_BY_UPDATES) {
      this.#decodesNothing = true;
      this.#requestSound();
    } else if (decoded !== undefined && decoded > 0 && this.#decodesNothing) {
      // Late, but it can: two sounds would be one too many.
      this.#decodesNothing = false;
      this.#file = 'unasked';
      this.#external.unload();
    }
  }

  #load(url: string): void {
    if (url === this.#source) {
      return;
    }
    this.#file = 'unasked';
    this.#decodesNothing = false;
    this.#external.unload();
    this.#source = url;
    this.#hasPicture = false;
    if (url === '') {
      this.video.removeAttribute('src');
      this.video.load();
    } else {
      this.video.src = url;
    }
  }

  #setRatio(ratio: number): void {
    if (Number.isFinite(ratio) && ratio > 0) {
      this.element.style.setProperty('--ratio', String(ratio));
    }
  }

  /** Keeps buttons that stay, and so the focus that is on one. */
  #drawButtons({ id, name, buttons }: ComparedTake): void {
    this.#sound.setAttribute('aria-label', `${this.#options.strings.soundOf}: ${name}`);
    const isTool = ({ action }: { action: TakeAction }) => TOOLS[action] !== undefined;
    const tools = buttons.filter(isTool).map(({ action, label }) => {
      const key = `${action}-${id}`;
      const kept = this.#tools.querySelector<HTMLButtonElement>(`[id="${key}"]`);
      const button = kept ?? createToolButton(key, TOOLS[action]!, label, () => this.#options.onAction(action));
      setLabel(button, `${label}: ${name}`);
      button.title = label;
      return button;
    });
    const wanted = [...(this.hasSound ? [this.#sound] : []), ...tools];
    if (wanted.length !== this.#tools.children.length || wanted.some((tool, at) => this.#tools.children[at] !== tool)) {
      this.#tools.replaceChildren(...wanted);
    }
    const words = buttons.filter((button) => !isTool(button));
    const drawn = [...this.#noticeButtons.children].map((button) => button.id);
    if (words.map(({ action }) => `${action}-${id}`).join() !== drawn.join()) {
      this.#noticeButtons.replaceChildren(
        ...words.map(({ action, label }) => {
          const button = h('button', { id: `${action}-${id}`, type: 'button', class: 'button' }, label);
          button.addEventListener('click', () => this.#options.onAction(action));
          return button;
        }),
      );
    }
  }
}
