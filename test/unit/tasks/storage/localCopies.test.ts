import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getChains } from '../../../../src/tasks/model/chains';
import { EXPIRY_WARNING_MS, ExpiryMonitor } from '../../../../src/tasks/worker/expiryMonitor';
import { deleteOrphans, discardLocalCopy, planCleanUp, getTotalBytes } from '../../../../src/tasks/storage/localCopies';
import { importRecords, ImportError, parseExport, serializeExport } from '../../../../src/tasks/storage/importExport';
import { expired, withSavedLocation } from '../../../../src/tasks/model/transitions';
import { INTENT, startHarness, withHarness } from '../../../support/harness';
import { HOUR_MS, createStore } from '../../../support/records';

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

describe('export and import', () => {
  it('carries tasks to another machine, where they go on', async () => {
    const here = await startHarness();
    const there = await startHarness({ clock: here.clock, emulator: here.emulator });
    try {
      const done = await here.make();
      await here.until(done.id, 'done');
      // A take that goes on from the first: the chain comes along.
      const from = { task: done.id, seconds: 4.96, isLast: true };
      const link = 'https://images.example/last.png';
      const frame = { image: link, firstFrame: { source: link, delivery: 'link', label: 'last frame', link, from } };
      const underWay = await here.make({ prompt: 'a dog', frame });
      const text = serializeExport(here.store.list(), here.clock.now());
      const { records, unreadable } = parseExport(text);
      assert.equal(unreadable, 0);
      here.close();

      assert.deepEqual(await importRecords(there.store, records, here.clock.now()), { added: 2, known: 0 });
      assert.deepEqual(await importRecords(there.store, records, here.clock.now()), { added: 0, known: 2 });
      // Its video stayed behind and is fetched here; the other one is asked about here.
      assert.ok((await there.until(done.id, 'done')).localCopy);
      assert.equal((await there.until(underWay.id, 'done')).request.prompt, 'a dog');
      assert.deepEqual(getChains(there.store.list()).takesOf(done.id), [done.id, underWay.id]);
      assert.equal(here.emulator.ledger.charged().length, 2);
    } finally {
      await there.end();
      await here.end();
      await here.emulator.close();
    }
  });

  it(
    'brings back what was removed meanwhile, for good and in all windows',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.until(id, 'done');
      const { records } = parseExport(serializeExport(harness.store.list(), harness.clock.now()));
      const other = createStore(harness.directory);
      await other.load();
      await harness.store.remove(id);
      assert.deepEqual(
        { tasks: harness.store.list().length, removed: harness.store.removed().length },
        { tasks: 0, removed: 1 },
      );
      assert.deepEqual(await importRecords(harness.store, records, harness.clock.now()), { added: 1, known: 0 });
      assert.ok((await harness.until(id, 'done')).localCopy);
      assert.equal(harness.store.removed().length, 0, 'its price is counted once');
      await other.rescan();
      assert.equal(other.get(id)?.gatewayId, records[0]?.gatewayId);
      other.dispose();
      const next = await harness.reopen();
      assert.deepEqual(
        next.store.list().map((record) => record.id),
        [id],
      );
      next.close();
    }),
  );

  it(
    'sends nothing that was not sent: an intent comes along as what is known of it',
    withHarness(async (harness) => {
      const record = { ...(await harness.make()), gatewayId: undefined };
      const files = [
        { ...record, id: 'adraft', state: 'draft' as const, sender: 'elsewhere:1:x' },
        { ...record, id: 'asubmission', state: 'submitting' as const, sender: 'elsewhere:1:x' },
      ];
      const { records } = parseExport(serializeExport(files, harness.clock.now()));
      await importRecords(harness.store, records, harness.clock.now());
      assert.equal(harness.get('adraft').state, 'failed');
      assert.equal(harness.get('adraft').error?.kind, 'never-sent');
      assert.equal(harness.get('asubmission').state, 'unknown');
      assert.equal(harness.emulator.ledger.creates().length, 1);
    }),
  );

  for (const [what, text, kind] of [
    ['no JSON', '{"kind": ', 'not-an-export'],
    ['another file', '{"tasks": []}', 'not-an-export'],
    ['a list', '[]', 'not-an-export'],
    ['a later version', '{"kind":"seedance-tasks","format":99,"tasks":[]}', 'newer-format'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseExport(text),
        (error) => error instanceof ImportError && error.kind === kind,
      );
    });
  }

  it('counts what it cannot read, and takes the rest', () => {
    const good = {
      format: 1,
      id: 'x1',
      state: 'failed',
      origin: 'added',
      request: { model: '', prompt: '' },
      createdAt: 1,
      saved: [],
    };
    const bad = [
      { ...good, id: '../../etc' },
      { ...good, state: 'flying' },
      7,
      { ...good, localCopy: { file: '../x', bytes: 1, at: 1 } },
    ];
    const { records, unreadable } = parseExport(
      JSON.stringify({ kind: 'seedance-tasks', format: 1, tasks: [good, ...bad] }),
    );
    assert.deepEqual(
      records.map(({ id }) => id),
      ['x1'],
    );
    assert.equal(unreadable, bad.length);
  });
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
