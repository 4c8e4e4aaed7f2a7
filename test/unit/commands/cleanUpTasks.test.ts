import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../src/common/clock';
import type { ExtensionServices } from '../../../src/container';
import { Downloader } from '../../../src/tasks/download/downloader';
import { TASK_STATES, type TaskRecord, type TaskState } from '../../../src/tasks/model/taskRecord';
import type { TaskStore } from '../../../src/tasks/storage/taskStore';
import { WorkerLease } from '../../../src/tasks/worker/workerLease';
import { FakeProcessTable } from '../../support/harness';
import { makeMp4 } from '../../support/mp4';
import { createAcceptedRecord, createStore, HOUR_MS } from '../../support/records';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { Uri, window } from '../../support/vscodeStub';
import { ESCAPE, FakeInputBox } from '../../support/fakeInputBox';
import { inFolder, Workbench, type PickItem } from '../../support/workbench';

const { cleanUpCopies } = await import('../../../src/commands/cleanUpCopies');
const { formatBytes } = await import('../../../src/messages/format');
const { saveTasks } = await import('../../../src/commands/save');

const DAY_MS = 24 * HOUR_MS;
const VIDEO = makeMp4(300_000);
const OVER: readonly TaskState[] = ['done', 'failed', 'expired'];
const OLDER = 'Remove tasks older than…';

