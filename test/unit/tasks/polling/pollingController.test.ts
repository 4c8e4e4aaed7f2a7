import assert from 'node:assert/strict';
import { getKeyFingerprint } from '../../../../src/common/keyFingerprint';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { getBackOffMs, getNextPollDelay } from '../../../../src/tasks/polling/pollSchedule';
import * as transitions from '../../../../src/tasks/model/transitions';
import type { FaultSpec } from '../../../emulator/faults';
import { createHarness, type TestHarness, INTENT, KEY, withHarness } from '../../../support/harness';
import { patchFs, systemError } from '../../../support/faultyFs';
import { FakeCredentials } from '../../../support/testWindow';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Long enough to be pending throughout a test. */
const ENDLESS = { service: { durations: 1_000 * HOUR_MS } };

const asked = (harness: TestHarness) => harness.emulator.ledger.results().length;
/** When each question was asked, on the service's clock. */
const times = (harness: TestHarness) => harness.emulator.ledger.results().map(({ at }) => at);
const gaps = (harness: TestHarness) =>
  times(harness)
    .slice(1)
    .map((at, index) => at - times(harness)[index]!);
const fault = (harness: TestHarness, spec: FaultSpec) =>
  harness.emulator.faults.add({ ...spec, match: { route: 'result', ...spec.match } });

async function make(harness: TestHarness, count: number): Promise<TaskRecord[]> {
  return harness.run(
    harness.generate.generate(Array.from({ length: count }, (_, index) => ({ ...INTENT, prompt: `cat ${index}` }))),
  );
}

