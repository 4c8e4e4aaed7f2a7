import assert from 'node:assert/strict';
import type { Tile } from '../../../../src/views/gallery/protocol';
import {
  createLayout,
  findRowAt,
  findRowOf,
  GAP_PX,
  HEADING_PX,
  move,
  TEXT_PX,
  type Layout,
  type Move,
} from '../../../../src/webviews/gallery/layout';
import { Selection } from '../../../../src/webviews/gallery/selection';

const tile = (id: string): Tile => ({
  id,
  prompt: '',
  state: 'done',
  words: '',
  family: '',
  model: '',
  at: 0,
  day: '',
});

/** Sections of so many tiles, in so many columns. */
function layOut(sizes: readonly number[], columns: number, hasHeadings = true): Layout {
  let n = 0;
  const sections = sizes.map((size, key) => ({
    key: String(key),
    tiles: Array.from({ length: size }, () => tile(`t${n++}`)),
  }));
  return createLayout({ sections, tiles: sections.flatMap(({ tiles }) => tiles) }, columns * 220, hasHeadings);
}

describe('the layout of the gallery', () => {
  it('fills the width with as many tiles as fit, and has one column where it is narrow', () => {
    assert.equal(layOut([9], 4).columns, 4);
    for (const width of [0, 1, 195, 268]) {
      const { columns, tileWidth } = createLayout({ sections: [], tiles: [] }, width, true);
      assert.equal(columns, 1);
      assert.ok(tileWidth >= 1 && tileWidth <= Math.max(1, width), `${width}: ${tileWidth}`);
    }
    const { columns, tileWidth } = createLayout({ sections: [], tiles: [] }, 1_000, true);
    assert.ok(columns * tileWidth + (columns - 1) * GAP_PX <= 1_000);
  });

  it('begins each section with a heading, and has rows of equal height', () => {
    const { rows, height, pictureHeight, indexes } = layOut([5, 1], 4);
    const rowHeight = pictureHeight + TEXT_PX + GAP_PX;
    assert.deepEqual(
      rows.map(({ top, heading, first, tiles }) => [top, heading?.count ?? 0, first, tiles.length]),
      [
        [0, 5, 0, 0],
        [HEADING_PX, 0, 0, 4],
        [HEADING_PX + rowHeight, 0, 4, 1],
        [HEADING_PX + 2 * rowHeight, 1, 5, 0],
        [2 * HEADING_PX + 2 * rowHeight, 0, 5, 1],
      ],
    );
    assert.equal(height, 2 * HEADING_PX + 3 * rowHeight);
    assert.equal(indexes.get('t5'), 5);
    assert.equal(layOut([5, 1], 4, false).rows.length, 3);
  });

  it('finds rows by height and by tile', () => {
    const layout = layOut([5, 1, 40], 4);
    layout.rows.forEach((row, index) => {
      assert.equal(findRowAt(layout, row.top), index);
      assert.equal(findRowAt(layout, row.top + row.height - 1), index);
      row.tiles.forEach((_, column) => assert.equal(findRowOf(layout, row.first + column), index));
    });
    assert.equal(findRowAt(layout, -100), 0);
    assert.equal(findRowAt(layout, 1e9), layout.rows.length - 1);
  });

  it('lays out ten thousand tiles', () => {
    const { rows, height } = layOut(
      Array.from({ length: 100 }, () => 100),
      5,
    );
    assert.equal(rows.length, 100 * 21);
    // Browsers end at some thirty million pixels.
    assert.ok(height < 10_000_000);
  });
});

describe('keys in the gallery', () => {
  //  0  1  2  3
  //  4
  //  --------
  //  5  6
  const layout = layOut([5, 2], 4);
  const from = (index: number, how: Move, page = 300) => move(layout, index, how, page);

  it('go along the rows and over their ends', () => {
    assert.equal(from(3, 'right'), 4);
    assert.equal(from(4, 'left'), 3);
    assert.equal(from(0, 'left'), 0);
    assert.equal(from(6, 'right'), 6);
  });

  it('go up and down in their column as far as there is one, past headings', () => {
    assert.equal(from(0, 'down'), 4);
    assert.equal(from(2, 'down'), 4);
    assert.equal(from(4, 'down'), 5);
    assert.equal(from(6, 'up'), 4);
    assert.equal(from(4, 'up'), 0);
    assert.equal(from(1, 'up'), 1);
    assert.equal(from(6, 'down'), 6);
  });

  it('go to the ends of the row and of all', () => {
    assert.equal(from(2, 'rowStart'), 0);
    assert.equal(from(0, 'rowEnd'), 3);
    assert.equal(from(4, 'rowEnd'), 4);
    assert.equal(from(2, 'last'), 6);
    assert.equal(from(6, 'first'), 0);
  });

  it('go by as much as is seen, by one row at least', () => {
    const long = layOut([100], 4, false);
    const { height } = long.rows[0]!;
    assert.equal(move(long, 1, 'pageDown', 4 * height), 13);
    assert.equal(move(long, 13, 'pageUp', 4 * height), 1);
    assert.equal(move(long, 1, 'pageDown', 10), 5);
    assert.equal(move(long, 97, 'pageDown', 4 * height), 97);
    assert.equal(move(long, 5, 'pageUp', 1e6), 1);
  });

  it('go nowhere where there is nothing', () => {
    const none = layOut([], 4);
    for (const how of [
      'left',
      'right',
      'up',
      'down',
      'rowStart',
      'rowEnd',
      'pageUp',
      'pageDown',
      'first',
      'last',
    ] as const) {
      assert.equal(move(none, 0, how, 300), 0);
    }
  });
});

describe('the selection of the gallery', () => {
  const { tiles, indexes } = layOut([6], 3);
  const inOrder = (selection: Selection) => selection.inOrder(tiles).join(' ');

  it('is in the order of the list, whatever the order of the clicks', () => {
    const selection = new Selection();
    for (const id of ['t4', 't1', 't4', 't3']) selection.toggle(id);
    assert.equal(inOrder(selection), 't1 t3');
    assert.equal(selection.size, 2);
  });

  it('is extended from where it began, and gives back what a longer range had', () => {
    const selection = new Selection();
    selection.toggle('t0');
    selection.toggle('t2');
    selection.extend('t5', tiles, indexes, 't2');
    assert.equal(inOrder(selection), 't0 t2 t3 t4 t5');
    selection.extend('t3', tiles, indexes, 't5');
    assert.equal(inOrder(selection), 't0 t2 t3');
    selection.extend('t1', tiles, indexes, 't3');
    assert.equal(inOrder(selection), 't0 t1 t2');
  });

  it('is extended from the focus where nothing was selected, or what was has gone', () => {
    const selection = new Selection();
    selection.extend('t2', tiles, indexes, 't1');
    assert.equal(inOrder(selection), 't1 t2');
    selection.clear();
    selection.toggle('gone');
    assert.equal(
      selection.keepOnly((id) => indexes.has(id)),
      true,
    );
    selection.extend('t5', tiles, indexes, 't4');
    assert.equal(inOrder(selection), 't4 t5');
  });

  it('is all, or nothing', () => {
    const selection = new Selection(['t3']);
    selection.selectAll(tiles);
    assert.equal(selection.size, 6);
    selection.clear();
    assert.equal(selection.size, 0);
  });
});