describe('clean-up of tasks', () => {
  let place: string;
  let store: TaskStore;
  let services: ExtensionServices;
  let workbench: Workbench;
  let now: number;
  let typed: (string | typeof ESCAPE | undefined)[];
  let problems: (string | undefined)[];
  const closing: { dispose(): void }[] = [];

  const openStore = async () => {
    store = createStore(join(place, 'storage'));
    await store.load();
    const lease = new WorkerLease({
      directory: join(place, 'storage'),
      clock: systemClock,
      identity: new FakeProcessTable().start('this'),
    });
    const downloader = new Downloader({
      store,
      fetch: () => Promise.reject(new Error('no network in this test')),
      lease,
      clock: systemClock,
      random: Math.random,
      refreshLink: () => Promise.resolve(false),
    });
    closing.push(downloader, lease, store);
    services = {
      store,
      downloader,
      now: () => now,
      log: { info: () => undefined, error: () => undefined },
      tree: { selection: [] },
      imageStore: { deleteUnused: () => Promise.resolve(0) },
    } as unknown as ExtensionServices;
  };

  beforeEach(async () => {
    place = await makeTempDir();
    await mkdir(join(place, 'films'));
    workbench = new Workbench(Uri.file(join(place, 'films')));
    now = Date.now();
    [typed, problems] = [[], []];
    Object.assign(window, { createInputBox: () => new FakeInputBox(typed, problems) });
    await openStore();
  });
  afterEach(async () => {
    Reflect.deleteProperty(window, 'createInputBox');
    workbench.close();
    closing.splice(0).forEach((service) => service.dispose());
    await removeTempDir(place);
  });

  const copyPath = (id: string) => join(place, 'storage', 'videos', `${id}.mp4`);
  /** A task of some days ago. Its link, if it had one, has died. */
  async function add(id: string, state: TaskState, daysAgo: number, more: Partial<TaskRecord> = {}): Promise<void> {
    const at = now - daysAgo * DAY_MS;
    await store.create({
      ...createAcceptedRecord(at),
      id,
      state,
      createdAt: at,
      ...(state === 'failed' ? { error: { kind: 'task-failed', at } } : {}),
      ...more,
    });
  }
  /** A paid video of which there is our copy. */
  async function addVideo(id: string, daysAgo: number): Promise<void> {
    await writeFile(await inFolder(copyPath(id)), VIDEO);
    await add(id, 'done', daysAgo, { localCopy: { file: `${id}.mp4`, bytes: VIDEO.length, at: now } });
  }
  const ids = () =>
    store
      .list()
      .map(({ id }) => id)
      .sort();
  /** Ticks the rows with these labels, and nothing else. */
  const tick =
    (...labels: string[]) =>
    (items: readonly PickItem[]) =>
      items.filter(({ label }) => labels.includes(label));
  const rows = () =>
    (workbench.lists.at(-1) as (PickItem & { description?: string; detail?: string })[])
      .filter(({ label }) => label.startsWith('Remove '))
      .map(({ label, description, detail }) =>
        [label, description, detail].filter((text) => text !== undefined).join(' | '),
      );

  it('says how many, how large, and how many of them are the only copy; nothing is ticked, and nothing happens', async () => {
    await add('f1', 'failed', 1);
    await add('f2', 'failed', 40);
    await add('e1', 'expired', 8);
    await addVideo('only', 100);
    await addVideo('saved', 100);
    await saveTasks(services, 'saved');
    workbench.picks = () => [];
    await cleanUpCopies(services);
    const lost = 'Paid videos that are saved nowhere else: 1. You are asked before.';
    const size = formatBytes(2 * VIDEO.length);
    assert.deepEqual(rows(), [
      'Remove failed tasks | Tasks: 2',
      'Remove expired tasks | Tasks: 1',
      `Remove tasks older than 7 days | Tasks: 4 · ${size} | ${lost}`,
      `Remove tasks older than 30 days | Tasks: 3 · ${size} | ${lost}`,
      `Remove tasks older than 90 days | Tasks: 2 · ${size} | ${lost}`,
      OLDER,
    ]);
    assert.ok(workbench.lists[0]!.every(({ label, picked }) => !label.startsWith('Remove ') || !picked));
    assert.deepEqual(ids(), ['e1', 'f1', 'f2', 'only', 'saved']);
    assert.deepEqual(workbench.questions, []);
  });

  it('removes what failed or expired without a question, for nothing is lost with it', async () => {
    await add('f1', 'failed', 1);
    await add('e1', 'expired', 1);
    await add('young', 'failed', 0);
    await addVideo('only', 1);
    workbench.picks = tick('Remove expired tasks');
    await cleanUpCopies(services);
    assert.deepEqual(ids(), ['f1', 'only', 'young']);
    assert.deepEqual(workbench.notifications, ['Removed from the list: 1.']);
    workbench.picks = tick('Remove failed tasks');
    await cleanUpCopies(services);
    assert.deepEqual(ids(), ['only']);
    assert.deepEqual(workbench.questions, []);
  });

  it('never removes a paid video that is saved nowhere else without the question, and keeps all when it is declined', async () => {
    await addVideo('only', 40);
    await addVideo('saved', 40);
    await saveTasks(services, 'saved');
    await add('f1', 'failed', 40);
    // Together with the copies that are ticked at first: who declines keeps these as well.
    workbench.picks = (items) =>
      items.filter(({ label, picked }) => picked || label === 'Remove tasks older than 30 days');
    await cleanUpCopies(services);
    assert.equal(workbench.questions.length, 1);
    assert.match(workbench.questions[0]!.text, /Remove 3 tasks from the list/);
    assert.match(workbench.questions[0]!.detail, /not saved anywhere else/);
    assert.deepEqual(ids(), ['f1', 'only', 'saved']);
    assert.ok(existsSync(copyPath('only')) && existsSync(copyPath('saved')));
    workbench.agrees = () => true;
    await cleanUpCopies(services);
    assert.deepEqual(ids(), []);
    assert.ok(!existsSync(copyPath('only')) && !existsSync(copyPath('saved')));
    assert.equal(workbench.notifications.filter((text) => text === 'Removed from the list: 3.').length, 1);
  });

  it('asks also for a video that was saved, and whose file was changed since', async () => {
    await addVideo('saved', 40);
    const [uri] = await saveTasks(services, 'saved');
    workbench.picks = async (items) => {
      await writeFile(Uri.parse(uri!).fsPath, 'no film');
      return tick('Remove tasks older than 7 days')(items);
    };
    await cleanUpCopies(services);
    assert.equal(workbench.questions.length, 1);
    assert.ok(store.get('saved') && existsSync(copyPath('saved')), 'our copy is gone');
  });

  it('offers only what is over, whatever its age', async () => {
    for (const state of TASK_STATES) {
      await add(state, state, 400);
    }
    workbench.agrees = () => true;
    typed = ['0'];
    workbench.picks = (items) => items.filter(({ label }) => label.startsWith('Remove '));
    await cleanUpCopies(services);
    assert.deepEqual(ids(), TASK_STATES.filter((state) => !OVER.includes(state)).sort());
    assert.deepEqual(workbench.questions, [], 'they would have asked');
    await cleanUpCopies(services);
    assert.equal(workbench.lists.length, 1, 'nothing is left to offer');
  });

  it('does not touch what a newer version made', async () => {
    await add('mine', 'failed', 100);
    await add('newer', 'failed', 100);
    closing.splice(0).forEach((service) => service.dispose());
    await writeFile(
      join(place, 'storage', 'tasks', 'newer.1.json'),
      JSON.stringify({ ...store.get('newer'), format: 99, state: 'failed' }),
    );
    await openStore();
    assert.ok(store.isReadOnly('newer'));
    workbench.agrees = () => true;
    typed = ['0'];
    workbench.picks = (items) => items.filter(({ label }) => label.startsWith('Remove '));
    await cleanUpCopies(services);
    assert.ok(rows().every((row) => row === OLDER || row.includes('Tasks: 1')));
    assert.deepEqual(ids(), ['newer']);
  });

  it('leaves alone what changed while the list was open, and what came since', async () => {
    await add('revived', 'failed', 40);
    await add('ready', 'expired', 2);
    await add('gone', 'failed', 40);
    await add('f1', 'failed', 40);
    workbench.agrees = () => true;
    workbench.picks = async (items) => {
      await store.update('revived', (record) => ({ ...record, state: 'running' }));
      await store.update('ready', (record) => ({
        ...record,
        state: 'done',
        result: { url: 'https://files.example/ready', expiresAt: now + HOUR_MS },
      }));
      await store.remove('gone');
      await add('came', 'failed', 0);
      return items.filter(({ label }) => label.startsWith('Remove ') && label !== OLDER);
    };
    await cleanUpCopies(services);
    assert.deepEqual(ids(), ['came', 'ready', 'revived']);
    assert.deepEqual(workbench.questions, []);
  });

  it('says nothing of a task that changed alone', async () => {
    await add('revived', 'failed', 40);
    workbench.picks = async (items) => {
      await store.update('revived', (record) => ({ ...record, state: 'running' }));
      return tick('Remove failed tasks')(items);
    };
    await cleanUpCopies(services);
    assert.deepEqual(ids(), ['revived']);
    assert.ok(!workbench.notifications.some((text) => /Removed/.test(text)));
  });

  it('asks for an age, takes days only, and removes what is older', async () => {
    await add('old', 'failed', 12);
    await add('young', 'failed', 5);
    workbench.picks = tick(OLDER);
    typed = ['soon', '-3', '1.5', '5000', '', '10'];
    await cleanUpCopies(services);
    const number = 'Type a number of days, such as 30.';
    assert.deepEqual(problems.slice(0, 5), [number, number, number, 'No finished task is as old as that.', number]);
    assert.deepEqual(ids(), ['young']);
  });

  it('changes nothing when the user gives up: in the list, at the age, at the question', async () => {
    await addVideo('only', 40);
    await addVideo('saved', 40);
    await saveTasks(services, 'saved');
    await add('f1', 'failed', 40);
    workbench.picks = () => undefined;
    await cleanUpCopies(services);
    // What else was ticked stays too.
    workbench.picks = (items) => items.filter(({ label, picked }) => picked || /failed|…/.test(label));
    typed = [undefined];
    await cleanUpCopies(services);
    typed = ['30'];
    await cleanUpCopies(services);
    assert.equal(workbench.questions.length, 1);
    assert.deepEqual(ids(), ['f1', 'only', 'saved']);
    assert.ok(existsSync(copyPath('only')) && existsSync(copyPath('saved')));
    assert.ok(store.get('saved')?.localCopy);
    assert.deepEqual(
      workbench.notifications.filter((text) => /Removed|deleted/.test(text)),
      [],
    );
  });

  it('goes one step back, with what was ticked: by Escape from the age, and by a declined question', async () => {
    await addVideo('only', 40);
    await addVideo('saved', 40);
    await saveTasks(services, 'saved');
    const ticked = () =>
      workbench.lists.map((items) => items.filter(({ picked }) => picked).map(({ label }) => label.replace(/ .*/, '')));
    // The list, the age, Escape: the list again, and Escape once more ends it.
    let rounds = 0;
    workbench.picks = (items) => (rounds++ === 0 ? items.filter(({ label }) => label === OLDER) : undefined);
    typed = [ESCAPE];
    await cleanUpCopies(services);
    assert.deepEqual([rounds, ticked().at(-1)], [2, ['Remove']]);
    // The list, the question, Cancel: the list again.
    workbench.lists.length = 0;
    workbench.picks = (items) => items.filter(({ label }) => label === 'Remove tasks older than 30 days');
    await cleanUpCopies(services);
    assert.equal(workbench.questions.length, 1);
    assert.deepEqual([workbench.lists.length, ticked().at(-1)], [2, ['Remove']]);
    assert.deepEqual(ids(), ['only', 'saved']);
  });
});
