import { Worker } from 'node:worker_threads';
import type { Scene } from './scene';

/** What the worker is asked, and what it says. */
export interface Job {
  readonly id: number;
  readonly scene: Scene;
}
export type JobDone =
  { readonly id: number; readonly mp4: Uint8Array } | { readonly id: number; readonly error: string };

interface Waiting {
  resolve(mp4: Uint8Array): void;
  reject(error: Error): void;
}

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

/**
 * Draws and encodes a scene as H.264 in MP4. One worker thread does all of them in turn: the event
 * loop stays free, and other processes on a small machine get their share.
 */
export function encode(scene: Scene): Promise<Uint8Array> {
  lastId += 1;
  const job: Job = { id: lastId, scene };
  return new Promise((resolve, reject) => {
    waiting.set(job.id, { resolve, reject });
    worker ??= startWorker();
    worker.ref();
    worker.postMessage(job);
  });
}

function startWorker(): Worker {
  const started = new Worker(new URL('./boot.mjs', import.meta.url));
  started.on('message', (done: JobDone) => {
    settle(done.id, (job) => ('mp4' in done ? job.resolve(done.mp4) : job.reject(new Error(done.error))));
  });
  started.on('error', (error) => {
    worker = undefined;
    for (const id of [...waiting.keys()]) {
      settle(id, (job) => job.reject(error));
    }
  });
  return started;
}

function settle(id: number, how: (job: Waiting) => void): void {
  const job = waiting.get(id);
  waiting.delete(id);
  if (waiting.size === 0) {
    // An idle worker must not keep a finished test run alive.
    worker?.unref();
  }
  if (job) {
    how(job);
  }
}
