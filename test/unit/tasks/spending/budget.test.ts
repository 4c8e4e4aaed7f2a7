import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { checkBudget } from '../../../../src/tasks/spending/budget';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { getPeriodSpending } from '../../../../src/tasks/spending/spending';
import { toSpendingCsv } from '../../../../src/tasks/spending/spendingCsv';
import type { TaskStore } from '../../../../src/tasks/storage/taskStore';
import { readFiles, makeTempDir, removeTempDir } from '../../../support/tempDir';
import { waitFor } from '../../../support/waitFor';
import { createRecord, createStore } from '../../../support/records';

const NOW = new Date(2026, 4, 20, 15, 30).getTime();
const YESTERDAY = new Date(2026, 4, 19, 23, 59).getTime();

function paid(id: string, roubles: number | undefined, more: Partial<TaskRecord> = {}): TaskRecord {
  return createRecord(id, { state: 'done', gatewayId: `g${id}`, createdAt: NOW, quotedPrice: roubles, ...more });
}

describe('the daily budget', () => {
  it('asks nothing without a budget', () => {
    assert.equal(checkBudget([paid('a', 1_000_000)], 1_000_000, 0, NOW), undefined);
    assert.equal(checkBudget([], undefined, 0, NOW), undefined);
    assert.equal(checkBudget([], 1, -5, NOW), undefined);
  });

  it('lets through what fits, to the kopeck, and asks for what does not', () => {
    assert.equal(checkBudget([paid('a', 0.1)], 0.2, 0.3, NOW), undefined);
    assert.equal(checkBudget([paid('a', 178)], 122, 300, NOW), undefined);
    assert.equal(checkBudget([paid('a', 178.01)], 122, 300, NOW)?.past, 0.01);
    assert.equal(checkBudget([], 301, 300, NOW)?.past, 1);
  });

  it('goes on asking once it is passed', () => {
    const check = checkBudget([paid('a', 400)], 4, 300, NOW);
    assert.deepEqual({ roubles: check?.today.roubles, past: check?.past }, { roubles: 400, past: 104 });
  });

  it('counts today alone, by the local calendar', () => {
    assert.equal(checkBudget([paid('a', 300, { createdAt: YESTERDAY })], 122, 300, NOW), undefined);
  });

  it('counts what another window is about to send, and what may have been charged', () => {
    for (const state of ['draft', 'submitting', 'unknown', 'waiting', 'running', 'failed', 'expired'] as const) {
      assert.equal(checkBudget([paid('a', 200, { state })], 122, 300, NOW)?.past, 22, state);
    }
    assert.equal(checkBudget([paid('a', 200, { state: 'failed', gatewayId: undefined })], 122, 300, NOW), undefined);
  });

  it('asks for an unknown price: it fits into no budget', () => {
    const check = checkBudget([paid('a', 10), paid('b', undefined)], undefined, 300, NOW);
    assert.deepEqual(
      { past: check?.past, roubles: check?.today.roubles, unpriced: check?.today.unpriced },
      { past: undefined, roubles: 10, unpriced: 1 },
    );
  });
});

describe('what removed tasks cost', () => {
  let place: string;
  let stores: TaskStore[];
  const open = () => {
    const store = createStore(place);
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    place = await makeTempDir();
    stores = [];
  });
  afterEach(async () => {
    stores.forEach((store) => store.dispose());
    await removeTempDir(place);
  });

  it('stays spent: here, in other windows, and after a restart', async () => {
    const [here, there] = [open(), open()];
    await Promise.all([here.load(), there.load()]);
    const now = Date.now();
    await here.create(paid('a1', 122, { createdAt: now, cost: 120 }));
    await here.create(paid('b1', 50, { createdAt: now }));
    await here.remove('a1');
    await waitFor(() => there.removed().length === 1 && there.list().length === 1);
    for (const store of [here, there, open()]) {
      await store.load();
      const sums = getPeriodSpending([...store.list(), ...store.removed()], 1, now);
      assert.deepEqual({ tasks: sums.done.tasks, roubles: sums.done.roubles }, { tasks: 2, roubles: 170 });
      assert.equal(checkBudget([...store.list(), ...store.removed()], 1, 170, now)?.past, 1);
    }
  });

  it('keeps no word of the prompt', async () => {
    const store = open();
    await store.load();
    await store.create(
      paid('a1', 122, { request: { model: 'seedance-2', prompt: 'a secret garden' }, createdAt: Date.now() }),
    );
    await store.remove('a1');
    for (const [, bytes] of await readFiles(place)) {
      assert.ok(!bytes.includes('secret garden'));
    }
    const csv = toSpendingCsv(store.removed());
    assert.match(csv, /"seedance-2",122/);
    assert.match(csv, /,""\r\n$/);
  });

  it('reads tombstones of before, which tell no amount', async () => {
    const store = open();
    await store.load();
    await store.create(paid('a1', 122));
    await store.remove('a1');
    const [name, bytes] = [...(await readFiles(place))].find(([file]) => file.includes('a1.')) ?? [];
    assert.ok(name !== undefined && bytes !== undefined);
    await writeFile(`${place}/${name}`, JSON.stringify({ format: 1, removedAt: Date.now() }));
    const later = open();
    await later.load();
    assert.deepEqual(
      { tasks: later.list().length, removed: later.removed().length, damaged: later.damaged.length },
      { tasks: 0, removed: 0, damaged: 0 },
    );
  });
});
