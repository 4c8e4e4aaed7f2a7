import assert from 'node:assert/strict';
import { fold } from '../../../../src/common/searchText';
import {
  createViewSettings,
  parseFirstTiles,
  parseHostMessage,
  parseSavedState,
  parseWebviewMessage,
  type Tile,
} from '../../../../src/views/gallery/protocol';
import { MediaCache } from '../../../../src/webviews/gallery/mediaCache';

const TILE: Tile = {
  id: 'a1',
  prompt: 'A fox',
  state: 'done',
  words: 'Ready',
  family: 'Seedance 1 Pro',
  model: 'Seedance 1 Pro',
  at: 1,
  day: '2026-11-26',
};
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]).buffer;

describe('messages to the gallery', () => {
  it('arrive as the host made them', () => {
    for (const message of [
      { type: 'tiles', isFirst: true, isLast: false, tiles: [TILE] },
      { type: 'changes', tiles: [TILE], removed: ['b2'] },
      {
        type: 'media',
        media: [{ id: 'a1', poster: 'https://file+.vscode-resource.vscode-cdn.net/a.jpg' }, { id: 'b2' }],
      },
      { type: 'today', today: '2026-11-26' },
    ]) {
      assert.deepEqual(parseHostMessage(structuredClone(message)), message);
    }
    const first = { tiles: [TILE], media: [{ id: 'a1' }], total: 1, today: '2026-11-26' };
    assert.deepEqual(parseFirstTiles(first), first);
    assert.equal(parseFirstTiles(undefined), undefined);
  });

  it('are ignored when they are not complete, or name what a page must not load', () => {
    const tiles = (facts: object) => ({ type: 'tiles', isFirst: true, isLast: true, tiles: [{ ...TILE, ...facts }] });
    for (const message of [
      null,
      'tiles',
      { type: 'tiles' },
      tiles({ id: '../x' }),
      tiles({ id: 7 }),
      tiles({ state: 'odd' }),
      tiles({ day: 'today' }),
      tiles({ prompt: 'x'.repeat(3_001) }),
      tiles({ price: '7' }),
      { type: 'media', media: [{ id: 'a1', poster: 'javascript:alert(1)' }] },
      { type: 'media', media: [{ id: 'a1', video: 'file:///etc/passwd' }] },
      { type: 'media', media: [{ id: 'a1', video: 'data:text/html,x' }] },
    ]) {
      assert.equal(parseHostMessage(message), undefined, JSON.stringify(message));
    }
  });
});

describe('messages of the gallery', () => {
  it('are heard', () => {
    for (const message of [
      { type: 'ready' },
      { type: 'look', ids: ['a1'] },
      { type: 'action', action: 'remove', ids: ['a1', 'b2'] },
      { type: 'action', action: 'cleanUp', ids: [] },
      { type: 'poster', id: 'a1', bytes: JPEG },
    ]) {
      assert.deepEqual(parseWebviewMessage(message), message);
    }
  });

  it('are ignored when a page has no reason to send them', () => {
    for (const message of [
      undefined,
      { type: 'action', action: 'workbench.action.terminal.new', ids: [] },
      { type: 'action', action: 'save', ids: ['../../x'] },
      { type: 'action', action: 'save' },
      { type: 'look', ids: Array.from({ length: 501 }, () => 'a1') },
      { type: 'poster', id: 'a1', bytes: new ArrayBuffer(0) },
      { type: 'poster', id: 'a1', bytes: new TextEncoder().encode('<svg onload=x>').buffer },
      { type: 'poster', id: '..', bytes: JPEG },
    ]) {
      assert.equal(parseWebviewMessage(message), undefined, JSON.stringify(message));
    }
  });
});

describe('the saved state of the gallery', () => {
  it('comes back as it was', () => {
    const state = {
      settings: { ...createViewSettings(), query: 'fox', state: 'failed', minPrice: 3 },
      isFiltering: true,
      top: { id: 'a1', offset: -4 },
      active: 'a1',
      selected: ['a1', 'b2'],
    };
    assert.deepEqual(parseSavedState(structuredClone(state)), state);
  });

  it('keeps what is whole of a damaged one, and nothing of what is none', () => {
    const damaged = parseSavedState({
      settings: { query: 7, state: 'odd', minPrice: -1, sort: 'cheap', group: 'x', family: 'Seedance 2' },
      isFiltering: 'yes',
      top: { id: '../x' },
      active: 9,
      selected: ['../x'],
    });
    assert.deepEqual(JSON.parse(JSON.stringify(damaged)), {
      settings: { query: '', sort: 'cheap', group: 'day', family: 'Seedance 2' },
      isFiltering: false,
      selected: [],
    });
    for (const state of [undefined, null, 7, 'x', [], {}]) {
      assert.equal(parseSavedState(state), undefined);
    }
  });
});

describe('the pictures of tiles', () => {
  it('are asked for once, together, and again for another copy', async () => {
    const asked: string[][] = [];
    const cache = new MediaCache((ids) => asked.push(ids));
    assert.equal(cache.get(TILE), undefined);
    assert.equal(cache.get({ ...TILE, id: 'b2' }), undefined);
    assert.equal(cache.get(TILE), undefined);
    await Promise.resolve();
    assert.deepEqual(asked, [['a1', 'b2']]);
    const media = { id: 'a1', poster: 'https://x/a.jpg' };
    cache.set(media);
    assert.equal(cache.get(TILE), media);
    assert.equal(cache.get({ ...TILE, copyAt: 5 }), media, 'the old picture until there is a new one');
    await Promise.resolve();
    assert.deepEqual(asked, [['a1', 'b2'], ['a1']]);
  });

  it('are known of those that came with the page, and not asked for of what has none', async () => {
    const asked: string[][] = [];
    const cache = new MediaCache((ids) => asked.push(ids));
    const media = { id: 'a1', video: 'https://x/a.mp4' };
    cache.set(media, 5);
    assert.equal(cache.get({ ...TILE, copyAt: 5 }), media);
    assert.equal(cache.get({ ...TILE, id: 'b2', state: 'failed' }), undefined);
    await Promise.resolve();
    assert.deepEqual(asked, []);
  });

  it('are forgotten when thousands have been seen', async () => {
    const asked: string[] = [];
    const cache = new MediaCache((ids) => asked.push(...ids));
    for (let n = 0; n < 2_001; n++) cache.get({ ...TILE, id: `t${n}` });
    await Promise.resolve();
    cache.get({ ...TILE, id: 't0' });
    cache.get({ ...TILE, id: 't2000' });
    await Promise.resolve();
    assert.equal(asked.length, 2_002);
    assert.equal(asked.at(-1), 't0');
  });
});

it('letters that are written in two ways are found', () => {
  assert.equal(fold('Ёлка'), fold('е\u0308лка'));
});