describe('polling', () => {
  for (const [events, watch] of [
    ['are never reported', () => ({ close: () => undefined, on: () => undefined })],
    [
      'cannot be watched for',
      () => {
        throw systemError('ENOSPC', 'watch');
      },
    ],
  ] as const) {
    it(`asks about the paid task of another window within two minutes, where files ${events}`, async function () {
      const restore = patchFs({}, { watch: watch as never });
      try {
        await withHarness(async (holder) => {
          // It has work of its own, and so the lease.
          await make(holder, 1);
          await holder.clock.until(() => holder.lease.held, 'the lease');
          const { directory, clock, emulator, processes } = holder;
          const other = await createHarness({ directory, clock, emulator, processes, name: 'window-2', seed: 2 });
          await other.start();
          const { gatewayId } = await other.make({ prompt: 'of the other window' });
          assert.equal(holder.lease.held, true);
          const questions = () => emulator.ledger.results(gatewayId).length;
          const paidAt = clock.monotonic();
          other.polling.dispose();
          await clock.until(() => questions() > 0, 'a question about it', 3 * MINUTE_MS);
          assert.ok(clock.monotonic() - paidAt <= 2 * MINUTE_MS);
          assert.equal(holder.store.findByGatewayId(gatewayId!)?.request.prompt, 'of the other window');
          other.close();
        }, ENDLESS).call(this);
      } finally {
        restore();
      }
    });
  }

  it(
    'with nothing pending has no timer and asks nothing',
    withHarness(async (harness) => {
      assert.equal(harness.clock.timers, 0);
      await harness.clock.pass(24 * HOUR_MS);
      assert.deepEqual(
        { timers: harness.clock.timers, requests: harness.emulator.ledger.entries.length },
        { timers: 0, requests: 0 },
      );
      const { id } = await harness.make();
      assert.notEqual(harness.clock.timers, 0);
      await harness.until(id, 'done');
      const before = harness.emulator.ledger.entries.length;
      await harness.clock.pass(24 * HOUR_MS);
      assert.deepEqual(
        { timers: harness.clock.timers, requests: harness.emulator.ledger.entries.length },
        { timers: 0, requests: before },
      );
    }),
  );

  it(
    'follows a task to its video, by the words of the service',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      const seen: string[] = [];
      harness.store.onDidChange((changes) =>
        changes.forEach(({ after }) => after && seen.push(`${after.state} ${after.word ?? ''}`)),
      );
      const record = await harness.until(id, 'done');
      assert.deepEqual([...new Set(seen)], ['waiting idle', 'running running', 'done done']);
      assert.ok(record.startedAt! > record.acceptedAt! && record.finishedAt! > record.startedAt!);
      // The link cannot have been made before the last answer that said "not yet".
      const lastPending = times(harness).at(-2)!;
      assert.ok(
        record.result!.expiresAt >= lastPending + 48 * HOUR_MS - 1_000 &&
          record.result!.expiresAt < record.finishedAt! + 48 * HOUR_MS,
      );
    }),
  );

  it(
    'says that a task failed, and why, and asks no more',
    withHarness(async (harness) => {
      const { id } = await harness.make({ prompt: 'a cat #fail' });
      const record = await harness.until(id, 'failed');
      assert.deepEqual(
        { kind: record.error?.kind, message: record.error?.message },
        { kind: 'task-failed', message: harness.emulator.behaviour.failure.message },
      );
      const before = asked(harness);
      await harness.clock.pass(HOUR_MS);
      assert.equal(asked(harness), before);
    }),
  );

  it(
    'takes any other word, and done without a link, for unfinished',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      const task = harness.emulator.tasks.all()[0]!;
      for (const fields of [
        { status: 'на складе', url: null },
        { status: '', url: null },
        { status: 'done', url: null },
        { status: 'success', url: '' },
        { status: 'DELETED?', url: null },
      ]) {
        task.fields = fields;
        await harness.clock.pass(MINUTE_MS);
        assert.deepEqual(
          { state: harness.get(id).state, rawStatus: harness.get(id).word },
          { state: 'running', rawStatus: fields.status },
        );
      }
      task.fields = {};
      await harness.until(id, 'done');
    }),
  );

  it(
    'asks for ever, as long as the answer is "not yet"',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.clock.pass(2 * MINUTE_MS);
      harness.clock.jump(100 * HOUR_MS);
      const before = asked(harness);
      await harness.clock.pass(5 * MINUTE_MS);
      assert.ok(asked(harness) > before + 7, String(asked(harness) - before));
      assert.equal(harness.get(id).state, 'waiting');
    }, ENDLESS),
  );

  it(
    'asks about one task once at a time, however slow the answers are',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      fault(harness, { kind: 'delay', ms: 60, times: 1 });
      const checks = Promise.all([1, 2, 3, 4, 5].map(() => harness.polling.checkNow(id)));
      await harness.run(checks);
      assert.equal(asked(harness), 1);
    }, ENDLESS),
  );

  it(
    'asks about a task that is not pending once at a time as well',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.until(id, 'done');
      const before = asked(harness);
      fault(harness, { kind: 'delay', ms: 40 });
      await harness.run(Promise.all([harness.polling.checkNow(id), harness.polling.checkNow(id)]));
      assert.equal(asked(harness), before + 1);
    }),
  );

  it(
    'has four questions under way at most, also when asked by hand',
    withHarness(async (harness) => {
      await make(harness, 9);
      fault(harness, { kind: 'delay', ms: 30, times: 12 });
      harness.requests.peak = 0;
      let ended = false;
      const checking = harness.polling.checkNow().then(() => (ended = true));
      await harness.clock.until(() => ended, 'all to be asked');
      await checking;
      await harness.clock.pass(20_000);
      assert.equal(harness.requests.peak, 4);
      assert.equal(new Set(harness.emulator.ledger.results().map(({ taskId }) => taskId)).size, 9);
    }, ENDLESS),
  );

  it(
    'leaves a quarter of a second between questions',
    withHarness(async (harness) => {
      await make(harness, 10);
      await harness.clock.pass(MINUTE_MS);
      assert.ok(asked(harness) > 40, String(asked(harness)));
      assert.ok(
        gaps(harness).every((gap) => gap >= 249),
        String(Math.min(...gaps(harness))),
      );
    }, ENDLESS),
  );

  it(
    'asks less often the longer it takes, and never in step',
    withHarness(async (harness) => {
      await harness.make();
      await harness.clock.pass(8 * MINUTE_MS);
      const all = gaps(harness);
      assert.ok(
        all.every((gap) => gap >= 2_000 && gap <= 30_000),
        String(all),
      );
      assert.ok(all[0]! < 7_000 && all.at(-1)! > 12_000, String(all));
      assert.equal(new Set(all).size > all.length / 2, true);
    }, ENDLESS),
  );
});

