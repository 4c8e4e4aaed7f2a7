/** Scales: a store of ten thousand records beside an empty one, each in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { serializeRecord } from '../../src/tasks/storage/recordFile';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import type { StoreFigures } from './longHistoryProcess';
import { median, type Figure } from './report';

const claim = 'scales';
export const RECORDS = 10_000;
const RUNS = 3;
const ROOT = path.resolve(import.meta.dirname, '..', '..');
const MB = 1024 ** 2;

export const LIMIT_BYTES_PER_CHANGE = 4 * 1024;

/** @param against another checkout, whose store is measured in turn with ours */
export async function longHistory(against?: string): Promise<Figure[]> {
  const place = await mkdtemp(path.join(tmpdir(), 'seedance-bench-'));
  try {
    const [empty, full] = [path.join(place, 'empty'), path.join(place, 'full')];
    await writeRecords(full, RECORDS);
    const runs: { before: StoreFigures; after: StoreFigures }[] = [];
    const theirs: StoreFigures[] = [];
    // A package has no script that opens its store without VS Code.
    const other = against?.endsWith('.vsix') ? undefined : against;
    for (let run = 0; run < RUNS; run++) {
      runs.push({ before: await measure(empty), after: await measure(full) });
      if (other !== undefined) theirs.push(await measure(full, path.resolve(other)));
    }
    const of = (pick: (run: (typeof runs)[number]) => number) => median(runs.map(pick));
    const what = `${RECORDS} records: `;
    return [
      {
        claim,
        what: `${what}from asking to the first 200 rows`,
        value: of(({ after }) => after.firstRowsMs),
        unit: 'ms',
        limit: { atMost: 150 },
      },
      { claim, what: `${what}until all are read`, value: of(({ after }) => after.loadedMs), unit: 'ms' },
      {
        claim,
        what: `${what}from a change to its row, on the disk`,
        value: of(({ after }) => after.changeMs),
        unit: 'ms',
      },
      { claim, what: 'the same with one record', value: of(({ before }) => before.changeMs), unit: 'ms' },
      {
        claim,
        what: 'rows touched by a change',
        value: of(({ after }) => after.rowsPerChange),
        unit: '',
        limit: { atMost: 1 },
      },
      {
        claim,
        what: 'bytes written by a change',
        value: of(({ after }) => after.bytesPerChange),
        unit: 'B',
        limit: { atMost: LIMIT_BYTES_PER_CHANGE },
      },
      {
        claim,
        what: `${what}memory beside an empty store (resident)`,
        value: of(({ before, after }) => (after.resident - before.resident) / MB),
        unit: 'MB',
        limit: { atMost: 40 },
      },
      { claim, what: 'of it in use', value: of(({ before, after }) => (after.heap - before.heap) / MB), unit: 'MB' },
      ...(theirs.length === 0
        ? []
        : (['firstRowsMs', 'loadedMs', 'changeMs'] as const).map((name) => ({
            claim,
            what: `${what}${name} of ours beside the other checkout`,
            value: of(({ after }) => after[name]) / median(theirs.map((run) => run[name])),
            unit: '×',
          }))),
    ];
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Fills a storage folder. */
export async function writeRecords(directory: string, records: number): Promise<void> {
  await mkdir(path.join(directory, 'tasks'), { recursive: true });
  for (let n = 0; n < records; n++) {
    const record = pastRecord(n);
    await writeFile(path.join(directory, 'tasks', `${record.id}.1.json`), serializeRecord(record));
  }
}

/** A video that was made, fetched and saved, with a prompt of some sentences. */
export function pastRecord(n: number): TaskRecord {
  const at = Date.UTC(2026, 0, 1) + n * 60_000;
  const id = at.toString(36).padStart(9, '0') + n.toString(36).padStart(8, '0');
  const sentence = `Shot ${n}: a paper boat drifts along a rain gutter at dusk, the camera follows slowly at street level. `;
  return {
    format: 1,
    id,
    state: 'done',
    origin: 'generated',
    request: { model: 'seedance-1-pro-1080P-5s', prompt: sentence.repeat(4), aspectRatio: '16:9' },
    account: 'abcd1234',
    gatewayId: n.toString(16).padStart(24, '0'),
    quotedPrice: 122,
    createdAt: at,
    submittedAt: at + 20,
    acceptedAt: at + 500,
    startedAt: at + 9_000,
    finishedAt: at + 60_000,
    word: 'done',
    result: {
      url: `https://storage.yandexcloud.net/timenote/results/${id}/video.mp4?signature=${'0'.repeat(64)}`,
      expiresAt: at + 57_000 + 48 * 3_600_000,
    },
    localCopy: { file: `${id}.mp4`, bytes: 4_000_000, at: at + 63_000 },
    saved: [{ uri: `file:///films/seedance/A-paper-boat-${n}.mp4`, at: at + 70_000 }],
  };
}

async function measure(directory: string, checkout = ROOT): Promise<StoreFigures> {
  const script = path.join('test', 'bench', 'longHistoryProcess.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', script, directory],
    { cwd: checkout },
  );
  return JSON.parse(stdout) as StoreFigures;
}
