import type { CropRatio, CropStrings } from '../../views/cropper/protocol';
import { PASTE_KEYS } from '../shared/clipboard';
import { h } from '../shared/dom';
import type { Rect, Size } from './geometry';

export type PageState = 'loading' | 'empty' | 'ready' | 'working' | 'problem';
export type Method = 'crop' | 'pad';
export type Color = 'average' | 'black' | 'white';

export interface ViewOptions {
  strings: CropStrings;
  frame: HTMLElement;
  onRatio: (ratio: CropRatio) => void;
  onMethod: (method: Method) => void;
  onColor: (color: Color) => void;
}

/** Creates the elements of the page, and shows its state. */
export class CropperView {
  readonly page: HTMLElement;
  readonly stage: HTMLElement;
  readonly board: HTMLElement;
  readonly picture = h('canvas', { id: 'picture' });
  readonly paste: HTMLButtonElement;
  readonly choose: HTMLButtonElement;
  readonly file: HTMLInputElement;
  readonly problem = h('p', { id: 'problem', role: 'alert' });
  readonly close: HTMLButtonElement;
  readonly label = h('p', { class: 'label', dir: 'auto' });
  readonly reason = h('p', { id: 'reason', class: 'notice', dir: 'auto' });
  readonly colors: HTMLElement;
  readonly result = h('strong', { id: 'result' });
  readonly from = h('span', { id: 'from', class: 'quiet' });
  readonly keys: HTMLElement;
  readonly spoken = h('p', { class: 'spoken', 'aria-live': 'polite' });
  readonly use: HTMLButtonElement;
  readonly cancel: HTMLButtonElement;
  readonly #strings: CropStrings;
  readonly #hold: HTMLElement;

  constructor({ strings, frame, onRatio, onMethod, onColor }: ViewOptions) {
    this.#strings = strings;
    this.board = h('div', { class: 'board' }, h('div', { class: 'sheet', 'aria-hidden': 'true' }, this.picture), frame);
    this.#hold = h('p', { class: 'hold', id: 'hold', role: 'status' }, strings.loading);
    this.paste = h('button', { id: 'paste', type: 'button', class: 'primary' }, strings.paste);
    this.choose = h('button', { id: 'choose', type: 'button' }, strings.choose);
    this.file = h('input', {
      type: 'file',
      accept: 'image/*',
      id: 'file',
      hidden: '',
      tabindex: '-1',
      'aria-label': strings.choose,
    });
    this.close = h('button', { id: 'close', type: 'button' }, strings.cancel);
    this.stage = h(
      'section',
      { class: 'stage', 'aria-label': strings.title },
      this.board,
      this.#hold,
      h(
        'div',
        { class: 'asked' },
        h('span', { class: 'clip', 'aria-hidden': 'true' }),
        h('h1', {}, strings.pasteTitle),
        h('p', {}, fill(strings.pasteHint, PASTE_KEYS)),
        h('div', { class: 'buttons' }, this.paste, this.choose, this.file),
      ),
      h('div', { class: 'trouble' }, this.problem, this.close),
    );

    const ratios = createChoices<CropRatio>('ratio', strings.ratio, onRatio, [
      ['16:9', '16:9', createShape('16:9')],
      ['9:16', '9:16', createShape('9:16')],
      ['1:1', '1:1', createShape('1:1')],
      ['original', strings.original, createShape('original')],
    ]);
    const methods = createChoices<Method>('method', strings.method, onMethod, [
      ['crop', strings.crop],
      ['pad', strings.pad],
    ]);
    this.colors = createChoices<Color>('color', strings.color, onColor, [
      ['average', strings.average, createSwatch('average')],
      ['black', strings.black, createSwatch('black')],
      ['white', strings.white, createSwatch('white')],
    ]);
    this.keys = h('p', { id: 'keys', class: 'quiet' }, strings.frameKeys);
    this.use = h('button', { id: 'use', type: 'button', class: 'primary' }, strings.use);
    this.cancel = h('button', { id: 'cancel', type: 'button' }, strings.cancel);
    const details = h(
      'aside',
      { class: 'details', 'aria-label': strings.title },
      h('header', {}, h('h1', {}, strings.title), this.label),
      this.reason,
      ratios,
      methods,
      this.colors,
      h('section', {}, h('h2', {}, strings.result), h('p', { class: 'sizes' }, this.result, this.from)),
      h('div', { class: 'buttons' }, this.use, this.cancel),
      this.keys,
      h('p', { class: 'quiet' }, strings.privacy),
      this.spoken,
    );
    this.page = h('main', { id: 'state', 'data-state': 'loading' }, this.stage, details);
  }

  get state(): PageState {
    return this.page.dataset['state'] as PageState;
  }

  set state(state: PageState) {
    this.page.dataset['state'] = state;
    this.#hold.textContent =
      state === 'working' ? this.#strings.working : state === 'loading' ? this.#strings.loading : '';
    for (const control of [this.use, ...this.page.querySelectorAll<HTMLInputElement>('input[type="radio"]')]) {
      control.disabled = state !== 'ready';
    }
  }

  getChecked(name: string): string | undefined {
    return this.#getInputs(name).find(({ checked }) => checked)?.value;
  }

  check(name: string, value: string): void {
    for (const input of this.#getInputs(name)) {
      input.checked = input.value === value;
    }
  }

  /** Cropping is disabled if the result would be too small. */
  setCanCrop(canCrop: boolean): void {
    for (const input of this.#getInputs('method')) {
      input.disabled = input.value === 'crop' && !canCrop;
      input.closest('label')?.setAttribute('title', input.disabled ? this.#strings.tooSmall : '');
    }
  }

  #getInputs(name: string): HTMLInputElement[] {
    return [...this.page.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`)];
  }
}

/** Positions an element over a part of the area that its parent shows. */
export function place(element: HTMLElement, { x, y, width, height }: Rect, area: Size): void {
  element.style.left = `${(100 * x) / area.width}%`;
  element.style.top = `${(100 * y) / area.height}%`;
  element.style.width = `${(100 * width) / area.width}%`;
  element.style.height = `${(100 * height) / area.height}%`;
}

/** Replaces `{0}`, `{1}`, … Numbers are localized, without thousands separators. */
export function fill(text: string, ...values: (string | number)[]): string {
  const number = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });
  return text.replace(/\{(\d)\}/g, (_, index: string) => {
    const value = values[Number(index)] ?? '';
    return typeof value === 'number' ? number.format(value) : value;
  });
}

/** Creates a group of radio buttons. */
function createChoices<T extends string>(
  name: string,
  title: string,
  onChoose: (value: T) => void,
  options: readonly (readonly [value: T, label: string, image?: Node])[],
): HTMLElement {
  const row = h('div', { class: 'segments', role: 'radiogroup', 'aria-label': title });
  for (const [value, label, image] of options) {
    const input = h('input', { type: 'radio', name, value, class: 'spoken', 'aria-label': label });
    input.addEventListener('change', () => onChoose(value));
    row.append(h('label', {}, input, h('span', { class: 'segment' }, ...(image ? [image] : []), label)));
  }
  return h('section', {}, h('h2', {}, title), row);
}

function createShape(ratio: CropRatio): HTMLElement {
  return h('span', { class: 'shape', 'data-ratio': ratio, 'aria-hidden': 'true' });
}

function createSwatch(color: Color): HTMLElement {
  return h('span', { class: 'swatch', 'data-color': color, 'aria-hidden': 'true' });
}
