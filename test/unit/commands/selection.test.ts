import assert from 'node:assert/strict';
import type { CommandId } from '../../../src/constants';
import type { ExtensionServices } from '../../../src/container';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { createAcceptedRecord } from '../../support/records';
import { env, messages, user, type FakeMessage } from '../../support/vscodeStub';

const { runCommand } = await import('../../../src/commands/commandTable');
const { resolveTask, resolveTasks } = await import('../../../src/commands/taskArguments');

const NOW = 1_800_000_000_000;
const result = (id: string) => ({ url: `https://files.example/${id}.mp4`, expiresAt: NOW + 3_600_000 });
const task = (id: string, facts: Partial<TaskRecord> = {}) =>
  createAcceptedRecord(NOW, {
    id,
    gatewayId: `gateway-${id}`,
    request: { model: 'm', prompt: `Scene ${id}` },
    ...facts,
  });

/** Rows of the tree, as VS Code passes them. */
const row = (id: string) => ({ id });
const CHAIN = { chain: 'first' };
const OLDER = { page: { level: 0, index: 0 } };

describe('a command for what is selected', () => {
  let shown: [string, unknown][];
  let copied: string;
  let removed: string[];
  let selection: string[];

  const records = new Map<string, TaskRecord>(
    [
      task('ready', { state: 'done', result: result('ready') }),
      task('ready2', { state: 'done', result: result('ready2') }),
      task('failed', { state: 'failed', error: { kind: 'task-failed', at: NOW } }),
      task('running'),
      task('nameless', { request: { model: '', prompt: '' } }),
      task('first', { state: 'done', result: result('first') }),
      task('second', { state: 'done', result: result('second') }),
      task('third', { state: 'failed', error: { kind: 'task-failed', at: NOW } }),
    ].map((record) => [record.id, record]),
  );

  const priceOf = (model: string) => (model === 'm' ? 17 : undefined);
  const services = () =>
    ({
      store: {
        load: () => Promise.resolve(),
        get: (id: string) => records.get(id),
        list: () => [...records.values()],
        videosDirectory: '/nowhere',
        videoPath: () => undefined,
        remove: (id: string) => Promise.resolve(removed.push(id) > 0),
      },
      tree: {
        selection,
        tasksOf: (row: object) => ('chain' in row && row.chain === 'first' ? ['first', 'second', 'third'] : []),
      },
      preview: { show: (id: string, options: unknown) => Promise.resolve(shown.push([id, options])) },
      modelCatalog: {
        priceOf,
        current: () => ({ models: [], source: 'built-in' }),
        quote: (model: string) => Promise.resolve({ price: priceOf(model), account: 'account' }),
      },
      defaults: { read: () => ({ model: 'm', aspectRatio: '16:9' }) },
      apiKey: { get: () => Promise.resolve('key') },
      log: { info: () => undefined, debug: () => undefined, error: () => undefined },
      now: () => NOW,
    }) as unknown as ExtensionServices;
  const run = (id: CommandId, ...args: unknown[]) => runCommand(services(), id, args);
  const said = () => messages.map(({ text }) => text);

  beforeEach(() => {
    messages.length = 0;
    [shown, copied, removed, selection] = [[], '', [], []];
    Object.assign(env, {
      clipboard: {
        writeText: (text: string) => {
          copied = text;
          return Promise.resolve();
        },
      },
    });
    user.onMessage = ({ answer }: FakeMessage) => answer();
  });
  afterEach(() => {
    user.onMessage = undefined;
    Reflect.deleteProperty(env, 'clipboard');
  });

  const ids = (...args: unknown[]) =>
    resolveTasks(services(), ...(args as [unknown])).then((found) => found.map(({ id }) => id));

  it('is for all selected tiles of the gallery, or for the one that was clicked outside of them', async () => {
    const tile = { webview: 'seedance.gallery', webviewSection: 'tile', id: 'ready' };
    const idsOf = async (argument: unknown) => (await resolveTasks(services(), argument)).map(({ id }) => id);
    assert.deepEqual(await idsOf({ ...tile, ids: ['ready', 'failed'] }), ['ready', 'failed']);
    assert.deepEqual(await idsOf({ ...tile, ids: ['failed', 'running'] }), ['ready']);
    for (const ids of [undefined, 'failed', {}, [7, null]]) {
      assert.deepEqual(await idsOf({ ...tile, ids }), ['ready']);
    }
    await assert.rejects(resolveTask(services(), { ...tile, ids: ['ready', 'failed'] }), /2 are selected/);
  });

  it('is for the row, for all selected rows if it is one of them, for all takes of a chain, and for no older row', async () => {
    assert.deepEqual(await ids('ready'), ['ready']);
    assert.deepEqual(await ids(row('ready')), ['ready']);
    const several = [row('ready'), row('failed')];
    assert.deepEqual(await ids(row('ready'), several), ['ready', 'failed']);
    assert.deepEqual(await ids(row('running'), several), ['running'], 'a menu outside of the selection');
    assert.deepEqual(await ids(CHAIN), ['first', 'second', 'third']);
    assert.deepEqual(await ids(CHAIN, [CHAIN, row('ready'), row('second')]), ['first', 'second', 'third', 'ready']);
    assert.deepEqual(await ids(row('ready'), [OLDER, row('ready')]), ['ready'], 'nobody sees what is in the older row');
    selection = ['failed', 'running'];
    assert.deepEqual(await ids(undefined), ['failed', 'running'], 'of a key');
    await assert.rejects(ids(OLDER), /Select a task/);
    await assert.rejects(ids({ chain: 'gone' }), /Select a task/);
    await assert.rejects(ids('gone'), /no longer in the list/);
    selection = [];
    await assert.rejects(ids(undefined), /Select a task/);
  });

  it('of one video asks for one, or takes the newest take of a chain that it can be used on', async () => {
    const one = async (...args: unknown[]) => (await resolveTask(services(), ...(args as [unknown]))).id;
    assert.equal(await one(CHAIN, undefined, 'done'), 'second');
    assert.equal(await one(CHAIN, [CHAIN], 'retryable'), 'third');
    assert.equal(await one(row('ready'), [row('ready')], 'done'), 'ready');
    const several = [row('ready'), row('ready2'), CHAIN];
    await assert.rejects(one(row('ready'), several, 'done'), /one video at a time, and 5 are selected/);
    await assert.rejects(one(CHAIN, several, 'done'), /one video at a time/);
    selection = ['ready', 'failed'];
    await assert.rejects(one(undefined), /one video at a time, and 2/);
  });

  for (const id of [
    'seedance.task.saveAs',
    'seedance.task.exportGif',
    'seedance.task.reveal',
    'seedance.task.continueFromLastFrame',
    'seedance.task.addId',
  ] as const) {
    it(`${id} says that it is for one, and does nothing, when several are selected`, async () => {
      await run(id, row('ready'), [row('ready'), row('failed')]);
      assert.match(said()[0] ?? '', /one video at a time, and 2 are selected/);
      assert.equal(messages.length, 1);
    });
  }

  it('previews all that were chosen, in turn', async () => {
    await run('seedance.task.preview', row('failed'), [row('ready'), row('failed'), row('running')]);
    await run('seedance.task.preview', row('ready'), [row('ready')]);
    await run('seedance.task.preview', CHAIN);
    selection = ['running', 'ready'];
    await run('seedance.task.preview');
    assert.deepEqual(shown, [
      ['failed', { series: ['ready', 'failed', 'running'] }],
      ['ready', {}],
      ['third', { series: ['first', 'second', 'third'] }],
      ['running', { series: ['running', 'ready'] }],
    ]);
  });

  it('copies what all of them have', async () => {
    await run('seedance.task.copyPrompt', row('ready'), [row('ready'), row('nameless'), row('failed')]);
    assert.equal(copied, 'Scene ready\n\nScene failed');
    await run('seedance.task.copyId', CHAIN);
    assert.equal(copied, 'gateway-first\ngateway-second\ngateway-third');
    await run('seedance.task.copyLink', CHAIN);
    assert.equal(copied, 'https://files.example/first.mp4\nhttps://files.example/second.mp4');
  });

  it('says with a link that it dies, and when', async () => {
    await run('seedance.task.copyLink', row('ready'));
    assert.equal(copied, 'https://files.example/ready.mp4');
    assert.match(
      said()[0] ?? '',
      /^Link copied\. It dies in 1 h 0 min, at the latest on .*2027.*To keep a video, save it/,
    );
    const soon = task('soon', { state: 'done', result: { ...result('soon'), expiresAt: NOW + 600_000 } });
    records.set('soon', soon);
    await run('seedance.task.copyLink', row('ready'), ['ready', 'soon', 'failed'].map(row));
    records.delete('soon');
    assert.match(said()[1] ?? '', /^Links copied: 2\. The first one dies in 10 min, .*Left out.*no link: 1 of 3\./);
    await run('seedance.task.copyLink', row('failed'));
    assert.match(said()[2] ?? '', /There is no link/);
    records.set('dead', task('dead', { state: 'done', result: { ...result('dead'), expiresAt: NOW - 600_000 } }));
    await run('seedance.task.copyLink', row('dead'));
    records.delete('dead');
    assert.match(said()[3] ?? '', /The link has expired\. “Check now”.*costs nothing/);
  });

  it('removes all of them after one question', async () => {
    user.onMessage = ({ answer, buttons }) => answer(buttons[0]);
    await run('seedance.task.remove', CHAIN, [CHAIN, row('running')]);
    assert.equal(messages.length, 1);
    assert.equal(
      messages[0]!.text,
      'Remove 4 tasks from the list: “Scene first”, “Scene second”, “Scene third” and more: 1?',
    );
    assert.match(messages[0]!.detail, /lost for ever: 2 of 4\.\n\n“Scene first”, “Scene second”\n.*not saved/);
    assert.match(messages[0]!.detail, /“Scene running”\nA video is on its way/);
    assert.deepEqual(removed, ['first', 'second', 'third', 'running']);
    await run('seedance.task.remove', row('ready'));
    assert.equal(messages[1]!.text, 'Remove “Scene ready” from the list?');
    assert.doesNotMatch(messages[1]!.detail, /Scene| of 1/);
  });

  it('generates all of them again after one question with the sum, which costs nothing to decline', async () => {
    const framed = task('framed', {
      state: 'unknown',
      request: { model: 'other', prompt: 'A frame', aspectRatio: '9:16' },
    });
    records.set('framed', framed);
    await run('seedance.task.again', row('ready'), ['ready', 'failed', 'framed', 'nameless'].map(row));
    records.delete('framed');
    assert.equal(messages.length, 1);
    const [{ text, detail }] = messages as [FakeMessage];
    assert.match(text, /Videos: 3\. What they cost together is not known/);
    assert.match(detail, /2 × m: 34/);
    assert.match(detail, /1 × other: price unknown/);
    assert.match(detail, /No answer came to 1 of them/);
    assert.match(detail, /Left out, because their prompt is not known: 1/);
  });

  it('says the sum where it is known', async () => {
    await run('seedance.task.again', row('ready'), ['ready', 'failed', 'nameless'].map(row));
    assert.match(said()[0] ?? '', /Videos: 2, together 34/);
  });

  it('saves what there is to save, and says what was left out', async () => {
    await run('seedance.task.save', row('failed'), [row('failed'), row('running')]);
    assert.deepEqual(said(), ['There is no video to save yet.']);
  });
});
