import assert from 'node:assert/strict';
import fs, { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import type { ExtensionServices } from '../../../src/container';
import { systemClock } from '../../../src/common/clock';
import { Downloader } from '../../../src/tasks/download/downloader';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { expired, localCopyMissing, withSavedLocation } from '../../../src/tasks/model/transitions';
import { deleteOrphans, discardLocalCopy } from '../../../src/tasks/storage/localCopies';
import type { TaskStore } from '../../../src/tasks/storage/taskStore';
import { WorkerLease } from '../../../src/tasks/worker/workerLease';
import { withDiskFaults, type FaultyCall } from '../../support/diskFaults';
import { FakeProcessTable } from '../../support/harness';
import { makeMp4 } from '../../support/mp4';
import { createDoneRecord, createStore, HOUR_MS } from '../../support/records';
import { makeTempDir, readFiles, removeTempDir } from '../../support/tempDir';
import { executed, settings, Uri } from '../../support/vscodeStub';
import { waitFor } from '../../support/waitFor';
import { inFolder, MemoryFiles, Workbench } from '../../support/workbench';

const { cleanUpCopies } = await import('../../../src/commands/cleanUpCopies');
const { removeTasks } = await import('../../../src/commands/removeTasks');
const { revealSavedVideo, saveFrame, saveTaskAs, saveTasks } = await import('../../../src/commands/save');

const PASSING_ERRORS = ['EIO', 'EACCES', 'ESTALE', 'EBUSY', 'EMFILE', 'ETIMEDOUT', 'EHOSTDOWN'];
const LONG_AGO = 30 * 60_000;

describe('saved videos', function () {
  this.timeout(60_000);

  let place: string;
  let films: string;
  let store: TaskStore;
  let services: ExtensionServices;
  let workbench: Workbench;
  let now: number;
  const log: string[] = [];
  const closing: { dispose(): void }[] = [];

  /** Another window on the same storage. */
  function openWindow(): { store: TaskStore; services: ExtensionServices } {
    const itsStore = createStore(join(place, 'storage'));
    const identity = new FakeProcessTable().start('other');
    const lease = new WorkerLease({ directory: join(place, 'storage'), clock: systemClock, identity });
    const downloader = new Downloader({
      store: itsStore,
      fetch: () => Promise.reject(new Error('no network in this test')),
      lease,
      clock: systemClock,
      random: Math.random,
      refreshLink: () => Promise.resolve(false),
    });
    downloader.start();
    closing.push(downloader, lease, itsStore);
    const parts = {
      store: itsStore,
      downloader,
      now: () => now,
      log: { info: (line: string) => log.push(line), error: (line: string) => log.push(line) },
      tree: { selection: [] },
      imageStore: { deleteUnused: () => Promise.resolve(0) },
    };
    return { store: itsStore, services: parts as unknown as ExtensionServices };
  }

  /** The rows of copies in the list that the clean-up showed last; it also offers tasks. */
  const listedCopies = () => (workbench.lists.at(-1) ?? []).filter(({ copy }) => copy !== undefined);

  beforeEach(async () => {
    place = await makeTempDir();
    films = join(place, 'films');
    await mkdir(films);
    workbench = new Workbench(Uri.file(films));
    now = Date.now();
    log.length = 0;
    ({ store, services } = openWindow());
    await store.load();
  });

  afterEach(async () => {
    workbench.close();
    settings.delete('seedance.keepLocalCopies');
    settings.delete('seedance.saveMetadata');
    closing.splice(0).forEach((service) => service.dispose());
    await removeTempDir(place);
  });

  const copyPath = (id: string) => join(place, 'storage', 'videos', `${id}.mp4`);
  /** All as long as one another: what a size tells apart is the easy case. */
  function videoOf(id: string): Buffer {
    const video = Buffer.from(makeMp4(300_000));
    video.write(id, video.length - 64, 'latin1');
    return video;
  }

  /** A paid video whose link has died: what is on this machine is all there is. */
  async function addVideo(id: string, more: Partial<TaskRecord> = {}): Promise<TaskRecord> {
    const bytes = videoOf(id);
    await writeFile(await inFolder(copyPath(id)), bytes);
    return store.create(
      createDoneRecord(id, `https://files.example/${id}`, now - HOUR_MS, {
        localCopy: { file: `${id}.mp4`, bytes: bytes.length, at: now - 2 * HOUR_MS },
        ...more,
      }),
    );
  }

  async function save(id: string, by = services): Promise<string> {
    const [uri] = await saveTasks(by, id);
    return Uri.parse(uri!).fsPath;
  }

  it('are numbered in their order when several are saved, and not otherwise', async () => {
    for (const id of ['fox', 'whale']) {
      await addVideo(id);
    }
    const saved = await saveTasks(services, { id: 'whale' }, [{ id: 'whale' }, { id: 'fox' }]);
    await addVideo('owl');
    const [alone] = await saveTasks(services, 'owl');
    assert.deepEqual(
      [...saved, alone!].map((uri) => basename(Uri.parse(uri).path)),
      ['01-prompt-of-whale.mp4', '02-prompt-of-fox.mp4', 'prompt-of-owl.mp4'],
    );
    assert.ok(existsSync(join(films, 'seedance', '01-prompt-of-whale.json')));
  });

  describe('that are saved already', () => {
    const SEVERAL = ['fox', 'owl', 'whale'].map((id) => ({ id }));
    const inFilms = async () => [...(await readFiles(films)).keys()].filter((name) => name.endsWith('.mp4')).sort();

    it('are said to be, and are saved once more only when the user says so', async () => {
      await addVideo('fox', { request: { model: 'm', prompt: 'fox' } });
      const path = await save('fox');
      assert.equal(await save('fox'), path);
      assert.equal(workbench.notifications.at(-1), `Already saved: ${path}`);
      assert.deepEqual(workbench.buttons, ['Reveal', 'Open', 'Save once more']);
      assert.equal(store.get('fox')?.saved.length, 1);

      workbench.presses = 'Save once more';
      await save('fox');
      workbench.presses = undefined;
      await waitFor(() => store.get('fox')?.saved.length === 2);
      const again = join(films, 'seedance', 'fox-2.mp4');
      await waitFor(() => workbench.notifications.at(-1) === `Saved: ${again}`);
      assert.ok((await readFile(again)).equals(videoOf('fox')));
    });

    it('are named beside those that are saved now', async () => {
      for (const { id } of SEVERAL) {
        await addVideo(id);
      }
      const path = await save('owl');
      const uris = await saveTasks(services, SEVERAL[0], SEVERAL);
      assert.deepEqual(
        uris.map((uri) => basename(Uri.parse(uri).path)),
        ['01-prompt-of-fox.mp4', 'prompt-of-owl.mp4', '02-prompt-of-whale.mp4'],
      );
      assert.match(
        workbench.notifications.at(-1)!,
        new RegExp(`^Saved: .*01-prompt-of-fox.mp4 and more: 1\\. Already saved: ${path}$`),
      );
      await saveTasks(services, SEVERAL[0], SEVERAL);
      assert.match(workbench.notifications.at(-1)!, /^Already saved: .*fox.*owl.*whale/);
      assert.equal((await inFilms()).length, 3);
    });

    it('are saved anew where they were moved or changed since, or lie outside of the folder', async () => {
      await addVideo('fox', { request: { model: 'm', prompt: 'fox' } });
      workbench.savesTo = () => Uri.file(join(place, 'mine.mp4'));
      await saveTaskAs(services, 'fox');
      const path = await save('fox');
      assert.equal(path, join(films, 'seedance', 'fox.mp4'));
      await rename(path, `${path}.bak`);
      // Its JSON is still there, and keeps the name.
      const second = await save('fox');
      assert.equal(second, join(films, 'seedance', 'fox-2.mp4'));
      await writeFile(second, 'something else');
      assert.equal(await save('fox'), join(films, 'seedance', 'fox-3.mp4'));
      assert.ok(workbench.notifications.every((text) => !text.includes('Already saved')));
    });

    it('are so wherever they lie when no folder is open', async () => {
      workbench.close();
      workbench = new Workbench();
      await addVideo('fox');
      const target = join(films, 'mine.mp4');
      workbench.savesTo = () => Uri.file(target);
      assert.equal(await save('fox'), target);
      workbench.savesTo = () => assert.fail('it asked where');
      assert.equal(await save('fox'), target);
    });
  });

  /** As an older version noted a saved place. */
  async function forgetWhatWasWritten(id: string): Promise<void> {
    const { uri, at } = store.get(id)!.saved[0]!;
    await store.update(id, withSavedLocation(uri, at + 1));
  }

  /** Every video that is whole somewhere outside of the extension's storage. */
  const isElsewhere = async (id: string): Promise<boolean> =>
    [...(await readFiles(place))].some(([name, bytes]) => !name.startsWith('storage') && bytes.equals(videoOf(id)));

  /** What can have happened to a saved file, and whether it is still the video. */
  const HAPPENED: readonly [string, boolean, (path: string, copy: string) => Promise<unknown>][] = [
    ['nothing', true, () => Promise.resolve()],
    ['it was touched', true, (path) => utimes(path, 1, 1)],
    ['it was moved away and back', true, async (path) => (await rename(path, `${path}.x`), rename(`${path}.x`, path))],
    [
      'it became a link to where it was moved',
      true,
      async (path) => {
        await rename(path, `${path}.elsewhere`);
        await symlink(`${path}.elsewhere`, path);
      },
    ],
    ['it became a second name of our copy', true, async (path, copy) => (await unlink(path), link(copy, path))],
    ['it was deleted', false, (path) => unlink(path)],
    [
      'its folder was renamed',
      false,
      async (path) => {
        // The video is somewhere then, and nobody knows where: not a reason to delete without a question.
        await writeFile(`${path}.other`, 'x');
        await rm(path);
        await rename(films, `${films}-moved`);
      },
    ],
    [
      'its folder became a file',
      false,
      async () => (await rm(join(films, 'seedance'), { recursive: true }), writeFile(join(films, 'seedance'), '')),
    ],
    ['it was cut', false, async (path) => writeFile(path, (await readFile(path)).subarray(0, -1))],
    ['it grew', false, (path) => writeFile(path, 'x', { flag: 'a' })],
    ['it is empty', false, (path) => writeFile(path, '')],
    [
      'one byte changed, and its time was set back',
      false,
      async (path) => {
        const { atime, mtime } = await stat(path);
        const bytes = await readFile(path);
        bytes[bytes.length - 1]! ^= 1;
        await writeFile(path, bytes);
        await utimes(path, atime, mtime);
      },
    ],
    [
      'it was replaced by another of the same size and time',
      false,
      async (path) => {
        const { atime, mtime } = await stat(path);
        await unlink(path);
        await writeFile(path, videoOf('other'));
        await utimes(path, atime, mtime);
      },
    ],
    ['it became a folder', false, async (path) => (await unlink(path), mkdir(path))],
    ['it became a link to our copy', false, async (path, copy) => (await unlink(path), symlink(copy, path))],
    ['it became a link to itself', false, async (path) => (await unlink(path), symlink(path, path))],
    [
      'its folder became a link to our storage',
      false,
      async (path, copy) => {
        await rm(join(films, 'seedance'), { recursive: true });
        await symlink(join(copy, '..'), join(films, 'seedance'));
        await link(copy, join(copy, '..', path.split('/').at(-1)!));
      },
    ],
  ];

  for (const noted of [true, false]) {
    describe(noted ? 'of which it is noted what was written' : 'that an older version saved', () => {
      for (const [what, isSafe, happen] of HAPPENED) {
        const prepare = async () => {
          await addVideo('fox');
          const path = await save('fox');
          if (!noted) {
            await forgetWhatWasWritten('fox');
          }
          await happen(path, copyPath('fox'));
        };

        it(`clean up ${isSafe ? 'ticks' : 'does not tick'} a copy when ${what}`, async () => {
          await prepare();
          await cleanUpCopies(services);
          const [list] = workbench.lists;
          assert.deepEqual(
            list?.filter(({ picked }) => picked !== undefined).map(({ picked }) => picked),
            // A second name in our folder is a video of its own, and never ticked.
            what.includes('storage') ? [false, false] : [isSafe],
          );
          assert.deepEqual(workbench.questions, []);
          assert.equal(existsSync(copyPath('fox')), !isSafe);
          assert.equal(store.get('fox')?.localCopy === undefined, isSafe);
          assert.ok(!isSafe || (await isElsewhere('fox')), 'it is nowhere');
        });

        it(`a task is removed ${isSafe ? 'without' : 'not without'} a question when ${what}`, async () => {
          await prepare();
          await removeTasks(services, 'fox');
          assert.equal(workbench.questions.length, isSafe ? 0 : 1);
          assert.equal(store.get('fox') === undefined, isSafe);
          assert.equal(existsSync(copyPath('fox')), !isSafe);
          assert.ok(!isSafe || (await isElsewhere('fox')), 'it is nowhere');
        });
      }
    });
  }

  describe('that cannot be read for a moment', () => {
    const CALLS: readonly FaultyCall[] = ['stat', 'realpath', 'open', 'read', 'sync'];

    for (const code of PASSING_ERRORS) {
      it(`are no proof, wherever it says ${code}`, async () => {
        for (const call of CALLS) {
          const id = `fox${call}`;
          await addVideo(id);
          await save(id);
          const faults = [{ calls: [call], code, path: /films/ }];
          await withDiskFaults(faults, () => cleanUpCopies(services));
          assert.ok(existsSync(copyPath(id)), `${call}: clean up deleted it`);
          assert.ok(store.get(id)?.localCopy, `${call}: the record let go of it`);
          await withDiskFaults(faults, () => removeTasks(services, id));
          assert.ok(existsSync(copyPath(id)), `${call}: removing deleted it`);
          assert.match(workbench.questions.splice(0).at(-1)!.detail, /cannot be read now/);
          // And then they are.
          await cleanUpCopies(services);
          assert.equal(existsSync(copyPath(id)), false, `${call}: it stays`);
          assert.ok(await isElsewhere(id), 'it is nowhere');
        }
        assert.deepEqual(workbench.questions, []);
      });
    }

    it('nor when our own folder cannot be', async () => {
      await addVideo('fox');
      await save('fox');
      for (const calls of [['stat'], ['readdir'], ['open'], ['read']] as const) {
        await withDiskFaults([{ calls, code: 'EIO', path: /storage.(videos|damaged|tasks$)/ }], () =>
          cleanUpCopies(services).catch(() => undefined),
        );
        await withDiskFaults([{ calls, code: 'EIO', path: /videos/ }], () => deleteOrphans(store, now + 100 * HOUR_MS));
        await withDiskFaults([{ calls, code: 'EIO', path: /damaged/ }], () =>
          deleteOrphans(store, now + 100 * HOUR_MS),
        );
      }
      assert.ok(existsSync(copyPath('fox')) || (await isElsewhere('fox')), 'our copy is gone');
    });

    it('are not called moved or deleted', async () => {
      await addVideo('fox');
      await save('fox');
      await withDiskFaults([{ calls: ['stat'], code: 'EACCES', path: /films/ }], () =>
        assert.rejects(revealSavedVideo(services, 'fox'), /cannot be read now/),
      );
      await revealSavedVideo(services, 'fox');
      assert.equal(executed.at(-1)?.[0], 'revealInExplorer');
      await rm(films, { recursive: true });
      await assert.rejects(revealSavedVideo(services, 'fox'), /moved, changed or deleted/);
    });

    it('nor is our copy, which is fetched again only when it is not there', async () => {
      await addVideo('fox');
      for (const code of PASSING_ERRORS) {
        await withDiskFaults([{ calls: ['stat'], code, path: /videos/ }], () =>
          assert.rejects(services.downloader.ensureCopy('fox')),
        );
        assert.ok(store.get('fox')?.localCopy, code);
      }
      assert.equal(await services.downloader.ensureCopy('fox'), copyPath('fox'));
    });
  });

  it('are our copy also by a way that the system does not tell, as where a folder is mounted twice', async () => {
    await addVideo('fox');
    const path = await save('fox');
    await unlink(path);
    await symlink(copyPath('fox'), path);
    const { realpath } = fs.promises;
    fs.promises.realpath = ((some: string) => Promise.resolve(some)) as typeof realpath;
    syncBuiltinESMExports();
    try {
      await cleanUpCopies(services);
      await removeTasks(services, 'fox');
    } finally {
      fs.promises.realpath = realpath;
      syncBuiltinESMExports();
    }
    assert.equal(workbench.questions.length, 1);
    assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
  });

  it('are read again before our copy is deleted: the list may have been open for an hour', async () => {
    for (const id of ['fox', 'owl']) {
      await addVideo(id);
    }
    const path = await save('fox');
    await save('owl');
    workbench.picks = async (items) => {
      await writeFile(path, videoOf('other'));
      return items.filter(({ copy }) => copy);
    };
    await cleanUpCopies(services);
    assert.deepEqual(workbench.questions, []);
    assert.deepEqual([existsSync(copyPath('fox')), existsSync(copyPath('owl'))], [true, false]);
    assert.match(workbench.notifications.at(-1)!, /Copies kept: 1\./);
  });

  it('are asked about once more when they change while the user is asked about another', async () => {
    for (const id of ['fox', 'owl']) {
      await addVideo(id);
    }
    const path = await save('fox');
    const answers = [true, false];
    workbench.agrees = async () => {
      await writeFile(path, 'no film');
      return answers.shift()!;
    };
    await removeTasks(services, 'fox', ['fox', 'owl']);
    assert.equal(workbench.questions.length, 2);
    assert.equal(store.get('owl'), undefined);
    assert.ok(store.get('fox') && existsSync(copyPath('fox')), 'our copy is gone');
  });

  it('cost no reading to look at, as long as nobody touched them', async () => {
    await addVideo('fox');
    const path = await save('fox');
    workbench.picks = () => undefined;
    await withDiskFaults([{ calls: ['open', 'read'], code: 'EIO', path: /films/ }], () => cleanUpCopies(services));
    assert.deepEqual(
      listedCopies().map(({ picked }) => picked),
      [true],
    );
    await utimes(path, 1, 1);
    await withDiskFaults([{ calls: ['open', 'read'], code: 'EIO', path: /films/ }], () => cleanUpCopies(services));
    assert.deepEqual(
      listedCopies().map(({ picked }) => picked),
      [false],
    );
  });

  it('of a task that is said to be lost count when the copy is there after all', async () => {
    await addVideo('fox');
    await store.update('fox', localCopyMissing());
    await store.update('fox', expired(now));
    await removeTasks(services, 'fox');
    assert.equal(workbench.questions.length, 1);
    assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
    await cleanUpCopies(services);
    assert.deepEqual(
      listedCopies().map(({ picked }) => picked),
      [false],
    );
  });

  it('that came with an imported list are not looked at on shares and in file systems of others', async () => {
    await addVideo('fox');
    const looked: string[] = [];
    workbench.memory.failure = (path) => void looked.push(path);
    for (const uri of [
      'memory://them/a.mp4',
      'file://share.example/c/a.mp4',
      'file:////share.example/a.mp4',
      'no uri',
    ]) {
      await store.update('fox', withSavedLocation(uri, 1));
    }
    await withDiskFaults([{ calls: ['stat'], code: 'EIO', path: /share/ }], () => removeTasks(services, 'fox'));
    await assert.rejects(revealSavedVideo(services, 'fox'));
    assert.deepEqual(looked, []);
    assert.equal(workbench.questions.length, 1);
  });

  describe('without our own copy', () => {
    const FUTURE = () => ({ result: { url: 'https://files.example/x', expiresAt: now + 40 * HOUR_MS } });

    it('are told by what was written: no question while they are what they were', async () => {
      await addVideo('fox', FUTURE());
      const path = await save('fox');
      assert.ok(await discardLocalCopy(store, 'fox', 'confirmed'), 'it stays');
      await rename(path, `${path}.x`);
      await rename(`${path}.x`, path);
      const content = await readFile(path);
      await writeFile(path, videoOf('other'));
      await removeTasks(services, 'fox');
      assert.equal(workbench.questions.length, 1);
      await writeFile(path, content);
      await removeTasks(services, 'fox');
      assert.equal(workbench.questions.length, 1);
      assert.equal(store.get('fox'), undefined);
    });

    it('are asked about when an older version did not note what it wrote', async () => {
      await addVideo('fox', FUTURE());
      await save('fox');
      await forgetWhatWasWritten('fox');
      await discardLocalCopy(store, 'fox', 'confirmed');
      await removeTasks(services, 'fox');
      assert.equal(workbench.questions.length, 1);
      await revealSavedVideo(services, 'fox');
    });
  });

  describe('are the last writer’s', () => {
    it('when another video gets the name that became free', async () => {
      await addVideo('take1', { request: { model: 'm', prompt: 'a fox' } });
      await addVideo('take2', { request: { model: 'm', prompt: 'a fox' } });
      const path = await save('take1');
      await unlink(path);
      await unlink(path.replace(/mp4$/, 'json'));
      assert.equal(await save('take2'), path);
      assert.deepEqual(store.get('take1')?.saved, []);
      await cleanUpCopies(services);
      assert.deepEqual([existsSync(copyPath('take1')), existsSync(copyPath('take2'))], [true, false]);
      await removeTasks(services, 'take1');
      assert.equal(workbench.questions.length, 1);
      await assert.rejects(revealSavedVideo(services, 'take1'));
    });

    it('when another video is saved over it, by another way', async () => {
      await addVideo('take1');
      await addVideo('take2');
      const path = await save('take1');
      await symlink(films, join(place, 'way'));
      workbench.savesTo = () => Uri.file(path.replace(films, join(place, 'way')));
      assert.ok(await saveTaskAs(services, 'take2'), 'nothing was saved');
      assert.deepEqual(workbench.questions, [], 'the copy of take 1 is here');
      assert.deepEqual(store.get('take1')?.saved, []);
      assert.ok((await readFile(path)).equals(videoOf('take2')), 'it is another video');
    });

    it('and replacing the only copy of another video is asked about', async () => {
      await addVideo('take1');
      await addVideo('take2');
      const path = await save('take1');
      assert.ok(await discardLocalCopy(store, 'take1', 'confirmed'), 'it stays');
      const { saved } = store.get('take1')!;
      workbench.savesTo = () => Uri.file(path);
      assert.equal(await saveTaskAs(services, 'take2'), undefined);
      assert.match(workbench.questions[0]!.detail, /only copy on this computer of a video that was paid for/);
      assert.deepEqual(store.get('take1')?.saved, saved);
      assert.deepEqual(store.get('take2')?.saved, []);
      assert.ok((await readFile(path)).equals(videoOf('take1')), 'it is another video');

      workbench.agrees = () => true;
      assert.ok(await saveTaskAs(services, 'take2'), 'nothing was saved');
      assert.ok((await readFile(path)).equals(videoOf('take2')), 'it is another video');
      assert.deepEqual(store.get('take1')?.saved, []);
    });

    it('only when something was written', async () => {
      await addVideo('take1');
      await addVideo('take2');
      const path = await save('take1');
      const { saved } = store.get('take1')!;
      workbench.savesTo = () => Uri.file(path);
      for (const fault of [
        { calls: ['write'], code: 'ENOSPC', path: /\.part$/ },
        { calls: ['sync'], code: 'EIO', path: /\.part$/ },
        { calls: ['rename'], code: 'EBUSY', path: /films/ },
      ] as const) {
        await assert.rejects(() => withDiskFaults([fault], () => saveTaskAs(services, 'take2')));
        assert.deepEqual(store.get('take1')?.saved, saved);
        assert.ok((await readFile(path)).equals(videoOf('take1')), 'it is another video');
      }
      assert.deepEqual(
        [...(await readFiles(films)).keys()].filter((name) => name.includes('.part')),
        [],
      );
    });

    it('also for a window that is about to delete our copy because of it', async () => {
      await addVideo('take1');
      await addVideo('take2');
      const path = await save('take1');
      const other = openWindow();
      await other.store.load();
      // The other window has compared them; then this one saves over it, as the copy is here.
      workbench.savesTo = () => Uri.file(path);
      const savedAt = Uri.file(path).toString();
      assert.ok(await saveTaskAs(services, 'take2'), 'nothing was saved');
      assert.deepEqual(workbench.questions, []);
      assert.equal(await discardLocalCopy(other.store, 'take1', { savedAt }), false);
      assert.ok(other.store.get('take1')?.localCopy, 'the record let go of it');
      assert.equal(
        await other.store.remove('take1', (record) => record.saved.some(({ uri }) => uri === savedAt)),
        false,
      );
      assert.ok(existsSync(copyPath('take1')), 'our copy is gone');
    });
  });

  describe('replace nothing that was not asked about', () => {
    /** Names that are equal, that are cut to the same, and that some disks take for the same. */
    const PROMPTS = ['A fox', 'A fox', 'a FOX', `${'fox '.repeat(40)}one`, `${'fox '.repeat(40)}two`, 'A fox-2'];

    async function saveAll(windows: readonly ExtensionServices[]): Promise<string[]> {
      const ids = PROMPTS.map((_, n) => `take${n}`);
      for (const [n, id] of ids.entries()) {
        await addVideo(id, { request: { model: 'm', prompt: PROMPTS[n]! } });
      }
      await Promise.all(windows.map(({ store: itsStore }) => itsStore.rescan()));
      const saves = ids.flatMap((id) => windows.flatMap((by) => [saveTasks(by, id), saveTasks(by, id)]));
      return (await Promise.all(saves)).flat();
    }

    for (const code of [undefined, 'EPERM', 'EISDIR', 'ENOTSUP']) {
      it(`by many saves at once in two windows, ${code ? `where a hard link gives ${code}` : 'on a disk'}`, async () => {
        const other = openWindow();
        await other.store.load();
        const faults = code === undefined ? [] : [{ calls: ['link'] as const, code, path: /films/ }];
        const uris = await withDiskFaults(faults, () => saveAll([services, other.services]));
        assert.equal(new Set(uris).size, PROMPTS.length * 4);
        await store.rescan();
        for (const record of store.list()) {
          assert.equal(record.saved.length, 4);
          for (const { uri } of record.saved) {
            const path = Uri.parse(uri).fsPath;
            assert.ok((await readFile(path)).equals(videoOf(record.id)), path);
            const metadata = JSON.parse(await readFile(path.replace(/mp4$/, 'json'), 'utf8')) as { prompt: string };
            assert.equal(metadata.prompt, record.request.prompt);
          }
        }
        assert.equal((await readFiles(films)).size, uris.length * 2, 'something else is left');
      });
    }

    it('by many saves at once in a file system of another extension, which ignores case', async () => {
      workbench.close();
      workbench = new Workbench(new Uri(MemoryFiles.SCHEME, '/films'));
      workbench.memory.ignoresCase = true;
      const uris = await saveAll([services]);
      assert.equal(new Set(uris.map((uri) => uri.toLowerCase())).size, PROMPTS.length * 2);
      for (const record of store.list()) {
        for (const { uri } of record.saved) {
          const { bytes } = workbench.memory.files.get(Uri.parse(uri).path.toLowerCase())!;
          assert.ok(Buffer.from(bytes).equals(videoOf(record.id)), uri);
        }
      }
    });

    it('not what came to the place while the video was fetched', async () => {
      await addVideo('fox');
      const target = join(films, 'mine.mp4');
      workbench.savesTo = () => Uri.file(target);
      const { downloader } = services;
      let fetches = 0;
      const slow = {
        ensureCopy: async (id: string) => {
          // The first is before the dialog, which asks for a name of the right type.
          if (++fetches === 2) {
            await writeFile(target, 'the work of a day');
          }
          return downloader.ensureCopy(id);
        },
      };
      const by = { ...services, downloader: slow } as unknown as ExtensionServices;
      assert.equal(await saveTaskAs(by, 'fox'), undefined);
      assert.match(workbench.questions[0]!.text, /Replace “mine.mp4”/);
      assert.equal(await readFile(target, 'utf8'), 'the work of a day');
      assert.deepEqual(store.get('fox')?.saved, []);

      assert.ok(await saveTaskAs(by, 'fox'), 'the dialog has asked');
      assert.equal(workbench.questions.length, 1);
      assert.ok((await readFile(target)).equals(videoOf('fox')), 'it is another video');
    });

    it('not one another, when two are saved to one place', async () => {
      await addVideo('fox');
      await addVideo('owl');
      const target = join(films, 'film.mp4');
      workbench.savesTo = () => Uri.file(target);
      const results = await Promise.all([saveTaskAs(services, 'fox'), saveTaskAs(services, 'owl')]);
      assert.equal(results.filter((uri) => uri !== undefined).length, 1);
      assert.equal(workbench.questions.length, 1);
      const winner = results[0] === undefined ? 'owl' : 'fox';
      assert.ok((await readFile(target)).equals(videoOf(winner)), 'it is another video');
      assert.equal(store.get(winner)?.saved.length, 1);
    });

    it('not a folder, a link that leads nowhere or the JSON of somebody else', async () => {
      await addVideo('fox', { request: { model: 'm', prompt: 'fox' } });
      const folder = join(films, 'seedance');
      await mkdir(join(folder, 'fox.mp4'), { recursive: true });
      await symlink('/nowhere', join(folder, 'fox-2.mp4'));
      await writeFile(join(folder, 'fox-3.json'), '{"mine": true}');
      assert.equal(await save('fox'), join(folder, 'fox-4.mp4'));
      workbench.savesTo = () => Uri.file(join(folder, 'fox.mp4'));
      await assert.rejects(saveTaskAs(services, 'fox'));
      assert.ok((await stat(join(folder, 'fox.mp4'))).isDirectory(), 'it is not so');
      assert.equal(await readFile(join(folder, 'fox-3.json'), 'utf8'), '{"mine": true}');
    });

    it('not a JSON that comes between, nor one that cannot be seen', async () => {
      await addVideo('fox', { request: { model: 'm', prompt: 'fox' } });
      const json = join(films, 'seedance', 'fox.json');
      await writeFile(await inFolder(json), 'mine');
      await withDiskFaults([{ calls: ['lstat', 'stat'], code: 'EACCES', path: /fox\.json$/ }], () => save('fox'));
      assert.equal(await readFile(json, 'utf8'), 'mine');
      assert.match(workbench.notifications.join(), /JSON beside it could not be written/);
    });

    it('and a file of the extension’s own storage is no place to save to', async () => {
      await addVideo('fox');
      await addVideo('owl');
      await symlink(join(place, 'storage'), join(place, 'way'));
      for (const target of [copyPath('owl'), join(place, 'way', 'videos', 'new.mp4')]) {
        workbench.savesTo = () => Uri.file(target);
        await assert.rejects(saveTaskAs(services, 'fox'), /own storage/);
      }
      assert.ok((await readFile(copyPath('owl'))).equals(videoOf('owl')), 'it is another video');
    });

    it('not by a frame that is saved as an image', async () => {
      await addVideo('fox');
      await addVideo('owl');
      const path = await save('fox');
      await discardLocalCopy(store, 'fox', 'confirmed');
      workbench.close();
      workbench = new Workbench();
      workbench.savesTo = () => Uri.file(path);
      const png = Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      );
      const image = { bytes: png, task: 'owl', frame: { seconds: 1, isLast: false } };
      await saveFrame(services, image as unknown as Parameters<typeof saveFrame>[1]);
      assert.equal(workbench.questions.length, 1);
      assert.ok((await readFile(path)).equals(videoOf('fox')), 'it is another video');
    });
  });

  describe('with keepLocalCopies off', () => {
    beforeEach(() => settings.set('seedance.keepLocalCopies', false));

    it('take the place of our copy', async () => {
      await addVideo('fox');
      await save('fox');
      assert.equal(existsSync(copyPath('fox')), false);
      assert.equal(store.get('fox')?.copyDropped, true);
      assert.ok(await isElsewhere('fox'), 'it is nowhere');
    });

    for (const [what, calls, code] of [
      ['cannot be flushed', ['sync'], 'EINVAL'],
      ['cannot be flushed', ['sync'], 'ENOTSUP'],
      ['cannot be read back', ['open'], 'EACCES'],
      ['cannot be read back', ['read'], 'EIO'],
      ['cannot be looked at', ['stat'], 'ESTALE'],
    ] as const) {
      it(`leave it where it is when they ${what} (${code})`, async () => {
        await addVideo('fox');
        await withDiskFaults([{ calls, code, path: /films.*(\.mp4|seedance)$/ }], () => save('fox'));
        assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
        assert.ok(store.get('fox')?.localCopy, 'the record let go of the copy');
        assert.equal(store.get('fox')?.saved.length, 1);
      });
    }

    it('leave it where it is when a flush fails while it is written, and nothing is saved', async () => {
      await addVideo('fox');
      await assert.rejects(withDiskFaults([{ calls: ['sync'], code: 'EIO', path: /\.part$/ }], () => save('fox')));
      assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
      assert.deepEqual([...(await readFiles(films)).keys()], []);
    });

    it('leave it where it is in a file system that cannot be flushed', async () => {
      workbench.close();
      workbench = new Workbench(new Uri(MemoryFiles.SCHEME, '/films'));
      await addVideo('fox');
      const [uri] = await saveTasks(services, 'fox');
      assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
      // Later it counts, when it can be read back.
      now += LONG_AGO;
      const file = workbench.memory.files.get(Uri.parse(uri!).path)!;
      const { bytes } = file;
      file.bytes = videoOf('other');
      await cleanUpCopies(services);
      assert.ok(existsSync(copyPath('fox')), 'changed behind its back');
      file.bytes = bytes;
      workbench.memory.failure = () => new Error('offline');
      await cleanUpCopies(services);
      assert.ok(existsSync(copyPath('fox')), 'offline');
      workbench.memory.failure = undefined;
      await cleanUpCopies(services);
      assert.equal(existsSync(copyPath('fox')), false);
      assert.deepEqual(workbench.questions, []);
    });

    it('leave it where it is when it cannot be deleted, and the record says so', async () => {
      await addVideo('fox');
      await withDiskFaults([{ calls: ['unlink'], code: 'EBUSY', path: /videos/ }], () => save('fox'));
      assert.ok(store.get('fox')?.localCopy, 'the record let go of the copy');
      assert.equal(store.get('fox')?.copyDropped, undefined);
    });
  });

  describe('and files that no record speaks of', () => {
    const old = async (path: string, bytes: Uint8Array | string) => {
      await writeFile(await inFolder(path), bytes);
      const then = new Date(now - 48 * HOUR_MS);
      await utimes(path, then, then);
    };

    it('a whole video stays until the user says otherwise; parts and the videos of removed tasks go', async () => {
      await addVideo('fox');
      await addVideo('removed');
      await withDiskFaults([{ calls: ['unlink'], code: 'EBUSY', path: /videos/ }], () =>
        store.remove('removed').then(() => undefined),
      );
      await old(copyPath('removed'), videoOf('removed'));
      await old(copyPath('lost'), videoOf('lost'));
      await old(copyPath('half'), videoOf('half').subarray(0, 1_000));
      await old(join(place, 'storage', 'videos', 'gone.w1.part'), 'x');
      workbench.picks = (items) => items.filter(({ label }) => label === 'lost.mp4');
      await cleanUpCopies(services);
      assert.equal(workbench.questions.length, 1, 'the only copy, maybe');
      assert.ok(existsSync(copyPath('lost')), 'our copy is gone');
      await deleteOrphans(store, now);
      assert.deepEqual([...(await readFiles(join(place, 'storage', 'videos'))).keys()].sort(), ['fox.mp4', 'lost.mp4']);
      workbench.agrees = () => true;
      await cleanUpCopies(services);
      assert.equal(existsSync(copyPath('lost')), false);
      assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
    });

    it('are not touched when it cannot be told what is whose', async () => {
      await old(join(place, 'storage', 'videos', 'gone.w1.part'), 'x');
      await mkdir(join(place, 'storage', 'damaged'), { recursive: true });
      for (const folder of [/damaged/, /tasks$/, /videos$/]) {
        await withDiskFaults([{ calls: ['readdir'], code: 'EIO', path: folder }], () => deleteOrphans(store, now));
        assert.ok(existsSync(join(place, 'storage', 'videos', 'gone.w1.part')), String(folder));
      }
      assert.equal(await deleteOrphans(store, now), 1);
    });

    it('are found again when the window died between the record and the file', async () => {
      await addVideo('fox');
      await withDiskFaults([{ calls: ['unlink'], code: 'EBUSY', path: /videos/ }], async () => {
        assert.equal(await discardLocalCopy(store, 'fox', 'confirmed'), false);
      });
      const bytes = await readFile(copyPath('fox'));
      assert.ok(await discardLocalCopy(store, 'fox', 'confirmed'), 'it stays');
      await old(copyPath('fox'), bytes);
      await cleanUpCopies(services);
      assert.deepEqual(
        listedCopies().map(({ picked }) => picked),
        [false],
      );
      assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
      await deleteOrphans(store, now);
      assert.ok(existsSync(copyPath('fox')), 'our copy is gone');
    });
  });
});
