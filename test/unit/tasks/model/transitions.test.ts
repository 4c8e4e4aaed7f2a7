import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { TaskResult } from '../../../../src/api/apiClient';
import { ApiError } from '../../../../src/api/apiError';
import {
  isDownloadable,
  isPending,
  isUnfinished,
  TASK_STATES,
  type TaskError,
  type TaskRecord,
  type TaskState,
} from '../../../../src/tasks/model/taskRecord';
import { parseRecordFile, serializeRecord } from '../../../../src/tasks/storage/recordFile';
import * as transitions from '../../../../src/tasks/model/transitions';
import { LINK_LIFETIME_MS, type Change } from '../../../../src/tasks/model/transitions';
import { anyChange, anyRecord, newRecord } from '../../../support/changes';

/** Where a state may lead, in one change. Everything else would be a way back from what is known. */
const WAYS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  draft: ['submitting', 'waiting', 'failed'],
  submitting: ['waiting', 'unknown', 'failed'],
  unknown: ['waiting', 'failed'],
  waiting: ['running', 'done', 'failed'],
  running: ['done', 'failed'],
  done: ['expired'],
  expired: ['done'],
  // Only where the service has it, and says so itself.
  failed: ['waiting', 'running', 'done'],
};

/** Writing it asks the disk whether another window has the record by now. */
const ALWAYS_WRITTEN = 'submittingAgain';

