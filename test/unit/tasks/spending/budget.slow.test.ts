import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { getCommittedToday } from '../../../../src/tasks/spending/spending';
import { startEmulator, type Emulator } from '../../../emulator/emulator';
import { Random } from '../../../emulator/random';
import { bundle } from '../../../support/bundle';
import { createStore } from '../../../support/records';
import type { SpendingProcessTask } from '../../../support/spendingProcess';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';

/** Another one each time, except in CI: whether a change lands should not depend on luck. */
const SEED = Number(process.env['SEEDANCE_SEED'] ?? (process.env['CI'] ? 20261125 : Date.now() % 1e9));
const KEY = 'shds-budget';
const MODEL = 'seedance-1-pro-480P-2s';
const PRICE = 30;

describe(`the daily budget of several processes (SEEDANCE_SEED=${SEED})`, function () {
  this.timeout(120_000);
  const random = new Random(SEED);
  const children = new Set<ChildProcess>();
  let emulator: Emulator;
  let script: string;
  let directory: string;

  before(async () => {
    script = await bundle('spendingProcess');
  });

  beforeEach(async () => {
    emulator = await startEmulator({ key: KEY, account: { balance: 1e6 } });
    directory = await makeTempDir();
  });

  afterEach(async () => {
    children.forEach((child) => child.kill('SIGKILL'));
    await emulator.close();
    await removeTempDir(directory);
  });

  /** Starts windows that order at the same moment, and gives what each said at its end. */
  async function order(windows: number, dailyBudget: number, orders: (window: number) => string[][], kills = 0) {
    const started = Array.from({ length: windows }, (_, n) => {
      const task: SpendingProcessTask = {
        directory,
        baseUrl: emulator.baseUrl,
        key: KEY,
        model: MODEL,
        quotedPrice: PRICE,
        dailyBudget,
        orders: orders(n),
      };
      const child = spawn(process.execPath, [script, JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'inherit'] });
      children.add(child);
      const lines: string[] = [];
      const ready = new Promise<void>((resolve) => {
        createInterface(child.stdout).on('line', (line) => {
          lines.push(line);
          resolve();
        });
      });
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      return { child, lines, ready, ended };
    });
    await Promise.all(started.map(({ ready }) => ready));
    started.forEach(({ child }) => child.stdin.write('go\n'));
    for (const { child } of started.slice(0, kills)) {
      setTimeout(() => child.kill('SIGKILL'), random.next() * 400);
    }
    await Promise.all(started.map(({ ended }) => ended));
    return started.map(({ lines }) => (JSON.parse(lines[1] ?? '{"questions":0}') as { questions: number }).questions);
  }

  const charged = () => emulator.ledger.charged().length;

  it('is never passed, and what fits is ordered', async () => {
    const questions = await order(4, 100, (window) => [0, 1, 2, 3, 4].map((n) => [`window ${window} order ${n}`]));
    assert.equal(charged(), 3);
    assert.equal(
      questions.reduce((sum, count) => sum + count),
      17,
    );
    const store = createStore(directory);
    await store.load();
    const records = store.list();
    store.dispose();
    assert.equal(records.length, 20, 'no prompt is lost');
    assert.equal(records.filter(({ error }) => error?.kind === 'not-confirmed').length, 17);
    assert.deepEqual(getCommittedToday(records, Date.now()), { tasks: 3, roubles: 90, unpriced: 0 });
  });

  it('takes an order of several prompts as a whole, or not at all', async () => {
    await order(3, 100, (window) => [['a', 'b'].map((name) => `window ${window} ${name}`)]);
    assert.equal(charged(), 2);
  });

  it('is not passed when windows are killed in between', async () => {
    for (let round = 0; round < 3; round++) {
      await order(4, 200, (window) => [0, 1, 2, 3].map((n) => [`round ${round} window ${window} order ${n}`]), 2);
      assert.ok(charged() * PRICE <= 200, `${charged()} were charged`);
    }
  });
});
