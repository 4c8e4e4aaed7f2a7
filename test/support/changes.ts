import * as fc from 'fast-check';
import type { TaskResult } from '../../src/api/apiClient';
import type { TaskError, TaskRecord } from '../../src/tasks/model/taskRecord';
import * as transitions from '../../src/tasks/model/transitions';
import type { Change } from '../../src/tasks/model/transitions';

/** A change with its name, for the report of a failing case. */
export interface NamedChange {
  readonly name: keyof typeof transitions;
  readonly change: Change;
  toString(): string;
}

function named(name: NamedChange['name'], change: Change, about?: unknown): NamedChange {
  return { name, change, toString: () => `${name}(${about === undefined ? '' : JSON.stringify(about)})` };
}

const at = fc.integer({ min: 0, max: 500_000_000 });
const text = fc.constantFrom('', 'a', 'b');
/** Undefined fields left out, as the service room makes them. */
const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] });

const error: fc.Arbitrary<TaskError> = fc.record({
  kind: fc.constantFrom('no-answer' as const, 'internal' as const, 'not-found' as const),
  at,
  message: fc.option(text, { nil: undefined }),
});

const told = some({
  cost: fc.constantFrom(1, 2),
  model: text,
  prompt: text,
  aspectRatio: fc.constantFrom('1:1' as const, '16:9' as const),
  createdAt: at,
  message: text,
});

const result: fc.Arbitrary<TaskResult> = fc
  .tuple(
    told,
    fc.oneof(
      fc.record({
        progress: fc.constant('pending' as const),
        word: fc.constantFrom('idle', 'queued', 'running', 'Processing', 'new'),
      }),
      fc.record({
        progress: fc.constant('done' as const),
        word: fc.constantFrom('done', 'success'),
        url: fc.constantFrom('https://a/1', 'https://a/2'),
      }),
      fc.record({ progress: fc.constant('failed' as const), word: fc.constant('failed') }),
    ),
  )
  .map(([extra, progress]) => ({ ...extra, ...progress }));

const copy = fc.record({ file: fc.constantFrom('a1.mp4', 'b2.mp4'), bytes: fc.integer({ min: 1, max: 9 }), at });

/** Everything that can happen to a record, in any window, however late. */
export const anyChange: fc.Arbitrary<NamedChange> = fc.oneof(
  at.map((t) => named('submitting', transitions.submitting(t), t)),
  at.map((t) => named('submittingAgain', transitions.submittingAgain(t), t)),
  fc
    .record({ gatewayId: fc.constantFrom('g1', 'g2'), at, serverCreatedAt: at }, { requiredKeys: ['gatewayId', 'at'] })
    .map((facts) => named('accepted', transitions.accepted(facts), facts)),
  error.map((e) => named('refused', transitions.refused(e), e)),
  error.map((e) => named('answerLost', transitions.answerLost(e), e)),
  at.map((t) => named('abandoned', transitions.abandoned(t), t)),
  fc
    .tuple(result, at, fc.option(at, { nil: undefined }), fc.boolean())
    .map((facts) => named('withPollResult', transitions.withPollResult(...facts), facts)),
  copy.map((c) => named('withLocalCopy', transitions.withLocalCopy(c), c)),
  fc.constantFrom('f00d', 'beef').map((account) => named('withAccount', transitions.withAccount(account), account)),
  fc.constant(named('localCopyMissing', transitions.localCopyMissing())),
  fc
    .constantFrom(undefined, 'file:///1')
    .map((uri) => named('localCopyDiscarded', transitions.localCopyDiscarded(uri), uri)),
  copy.map((c) => named('localCopyKept', transitions.localCopyKept(c), c)),
  fc
    .constantFrom('file:///1', 'file:///2')
    .map((uri) => named('withoutSavedLocation', transitions.withoutSavedLocation(uri), uri)),
  fc.constant(named('localCopyRequested', transitions.localCopyRequested())),
  at.map((t) => named('expired', transitions.expired(t), t)),
  fc
    .tuple(fc.constantFrom('file:///1', 'file:///2'), at)
    .map(([uri, t]) => named('withSavedLocation', transitions.withSavedLocation(uri, t), [uri, t])),
  fc
    .constantFrom('file:///a.storyboard.md', 'file:///b.storyboard.md')
    .map((document) => named('withShot', transitions.withShot({ document, label: 'Shot 1', title: '' }))),
  fc.constant(named('withThumbnail', transitions.withThumbnail('data:image/jpeg;base64,/9j/'))),
  error.map((e) => named('withTransientError', transitions.withTransientError(e), e)),
  fc.constant(named('withoutTransientError', transitions.withoutTransientError())),
);

/** A record as it begins: an intent, or a task that was made elsewhere. */
export const newRecord: fc.Arbitrary<TaskRecord> = fc.oneof(
  at.map((t) =>
    transitions.createDraft({
      id: 'a1',
      request: { model: 'm', prompt: 'p' },
      account: 'f00d',
      quotedPrice: 12,
      sender: 'window-1',
      at: t,
    }),
  ),
  at.map((t) => transitions.createAdded({ id: 'a1', gatewayId: 'g1', account: 'f00d', at: t })),
);

/** A record after anything that can have happened to it. */
export const anyRecord: fc.Arbitrary<TaskRecord> = fc
  .tuple(newRecord, fc.array(anyChange, { maxLength: 25 }))
  .map(([record, changes]) => changes.reduce((now, { change }) => change(now), record));
