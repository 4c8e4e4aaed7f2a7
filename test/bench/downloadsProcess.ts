// Fetches a film with the downloader and tells what it took: tsx downloadsProcess.ts <directory> <url> [bare]
// With `bare` it asks for the film without the downloader and drops its bytes: what Node itself takes.
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import nodeFetch from 'node-fetch';
import { systemClock as clock } from '../../src/common/clock';
import { Downloader } from '../../src/tasks/download/downloader';
import { WorkerLease } from '../../src/tasks/worker/workerLease';
import { TaskStore } from '../../src/tasks/storage/taskStore';
import { doneRecord, HOUR_MS } from '../support/records';

export interface DownloadFigures {
  readonly ms: number;
  /** Of resident memory, the most it ever was above what it was before, bytes. */
  readonly growth: number;
  /** What it takes to flush as much as that once more, for comparison. */
  readonly flushMs: number;
}

const SAMPLE_EVERY_MS = 5;

const [directory = '', url = '', how] = process.argv.slice(2);
const identity = { name: 'bench', isPossiblyAlive: () => true };
const store = new TaskStore({ directory, clock, random: Math.random });
const lease = new WorkerLease({ directory, clock, identity });
const downloader = new Downloader({ store, fetch: nodeFetch, lease, clock, random: Math.random });
downloader.start();
await store.load();
const fetchFilm = async (id: string, link: string) => {
  await store.create(doneRecord(id, link, Date.now() + HOUR_MS));
  await downloader.ensureCopy(id);
};
const keepAlive = setInterval(() => undefined, 1000);

// All code is read, and the memory that any download needs is there.
await fetchFilm('a0', url.replace('video', 'short'));
const measure = await measured(() => (how === 'bare' ? drop(url) : fetchFilm('a1', url)));
clearInterval(keepAlive);

const figures: DownloadFigures = { ...measure, flushMs: await flush() };
process.send?.(figures, () => {
  downloader.dispose();
  lease.dispose();
  store.dispose();
  process.exit();
});

async function measured(work: () => Promise<void>): Promise<{ ms: number; growth: number }> {
  globalThis.gc?.();
  await sleep(100);
  const before = process.memoryUsage.rss();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), SAMPLE_EVERY_MS);
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  clearInterval(sampling);
  return { ms, growth: most - before };
}

async function drop(link: string): Promise<void> {
  const [response] = (await once((link.startsWith('https:') ? https : http).get(link), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  await once(response, 'end');
}

async function flush(): Promise<number> {
  const file = await open(`${directory}/again`, 'w');
  const block = Buffer.alloc(1024 ** 2, 1);
  for (let n = 0; n < 200; n++) await file.write(block);
  const from = performance.now();
  await file.sync();
  await file.close();
  return performance.now() - from;
}
