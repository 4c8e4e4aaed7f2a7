import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getChains } from '../../../../src/tasks/model/chains';
import { EXPIRY_WARNING_MS, ExpiryMonitor } from '../../../../src/tasks/worker/expiryMonitor';
import { deleteOrphans, discardLocalCopy, planCleanUp, getTotalBytes } from '../../../../src/tasks/storage/localCopies';
import { importRecords, ImportError, parseExport, serializeExport } from '../../../../src/tasks/storage/importExport';
import { expired, withSavedLocation } from '../../../../src/tasks/model/transitions';
import { INTENT, startCore, withCore } from '../../../support/harness';
import { HOUR_MS, storeAt } from '../../../support/records';

describe('local copies', () => {
  it(
    'tells what is saved elsewhere from what is the only copy',
    withCore(async (core) => {
      const saved = await core.make();
      const moved = await core.make();
      const unsaved = await core.make();
      for (const { id } of [saved, moved, unsaved]) {
        await core.until(id, 'done');
      }
      await core.store.update(saved.id, withSavedLocation('file:///kept.mp4', core.clock.now()));
      await core.store.update(moved.id, withSavedLocation('file:///moved-away.mp4', core.clock.now()));
      const plan = await planCleanUp(core.store.list(), (uri) => Promise.resolve(uri === 'file:///kept.mp4'));
      assert.deepEqual(
        plan.safe.map(({ id }) => id),
        [saved.id],
      );
      assert.deepEqual(plan.only.map(({ id }) => id).sort(), [moved.id, unsaved.id].sort());
      assert.equal(getTotalBytes(core.store.list()), 3 * core.get(saved.id).localCopy!.bytes);
    }),
  );

  it(
    'lets go of a copy for good, and fetches it again only when it is asked for',
    withCore(async (core) => {
      const { id } = await core.make();
      const path = core.store.videoPath(await core.until(id, 'done'))!;
      await discardLocalCopy(core.store, id);
      assert.equal(existsSync(path), false);
      await core.clock.pass(HOUR_MS);
      assert.equal(core.get(id).localCopy, undefined, 'it came back by itself');
      assert.equal(core.emulator.ledger.downloads().length, 1);

      assert.equal(await core.run(core.downloader.ensureCopy(id)), path);
      assert.equal(existsSync(path), true);
      assert.equal(core.emulator.ledger.downloads().length, 2);
    }),
  );

  it(
    'deletes old files that no record speaks of, and no others',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.until(id, 'done');
      const folder = core.store.videosDirectory;
      for (const name of ['left.mp4', 'young.part']) {
        await writeFile(join(folder, name), 'x'.repeat(10));
      }
      const longAgo = new Date(core.clock.now() - 48 * HOUR_MS);
      const justNow = new Date(core.clock.now());
      await utimes(join(folder, 'left.mp4'), longAgo, longAgo);
      await utimes(join(folder, `${id}.mp4`), longAgo, longAgo);
      await utimes(join(folder, 'young.part'), justNow, justNow);
      assert.equal(await deleteOrphans(core.store, core.clock.now()), 10);
      assert.deepEqual((await readdir(folder)).sort(), [`${id}.mp4`, 'young.part'].sort());
    }),
  );
});

describe('export and import', () => {
  it('carries tasks to another machine, where they go on', async () => {
    const here = await startCore();
    const there = await startCore({ clock: here.clock, emulator: here.emulator });
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
    withCore(async (core) => {
      const { id } = await core.make();
      await core.until(id, 'done');
      const { records } = parseExport(serializeExport(core.store.list(), core.clock.now()));
      const other = storeAt(core.directory);
      await other.load();
      await core.store.remove(id);
      assert.deepEqual(
        { tasks: core.store.list().length, removed: core.store.removed().length },
        { tasks: 0, removed: 1 },
      );
      assert.deepEqual(await importRecords(core.store, records, core.clock.now()), { added: 1, known: 0 });
      assert.ok((await core.until(id, 'done')).localCopy);
      assert.equal(core.store.removed().length, 0, 'its price is counted once');
      await other.rescan();
      assert.equal(other.get(id)?.gatewayId, records[0]?.gatewayId);
      other.dispose();
      const next = await core.reopen();
      assert.deepEqual(
        next.store.list().map((record) => record.id),
        [id],
      );
      next.close();
    }),
  );

  it(
    'sends nothing that was not sent: an intent comes along as what is known of it',
    withCore(async (core) => {
      const record = { ...(await core.make()), gatewayId: undefined };
      const files = [
        { ...record, id: 'adraft', state: 'draft' as const, sender: 'elsewhere:1:x' },
        { ...record, id: 'asubmission', state: 'submitting' as const, sender: 'elsewhere:1:x' },
      ];
      const { records } = parseExport(serializeExport(files, core.clock.now()));
      await importRecords(core.store, records, core.clock.now());
      assert.equal(core.get('adraft').state, 'failed');
      assert.equal(core.get('adraft').error?.kind, 'never-sent');
      assert.equal(core.get('asubmission').state, 'unknown');
      assert.equal(core.emulator.ledger.creates().length, 1);
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
    withCore(async (core) => {
      const watch = new ExpiryMonitor(core.store, core.clock);
      const warned: string[] = [];
      watch.onDidWarn(({ id }) => warned.push(id));
      core.emulator.faults.add({
        kind: 'httpError',
        status: 503,
        body: 'html',
        match: { route: 'file' },
        times: 'always',
      });
      const [record] = await core.run(core.generate.generate([INTENT]));
      const { id } = record!;
      await core.clock.until(() => core.get(id).trouble !== undefined, 'the first failed download');
      const { expiresAt } = core.get(id).result!;
      // The machine sleeps: the wall clock goes on, and no timer does.
      core.clock.jump(expiresAt - EXPIRY_WARNING_MS - core.clock.now() - 11 * 60_000);
      await core.clock.pass(10 * 60_000);
      assert.deepEqual(warned, []);
      await core.clock.pass(11 * 60_000);
      assert.deepEqual(warned, [id]);
      await core.clock.pass(20 * 60_000);
      assert.deepEqual(warned, [id], 'it came twice');
      await core.store.update(id, expired(core.clock.now()));
      watch.dispose();
    }),
  ).timeout(20_000);

  it(
    'does not come, and has no timer, where every video has its copy',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.until(id, 'done');
      await core.clock.pass(60_000);
      const watch = new ExpiryMonitor(core.store, core.clock);
      watch.onDidWarn(() => assert.fail('a warning for a video that is here'));
      await core.store.update(id, withSavedLocation('file:///x.mp4', core.clock.now()));
      await core.clock.pass(1_000);
      assert.equal(core.clock.timers, 0);
      await core.clock.pass(48 * HOUR_MS);
      watch.dispose();
    }),
  );
});