describe('transitions: whatever happens', function () {
  this.timeout(20_000);

  it('leads along the diagram and never back', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { name, change }) => {
        const after = change(record);
        assert.ok(
          after.state === record.state || WAYS[record.state].includes(after.state),
          `${record.state} → ${after.state} by ${name}`,
        );
        assert.ok(
          record.state !== 'failed' || after === record || name === 'withPollResult' || after.state === 'failed',
          `what has failed is opened again by ${name}`,
        );
        assert.ok(record.state !== 'failed' || record.gatewayId !== undefined || after.state === 'failed');
      }),
    );
  });

  it('keeps what identifies a task', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { name, change }) => {
        const after = change(record);
        for (const field of ['id', 'format', 'origin', 'createdAt', 'quotedPrice', 'sender'] as const) {
          assert.equal(after[field], record[field]);
        }
        assert.ok(after.account === record.account || name === 'withAccount');
        if (record.gatewayId !== undefined) {
          assert.equal(after.gatewayId, record.gatewayId);
        }
      }),
    );
  });

  it('gives an id to a record by `accepted` alone, and takes it from none', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { name, change }) => {
        const after = change(record);
        assert.ok(after.gatewayId === record.gatewayId || name === 'accepted');
        if (record.state === 'failed') {
          assert.equal(after.gatewayId, record.gatewayId, 'what certainly failed is not healed');
        }
      }),
    );
  });

  it('loses a local copy only when it is let go or gone', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { name, change }) => {
        if (record.localCopy !== undefined && name !== 'localCopyMissing' && name !== 'localCopyDiscarded') {
          assert.deepEqual(change(record).localCopy, record.localCopy);
        }
      }),
    );
  });

  it('loses no link, and a saved place only to another video', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { name, change }) => {
        const after = change(record);
        assert.ok(record.result === undefined || after.result !== undefined);
        const lost = record.saved.filter(({ uri }) => after.saved.filter((place) => place.uri === uri).length !== 1);
        assert.ok(lost.length <= (name === 'withoutSavedLocation' ? 1 : 0), `${name} loses ${lost.length} places`);
      }),
    );
  });

  it('gives back the same object when nothing changes, and only then', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { name, change }) => {
        const after = change(record);
        if (after !== record && name !== ALWAYS_WRITTEN) {
          assert.notDeepEqual(plain(after), plain(record), `${name} wrote a record that says the same`);
        }
      }),
    );
  });

  it('is the same when it happens twice', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { name, change }) => {
        const once = change(record);
        if (name === ALWAYS_WRITTEN) {
          assert.deepEqual(change(once), once);
        } else {
          assert.equal(change(once), once, name);
        }
      }),
    );
  });

  it('does not touch the record that it is given', () => {
    always(
      fc.property(anyRecord, anyChange, (record, { change }) => {
        const before = plain(record);
        change(record);
        assert.deepEqual(plain(record), before);
      }),
    );
  });

  it('leaves a record that makes sense, in any order and however late', () => {
    always(
      fc.property(anyRecord, (record) => {
        const { state, error, gatewayId, result, finishedAt, localCopy, trouble, copyDropped } = record;
        assert.ok(TASK_STATES.includes(state));
        assert.equal(error !== undefined, ['failed', 'unknown', 'expired'].includes(state), `error of ${state}`);
        assert.equal(result !== undefined, state === 'done' || state === 'expired', `link of ${state}`);
        assert.equal(finishedAt !== undefined, ['failed', 'done', 'expired'].includes(state), `end of ${state}`);
        assert.ok(gatewayId !== undefined || !['waiting', 'running', 'done', 'expired'].includes(state));
        assert.ok(localCopy === undefined || (state === 'done' && !copyDropped));
        assert.ok(trouble === undefined || ['waiting', 'running', 'done'].includes(state));
        assert.ok(trouble === undefined || localCopy === undefined, 'trouble about what is here already');
      }),
    );
  });

  it('loses nothing on the way to the disk and back', () => {
    always(
      fc.property(anyRecord, (record) => {
        const read = parseRecordFile('a1', serializeRecord(record));
        assert.ok(read.kind === 'record' && !read.readOnly);
        assert.deepEqual(plain(read.record), plain(record));
      }),
    );
  });

  it('ends the same for two windows that learn the same in another order', () => {
    const life = [
      transitions.accepted({ gatewayId: 'g1', at: 10 }),
      transitions.withPollResult({ progress: 'pending', word: 'running' }, 20),
      transitions.withPollResult({ progress: 'done', word: 'done', url: 'https://a/1' }, 30),
      transitions.withLocalCopy({ file: 'a1.mp4', bytes: 3, at: 40 }),
    ];
    always(
      fc.property(
        newRecord,
        fc.array(anyChange, { maxLength: 4 }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 20 }),
        (record, before, order) => {
          const begun = before.reduce((now, { change }) => change(now), record);
          fc.pre(begun.state !== 'failed' && begun.gatewayId !== 'g2');
          const shuffled = order.reduce((now, index) => life[index]!(now), begun);
          const told = life.reduce((now, change) => change(now), shuffled);
          fc.pre(told.state !== 'failed');
          assert.equal(told.state, 'done');
          assert.ok(told.localCopy);
        },
      ),
    );
  });
});

