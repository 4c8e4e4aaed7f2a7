import assert from 'node:assert/strict';
import { createViewSettings, type Tile, type ViewSettings } from '../../../../src/views/gallery/protocol';
import {
  arrange,
  countFilters,
  filterTiles,
  isFiltered,
  prepareSearch,
} from '../../../../src/webviews/gallery/arrange';

const tile = (id: string, facts: Partial<Tile> = {}): Tile => ({
  id,
  prompt: `prompt of ${id}`,
  state: 'done',
  words: 'Ready',
  family: 'Seedance 1 Pro',
  model: 'Seedance 1 Pro · 720P · 5 s',
  ratio: '16:9',
  at: 1_000,
  day: '2026-11-26',
  ...facts,
});
const settings = (changes: Partial<ViewSettings> = {}): ViewSettings => ({ ...createViewSettings(), ...changes });
const ids = (tiles: readonly Tile[]) => tiles.map(({ id }) => id);

describe('filters of the gallery', () => {
  const tiles = [
    tile('fox', { prompt: 'Рыжая ЛИСА бежит, ёлки', price: 22, saved: true, here: true }),
    tile('owl', { prompt: 'An owl\nin the Snow', state: 'failed', family: 'Seedance 2', price: 140 }),
    tile('cat', { prompt: '', name: 'Task 66f0', ratio: '9:16', state: 'underway' }),
    tile('eel', { prompt: 'An eel', saved: true }),
  ];
  const found = (changes: Partial<ViewSettings>) => ids(filterTiles(tiles, settings(changes)));

  it('find all words, wherever they are, whatever their case', () => {
    prepareSearch(tiles);
    assert.deepEqual(found({ query: ' snow OWL ' }), ['owl']);
    assert.deepEqual(found({ query: 'елки лиса' }), ['fox']);
    assert.deepEqual(found({ query: 'snow fox' }), []);
    assert.deepEqual(found({ query: '66F0' }), ['cat']);
    assert.deepEqual(found({ query: '720p' }), ['fox', 'owl', 'cat', 'eel']);
    assert.deepEqual(found({ query: '  ' }), ids(tiles));
  });

  it('leave what fits all of them', () => {
    assert.deepEqual(found({ state: 'failed' }), ['owl']);
    assert.deepEqual(found({ family: 'Seedance 2' }), ['owl']);
    assert.deepEqual(found({ ratio: '9:16' }), ['cat']);
    assert.deepEqual(found({ saved: 'saved' }), ['fox', 'eel']);
    assert.deepEqual(found({ saved: 'unsaved' }), ['owl', 'cat']);
    assert.deepEqual(found({ saved: 'here' }), ['fox']);
    assert.deepEqual(found({ saved: 'saved', query: 'eel' }), ['eel']);
  });

  it('take prices with both ends, and nothing of unknown price', () => {
    assert.deepEqual(found({ minPrice: 22 }), ['fox', 'owl']);
    assert.deepEqual(found({ maxPrice: 22 }), ['fox']);
    assert.deepEqual(found({ minPrice: 23, maxPrice: 140 }), ['owl']);
    assert.deepEqual(found({ minPrice: 0 }), ['fox', 'owl']);
  });

  it('are counted, the query apart', () => {
    assert.equal(isFiltered(settings()), false);
    assert.equal(isFiltered(settings({ query: ' ' })), false);
    assert.equal(isFiltered(settings({ query: 'a' })), true);
    assert.equal(isFiltered(settings({ maxPrice: 0 })), true);
    assert.equal(countFilters(settings({ query: 'a', state: 'done', minPrice: 1 })), 2);
  });
});

describe('the order of the gallery', () => {
  const tiles = [
    tile('a', { at: 30, day: '2026-11-26', price: 5, prompt: 'ж' }),
    tile('b', { at: 20, day: '2026-11-25', prompt: 'Б' }),
    tile('c', { at: 10, day: '2026-11-25', price: 9, prompt: 'в' }),
    tile('d', { at: 10, day: '2026-11-25', prompt: 'а' }),
    tile('e', { at: 0, day: '', price: 5, prompt: 'г' }),
  ];
  const sorted = (changes: Partial<ViewSettings>) => ids(arrange(tiles, settings({ group: 'none', ...changes })).tiles);

  it('is by age, price or prompt, and never left open', () => {
    assert.deepEqual(sorted({ sort: 'newest' }), ['a', 'b', 'd', 'c', 'e']);
    assert.deepEqual(sorted({ sort: 'oldest' }), ['e', 'c', 'd', 'b', 'a']);
    assert.deepEqual(sorted({ sort: 'expensive' }), ['c', 'a', 'e', 'b', 'd']);
    assert.deepEqual(sorted({ sort: 'cheap' }), ['a', 'e', 'c', 'b', 'd']);
    assert.deepEqual(sorted({ sort: 'prompt' }), ['d', 'b', 'c', 'e', 'a']);
  });

  it('has days in turn, and in each what was asked for', () => {
    const sections = (sort: ViewSettings['sort']) =>
      arrange(tiles, settings({ sort })).sections.map(({ key, tiles: inIt }) => [key, ...ids(inIt)]);
    assert.deepEqual(sections('cheap'), [
      ['2026-11-26', 'a'],
      ['2026-11-25', 'c', 'b', 'd'],
      ['', 'e'],
    ]);
    assert.deepEqual(sections('oldest'), [
      ['', 'e'],
      ['2026-11-25', 'c', 'd', 'b'],
      ['2026-11-26', 'a'],
    ]);
  });

  it('has each chain from its beginning, where its first tile would be, and what is in none last', () => {
    const chained = [
      tile('z', { at: 50 }),
      tile('k2', { at: 40, chain: 'k1', chainTake: 2 }),
      tile('m1', { at: 30, chain: 'm1', chainTake: 1 }),
      tile('k3b', { at: 25, chain: 'k1', chainTake: 3 }),
      tile('k3a', { at: 20, chain: 'k1', chainTake: 3 }),
      tile('k1', { at: 10, chain: 'k1', chainTake: 1 }),
    ];
    const { sections, tiles: all } = arrange(chained, settings({ group: 'chain' }));
    assert.deepEqual(
      sections.map(({ key, tiles: inIt }) => [key, ...ids(inIt)]),
      [
        ['k1', 'k1', 'k2', 'k3a', 'k3b'],
        ['m1', 'm1'],
        ['', 'z'],
      ],
    );
    assert.deepEqual(ids(all), ['k1', 'k2', 'k3a', 'k3b', 'm1', 'z']);
  });

  it('of nothing is nothing', () => {
    for (const group of ['day', 'chain', 'none'] as const) {
      assert.deepEqual(arrange([], settings({ group })), { sections: [], tiles: [] });
    }
  });
});
