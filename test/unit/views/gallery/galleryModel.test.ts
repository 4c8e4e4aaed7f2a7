import assert from 'node:assert/strict';
import '../../../support/vscodeStub';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { PromptTakes } from '../../../../src/tasks/model/promptTakes';
import { Emitter } from '../../../../src/common/events';
import { createRecord } from '../../../support/records';

const { changesOthers, formatDay, GalleryModel, getGalleryStrings } =
  await import('../../../../src/views/gallery/galleryModel');
const { parseHostMessage } = await import('../../../../src/views/gallery/protocol');
const { formatHeading, getMenuWords } = await import('../../../../src/webviews/gallery/words');

const NOW = new Date(2026, 10, 26, 12).getTime();

function createModel(initial: readonly TaskRecord[], readOnly: readonly string[] = []) {
  const records = new Map(initial.map((record) => [record.id, record]));
  const list = () => [...records.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  const takes = new PromptTakes({ list, onDidChange: changed.event, onDidLoad: new Emitter<void>().event });
  const model = new GalleryModel({
    source: { list, get: (id) => records.get(id), isReadOnly: (id) => readOnly.includes(id) },
    getPauseReason: () => undefined,
    takeOf: (id) => takes.takeOf(id),
    getFolders: () => ['file:///films'],
    now: () => NOW,
  });
  const set = (id: string, after: TaskRecord | undefined) => {
    if (after) {
      records.set(id, after);
    } else {
      records.delete(id);
    }
    changed.fire([{ id, after }]);
  };
  return { model, set };
}
const changed = new Emitter<{ id: string; after?: TaskRecord | undefined }[]>();

const task = (id: string, facts: Partial<TaskRecord> = {}, request: Partial<TaskRecord['request']> = {}) => {
  const record = createRecord(id, { createdAt: NOW, ...facts });
  return { ...record, request: { ...record.request, ...request } };
};

describe('tiles of the gallery', () => {
  it('say of a task what it is, newest first', () => {
    const { model } = createModel([
      task('a', { state: 'failed', error: { kind: 'never-sent', at: NOW } }),
      task(
        'b',
        {
          state: 'done',
          cost: 21.5,
          quotedPrice: 22,
          localCopy: { file: 'b.mp4', bytes: 3, at: NOW },
          saved: [{ uri: 'file:///films/seedance/b.mp4', at: NOW }],
        },
        { model: 'seedance-1-5-pro-audio-1080P-5s', aspectRatio: '9:16' },
      ),
    ]);
    assert.deepEqual(model.createAll(), [
      {
        id: 'b',
        prompt: 'prompt of b',
        state: 'done',
        words: 'Saved',
        family: 'Seedance 1.5 Pro Audio',
        model: 'Seedance 1.5 Pro Audio · 1080P · 5 s',
        ratio: '9:16',
        price: 21.5,
        priceText: '21.50\u00a0₽',
        at: NOW,
        day: '2026-11-26',
        saved: true,
        here: true,
        copyAt: NOW,
      },
      {
        id: 'a',
        prompt: 'prompt of a',
        state: 'failed',
        words: 'Not sent: VS Code was closed',
        family: 'Seedance 1 Pro',
        model: 'Seedance 1 Pro · 480P · 2 s',
        at: NOW,
        day: '2026-11-26',
      },
    ]);
    assert.equal(model.createFirst(1).length, 1);
  });

  it('are in this workspace only in its folders, not beside them', () => {
    const at = (uri: string) => createModel([task('a', { saved: [{ uri, at: NOW }] })]).model.createAll()[0]!.here;
    assert.equal(at('file:///films/a.mp4'), true);
    assert.equal(at('file:///films-of-others/a.mp4'), undefined);
    assert.equal(at('file:///a.mp4'), undefined);
  });

  it('have a state for every state of a task, and of a newer version', () => {
    const states = ['draft', 'submitting', 'unknown', 'waiting', 'running', 'done', 'failed', 'expired'] as const;
    const { model } = createModel([...states.map((state, n) => task(`s${n}`, { state })), task('newer')], ['newer']);
    const byId = new Map(model.createAll().map((tile) => [tile.id, tile.state]));
    assert.deepEqual(
      states.map((_, n) => byId.get(`s${n}`)),
      ['underway', 'underway', 'unknown', 'underway', 'underway', 'done', 'failed', 'expired'],
    );
    assert.equal(byId.get('newer'), 'readonly');
  });

  it('are whole messages, whatever the record says', () => {
    const hostile = '<b>\u202e\u0000[x](command:y)$(zap)\ud800';
    const { model } = createModel([
      task('a', { createdAt: Number.NaN }, { prompt: hostile.repeat(900), model: hostile.repeat(100) }),
      task('b', { createdAt: 9e15, quotedPrice: Number.POSITIVE_INFINITY }, { prompt: ' \u200b\n', model: '' }),
      task('c', { createdAt: -9e12 }, { firstFrame: frame('../../etc') }),
      task('d', {}, { firstFrame: frame('c') }),
    ]);
    const tiles = model.createAll();
    const message = { type: 'tiles', isFirst: true, isLast: true, tiles };
    assert.deepEqual(parseHostMessage(structuredClone(message)), message);
    const [d, c, b, a] = tiles;
    assert.equal(d!.chain, undefined, 'the chain begins with what is no id');
    assert.equal(c!.day, formatDay(-9e12));
    assert.deepEqual([b!.prompt, b!.name, b!.day, b!.price], ['', 'Task b', '', undefined]);
    assert.ok(a!.prompt.length <= 3_000 && !/[\u202e\u0000]/.test(a!.prompt));
  });

  it('tell what changed, with the takes and chains that changed by it', () => {
    const { model, set } = createModel([task('a', {}, { prompt: 'fox' }), task('b'), task('c')]);
    model.createAll();
    assert.deepEqual(model.findChanges(), { tiles: [], removed: [] });
    set('d', task('d', {}, { prompt: 'fox' }));
    const { tiles } = model.findChanges();
    assert.deepEqual(
      tiles.map(({ id, take }) => [id, take]),
      [
        ['d', 'Take 2 of 2'],
        ['a', 'Take 1 of 2'],
      ],
    );
    set('e', task('e', {}, { firstFrame: frame('b') }));
    assert.deepEqual(
      model.findChanges().tiles.map(({ id, chain, chainTake }) => [id, chain, chainTake]),
      [
        ['e', 'b', 2],
        ['b', 'b', 1],
      ],
    );
    set('a', undefined);
    const { tiles: left, removed } = model.findChanges();
    assert.deepEqual(removed, ['a']);
    assert.deepEqual(
      left.map(({ id, take }) => [id, take]),
      [['d', undefined]],
    );
    set('c', task('c', { state: 'running' }));
    assert.deepEqual(
      model.findChangesOf(['b', 'c', 'unheard']).tiles.map(({ id, state }) => [id, state]),
      [['c', 'underway']],
    );
  });

  it('of others change with a prompt, a chain, a coming or a going, and not with a state', () => {
    const before = task('a');
    assert.equal(changesOthers(before, { ...before, state: 'done' }), false);
    assert.equal(changesOthers(before, task('a', {}, { prompt: 'other' })), true);
    assert.equal(changesOthers(before, task('a', {}, { firstFrame: frame('b') })), true);
    assert.equal(changesOthers(undefined, before), true);
    assert.equal(changesOthers(before, undefined), true);
  });
});

describe('headings of the gallery', () => {
  const strings = getGalleryStrings();
  const heading = (key: string, group: 'day' | 'chain' = 'day', lang = 'en', title?: string) =>
    formatHeading({ key, title, count: 1_234 }, group, { strings, today: '2026-03-01', lang });

  it('name the day', () => {
    assert.equal(heading('2026-03-01'), 'Today · 1,234');
    assert.equal(heading('2026-02-28'), 'Yesterday · 1,234');
    assert.equal(heading('2026-02-27'), 'Friday, February 27, 2026 · 1,234');
    assert.equal(heading('2026-02-27', 'day', 'ru'), 'пятница, 27 февраля 2026 г. · 1\u00a0234');
    assert.equal(heading('', 'day'), 'Day unknown · 1,234');
    assert.equal(heading('99999-01-01'), '99999-01-01 · 1,234');
    assert.equal(heading('2026-02-27', 'day', 'qps-ploc!'), 'Friday, February 27, 2026 · 1,234');
  });

  it('name the chain by its first prompt, word for word', () => {
    assert.equal(heading('a', 'chain', 'en', 'A fox $& $1'), 'Chain: A fox $& $1 · 1,234');
    assert.equal(heading('a', 'chain'), 'Chain: a · 1,234');
    assert.equal(heading('', 'chain'), 'Not in a chain · 1,234');
  });

  it('have days of the calendar', () => {
    assert.equal(formatDay(NOW), '2026-11-26');
    assert.equal(formatDay(8.64e15), '275760-09-13');
    assert.equal(formatDay(-8.64e15), '');
  });
});

it('the menu of a tile offers what the list offers', () => {
  const words = (record: TaskRecord) => getMenuWords(createModel([record]).model.createAll()[0]!);
  assert.equal(words(task('a')), 'task retryable copyPrompt');
  assert.equal(words(task('a', {}, { prompt: '' })), 'task');
  assert.equal(
    words(task('a', { state: 'done', saved: [{ uri: 'file:///a.mp4', at: 1 }] })),
    'task done retryable copyPrompt revealable',
  );
});

function frame(origin: string): NonNullable<TaskRecord['request']['firstFrame']> {
  return {
    source: 'file:///a.png',
    delivery: 'inline',
    label: 'a.png',
    from: { task: origin, seconds: 1, isLast: true },
  };
}
