/**
 * The page of the view "Create". Shows the form that the host sends, and tells the host what the user types and chooses. Text
 * is only set as `textContent`.
 *
 * Tests find elements by these ids and names, so they must not change:
 *
 *     #composer[data-state]   loading ready
 *     #prompt #model #takes   the fields;  input[name=resolution], [name=duration], [name=ratio]
 *     #remarks                with a button for each fix
 *     #choose #fromVideo #cancelVideo #crop #change #remove   of the first frame, in #frame
 *     #generate #topUp #money #priceNote #problem #status
 */
import { MAX_READ_CHARS } from '../../tasks/model/prompt';
import {
  MAX_TAKES,
  parseHostMessage,
  parseSavedForm,
  type ComposerModel,
  type ComposerStrings,
  type Form,
  type HostMessage,
  type WebviewMessage,
} from '../../views/composer/protocol';
import { answerFrameRequests } from '../shared/lastFrame';
import { connectToHost, readPageData } from '../shared/messages';
import { acceptImages, drawThumbnail } from './imageInput';
import { ComposerView, type ModelChoice } from './view';

/** Longer than a double click: who presses again after that means it. */
const PRESS_GAP_MS = 1_000;

const host = connectToHost<WebviewMessage, HostMessage>(parseHostMessage, onMessage);
const strings = readPageData('strings') as ComposerStrings;
const saved = parseSavedForm(host.getState());

/** What the user has typed and chosen, and how often it has changed. */
let form: Form | undefined = saved?.form;
let revision = saved?.revision ?? 0;
/** What is shown. */
let model: ComposerModel | undefined;
/** The press that is being dealt with. */
let order: string | undefined;
let pressedAt = -Infinity;
/** Whether something was typed or chosen since: then the next press means that. */
let isEdited = false;
/** Chosen while what is shown was about an earlier choice: the same label leads to another model by then. */
let early: ModelChoice | undefined;

const view = new ComposerView({
  strings,
  onChooseModel: chooseModel,
  onRatio: (ratio) => edit({ aspectRatio: ratio }),
  onFrame: (action) => host.postMessage({ type: 'frame', action }),
  onFix: (remark, fix) => host.postMessage({ type: 'fix', revision, remark, fix }),
});
view.takes.max = String(MAX_TAKES);
view.prompt.value = form?.prompt ?? '';
document.body.append(view.page);

view.prompt.addEventListener('input', () => {
  const { value } = view.prompt;
  if (value.length > MAX_READ_CHARS) {
    view.setProblem(strings.tooLong);
  } else {
    edit({ prompt: value });
  }
});
view.takes.addEventListener('input', () => {
  const takes = Number(view.takes.value);
  if (Number.isInteger(takes) && takes >= 1 && takes <= MAX_TAKES) {
    edit({ takes });
  }
});
// What is no number of takes is not kept.
view.takes.addEventListener('change', () => {
  view.takes.value = String(form?.takes ?? 1);
});
view.generate.addEventListener('click', (event) => generate(event));
view.topUp.addEventListener('click', () => host.postMessage({ type: 'topUp' }));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    // The workbench has keys of its own, and this one means the form.
    event.stopPropagation();
    if (!event.repeat) {
      generate(event);
    }
  }
});
acceptImages({ host, onTooLarge: () => view.setStatus(strings.imageTooLarge) });
answerFrameRequests(host);
host.postMessage({ type: 'ready', saved });

function onMessage(message: HostMessage): void {
  switch (message.type) {
    case 'model':
      show(message.model);
      if (message.focus) {
        view.prompt.focus();
      }
      break;
    case 'draw': {
      const { key, bytes } = message;
      void drawThumbnail(new Blob([bytes])).then((thumbnail) => {
        if (thumbnail !== undefined) {
          host.postMessage({ type: 'thumbnail', key, thumbnail });
        }
      });
      break;
    }
  }
}

function show(next: ComposerModel): void {
  if (model && next.revision < revision) {
    // The answer to what has been typed or chosen since is on its way.
    return;
  }
  const isOther = !model || next.revision > revision;
  model = next;
  revision = next.revision;
  const { prompt, takes } = next;
  form = { prompt, takes, model: next.model, ...(next.isRatioChosen ? { aspectRatio: next.ratio } : {}) };
  if (isOther) {
    if (view.prompt.value !== prompt) {
      view.prompt.value = prompt;
    }
    view.takes.value = String(takes);
    save();
  }
  if (order !== undefined && next.settledOrder === order) {
    order = undefined;
    if (next.promptProblem !== undefined) {
      view.prompt.focus();
    }
  }
  view.draw(next);
  const chosen = early && next[early.list].find(({ label }) => label === early?.label);
  early = undefined;
  if (chosen) {
    edit({ model: chosen.model });
  }
  view.setBusy(order !== undefined || next.isBusy);
}

function chooseModel(choice: ModelChoice): void {
  if (model?.revision === revision) {
    edit({ model: choice.model });
  } else {
    early = choice;
  }
}

function edit(changes: Partial<Form>): void {
  if (!form) {
    return;
  }
  form = { ...form, ...changes };
  isEdited = true;
  revision++;
  save();
  host.postMessage({ type: 'edit', revision, form });
}

function save(): void {
  host.setState({ revision, form });
}

function generate({ timeStamp }: Event): void {
  const isSecond = !isEdited && timeStamp - pressedAt < PRESS_GAP_MS;
  if (!form || !model || early !== undefined || order !== undefined || model.isBusy || isSecond) {
    return;
  }
  if (view.prompt.value.length > MAX_READ_CHARS) {
    view.setProblem(strings.tooLong);
    view.prompt.focus();
    return;
  }
  pressedAt = timeStamp;
  isEdited = false;
  order = crypto.randomUUID();
  view.setBusy(true);
  // A price that is not drawn yet was not seen.
  const isShown = model.model === form.model && model.takes === form.takes;
  host.postMessage({
    type: 'generate',
    order,
    revision,
    form,
    ...(isShown ? { price: model.price } : {}),
    frame: model.frame?.key,
  });
}
