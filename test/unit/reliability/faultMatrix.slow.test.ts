import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type TaskErrorKind, type TaskRecord, isDownloadable } from '../../../src/tasks/model/taskRecord';
import type { FaultSpec } from '../../emulator/faults';
import { videoOf } from '../../emulator/video/library';
import { INTENT, KEY, startClockedEmulator, startHarness, type TestHarness } from '../../support/harness';
import { VirtualClock } from '../../support/clocks';
import { settled } from '../../support/recordingFetch';

/**
 * Every step of a paid video × every fault of the emulator, over the whole core. Two intents; the fault
 * strikes the first one. What comes of it is in the table; what must hold in any case is in `violations`.
 */
const STEPS = ['create', 'result', 'download'] as const;
type Step = (typeof STEPS)[number];

/** What becomes of the task that is struck. */
type Outcome =
  /** The video is here, without anybody doing anything. */
  | 'done'
  /** The same, after the user looked at the key. */
  | 'done, after a pause for the key'
  | `failed: ${TaskErrorKind}`
  | `unknown: ${TaskErrorKind}`
  /** A connection that breaks at once may break before anything was sent, or not. */
  | 'done or unknown: no-answer';

interface Row {
  readonly fault: FaultSpec;
  readonly create: Outcome | undefined;
  readonly result: Outcome | undefined;
  readonly download: Outcome | undefined;
}

const PAUSED = 'done, after a pause for the key';

/** Everything but a create mends itself, unless a row says otherwise. */
function row(fault: FaultSpec, create: Outcome, result: Outcome = 'done'): Row {
  return { fault, create, result, download: 'done' };
}

/** An answer of the service's own: an object store has nothing to spoil like that. */
function apiRow(fault: FaultSpec, create: Outcome | undefined, result: Outcome | undefined = 'done'): Row {
  return { fault, create, result, download: undefined };
}

/** What only files suffer. */
function fileRow(fault: FaultSpec): Row {
  return { fault, create: undefined, result: undefined, download: 'done' };
}

