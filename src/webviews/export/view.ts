import { EXPORT_KINDS, type ExportKind, type ExportStrings } from '../../views/export/protocol';
import { h, setText } from '../shared/dom';
import { createIcon, setIcon } from '../shared/icons';
import { fill } from './text';

export type PageState = 'loading' | 'ready' | 'working' | 'unplayable';

/** What the user chooses, beside the part of the video and the kind. */
export type NumberField = 'width' | 'framesPerSecond' | 'every';

export interface ViewOptions {
  title: string;
  strings: ExportStrings;
  range: HTMLElement;
  onChange: () => void;
}

/** Creates the elements of the page, and shows its state. */
export class ExportView {
  readonly page: HTMLElement;
  readonly video = h('video', { id: 'video', playsinline: '', preload: 'auto', tabindex: '-1' });
  readonly play: HTMLButtonElement;
  readonly export: HTMLButtonElement;
  readonly cancel: HTMLButtonElement;
  readonly loop = h('input', { id: 'loop', type: 'checkbox' });
  readonly #strings: ExportStrings;
  readonly #numbers: Record<NumberField, HTMLInputElement>;
  readonly #kinds: HTMLInputElement[] = [];
  readonly #hint = h('p', { id: 'hint', class: 'quiet' });
  readonly #hold: HTMLElement;
  readonly #size = h('strong', { id: 'size' });
  readonly #count = h('span', { id: 'count' });
  readonly #estimate = h('span', { id: 'estimate', role: 'status' });
  readonly #problem = h('p', { id: 'problem', role: 'alert' });
  readonly #message = h('p', { id: 'message', role: 'status' });
  readonly #progress: HTMLElement;
  readonly #progressText = h('p', { id: 'progressText' });
  readonly #loopRow: HTMLElement;

