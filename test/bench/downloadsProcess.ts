// Fetches a film with the downloader and tells what it took: tsx downloadsProcess.ts <directory> <url> [bare]
// With `bare` it asks for the film without the downloader and drops its bytes: what Node itself takes.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import nodeFetch from 'node-fetch';
import { systemClock as clock } from '../../src/common/clock';
import { Downloader } from '../../src/tasks/download/downloader';
import { WorkerLease } from '../../src/tasks/worker/workerLease';
import { TaskStore } from '../../src/tasks/storage/taskStore';
import { createDoneRecord, HOUR_MS } from '../support/records';

export interface DownloadFigures {
  readonly ms: number;
  /** Of the processor, in all threads of this process. */
  readonly processorMs: number;
  /** Of resident memory, the most it ever was above what it was before, bytes. */
  readonly growth: number;
}

const SAMPLE_EVERY_MS = 5;

const [directory = '', url = '', how] = process.argv.slice(2);
const identity = { name: 'bench', isPossiblyAlive: () => true };
const store = new TaskStore({ directory, clock, random: Math.random });
const lease = new WorkerLease({ directory, clock, identity });
const downloader = new Downloader({
  store,
  fetch: nodeFetch,
  lease,
  clock,
  random: Math.random,
  refreshLink: () => Promise.resolve(false),
});
downloader.start();
await store.load();
const fetchFilm = async (id: string, link: string) => {
  await store.create(createDoneRecord(id, link, Date.now() + HOUR_MS));
  await downloader.ensureCopy(id);
};
const keepAlive = setInterval(() => undefined, 1000);

// All code is read, and the memory that any download needs is there.
await fetchFilm('a0', url.replace('video', 'short'));
const figures = await measured(() => (how === 'bare' ? drop(url) : fetchFilm('a1', url)));
clearInterval(keepAlive);

process.send?.(figures, () => {
  downloader.dispose();
  lease.dispose();
  store.dispose();
  process.exit();
});

async function measured(work: () => Promise<void>): Promise<DownloadFigures> {
  globalThis.gc?.();
  await sleep(100);
  const before = process.memoryUsage.rss();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), SAMPLE_EVERY_MS);
  const processor = process.cpuUsage();
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(processor);
  clearInterval(sampling);
  return { ms, processorMs: (user + system) / 1000, growth: most - before };
}

async function drop(link: string): Promise<void> {
  const [response] = (await once(https.get(link), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
}
