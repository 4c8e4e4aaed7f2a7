// A window that may be killed at any moment: the real core in a process of its own. Started by kills.slow.test.ts
// with its task as JSON; says what it has done, line by line.
import nodeFetch from 'node-fetch';
import { HttpApiClient } from '../../src/api/httpApiClient';
import { getProcessIdentity } from '../../src/tasks/worker/processIdentity';
import { isDownloadable, isPending } from '../../src/tasks/model/taskRecord';
import { withSavedLocation } from '../../src/tasks/model/transitions';
import { FastClock } from './clocks';
import { FakeCredentials, TestWindow } from './testWindow';

export interface KilledProcessTask {
  directory: string;
  baseUrl: string;
  key: string;
  clock: { speed: number; startedAt: number };
  /** To be generated, one after the other. */
  prompts: string[];
  /** Shots of the storyboard that all windows of the folder run: the prompt of each, by its label. */
  shots: Record<string, string>;
  /** Ends by itself when nothing is left to be asked or fetched. */
  untilSettled: boolean;
}

const task = JSON.parse(process.argv[2] ?? '') as KilledProcessTask;
const clock = new FastClock(task.clock);
const say = (...words: string[]): boolean => process.stdout.write(`${words.join(' ')}\n`);

const window = new TestWindow({
  directory: task.directory,
  clock,
  random: Math.random,
  identity: getProcessIdentity(),
  apiClient: new HttpApiClient({
    fetch: nodeFetch,
    baseUrl: () => new URL(task.baseUrl),
    now: () => clock.now(),
    timeLimitsMs: { create: 1_000, result: 1_000 },
  }),
  fetch: nodeFetch,
  credentials: new FakeCredentials(task.key),
  ...(process.env['SEEDANCE_VERBOSE'] === undefined
    ? {}
    : { log: (message) => void process.stderr.write(`${process.pid} ${message}\n`) }),
});
// Timers of the core keep no process alive; a window lives until it is closed.
const life = setInterval(() => undefined, 1_000);
await window.open();
say('ready');

const takes = window.store.list().filter(({ shot }) => shot !== undefined);
const known = takes.map(({ id }) => id);
const film = Object.entries(task.shots).map(([label, prompt]) => ({
  model: 'seedance-1-pro-480P-2s',
  prompt,
  shot: { document: 'file:///film.storyboard.md', label, title: '', known },
}));
if (film.length > 0) {
  say('agreed', JSON.stringify({ shots: task.shots, known: takes.map(({ request }) => request.prompt) }));
  await window.generate.generate(film, ({ id, gatewayId }) => say('accepted', id, gatewayId ?? ''));
}
for (const prompt of task.prompts) {
  await window.generate.generate(
    [{ model: 'seedance-1-pro-480P-2s', prompt, aspectRatio: '16:9' }],
    ({ id, gatewayId }) => {
      say('accepted', id, gatewayId ?? '');
      const uri = `file:///saved/${id}`;
      void window.store.update(id, withSavedLocation(uri, 1)).then(() => say('saved', id, uri));
    },
  );
}
say('sent');
if (task.untilSettled) {
  const isSettled = (): boolean =>
    window.store
      .list()
      .every(
        (record) => !isPending(record) && !isDownloadable(record) && !['draft', 'submitting'].includes(record.state),
      );
  while (!isSettled()) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  window.close();
  clearInterval(life);
}