  constructor({ title, strings, range, onChange }: ViewOptions) {
    this.#strings = strings;
    this.#hold = h('p', { id: 'hold', class: 'hold', role: 'status' }, strings.loading);
    this.play = h('button', { id: 'play', type: 'button', class: 'tool' }, createIcon('play'));
    this.setPlaying(false);
    this.#numbers = {
      width: this.#createNumber('width', 16, onChange),
      framesPerSecond: this.#createNumber('framesPerSecond', 1, onChange),
      every: this.#createNumber('every', 1, onChange),
    };
    this.loop.checked = true;
    this.#loopRow = h('label', { class: 'check' }, this.loop, h('span', {}, strings.loop));
    this.export = h('button', { id: 'export', type: 'button', class: 'primary' }, strings.export);
    this.cancel = h('button', { id: 'cancel', type: 'button' }, strings.cancel);
    this.#progress = h(
      'div',
      {
        id: 'progress',
        role: 'progressbar',
        'aria-valuemin': '0',
        'aria-valuemax': '100',
        'aria-labelledby': 'progressText',
      },
      h('div', { class: 'done' }),
    );
    const kinds = h('div', { class: 'segments', role: 'radiogroup', 'aria-label': strings.kind });
    for (const kind of EXPORT_KINDS) {
      const input = h('input', { type: 'radio', name: 'kind', value: kind, class: 'spoken' });
      input.addEventListener('change', onChange);
      this.#kinds.push(input);
      kinds.append(h('label', {}, input, h('span', { class: 'segment' }, strings[kind])));
    }
    this.page = h(
      'main',
      { id: 'state', 'data-state': 'loading' },
      h(
        'section',
        { class: 'stage', 'aria-label': strings.range },
        h('div', { class: 'screen' }, this.video, this.#hold),
        h('div', { class: 'controls' }, this.play, range),
      ),
      h(
        'aside',
        { class: 'details', 'aria-label': strings.title },
        h('header', {}, h('h1', {}, strings.title), h('p', { class: 'label', dir: 'auto' }, title)),
        h('section', {}, h('h2', {}, strings.kind), kinds, this.#hint),
        h('section', { class: 'fields' }, ...this.#createRows(), this.#loopRow),
        h(
          'section',
          {},
          h('h2', {}, strings.outcome),
          h('p', { class: 'outcome' }, this.#size, this.#count, this.#estimate),
        ),
        this.#problem,
        h('div', { class: 'buttons' }, this.export, this.cancel),
        h('div', { class: 'running' }, this.#progressText, this.#progress),
        this.#message,
      ),
    );
    this.state = 'loading';
  }

  get state(): PageState {
    return this.page.dataset['state'] as PageState;
  }

  set state(state: PageState) {
    this.page.dataset['state'] = state;
    setText(
      this.#hold,
      state === 'loading' ? this.#strings.loading : state === 'unplayable' ? this.#strings.unplayable : '',
    );
    const isReady = state === 'ready';
    for (const control of [this.loop, ...this.#kinds, ...Object.values(this.#numbers)]) {
      control.disabled = !isReady;
    }
    this.play.disabled = !isReady;
    this.cancel.hidden = state !== 'working';
    this.export.hidden = state === 'working';
    this.#progress.hidden = state !== 'working';
    this.#progressText.hidden = state !== 'working';
  }

  get kind(): ExportKind {
    return (this.#kinds.find(({ checked }) => checked)?.value ?? 'gif') as ExportKind;
  }

  set kind(kind: ExportKind) {
    for (const input of this.#kinds) {
      input.checked = input.value === kind;
    }
  }

  /** Shows what can be chosen for the kind. */
  drawKind(): void {
    const { kind } = this;
    const isAnimation = kind === 'gif' || kind === 'webp';
    setText(this.#hint, this.#strings[`${kind}Hint`]);
    this.#getRow('framesPerSecond').hidden = !isAnimation;
    this.#getRow('every').hidden = isAnimation;
    this.#loopRow.hidden = !isAnimation;
  }

  /** A number of the user, within its limits. */
  getNumber(field: NumberField): number {
    const { value, min, max } = this.#numbers[field];
    const number = Math.round(Number(value));
    return Math.max(Number(min), Math.min(Number(max), Number.isFinite(number) ? number : 0));
  }

  setNumber(field: NumberField, value: number, max?: number): void {
    const input = this.#numbers[field];
    if (max !== undefined) {
      input.max = String(max);
    }
    input.value = String(value);
  }

  setPlaying(isPlaying: boolean): void {
    setIcon(this.play, isPlaying ? 'pause' : 'play');
    const label = isPlaying ? this.#strings.pause : this.#strings.play;
    this.play.setAttribute('aria-label', label);
    this.play.title = label;
  }

  drawOutcome(size: string, count: number): void {
    setText(this.#size, size);
    setText(this.#count, fill(this.#strings.outcomeFrames, count));
  }

  /** @param bytes for tests, which cannot read two digits of any language */
  setEstimate(text: string, bytes?: number): void {
    setText(this.#estimate, text);
    this.#estimate.dataset['bytes'] = bytes === undefined ? '' : String(bytes);
  }

  /** Why it cannot be exported like this; '' when it can. */
  set problem(text: string) {
    setText(this.#problem, text);
  }

  /** What became of the export. */
  set message(text: string) {
    setText(this.#message, text);
  }

  drawProgress(text: string, fraction: number): void {
    setText(this.#progressText, text);
    this.#progress.setAttribute('aria-valuenow', String(Math.floor(fraction * 100)));
    this.#progress.style.setProperty('--done', String(fraction));
  }

  #createNumber(id: NumberField, min: number, onChange: () => void): HTMLInputElement {
    const input = h('input', { id, type: 'number', min: String(min), max: String(min), step: '1' });
    input.addEventListener('input', onChange);
    // What is out of its limits is shown as what is taken for it.
    input.addEventListener('change', () => {
      input.value = String(this.getNumber(id));
    });
    return input;
  }

  #createRows(): HTMLElement[] {
    return (['width', 'framesPerSecond', 'every'] as const).map((id) =>
      h('div', { class: 'field' }, h('label', { for: id }, this.#strings[id]), this.#numbers[id]),
    );
  }

  #getRow(field: NumberField): HTMLElement {
    return this.#numbers[field].parentElement!;
  }
}
