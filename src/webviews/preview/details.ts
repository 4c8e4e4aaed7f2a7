import type { PreviewAction, PreviewModel, PreviewStrings } from '../../views/preview/protocol';
import { h, setText } from '../shared/dom';
import { createIcon, setIcon } from '../shared/icons';
import { setLabel } from './buttons';
import { isSame } from './overlay';

const COPIED_MS = 1_500;
/** The buttons beside the video. */
const ACTIONS = [
  'save',
  'saveAs',
  'useTake',
  'again',
  'compare',
  'export',
  'openExternal',
  'reveal',
  'copyPrompt',
] as const;
type DetailsAction = (typeof ACTIONS)[number];

export interface DetailsOptions {
  strings: PreviewStrings;
  runAction: (action: PreviewAction) => void;
  announce: (text: string) => void;
}

/** The area beside the video: buttons, prompt, facts and saved files. */
export class Details {
  readonly element: HTMLElement;
  /** Shown if the browser cannot play the sound. */
  readonly silent: HTMLElement;
  readonly prompt: HTMLElement;
  readonly #options: DetailsOptions;
  readonly #buttons: Record<DetailsAction, HTMLButtonElement>;
  readonly #labels = new Map<DetailsAction, HTMLElement>();
  readonly #actions: HTMLElement;
  readonly #notice = h('p', { id: 'notice', role: 'status' });
  readonly #progress = h('div', {
    id: 'progress',
    role: 'progressbar',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
  });
  readonly #progressText = h('span', { class: 'progressText' });
  readonly #promptBlock: HTMLElement;
  readonly #facts = h('dl', { id: 'facts' });
  readonly #factsBlock: HTMLElement;
  readonly #saved = h('ul', { id: 'saved' });
  readonly #savedBlock: HTMLElement;
  readonly #series: HTMLElement;
  readonly #seriesLabel = h('span', { id: 'seriesLabel' });
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  #drawn: Pick<PreviewModel, 'facts' | 'saved'> | undefined;

  constructor(options: DetailsOptions) {
    this.#options = options;
    const { strings } = options;
    this.#buttons = {
      save: this.#createButton('save'),
      saveAs: this.#createButton('saveAs'),
      useTake: this.#createButton('useTake'),
      again: this.#createButton('again'),
      compare: this.#createButton('compare'),
      export: this.#createButton('export'),
      openExternal: this.#createButton('openExternal'),
      reveal: this.#createButton('reveal'),
      copyPrompt: this.#createButton('copyPrompt'),
    };
    this.#previous = this.#createSeriesButton('previous', '[');
    this.#next = this.#createSeriesButton('next', ']');
    const { save, saveAs, useTake, again, compare, openExternal, reveal, copyPrompt } = this.#buttons;
    this.#actions = h(
      'div',
      { class: 'actions' },
      save,
      saveAs,
      useTake,
      again,
      compare,
      this.#buttons.export,
      openExternal,
    );
    this.silent = h('p', { id: 'silent', class: 'remark' }, strings.silent);
    this.silent.hidden = true;
    this.#progress.append(this.#progressText, h('div', { class: 'track' }, h('div', { class: 'done' })));
    this.prompt = h('p', { id: 'prompt', dir: 'auto', tabindex: '0', 'aria-label': strings.prompt });
    this.#promptBlock = createBlock('block', h('header', {}, h('h2', {}, strings.prompt), copyPrompt), this.prompt);
    this.#factsBlock = createBlock('block', h('header', {}, h('h2', {}, strings.details)), this.#facts);
    this.#savedBlock = createBlock(
      'block savedBlock',
      h('header', {}, h('h2', {}, strings.savedTo)),
      this.#saved,
      reveal,
    );
    this.#series = h(
      'nav',
      { id: 'series', 'aria-label': strings.series },
      this.#previous,
      this.#seriesLabel,
      this.#next,
    );
    this.element = h(
      'aside',
      { class: 'details', 'aria-label': strings.details },
      this.#series,
      this.#notice,
      this.#actions,
      this.#progress,
      this.silent,
      this.#savedBlock,
      this.#promptBlock,
      this.#factsBlock,
    );
  }

  get isEmpty(): boolean {
    return areAllHidden(this.element);
  }

  draw(model: PreviewModel): void {
    this.#drawButtons(model);
    this.#drawSeries(model);
    setText(this.#notice, model.notice ?? '');
    this.#notice.hidden = !model.notice;
    this.#drawProgress(model);
    setText(this.prompt, model.prompt);
    this.#promptBlock.hidden = model.prompt === '';
    if (!isSame(this.#drawn?.facts, model.facts)) {
      this.#facts.replaceChildren(
        ...model.facts.flatMap((fact) => [
          h('dt', {}, fact.name),
          h('dd', { dir: 'auto' }, this.#createFactValue(fact)),
        ]),
      );
    }
    this.#factsBlock.hidden = model.facts.length === 0;
    if (!isSame(this.#drawn?.saved, model.saved)) {
      this.#saved.replaceChildren(
        ...model.saved.map((place) => h('li', { dir: 'auto' }, createIcon('check'), h('span', {}, place))),
      );
    }
    this.#savedBlock.hidden = model.saved.length === 0;
    this.element.hidden = this.isEmpty;
    this.#drawn = model;
  }

  #createButton(action: DetailsAction): HTMLButtonElement {
    const label = h('span', { class: 'label' });
    const button = h(
      'button',
      { id: action, type: 'button', class: action === 'copyPrompt' ? action : `button ${action}` },
      createIcon(action),
      label,
    );
    button.addEventListener('click', () => {
      this.#options.runAction(action);
      if (action === 'copyPrompt') {
        this.#confirmCopy();
      }
    });
    button.hidden = true;
    this.#labels.set(action, label);
    return button;
  }

  #createSeriesButton(action: 'previous' | 'next', key: string): HTMLButtonElement {
    const text = this.#options.strings[action];
    const button = h('button', { id: action, type: 'button', class: 'button' }, h('span', { class: 'label' }, text));
    setLabel(button, text, key);
    button.addEventListener('click', () => this.#options.runAction(action));
    return button;
  }

  #drawSeries({ series }: PreviewModel): void {
    this.#series.hidden = !series;
    setText(this.#seriesLabel, series?.label ?? '');
    this.#previous.disabled = !series?.hasPrevious;
    this.#next.disabled = !series?.hasNext;
  }

  #drawButtons({ buttons }: PreviewModel): void {
    for (const action of ACTIONS) {
      const button = this.#buttons[action];
      const offered = buttons.find((candidate) => candidate.action === action);
      button.hidden = !offered;
      const label = this.#labels.get(action);
      if (offered && label) {
        setText(label, offered.label);
        button.classList.toggle('primary', offered.primary === true);
        if (action === 'copyPrompt') {
          setLabel(button, offered.label);
        }
      }
    }
    this.#actions.hidden = areAllHidden(this.#actions);
  }

  #confirmCopy(): void {
    const { strings, announce } = this.#options;
    setIcon(this.#buttons.copyPrompt, 'check');
    announce(strings.copied);
    setTimeout(() => setIcon(this.#buttons.copyPrompt, 'copyPrompt'), COPIED_MS);
  }

  #drawProgress({ progress: fraction, progressLabel = '' }: PreviewModel): void {
    const progress = this.#progress;
    progress.hidden = fraction === undefined;
    if (fraction !== undefined) {
      setText(this.#progressText, progressLabel);
      progress.setAttribute('aria-label', progressLabel);
      progress.classList.toggle('endless', fraction < 0);
      progress.style.setProperty('--fraction', String(Math.max(0, fraction)));
      if (fraction < 0) {
        progress.removeAttribute('aria-valuenow');
      } else {
        progress.setAttribute('aria-valuenow', String(Math.floor(fraction * 100)));
      }
    }
  }

  #createFactValue({ value, action, picture }: Omit<PreviewModel['facts'][number], 'name'>): Node | string {
    if (picture !== undefined) {
      const image = h('img', { id: 'firstFrame', src: picture, alt: '' });
      return h('span', { class: 'pictured' }, image, this.#createFactValue({ value, action }));
    }
    if (action === undefined) {
      return value;
    }
    const button = h('button', { id: action, type: 'button', class: 'link' }, value);
    button.addEventListener('click', () => this.#options.runAction(action));
    return button;
  }
}

function createBlock(className: string, ...children: Node[]): HTMLElement {
  return h('section', { class: className }, ...children);
}

function areAllHidden(parent: HTMLElement): boolean {
  return [...parent.children].every((child) => child instanceof HTMLElement && child.hidden === true);
}
