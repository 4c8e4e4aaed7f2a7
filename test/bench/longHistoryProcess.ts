// Opens a store and tells what it took: node --expose-gc --import tsx longHistoryProcess.ts <directory>
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/common/clock';
import { TaskStore, type TaskChange } from '../../src/tasks/storage/taskStore';
import { withSavedLocation } from '../../src/tasks/model/transitions';
import { pastRecord } from './longHistory';
import { median } from './report';

export interface StoreFigures {
  readonly firstRowsMs: number;
  readonly loadedMs: number;
  readonly changeMs: number;
  readonly rowsPerChange: number;
  readonly bytesPerChange: number;
  /** Bytes, after a collection of garbage. */
  readonly resident: number;
  readonly heap: number;
}

const CHANGES = 15;

// An extension host has long been at work: the part of the heap that takes what is short-lived is there already.
for (let n = 0, garbage: object[] = []; n < 3_000_000; n++) {
  if (garbage.length > 200_000) garbage = [];
  garbage.push({ n });
}

const directory = process.argv[2] ?? '';
const store = new TaskStore({ directory, clock: systemClock, random: Math.random });
let firstRowsMs: number | undefined;
let announced: readonly TaskChange[] = [];
store.onDidChange((changes) => {
  announced = changes;
  firstRowsMs ??= performance.now() - began;
});
const began = performance.now();
await store.load();
const loadedMs = performance.now() - began;
// What follows is for the tree, which asks for the list.
store.list();
if (store.list().length === 0) await store.create(pastRecord(0));

// Whatever else happens after loading, such as tidying, is not what is measured.
await sleep(300);
const id = store.list()[0]!.id;
const times: number[] = [];
const rows: number[] = [];
const written = await bytesWritten();
for (let n = 0; n < CHANGES; n++) {
  const from = performance.now();
  await store.update(id, withSavedLocation('file:///films/seedance/again.mp4', n));
  times.push(performance.now() - from);
  rows.push(announced.length);
}
const bytesPerChange = ((await bytesWritten()) - written) / CHANGES;

globalThis.gc?.();
await sleep(200);
globalThis.gc?.();
const { rss, heapUsed } = process.memoryUsage();
const figures: StoreFigures = {
  firstRowsMs: firstRowsMs ?? loadedMs,
  loadedMs,
  changeMs: median(times),
  rowsPerChange: Math.max(...rows),
  bytesPerChange,
  resident: rss,
  heap: heapUsed,
};
console.log(JSON.stringify(figures));
store.dispose();

/** What this process has handed to the system to write; not counted by other systems than Linux. */
async function bytesWritten(): Promise<number> {
  const io = await readFile('/proc/self/io', 'utf8').catch(() => 'wchar: 0');
  return Number(/wchar: (\d+)/.exec(io)?.[1]);
}
