/**
 * The webview of the gallery. The host tells the tasks once and then what changes; searching, filtering, sorting and
 * drawing what is in sight happen here. Text is only set as `textContent`.
 *
 * Tests find elements by these ids, so they must not change:
 *
 *     #state[data-state]    loading empty nothing ready
 *     #grid #tile-ID        .tile[data-id][data-state][aria-selected];  .tile .prompt;  .tile img;  .tile video
 *     #scroller             scrolls
 *     #search #showFilters #filters #state-filter #model #ratio #saved #minPrice #maxPrice #clear #sort #group
 *     #found                how many there are;  #selectAll #saveAll #cleanUp
 *     #selection            what can be done with the selected:  #selected #save #compare #exportGif #remove #deselect
 */
import {
  createViewSettings,
  MAX_MEDIA_IDS,
  MAX_REMEMBERED_IDS,
  parseFirstTiles,
  parseHostMessage,
  parseSavedState,
  type GalleryAction,
  type GalleryStrings,
  type HostMessage,
  type Media,
  type Tile,
  type ViewSettings,
  type WebviewMessage,
} from '../../views/gallery/protocol';
import { h, setText } from '../shared/dom';
import { answerFrameRequests } from '../shared/lastFrame';
import { connectToHost, readPageData } from '../shared/messages';
import { arrange, isFiltered, prepareSearch } from './arrange';
import { Grid, type Top } from './grid';
import type { Move } from './layout';
import { MediaCache } from './mediaCache';
import { Player } from './player';
import { PosterQueue } from './posterQueue';
import { Selection } from './selection';
import type { TileView } from './tileView';
import { createButton, Toolbar } from './toolbar';
import { formatHeading, formatNumber, getMenuWords } from './words';

/** Who types hears the number when they pause. */
const SAY_AFTER_MS = 500;
const REMEMBER_AFTER_MS = 200;

const host = connectToHost<WebviewMessage, HostMessage>(parseHostMessage, onMessage);
const strings = readPageData('strings') as GalleryStrings;
const { lang } = document.documentElement;
const remembered = parseSavedState(host.getState());

let settings: ViewSettings = remembered?.settings ?? createViewSettings();
let isFiltering = remembered?.isFiltering ?? false;
/** Where to scroll to, and what is selected, once all tiles are there. */
let toRestore = remembered;
/** By id; newest first. */
let all = new Map<string, Tile>();
let isComplete = false;
let today = '';
/** The tile that the pointer is on. */
let hovered: TileView | undefined;
let isShowingDue = false;
let saying: ReturnType<typeof setTimeout> | undefined;
let remembering: ReturnType<typeof setTimeout> | undefined;

const selection = new Selection(remembered?.selected);
const media = new MediaCache((ids) => {
  for (let at = 0; at < ids.length; at += MAX_MEDIA_IDS) {
    host.postMessage({ type: 'look', ids: ids.slice(at, at + MAX_MEDIA_IDS) });
  }
});
const posters = new PosterQueue({
  isInSight: (id) => grid.isDrawn(id),
  onDrawn: (id, bytes) => host.postMessage({ type: 'poster', id, bytes }),
});
const player = new Player();
const grid: Grid = new Grid({
  strings,
  selection,
  getMedia: (tile) => media.get(tile),
  formatHeading: ({ key, count }) =>
    settings.group === 'none'
      ? ''
      : formatHeading({ key, count, title: getChainTitle(key) }, settings.group, { strings, today, lang }),
  onScroll: () => {
    // Another tile may be under the pointer now: it tells when it moves.
    hovered = undefined;
    playActive();
    rememberSoon();
  },
});
const toolbar = new Toolbar({
  strings,
  settings,
  isFiltering,
  onChange: (changed) => {
    settings = changed;
    show('begin');
    saySoon();
  },
  onShowFilters: (isShown) => {
    isFiltering = isShown;
    rememberSoon();
  },
});