describe('polling: troubles', () => {
  it(
    'backs off, tells after the second failure, and takes it back',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      fault(harness, { kind: 'httpError', status: 502, times: 6 });
      const failures = (): number =>
        harness.emulator.ledger.results().filter(({ outcome }) => outcome.fault !== null).length;
      await harness.clock.until(() => failures() === 1);
      assert.equal(harness.get(id).trouble, undefined, 'once is everyday life');
      await harness.clock.until(() => failures() === 2);
      assert.equal(harness.get(id).trouble?.kind, 'in-between');
      const next = () => (harness.polling.getNextTryAt(id) ?? 0) - harness.clock.now();
      await harness.clock.until(() => next() > 0);
      assert.ok(next() <= 6_000, `the next try is told: in ${next()} ms`);
      const revision = harness.get(id);
      await harness.clock.until(() => failures() === 5);
      assert.equal(harness.get(id), revision, 'the same trouble is no news');
      await harness.clock.until(() => asked(harness) === 7);
      assert.deepEqual(
        { trouble: harness.get(id).trouble, state: harness.get(id).state },
        { trouble: undefined, state: 'waiting' },
      );
      const waits = gaps(harness).slice(0, 6);
      waits.forEach((wait, index) => {
        const full = 3_000 * 2 ** index;
        assert.ok(wait >= full / 2 - 1 && wait <= full + 1, `${wait} after ${index + 1} failures`);
      });
    }, ENDLESS),
  );

  for (const spec of [
    { kind: 'rateLimit', retryAfter: 120 },
    { kind: 'rateLimit', retryAfter: 120, html: true },
  ] as const) {
    it(
      `is quiet for all when the service asks for it: ${JSON.stringify(spec)}`,
      withHarness(async (harness) => {
        await make(harness, 3);
        fault(harness, spec);
        await harness.clock.until(() => asked(harness) === 1);
        const struck = times(harness)[0]!;
        await harness.clock.pass(3 * MINUTE_MS);
        assert.ok(times(harness)[1]! >= struck + 119_999, String(gaps(harness)[0]));
      }, ENDLESS),
    );
  }

  it(
    'is quiet for as long as the longest answer says',
    withHarness(async (harness) => {
      await make(harness, 3);
      // Both are under way together: the second one to come says nothing of how long.
      fault(harness, { kind: 'delay', ms: 30, match: { nth: 2 } });
      fault(harness, { kind: 'rateLimit', retryAfter: 300 });
      fault(harness, { kind: 'rateLimit' });
      await harness.run(harness.polling.checkNow());
      const last = times(harness).at(-1)!;
      assert.equal(asked(harness), 3);
      await harness.clock.pass(6 * MINUTE_MS);
      assert.ok(times(harness)[3]! >= last + 299_000, String(gaps(harness)));
    }, ENDLESS),
  );

  it(
    'takes Retry-After as a date',
    withHarness(async (harness) => {
      await harness.make();
      fault(harness, {
        kind: 'httpError',
        status: 503,
        retryAfter: new Date(harness.clock.now() + 10 * MINUTE_MS).toUTCString(),
      });
      const start = harness.clock.now();
      await harness.clock.until(() => asked(harness) === 2);
      assert.ok(times(harness)[1]! >= start + 10 * MINUTE_MS - 1_000);
    }, ENDLESS),
  );

  it(
    'lives through a long outage',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.emulator.stop();
      await harness.clock.pass(20 * MINUTE_MS);
      assert.equal(harness.get(id).trouble?.kind, 'not-sent');
      await harness.emulator.start();
      assert.equal((await harness.until(id, 'done')).trouble, undefined);
      assert.ok(harness.requests.sent.length < 30, `${harness.requests.sent.length} requests in 20 minutes`);
    }),
  );

  it(
    'asks on when the answers make no sense',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      for (const spec of [
        { kind: 'brokenJson' },
        { kind: 'wrongTypes' },
        { kind: 'emptyBody' },
        { kind: 'hugeBody' },
        { kind: 'cutBody' },
        { kind: 'code', code: 4 },
        { kind: 'code', code: 3 },
      ] as const) {
        fault(harness, spec);
      }
      assert.ok((await harness.until(id, 'done')).localCopy);
    }),
  );
});

