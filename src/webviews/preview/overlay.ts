import type { PreviewAction, PreviewButton, PreviewModel } from '../../views/preview/protocol';
import { h, setText } from '../shared/dom';
import { createIcon, type IconName } from '../shared/icons';
import { formatClock } from './time';

const TICK_MS = 250;

const STATE_ICONS: Partial<Record<PreviewModel['state'], IconName>> = {
  held: 'key',
  readonly: 'lock',
  unknown: 'question',
  failed: 'error',
  expired: 'expired',
  codec: 'film',
  gone: 'warning',
  unreachable: 'warning',
  removed: 'film',
};

/** Texts and buttons that are shown instead of the video: the state, its reason, actions, elapsed and remaining time. */
export class Overlay {
  readonly background = h('div', { class: 'aurora', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
  readonly element: HTMLElement;
  readonly #icon = h('div', { class: 'stateIcon', 'aria-hidden': 'true' });
  readonly #elapsed = h('div', { id: 'elapsed', role: 'timer', 'aria-live': 'off' });
  readonly #heading = h('h1', { id: 'heading' });
  readonly #estimate = h('div', {
    id: 'estimate',
    role: 'progressbar',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
  });
  readonly #estimateText = h('span', { class: 'progressText' });
  readonly #lines = h('div', { id: 'lines' });
  readonly #quote = h('blockquote', { id: 'quote', dir: 'auto' });
  readonly #buttons = h('div', { class: 'stageButtons' });
  readonly #runAction: (action: PreviewAction) => void;
  #drawn: Pick<PreviewModel, 'lines' | 'overlayButtons'> | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor(runAction: (action: PreviewAction) => void) {
    this.#runAction = runAction;
    this.#estimate.append(h('div', { class: 'track' }, h('div', { class: 'done' })), this.#estimateText);
    this.element = h(
      'div',
      { class: 'said' },
      h('div', { class: 'ring', 'aria-hidden': 'true' }),
      this.#icon,
      this.#elapsed,
      this.#heading,
      this.#estimate,
      this.#lines,
      this.#quote,
      this.#buttons,
    );
  }

  draw(model: PreviewModel): void {
    const icon = STATE_ICONS[model.state];
    this.#icon.replaceChildren(...(icon ? [createIcon(icon)] : []));
    setText(this.#heading, model.heading);
    this.#heading.hidden = model.heading === '';
    if (!isSame(this.#drawn?.lines, model.lines)) {
      this.#lines.replaceChildren(...model.lines.map((line) => h('p', { dir: 'auto' }, line)));
    }
    setText(this.#quote, model.quote ?? '');
    this.#quote.hidden = !model.quote;
    if (!isSame(this.#drawn?.overlayButtons, model.overlayButtons)) {
      this.#buttons.replaceChildren(...model.overlayButtons.map((button) => this.#createButton(button)));
    }
    this.#buttons.hidden = model.overlayButtons.length === 0;
    this.#drawElapsed(model);
    this.#drawEstimate(model);
    this.#drawn = model;
  }

  #createButton({ action, label, primary }: PreviewButton): HTMLButtonElement {
    const button = h(
      'button',
      { id: `stage-${action}`, type: 'button', class: `button${primary ? ' primary' : ''}` },
      label,
    );
    button.addEventListener('click', () => this.#runAction(action));
    return button;
  }

  /** Continues to count with the monotonic clock of this computer. */
  #drawElapsed({ elapsedMs }: PreviewModel): void {
    this.#elapsed.hidden = elapsedMs === undefined;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    if (elapsedMs !== undefined) {
      const startedAt = performance.now() - elapsedMs;
      const tick = () => setText(this.#elapsed, formatClock((performance.now() - startedAt) / 1000));
      tick();
      this.#ticking = setInterval(tick, TICK_MS);
    }
  }

  #drawEstimate({ estimate }: PreviewModel): void {
    this.#estimate.hidden = estimate === undefined;
    if (estimate) {
      setText(this.#estimateText, estimate.label);
      this.#estimate.setAttribute('aria-valuetext', estimate.label);
      this.#estimate.setAttribute('aria-valuenow', String(Math.round(estimate.fraction * 100)));
      this.#estimate.style.setProperty('--fraction', String(estimate.fraction));
    }
  }
}

/** Whether two parts of models are equal, so that they need not be drawn again. */
export function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
