import type { CompareStrings } from '../../views/compare/protocol';
import { createToolButton, setLabel } from '../preview/buttons';
import { formatPosition } from '../preview/time';
import { h, setText } from '../shared/dom';
import { setIcon } from '../shared/icons';
import type { InStep } from './inStep';

const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const TIMELINE_STEPS = 1_000;

export interface CompareControlsOptions {
  strings: CompareStrings;
  player: InStep;
  onWipe: () => void;
  announce: (text: string) => void;
}

/** One set of controls for all takes. */
export class CompareControls {
  readonly element: HTMLElement;
  readonly keys: HTMLElement;
  readonly speed: HTMLSelectElement;
  readonly #options: CompareControlsOptions;
  readonly #timeline = h('input', { id: 'timeline', type: 'range', min: '0', max: String(TIMELINE_STEPS), step: '1' });
  readonly #time = h('div', { id: 'time', 'aria-hidden': 'true' });
  readonly #play: HTMLButtonElement;
  readonly #loop: HTMLButtonElement;
  readonly #wipe: HTMLButtonElement;
  readonly #help: HTMLButtonElement;
  #isScrubbing = false;
  #playedBeforeScrubbing = false;

  constructor(options: CompareControlsOptions) {
    this.#options = options;
    const { strings, player } = options;
    this.#timeline.setAttribute('aria-label', strings.timeline);
    this.#play = createToolButton('play', 'play', strings.play, () => player.togglePlay());
    const stepBack = createToolButton('stepBack', 'stepBack', strings.stepBack, () => player.step(-1));
    setLabel(stepBack, strings.stepBack, ',');
    const stepForward = createToolButton('stepForward', 'stepForward', strings.stepForward, () => player.step(1));
    setLabel(stepForward, strings.stepForward, '.');
    this.speed = this.#createSpeed();
    this.#loop = createToolButton('loop', 'loop', strings.loop, () => player.toggleLoop());
    setLabel(this.#loop, strings.loop, 'L');
    this.#wipe = createToolButton('wipe', 'wipe', strings.wipe, options.onWipe);
    this.keys = createKeys(strings);
    this.#help = createToolButton('help', 'help', strings.keys, () => this.toggleKeys());
    setLabel(this.#help, strings.keys, '?');
    this.#help.setAttribute('aria-controls', 'keys');
    this.#help.setAttribute('aria-expanded', 'false');
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
        this.#wipe,
        this.#help,
      ),
    );
    this.#followTimeline();
    this.setWipe({ isOffered: false, isOn: false });
    this.draw();
  }

  /** Shows where the films are. */
  draw(): void {
    const { player, strings } = this.#options;
    const { position, length, isPlaying } = player;
    setIcon(this.#play, isPlaying ? 'pause' : 'play');
    setLabel(this.#play, isPlaying ? strings.pause : strings.play, 'K');
    this.#loop.setAttribute('aria-pressed', String(player.isLooped));
    this.speed.value = String(player.rate);
    const part = length > 0 ? Math.min(1, position / length) : 0;
    if (!this.#isScrubbing) {
      this.#timeline.value = String(Math.round(part * TIMELINE_STEPS));
    }
    this.#timeline.style.setProperty('--played', String(part));
    const [at, end] = [formatPosition(position), formatPosition(length)];
    setText(this.#time, `${at} / ${end}`);
    // Not while they play, because a screen reader would read each change.
    if (!isPlaying || !this.#timeline.hasAttribute('aria-valuetext')) {
      this.#timeline.setAttribute('aria-valuetext', strings.timelineValue.replace('{0}', at).replace('{1}', end));
    }
  }

  /** Shows whether one picture lies over the other. Only of two. */
  setWipe({ isOffered, isOn }: { isOffered: boolean; isOn: boolean }): void {
    const { strings } = this.#options;
    this.#wipe.hidden = !isOffered;
    setIcon(this.#wipe, isOn ? 'compare' : 'wipe');
    setLabel(this.#wipe, isOn ? strings.wipeOff : strings.wipe, 'W');
  }

  changeRate(direction: 1 | -1): void {
    const rate = RATES[RATES.indexOf(this.#options.player.rate) + direction];
    if (rate !== undefined) {
      this.#setRate(rate);
    }
  }

  toggleKeys(): void {
    this.keys.hidden = !this.keys.hidden;
    this.#help.setAttribute('aria-expanded', String(!this.keys.hidden));
  }

  #createSpeed(): HTMLSelectElement {
    const { strings } = this.#options;
    const speed = h('select', { id: 'speed', 'aria-label': strings.speed, title: strings.speed });
    speed.append(...RATES.map((rate) => h('option', { value: String(rate) }, formatRate(rate))));
    speed.addEventListener('change', () => this.#setRate(Number(speed.value)));
    return speed;
  }

  #setRate(rate: number): void {
    const { player, strings, announce } = this.#options;
    player.setRate(rate);
    announce(`${strings.speed} ${formatRate(rate)}`);
  }

  /** Pauses all while the user drags the position, and goes on afterwards. */
  #followTimeline(): void {
    const { player } = this.#options;
    this.#timeline.addEventListener('input', () => {
      if (!this.#isScrubbing) {
        this.#isScrubbing = true;
        this.#playedBeforeScrubbing = player.isPlaying;
        if (player.isPlaying) {
          player.pause();
        }
      }
      player.seek((Number(this.#timeline.value) / TIMELINE_STEPS) * player.length);
    });
    this.#timeline.addEventListener('change', () => {
      this.#isScrubbing = false;
      if (this.#playedBeforeScrubbing) {
        this.#playedBeforeScrubbing = false;
        player.play();
      }
    });
  }
}

function createKeys(strings: CompareStrings): HTMLElement {
  const keys: [names: string[], meaning: string][] = [
    [['Space', 'K'], strings.keySpace],
    [['←', '→'], strings.keyArrows],
    [[',', '.'], strings.keyFrames],
    [['<', '>'], strings.keySpeed],
    [['Home', 'End'], strings.keyEnds],
    [['L'], strings.loop],
    [['1', '2', '3', '4'], strings.keySound],
    [['M'], strings.soundOff],
    [['W'], strings.wipe],
  ];
  const element = h(
    'dl',
    { id: 'keys', role: 'note', 'aria-label': strings.keys },
    ...keys.flatMap(([names, meaning]) => [
      h('dt', {}, ...names.map((name) => h('kbd', {}, name))),
      h('dd', {}, meaning),
    ]),
  );
  element.hidden = true;
  return element;
}

/** Formats a playback rate in the user's language: `0.5×`, `0,5×`. */
function formatRate(rate: number): string {
  return `${rate.toLocaleString(document.documentElement.lang)}×`;
}
