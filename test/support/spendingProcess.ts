// A window that orders as much as it can at once, within a daily budget: the real core in a process of its own. Started
// by budget.slow.test.ts with its task as JSON. Its user agrees to nothing; it says how often there was a question.
import nodeFetch from 'node-fetch';
import { HttpApiClient } from '../../src/api/httpApiClient';
import { systemClock } from '../../src/common/clock';
import { getProcessIdentity } from '../../src/tasks/worker/processIdentity';
import { FakeCredentials, TestWindow } from './testWindow';

export interface SpendingProcessTask {
  directory: string;
  baseUrl: string;
  key: string;
  model: string;
  quotedPrice: number;
  dailyBudget: number;
  /** Orders at the same time, by what they order. */
  orders: string[][];
}

const task = JSON.parse(process.argv[2] ?? '') as SpendingProcessTask;
const { directory, baseUrl, key, model, quotedPrice, dailyBudget, orders } = task;
const clock = systemClock;
const window = new TestWindow({
  directory,
  clock,
  random: Math.random,
  identity: getProcessIdentity(),
  apiClient: new HttpApiClient({ fetch: nodeFetch, baseUrl: () => new URL(baseUrl), now: () => clock.now() }),
  fetch: nodeFetch,
  credentials: new FakeCredentials(key),
});
// Timers of the core keep no process alive; a window lives until it is closed.
const life = setInterval(() => undefined, 1_000);
await window.store.load();
process.stdout.write('ready\n');
// So that all begin at the same moment.
await new Promise((resolve) => process.stdin.once('data', resolve));

let questions = 0;
const ask = () => {
  questions++;
  return Promise.resolve(false);
};
await Promise.all(
  orders.map((prompts) =>
    window.generate.generate(
      prompts.map((prompt) => ({ model, prompt, quotedPrice })),
      undefined,
      undefined,
      { dailyBudget: () => dailyBudget, ask },
    ),
  ),
);
process.stdout.write(`${JSON.stringify({ questions })}\n`);
window.close();
clearInterval(life);
process.exit();
