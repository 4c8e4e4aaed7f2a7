import type { PreviewStrings } from '../../views/preview/protocol';
import { h, setText } from '../shared/dom';
import { setIcon } from '../shared/icons';
import { createToolButton, setLabel } from './buttons';
import type { Player } from './player';
import { formatPosition } from './time';

const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const TIMELINE_STEPS = 1_000;

export interface ControlsOptions {
  player: Player;
  strings: PreviewStrings;
  /** Receives the classes `actual` and `theatre`, and is shown in full screen. */
  page: HTMLElement;
  /** Placed at the end of the bar. */
  helpButton: HTMLButtonElement;
  announce: (text: string) => void;
}

/** The control bar below the video. */
export class Controls {
  readonly element: HTMLElement;
  readonly speed: HTMLSelectElement;
  readonly volume: HTMLInputElement;
  readonly #options: ControlsOptions;
  readonly #timeline: HTMLInputElement;
  readonly #time = h('div', { id: 'time', 'aria-hidden': 'true' });
  readonly #play: HTMLButtonElement;
  readonly #loop: HTMLButtonElement;
  readonly #mute: HTMLButtonElement;
  readonly #sound: HTMLElement;
  readonly #size: HTMLButtonElement;
  readonly #fullscreen: HTMLButtonElement;
  #isScrubbing = false;
  #playedBeforeScrubbing = false;

