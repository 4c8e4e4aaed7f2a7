import { ASPECT_RATIOS, type AspectRatio } from '../../api/aspectRatio';
import type { Choice, ComposerModel, ComposerStrings, FormFrame, FrameAction } from '../../views/composer/protocol';
import { h, setText } from '../shared/dom';

/** The lists of which a choice leads to another model. */
export type ModelList = 'models' | 'resolutions' | 'durations';

/** What was chosen in one of them. */
export interface ModelChoice {
  list: ModelList;
  label: string;
  model: string;
}

export interface ViewOptions {
  strings: ComposerStrings;
  onChooseModel: (choice: ModelChoice) => void;
  onRatio: (ratio: AspectRatio) => void;
  onFrame: (action: FrameAction) => void;
  onFix: (remark: number, fix: number) => void;
}

/** Creates the elements of the page, and draws what differs from what it shows. */
export class ComposerView {
  readonly page: HTMLElement;
  readonly prompt: HTMLTextAreaElement;
  readonly takes: HTMLInputElement;
  readonly generate: HTMLButtonElement;
  readonly topUp: HTMLButtonElement;
  readonly #options: ViewOptions;
  readonly #problem = h('p', { id: 'problem', class: 'problem', role: 'alert' });
  readonly #remarks: HTMLDetailsElement;
  readonly #remarksTitle = h('summary', {});
  readonly #remarkList = h('ul', {});
  readonly #keys: HTMLElement;
  readonly #model: HTMLSelectElement;
  readonly #modelWarning = h('p', { id: 'modelWarning', class: 'warning' });
  readonly #resolutions: Steps;
  readonly #durations: Steps;
  readonly #frame: HTMLElement;
  readonly #priceNote = h('span', { id: 'priceNote', class: 'quiet' });
  readonly #money = h('p', { id: 'money', class: 'quiet' });
  readonly #status = h('p', { id: 'status', role: 'status' });
  #drawn: { remarks?: string; models?: string; frame?: string } = {};

