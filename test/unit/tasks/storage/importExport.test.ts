import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import * as fc from 'fast-check';
import { getChains } from '../../../../src/tasks/model/chains';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { LINK_LIFETIME_MS } from '../../../../src/tasks/model/transitions';
import {
  ImportError,
  importRecords,
  parseExport,
  planImport,
  serializeExport,
} from '../../../../src/tasks/storage/importExport';
import { parseRecordFile, serializeRecord } from '../../../../src/tasks/storage/recordFile';
import type { TaskStore } from '../../../../src/tasks/storage/taskStore';
import { startHarness, withHarness } from '../../../support/harness';
import { HOSTILE_TEXTS } from '../../../support/hostileTexts';
import { createDoneRecord, createRecord, createStore, HOUR_MS } from '../../../support/records';
import { makeTempDir } from '../../../support/tempDir';

const NOW = Date.UTC(2026, 6, 1);

async function importAll(store: TaskStore, records: readonly TaskRecord[]) {
  const plan = await planImport(store, records);
  return { added: await importRecords(store, plan), known: plan.known };
}

/** What is left of one entry of a list. */
function imported(entry: Record<string, unknown>, at = NOW): TaskRecord | undefined {
  return parseExport(JSON.stringify({ kind: 'seedance-tasks', format: 1, tasks: [entry] }), at).records[0];
}

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
      const { records, unreadable } = parseExport(text, here.clock.now());
      assert.equal(unreadable, 0);
      here.close();

      assert.deepEqual(await importAll(there.store, records), { added: 2, known: 0 });
      assert.deepEqual(await importAll(there.store, records), { added: 0, known: 2 });
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

  it('carries the shot of a storyboard, and leaves out what is none', () => {
    const shot = { document: 'file:///films/the%20letter.storyboard.md', label: 'Shot 2', title: 'Rain' };
    const record = createRecord('a', { state: 'done', gatewayId: 'gatewaya', copyDropped: true, shot });
    const entry = JSON.parse(serializeExport([record], NOW)) as { tasks: [Record<string, unknown>] };
    assert.deepEqual(imported(entry.tasks[0])?.shot, shot);
    const withShot = (other: unknown) => imported({ ...entry.tasks[0], shot: other });
    assert.deepEqual(withShot({ ...shot, later: { a: 1 }, sent: 'x' })?.shot, shot, 'only what is known');
    for (const text of HOSTILE_TEXTS.filter((one) => one.length > 0)) {
      // Shown as text wherever it is shown; the task is not lost for it.
      assert.deepEqual(withShot({ ...shot, label: text, title: text })?.shot, { ...shot, label: text, title: text });
    }
    for (const other of [
      undefined,
      null,
      'Shot 2',
      [],
      {},
      { ...shot, document: 'the-letter.storyboard.md' },
      { ...shot, document: 7 },
      { ...shot, document: `file:///${'x'.repeat(9_000)}` },
      { ...shot, label: '' },
      { ...shot, label: 'x'.repeat(501) },
      { ...shot, title: undefined },
      { document: shot.document, label: shot.label },
    ]) {
      const task = withShot(other);
      assert.deepEqual([task?.id, task?.shot], ['a', undefined], JSON.stringify(other)?.slice(0, 80));
    }
  });

  it('keeps a shot that only a later version knows more of, in a record of the disk', () => {
    const shot = { document: 'file:///a.storyboard.md', label: 'Shot 1', title: '', later: [1, 2] };
    const text = serializeRecord({ ...createRecord('a'), shot });
    const read = parseRecordFile('a', text);
    assert.ok(read.kind === 'record');
    assert.deepEqual(read.record.shot, shot);
    // As a version does that knows nothing of shots, and writes what it has read.
    const written = JSON.parse(serializeRecord({ ...read.record, state: 'failed' })) as TaskRecord;
    assert.deepEqual(written.shot, shot);
  });

  it(
    'brings back what was removed meanwhile, for good and in all windows',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.until(id, 'done');
      const { records } = parseExport(serializeExport(harness.store.list(), harness.clock.now()), harness.clock.now());
      const other = createStore(harness.directory);
      await other.load();
      await harness.store.remove(id);
      assert.deepEqual(
        { tasks: harness.store.list().length, removed: harness.store.removed().length },
        { tasks: 0, removed: 1 },
      );
      assert.deepEqual(await importAll(harness.store, records), { added: 1, known: 0 });
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
      const { records } = parseExport(serializeExport(files, harness.clock.now()), harness.clock.now());
      await importAll(harness.store, records);
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
        () => parseExport(text, NOW),
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
      NOW,
    );
    assert.deepEqual(
      records.map(({ id }) => id),
      ['x1'],
    );
    assert.equal(unreadable, bad.length);
  });
});