const lost = 'unknown: no-answer';
const ROWS: readonly Row[] = [
  row({ kind: 'delay', ms: 20 }, 'done'),
  row({ kind: 'delay', ms: 20, afterCharge: true }, 'done'),
  apiRow({ kind: 'slowBody', bytesPerSecond: 4_000 }, 'done'),
  fileRow({ kind: 'slowBody', bytesPerSecond: 800_000 }),
  row({ kind: 'rateLimit' }, 'failed: overloaded'),
  row({ kind: 'rateLimit', retryAfter: 7, html: true }, 'unknown: in-between'),
  row({ kind: 'rateLimit', retryAfter: 'Wed, 20 May 2026 12:02:00 GMT' }, 'failed: overloaded'),
  // A page says nothing about key, image or money, whatever its status; the service's own body does.
  ...[400, 401, 402, 403, 404, 405, 413, 418, 422, 451].flatMap((status) => [
    row({ kind: 'httpError', status }, 'unknown: in-between'),
    row({ kind: 'httpError', status, body: 'empty' }, 'unknown: in-between'),
  ]),
  ...[407, 511].map((status) => row({ kind: 'httpError', status }, 'failed: proxy-refused')),
  ...(
    [
      [400, 'invalid-input'],
      [401, 'invalid-key'],
      [403, 'invalid-key'],
      [404, 'wrong-address'],
      [405, 'wrong-address'],
      [413, 'request-too-large'],
    ] as const
  ).map(([status, kind]) =>
    apiRow({ kind: 'httpError', status, body: 'openai' }, `failed: ${kind}`, kind === 'invalid-key' ? PAUSED : 'done'),
  ),
  row({ kind: 'httpError', status: 500 }, 'unknown: in-between'),
  row({ kind: 'httpError', status: 500, body: 'openai', afterCharge: true }, 'unknown: internal'),
  row({ kind: 'httpError', status: 502 }, 'unknown: in-between'),
  row({ kind: 'httpError', status: 502, afterCharge: true }, 'unknown: in-between'),
  row({ kind: 'httpError', status: 503, body: 'empty', retryAfter: 5 }, 'unknown: in-between'),
  row({ kind: 'httpError', status: 504, afterCharge: true }, 'unknown: in-between'),
  ...(
    [
      [1, 'unknown: internal'],
      [2, 'failed: invalid-key'],
      [3, 'failed: invalid-input'],
      [4, 'failed: not-found'],
      [5, 'failed: insufficient-balance'],
      [6, 'failed: overloaded'],
      [7, 'failed: model-forbidden'],
      [99, 'failed: wrong-address'],
      [500, 'unknown: internal'],
      [1001, 'failed: sensitive-content'],
      [1002, 'failed: unsafe-prompt'],
      [4711, 'unknown: internal'],
    ] as const
  ).map(([code, create]) =>
    apiRow(
      { kind: 'code', code },
      create,
      code === 2
        ? PAUSED
        : code === 1001
          ? 'failed: sensitive-content'
          : code === 1002
            ? 'failed: unsafe-prompt'
            : 'done',
    ),
  ),
  row({ kind: 'code', code: 1, afterCharge: true }, 'unknown: internal'),
  // An error of the question with a word that looks like the end of the task.
  ...[1, 2, 3, 4, 5, 6, 7, 99, 500].map((code) =>
    apiRow({ kind: 'code', code, fields: { status: 'error' } }, undefined, code === 2 ? PAUSED : 'done'),
  ),
  ...[2, 4, 5, 6, 7, 99].map((code) =>
    apiRow({ kind: 'code', code, fields: { status: 'failed' } }, undefined, code === 2 ? PAUSED : 'done'),
  ),
  // The task was made, and its id is there, beside what looks like an error.
  ...[1, 3, 4, 5, 6, 7, 99, 500, 1001, 4711].map((code) =>
    apiRow({ kind: 'unusual', fields: { code } }, 'done', code === 1001 ? 'failed: sensitive-content' : 'done'),
  ),
  ...[400, 404, 429, 500, 503].map((status) =>
    apiRow({ kind: 'unusual', status, fields: { code: undefined, error: 'Internal' } }, 'done'),
  ),
  apiRow({ kind: 'unusual', status: 500 }, 'done'),
  // The id is in what came of the answer.
  apiRow({ kind: 'brokenJson' }, 'done'),
  apiRow({ kind: 'wrongTypes' }, 'unknown: bad-answer'),
  row({ kind: 'emptyBody' }, 'unknown: bad-answer'),
  row({ kind: 'hugeBody', bytes: 3_000_000 }, 'unknown: bad-answer'),
  row({ kind: 'resetBeforeRead' }, lost),
  row({ kind: 'resetBeforeCharge' }, lost),
  row({ kind: 'resetAfterRead' }, lost),
  row({ kind: 'hang' }, lost),
  row({ kind: 'hang', afterCharge: true }, lost),
  row({ kind: 'cutBody' }, 'done'),
  row({ kind: 'cutBody', atByte: 0 }, lost),
  row({ kind: 'resetMidBody' }, 'done'),
  row({ kind: 'resetMidBody', atByte: 10 }, lost),
  row({ kind: 'dropConnection' }, 'done or unknown: no-answer'),
  ...([301, 302, 303, 307, 308] as const).flatMap((status) => [
    row({ kind: 'redirect', status, to: 'same' }, 'unknown: redirected'),
    row({ kind: 'redirect', status, to: 'foreign' }, 'unknown: redirected'),
  ]),
  apiRow({ kind: 'doneWithoutUrl' }, undefined),
  fileRow({ kind: 'expiredLink' }),
  fileRow({ kind: 'notYet' }),
  fileRow({ kind: 'fileEmpty' }),
  fileRow({ kind: 'fileXml' }),
  fileRow({ kind: 'fileHtml' }),
  fileRow({ kind: 'fileShort' }),
  fileRow({ kind: 'fileTruncated' }),
  fileRow({ kind: 'fileChanged' }),
  fileRow({ kind: 'fileNoRange' }),
];

/** The whole of it, one after the other, would take half a minute; all at once would starve some. */
const CELLS_AT_ONCE = 24;
const HANG_LIMIT_MS = 500;
const MINUTE_MS = 60_000;
const PROMPTS = ['the struck one', 'the other one'] as const;

interface Cell {
  readonly row: Row;
  readonly step: Step;
  outcome?: string;
  /** What a user saw meanwhile. */
  troubles?: string;
  /** Creates that were sent and charged, of two intents. */
  bill?: string;
  violations: string[];
}

const CELLS: readonly Cell[] = ROWS.flatMap((r) =>
  STEPS.flatMap((step) => (r[step] === undefined ? [] : [{ row: r, step, violations: [] }])),
);
const hangs = ({ row: { fault }, step }: Cell) => fault.kind === 'hang' && step !== 'download';

