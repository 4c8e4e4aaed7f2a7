/** Scales: the real polling controller over a real store with a thousand tasks at the service, in virtual time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskResult } from '../../src/api/apiClient';
import { WorkerLease } from '../../src/tasks/worker/workerLease';
import { PollingController } from '../../src/tasks/polling/pollingController';
import { TaskStore } from '../../src/tasks/storage/taskStore';
import { accepted, createDraft } from '../../src/tasks/model/transitions';
import { Random } from '../emulator/random';
import { VirtualClock } from '../support/clocks';
import { FakeCredentials } from '../support/testWindow';
import { settled } from '../support/recordingFetch';
import type { Figure } from './report';
import { MEDIAN_MS, SIGMA } from './simulation';

const claim = 'scales';
const TASKS = 1_000;
const SECOND_MS = 1_000;

export async function concurrency(): Promise<Figure[]> {
  const { asked, peak, unfinished } = await followMany(TASKS);
  const times = [...asked.values()].flat().sort((a, b) => a - b);
  const waits = [...asked.values()].map((own) => Math.max(...own.map((at, i) => at - (own[i - 1] ?? 0))));
  return [
    {
      claim,
      what: `${TASKS} tasks in flight: most requests in a second`,
      value: mostWithin(times, SECOND_MS),
      unit: '',
      limit: { atMost: 4 },
    },
    { claim, what: 'most requests at once', value: peak, unit: '', limit: { atMost: 4 } },
    { claim, what: 'tasks never finished', value: unfinished, unit: '', limit: { atMost: 0 } },
    // With four a second everybody's turn comes after a quarter of a second for each task, at most.
    {
      claim,
      what: 'longest wait of a task, beside an even turn for all',
      value: Math.max(...waits) / (TASKS * 250),
      unit: '×',
      limit: { atMost: 1.5 },
    },
  ];
}

/** Most values within a window that is open at its end. */
function mostWithin(sorted: readonly number[], width: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < sorted.length; to++) {
    while (sorted[to]! - sorted[from]! >= width) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** Follows tasks that all began at once until every one is done; says when each was asked about. */
async function followMany(tasks: number) {
  const directory = await mkdtemp(path.join(tmpdir(), 'seedance-bench-'));
  const clock = new VirtualClock(settled);
  const random = new Random(1);
  const chance = () => random.next();
  const credentials = new FakeCredentials('shds-bench');
  const ends = new Map<string, number>();
  const asked = new Map<string, number[]>();
  let now = 0;
  let peak = 0;
  const service = {
    async result(id: string): Promise<TaskResult> {
      asked.set(id, [...(asked.get(id) ?? []), clock.monotonic()]);
      peak = Math.max(peak, ++now);
      await new Promise((resolve) => clock.setTimeout(() => resolve(undefined), 400 + 400 * chance()));
      now--;
      return clock.monotonic() < ends.get(id)!
        ? { progress: 'pending', word: 'running' }
        : { progress: 'done', word: 'done', url: `https://files/${id}` };
    },
  };
  const store = new TaskStore({ directory, clock, random: chance });
  const lease = new WorkerLease({ directory, clock, identity: { name: 'bench', isPossiblyAlive: () => true } });
  const polling = new PollingController({ store, apiClient: service, credentials, lease, clock, random: chance });
  try {
    await store.load();
    const at = clock.now();
    for (let n = 0; n < tasks; n++) {
      const id = store.newId(at);
      const gatewayId = `g${n}`;
      ends.set(gatewayId, random.logNormal(MEDIAN_MS, SIGMA));
      const record = createDraft({ id, request: { model: 'm', prompt: 'a cat' }, account: credentials.account!, at });
      await store.create({ ...accepted({ gatewayId, at })({ ...record, state: 'submitting' }) });
    }
    polling.start();
    const isOver = () => store.list().every(({ state }) => state === 'done');
    await clock.until(isOver, 'all tasks to be done', 4 * 3_600_000).catch(() => undefined);
    return { asked, peak, unfinished: store.list().filter(({ state }) => state !== 'done').length };
  } finally {
    polling.dispose();
    lease.dispose();
    store.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}