describe('an imported list', () => {
  const link = 'https://files.example/v.mp4';
  const done = (more: Record<string, unknown> = {}) => ({
    ...createDoneRecord('x1', link, NOW + HOUR_MS, { createdAt: NOW - HOUR_MS }),
    ...more,
  });

  it('brings no id that is none', () => {
    for (const id of ['../../../etc/passwd', '..\\x', 'a/b', '', 'x'.repeat(200), 'a b', 'a?b', 'a%2fb', 7, null, {}]) {
      assert.equal(imported(done({ gatewayId: id })), undefined, JSON.stringify(id));
      assert.equal(imported(done({ id })), undefined, JSON.stringify(id));
    }
    assert.equal(imported(done())?.gatewayId, 'gatewayx1');
    assert.equal(imported(done({ state: 'running', gatewayId: undefined })), undefined, 'nothing to ask about');
  });

  it('brings no link that an answer could not bring: the service gives it anew', () => {
    for (const url of [
      'http://127.0.0.1/admin?reboot=1',
      'https://127.0.0.1/x',
      'https://localhost./x',
      'https://192.168.0.1/x',
      'https://2130706433/x',
      'https://[::ffff:10.0.0.1]/x',
      'https://100.64.0.1/x',
      'https://user:password@files.example/x',
      'http://files.example/x',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'command:x',
      `https://files.example/${'x'.repeat(10_000)}`,
      7,
    ]) {
      const record = imported(done({ result: { url, expiresAt: NOW + HOUR_MS } }));
      assert.deepEqual([record?.state, record?.result], ['waiting', undefined], String(url));
    }
    assert.equal(imported(done())?.result?.url, link);
  });

  it('brings no time that is none, none after now, and no link that lives longer than links do', () => {
    for (const at of [9e15, -9e15, 1e308, 0, -1, 'soon', null, undefined, [], {}]) {
      const record = imported(done({ createdAt: at, submittedAt: at, acceptedAt: at, startedAt: at, finishedAt: at }));
      assert.equal(record?.createdAt, NOW, JSON.stringify(at));
      assert.deepEqual(
        [record.submittedAt, record.acceptedAt, record.startedAt, record.finishedAt],
        Array(4).fill(undefined),
      );
    }
    assert.equal(imported(done({ createdAt: NOW + 50 * HOUR_MS }))?.createdAt, NOW);
    const long = imported(done({ result: { url: link, expiresAt: 4e12 } }));
    assert.equal(long?.result?.expiresAt, NOW + LINK_LIFETIME_MS);
  });

  it('spends nothing: amounts are amounts', () => {
    for (const amount of [-100, 1e308, '5', null, []]) {
      const record = imported(done({ cost: amount, quotedPrice: amount }));
      assert.deepEqual([record?.cost, record?.quotedPrice], [undefined, undefined], String(amount));
    }
    assert.equal(imported(done({ cost: 12.5 }))?.cost, 12.5);
  });

  it('names no place that is called over the network, and no file under another name', () => {
    const frame = (source: string) =>
      imported(
        done({
          request: { model: 'm', prompt: 'p', firstFrame: { source, delivery: 'inline', label: 'holiday.png' } },
        }),
      )?.request.firstFrame;
    for (const source of ['file://server/share/x.png', 'vscode-vfs://x/y', 'command:x', 'http://10.0.0.1/x.png', '']) {
      assert.equal(frame(source)?.source, '', source);
    }
    assert.equal(frame('file:///srv/anna/passport.png')?.label, 'passport.png');
    assert.equal(frame('https://images.example/cat.png')?.label, 'holiday.png');
    const saved = ['file://server/x.mp4', 'vscode-remote://x/y', 'x:y z', 'file:///films/x.mp4'];
    assert.deepEqual(
      imported(done({ saved: [...saved.map((uri) => ({ uri, at: NOW })), 7, { uri: 'file:///y', at: 9e15 }] }))?.saved,
      [{ uri: 'file:///films/x.mp4', at: NOW }],
    );
  });

  it('tries no link by itself that died long ago', () => {
    const dead = imported(done({ result: { url: link, expiresAt: NOW - 60 * HOUR_MS } }));
    assert.deepEqual([dead?.state, dead?.copyDropped], ['done', true]);
    assert.equal(imported(done({ result: { url: link, expiresAt: NOW - HOUR_MS } }))?.copyDropped, undefined);
  });

  it('is read in any case, and each record of it is one that the disk takes', () => {
    const odd = fc.oneof(
      fc.anything({ maxDepth: 2 }),
      fc.constantFrom<unknown>(9e15, -1, 1e999, '../..', 'http://127.0.0.1/', 'x'.repeat(50_000), [], null, true),
    );
    const whole = done({
      request: {
        model: 'm',
        prompt: 'p',
        aspectRatio: '16:9',
        firstFrame: { source: 'file:///x.png', delivery: 'link', label: 'x', width: 1, height: 1, hash: 'x', from: {} },
      },
      error: { kind: 'internal', at: NOW, message: 'm', issues: [{ path: 'p' }] },
      saved: [{ uri: 'file:///x.mp4', at: NOW }],
      account: 'abcd1234',
      cost: 1,
    }) as Record<string, unknown>;
    const paths = (value: unknown): string[][] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [[key], ...paths(inner).map((path) => [key, ...path])])
        : [];
    fc.assert(
      fc.property(fc.constantFrom(...paths(whole)), odd, (path, value) => {
        const entry = structuredClone(whole);
        let at = entry;
        path.slice(0, -1).forEach((key) => (at = at[key] as Record<string, unknown>));
        try {
          at[path.at(-1)!] = JSON.parse(JSON.stringify(value) ?? 'null');
        } catch {
          at[path.at(-1)!] = null;
        }
        const record = imported(entry);
        if (record) {
          const text = serializeRecord(record);
          assert.ok(text.length < 80_000, `${text.length} characters`);
          assert.deepEqual(parseRecordFile(record.id, text).kind, 'record');
          const { source, link: frameLink } = record.request.firstFrame ?? {};
          assert.ok(![record.result?.url, source, frameLink].join(' ').includes('127.0.0.1'), text.slice(0, 500));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('says before what it will do', async () => {
    const directory = await makeTempDir();
    const store = createStore(directory);
    try {
      await store.create(createRecord('here', { state: 'failed' }));
      const plan = await planImport(store, [
        createRecord('here', { state: 'failed' }),
        createRecord('new', { state: 'failed' }),
        createRecord('new', { state: 'failed' }),
        createRecord('other', { state: 'waiting', gatewayId: 'g1' }),
        createRecord('twin', { state: 'waiting', gatewayId: 'g1' }),
        createDoneRecord('done', link, NOW),
      ]);
      assert.deepEqual(
        { ...plan, added: plan.added.map(({ id }) => id) },
        { added: ['new', 'other', 'done'], known: 3, asked: 1, fetched: 1 },
      );
      assert.equal(store.list().length, 1);
    } finally {
      store.dispose();
      await rm(directory, { recursive: true });
    }
  });

  it('is announced in pieces, in each window, tells how far it is, and stops when told', async function () {
    this.timeout(30_000);
    const directory = await makeTempDir();
    const [store, other] = [createStore(directory), createStore(directory)];
    try {
      await Promise.all([store.load(), other.load()]);
      const events = { here: 0, there: 0 };
      store.onDidChange(() => events.here++);
      other.onDidChange(() => events.there++);
      const added = Array.from({ length: 400 }, (_, n) =>
        createRecord(`task${String(n).padStart(4, '0')}`, { state: 'failed' }),
      );
      const told: number[] = [];
      const abort = new AbortController();
      const options = {
        signal: abort.signal,
        onProgress: (n: number) => void (told.push(n), n === 300 && abort.abort()),
      };
      assert.equal(await importRecords(store, { added }, options), 300);
      assert.deepEqual(told, [100, 200, 300]);
      assert.equal(store.list().length, 300);
      assert.equal(events.here, 3, 'one for each piece');
      await other.rescan();
      assert.equal(other.list().length, 300);
      assert.ok(events.there < 100, `${events.there} events in the other window`);
      assert.equal(await importRecords(store, await planImport(store, added)), 100, 'the rest');
    } finally {
      store.dispose();
      other.dispose();
      await rm(directory, { recursive: true });
    }
  });
});
