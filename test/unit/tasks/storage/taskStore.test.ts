import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import type { TaskChange, TaskStore } from '../../../../src/tasks/storage/taskStore';
import { withSavedLocation, submitting } from '../../../../src/tasks/model/transitions';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import { waitFor } from '../../../support/waitFor';
import { HOUR_MS, createRecord, createStore } from '../../../support/records';
import { stoppedClock } from '../../../support/clocks';
import { settled } from '../../../support/recordingFetch';

describe('store', () => {
  let place: string;
  let store: TaskStore;
  const stores: TaskStore[] = [];

  const another = (
    ...options: Parameters<typeof createStore> extends [string, ...infer Rest] ? Rest : never
  ): TaskStore => {
    const made = createStore(place, ...options);
    stores.push(made);
    return made;
  };
  const names = async (): Promise<string[]> => (await readdir(join(place, 'tasks'))).sort();
  /** What a window sees that is opened now. */
  const onDisk = async (): Promise<readonly TaskRecord[]> => {
    const fresh = another();
    await fresh.load();
    return fresh.list();
  };

  beforeEach(async () => {
    place = await makeTempDir();
    store = another();
  });

  afterEach(async () => {
    stores.splice(0).forEach((opened) => opened.dispose());
    await settled();
    await removeTempDir(place);
  });

  describe('keeps what it is given', () => {
    it('on the disk when `create` resolves', async () => {
      const record = createRecord('a1', {
        quotedPrice: 122,
        request: { model: 'm', prompt: 'кот 🐈\u0000\n"', aspectRatio: '9:16' },
      });
      assert.equal(await store.create(record), record);
      assert.deepEqual(await onDisk(), [JSON.parse(JSON.stringify(record))]);
    });

    it('on the disk when `update` resolves', async () => {
      await store.create(createRecord('a1'));
      const after = await store.update('a1', submitting(7));
      assert.equal(after.state, 'submitting');
      assert.deepEqual((await onDisk())[0], JSON.parse(JSON.stringify(after)));
    });

    it('and announces it only then', async () => {
      const heard: string[] = [];
      store.onDidChange((changes) => {
        const [name = ''] = readdirSync(join(place, 'tasks'))
          .filter((file) => file.endsWith('.json'))
          .reverse();
        const { state } = JSON.parse(readFileSync(join(place, 'tasks', name), 'utf8')) as TaskRecord;
        heard.push(`${changes[0]?.after?.state} told, ${state} on disk`);
      });
      await store.create(createRecord('a1'));
      await store.update('a1', submitting(7));
      assert.deepEqual(heard, ['draft told, draft on disk', 'submitting told, submitting on disk']);
    });

    it('and tells before and after', async () => {
      const heard: TaskChange[] = [];
      const created = await store.create(createRecord('a1'));
      store.onDidChange((changes) => heard.push(...changes));
      const updated = await store.update('a1', submitting(7));
      await store.remove('a1');
      assert.deepEqual(heard, [
        { id: 'a1', before: created, after: updated },
        { id: 'a1', before: updated },
      ]);
    });

    it('and tells of the changes of a task in their order, also while it reads many', async () => {
      const other = another();
      await store.create(createRecord('a1'));
      await store.create(createRecord('b1'));
      await other.load();
      const heard: string[] = [];
      other.onDidChange((changes) => {
        const mine = changes.filter(({ id }) => id === 'a1');
        heard.push(...mine.map(({ after }) => `${after?.state}, ${after?.saved.length} saved`));
      });
      await store.update('a1', submitting(7));
      await store.update('b1', submitting(7));
      // The scan reads the one at once, and waits for the other until all that it is asked for is written.
      const changes = Array.from({ length: 200 }, (_, at) =>
        other.update('b1', withSavedLocation(`file:///${at}`, at)),
      );
      const scan = other.rescan();
      await waitFor(() => other.get('a1')?.state === 'submitting');
      await other.update('a1', withSavedLocation('file:///1', 8));
      await Promise.all([scan, ...changes]);
      assert.deepEqual(heard, ['submitting, 0 saved', 'submitting, 1 saved']);
    });

    it('without a word or a write where a change changes nothing', async () => {
      const record = await store.create(createRecord('a1'));
      store.onDidChange(() => assert.fail('announced'));
      assert.equal(await store.update('a1', (same) => same), record);
      assert.deepEqual(await names(), ['a1.1.json']);
    });

    it('in one file, whatever was changed', async () => {
      await store.create(createRecord('a1'));
      for (let at = 0; at < 5; at++) {
        await store.update('a1', withSavedLocation(`file:///${at}`, at));
      }
      assert.deepEqual(await names(), ['a1.6.json']);
    });

    it('in the order in which it was asked', async () => {
      await store.create(createRecord('a1'));
      await Promise.all(
        Array.from({ length: 20 }, (_, at) => store.update('a1', withSavedLocation(`file:///${at}`, at))),
      );
      assert.deepEqual(
        store.get('a1')?.saved.map(({ at }) => at),
        Array.from({ length: 20 }, (_, at) => at),
      );
    });

    it('and refuses an id that is taken', async () => {
      await store.create(createRecord('a1'));
      const other = another();
      await assert.rejects(other.create(createRecord('a1', { origin: 'added' })), {
        name: 'StoreError',
        kind: 'storage',
      });
      assert.equal((await onDisk())[0]?.origin, 'generated');
    });

    it('and fields that only a later version knows', async () => {
      await mkdir(join(place, 'tasks'));
      const record = { ...createRecord('a1'), favourite: { stars: 5 } };
      Object.assign(record.request, { seed: 42 });
      await writeFile(join(place, 'tasks', 'a1.1.json'), JSON.stringify(record));
      await store.load();
      await store.update('a1', submitting(7));
      const [kept] = (await onDisk()) as [TaskRecord & { favourite?: unknown }];
      assert.deepEqual(kept.favourite, { stars: 5 });
      assert.deepEqual((kept.request as { seed?: number }).seed, 42);
    });
  });

  describe('lists', () => {
    it('the newest first, and the same array until something changes', async () => {
      const ids = [store.newId(1_000), store.newId(5_000), store.newId(5_000)];
      for (const id of ids) {
        await store.create(createRecord(id));
      }
      const list = store.list();
      assert.deepEqual(
        list.map(({ id }) => id),
        ids.toReversed(),
      );
      assert.equal(store.list(), list);
      await store.update(ids[0]!, submitting(1));
      assert.notEqual(store.list(), list);
    });

    it('ids that sort by time, also when the clock goes back', () => {
      const times = [5, 5, 3, 3, 1_000, 999, Date.UTC(2026, 1, 1), Date.UTC(2060, 1, 1)];
      const ids = times.map((at) => store.newId(at));
      assert.deepEqual(ids.toSorted(), ids);
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(
        ids.every((id) => /^[a-z0-9]{17}$/.test(id)),
        String(ids),
      );
    });

    it('tasks by the id of the service, for as long as they are there', async () => {
      await store.create(createRecord('a1', { gatewayId: 'g1' }));
      assert.equal(store.findByGatewayId('g1')?.id, 'a1');
      assert.equal(store.findByGatewayId('g2'), undefined);
      await store.remove('a1');
      assert.equal(store.findByGatewayId('g1'), undefined);
    });
  });

  describe('removes', () => {
    it('the record and its video, also a half one', async () => {
      await store.create(createRecord('a1'));
      for (const name of ['a1.mp4', 'a1.part', 'a1.part.json', 'b2.mp4']) {
        await writeFile(join(place, 'videos', name), 'x');
      }
      await store.remove('a1');
      assert.equal(store.get('a1'), undefined);
      assert.deepEqual(await readdir(join(place, 'videos')), ['b2.mp4']);
      assert.deepEqual(await onDisk(), []);
    });

    it('for good: nothing that was under way brings it back', async () => {
      const slow = another({ clock: stoppedClock() });
      await store.create(createRecord('a1'));
      await slow.load();
      await store.remove('a1');
      assert.ok(slow.get('a1'), 'has not heard of it');
      await assert.rejects(slow.update('a1', submitting(7)), { name: 'StoreError', kind: 'gone' });
      assert.equal(slow.get('a1'), undefined);
      assert.deepEqual(await onDisk(), []);
    });

    it('what another window changed meanwhile', async () => {
      const slow = another({ clock: stoppedClock() });
      await store.create(createRecord('a1'));
      await slow.load();
      await store.update('a1', submitting(7));
      await slow.remove('a1');
      assert.deepEqual(await onDisk(), []);
      await assert.rejects(store.update('a1', withSavedLocation('file:///x', 1)), { kind: 'gone' });
    });

    it('twice without harm', async () => {
      await store.create(createRecord('a1'));
      await Promise.all([store.remove('a1'), store.remove('a1'), another().remove('a1')]);
      await store.remove('never-there');
      assert.deepEqual(await onDisk(), []);
    });

    it('the traces of a removal after a month, and not before', async () => {
      const clock = stoppedClock();
      const past = another({ clock });
      await past.create(createRecord('a1'));
      await past.remove('a1');
      clock.jump(29 * 24 * HOUR_MS);
      await another({ clock }).load();
      assert.deepEqual(await names(), ['a1.2.json']);
      clock.jump(2 * 24 * HOUR_MS);
      await another({ clock }).load();
      assert.deepEqual(await names(), []);
    });
  });

  describe('shared by several windows', () => {
    it('shows each what the others do within two seconds', async () => {
      const other = another();
      await Promise.all([store.load(), other.load()]);
      const heard: TaskChange[] = [];
      other.onDidChange((changes) => heard.push(...changes));
      const soon = { withinMs: 2_000 };
      await store.create(createRecord('a1'));
      await waitFor(() => other.get('a1'), soon);
      await store.update('a1', submitting(7));
      await waitFor(() => other.get('a1')?.state === 'submitting', soon);
      await store.remove('a1');
      await waitFor(() => !other.get('a1'), soon);
      assert.deepEqual(
        heard.map(({ before, after }) => [before?.state, after?.state]),
        [
          [undefined, 'draft'],
          ['draft', 'submitting'],
          ['submitting', undefined],
        ],
      );
    });

    it('shows them also by a look at the disk, where changes are not reported', async () => {
      const blind = another({ clock: stoppedClock() });
      await blind.load();
      await store.create(createRecord('a1'));
      await store.create(createRecord('a2'));
      await store.update('a2', submitting(7));
      await store.remove('a1');
      await blind.rescan();
      assert.deepEqual(
        blind.list().map(({ id, state }) => `${id} ${state}`),
        ['a2 submitting'],
      );
    });

    it('loses no change of one record that all of them write', async () => {
      const windows = [store, another(), another(), another(), another()];
      await store.create(createRecord('a1'));
      await Promise.all(windows.map((window) => window.load()));
      await Promise.all(
        windows.map(async (window, w) => {
          for (let n = 0; n < 15; n++) {
            const after = await window.update('a1', withSavedLocation(`file:///${w}/${n}`, n));
            assert.equal(after.saved.at(-1)?.uri, `file:///${w}/${n}`, 'what is given back has the change');
          }
        }),
      );
      const [kept] = await onDisk();
      const places = kept?.saved.map(({ uri }) => uri) ?? [];
      assert.equal(places.length, 75);
      assert.equal(new Set(places).size, 75);
      for (let w = 0; w < windows.length; w++) {
        const own = places.filter((uri) => uri.startsWith(`file:///${w}/`));
        assert.deepEqual(
          own,
          Array.from({ length: 15 }, (_, n) => `file:///${w}/${n}`),
          'in the order of their window',
        );
      }
      assert.deepEqual((await names()).length, 1);
    });

    it('lets no window win that is far behind', async () => {
      const behind = another({ clock: stoppedClock() });
      await store.create(createRecord('a1'));
      await behind.load();
      for (let at = 0; at < 6; at++) {
        await store.update('a1', withSavedLocation(`file:///${at}`, at));
      }
      // The name of the revision that it would write next was used, and cleaned away.
      assert.deepEqual(await names(), ['a1.7.json']);
      const after = await behind.update('a1', withSavedLocation('file:///late', 9));
      assert.deepEqual(
        after.saved.map(({ at }) => at),
        [0, 1, 2, 3, 4, 5, 9],
      );
      assert.deepEqual(await names(), ['a1.8.json']);
      assert.deepEqual((await onDisk())[0]?.saved.length, 7);
    });

    it('writes a record again that was deleted by hand, when it changes', async () => {
      await store.create(createRecord('a1'));
      await unlink(join(place, 'tasks', 'a1.1.json'));
      await store.update('a1', submitting(7));
      assert.deepEqual(
        (await onDisk()).map(({ id, state }) => `${id} ${state}`),
        ['a1 submitting'],
      );
    });

    it('says nothing any more when it is disposed', async () => {
      const other = another();
      await Promise.all([store.load(), other.load()]);
      other.onDidChange(() => assert.fail('announced'));
      other.dispose();
      await store.create(createRecord('a1'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(other.get('a1'), undefined);
    });
  });

  describe('after windows died', () => {
    beforeEach(() => mkdir(join(place, 'tasks')));
    const put = (name: string, text: string): Promise<void> => writeFile(join(place, 'tasks', name), text);

    it('takes the newest revision, and cleans the others away', async () => {
      for (const revision of [2, 10, 9]) {
        await put(`a1.${revision}.json`, JSON.stringify(createRecord('a1', { createdAt: revision })));
      }
      await store.load();
      assert.equal(store.get('a1')?.createdAt, 10);
      assert.deepEqual(await names(), ['a1.10.json']);
    });

    it('cleans away what was begun and not finished, once nobody can be at it', async () => {
      const clock = stoppedClock();
      await put('a1.2.77.x.tmp', '{"half');
      await another({ clock }).load();
      assert.deepEqual(await names(), ['a1.2.77.x.tmp']);
      clock.jump(2 * HOUR_MS);
      await another({ clock }).load();
      assert.deepEqual(await names(), []);
    });

    it('leaves alone what is not its own', async () => {
      for (const name of ['README', 'A1.1.json', 'a1.json', 'a1.1.json.bak', 'a-1.1.json', '.1.json']) {
        await put(name, 'mine');
      }
      await store.load();
      assert.deepEqual(store.list(), []);
      assert.deepEqual(store.damaged, []);
      assert.equal((await names()).length, 6);
    });
  });

  it('loads once, however often it is asked', async () => {
    await store.create(createRecord('a1'));
    const other = another();
    let loads = 0;
    other.onDidLoad(() => loads++);
    assert.equal(other.isLoaded, false);
    await Promise.all([other.load(), other.load(), other.update('a1', submitting(7))]);
    assert.equal(other.isLoaded, true);
    assert.equal(loads, 1);
  });

  it('tries again to load after a failure', async () => {
    await writeFile(join(place, 'tasks'), 'a file where the folder belongs');
    await assert.rejects(store.load(), { name: 'StoreError', kind: 'storage' });
    await unlink(join(place, 'tasks'));
    await store.load();
    await store.create(createRecord('a1'));
    assert.equal((await onDisk()).length, 1);
  });

  it('writes JSON that a user can read', async () => {
    await store.create(createRecord('a1'));
    const text = await readFile(join(place, 'tasks', 'a1.1.json'), 'utf8');
    assert.match(text, /"prompt":"prompt of a1"/);
  });
});
