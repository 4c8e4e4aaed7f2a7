/**
 * The webview that compares takes. Draws the model that the host sends (`CompareModel`), plays the videos in step, and
 * sends the actions of the user to the host. Text is only set as `textContent`.
 *
 * Tests find elements by these ids, so they must not change:
 *
 *     #state[data-state]     loading ready over;  data-count: how many takes there are;  class `wiped`
 *     #take-ID               a take, with its <video>;  #name-ID  its name
 *     #sound-ID #use-ID #save-ID #again-ID #remove-ID #reload-ID #openExternal-ID    its buttons
 *     #preview-ID            of the one that is left
 *     #heading #lines        what is said in place of the takes
 *     #divider               between two pictures that lie over each other
 *     #play #stepBack #stepForward #timeline #time #speed #loop #wipe #help #keys
 *     #differences           what differs, with <ins> and <del>
 */
import {
  parseCompareModel,
  parseHostMessage,
  type CompareModel,
  type CompareStrings,
  type HostMessage,
  type TakeAction,
  type WebviewMessage,
} from '../../views/compare/protocol';
import { getShortcutKey, type ShortcutKey } from '../preview/shortcuts';
import { h, setText } from '../shared/dom';
import { connectToHost, readPageData } from '../shared/messages';
import { CompareControls } from './controls';
import { Differences } from './differences';
import { InStep } from './inStep';
import { TakeView } from './takeView';
import { Wipe } from './wipe';

const host = connectToHost<WebviewMessage, HostMessage>(parseHostMessage, onMessage);
const strings = readPageData('strings') as CompareStrings;
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

let shown: CompareModel | undefined;
let views: TakeView[] = [];
/** The take whose sound is heard. */
let audible: TakeView | undefined;
/** They began to play, or the user asked for something else before they could. */
let hasStarted = reducedMotion.matches;
let isWiped = false;

