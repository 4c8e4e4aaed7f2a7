import type { CompareStrings } from '../../views/compare/protocol';
import { h } from '../shared/dom';

const MIDDLE = 50;
const STEP = 2;
const LARGE_STEP = 10;

/** The divider between two pictures that lie over each other: to its left the first is seen, to its right the second. */
export class Wipe {
  /** Lies over the pictures, and takes the pointer. */
  readonly element: HTMLElement;
  readonly divider = h('div', {
    id: 'divider',
    role: 'slider',
    tabindex: '0',
    'aria-orientation': 'horizontal',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
  });
  readonly #strings: CompareStrings;
  readonly #page: HTMLElement;

  /** @param page receives `--wipe`, the part that is left of the divider */
  constructor(strings: CompareStrings, page: HTMLElement) {
    this.#strings = strings;
    this.#page = page;
    this.element = h('div', { class: 'wipe' }, this.divider);
    this.element.hidden = true;
    this.#set(MIDDLE);
    this.divider.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('pointerdown', (event) => {
      if (event.button === 0) {
        event.preventDefault();
        this.divider.focus();
        this.element.setPointerCapture(event.pointerId);
        this.#follow(event);
      }
    });
    this.element.addEventListener('pointermove', (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) {
        this.#follow(event);
      }
    });
  }

  /** The names of the two pictures, left and right. */
  setNames(left: string, right: string): void {
    this.divider.setAttribute('aria-label', this.#strings.divider.replace('{0}', left).replace('{1}', right));
  }

  #onKey(event: KeyboardEvent): void {
    const value = Number(this.divider.getAttribute('aria-valuenow'));
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const targets: Partial<Record<string, number>> = {
      ArrowLeft: value - step,
      ArrowDown: value - step,
      ArrowRight: value + step,
      ArrowUp: value + step,
      PageDown: value - LARGE_STEP,
      PageUp: value + LARGE_STEP,
      Home: 0,
      End: 100,
    };
    const target = targets[event.key];
    if (target !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      // The same keys seek elsewhere on the page.
      event.stopPropagation();
      this.#set(target);
    }
  }

  #follow({ clientX }: PointerEvent): void {
    const { left, width } = this.element.getBoundingClientRect();
    if (width > 0) {
      this.#set(((clientX - left) / width) * 100);
    }
  }

  #set(percent: number): void {
    const value = Math.round(Math.min(100, Math.max(0, percent)));
    this.divider.setAttribute('aria-valuenow', String(value));
    this.divider.setAttribute('aria-valuetext', this.#strings.dividerValue.replace('{0}', String(value)));
    this.#page.style.setProperty('--wipe', `${value}%`);
  }
}