describe('transitions: the diagram', () => {
  const DRAFT = transitions.createDraft({ id: 'a1', request: { model: 'm', prompt: 'p' }, at: 1 });
  const SUBMITTING = transitions.submitting(2)(DRAFT);
  const UNKNOWN = transitions.answerLost(failure('no-answer', 3))(SUBMITTING);
  const WAITING = transitions.accepted({ gatewayId: 'g1', at: 4 })(SUBMITTING);
  const RUNNING = transitions.withPollResult(pending('running'), 5)(WAITING);
  const DONE = transitions.withPollResult(done(), 6)(RUNNING);
  const COPIED = transitions.withLocalCopy({ file: 'a1.mp4', bytes: 9, at: 7 })(DONE);
  const EXPIRED = transitions.expired(8)(DONE);
  const FAILED = transitions.withPollResult({ progress: 'failed', word: 'error', code: 1, message: 'no' }, 6)(RUNNING);
  const REFUSED = transitions.refused(failure('insufficient-balance', 3))(SUBMITTING);
  const records = { DRAFT, SUBMITTING, UNKNOWN, WAITING, RUNNING, DONE, COPIED, EXPIRED, FAILED, REFUSED };

  const accepted = transitions.accepted({ gatewayId: 'g9', at: 9 });
  const refused = transitions.refused(failure('invalid-key', 9));
  const lost = transitions.answerLost(failure('no-answer', 9));
  const abandoned = transitions.abandoned(9);
  const isDone = transitions.withPollResult(done('https://a/9'), 9);
  const isFailed = transitions.withPollResult({ progress: 'failed', word: 'failed' }, 9);
  const isRunning = transitions.withPollResult(pending('running'), 9);
  const isIdle = transitions.withPollResult(pending('idle'), 9);
  const expired = transitions.expired(9);
  const copied = transitions.withLocalCopy({ file: 'a1.mp4', bytes: 9, at: 9 });

  type Row = [from: keyof typeof records, change: Change, name: string, to: TaskState | 'same'];
  const ROWS: Row[] = [
    ['DRAFT', transitions.submitting(9), 'submitting', 'submitting'],
    ['DRAFT', abandoned, 'its window died', 'failed'],
    ['DRAFT', lost, 'a lost answer', 'same'],
    ['SUBMITTING', transitions.submitting(9), 'submitting', 'same'],
    ['SUBMITTING', accepted, 'an id', 'waiting'],
    ['SUBMITTING', refused, 'a refusal', 'failed'],
    ['SUBMITTING', lost, 'a lost answer', 'unknown'],
    ['SUBMITTING', abandoned, 'its window died', 'unknown'],
    ['UNKNOWN', accepted, 'an id', 'waiting'],
    ['UNKNOWN', refused, 'a late refusal', 'failed'],
    ['UNKNOWN', abandoned, 'its window died', 'same'],
    ['UNKNOWN', transitions.submitting(9), 'submitting', 'same'],
    ['UNKNOWN', isDone, 'a result', 'same'],
    ['WAITING', isIdle, 'idle', 'waiting'],
    ['WAITING', isRunning, 'running', 'running'],
    ['WAITING', isDone, 'done', 'done'],
    ['WAITING', isFailed, 'failed', 'failed'],
    ['WAITING', refused, 'a late refusal', 'same'],
    ['WAITING', lost, 'a late loss', 'same'],
    ['WAITING', accepted, 'another id', 'same'],
    ['WAITING', copied, 'a copy', 'same'],
    ['RUNNING', isIdle, 'idle', 'running'],
    ['RUNNING', isDone, 'done', 'done'],
    ['RUNNING', isFailed, 'failed', 'failed'],
    ['RUNNING', expired, 'the end of its link', 'same'],
    ['DONE', isRunning, 'a stale running', 'same'],
    ['DONE', isFailed, 'a stale failed', 'same'],
    ['DONE', isDone, 'a new link', 'done'],
    ['DONE', expired, 'the end of its link', 'expired'],
    ['DONE', abandoned, 'its window died', 'same'],
    ['COPIED', isDone, 'a new link', 'same'],
    ['COPIED', expired, 'the end of its link', 'same'],
    ['COPIED', transitions.localCopyMissing(), 'its copy was deleted', 'done'],
    ['EXPIRED', isDone, 'a new link', 'done'],
    ['EXPIRED', copied, 'a copy after all', 'done'],
    ['EXPIRED', isFailed, 'failed', 'same'],
    ['EXPIRED', transitions.withPollResult(done(), 9), 'the same link', 'done'],
    ['EXPIRED', transitions.withPollResult(pending('running'), 9, undefined, true), 'running', 'same'],
    ['DONE', transitions.withPollResult(done(), 9), 'the same link', 'same'],
    ['FAILED', isDone, 'done after all', 'done'],
    ['FAILED', isRunning, 'a stale running', 'same'],
    ['FAILED', isFailed, 'failed', 'same'],
    ['FAILED', transitions.withPollResult(pending('idle'), 9, undefined, true), 'idle, when asked again', 'waiting'],
    ['FAILED', transitions.withPollResult(pending('running'), 9, undefined, true), 'running, when asked', 'running'],
    ['REFUSED', isDone, 'done', 'same'],
    ['REFUSED', transitions.withPollResult(pending('idle'), 9, undefined, true), 'idle', 'same'],
    ['FAILED', accepted, 'an id', 'same'],
    ['REFUSED', accepted, 'an id', 'same'],
    ['REFUSED', transitions.submitting(9), 'submitting', 'same'],
  ];

  for (const [from, change, name, to] of ROWS) {
    it(`${from.toLowerCase()}: ${name} → ${to}`, () => {
      const after = change(records[from]);
      if (to === 'same') {
        assert.equal(after, records[from]);
      } else {
        assert.equal(after.state, to);
        assert.notEqual(after, records[from]);
      }
    });
  }

  it('keeps an error only where it still holds', () => {
    assert.equal(UNKNOWN.error?.kind, 'no-answer');
    assert.equal(accepted(UNKNOWN).error, undefined);
    assert.equal(EXPIRED.error?.kind, 'link-expired');
    assert.equal(copied(EXPIRED).error, undefined);
    assert.equal(isDone(FAILED).error, undefined);
    assert.deepEqual(FAILED.error, { kind: 'task-failed', at: 6, code: 1, message: 'no' });
    assert.equal(abandoned(DRAFT).error?.kind, 'never-sent');
    assert.equal(abandoned(SUBMITTING).error?.kind, 'interrupted');
  });

  it('counts the life of a link from the last time at which it cannot have been there', () => {
    const endOf = (change: Change) => change(WAITING).result?.expiresAt;
    assert.equal(endOf(transitions.withPollResult(done(), 1_000, 900)), 900 + LINK_LIFETIME_MS);
    assert.equal(endOf(transitions.withPollResult({ ...done(), createdAt: 500 }, 1_000)), 500 + LINK_LIFETIME_MS);
    assert.equal(endOf(transitions.withPollResult(done(), 1_000)), 4 + LINK_LIFETIME_MS);
    assert.equal(
      endOf(transitions.withPollResult(done(), 1_000, 5_000)),
      1_000 + LINK_LIFETIME_MS,
      'a clock that was set back',
    );
  });

  it('gives a fresh link for an old video an hour, and the same link no more than it had', () => {
    const late = 100 * LINK_LIFETIME_MS;
    const fresh = transitions.withPollResult({ ...done('https://a/fresh'), createdAt: 500 }, late)(EXPIRED);
    assert.deepEqual(fresh.result, { url: 'https://a/fresh', expiresAt: late + 60 * 60_000 });
    const same = transitions.withPollResult({ ...done(), createdAt: 500 }, late)(EXPIRED);
    assert.deepEqual(same.result, EXPIRED.result);
    assert.equal(isDownloadable(same), true);
  });

  it('fetches a dropped copy again only when it is wanted', () => {
    const dropped = transitions.localCopyDiscarded()(COPIED);
    assert.equal(isDownloadable(transitions.localCopyMissing()(COPIED)), true);
    assert.equal(isDownloadable(dropped), false);
    assert.equal(isDownloadable(transitions.localCopyRequested()(dropped)), true);
    assert.equal(copied(dropped).copyDropped, undefined);
  });

  it('learns the request of a task made elsewhere, once', () => {
    const added = transitions.createAdded({ id: 'b1', gatewayId: 'g1', at: 1 });
    const told = transitions.withPollResult(
      { ...pending('idle'), model: 'm', prompt: 'p', aspectRatio: '1:1', cost: 7 },
      2,
    )(added);
    assert.deepEqual(told.request, { model: 'm', prompt: 'p', aspectRatio: '1:1' });
    assert.equal(told.cost, 7);
    const again = transitions.withPollResult({ ...pending('idle'), model: 'x', prompt: 'y' }, 3)(told);
    assert.equal(again, told);
    assert.equal(
      transitions.withPollResult({ ...pending('idle'), model: 'x', prompt: 'y' }, 3)(WAITING).request,
      WAITING.request,
    );
  });

  it('writes nothing when a task made elsewhere tells nothing about itself', () => {
    const asked = transitions.withPollResult(
      pending('idle'),
      2,
    )(transitions.createAdded({ id: 'b1', gatewayId: 'g1', at: 1 }));
    assert.equal(transitions.withPollResult(pending('idle'), 3)(asked), asked);
  });

  it('sorts the states for those who ask', () => {
    const states = (test: (record: TaskRecord) => boolean) =>
      Object.entries(records).flatMap(([name, record]) => (test(record) ? [name] : []));
    assert.deepEqual(states(isPending), ['WAITING', 'RUNNING']);
    assert.deepEqual(states(isDownloadable), ['DONE']);
    assert.deepEqual(states(isUnfinished), ['DRAFT', 'SUBMITTING', 'WAITING', 'RUNNING']);
  });

  it('makes a task a take of a shot, and takes none from another storyboard that is still there', () => {
    const shot = (document: string, label = 'Shot 1') => ({ document, label, title: 'Rain' });
    const own = transitions.withShot(shot('file:///a.storyboard.md'))(RUNNING);
    assert.deepEqual(own.shot, shot('file:///a.storyboard.md'));
    assert.equal(transitions.withShot(shot('file:///a.storyboard.md'))(own), own);
    const moved = transitions.withShot(shot('file:///a.storyboard.md', 'Shot 2'))(own);
    assert.equal(moved.shot?.label, 'Shot 2');
    const other = shot('file:///b.storyboard.md');
    assert.equal(transitions.withShot(other)(own), own);
    assert.equal(transitions.withShot(other, 'file:///c.storyboard.md')(own), own);
    assert.deepEqual(transitions.withShot(other, 'file:///a.storyboard.md')(own).shot, other);
  });

  it('keeps neither a signed link nor an image that the service repeats', () => {
    const link = 'https://bucket.example/boat.png?X-Amz-Signature=abcdef0123';
    const said = `cannot read ${link} or data:image/png;base64,${'iVBORw0KGgo'.repeat(9_000)}`;
    const error = transitions.toTaskError(
      new ApiError('invalid-input', {
        serverMessage: said,
        issues: [{ path: 'images', message: said, expected: link }],
      }),
      1,
    );
    const failed = transitions.withPollResult({ progress: 'failed', word: 'error', message: said }, 2)(RUNNING);
    for (const kept of [error, failed.error]) {
      const text = JSON.stringify(kept);
      assert.doesNotMatch(text, /abcdef0123|iVBOR/);
      assert.match(text, /cannot read https:\/\/bucket\.example\/boat\.png\?\[hidden\] or data:\[hidden\]/);
    }
  });

  it('keeps the size of a record within bounds, whatever the service says', () => {
    const long = 'x'.repeat(1_000_000);
    const issues = Array.from({ length: 20 }, () => ({ path: long, expected: long, message: long }));
    const error = transitions.toTaskError(new ApiError('invalid-input', { serverMessage: long, issues, code: 3 }), 1);
    assert.ok(JSON.stringify(error).length < 10_000);
    assert.equal(error.kind, 'invalid-input');
    assert.equal(error.code, 3);
  });
});

function always(property: fc.IProperty<never> | fc.IProperty<unknown>): void {
  fc.assert(property as fc.IProperty<unknown>, { numRuns: 1_500, seed: 20260520 });
}

/** As JSON sees it: a field that is undefined is not there. */
function plain(record: TaskRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

function failure(kind: TaskError['kind'], at: number): TaskError {
  return { kind, at };
}

function pending(word: string): TaskResult {
  return { progress: 'pending', word };
}

function done(url = 'https://a/1'): TaskResult {
  return { progress: 'done', word: 'done', url };
}
