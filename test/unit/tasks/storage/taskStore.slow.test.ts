import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../../../support/bundle';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import { waitFor } from '../../../support/waitFor';
import { createRecord, createStore } from '../../../support/records';
import { settled } from '../../../support/recordingFetch';

const run = promisify(execFile);
const PROCESSES = 4;
const UPDATES = 100;

describe('store: at full load', function () {
  this.timeout(60_000);
  let place: string;
  let script: string;

  before(async () => {
    script = await bundle('writerProcess');
  });

  beforeEach(async () => {
    place = await makeTempDir();
    await mkdir(join(place, 'tasks'));
  });

  afterEach(async () => {
    await settled();
    await removeTempDir(place);
  });

  async function fill(count: number): Promise<void> {
    for (let start = 0; start < count; start += 500) {
      await Promise.all(
        Array.from({ length: Math.min(500, count - start) }, (_, n) => {
          const id = (start + n).toString(36).padStart(9, '0');
          return writeFile(join(place, 'tasks', `${id}.1.json`), JSON.stringify(createRecord(id)));
        }),
      );
    }
  }

  // In a long folder a listing takes several steps, between which the record changes its name.
  for (const others of [0, 3_000]) {
    it(`loses none of ${PROCESSES * UPDATES} changes by ${PROCESSES} processes, beside ${others} records`, async () => {
      await fill(others);
      const store = createStore(place);
      await store.create(createRecord('contended'));
      let told = 0;
      const startedAt = performance.now();
      store.onDidChange((changes) => {
        assert.ok(
          changes.every(({ id, after }) => id === 'contended' && after),
          'no record is taken for removed',
        );
        told++;
      });
      await Promise.all(
        Array.from({ length: PROCESSES }, (_, n) =>
          run(process.execPath, [script, place, 'contended', `process${n}`, String(UPDATES)]),
        ),
      );
      const seconds = (performance.now() - startedAt) / 1000;
      await waitFor(() => store.get('contended')?.saved.length === PROCESSES * UPDATES, {
        withinMs: 2_000,
        what: 'the last change',
      });
      const fresh = createStore(place);
      await fresh.load();
      const places = fresh.get('contended')?.saved.map(({ uri }) => uri) ?? [];
      assert.equal(new Set(places).size, PROCESSES * UPDATES);
      assert.equal(places.length, PROCESSES * UPDATES);
      assert.deepEqual(fresh.damaged, []);
      assert.equal((await readdir(join(place, 'tasks'))).length, others + 1, 'one file is left of it');
      console.log(
        `      ${Math.round((PROCESSES * UPDATES) / seconds)} changes a second; the window that looked on was told ${told} times`,
      );
      store.dispose();
      fresh.dispose();
    });
  }

  it('loads 10,000 records, and shows the newest before the rest', async () => {
    await fill(10_000);
    const store = createStore(place);
    const batches: number[] = [];
    store.onDidChange((changes) => {
      if (batches.length === 0) {
        assert.ok(
          changes.some(({ id }) => id === (9_999).toString(36).padStart(9, '0')),
          'the newest first',
        );
      }
      batches.push(changes.length);
    });
    const startedAt = performance.now();
    let firstAfter = Infinity;
    const first = store.onDidChange(() => {
      firstAfter = performance.now() - startedAt;
      first.dispose();
    });
    await store.load();
    const allAfter = performance.now() - startedAt;
    assert.equal(store.list().length, 10_000);
    assert.equal(
      batches.reduce((sum, length) => sum + length, 0),
      10_000,
      'each of them is told once',
    );
    assert.ok(batches[0]! <= 500, `a first batch of ${batches[0]}`);
    assert.ok(firstAfter < allAfter / 3, `the first after ${firstAfter} ms of ${allAfter}`);
    console.log(
      `      the first ${batches[0]} after ${Math.round(firstAfter)} ms, all after ${Math.round(allAfter)} ms`,
    );
    const changedAt = performance.now();
    await store.update((5_000).toString(36).padStart(9, '0'), (record) => ({ ...record, word: 'x' }));
    console.log(`      a change among them: ${Math.round(performance.now() - changedAt)} ms`);
    store.dispose();
  });
});
