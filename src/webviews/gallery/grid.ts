import type { GalleryStrings, Media, Tile } from '../../views/gallery/protocol';
import { h, setText } from '../shared/dom';
import type { Arrangement } from './arrange';
import { createLayout, findRowAt, findRowOf, GAP_PX, move, type Layout, type Move } from './layout';
import type { Selection } from './selection';
import { TileView } from './tileView';

/** Above and below what is seen, so that a turn of the wheel shows no empty row. */
const OVERSCAN_PX = 300;
const PADDING_PX = 16;
/** Without another leap for this time, what is seen is looked at. */
const SETTLE_MS = 100;

export interface GridOptions {
  strings: GalleryStrings;
  selection: Selection;
  getMedia: (tile: Tile) => Media | undefined;
  formatHeading: (heading: { key: string; count: number }) => string;
  onScroll: () => void;
}

/** The tile at the top of what is seen, and how many pixels of its row are above. */
export interface Top {
  id: string;
  offset: number;
}

interface RowView {
  element: HTMLElement;
  /** What it shows, so that it is drawn anew only for a change. */
  shows: string;
}

/**
 * The grid of tiles. Only the rows in sight, and the row that the focus is in, are in the page. One tile is in the tab
 * order; the keys move from it (`index.ts`).
 */
export class Grid {
  readonly scroller = h('div', { id: 'scroller' });
  readonly element: HTMLElement;
  readonly #options: GridOptions;
  #layout: Layout = createLayout({ sections: [], tiles: [] }, 1, false);
  #arrangement: Arrangement = { sections: [], tiles: [] };
  #hasHeadings = false;
  readonly #rows = new Map<number, RowView>();
  readonly #tiles = new Map<string, TileView>();
  #active: string | undefined;
  #width = 0;
  #isDrawingDue = false;
  /** Where it was when it was last drawn. */
  #drawnTop = 0;
  /** Set from a leap of more than what is seen until it has settled: pictures flown by are not asked for. */
  #leaping: ReturnType<typeof setTimeout> | undefined;

