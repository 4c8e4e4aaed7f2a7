import type { Tile } from '../../views/gallery/protocol';
import type { Arrangement } from './arrange';

/** Where everything is in a grid of which only the rows in sight are in the page. Pixels, from the top of the grid. */

export const GAP_PX = 12;
export const HEADING_PX = 40;
/** Two lines of the prompt and one of facts below the picture, with the space between. */
export const TEXT_PX = 72;
/** Tiles are at least so wide, where there is room. */
const TILE_MIN_PX = 196;

export interface Row {
  readonly top: number;
  readonly height: number;
  /** Of a row that is a heading: the key of its section, and how many tiles are in it. */
  readonly heading?: { readonly key: string; readonly count: number };
  /** Of the first tile of the row, among all tiles. */
  readonly first: number;
  readonly tiles: readonly Tile[];
}

export interface Layout {
  readonly columns: number;
  readonly tileWidth: number;
  readonly pictureHeight: number;
  readonly height: number;
  readonly rows: readonly Row[];
  readonly tiles: readonly Tile[];
  /** The index of a tile by its id. */
  readonly indexes: ReadonlyMap<string, number>;
}

/** @param width of what the tiles may take, without padding */
export function createLayout({ sections, tiles }: Arrangement, width: number, hasHeadings: boolean): Layout {
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (TILE_MIN_PX + GAP_PX)));
  const tileWidth = Math.max(1, Math.floor((width - GAP_PX * (columns - 1)) / columns));
  const pictureHeight = Math.round((tileWidth * 9) / 16);
  const rowHeight = pictureHeight + TEXT_PX + GAP_PX;
  const rows: Row[] = [];
  let top = 0;
  let first = 0;
  for (const section of sections) {
    if (hasHeadings) {
      const heading = { key: section.key, count: section.tiles.length };
      rows.push({ top, height: HEADING_PX, heading, first, tiles: [] });
      top += HEADING_PX;
    }
    for (let at = 0; at < section.tiles.length; at += columns) {
      const inRow = section.tiles.slice(at, at + columns);
      rows.push({ top, height: rowHeight, first: first + at, tiles: inRow });
      top += rowHeight;
    }
    first += section.tiles.length;
  }
  const indexes = new Map(tiles.map(({ id }, index) => [id, index]));
  return { columns, tileWidth, pictureHeight, height: top, rows, tiles, indexes };
}

/** The index of the row at this height; the last one below all. */
export function findRowAt({ rows }: Layout, y: number): number {
  let low = 0;
  for (let high = rows.length - 1; low < high;) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]!.top <= y) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** The index of the row that a tile is in. */
export function findRowOf({ rows }: Layout, index: number): number {
  let low = 0;
  for (let high = rows.length - 1; low < high;) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]!.first <= index) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** Ways to move in the grid, by what the keys mean. */
export type Move = 'left' | 'right' | 'up' | 'down' | 'rowStart' | 'rowEnd' | 'pageUp' | 'pageDown' | 'first' | 'last';

/**
 * The index of the tile that a key leads to. Up and down keep the column as far as rows have it, and pass headings.
 *
 * @param pageHeight how much is seen at once
 */
export function move(layout: Layout, index: number, how: Move, pageHeight: number): number {
  const { rows, tiles } = layout;
  const last = tiles.length - 1;
  if (last < 0) {
    return 0;
  }
  const at = findRowOf(layout, index);
  const row = rows[at]!;
  const column = index - row.first;
  const inRow = (target: Row) => target.first + Math.min(column, target.tiles.length - 1);
  switch (how) {
    case 'left':
      return Math.max(0, index - 1);
    case 'right':
      return Math.min(last, index + 1);
    case 'rowStart':
      return row.first;
    case 'rowEnd':
      return row.first + row.tiles.length - 1;
    case 'first':
      return 0;
    case 'last':
      return last;
    case 'up':
    case 'down':
    case 'pageUp':
    case 'pageDown': {
      const step = how === 'up' || how === 'pageUp' ? -1 : 1;
      const reach = how === 'pageUp' || how === 'pageDown' ? Math.max(row.height, pageHeight - row.height) : 0;
      let target = row;
      for (let next = at + step; next >= 0 && next < rows.length; next += step) {
        const candidate = rows[next]!;
        if (candidate.tiles.length === 0) {
          continue;
        }
        if (target !== row && Math.abs(candidate.top - row.top) > reach) {
          break;
        }
        target = candidate;
      }
      return inRow(target);
    }
  }
}
