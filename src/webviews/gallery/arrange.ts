import { fold, getWords } from '../../common/searchText';
import type { Sort, Tile, ViewSettings } from '../../views/gallery/protocol';

/** Which tiles are shown, in which order and under which headings. Knows nothing of the page. */

/** Tiles with a heading of their own. */
export interface Section {
  /** The day, the chain, or empty for what belongs to none. */
  readonly key: string;
  readonly tiles: readonly Tile[];
}

export interface Arrangement {
  readonly sections: readonly Section[];
  /** All of them, in the order in which they are shown. */
  readonly tiles: readonly Tile[];
}

/** What a tile is found by, folded. Made once, when the tile comes: for thousands it would hold up a key stroke. */
const texts = new WeakMap<Tile, string>();

function getText(tile: Tile): string {
  let text = texts.get(tile);
  if (text === undefined) {
    text = fold([tile.prompt, tile.name ?? '', tile.model, tile.id].join('\n'));
    texts.set(tile, text);
  }
  return text;
}

/** Makes what a tile is found by beforehand. */
export function prepareSearch(tiles: readonly Tile[]): void {
  tiles.forEach(getText);
}

/** Whether anything is left out by the settings. */
export function isFiltered({ query, state, family, ratio, saved, minPrice, maxPrice }: ViewSettings): boolean {
  return query.trim() !== '' || [state, family, ratio, saved, minPrice, maxPrice].some((value) => value !== undefined);
}

/** How many filters there are besides the query. */
export function countFilters({ state, family, ratio, saved, minPrice, maxPrice }: ViewSettings): number {
  return [state, family, ratio, saved, minPrice, maxPrice].filter((value) => value !== undefined).length;
}

export function filterTiles(tiles: readonly Tile[], settings: ViewSettings): Tile[] {
  const { state, family, ratio, saved, minPrice, maxPrice } = settings;
  const words = getWords(settings.query);
  return tiles.filter((tile) => {
    if (
      (state !== undefined && tile.state !== state) ||
      (family !== undefined && tile.family !== family) ||
      (ratio !== undefined && tile.ratio !== ratio) ||
      (saved === 'saved' && !tile.saved) ||
      (saved === 'unsaved' && tile.saved) ||
      (saved === 'here' && !tile.here)
    ) {
      return false;
    }
    // What has no known price is neither below nor above one.
    if (minPrice !== undefined && !(tile.price !== undefined && tile.price >= minPrice)) {
      return false;
    }
    if (maxPrice !== undefined && !(tile.price !== undefined && tile.price <= maxPrice)) {
      return false;
    }
    return words.length === 0 || words.every((word) => getText(tile).includes(word));
  });
}

/** The newer of two first, and never equal: ids sort by time of creation. */
const byAge = (a: Tile, b: Tile) => b.at - a.at || (a.id < b.id ? 1 : -1);

const COMPARE: Record<Sort, (a: Tile, b: Tile) => number> = {
  newest: byAge,
  oldest: (a, b) => -byAge(a, b),
  // What has no known price comes last in both; two of them differ by no number (NaN), which is no order.
  expensive: (a, b) => (b.price ?? -Infinity) - (a.price ?? -Infinity) || byAge(a, b),
  cheap: (a, b) => (a.price ?? Infinity) - (b.price ?? Infinity) || byAge(a, b),
  // Texts are folded already. A collator would take a hundred times as long.
  prompt: (a, b) => compare(getText(a), getText(b)) || byAge(a, b),
};

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

export function arrange(all: readonly Tile[], settings: ViewSettings): Arrangement {
  const tiles = filterTiles(all, settings).sort(COMPARE[settings.sort]);
  const sections = group(tiles, settings);
  return { sections, tiles: sections.flatMap((section) => section.tiles) };
}

function group(tiles: readonly Tile[], { group: by, sort }: ViewSettings): Section[] {
  if (by === 'none') {
    return tiles.length > 0 ? [{ key: '', tiles }] : [];
  }
  const members = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const key = by === 'day' ? tile.day : (tile.chain ?? '');
    const section = members.get(key);
    if (section) {
      section.push(tile);
    } else {
      members.set(key, [tile]);
    }
  }
  const sections = [...members].map(([key, section]) => ({ key, tiles: section }));
  if (by === 'day') {
    // Days are in turn whatever the tiles of a day are sorted by.
    const turn = sort === 'oldest' ? 1 : -1;
    return sections.sort((a, b) => turn * (compareDays(a.key, b.key) || 0));
  }
  // A chain stands where its first tile does, and runs from its beginning; what is in none comes last.
  for (const { key, tiles: takes } of sections) {
    if (key !== '') {
      takes.sort((a, b) => (a.chainTake ?? 0) - (b.chainTake ?? 0) || -byAge(a, b));
    }
  }
  return sections.sort((a, b) => Number(a.key === '') - Number(b.key === ''));
}

/** Years of five digits come after those of four. */
function compareDays(a: string, b: string): number {
  return a.length - b.length || compare(a, b);
}