const page = h('main', { id: 'state', 'data-state': 'loading' });
/** For those who listen: what this page is about. Its words are in the tab, too. */
const title = h('h1', { class: 'spoken' });
const spoken = h('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
const announce = (text: string) => setText(spoken, text);

const player = new InStep({
  onDidChange: () => controls.draw(),
  onSoundRefused: () => setAudible(undefined),
  requestFrame: (callback) => void requestAnimationFrame(callback),
  now: () => performance.now(),
});
const controls = new CompareControls({ strings, player, announce, onWipe: () => setWiped(!isWiped) });
const wipe = new Wipe(strings, page);
const takes = h('div', { class: 'takes' }, wipe.element);
const silent = h('p', { id: 'silent', class: 'remark' }, strings.silent);
const heading = h('h2', { id: 'heading' });
const lines = h('div', { id: 'lines' });
const left = h('div', { id: 'left' });
const over = h('section', { class: 'over' }, heading, lines, left);
const stage = h('section', { class: 'stage' }, takes, silent, controls.element, controls.keys);
const differences = new Differences(strings);
page.append(title, over, stage, differences.element, spoken);
document.body.append(page);
silent.hidden = true;

handleKeys();
const first = parseCompareModel(readPageData('model'));
// A page that is shown again contains an outdated model: wait for a new one.
if (first && !host.getState()) {
  draw(first);
}
host.postMessage({ type: 'ready' });

function onMessage(message: HostMessage): void {
  if (message.type === 'model') {
    draw(message.model);
  } else {
    const view = views.find(({ id }) => id === message.id);
    if (view) {
      if (message.type === 'frames') {
        player.setFrameTimes(view.video, message.times);
      } else {
        view.receiveSound(message.url);
        drawSound();
      }
    }
  }
}

function draw(model: CompareModel): void {
  const before = shown;
  shown = model;
  page.dataset['state'] = model.state;
  page.dataset['count'] = String(model.takes.length);
  document.title = model.title;
  setText(title, model.title);
  if (model.takes.length > 0) {
    host.setState({ ids: model.takes.map(({ id }) => id) });
  }
  drawOver(model);
  drawTakes(model);
  differences.draw(model);
  stage.hidden = model.state !== 'ready';
  if (before?.state !== model.state) {
    announce([model.heading, ...model.lines].join(' ') || model.title);
  } else if (before.takes.length !== model.takes.length) {
    announce(model.takes.map(({ name }) => name).join(', '));
  }
}

/** What is said when there is nothing to compare. */
function drawOver(model: CompareModel): void {
  over.hidden = model.state === 'ready';
  setText(heading, model.heading);
  lines.replaceChildren(...model.lines.map((line) => h('p', {}, line)));
  const buttons = model.state === 'over' ? model.takes : [];
  left.replaceChildren(
    ...buttons.flatMap((take) =>
      take.buttons.map(({ action, label }) => {
        const button = h('button', { id: `${action}-${take.id}`, type: 'button', class: 'button primary' }, label);
        button.addEventListener('click', () => runAction(take.id, action));
        return button;
      }),
    ),
  );
}

function drawTakes(model: CompareModel): void {
  const wanted = model.state === 'ready' ? model.takes : [];
  const kept = wanted.map((take) => {
    const view = views.find(({ id }) => id === take.id);
    view?.draw(take);
    return view ?? createView(take);
  });
  views.filter((view) => !kept.includes(view)).forEach((view) => view.dispose());
  const isOther = kept.length !== views.length || kept.some((view, index) => view !== views[index]);
  views = kept;
  if (isOther) {
    // Moved or taken out of the page, a video would stop: those that stay are left where they are.
    views.filter(({ element }) => !element.isConnected).forEach(({ element }) => takes.append(element));
  }
  drawSound();
  setWiped(isWiped);
  playLoaded();
}

function createView(take: CompareModel['takes'][number]): TakeView {
  const view: TakeView = new TakeView(take, {
    strings,
    onAction: (action) => runAction(take.id, action),
    onError: (code) => host.postMessage({ type: 'videoError', id: take.id, code: code as 0 | 1 | 2 | 3 | 4 | 5 }),
    onDidChange: () => playLoaded(),
    onSound: () => setAudible(audible === view ? undefined : view),
    onSoundNeeded: () => host.postMessage({ type: 'soundNeeded', id: take.id }),
    onSoundRefused: () => setAudible(undefined),
    onPress: () => player.togglePlay(),
  });
  view.isAudible = false;
  return view;
}

function runAction(id: string, action: TakeAction): void {
  host.postMessage({ type: 'action', id, action });
}

/** Lets those play together that have a picture; at first only when all have one, or none will. */
function playLoaded(): void {
  if (hasStarted || views.every(({ isLoading }) => !isLoading)) {
    const loaded = views.filter(({ isLoaded }) => isLoaded);
    player.setVideos(loaded.map(({ video }) => video));
    if (!hasStarted && loaded.length > 0) {
      hasStarted = true;
      player.play();
    }
    controls.draw();
  }
  page.style.setProperty('--first-ratio', String(views[0]?.ratio ?? 16 / 9));
}

/** What cannot be heard is not chosen, and it is said once why. */
function drawSound(): void {
  if (audible && !(views.includes(audible) && audible.hasSound)) {
    setAudible(undefined);
  }
  const isSilenced = views.some((view) => view.isSilenced);
  if (isSilenced && silent.hidden) {
    announce(strings.silent);
  }
  silent.hidden = !isSilenced;
}

/** One at a time is heard, or none. */
function setAudible(view: TakeView | undefined): void {
  audible = view?.hasSound ? view : undefined;
  player.audible = audible?.video;
  views.forEach((other) => {
    other.isAudible = other === audible;
  });
  announce(audible ? `${strings.soundOf}: ${audible.name}` : strings.soundOff);
}

/** Lays one picture over the other, or side by side. Only two can lie over each other. */
function setWiped(isOn: boolean): void {
  const [one, other] = views;
  const isOffered = views.length === 2 && one !== undefined && other !== undefined;
  isWiped = isOn && isOffered;
  page.classList.toggle('wiped', isWiped);
  wipe.element.hidden = !isWiped;
  if (isOffered) {
    wipe.setNames(one.name, other.name);
  }
  controls.setWipe({ isOffered, isOn: isWiped });
}

/** Keys for all takes, unless the focused element handles the key itself. */
function handleKeys(): void {
  const handlers: Partial<Record<ShortcutKey, () => void>> = {
    ' ': () => player.togglePlay(),
    k: () => player.togglePlay(),
    ArrowLeft: () => player.jump(-1),
    ArrowRight: () => player.jump(1),
    ',': () => player.step(-1),
    '.': () => player.step(1),
    '<': () => controls.changeRate(-1),
    '>': () => controls.changeRate(1),
    Home: () => player.seek(0),
    End: () => player.seek(player.length),
    l: () => player.toggleLoop(),
    m: () => setAudible(undefined),
    '?': () => controls.toggleKeys(),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || shown?.state !== 'ready') {
      return;
    }
    const { target } = event;
    if (event.key === 'Escape' && !controls.keys.hidden) {
      controls.toggleKeys();
      return;
    }
    const key = getShortcutKey(event);
    const isTargetsOwn = target === controls.speed || (key === ' ' && target instanceof HTMLButtonElement);
    const handler = isTargetsOwn ? undefined : ((key && handlers[key]) ?? getOwnHandler(event));
    if (handler) {
      handler();
      event.preventDefault();
    }
  });
}

/** By the place of the key, for layouts with other letters. */
function getOwnHandler({ code }: KeyboardEvent): (() => void) | undefined {
  if (code === 'KeyW') {
    return () => {
      setWiped(!isWiped);
      if (isWiped) {
        wipe.divider.focus();
      }
    };
  }
  const view = views[Number(/^(?:Digit|Numpad)([1-4])$/.exec(code)?.[1]) - 1];
  return view?.hasSound ? () => setAudible(view) : undefined;
}
