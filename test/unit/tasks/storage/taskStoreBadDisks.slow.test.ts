import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileAtomically, ensureDirectory, replaceFileAtomically } from '../../../../src/common/atomicFile';
import { BufferedFileWriter } from '../../../../src/tasks/download/bufferedFileWriter';
import { deleteOrphans } from '../../../../src/tasks/storage/localCopies';
import type { TaskStore } from '../../../../src/tasks/storage/taskStore';
import { submitting, withSavedLocation } from '../../../../src/tasks/model/transitions';
import { FastClock, stoppedClock } from '../../../support/clocks';
import { FLUSH_ERRORS, NO_LINK_ERRORS, PASSING_ERRORS } from '../../../support/diskErrors';
import { changeHandles, countListings, failLinks, failReads, patchFs, systemError } from '../../../support/faultyFs';
import { createRecord, createStore } from '../../../support/records';
import { settled } from '../../../support/recordingFetch';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import { waitFor } from '../../../support/waitFor';

const RECORDS = 20;
const ids = Array.from({ length: RECORDS }, (_, n) => `task${String(n).padStart(2, '0')}`);

describe('store: bad disks', function () {
  this.timeout(20_000);
  let place: string;
  let restore: () => void;
  const stores: TaskStore[] = [];
  const open = (options: Parameters<typeof createStore>[1] = {}): TaskStore => {
    const store = createStore(place, options);
    stores.push(store);
    return store;
  };
  const fast = () => new FastClock({ speed: 50, startedAt: Date.now() });
  const inTasks = async () => (await readdir(join(place, 'tasks'))).sort();
  const setAside = () => readdir(join(place, 'damaged')).catch(() => [] as string[]);
  const put = (name: string, text: string) => writeFile(join(place, 'tasks', name), text);
  const idsOf = (store: TaskStore) => store.list().map(({ id }) => id);

  beforeEach(async () => {
    place = await makeTempDir();
    await mkdir(join(place, 'tasks'));
    restore = () => undefined;
  });

  afterEach(async () => {
    restore();
    stores.splice(0).forEach((store) => store.dispose());
    await settled();
    await removeTempDir(place);
  });

  describe('whose reads fail for a moment', () => {
    beforeEach(() => Promise.all(ids.map((id) => put(`${id}.1.json`, `${JSON.stringify(createRecord(id))}\n`))));

    for (const code of PASSING_ERRORS) {
      it(`lose no record to ${code}: all are kept, counted, and read again`, async () => {
        restore = failReads(/task\d+\.1\.json$/, code);
        const store = open({ clock: fast() });
        let told = 0;
        store.onDidChangeUnreadable(() => told++);
        await store.load();
        assert.deepEqual(idsOf(store), []);
        assert.deepEqual([...store.unreadable].sort(), ids);
        assert.ok(told > 0);
        assert.deepEqual(await setAside(), []);
        restore();
        await waitFor(() => store.list().length === RECORDS, { withinMs: 5_000 });
        assert.deepEqual(store.unreadable, []);
        assert.deepEqual(store.damaged, []);
        assert.deepEqual(await setAside(), []);
        assert.equal((await inTasks()).length, RECORDS);
      });

      it(`load by themselves when the folder can be listed again after ${code}`, async () => {
        restore = failReads(/tasks$/, code);
        const store = open({ clock: fast() });
        await assert.rejects(store.load(), { name: 'StoreError', kind: 'storage' });
        restore();
        await waitFor(() => store.list().length === RECORDS, { withinMs: 5_000 });
        assert.deepEqual(await setAside(), []);
      });
    }

    it('are asked ever more rarely', async () => {
      const store = open({ clock: fast() });
      let reads = 0;
      restore = patchFs({
        readFile: ((path: string) => {
          reads += path.endsWith('task00.1.json') ? 1 : 0;
          return Promise.reject(systemError('EIO'));
        }) as never,
      });
      await store.load();
      // A minute and a half of the store's time.
      await new Promise((resolve) => setTimeout(resolve, 1_800));
      assert.ok(reads >= 4 && reads <= 12, `${reads} reads`);
    });

    it('say of a record that it cannot be read, and not that it is gone', async () => {
      restore = failReads(/task\d+\.1\.json$/, 'EIO');
      const store = open({ clock: fast() });
      await store.load();
      await assert.rejects(store.update('task00', submitting(7)), { kind: 'storage', message: /cannot be read/ });
      await assert.rejects(store.remove('task00'), { kind: 'storage', message: /cannot be read/ });
      await assert.rejects(store.create(createRecord('task00')), { kind: 'storage' });
    });

    it('show what was read before, and take no change on top of what they cannot read', async () => {
      const store = open({ clock: fast() });
      await store.load();
      restore = failReads(/task00\.2\.json$/, 'EIO');
      await put('task00.2.json', `${JSON.stringify(createRecord('task00', { gatewayId: 'paid' }))}\n`);
      await assert.rejects(store.update('task00', submitting(7)), { kind: 'storage' });
      assert.equal(store.get('task00')?.state, 'draft');
      restore();
      const after = await store.update('task00', submitting(7));
      assert.equal(after.gatewayId, 'paid');
    });

    it('keep the videos of what they cannot read', async () => {
      restore = failReads(/task\d+\.1\.json$/, 'EIO');
      const store = open({ clock: fast() });
      await store.load();
      const video = join(place, 'videos', 'task00.mp4');
      await writeFile(video, 'the only copy');
      await utimes(video, 1, 1);
      await deleteOrphans(store, Date.now());
      restore();
      restore = failReads(/damaged$/, 'EACCES');
      await writeFile(join(place, 'videos', 'nobodys.mp4'), 'the only copy of a damaged record');
      await utimes(join(place, 'videos', 'nobodys.mp4'), 1, 1);
      await deleteOrphans(store, Date.now());
      restore();
      assert.deepEqual((await readdir(join(place, 'videos'))).sort(), ['nobodys.mp4', 'task00.mp4']);
    });
  });

  describe('without hard links', () => {
    for (const code of NO_LINK_ERRORS) {
      it(`work where link answers ${code}`, async () => {
        restore = failLinks(code);
        const store = open();
        await store.create(createRecord('a1'));
        await store.update('a1', submitting(7));
        await store.create(createRecord('b2'));
        await store.remove('b2');
        const other = open();
        await other.load();
        assert.deepEqual(
          other.list().map(({ id, state }) => `${id} ${state}`),
          ['a1 submitting'],
        );
        assert.deepEqual(await inTasks(), ['a1.2.json', 'b2.2.json']);
      });
    }

    it('show no other window half a record, however long a writer stalls', async () => {
      restore = failLinks('ENOTSUP');
      const store = open();
      await store.create(createRecord('a1'));
      const other = open({ clock: fast() });
      await other.load();
      const restoreLinks = restore;
      let stalls = 0;
      const restoreHandles = changeHandles((handle, path) => {
        if (path.includes('.writing')) {
          const write = handle.writeFile.bind(handle);
          handle.writeFile = async (text) => {
            stalls++;
            await write((text as string).slice(0, 20));
            await new Promise((resolve) => setTimeout(resolve, 600));
            await write((text as string).slice(20));
          };
        }
      });
      restore = () => {
        restoreHandles();
        restoreLinks();
      };
      const change = store.update('a1', withSavedLocation('file:///paid', 1));
      let isOver = false;
      void change.finally(() => (isOver = true));
      while (!isOver) {
        const texts = await Promise.all(
          (await inTasks())
            .filter((name) => name.endsWith('.json'))
            .map((name) => readFile(join(place, 'tasks', name), 'utf8').catch(() => '{"superseded":1}\n')),
        );
        assert.ok(texts.length > 0, 'the record is there at all times');
        texts.forEach((text) => assert.ok(text.endsWith('}\n'), text));
        await other.rescan();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await change;
      assert.equal(stalls, 1);
      await waitFor(() => other.get('a1')?.saved.length === 1, { withinMs: 5_000 });
      assert.deepEqual([...other.damaged, ...(await setAside())], []);
    });

    it('let two windows that stall write one after the other', async () => {
      restore = failLinks('EISDIR');
      const windows = [open({ clock: fast() }), open({ clock: fast() }), open({ clock: fast() })];
      await windows[0]!.create(createRecord('a1'));
      await Promise.all(windows.map((window) => window.load()));
      const restoreLinks = restore;
      const restoreHandles = changeHandles((handle) => {
        const write = handle.writeFile.bind(handle);
        handle.writeFile = async (text) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
          await write(text);
        };
      });
      restore = () => {
        restoreHandles();
        restoreLinks();
      };
      await Promise.all(
        windows.map(async (window, w) => {
          for (let n = 0; n < 5; n++) {
            await window.update('a1', withSavedLocation(`file:///${w}/${n}`, n));
          }
        }),
      );
      const fresh = open();
      await fresh.load();
      assert.equal(fresh.get('a1')?.saved.length, 15);
      assert.deepEqual(await setAside(), []);
      assert.equal((await inTasks()).length, 1);
    });

    it('go on where a window died in the middle', async () => {
      restore = failLinks('EPERM');
      const store = open({ clock: fast() });
      await store.create(createRecord('a1'));
      await mkdir(join(place, 'tasks', 'a1.2.json.writing'));
      await put('a1.2.json.writing/a1.2.0.dead.tmp', '{"form');
      await store.update('a1', submitting(7));
      assert.deepEqual(await inTasks(), ['a1.2.json']);
    });

    it('wait for an older version that copies, and stalls', async () => {
      const store = open({ clock: fast() });
      const text = `${JSON.stringify(createRecord('a1', { gatewayId: 'paid' }))}\n`;
      await put('a1.1.json', `${JSON.stringify(createRecord('a1'))}\n`);
      await put('a1.2.json', text.slice(0, 50));
      const slow = open();
      const finished = new Promise((resolve) => setTimeout(resolve, 400)).then(() => put('a1.2.json', text));
      await slow.load();
      await finished;
      assert.equal(slow.get('a1')?.gatewayId, 'paid');
      assert.deepEqual(await setAside(), []);
      await store.load();
      assert.equal(store.get('a1')?.gatewayId, 'paid');
    });
  });

  it('know a link that was made although the answer says that it was not', async () => {
    const { link } = fs.promises;
    for (const code of ['EEXIST', 'EIO', 'ENOTSUP']) {
      restore = patchFs({
        link: async (from, to) => {
          await link(from, to);
          throw systemError(code, 'link');
        },
      });
      const path = join(place, code);
      assert.equal(await createFileAtomically(path, code, `${path}.tmp`), true);
      restore();
      assert.equal(await readFile(path, 'utf8'), code);
    }
    assert.deepEqual((await readdir(place)).sort(), ['EEXIST', 'EIO', 'ENOTSUP', 'tasks']);
  });

  describe('that cannot flush', () => {
    for (const code of FLUSH_ERRORS) {
      for (const call of ['fsync', 'open'] as const) {
        it(`cost durability and nothing else where ${call} of a folder answers ${code}`, async () => {
          const { open: openFile } = fs.promises;
          let refused = 0;
          restore = patchFs({
            open: (async (path: string, ...rest: never[]) => {
              const isFolder = await stat(path).then(
                (found) => found.isDirectory(),
                () => false,
              );
              if (isFolder && call === 'open') {
                refused++;
                throw systemError(code, call);
              }
              const handle = await openFile(path, ...rest);
              if (isFolder || code !== 'EBADF') {
                handle.sync = () => {
                  refused++;
                  return Promise.reject(systemError(code, call));
                };
              }
              return handle;
            }) as never,
          });
          const store = open();
          await store.create(createRecord('a1'));
          await store.update('a1', submitting(7));
          await ensureDirectory(join(place, 'deep'));
          await replaceFileAtomically(join(place, 'deep', 'x'), 'text');
          assert.equal(await readFile(join(place, 'deep', 'x'), 'utf8'), 'text');
          assert.ok(refused > 0 || process.platform === 'win32');
          assert.deepEqual(await inTasks(), ['a1.2.json']);
        });
      }
    }

    it('a new record that cannot be flushed is not there, a change stays and is taken for written when it is tried again', async () => {
      const store = open();
      await store.create(createRecord('a1'));
      restore = changeHandles((handle, path) => {
        if (path.endsWith('tasks')) {
          handle.sync = () => Promise.reject(systemError('EIO', 'fsync'));
        }
      });
      await assert.rejects(store.create(createRecord('b2')), { kind: 'storage' });
      await assert.rejects(store.update('a1', submitting(7)), { kind: 'storage' });
      assert.deepEqual(await inTasks(), ['a1.1.json', 'a1.2.json']);
      await assert.rejects(
        store.update('a1', submitting(7)),
        { kind: 'storage' },
        'nothing is promised before the flush',
      );
      restore();
      assert.equal((await store.update('a1', submitting(7))).state, 'submitting');
    });

    it('do not fail a download for its flushes on the way', async () => {
      for (const [code, fails] of [...FLUSH_ERRORS.map((each) => [each, false] as const), ['EIO', true] as const]) {
        const file = {
          write: (bytes: Buffer) => Promise.resolve({ bytesWritten: bytes.length, buffer: bytes }),
          datasync: () => Promise.reject(systemError(code, 'fdatasync')),
        };
        const writer = new BufferedFileWriter(file as never, 0, () => 0);
        const bytes = Buffer.alloc(17 * 1024 * 1024);
        const fill = async () => {
          await writer.write(bytes);
          await writer.drain();
        };
        await (fails ? assert.rejects(fill(), { code }) : fill());
      }
    });

    it('tell where flushing fails on a disk that can', async () => {
      restore = changeHandles((handle) => {
        handle.sync = () => Promise.reject(systemError('EIO', 'fsync'));
      });
      await assert.rejects(createFileAtomically(join(place, 'a'), 'x', join(place, 'a.tmp')), { code: 'EIO' });
    });
  });

  describe('without file events', () => {
    /** Watchers that say nothing, or what a test wants. */
    class SilentWatcher extends EventEmitter {
      isOpen = true;
      close(): void {
        this.isOpen = false;
      }
    }
    const watchers: SilentWatcher[] = [];

    beforeEach(() => {
      watchers.length = 0;
    });
    const silence = () =>
      patchFs(
        {},
        {
          watch: (() => {
            watchers.push(new SilentWatcher());
            return watchers.at(-1);
          }) as never,
        },
      );

    it('a window that is seen looks by itself', async () => {
      restore = silence();
      const seen = open({ clock: fast() });
      await seen.load();
      seen.keepLooking('tree', true);
      const store = open();
      await store.create(createRecord('a1'));
      await waitFor(() => seen.get('a1'), { withinMs: 2_000 });
      await store.update('a1', submitting(7));
      await waitFor(() => seen.get('a1')?.state === 'submitting', { withinMs: 2_000 });
    });

    it('it looks no more when nobody sees it', async () => {
      restore = silence();
      const clock = stoppedClock();
      const store = open({ clock });
      await store.load();
      store.keepLooking('tree', true);
      store.keepLooking('window', true);
      store.keepLooking('tree', false);
      assert.equal(clock.timers, 1);
      store.keepLooking('window', false);
      assert.equal(clock.timers, 0);
    });

    it('a look costs no listing while nothing changes, and sees what a coarse folder time hides', async () => {
      restore = silence();
      const clock = stoppedClock();
      const store = open({ clock });
      await store.load();
      const { counts, restore: uncount } = countListings();
      const restoreWatch = restore;
      restore = () => {
        uncount();
        restoreWatch();
      };
      for (let looks = 0; looks < 24; looks++) {
        clock.freeze(5_000);
        await store.look();
      }
      assert.ok((counts.get('tasks') ?? 0) <= 3, `${counts.get('tasks')} listings in two minutes`);
      const { mtime } = await stat(join(place, 'tasks'));
      await put('a1.1.json', `${JSON.stringify(createRecord('a1'))}\n`);
      await utimes(join(place, 'tasks'), mtime, mtime);
      for (let looks = 0; looks < 25; looks++) {
        clock.freeze(5_000);
        await store.look();
      }
      assert.deepEqual(idsOf(store), ['a1']);
    });

    it('a watcher that fails is started anew, and what came meanwhile is seen', async () => {
      restore = silence();
      const store = open({ clock: fast() });
      await store.load();
      const other = open();
      await other.create(createRecord('a1'));
      watchers[0]!.emit('error', systemError('ENOSPC', 'watch'));
      assert.equal(watchers[0]!.isOpen, false);
      await waitFor(() => store.get('a1'), { withinMs: 2_000 });
      assert.equal(watchers.filter(({ isOpen }) => isOpen).length, 2);
    });

    it('a watcher that cannot be started is tried again, ever more rarely', async () => {
      let tries = 0;
      const { watch } = fs;
      restore = patchFs(
        {},
        {
          watch: ((...args: Parameters<typeof watch>) => {
            if (++tries < 4) {
              throw systemError('EMFILE', 'watch');
            }
            return watch(...args);
          }) as never,
        },
      );
      const store = open({ clock: fast() });
      await store.load();
      assert.equal(tries, 1);
      await waitFor(() => tries === 4, { withinMs: 2_000 });
      const other = open();
      await other.create(createRecord('a1'));
      await waitFor(() => store.get('a1'), { withinMs: 2_000 });
    });
  });

  describe('with many records', () => {
    it('a change costs one listing in the window that writes it, a new record none, and the others none', async function () {
      this.timeout(60_000);
      const many = Array.from({ length: 2_000 }, (_, n) => `r${String(n).padStart(5, '0')}`);
      await Promise.all(many.map((id) => put(`${id}.1.json`, `${JSON.stringify(createRecord(id))}\n`)));
      const windows = [open(), open(), open()];
      await Promise.all(windows.map((window) => window.load()));
      const [first, second, third] = windows as [TaskStore, TaskStore, TaskStore];
      // What the watchers still had to tell of what the test put there.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { counts, restore: uncount } = countListings();
      restore = uncount;
      for (let n = 0; n < 20; n++) {
        await [first, second][n % 2]!.update(many[n]!, submitting(n + 1));
      }
      for (let n = 0; n < 5; n++) {
        const record = createRecord(first.newId(Date.now()));
        await first.create(record);
        await first.update(record.id, submitting(7));
      }
      const copy = (id: string) => ({ file: `${id}.mp4`, bytes: 1, at: 1 });
      for (const id of many.slice(100, 105)) {
        await second.update(id, (record) => ({ ...record, localCopy: copy(id) }));
        await second.remove(id);
      }
      await waitFor(
        () => third.list().length === 2_000 && third.list().filter(({ state }) => state === 'submitting').length === 25,
        { withinMs: 10_000 },
      );
      assert.deepEqual(Object.fromEntries(counts), { tasks: 20 + 5 + 5 + 5 }, 'updates, of new ones too, and removals');
    });

    it('an import lists it once', async () => {
      const store = open();
      await store.load();
      const { counts, restore: uncount } = countListings();
      restore = uncount;
      for (let n = 0; n < 200; n++) {
        await store.create(createRecord(`imported${n}`));
      }
      assert.ok((counts.get('tasks') ?? 0) <= 1, `${counts.get('tasks')} listings`);
    });
  });

  it('a name that a window far behind has used again for a moment lets no other win that is behind', async () => {
    const behind = open({ clock: stoppedClock() });
    const store = open({ clock: stoppedClock() });
    await store.create(createRecord('a1'));
    await store.update('a1', withSavedLocation('file:///1', 1));
    await behind.load();
    for (const at of [2, 3, 4]) {
      await store.update('a1', withSavedLocation(`file:///${at}`, at));
    }
    assert.deepEqual(await inTasks(), ['a1.5.json']);
    // Of a third window, which knew the first revision only and is about to find out.
    await put('a1.2.json', `${JSON.stringify(createRecord('a1', { gatewayId: 'late' }))}\n`);
    const after = await behind.update('a1', withSavedLocation('file:///late', 9));
    assert.deepEqual(
      after.saved.map(({ at }) => at),
      [1, 2, 3, 4, 9],
    );
    assert.ok((await inTasks()).includes('a1.6.json'));
  });

  it('a revision that a dead window left does not let one win that is far behind', async () => {
    const behind = open({ clock: stoppedClock() });
    await put('a1.1.json', `${JSON.stringify(createRecord('a1'))}\n`);
    await behind.load();
    // It died between writing the second and deleting the first.
    await put('a1.2.json', `${JSON.stringify(createRecord('a1', { gatewayId: 'paid' }))}\n`);
    const patient = createStore(place, { clock: stoppedClock() });
    stores.push(patient);
    // Found while the first is still there, as by a window that was open all the time.
    await patient.load();
    await put('a1.1.json', `${JSON.stringify(createRecord('a1'))}\n`);
    await patient.update('a1', withSavedLocation('file:///1', 1));
    await patient.update('a1', withSavedLocation('file:///2', 2));
    assert.deepEqual(await inTasks(), ['a1.4.json']);
    const after = await behind.update('a1', withSavedLocation('file:///late', 9));
    assert.deepEqual([after.gatewayId, after.saved.length], ['paid', 3]);
  });
});