describe('polling: the key', () => {
  it(
    'refused is one pause for all, and ends with a new one',
    withHarness(async (harness) => {
      const records = await make(harness, 3);
      let told = 0;
      harness.polling.onDidChangePause(() => told++);
      harness.emulator.setKey('shds-a-new-key-of-the-account');
      await harness.clock.pass(MINUTE_MS);
      const before = asked(harness);
      assert.ok(before >= 1 && before <= 4, `${before} questions`);
      assert.deepEqual({ pause: harness.polling.pause, told }, { pause: 'invalid-key', told: 1 });
      assert.equal(harness.polling.getPauseReason(harness.get(records[0]!.id)), 'refused-key');
      await harness.clock.pass(5 * MINUTE_MS);
      assert.equal(asked(harness), before);
      assert.ok(
        records.every(({ id }) => harness.get(id).state === 'waiting' && harness.get(id).trouble === undefined),
      );

      harness.credentials.set('shds-a-new-key-of-the-account');
      await harness.clock.pass(1_000);
      assert.deepEqual({ pause: harness.polling.pause, told }, { pause: undefined, told: 2 });
      for (const { id } of records) {
        assert.equal((await harness.until(id, 'done')).account, getKeyFingerprint('shds-a-new-key-of-the-account'));
      }
    }),
  );

  it(
    'refused goes on as well when the same one is set again',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      fault(harness, { kind: 'code', code: 2 });
      await harness.clock.until(() => harness.polling.pause !== undefined);
      harness.credentials.set(KEY);
      await harness.until(id, 'done');
    }),
  );

  it(
    'of another account: its tasks are asked about once and wait',
    withHarness(async (harness) => {
      const records = await make(harness, 2);
      harness.emulator.world.accounts.add('shds-another-account');
      harness.credentials.set('shds-another-account');
      const before = asked(harness);
      await harness.clock.pass(24 * HOUR_MS);
      assert.equal(asked(harness), before + 2);
      assert.deepEqual(
        records.map(({ id }) => harness.polling.getPauseReason(harness.get(id))),
        ['other-key', 'other-key'],
      );
      assert.equal(harness.clock.timers, 0);
      for (const { id } of records) {
        assert.deepEqual(
          { state: harness.get(id).state, trouble: harness.get(id).trouble, account: harness.get(id).account },
          { state: 'waiting', trouble: undefined, account: getKeyFingerprint(KEY) },
        );
      }
      const own = await harness.make({ prompt: 'own' });
      await harness.until(own.id, 'done');
      harness.credentials.set(KEY);
      await harness.until(records[0]!.id, 'done');
      await harness.until(records[1]!.id, 'done');
    }),
  );

  for (const failures of [1, 2, 5, 20]) {
    it(
      `that cannot be read ${failures} times from the start on is read again ever more rarely, and then all goes on`,
      withHarness(async (before) => {
        const { id } = await before.make();
        const reads = before.credentials.reads;
        before.credentials.failures = failures;
        const harness = await before.reopen();
        await harness.clock.settle();
        assert.equal(harness.polling.getPauseReason(harness.get(id)), 'unreadable-key');
        await harness.clock.until(() => harness.credentials.failures === 0, 'all failures', 24 * HOUR_MS);
        await harness.until(id, 'done');
        assert.equal(harness.polling.getPauseReason(harness.get(id)), undefined);
        assert.ok(harness.credentials.reads - reads < failures + 30, 'gently');
        await harness.end();
      }),
    );
  }

  it(
    'that cannot be read is asked for at most every few minutes, and not at all without a task that needs it',
    withHarness(async (harness) => {
      const done = await harness.make();
      await harness.until(done.id, 'done');
      harness.credentials.failures = Infinity;
      await harness.run(harness.polling.checkNow());
      await harness.clock.pass(HOUR_MS);
      const idle = harness.credentials.reads;
      await harness.clock.pass(24 * HOUR_MS);
      assert.equal(harness.credentials.reads, idle);
      harness.credentials.failures = 0;
      const { id } = await harness.make();
      harness.credentials.failures = Infinity;
      await harness.clock.pass(HOUR_MS);
      assert.equal(harness.polling.getPauseReason(harness.get(id)), 'unreadable-key');
      const pending = harness.credentials.reads;
      await harness.clock.pass(10 * HOUR_MS);
      const hourly = (harness.credentials.reads - pending) / 10;
      assert.ok(hourly > 4 && hourly < 30, `${hourly} an hour`);
    }),
  );

  for (const [action, act] of [
    ['“Check now” and “Refresh”', (harness) => harness.run(harness.polling.checkNow())],
    ['the focus of the window', (harness) => Promise.resolve(harness.polling.pollNow())],
    ['a key that is set', (harness) => Promise.resolve(harness.credentials.set(KEY))],
  ] as [string, (harness: TestHarness) => Promise<void>][]) {
    it(
      `that could not be read is read again at once by ${action}`,
      withHarness(async (before) => {
        const { id } = await before.make();
        before.credentials.failures = Infinity;
        const harness = await before.reopen();
        await harness.clock.pass(5 * HOUR_MS);
        // Not within some seconds of a question: a window gets the focus also from the dialog of the keyring.
        for (let reads; reads !== harness.credentials.reads; await harness.clock.pass(10_000)) {
          ({ reads } = harness.credentials);
        }
        assert.equal(harness.polling.getPauseReason(harness.get(id)), 'unreadable-key');
        harness.credentials.failures = 0;
        const at = harness.clock.monotonic();
        await act(harness);
        await harness.clock.until(
          () => harness.polling.getPauseReason(harness.get(id)) === undefined,
          'the key',
          1_000,
        );
        await harness.until(id, 'done');
        assert.ok(harness.clock.monotonic() - at < MINUTE_MS);
        await harness.end();
      }),
    );
  }

  it(
    'is not asked for again and again by a window that gets the focus back from the dialog of the keyring',
    withHarness(async (before) => {
      await before.make();
      before.credentials.failures = Infinity;
      const harness = await before.reopen();
      await harness.clock.settle();
      const { reads } = harness.credentials;
      for (let times = 0; times < 100; times++) {
        harness.polling.pollNow();
        await harness.clock.settle();
      }
      assert.ok(harness.credentials.reads - reads <= 1);
      await harness.end();
    }),
  );

  it(
    'that is missing asks nothing, and goes on when it is there',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      harness.credentials.set(undefined);
      const before = asked(harness);
      await harness.clock.pass(24 * HOUR_MS);
      assert.equal(harness.polling.getPauseReason(harness.get(id)), 'no-key');
      assert.deepEqual({ requests: asked(harness), timers: harness.clock.timers }, { requests: before, timers: 0 });
      await harness.run(harness.polling.checkNow(id));
      assert.equal(asked(harness), before);
      harness.credentials.set(KEY);
      await harness.until(id, 'done');
    }),
  );

  it(
    'that cannot be read does no harm',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      const credentials = new FakeCredentials(KEY);
      let locked = true;
      const get = credentials.get.bind(credentials);
      credentials.get = () => (locked ? Promise.reject(new Error('the keyring is locked')) : get());
      const next = await harness.reopen({ credentials });
      await next.clock.pass(MINUTE_MS);
      assert.equal(next.get(id).state, 'waiting');
      locked = false;
      credentials.set(KEY);
      await next.until(id, 'done');
      next.close();
    }),
  );
});

