import assert from 'node:assert/strict';
import { getCommittedToday, getSpending } from '../../../src/tasks/spending/spending';
import { toSpendingCsv } from '../../../src/tasks/spending/spendingCsv';
import { getNextPollDelay } from '../../../src/tasks/polling/pollSchedule';
import { RemainingTimeEstimates } from '../../../src/tasks/polling/remainingTime';
import { TASK_STATES, type TaskRecord } from '../../../src/tasks/model/taskRecord';
import { parseRecordFile } from '../../../src/tasks/storage/recordFile';
import { HOSTILE_TEXTS } from '../../support/hostileTexts';
import { createAcceptedRecord } from '../../support/records';
import '../../support/vscodeStub';

const items = await import('../../../src/views/tasks/taskTreeItem');
const { createLayout } = await import('../../../src/views/tasks/taskTreeLayout');
const { msUntilTextChange } = await import('../../../src/views/tasks/elapsed');
const { createPreviewModel } = await import('../../../src/views/preview/previewModel');
const { createSpendingHtml } = await import('../../../src/views/spending/spendingHtml');
const { createMetadata } = await import('../../../src/commands/videoMetadata');

const NOW = 1_800_000_000_000;

/** A record with every field, to put something odd into each. */
const WHOLE = createAcceptedRecord(NOW, {
  account: 'abcd1234',
  cost: 12,
  acceptedAt: NOW - 60_000,
  startedAt: NOW - 50_000,
  finishedAt: NOW - 1_000,
  word: 'done',
  result: { url: 'https://files.example/v.mp4', expiresAt: NOW + 3_600_000 },
  localCopy: { file: 'task1.mp4', bytes: 1024, at: NOW },
  saved: [{ uri: 'file:///films/x.mp4', at: NOW }],
  error: {
    kind: 'internal',
    at: NOW,
    code: 1,
    status: 500,
    message: 'm',
    issues: [{ path: 'model', expected: 'a | b' }],
  },
  trouble: { kind: 'no-answer', at: NOW, message: 'm' },
  shot: { document: 'file:///films/letter.storyboard.md', label: 'Shot 1', title: 'Rain' },
  request: {
    model: 'seedance-1-pro-1080P-5s',
    prompt: 'A red fox',
    aspectRatio: '16:9',
    firstFrame: {
      source: 'file:///films/cat.png',
      delivery: 'link',
      label: 'cat.png',
      link: 'https://files.example/cat.png',
      width: 640,
      height: 360,
      hash: 'x',
      from: { task: 'task0', seconds: 1, isLast: true },
    },
  },
});

const paths = (value: unknown): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [[key], ...paths(inner).map((path) => [key, ...path])])
    : [];

/** JSON, as a disk or a list may have it: numbers that no clock gives, texts that are none. */
const NUMBERS = ['9e15', '-9e15', '1e999', '1e308', '-0', '0', '5e-324', '8640000000000001', '-1', '0.5'];
const TEXTS = ['', 'x'.repeat(20_000), 'a:b', '1:x', 'file:////x', '%', 'http://[', ...HOSTILE_TEXTS];
const ODD = [...NUMBERS, 'null', 'true', '[]', '{}', ...TEXTS.map((text) => JSON.stringify(text))];

describe('views: a record that says anything', () => {
  it('has a row, a tooltip, a page and an account of what it cost, if it is read at all', function () {
    this.timeout(20_000);
    let read = 0;
    for (const path of paths(WHOLE)) {
      for (const [n, text] of ODD.entries()) {
        const state = TASK_STATES[n % TASK_STATES.length]!;
        const localCopy = n % 3 === 0 ? WHOLE.localCopy : undefined;
        const record = readFrom({ ...WHOLE, state, localCopy }, path, text);
        if (record) {
          read++;
          assert.doesNotThrow(() => draw(record), `${path.join('.')} is ${text.slice(0, 40)}`);
        }
      }
    }
    assert.ok(read > 300, `${read} were read`);
  });
});

function readFrom(whole: TaskRecord, path: readonly string[], odd: string): TaskRecord | undefined {
  const json = structuredClone(whole) as unknown as Record<string, unknown>;
  let at: Record<string, unknown> | undefined = json;
  for (const key of path.slice(0, -1)) {
    at = at?.[key] as Record<string, unknown> | undefined;
  }
  if (at) {
    at[path.at(-1)!] = '@@';
  }
  const text = JSON.stringify(json).replace('"@@"', () => odd);
  const { id } = JSON.parse(text) as { id: unknown };
  const file = parseRecordFile(typeof id === 'string' ? id : 'task1', text);
  return file.kind === 'record' ? file.record : undefined;
}

function draw(record: TaskRecord): void {
  for (const readOnly of [false, true]) {
    const context = { now: NOW, readOnly };
    const item = items.createTaskItem(record, context);
    assert.equal(typeof item.label, 'string');
    items.getTooltip(record, context);
    const model = createPreviewModel(record, { ...context, formatSavedUri: (uri) => uri });
    JSON.stringify(model);
  }
  const take = { number: 1, count: 2 };
  items.createTaskItem(record, { now: NOW, readOnly: false, promptTake: take });
  items.createPageItem({ level: 0, index: 0 }, { count: 50, oldestAt: record.createdAt, newestAt: NOW });
  const context = { now: NOW, readOnly: false };
  items.createChainItem('x', {
    first: record,
    newest: record,
    takes: [record],
    isTitleShared: true,
    isReadOnly: () => false,
    context,
  });
  const layout = createLayout([record], { chains: true, films: true }, () => record);
  const isReadOnly = () => false;
  for (const row of layout.root) {
    const film = typeof row === 'object' && 'uri' in row ? row : undefined;
    for (const shot of film ? layout.shotsOf(film) : []) {
      items.createFilmItem(film!, { ...layout.getFilmFacts(film!)!, now: NOW, isReadOnly });
      items.createShotItem({ ...layout.getShotFacts(shot)!, isReadOnly, context });
      items.getTooltip(record, { ...context, shotTake: layout.getShotTakeFacts(record.id) });
      assert.deepEqual(layout.tasksOf(shot), [record.id]);
    }
  }
  const wait = msUntilTextChange(record, NOW);
  assert.ok(wait === undefined || wait >= 0, `${wait} ms`);
  new RemainingTimeEstimates(() => [record]).of(record, NOW);
  assert.ok(getNextPollDelay(NOW - (record.acceptedAt ?? record.createdAt), () => 0.5) > 0);
  getSpending([record], NOW);
  getCommittedToday([record], NOW);
  toSpendingCsv([record]);
  createSpendingHtml({ records: [record], now: NOW, budget: 100 });
  JSON.stringify(createMetadata(record, 'x.mp4', NOW));
}