describe('fault matrix', function () {
  // Some eight seconds by itself; on a machine that runs the whole test command at once, ten times that.
  this.timeout(240_000);

  before(async () => {
    const calm = CELLS.filter((cell) => !hangs(cell));
    for (let start = 0; start < calm.length; start += CELLS_AT_ONCE) {
      await runTogether(calm.slice(start, start + CELLS_AT_ONCE));
    }
    await runTogether(CELLS.filter(hangs), { create: HANG_LIMIT_MS, result: HANG_LIMIT_MS });
    await report();
  });

  for (const cell of CELLS) {
    const expected = cell.row[cell.step]!;
    it(`${cell.step} × ${nameOf(cell.row.fault)}: ${expected}`, () => {
      assert.deepEqual(cell.violations, []);
      assert.ok(
        expected === 'done or unknown: no-answer' ? ['done', lost].includes(cell.outcome!) : cell.outcome === expected,
        cell.outcome,
      );
    });
  }
});

async function runTogether(cells: readonly Cell[], timeLimitsMs = {}): Promise<void> {
  const clock = new VirtualClock(settled);
  const harnesses = await Promise.all(
    cells.map(async () =>
      startHarness({ clock, timeLimitsMs, emulator: await startClockedEmulator(clock, { durations: 8_000 }) }),
    ),
  );
  let left = cells.length;
  const running = cells.map(async (cell, index) => {
    try {
      await run(cell, harnesses[index]!);
    } catch (error) {
      cell.violations.push(`could not be run: ${String(error)}`);
    } finally {
      left--;
    }
  });
  await clock.until(() => left === 0, 'the matrix', 180 * MINUTE_MS);
  await Promise.all(running);
  await Promise.all(cells.map((cell, index) => check(cell, harnesses[index]!)));
}

/** From two intents to two videos, despite a fault. The caller advances the clock. */
async function run(cell: Cell, harness: TestHarness): Promise<void> {
  const {
    row: { fault },
    step,
  } = cell;
  const seen = new Set<string>();
  let pauses = 0;
  harness.store.onDidChange((changes) =>
    changes.forEach(({ after }) => after?.trouble && seen.add(after.trouble.kind)),
  );
  harness.polling.onDidChangePause(() => {
    if (harness.polling.pause) {
      pauses++;
      harness.clock.setTimeout(() => harness.credentials.set(KEY), MINUTE_MS);
    }
  });
  if (step === 'create') {
    strike(harness, fault, { route: 'create', nth: 1 }, 1);
  }
  const intents = PROMPTS.map((prompt) => ({ ...INTENT, prompt }));
  const [struck, other] = (await harness.generate.generate(intents)) as [TaskRecord, TaskRecord];
  if (step !== 'create') {
    if (fault.kind === 'fileChanged' || fault.kind === 'fileNoRange') {
      // These answer a Range request, and that comes after a cut.
      strike(harness, { kind: 'resetMidBody' }, { route: 'file', taskId: struck.gatewayId! }, 1);
    }
    // A POST that is refused by 405 is asked by GET at once.
    const times = hangs(cell) ? 1 : 3;
    const route = step === 'result' ? 'result' : 'file';
    // A reset before the body is read knows no task: it stands there.
    strike(harness, fault, fault.kind === 'resetBeforeRead' ? { route } : { route, taskId: struck.gatewayId! }, times);
  }
  await Promise.all([struck, other].map(({ id }) => settledDown(harness, id)));
  const { state, error } = harness.get(struck.id);
  cell.outcome = state === 'done' ? (pauses > 0 ? PAUSED : 'done') : `${state}: ${error?.kind}`;
  cell.troubles = [...seen].join(', ');
  const { ledger } = harness.emulator;
  cell.bill = `${ledger.creates().length} / ${ledger.charged().length}`;
  if (!harness.emulator.faults.list.some(({ hits }) => hits > 0)) {
    cell.violations.push('the fault did not strike');
  }
}

function strike(harness: TestHarness, fault: FaultSpec, match: NonNullable<FaultSpec['match']>, times: number): void {
  const origin = match.route === 'file' ? 'files' : 'api';
  // A connection that is dropped unread is known by nothing but its origin.
  harness.emulator.faults.add({ ...fault, times, match: fault.kind === 'dropConnection' ? { origin } : match });
}