describe('polling: by hand', () => {
  it(
    'asks at once, also during a pause',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      fault(harness, { kind: 'code', code: 2 });
      await harness.clock.until(() => harness.polling.pause !== undefined);
      harness.emulator.advance(MINUTE_MS);
      await harness.run(harness.polling.checkNow(id));
      assert.deepEqual(
        { pause: harness.polling.pause, state: harness.get(id).state },
        { pause: undefined, state: 'done' },
      );
    }),
  );

  it(
    'ends with the pause when the key is still refused, without asking about all',
    withHarness(async (harness) => {
      await make(harness, 9);
      fault(harness, { kind: 'code', code: 2, times: 'always' });
      await harness.run(harness.polling.checkNow());
      assert.equal(harness.polling.pause, 'invalid-key');
      assert.ok(asked(harness) <= 4, `${asked(harness)} questions`);
    }, ENDLESS),
  );

  it(
    'works in a window without the lease',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.clock.until(() => harness.lease.held);
      const other = await createHarness({
        emulator: harness.emulator,
        clock: harness.clock,
        processes: harness.processes,
        directory: harness.directory,
        name: 'window-2',
      });
      await other.start();
      await harness.clock.pass(5_000);
      assert.deepEqual({ harness: harness.lease.held, other: other.lease.held }, { harness: true, other: false });
      harness.emulator.advance(MINUTE_MS);
      const before = other.requests.sent.length;
      await other.run(other.polling.checkNow(id));
      assert.equal(other.requests.sent.length, before + 1);
      assert.equal(other.get(id).state, 'done');
      await harness.until(id, 'done');
      other.close();
    }),
  );

  it(
    'never throws',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.run(harness.polling.checkNow('nosuchtask'));
      await harness.emulator.stop();
      await harness.run(harness.polling.checkNow(id));
      await harness.run(harness.polling.checkNow());
      harness.store.update = () => Promise.reject(new Error('disk'));
      await harness.emulator.start();
      await harness.run(harness.polling.checkNow(id));
    }),
  );
});