  constructor(options: ViewOptions) {
    const { strings } = (this.#options = options);
    this.prompt = h('textarea', {
      id: 'prompt',
      rows: '3',
      placeholder: strings.placeholder,
      'aria-describedby': 'problem keys',
      dir: 'auto',
    });
    this.prompt.readOnly = true;
    this.#keys = h('span', { id: 'keys', class: 'quiet' }, strings.keys.replace('{0}', GENERATE_KEYS));
    this.#remarks = h('details', { id: 'remarks', hidden: '' }, this.#remarksTitle, this.#remarkList);
    this.#model = h('select', { id: 'model', 'aria-describedby': 'modelWarning' });
    this.#model.addEventListener('change', () => {
      const [option] = this.#model.selectedOptions;
      options.onChooseModel({ list: 'models', label: option?.label ?? '', model: this.#model.value });
    });
    this.#resolutions = new Steps('resolution', strings.resolution, (choice) =>
      options.onChooseModel({ list: 'resolutions', ...choice }),
    );
    this.#durations = new Steps('duration', strings.duration, (choice) =>
      options.onChooseModel({ list: 'durations', ...choice }),
    );
    const ratios = h('div', { class: 'segments' });
    const names: Record<AspectRatio, string> = {
      '16:9': strings.landscape,
      '9:16': strings.portrait,
      '1:1': strings.square,
    };
    for (const ratio of ASPECT_RATIOS) {
      const input = h('input', { type: 'radio', name: 'ratio', value: ratio, class: 'spoken' });
      input.addEventListener('change', () => options.onRatio(ratio));
      ratios.append(
        h(
          'label',
          { title: names[ratio] },
          input,
          h(
            'span',
            { class: 'segment' },
            h('span', { class: 'shape', 'data-ratio': ratio, 'aria-hidden': 'true' }),
            ratio,
          ),
        ),
      );
    }
    this.#frame = h('div', { id: 'frame' });
    this.takes = h('input', { id: 'takes', type: 'number', min: '1', step: '1', value: '1' });
    this.generate = h('button', {
      id: 'generate',
      type: 'button',
      class: 'primary',
      'aria-describedby': 'priceNote money',
    });
    this.topUp = h('button', { id: 'topUp', type: 'button', class: 'link' }, strings.topUp);
    this.page = h(
      'main',
      { id: 'composer', 'data-state': 'loading', 'aria-label': strings.title },
      h('h1', { class: 'spoken' }, strings.title),
      h('div', { class: 'field' }, h('label', { for: 'prompt' }, strings.prompt), this.prompt, this.#problem),
      h('div', { class: 'below' }, this.#remarks, this.#keys),
      h(
        'div',
        { id: 'rest' },
        h('div', { class: 'field' }, h('label', { for: 'model' }, strings.model), this.#model, this.#modelWarning),
        this.#resolutions.element,
        this.#durations.element,
        createGroup(strings.ratio, ratios),
        createGroup(strings.firstFrame, this.#frame),
        h(
          'div',
          { class: 'order' },
          h('div', { class: 'field' }, h('label', { for: 'takes' }, strings.takes), this.takes),
          this.generate,
        ),
        this.#priceNote,
        this.#money,
        this.topUp,
      ),
      this.#status,
    );
  }

  /** Draws a model. What the user is typing is left alone: it belongs to the page. */
  draw(model: ComposerModel): void {
    this.page.dataset['state'] = 'ready';
    this.prompt.readOnly = false;
    this.setProblem(model.promptProblem);
    this.#drawRemarks(model);
    this.#drawModels(model);
    setText(this.#modelWarning, model.modelWarning ?? '');
    this.#resolutions.draw(model.resolutions, model.model);
    this.#durations.draw(model.durations, model.model);
    this.page.querySelectorAll<HTMLInputElement>('input[name="ratio"]').forEach((input) => {
      input.checked = input.value === model.ratio;
    });
    this.#drawFrame(model.frame, model.isAwaitingFrame);
    setText(this.generate, model.generate);
    setText(this.#priceNote, model.priceNote ?? '');
    setText(this.#money, model.money);
    this.#money.classList.toggle('warning', model.isShort);
    this.topUp.hidden = !model.isShort;
    this.setStatus(model.status);
  }

  /** Says why the prompt cannot be sent. */
  setProblem(text: string | undefined): void {
    setText(this.#problem, text ?? '');
    if (text === undefined) {
      this.prompt.removeAttribute('aria-invalid');
    } else {
      this.prompt.setAttribute('aria-invalid', 'true');
    }
  }

  setStatus(text: string): void {
    setText(this.#status, text);
  }

  /** A button that is busy stays in the order of focus: the keyboard is still on it afterwards. */
  setBusy(isBusy: boolean): void {
    this.generate.setAttribute('aria-disabled', String(isBusy));
  }

  #drawRemarks({ remarks }: ComposerModel): void {
    const drawn = JSON.stringify(remarks);
    if (this.#drawn.remarks === drawn) {
      return;
    }
    this.#drawn.remarks = drawn;
    this.#remarks.hidden = remarks === undefined;
    const hadFocus = this.#remarkList.contains(document.activeElement);
    setText(this.#remarksTitle, remarks?.title ?? '');
    this.#remarkList.replaceChildren(
      ...(remarks?.items ?? []).map(({ text, fixes }, remark) =>
        h(
          'li',
          {},
          h('span', { dir: 'auto' }, text),
          ...fixes.map((label, fix) => {
            const button = h('button', { type: 'button', class: 'link' }, label);
            button.addEventListener('click', () => this.#options.onFix(remark, fix));
            return button;
          }),
        ),
      ),
    );
    if (hadFocus) {
      // The button that was pressed is gone; what it has changed is the prompt.
      this.prompt.focus();
    }
  }

  #drawModels({ models, model }: ComposerModel): void {
    const drawn = JSON.stringify(models);
    if (this.#drawn.models !== drawn) {
      this.#drawn.models = drawn;
      const groups = new Map<string, HTMLOptGroupElement>();
      const children: HTMLElement[] = [];
      for (const { label, model: value, group } of models) {
        const option = h('option', { value }, label);
        if (group === undefined) {
          children.push(option);
          continue;
        }
        let parent = groups.get(group);
        if (!parent) {
          parent = h('optgroup', { label: group });
          groups.set(group, parent);
          children.push(parent);
        }
        parent.append(option);
      }
      this.#model.replaceChildren(...children);
    }
    this.#model.value = model;
  }

  #drawFrame(frame: FormFrame | undefined, isAwaiting: boolean): void {
    const drawn = JSON.stringify([frame, isAwaiting]);
    if (this.#drawn.frame === drawn) {
      return;
    }
    this.#drawn.frame = drawn;
    const { strings, onFrame } = this.#options;
    const hadFocus = this.#frame.contains(document.activeElement);
    const button = (action: FrameAction, label: string) => {
      const element = h('button', { type: 'button', id: action }, label);
      element.addEventListener('click', () => onFrame(action));
      return element;
    };
    if (isAwaiting) {
      this.#frame.replaceChildren(
        h('p', {}, strings.awaiting),
        h('div', { class: 'buttons' }, button('cancelVideo', strings.cancel)),
      );
    } else if (frame) {
      this.#frame.replaceChildren(
        h(
          'div',
          { class: 'picture' },
          ...(frame.thumbnail === undefined ? [] : [h('img', { src: frame.thumbnail, alt: '' })]),
          h(
            'div',
            {},
            h('p', { class: 'label', dir: 'auto' }, frame.label),
            ...[frame.size, frame.delivery].map((text) => h('p', { class: 'quiet' }, text ?? '')),
          ),
        ),
        h('p', { class: 'warning' }, frame.warning ?? ''),
        h(
          'div',
          { class: 'buttons' },
          ...(frame.canCrop ? [button('crop', strings.crop)] : []),
          button('change', strings.change),
          button('remove', strings.remove),
        ),
      );
    } else {
      this.#frame.replaceChildren(
        h('div', { class: 'buttons' }, button('choose', strings.choose), button('fromVideo', strings.fromVideo)),
        h('p', { class: 'quiet' }, strings.dropHint),
      );
    }
    if (hadFocus) {
      this.#frame.querySelector('button')?.focus();
    }
  }
}

/** What a browser shows for the keys that order. */
const GENERATE_KEYS = /mac/i.test(navigator.platform) ? '⌘Enter' : 'Ctrl+Enter';

/** A group of choices, each of which leads to another model and says what that costs. Elements are used again: the focus stays. */
class Steps {
  readonly element: HTMLElement;
  readonly #name: string;
  readonly #row = h('div', { class: 'segments' });
  readonly #onChoose: (choice: Omit<ModelChoice, 'list'>) => void;

  constructor(name: string, title: string, onChoose: (choice: Omit<ModelChoice, 'list'>) => void) {
    this.#name = name;
    this.#onChoose = onChoose;
    this.element = createGroup(title, this.#row);
  }

  draw(choices: readonly Choice[], model: string): void {
    this.element.hidden = choices.length === 0;
    const rows = [...this.#row.children];
    rows.slice(choices.length).forEach((row) => row.remove());
    choices.forEach((choice, index) => {
      const row = rows[index] ?? this.#row.appendChild(this.#createRow());
      const input = row.querySelector('input')!;
      input.value = choice.model;
      input.checked = choice.model === model;
      setText(row.querySelector('.name')!, choice.label);
      setText(row.querySelector('.price')!, choice.price);
    });
  }

  #createRow(): HTMLElement {
    const input = h('input', { type: 'radio', name: this.#name, class: 'spoken' });
    const name = h('span', { class: 'name' });
    input.addEventListener('change', () => this.#onChoose({ label: name.textContent, model: input.value }));
    return h('label', {}, input, h('span', { class: 'segment' }, name, ' ', h('span', { class: 'price' })));
  }
}

function createGroup(title: string, ...children: HTMLElement[]): HTMLElement {
  return h('fieldset', { class: 'field' }, h('legend', {}, title), ...children);
}
