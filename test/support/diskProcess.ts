// Fills a small disk under a store, and makes it read-only: node <bundle> <directory> <tmpfs|counted>
// Says what happened as JSON. See smallDisk.ts.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../../src/common/clock';
import { StoreError } from '../../src/tasks/model/errors';
import { TaskStore } from '../../src/tasks/storage/taskStore';
import { accepted, createDraft, submitting } from '../../src/tasks/model/transitions';

export interface DiskReport {
  created: number;
  /** Of the create that no longer fitted. */
  createError: string;
  /** The paid one got its id in spite of the full disk. */
  acceptedOnFullDisk: boolean;
  /** Further changes until even the reserve was used up. */
  changesOnFullDisk: number;
  changeError: string;
  /** What a fresh window reads from the full disk, and what this one believes. */
  readBack: string[];
  believed: string[];
  damaged: readonly string[];
  leftovers: string[];
  afterRoom: boolean;
  readOnlyErrors: string[];
  readOnlyReads: boolean;
}

const [directory = '', disk = ''] = process.argv.slice(2);
const filler = join(directory, 'filler');
let isReadOnly = false;

/** Where no small disk can be had: the calls of Node's that the store writes with, with a limit before them. */
function countBytes(): void {
  const { promises } = fs;
  const { open, writeFile, link, mkdir, rename } = promises;
  const LIMIT_BYTES = 1024 * 1024;
  const used = (folder: string): number =>
    fs
      .readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + Math.ceil(fs.statSync(join(entry.parentPath, entry.name)).size / 4096) * 4096, 0);
  const check = (bytes: number): void => {
    const code = isReadOnly ? 'EROFS' : used(directory) + bytes > LIMIT_BYTES ? 'ENOSPC' : undefined;
    if (code !== undefined) {
      throw Object.assign(new Error(`${code}: write`), { code, syscall: 'write', path: directory });
    }
  };
  Object.assign(promises, {
    open: async (path: string, flags: string, ...rest: []) => {
      if (flags !== 'r') {
        check(4096);
      }
      return open(path, flags, ...rest);
    },
    writeFile: async (path: string, data: Buffer, options: object) => {
      check(data.length);
      return writeFile(path, data, options);
    },
    link: async (from: string, to: string) => (check(0), link(from, to)),
    mkdir: async (path: string, options: object) => {
      if (!fs.existsSync(path)) {
        check(0);
      }
      return mkdir(path, options);
    },
    rename: async (from: string, to: string) => (check(0), rename(from, to)),
  });
  syncBuiltinESMExports();
}

if (disk === 'counted') {
  countBytes();
}

const storeHere = (): TaskStore => new TaskStore({ directory, clock: systemClock, random: Math.random });
const store = storeHere();
const kindOf = (error: unknown): string => (error instanceof StoreError ? error.kind : String(error));
const describe = (from: TaskStore): string[] =>
  from.list().map(({ id, state, gatewayId, word }) => `${id} ${state} ${gatewayId ?? ''} ${(word ?? '').slice(0, 5)}`);
const request = { model: 'm', prompt: 'p'.repeat(3_000) };

async function until(job: () => Promise<unknown>): Promise<{ done: number; error: string }> {
  for (let done = 0; ; done++) {
    try {
      await job();
    } catch (error) {
      return { done, error: kindOf(error) };
    }
  }
}

const paid = store.newId(1);
await store.create(createDraft({ id: paid, request, at: 1 }));
await store.update(paid, submitting(2));
const rest = await until(() => store.create(createDraft({ id: store.newId(3), request, at: 3 })));
// What is left of the last block, too.
fs.writeFileSync(filler, '');
for (let bytes = 512 * 1024; bytes >= 1; bytes >>= 1) {
  try {
    if (disk === 'tmpfs') {
      fs.appendFileSync(filler, Buffer.alloc(bytes));
    }
  } catch {
    // No room for so much.
  }
}
const told = await store.update(paid, accepted({ gatewayId: 'g', at: 4 })).then(
  () => true,
  () => false,
);
let n = 0;
const changes = await until(() => {
  n++;
  // A change that takes no more room than what it replaces always finds some.
  return store.update(store.list()[n % store.list().length]!.id, (record) => ({
    ...record,
    word: `w${n} `.repeat(2_000),
  }));
});

const fresh = storeHere();
await fresh.load();
const report: DiskReport = {
  created: rest.done,
  createError: rest.error,
  acceptedOnFullDisk: told,
  changesOnFullDisk: changes.done,
  changeError: changes.error,
  readBack: describe(fresh),
  believed: describe(store),
  damaged: fresh.damaged,
  leftovers: fs.readdirSync(join(directory, 'tasks')).filter((name) => name.endsWith('.tmp')),
  afterRoom: false,
  readOnlyErrors: [],
  readOnlyReads: false,
};
fs.rmSync(filler);
const [newest] = store.list();
await store.remove(newest!.id);
report.afterRoom = await store
  .update(paid, (record) => ({ ...record, word: 'room' }))
  .then(
    () => true,
    () => false,
  );

isReadOnly = true;
if (disk === 'tmpfs') {
  execFileSync('mount', ['-o', 'remount,ro', directory]);
}
for (const job of [
  () => store.create(createDraft({ id: store.newId(9), request, at: 9 })),
  () => store.update(paid, (record) => ({ ...record, word: 'read-only' })),
  () => store.remove(paid),
]) {
  report.readOnlyErrors.push(await job().then(() => 'none', kindOf));
}
const later = storeHere();
report.readOnlyReads = await later.load().then(
  () => later.get(paid)?.word === 'room',
  () => false,
);
process.stdout.write(JSON.stringify(report));
process.exit();