describe('polling: the window', () => {
  it(
    'that closes gives up its question and asks no more',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      fault(harness, { kind: 'hang', times: 'always' });
      const checking = harness.polling.checkNow(id);
      while (asked(harness) === 0) {
        await new Promise(setImmediate);
      }
      harness.close();
      await checking;
      const before = asked(harness);
      await harness.clock.pass(HOUR_MS);
      assert.deepEqual(
        { requests: asked(harness), timers: harness.clock.timers, inFlight: harness.requests.inFlight },
        { requests: before, timers: 0, inFlight: 0 },
      );
      assert.equal(harness.get(id).trouble, undefined);
    }),
  );

  it(
    'of two, one asks; when it closes, the other goes on',
    withHarness(
      async (harness) => {
        const { id } = await harness.make();
        const other = await createHarness({
          emulator: harness.emulator,
          clock: harness.clock,
          processes: harness.processes,
          directory: harness.directory,
          name: 'window-2',
        });
        await other.start();
        await harness.clock.pass(15_000);
        const questions = (of: TestHarness) => of.requests.sent.filter(({ url }) => url.endsWith('/result')).length;
        const [askers, silent] = [harness, other].map(questions).sort((a, b) => b - a);
        assert.ok(askers! > 1);
        assert.equal(silent, 0);
        const [busy, idle] = questions(harness) > 0 ? [harness, other] : [other, harness];
        const before = asked(harness);
        busy.close();
        const closedAt = harness.clock.monotonic();
        await idle.clock.until(() => asked(harness) > before);
        assert.ok(harness.clock.monotonic() - closedAt < 15_000);
        await idle.until(id, 'done');
        assert.equal(harness.emulator.ledger.downloads().length, 1);
        other.close();
      },
      { service: { durations: 120_000 } },
    ),
  );

  it(
    'that was closed for hours asks soon',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      harness.close();
      await harness.clock.pass(10 * HOUR_MS);
      const next = await harness.reopen();
      const start = next.clock.monotonic();
      await next.until(id, 'done');
      assert.ok(next.clock.monotonic() - start < 10_000);
      next.close();
    }),
  );

  it(
    'minds no jump of the wall clock, in either direction',
    withHarness(
      async (harness) => {
        const { id } = await harness.make();
        for (const jump of [24 * HOUR_MS, -72 * HOUR_MS, 1_000 * HOUR_MS, -1_000 * HOUR_MS]) {
          harness.clock.jump(jump);
          const before = asked(harness);
          await harness.clock.pass(2 * MINUTE_MS);
          const more = asked(harness) - before;
          assert.ok(more >= 3 && more <= 45, `${more} questions after ${jump / HOUR_MS} h`);
          assert.equal(harness.get(id).state, 'waiting');
        }
      },
      { service: { durations: 100_000 * HOUR_MS } },
    ),
  );

  it(
    'that slept goes on when it wakes up',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      await harness.clock.pass(10_000);
      harness.clock.freeze(8 * HOUR_MS);
      const start = harness.clock.monotonic();
      await harness.until(id, 'done');
      assert.ok(harness.clock.monotonic() - start < MINUTE_MS);
    }),
  );

  it(
    'tells after a time that answers make no sense, with the answer, and asks ever more rarely',
    withHarness(
      async (harness) => {
        const { id } = await harness.make();
        const task = harness.emulator.tasks.all()[0]!;
        for (const [fields, kind] of [
          [{ status: 'done', url: null }, 'no-link'],
          [{ status: 'done', url: 'command:x' }, 'no-link'],
          [{ status: 'на складе', url: null }, 'bad-answer'],
          [{ status: { odd: true }, url: null }, 'bad-answer'],
        ] as const) {
          task.fields = fields;
          await harness.clock.pass(5 * MINUTE_MS);
          assert.ok(kind === 'bad-answer' || harness.get(id).trouble === undefined, 'not at once');
          await harness.clock.pass(10 * MINUTE_MS);
          const { state, trouble } = harness.get(id);
          assert.deepEqual({ state, kind: trouble?.kind }, { state: 'running', kind });
          assert.match(trouble?.answer ?? '', /"status":/);
          const written = JSON.stringify(harness.get(id));
          const before = asked(harness);
          await harness.clock.pass(HOUR_MS);
          assert.ok(asked(harness) - before < 25, String(asked(harness) - before));
          assert.equal(JSON.stringify(harness.get(id)), written, 'nothing new, nothing written');
          task.fields = { status: 'running', url: null };
          await harness.run(harness.polling.checkNow(id));
          assert.equal(harness.get(id).trouble, undefined);
        }
        task.fields = { status: 'ready' };
        await harness.run(harness.polling.checkNow(id));
        await harness.until(id, 'done');
      },
      { service: { durations: 1_000 } },
    ),
  );

  it(
    'goes on for ever where a firewall answers, refuses no key for it, and asks ever more rarely',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      for (const spec of [
        { kind: 'httpError', status: 403 },
        { kind: 'httpError', status: 401, body: 'empty' },
        { kind: 'httpError', status: 407 },
      ] as const) {
        fault(harness, { ...spec, times: 'always' });
        const before = asked(harness);
        await harness.clock.pass(HOUR_MS);
        assert.equal(harness.polling.pause, undefined);
        assert.ok(asked(harness) - before < 40, String(asked(harness) - before));
        assert.equal(harness.get(id).trouble?.kind, spec.status === 407 ? 'proxy-refused' : 'in-between');
        harness.emulator.faults.clear();
        await harness.clock.pass(6 * MINUTE_MS);
        assert.equal(harness.get(id).trouble, undefined);
      }
    }, ENDLESS),
  );

  describe('what is over', () => {
    /** A video whose link was dead when VS Code came back after two days. */
    async function expire(harness: TestHarness): Promise<string> {
      const { id } = await harness.make();
      harness.emulator.faults.add({ kind: 'expiredLink', times: 'always', match: { route: 'file' } });
      await harness.clock.until(() => harness.get(id).state === 'done');
      harness.clock.freeze(49 * HOUR_MS);
      await harness.until(id, 'expired');
      return id;
    }

    it(
      'comes back from expired when the same link works again: asked by hand, or when somebody looks',
      withHarness(async (harness) => {
        for (const look of [
          (id: string) => harness.run(harness.polling.checkNow(id)),
          () => harness.polling.pollNow(),
        ]) {
          const id = await expire(harness);
          const { url } = harness.get(id).result!;
          harness.emulator.faults.clear();
          harness.emulator.behaviour.linkLifeMs = 1_000 * HOUR_MS;
          await look(id);
          const record = await harness.until(id, 'done');
          assert.deepEqual({ url: record.result?.url, error: record.error }, { url, error: undefined });
        }
      }),
    );

    it(
      'comes back from expired with a fresh link',
      withHarness(async (harness) => {
        const id = await expire(harness);
        const task = harness.emulator.tasks.need(harness.get(id).gatewayId!);
        const url = `${harness.get(id).result!.url}?fresh=1`;
        task.fields = { url };
        harness.emulator.faults.clear();
        harness.emulator.behaviour.linkLifeMs = 1_000 * HOUR_MS;
        await harness.run(harness.polling.checkNow(id));
        assert.equal((await harness.until(id, 'done')).result?.url, url);
      }),
    );

    it(
      'is expired again where the link stays dead, and is asked about a few times an hour at most, for a week',
      withHarness(async (harness) => {
        const id = await expire(harness);
        const before = asked(harness);
        for (let minutes = 0; minutes < 120; minutes += 5) {
          harness.polling.pollNow();
          await harness.clock.pass(5 * MINUTE_MS);
        }
        assert.equal(harness.get(id).state, 'expired');
        // Two looks, and what the download asks about a link that it finds dead again.
        const questions = asked(harness) - before;
        assert.ok(questions >= 2 && questions <= 6, `${questions} questions`);
        harness.clock.freeze(7 * 24 * HOUR_MS);
        harness.polling.pollNow();
        await harness.clock.pass(HOUR_MS);
        assert.equal(asked(harness) - before, questions);
        assert.equal(harness.clock.timers, 0);
      }),
    );

    it(
      'a failed task with an id is followed again when the user asks and the service goes on with it',
      withHarness(async (harness) => {
        const { id } = await harness.make({ prompt: 'a cat #fail' });
        await harness.until(id, 'failed');
        const task = harness.emulator.tasks.need(harness.get(id).gatewayId!);
        await harness.run(harness.polling.checkNow(id));
        assert.equal(harness.get(id).state, 'failed');
        task.fails = false;
        task.durationMs = harness.clock.now() - task.createdAtMs + MINUTE_MS;
        await harness.run(harness.polling.checkNow(id));
        assert.deepEqual(
          { state: harness.get(id).state, error: harness.get(id).error },
          { state: 'waiting', error: undefined },
        );
        await harness.until(id, 'done');
      }),
    );
  });

  it(
    'asks nothing about what a newer version made',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      harness.close();
      const { writeFile } = await import('node:fs/promises');
      await writeFile(`${harness.directory}/tasks/${id}.9.json`, JSON.stringify({ ...harness.get(id), format: 99 }));
      const next = await harness.reopen();
      const before = asked(harness);
      await next.clock.pass(HOUR_MS);
      assert.deepEqual({ requests: asked(harness), state: next.get(id).state }, { requests: before, state: 'waiting' });
      next.close();
    }),
  );

  it(
    'does not undo what another one found out meanwhile',
    withHarness(async (harness) => {
      const { id } = await harness.make();
      fault(harness, { kind: 'delay', ms: 40, afterCharge: true });
      const checking = harness.polling.checkNow(id);
      const url = 'https://example.com/a.mp4';
      await harness.store.update(
        id,
        transitions.withPollResult({ progress: 'done', word: 'done', url }, harness.clock.now()),
      );
      await harness.run(checking);
      assert.deepEqual({ state: harness.get(id).state, url: harness.get(id).result?.url }, { state: 'done', url });
    }, ENDLESS),
  );
});

describe('polling: the schedule', () => {
  const low = () => 0;
  const high = () => 0.999_999;

  it('backs off to five minutes, and halves by chance', () => {
    assert.deepEqual(
      [1, 2, 3, 8, 50].map((failures) => getBackOffMs(failures, low)),
      [3_000, 6_000, 12_000, 300_000, 300_000],
    );
    assert.ok(getBackOffMs(1, high) > 1_499 && getBackOffMs(1, high) < 1_501);
    assert.equal(getBackOffMs(5_000, low), 300_000);
  });

  it('never waits for nothing, and never for long, at any age', () => {
    for (const age of [-HOUR_MS, 0, 1, 4_999, 5_000, 30_000, MINUTE_MS, HOUR_MS, 1e12]) {
      for (const random of [low, high]) {
        const wait = getNextPollDelay(age, random);
        assert.ok(wait > 0 && wait <= 30_000, `${wait} at ${age}`);
      }
    }
  });
});
