import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXPIRY_WARNING_MS, ExpiryMonitor } from '../../../../src/tasks/worker/expiryMonitor';
import {
  deleteOrphans,
  discardLocalCopy,
  findLocalVideo,
  planCleanUp,
  getTotalBytes,
} from '../../../../src/tasks/storage/localCopies';
import { expired, withSavedLocation } from '../../../../src/tasks/model/transitions';
import { makeOtherVideo } from '../../../emulator/video/otherTypes';
import { INTENT, withHarness } from '../../../support/harness';
import { HOUR_MS } from '../../../support/records';

describe('local copies', () => {
  it(
    'tells what is saved elsewhere from what is the only copy',
    withHarness(async (harness) => {
      const saved = await harness.make();
      const moved = await harness.make();
      const unsaved = await harness.make();
      for (const { id } of [saved, moved, unsaved]) {
        await harness.until(id, 'done');
      }
      const plan = await planCleanUp(harness.store, ({ id }) => Promise.resolve(id === saved.id));
      assert.deepEqual(
        plan.safe.map(({ record }) => record?.id),
        [saved.id],
      );
      assert.deepEqual(plan.only.map(({ record }) => record?.id).sort(), [moved.id, unsaved.id].sort());
      assert.equal(getTotalBytes(harness.store.list()), 3 * harness.get(saved.id).localCopy!.bytes);
    }),
  );

  it(
    'lets go of a copy for good, and fetches it again only when it is asked for',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      const path = harness.store.videoPath(await harness.until(id, 'done'))!;
      assert.equal(await discardLocalCopy(harness.store, id, 'confirmed'), true);
      assert.equal(existsSync(path), false);
      await harness.clock.pass(HOUR_MS);
      assert.equal(harness.get(id).localCopy, undefined, 'it came back by itself');
      assert.equal(harness.emulator.ledger.downloads().length, 1);

      assert.equal(await harness.run(harness.downloader.ensureCopy(id)), path);
      assert.equal(existsSync(path), true);
      assert.equal(harness.emulator.ledger.downloads().length, 2);
    }),
  );

  it(
    'that are no MP4 are found, cleaned up and spared like any other',
    withHarness(async (harness) => {
      harness.emulator.behaviour.video = 'webm';
      const { id } = await harness.make();
      const path = harness.store.videoPath(await harness.until(id, 'done'))!;
      const folder = harness.store.videosDirectory;
      assert.equal(path, join(folder, `${id}.webm`));
      // Of a task that nobody knows, and half of one.
      const whole = makeOtherVideo('gif');
      await writeFile(join(folder, 'lost.gif'), whole);
      await writeFile(join(folder, 'half.gif'), whole.subarray(0, -9));
      const longAgo = new Date(harness.clock.now() - 48 * HOUR_MS);
      for (const name of ['lost.gif', 'half.gif']) {
        await utimes(join(folder, name), longAgo, longAgo);
      }
      const plan = await planCleanUp(harness.store, () => Promise.resolve(false));
      assert.deepEqual(
        plan.only.map((copy) => copy.path),
        [path, join(folder, 'lost.gif')],
      );
      await deleteOrphans(harness.store, harness.clock.now());
      assert.deepEqual((await readdir(folder)).sort(), [`${id}.webm`, 'lost.gif'].sort());

      // The window died between the file and the record.
      await harness.store.update(id, (record) => ({ ...record, localCopy: undefined, copyDropped: true }));
      assert.equal((await findLocalVideo(harness.store, harness.get(id)))?.path, path);
      await deleteOrphans(harness.store, harness.clock.now() + 48 * HOUR_MS);
      assert.ok(existsSync(path), 'the video of a task that is known');
      await harness.store.update(id, (record) => ({
        ...record,
        localCopy: { file: `${id}.mp4`, bytes: 50_000, at: 1, type: 'webm' as const },
        copyDropped: undefined,
      }));
      assert.equal(await discardLocalCopy(harness.store, id, 'confirmed'), true);
      assert.equal(existsSync(path), false);
    }),
  );

  it(
    'deletes old files that no record speaks of, and no others',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.until(id, 'done');
      const folder = harness.store.videosDirectory;
      for (const name of ['left.mp4', 'young.part']) {
        await writeFile(join(folder, name), 'x'.repeat(10));
      }
      const longAgo = new Date(harness.clock.now() - 48 * HOUR_MS);
      const justNow = new Date(harness.clock.now());
      await utimes(join(folder, 'left.mp4'), longAgo, longAgo);
      await utimes(join(folder, `${id}.mp4`), longAgo, longAgo);
      await utimes(join(folder, 'young.part'), justNow, justNow);
      assert.equal(await deleteOrphans(harness.store, harness.clock.now()), 10);
      assert.deepEqual((await readdir(folder)).sort(), [`${id}.mp4`, 'young.part'].sort());
    }),
  );
});

describe('the expiry warning', () => {
  it(
    'comes once, six hours before a video is lost that could not be fetched',
    withHarness(async (harness) => {
      const watch = new ExpiryMonitor(harness.store, harness.clock);
      const warned: string[] = [];
      watch.onDidWarn(({ id }) => warned.push(id));
      harness.emulator.faults.add({
        kind: 'httpError',
        status: 503,
        body: 'html',
        match: { route: 'file' },
        times: 'always',
      });
      const [record] = await harness.run(harness.generate.generate([INTENT]));
      const { id } = record!;
      await harness.clock.until(() => harness.get(id).trouble !== undefined, 'the first failed download');
      const { expiresAt } = harness.get(id).result!;
      // The machine sleeps: the wall clock goes on, and no timer does.
      harness.clock.jump(expiresAt - EXPIRY_WARNING_MS - harness.clock.now() - 11 * 60_000);
      await harness.clock.pass(10 * 60_000);
      assert.deepEqual(warned, []);
      await harness.clock.pass(11 * 60_000);
      assert.deepEqual(warned, [id]);
      await harness.clock.pass(20 * 60_000);
      assert.deepEqual(warned, [id], 'it came twice');
      await harness.store.update(id, expired(harness.clock.now()));
      watch.dispose();
    }),
  ).timeout(20_000);

  it(
    'does not come, and has no timer, where every video has its copy',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.until(id, 'done');
      await harness.clock.pass(60_000);
      const watch = new ExpiryMonitor(harness.store, harness.clock);
      watch.onDidWarn(() => assert.fail('a warning for a video that is here'));
      await harness.store.update(id, withSavedLocation('file:///x.mp4', harness.clock.now()));
      await harness.clock.pass(1_000);
      assert.equal(harness.clock.timers, 0);
      await harness.clock.pass(48 * HOUR_MS);
      watch.dispose();
    }),
  );
});