const found = h('p', { id: 'found' });
const spoken = h('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
const nothing = h('p', {}, strings.nothing);
const showAll = createButton('showAll', 'close', strings.clear, () => {
  toolbar.clear();
  toolbar.search.focus();
});
const empty = h('div', { class: 'message' });
const selected = h('p', { id: 'selected' });
const selectionBar = h(
  'div',
  { id: 'selection', role: 'group', 'aria-label': strings.selection },
  selected,
  h(
    'div',
    { class: 'buttons' },
    createButton('save', 'save', strings.save, () => run('save', getSelected())),
    createButton('compare', 'compare', strings.compare, () => run('compare', getSelected())),
    createButton('exportGif', 'film', strings.exportGif, () => run('exportGif', getSelected())),
    createButton('remove', 'remove', strings.remove, () => run('remove', getSelected())),
    createButton('deselect', 'close', strings.deselect, () => {
      deselect();
      focusGrid();
    }),
  ),
);
const page = h(
  'main',
  { id: 'state', 'data-state': 'loading' },
  h('h1', { class: 'spoken' }, strings.title),
  toolbar.element,
  h(
    'div',
    { class: 'summary' },
    found,
    h(
      'div',
      { class: 'buttons' },
      createButton('selectAll', 'selectAll', strings.selectAll, () => selectAll()),
      createButton('saveAll', 'saveAll', strings.saveAll, () => run('saveAll', getUnsaved())),
      createButton('cleanUp', 'cleanUp', strings.cleanUp, () => run('cleanUp', [])),
    ),
  ),
  empty,
  grid.scroller,
  selectionBar,
  spoken,
  h('p', { id: 'keys', class: 'spoken' }, strings.keys),
);
document.body.append(page);

const first = parseFirstTiles(readPageData('first'));
// A page that is shown again contains outdated tiles: wait for new ones.
if (first && !remembered) {
  today = first.today;
  first.tiles.forEach((tile) => all.set(tile.id, tile));
  first.media.forEach((one) => media.set(one, all.get(one.id)?.copyAt));
  show('begin');
  setText(found, strings.found.replace('{0}', formatNumber(first.total, lang)));
  first.media.forEach(queuePoster);
} else {
  draw();
}
answerFrameRequests(host);
host.postMessage({ type: 'ready' });

function onMessage(message: HostMessage): void {
  switch (message.type) {
    case 'tiles': {
      if (message.isFirst) {
        all = new Map();
      }
      isComplete = message.isLast;
      prepareSearch(message.tiles);
      message.tiles.forEach((tile) => all.set(tile.id, tile));
      if (message.isLast) {
        restore();
      } else if (!toRestore?.top) {
        // Else the page would show the beginning, and then jump.
        showSoon();
      }
      break;
    }
    case 'changes':
      change(message.tiles, message.removed);
      break;
    case 'media':
      message.media.forEach((one) => {
        media.set(one);
        grid.viewOf(one.id)?.drawMedia(one);
        queuePoster(one);
      });
      playActive();
      break;
    case 'today':
      today = message.today;
      showSoon();
      break;
  }
}

function change(tiles: readonly Tile[], removed: readonly string[]): void {
  removed.forEach((id) => all.delete(id));
  const fresh = tiles.filter(({ id }) => !all.has(id));
  tiles.forEach((tile) => all.set(tile.id, tile));
  if (fresh.length > 0) {
    all = new Map([...all.entries()].sort(([a], [b]) => (a < b ? 1 : -1)));
  }
  selection.keepOnly((id) => all.has(id));
  show();
  focusIfNone();
}

/** Once all tiles are there: as it was when the page was hidden or loaded again. */
function restore(): void {
  const saved = toRestore;
  toRestore = undefined;
  show(saved ? (saved.top ?? 'begin') : undefined);
  if (saved?.active !== undefined && grid.layout.indexes.has(saved.active)) {
    grid.activate(saved.active, { focus: false });
  }
  focusIfNone();
}

/** Parts come faster than frames. */
function showSoon(): void {
  if (!isShowingDue) {
    isShowingDue = true;
    requestAnimationFrame(() => {
      if (isShowingDue) {
        show();
      }
    });
  }
}

/** Arranges the tiles by the settings, and draws those in sight. */
function show(top?: Top | 'begin'): void {
  isShowingDue = false;
  const arrangement = arrange([...all.values()], settings);
  if (isComplete && !toRestore) {
    // What is not seen is not acted on.
    const shown = new Set(arrangement.tiles.map(({ id }) => id));
    selection.keepOnly((id) => shown.has(id));
  }
  toolbar.offer([...all.values()], settings);
  page.dataset['state'] =
    arrangement.tiles.length > 0 ? 'ready' : !isComplete ? 'loading' : all.size === 0 ? 'empty' : 'nothing';
  page.setAttribute('aria-busy', String(!isComplete));
  // Before the grid measures how much room it has.
  draw();
  grid.show(arrangement, settings.group !== 'none', top === undefined ? {} : { top });
  drawSelection();
  playActive();
  rememberSoon();
}

function draw(): void {
  const state = page.dataset['state'];
  grid.scroller.hidden = state !== 'ready';
  empty.hidden = state === 'ready';
  if (state === 'loading') {
    empty.replaceChildren(h('p', {}, strings.loading));
  } else if (state === 'empty') {
    empty.replaceChildren(h('h2', {}, strings.none), h('p', {}, strings.noneHint));
  } else if (state === 'nothing') {
    empty.replaceChildren(nothing, showAll);
  }
  selectionBar.hidden = selection.size === 0;
}

function getFoundText(): string {
  const number = (value: number) => formatNumber(value, lang);
  return isFiltered(settings)
    ? strings.foundOf.replace('{0}', number(grid.layout.tiles.length)).replace('{1}', number(all.size))
    : strings.found.replace('{0}', number(all.size));
}

/** What depends on how many are found and selected. */
function drawSelection(): void {
  if (isComplete) {
    setText(found, getFoundText());
  }
  setText(selected, strings.selected.replace('{0}', formatNumber(selection.size, lang)));
  selectionBar.hidden = selection.size === 0;
  const disable = (id: string, isDisabled: boolean) => {
    const button = document.getElementById(id) as HTMLButtonElement;
    if (button.disabled !== isDisabled) {
      button.disabled = isDisabled;
    }
  };
  const { tiles } = grid.layout;
  disable('selectAll', tiles.length === 0);
  disable('saveAll', !tiles.some(isUnsaved));
  const finished = getSelected().filter((id) => all.get(id)?.state === 'done').length;
  disable('save', finished === 0);
  disable('compare', finished < 2);
  // A range of one video is chosen.
  disable('exportGif', finished !== 1 || selection.size !== 1);
}

function saySoon(): void {
  clearTimeout(saying);
  saying = setTimeout(
    () => setText(spoken, grid.layout.tiles.length === 0 && all.size > 0 ? strings.nothing : getFoundText()),
    SAY_AFTER_MS,
  );
}

function selectionChanged(): void {
  grid.draw();
  drawSelection();
  clearTimeout(saying);
  setText(spoken, strings.selected.replace('{0}', formatNumber(selection.size, lang)));
  rememberSoon();
}

function getSelected(): string[] {
  return selection.inOrder(grid.layout.tiles);
}

function isUnsaved({ state, saved }: Tile): boolean {
  return state === 'done' && !saved;
}

function getUnsaved(): string[] {
  return grid.layout.tiles.filter(isUnsaved).map(({ id }) => id);
}

function selectAll(): void {
  selection.selectAll(grid.layout.tiles);
  selectionChanged();
}

function deselect(): void {
  selection.clear();
  selectionChanged();
}

function run(action: GalleryAction, ids: string[]): void {
  if (remembering !== undefined) {
    remember();
  }
  host.postMessage({ type: 'action', action, ids });
}

/** What a key or a click on a tile is for: all selected, if it is one of them. */
function getSubjects(id: string): string[] {
  return selection.has(id) ? [id, ...getSelected().filter((other) => other !== id)] : [id];
}

function getChainTitle(chain: string): string | undefined {
  const tile = all.get(chain) ?? grid.layout.tiles.find((candidate) => candidate.chain === chain);
  return tile && (tile.prompt || tile.name || '').replace(/\s+/g, ' ').trim().slice(0, 120);
}

function queuePoster({ id, poster, video }: Media): void {
  if (poster === undefined && video !== undefined) {
    posters.add(id, video);
  }
}

function rememberSoon(): void {
  remembering ??= setTimeout(remember, REMEMBER_AFTER_MS);
}

function remember(): void {
  clearTimeout(remembering);
  remembering = undefined;
  // Until all tiles are there, the place is not known.
  if (isComplete && !toRestore) {
    host.setState({
      settings,
      isFiltering,
      top: grid.top,
      active: grid.active,
      selected: getSelected().slice(0, MAX_REMEMBERED_IDS),
    });
  }
}

/** Something else is about to be shown, and a page that is hidden does not live on. */
window.addEventListener('blur', () => {
  if (remembering !== undefined) {
    remember();
  }
});

// --- the pointer

/** Plays what the pointer is on, or else what the keyboard is on. */
function playActive(): void {
  const focused = grid.tileOf(document.activeElement);
  const view = [hovered, focused?.element.matches(':focus-visible') ? focused : undefined].find(
    (candidate) => candidate && isInSight(candidate.picture),
  );
  const url = view?.tile && media.get(view.tile)?.video;
  if (view && url !== undefined) {
    player.start(view.picture, url);
  } else {
    player.stop();
  }
}

function isInSight(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  const seen = grid.scroller.getBoundingClientRect();
  return element.isConnected && bottom > seen.top && top < seen.bottom;
}

function hover(event: PointerEvent): void {
  const view = event.pointerType === 'touch' ? undefined : grid.tileOf(event.target);
  if (view !== hovered) {
    hovered = view;
    playActive();
  }
}

grid.element.addEventListener('pointerover', hover);
grid.element.addEventListener('pointerleave', () => {
  hovered = undefined;
  playActive();
});
grid.element.addEventListener('pointermove', (event) => {
  hover(event);
  if (hovered && player.place === hovered.picture && event.movementX !== 0) {
    const { left, width } = hovered.picture.getBoundingClientRect();
    player.scrub((event.clientX - left) / width);
  }
});
grid.element.addEventListener('focusin', (event) => {
  const id = grid.tileOf(event.target)?.tile?.id;
  if (id !== undefined && id !== grid.active) {
    grid.activate(id, { focus: false });
  }
  playActive();
});
grid.element.addEventListener('focusout', () => playActive());

grid.element.addEventListener('click', (event) => {
  const view = grid.tileOf(event.target);
  const id = view?.tile?.id;
  if (!view || id === undefined) {
    return;
  }
  const from = grid.active ?? id;
  grid.activate(id, { focus: true });
  if (event.shiftKey) {
    selection.extend(id, grid.layout.tiles, grid.layout.indexes, from);
    selectionChanged();
  } else if (event.ctrlKey || event.metaKey || view.check.contains(event.target as Node)) {
    selection.toggle(id);
    selectionChanged();
  } else {
    run('preview', [id]);
  }
});

/** VS Code shows its own menu, with what package.json offers for this (`webview/context`). */
grid.element.addEventListener(
  'contextmenu',
  (event) => {
    const view = grid.tileOf(event.target);
    if (view?.tile) {
      view.element.dataset['vscodeContext'] = JSON.stringify({
        webviewSection: 'tile',
        preventDefaultContextMenuItems: true,
        seedanceTile: getMenuWords(view.tile),
        id: view.tile.id,
        ids: getSubjects(view.tile.id),
      });
    }
  },
  { capture: true },
);

// --- the keyboard

const MOVES: Readonly<Record<string, Move>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'rowStart',
  End: 'rowEnd',
  PageUp: 'pageUp',
  PageDown: 'pageDown',
};