  constructor(options: GridOptions) {
    this.#options = options;
    this.element = h('div', {
      id: 'grid',
      role: 'grid',
      'aria-label': options.strings.grid,
      'aria-multiselectable': 'true',
      'aria-describedby': 'keys',
    });
    this.scroller.append(this.element);
    this.scroller.addEventListener('scroll', () => {
      this.#drawSoon();
      options.onScroll();
    });
    new ResizeObserver(() => this.#resize()).observe(this.scroller);
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** The tile that the keys move from. */
  get active(): string | undefined {
    return this.#active;
  }

  viewOf(id: string): TileView | undefined {
    return this.#tiles.get(id);
  }

  /** The tile that an event is about. */
  tileOf(target: EventTarget | null): TileView | undefined {
    const element = target instanceof Element ? target.closest<HTMLElement>('.tile') : null;
    return element === null ? undefined : this.#tiles.get(element.dataset['id'] ?? '');
  }

  /** Shows other tiles, or the same in another order. What is at the top stays there, unless told otherwise. */
  show(
    arrangement: Arrangement,
    hasHeadings: boolean,
    { top = this.top }: { top?: Top | undefined | 'begin' } = {},
  ): void {
    const before = this.#active === undefined ? -1 : (this.#layout.indexes.get(this.#active) ?? -1);
    this.#arrangement = arrangement;
    this.#hasHeadings = hasHeadings;
    this.#layOut();
    const { indexes, tiles } = this.#layout;
    if (this.#active === undefined || !indexes.has(this.#active)) {
      // What was removed hands the focus to the tile in its place.
      this.#active = tiles[Math.min(Math.max(0, before), tiles.length - 1)]?.id;
    }
    this.#scrollTo(top);
    this.draw();
  }

  /** What is at the top of what is seen; `undefined` at the beginning. */
  get top(): Top | undefined {
    const { scrollTop } = this.scroller;
    const { rows } = this.#layout;
    if (scrollTop <= 0 || rows.length === 0) {
      return undefined;
    }
    const at = findRowAt(this.#layout, scrollTop - PADDING_PX);
    // A heading moves when sections change; the tiles below it are what is looked at.
    const row = rows.slice(at).find(({ tiles }) => tiles.length > 0);
    const id = row?.tiles[0]?.id;
    return row && id !== undefined ? { id, offset: Math.round(scrollTop - PADDING_PX - row.top) } : undefined;
  }

  /** Whether a tile is drawn, and so in sight or next to it. */
  isDrawn(id: string): boolean {
    return this.#tiles.has(id);
  }

  /** The index of the tile that a key leads to from the active one. */
  find(how: Move): string | undefined {
    const { indexes, tiles } = this.#layout;
    const index = this.#active === undefined ? 0 : (indexes.get(this.#active) ?? 0);
    return tiles[move(this.#layout, index, how, this.scroller.clientHeight)]?.id;
  }

  /** Makes a tile the one that the keys move from. With the focus, it comes into sight. */
  activate(id: string, { focus }: { focus: boolean }): void {
    const index = this.#layout.indexes.get(id);
    if (index === undefined) {
      return;
    }
    this.#active = id;
    if (focus) {
      this.#reveal(index);
    }
    this.draw();
    if (focus) {
      this.focus();
    }
  }

  /** Gives the focus to the active tile, wherever it is. */
  focus(): void {
    if (this.#active !== undefined) {
      this.#tiles.get(this.#active)?.element.focus({ preventScroll: true });
    }
  }

  /** Draws what is in sight. Called for every change: what is the same is left alone. */
  draw(): void {
    this.#isDrawingDue = false;
    const layout = this.#layout;
    const { rows, columns } = layout;
    const { element, scroller } = this;
    const hadFocus = element.contains(document.activeElement);
    const isFlying = this.#noteLeap();
    const wanted = this.#getRowsToDraw();
    for (const [index, row] of this.#rows) {
      if (!wanted.has(index)) {
        row.element.remove();
        this.#rows.delete(index);
      }
    }
    const drawn = new Set<string>();
    let before: Element | null = element.firstElementChild;
    for (const index of [...wanted].sort((a, b) => a - b)) {
      const { top, heading, tiles } = rows[index]!;
      let row = this.#rows.get(index);
      if (!row) {
        row = { element: h('div', { role: 'row' }), shows: '' };
        this.#rows.set(index, row);
      }
      if (row.element === before) {
        before = before.nextElementSibling;
      } else {
        element.insertBefore(row.element, before);
      }
      row.element.style.transform = `translateY(${top}px)`;
      row.element.setAttribute('aria-rowindex', String(index + 1));
      const text = heading && this.#options.formatHeading(heading);
      const shows = text === undefined ? tiles.map(({ id }) => id).join(' ') : `${columns} ${text}`;
      const isChanged = row.shows !== shows;
      row.shows = shows;
      if (text !== undefined) {
        if (isChanged) {
          row.element.className = 'heading';
          const cell = h('div', { role: 'rowheader', 'aria-colspan': String(columns) }, h('h2', {}));
          setText(cell.firstElementChild!, text);
          row.element.replaceChildren(cell);
        }
        continue;
      }
      if (isFlying && isChanged && !tiles.some(({ id }) => id === this.#active)) {
        // Headings tell where one is; the tiles come when it settles.
        row.shows = '';
        row.element.className = 'row blank';
        row.element.replaceChildren();
        continue;
      }
      const views = tiles.map((tile) => this.#drawTile(tile));
      tiles.forEach(({ id }) => drawn.add(id));
      if (isChanged) {
        row.element.className = 'row';
        row.element.replaceChildren(...views.map((view) => view.element));
        views.forEach((view, column) => view.element.setAttribute('aria-colindex', String(column + 1)));
      }
    }
    for (const id of this.#tiles.keys()) {
      if (!drawn.has(id)) {
        this.#tiles.delete(id);
      }
    }
    // Moving an element to another row takes the focus from it.
    if (hadFocus && !element.contains(document.activeElement) && this.#active !== undefined && scroller.isConnected) {
      this.#tiles.get(this.#active)?.element.focus({ preventScroll: true });
    }
  }

  /** Whether the scroll bar is dragged: one leap follows another. The first of them shows all, as a key press does. */
  #noteLeap(): boolean {
    const { scrollTop, clientHeight } = this.scroller;
    const isLeap = Math.abs(scrollTop - this.#drawnTop) > clientHeight;
    const isFlying = isLeap && this.#leaping !== undefined;
    this.#drawnTop = scrollTop;
    if (isLeap) {
      clearTimeout(this.#leaping);
      this.#leaping = setTimeout(() => {
        this.#leaping = undefined;
        this.draw();
      }, SETTLE_MS);
    }
    return isFlying;
  }

  #drawTile(tile: Tile): TileView {
    let view = this.#tiles.get(tile.id);
    if (!view) {
      view = new TileView(this.#options.strings);
      this.#tiles.set(tile.id, view);
    }
    view.draw(tile);
    view.drawSelection(this.#options.selection.has(tile.id));
    if (this.#leaping === undefined) {
      view.drawMedia(this.#options.getMedia(tile));
    }
    view.element.tabIndex = tile.id === this.#active ? 0 : -1;
    return view;
  }

  #getRowsToDraw(): Set<number> {
    const { rows, indexes } = this.#layout;
    const wanted = new Set<number>();
    if (rows.length === 0) {
      return wanted;
    }
    const { scrollTop, clientHeight } = this.scroller;
    // A leap needs no more than what is seen: the rest follows when it has settled.
    const overscan = this.#leaping === undefined ? OVERSCAN_PX : 0;
    const end = scrollTop + clientHeight + overscan;
    for (let at = findRowAt(this.#layout, scrollTop - overscan); at < rows.length && rows[at]!.top < end; at++) {
      wanted.add(at);
    }
    const active = this.#active === undefined ? undefined : indexes.get(this.#active);
    if (active !== undefined) {
      wanted.add(findRowOf(this.#layout, active));
    }
    return wanted;
  }

  #layOut(): void {
    this.#width = this.scroller.clientWidth;
    this.#layout = createLayout(this.#arrangement, this.#width - 2 * PADDING_PX, this.#hasHeadings);
    const { columns, tileWidth, pictureHeight, height, rows } = this.#layout;
    const { style } = this.element;
    style.height = `${height}px`;
    style.setProperty('--tile', `${tileWidth}px`);
    style.setProperty('--picture', `${pictureHeight}px`);
    style.setProperty('--gap', `${GAP_PX}px`);
    this.element.setAttribute('aria-rowcount', String(rows.length));
    this.element.setAttribute('aria-colcount', String(columns));
  }

  #resize(): void {
    if (this.scroller.clientWidth !== this.#width && this.scroller.clientWidth > 0) {
      const { top } = this;
      this.#layOut();
      this.#scrollTo(top);
    }
    this.#drawSoon();
  }

  #scrollTo(top: Top | undefined | 'begin'): void {
    if (top === 'begin') {
      this.scroller.scrollTop = 0;
      return;
    }
    const index = top && this.#layout.indexes.get(top.id);
    if (top && index !== undefined) {
      const row = this.#layout.rows[findRowOf(this.#layout, index)]!;
      this.scroller.scrollTop = PADDING_PX + row.top + top.offset;
    }
  }

  #reveal(index: number): void {
    const { rows } = this.#layout;
    const at = findRowOf(this.#layout, index);
    const row = rows[at]!;
    // With its heading, if it is the first below it.
    const first = rows[at - 1]?.heading ? rows[at - 1]! : row;
    const { scroller } = this;
    if (first.top < scroller.scrollTop) {
      scroller.scrollTop = at <= 1 ? 0 : first.top + PADDING_PX;
    } else if (row.top + row.height + PADDING_PX > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = row.top + row.height + PADDING_PX - scroller.clientHeight;
    }
  }

  #drawSoon(): void {
    if (!this.#isDrawingDue) {
      this.#isDrawingDue = true;
      requestAnimationFrame(() => this.draw());
    }
  }
}