/** When nothing more will happen to it by itself. */
function settledDown(harness: TestHarness, id: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const { state, localCopy } = harness.get(id);
      if (state === 'failed' || state === 'unknown' || localCopy !== undefined) {
        listening.dispose();
        resolve();
      }
    };
    const listening = harness.store.onDidChange(look);
    look();
  });
}

/** Checks what must be true in every cell, also when VS Code is opened the next time. */
async function check({ violations, row: { fault } }: Cell, harness: TestHarness): Promise<void> {
  const claim = (holds: boolean, what: string) => void (holds || violations.push(what));
  const { ledger, tasks, behaviour } = harness.emulator;
  const next = await harness.reopen();
  const records = next.store.list();
  try {
    claim(records.length === PROMPTS.length, `${records.length} tasks of ${PROMPTS.length}`);
    claim(next.store.damaged.length === 0, 'a damaged record');
    for (const prompt of PROMPTS) {
      const bills = ledger.charged().filter(({ made }) => tasks.need(made!.taskId).prompt === prompt);
      const record = records.find(({ request }) => request.prompt === prompt);
      if (!record) {
        violations.push(`"${prompt}" is lost`);
        continue;
      }
      claim(bills.length <= 1, `"${prompt}" was charged ${bills.length} times`);
      claim(
        record.gatewayId === undefined || record.gatewayId === bills[0]?.made?.taskId,
        `"${prompt}" has a foreign id`,
      );
      claim(
        bills.length === 0 || record.gatewayId !== undefined || record.state === 'unknown',
        `"${prompt}" was charged, and is ${record.state}`,
      );
      // The service may end a task; an order that was paid for is never taken for refused.
      claim(
        record.state !== 'failed' || bills.length === 0 || record.gatewayId !== undefined,
        `"${prompt}" failed, and was charged`,
      );
      if (record.state === 'done') {
        const path = next.store.videoPath(record);
        const served = Buffer.from(await videoOf(behaviour, tasks.need(record.gatewayId!)));
        claim(
          path === undefined ? isDownloadable(record) : served.equals(await readFile(path)),
          `"${prompt}" has no whole video`,
        );
      }
    }
    const answered = ledger
      .charged()
      .filter(({ outcome }) => outcome.fault === null || ['delay', 'slowBody', 'unusual'].includes(outcome.fault));
    const confirmed = records.filter(({ gatewayId }) => gatewayId !== undefined).length;
    // Of an answer that was spoiled the id may be left.
    claim(
      fault.kind === 'redirect' || (confirmed >= answered.length && confirmed <= ledger.charged().length),
      `${confirmed} confirmed of ${answered.length} answered`,
    );
    claim(ledger.leaks().length === 0, 'the key went elsewhere');
    claim(
      !ledger.entries.some(({ origin, route }) => origin === 'foreign' && route !== 'file'),
      'a stranger was asked',
    );
    claim(![...harness.log, ...next.log].some((line) => line.includes(KEY)), 'the key is in the log');
    for (const [file, text] of await next.files()) {
      claim(!text.includes(KEY), `the key is in ${file}`);
    }
  } finally {
    await next.end();
    await harness.end();
    await harness.emulator.close();
  }
}

function nameOf({ kind, ...rest }: FaultSpec): string {
  const about = Object.entries(rest).map(([name, value]) =>
    value === true ? name : `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return about.length === 0 ? kind : `${kind} (${about.join(', ')})`;
}

/** For the closing note: out/fault-matrix.md, and the terminal with SEEDANCE_MATRIX=1. */
async function report(): Promise<void> {
  const cell = (r: Row, step: Step) => {
    const found = CELLS.find((c) => c.row === r && c.step === step);
    if (!found) {
      return '–';
    }
    const bill = step === 'create' ? ` · ${found.bill}` : '';
    return `${found.violations.length > 0 ? '✖ ' : ''}${found.outcome ?? '?'}${bill}${found.troubles ? ` · told: ${found.troubles}` : ''}`;
  };
  const lines = [
    '| fault | create (sent / charged, of 2 intents) | result | download |',
    '| --- | --- | --- | --- |',
    ...ROWS.map((r) => `| ${nameOf(r.fault)} | ${STEPS.map((step) => cell(r, step)).join(' | ')} |`),
  ];
  const text = `${lines.join('\n')}\n`;
  await mkdir('out', { recursive: true });
  await writeFile('out/fault-matrix.md', text);
  if (process.env['SEEDANCE_MATRIX'] === '1') {
    console.log(text);
  }
}