/** Whether a key means this letter, also in a layout of another alphabet: К in Russian. */
function isLetter({ key, code }: KeyboardEvent, letter: 'a' | 'f' | 'k'): boolean {
  return key.toLowerCase() === letter || (!/^[a-z]$/i.test(key) && code === `Key${letter.toUpperCase()}`);
}

function getMove({ key, ctrlKey, metaKey }: KeyboardEvent): Move | undefined {
  if (ctrlKey || metaKey) {
    return key === 'Home' ? 'first' : key === 'End' ? 'last' : undefined;
  }
  return MOVES[key];
}

grid.element.addEventListener('keydown', (event) => {
  const id = grid.tileOf(event.target)?.tile?.id;
  if (id === undefined || event.altKey || event.isComposing) {
    return;
  }
  if (handleTileKey(event, id)) {
    event.preventDefault();
    event.stopPropagation();
  }
});

function handleTileKey(event: KeyboardEvent, id: string): boolean {
  const { key, shiftKey } = event;
  const how = getMove(event);
  if (how !== undefined) {
    const target = grid.find(how);
    if (target !== undefined) {
      grid.activate(target, { focus: true });
      if (shiftKey) {
        selection.extend(target, grid.layout.tiles, grid.layout.indexes, id);
        selectionChanged();
      } else {
        selection.setAnchor(target);
      }
      rememberSoon();
    }
    return true;
  }
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && isLetter(event, 'a')) {
    selectAll();
  } else if (key === ' ') {
    selection.toggle(id);
    selectionChanged();
  } else if (key === 'Enter') {
    run('preview', getSubjects(id));
  } else if (key === 'Escape' && selection.size > 0) {
    deselect();
  } else if (key === 'Delete' || (key === 'Backspace' && event.metaKey)) {
    run('remove', getSubjects(id));
  } else if (!isCommand && isLetter(event, 'k')) {
    player.toggle();
  } else if ((key === ',' || key === '.') && !isCommand) {
    player.step(key === ',' ? -1 : 1);
  } else {
    return false;
  }
  return true;
}

function focusGrid(): void {
  if (grid.active !== undefined) {
    grid.activate(grid.active, { focus: true });
  }
}

/** The page has the focus and nothing in it does: after it was opened, or came back. */
function focusIfNone(): void {
  if (document.hasFocus() && (document.activeElement === null || document.activeElement === document.body)) {
    // Where one was looking stays in sight.
    grid.focus();
  }
}
window.addEventListener('focus', () => {
  focusIfNone();
  // The document may have the focus only a moment after its window.
  requestAnimationFrame(focusIfNone);
});

document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  const isFind = (event.ctrlKey || event.metaKey) && isLetter(event, 'f');
  if (isFind || (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey)) {
    toolbar.search.focus();
    toolbar.search.select();
    event.preventDefault();
  }
});

toolbar.search.addEventListener('keydown', (event) => {
  if (event.isComposing) {
    return;
  }
  if (event.key === 'Escape' && toolbar.search.value !== '') {
    toolbar.search.value = '';
    toolbar.search.dispatchEvent(new Event('input'));
    event.preventDefault();
  } else if (event.key === 'ArrowDown' || event.key === 'Enter' || event.key === 'Escape') {
    focusGrid();
    event.preventDefault();
  }
});