  constructor(options: ControlsOptions) {
    this.#options = options;
    const { player, strings, helpButton } = options;
    this.#timeline = h('input', {
      id: 'timeline',
      type: 'range',
      min: '0',
      max: String(TIMELINE_STEPS),
      step: '1',
      value: '0',
      'aria-label': strings.timeline,
    });
    this.#play = createToolButton('play', 'play', strings.play, () => player.togglePlay());
    const stepBack = createToolButton('stepBack', 'stepBack', strings.stepBack, () => player.step(-1));
    setLabel(stepBack, strings.stepBack, ',');
    const stepForward = createToolButton('stepForward', 'stepForward', strings.stepForward, () => player.step(1));
    setLabel(stepForward, strings.stepForward, '.');
    this.speed = this.#createSpeed();
    this.#loop = createToolButton('loop', 'loop', strings.loop, () => this.toggleLoop());
    setLabel(this.#loop, strings.loop, 'L');
    this.#mute = createToolButton('mute', 'sound', strings.mute, () => this.toggleMute());
    this.volume = this.#createVolume();
    this.#sound = h('div', { class: 'sound' }, this.#mute, this.volume);
    this.#size = createToolButton('size', 'actual', strings.actualSize, () => this.#toggleSize());
    this.#fullscreen = createToolButton('fullscreen', 'enterFullScreen', strings.fullScreen, () =>
      this.toggleFullScreen(),
    );
    this.element = h(
      'div',
      { class: 'controls', role: 'group', 'aria-label': strings.player },
      this.#timeline,
      h(
        'div',
        { class: 'bar' },
        this.#play,
        stepBack,
        stepForward,
        this.#time,
        h('div', { class: 'spring' }),
        this.speed,
        this.#loop,
        this.#sound,
        this.#size,
        this.#fullscreen,
        helpButton,
      ),
    );
    this.#followVideo();
    this.#followTimeline();
    document.addEventListener('fullscreenchange', () => {
      if (!document.fullscreenElement) {
        this.leaveFullScreen();
      }
    });
    this.#loop.setAttribute('aria-pressed', 'true');
    this.#drawPlay();
    this.#drawSound();
    this.#drawFullScreen();
  }

  set hasSound(hasSound: boolean) {
    this.#sound.hidden = !hasSound;
  }

  changeRate(direction: 1 | -1): void {
    const rate = RATES[RATES.indexOf(this.#options.player.video.playbackRate) + direction];
    if (rate !== undefined) {
      this.#setRate(rate);
    }
  }

  toggleLoop(): void {
    const { player } = this.#options;
    const { video } = player;
    video.loop = !video.loop;
    this.#loop.setAttribute('aria-pressed', String(video.loop));
    if (video.loop && video.ended) {
      player.togglePlay();
    }
  }

  toggleMute(): void {
    const { video } = this.#options.player;
    video.muted = !video.muted;
    if (!video.muted && video.volume === 0) {
      video.volume = 1;
    }
  }

  /** Fills the screen if VS Code allows it, or else the panel. */
  toggleFullScreen(): void {
    const { page } = this.#options;
    if (page.classList.contains('theatre')) {
      this.leaveFullScreen();
      return;
    }
    if (document.fullscreenEnabled) {
      page.requestFullscreen().catch(() => undefined);
    }
    page.classList.add('theatre');
    this.#drawFullScreen();
  }

  leaveFullScreen(): void {
    if (document.fullscreenElement) {
      document.exitFullscreen().catch(() => undefined);
    }
    this.#options.page.classList.remove('theatre');
    this.#drawFullScreen();
  }

  #createSpeed(): HTMLSelectElement {
    const { strings } = this.#options;
    const speed = h('select', { id: 'speed', 'aria-label': strings.speed, title: strings.speed });
    for (const rate of RATES) {
      const option = h('option', { value: String(rate) }, formatRate(rate));
      option.selected = rate === 1;
      speed.append(option);
    }
    speed.addEventListener('change', () => this.#setRate(Number(speed.value)));
    return speed;
  }

  #createVolume(): HTMLInputElement {
    const { strings, player } = this.#options;
    const volume = h('input', {
      id: 'volume',
      type: 'range',
      min: '0',
      max: '100',
      value: '100',
      'aria-label': strings.volume,
      title: strings.volume,
    });
    volume.addEventListener('input', () => {
      player.video.volume = Number(volume.value) / 100;
      player.video.muted = player.video.volume === 0;
    });
    return volume;
  }

  #followVideo(): void {
    const { video } = this.#options.player;
    for (const event of ['loadedmetadata', 'loadeddata', 'seeked', 'progress', 'durationchange']) {
      video.addEventListener(event, () => this.#drawTime());
    }
    for (const event of ['play', 'pause', 'ended']) {
      video.addEventListener(event, () => this.#drawPlay());
    }
    video.addEventListener('play', () => requestAnimationFrame(() => this.#drawTimeWhilePlaying()));
    video.addEventListener('volumechange', () => this.#drawSound());
    video.addEventListener('ratechange', () => {
      this.speed.value = String(video.playbackRate);
    });
    video.addEventListener('dblclick', () => this.toggleFullScreen());
  }

  /** Pauses the video while the user drags the position, and resumes it afterwards. */
  #followTimeline(): void {
    const { player } = this.#options;
    const { video } = player;
    this.#timeline.addEventListener('input', () => {
      if (!this.#isScrubbing) {
        this.#isScrubbing = true;
        this.#playedBeforeScrubbing = !video.paused;
        video.pause();
      }
      player.seek((Number(this.#timeline.value) / TIMELINE_STEPS) * video.duration);
    });
    this.#timeline.addEventListener('change', () => {
      this.#isScrubbing = false;
      if (this.#playedBeforeScrubbing) {
        player.play();
      }
    });
  }

  /** Updates the position in each animation frame, because `timeupdate` is fired only four times a second. */
  #drawTimeWhilePlaying(): void {
    const { video } = this.#options.player;
    this.#drawTime();
    if (!video.paused && !video.ended) {
      requestAnimationFrame(() => this.#drawTimeWhilePlaying());
    }
  }

  #drawTime(): void {
    const { player, strings } = this.#options;
    const { currentTime, duration, buffered, paused } = player.video;
    if (!Number.isFinite(duration) || duration <= 0) {
      return;
    }
    const timeline = this.#timeline;
    if (!this.#isScrubbing) {
      timeline.value = String(Math.round((currentTime / duration) * TIMELINE_STEPS));
    }
    timeline.style.setProperty('--played', String(currentTime / duration));
    const bufferedTo = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
    timeline.style.setProperty('--buffered', String(bufferedTo / duration));
    const [position, end] = [formatPosition(currentTime), formatPosition(duration)];
    setText(this.#time, `${position} / ${end}`);
    // Not during playback, because a screen reader would read each change.
    if (paused || !timeline.hasAttribute('aria-valuetext')) {
      timeline.setAttribute('aria-valuetext', strings.timelineValue.replace('{0}', position).replace('{1}', end));
    }
  }

  #drawPlay(): void {
    const { player, strings } = this.#options;
    setIcon(this.#play, player.video.paused ? 'play' : 'pause');
    setLabel(this.#play, player.video.paused ? strings.play : strings.pause, 'K');
  }

  #drawSound(): void {
    const { player, strings } = this.#options;
    const { muted, volume } = player.video;
    setIcon(this.#mute, muted ? 'muted' : 'sound');
    setLabel(this.#mute, muted ? strings.unmute : strings.mute, 'M');
    this.volume.value = muted ? '0' : String(Math.round(volume * 100));
    this.volume.style.setProperty('--played', muted ? '0' : String(volume));
  }

  #setRate(rate: number): void {
    const { player, strings, announce } = this.#options;
    player.video.playbackRate = rate;
    player.video.defaultPlaybackRate = rate;
    announce(`${strings.speed} ${formatRate(rate)}`);
  }

  #toggleSize(): void {
    const { page, strings } = this.#options;
    const isActual = page.classList.toggle('actual');
    setIcon(this.#size, isActual ? 'fit' : 'actual');
    setLabel(this.#size, isActual ? strings.fit : strings.actualSize);
  }

  #drawFullScreen(): void {
    const { page, strings } = this.#options;
    const isFull = page.classList.contains('theatre');
    setIcon(this.#fullscreen, isFull ? 'leaveFullScreen' : 'enterFullScreen');
    setLabel(this.#fullscreen, isFull ? strings.exitFullScreen : strings.fullScreen, 'F');
  }
}

/** Formats a playback rate in the user's language: `0.5×`, `0,5×`. */
function formatRate(rate: number): string {
  return `${rate.toLocaleString(document.documentElement.lang)}×`;
}
