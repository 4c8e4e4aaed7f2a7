import assert from 'node:assert/strict';
import { getKeyFingerprint } from '../../../../src/common/keyFingerprint';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { getBackOffMs, getNextPollDelay } from '../../../../src/tasks/polling/pollSchedule';
import * as transitions from '../../../../src/tasks/model/transitions';
import type { FaultSpec } from '../../../emulator/faults';
import { buildCore, type TestHarness, INTENT, FakeCredentials, KEY, withCore } from '../../../support/harness';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Long enough to be pending throughout a test. */
const ENDLESS = { service: { durations: 1_000 * HOUR_MS } };

const asked = (core: TestHarness) => core.emulator.ledger.results().length;
/** When each question was asked, on the service's clock. */
const times = (core: TestHarness) => core.emulator.ledger.results().map(({ at }) => at);
const gaps = (core: TestHarness) =>
  times(core)
    .slice(1)
    .map((at, index) => at - times(core)[index]!);
const fault = (core: TestHarness, spec: FaultSpec) =>
  core.emulator.faults.add({ ...spec, match: { route: 'result', ...spec.match } });

async function make(core: TestHarness, count: number): Promise<TaskRecord[]> {
  return core.run(
    core.generate.generate(Array.from({ length: count }, (_, index) => ({ ...INTENT, prompt: `cat ${index}` }))),
  );
}

describe('polling', () => {
  it(
    'with nothing pending has no timer and asks nothing',
    withCore(async (core) => {
      assert.equal(core.clock.timers, 0);
      await core.clock.pass(24 * HOUR_MS);
      assert.deepEqual(
        { timers: core.clock.timers, requests: core.emulator.ledger.entries.length },
        { timers: 0, requests: 0 },
      );
      const { id } = await core.make();
      assert.notEqual(core.clock.timers, 0);
      await core.until(id, 'done');
      const before = core.emulator.ledger.entries.length;
      await core.clock.pass(24 * HOUR_MS);
      assert.deepEqual(
        { timers: core.clock.timers, requests: core.emulator.ledger.entries.length },
        { timers: 0, requests: before },
      );
    }),
  );

  it(
    'follows a task to its video, by the words of the service',
    withCore(async (core) => {
      const { id } = await core.make();
      const seen: string[] = [];
      core.store.onDidChange((changes) =>
        changes.forEach(({ after }) => after && seen.push(`${after.state} ${after.word ?? ''}`)),
      );
      const record = await core.until(id, 'done');
      assert.deepEqual([...new Set(seen)], ['waiting idle', 'running running', 'done done']);
      assert.ok(record.startedAt! > record.acceptedAt! && record.finishedAt! > record.startedAt!);
      // The link cannot have been made before the last answer that said "not yet".
      const lastPending = times(core).at(-2)!;
      assert.ok(
        record.result!.expiresAt >= lastPending + 48 * HOUR_MS - 1_000 &&
          record.result!.expiresAt < record.finishedAt! + 48 * HOUR_MS,
      );
    }),
  );

  it(
    'says that a task failed, and why, and asks no more',
    withCore(async (core) => {
      const { id } = await core.make({ prompt: 'a cat #fail' });
      const record = await core.until(id, 'failed');
      assert.deepEqual(
        { kind: record.error?.kind, message: record.error?.message },
        { kind: 'task-failed', message: core.emulator.behaviour.failure.message },
      );
      const before = asked(core);
      await core.clock.pass(HOUR_MS);
      assert.equal(asked(core), before);
    }),
  );

  it(
    'takes any other word, and done without a link, for unfinished',
    withCore(async (core) => {
      const { id } = await core.make();
      const task = core.emulator.tasks.all()[0]!;
      for (const fields of [
        { status: 'на складе' },
        { status: '' },
        { status: 'done', url: null },
        { status: 'success', url: '' },
        { status: 'DELETED?' },
      ]) {
        task.fields = fields;
        await core.clock.pass(MINUTE_MS);
        assert.deepEqual(
          { state: core.get(id).state, rawStatus: core.get(id).word },
          { state: 'running', rawStatus: fields.status },
        );
      }
      task.fields = {};
      await core.until(id, 'done');
    }),
  );

  it(
    'asks for ever, as long as the answer is "not yet"',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.clock.pass(2 * MINUTE_MS);
      core.clock.jump(100 * HOUR_MS);
      const before = asked(core);
      await core.clock.pass(5 * MINUTE_MS);
      assert.ok(asked(core) > before + 7, String(asked(core) - before));
      assert.equal(core.get(id).state, 'waiting');
    }, ENDLESS),
  );

  it(
    'asks about one task once at a time, however slow the answers are',
    withCore(async (core) => {
      const { id } = await core.make();
      fault(core, { kind: 'delay', ms: 60, times: 1 });
      const checks = Promise.all([1, 2, 3, 4, 5].map(() => core.polling.checkNow(id)));
      await core.run(checks);
      assert.equal(asked(core), 1);
    }, ENDLESS),
  );

  it(
    'asks about a task that is not pending once at a time as well',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.until(id, 'done');
      const before = asked(core);
      fault(core, { kind: 'delay', ms: 40 });
      await core.run(Promise.all([core.polling.checkNow(id), core.polling.checkNow(id)]));
      assert.equal(asked(core), before + 1);
    }),
  );

  it(
    'has four questions under way at most, also when asked by hand',
    withCore(async (core) => {
      await make(core, 9);
      fault(core, { kind: 'delay', ms: 30, times: 12 });
      core.wire.peak = 0;
      let ended = false;
      const checking = core.polling.checkNow().then(() => (ended = true));
      await core.clock.until(() => ended, 'all to be asked');
      await checking;
      await core.clock.pass(20_000);
      assert.equal(core.wire.peak, 4);
      assert.equal(new Set(core.emulator.ledger.results().map(({ taskId }) => taskId)).size, 9);
    }, ENDLESS),
  );

  it(
    'leaves a quarter of a second between questions',
    withCore(async (core) => {
      await make(core, 10);
      await core.clock.pass(MINUTE_MS);
      assert.ok(asked(core) > 40, String(asked(core)));
      assert.ok(
        gaps(core).every((gap) => gap >= 249),
        String(Math.min(...gaps(core))),
      );
    }, ENDLESS),
  );

  it(
    'asks less often the longer it takes, and never in step',
    withCore(async (core) => {
      await core.make();
      await core.clock.pass(8 * MINUTE_MS);
      const all = gaps(core);
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
    withCore(async (core) => {
      const { id } = await core.make();
      fault(core, { kind: 'httpError', status: 502, times: 6 });
      const failures = (): number =>
        core.emulator.ledger.results().filter(({ outcome }) => outcome.fault !== null).length;
      await core.clock.until(() => failures() === 1);
      assert.equal(core.get(id).trouble, undefined, 'once is everyday life');
      await core.clock.until(() => failures() === 2);
      assert.equal(core.get(id).trouble?.kind, 'internal');
      const revision = core.get(id);
      await core.clock.until(() => failures() === 5);
      assert.equal(core.get(id), revision, 'the same trouble is no news');
      await core.clock.until(() => asked(core) === 7);
      assert.deepEqual(
        { trouble: core.get(id).trouble, state: core.get(id).state },
        { trouble: undefined, state: 'waiting' },
      );
      const waits = gaps(core).slice(0, 6);
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
      withCore(async (core) => {
        await make(core, 3);
        fault(core, spec);
        await core.clock.until(() => asked(core) === 1);
        const struck = times(core)[0]!;
        await core.clock.pass(3 * MINUTE_MS);
        assert.ok(times(core)[1]! >= struck + 119_999, String(gaps(core)[0]));
      }, ENDLESS),
    );
  }

  it(
    'is quiet for as long as the longest answer says',
    withCore(async (core) => {
      await make(core, 3);
      // Both are under way together: the second one to come says nothing of how long.
      fault(core, { kind: 'delay', ms: 30, match: { nth: 2 } });
      fault(core, { kind: 'rateLimit', retryAfter: 300 });
      fault(core, { kind: 'rateLimit' });
      await core.run(core.polling.checkNow());
      const last = times(core).at(-1)!;
      assert.equal(asked(core), 3);
      await core.clock.pass(6 * MINUTE_MS);
      assert.ok(times(core)[3]! >= last + 299_000, String(gaps(core)));
    }, ENDLESS),
  );

  it(
    'takes Retry-After as a date',
    withCore(async (core) => {
      await core.make();
      fault(core, {
        kind: 'httpError',
        status: 503,
        retryAfter: new Date(core.clock.now() + 10 * MINUTE_MS).toUTCString(),
      });
      const start = core.clock.now();
      await core.clock.until(() => asked(core) === 2);
      assert.ok(times(core)[1]! >= start + 10 * MINUTE_MS - 1_000);
    }, ENDLESS),
  );

  it(
    'lives through a long outage',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.emulator.stop();
      await core.clock.pass(20 * MINUTE_MS);
      assert.equal(core.get(id).trouble?.kind, 'not-sent');
      await core.emulator.start();
      assert.equal((await core.until(id, 'done')).trouble, undefined);
      assert.ok(core.wire.sent.length < 30, `${core.wire.sent.length} requests in 20 minutes`);
    }),
  );

  it(
    'asks on when the answers make no sense',
    withCore(async (core) => {
      const { id } = await core.make();
      for (const spec of [
        { kind: 'brokenJson' },
        { kind: 'wrongTypes' },
        { kind: 'emptyBody' },
        { kind: 'hugeBody' },
        { kind: 'cutBody' },
        { kind: 'code', code: 4 },
        { kind: 'code', code: 3 },
      ] as const) {
        fault(core, spec);
      }
      assert.ok((await core.until(id, 'done')).localCopy);
    }),
  );
});

describe('polling: the key', () => {
  it(
    'refused is one pause for all, and ends with a new one',
    withCore(async (core) => {
      const records = await make(core, 3);
      let told = 0;
      core.polling.onDidChangePause(() => told++);
      core.emulator.setKey('shds-a-new-key-of-the-account');
      await core.clock.pass(MINUTE_MS);
      const before = asked(core);
      assert.ok(before >= 1 && before <= 4, `${before} questions`);
      assert.deepEqual({ pause: core.polling.pause, told }, { pause: 'invalid-key', told: 1 });
      assert.equal(core.polling.getPauseReason(core.get(records[0]!.id)), 'refused-key');
      await core.clock.pass(5 * MINUTE_MS);
      assert.equal(asked(core), before);
      assert.ok(records.every(({ id }) => core.get(id).state === 'waiting' && core.get(id).trouble === undefined));

      core.keyring.set('shds-a-new-key-of-the-account');
      await core.clock.pass(1_000);
      assert.deepEqual({ pause: core.polling.pause, told }, { pause: undefined, told: 2 });
      for (const { id } of records) {
        assert.equal((await core.until(id, 'done')).account, getKeyFingerprint('shds-a-new-key-of-the-account'));
      }
    }),
  );

  it(
    'refused goes on as well when the same one is set again',
    withCore(async (core) => {
      const { id } = await core.make();
      fault(core, { kind: 'code', code: 2 });
      await core.clock.until(() => core.polling.pause !== undefined);
      core.keyring.set(KEY);
      await core.until(id, 'done');
    }),
  );

  it(
    'of another account: its tasks are asked about once and wait',
    withCore(async (core) => {
      const records = await make(core, 2);
      core.emulator.world.accounts.add('shds-another-account');
      core.keyring.set('shds-another-account');
      const before = asked(core);
      await core.clock.pass(24 * HOUR_MS);
      assert.equal(asked(core), before + 2);
      assert.deepEqual(
        records.map(({ id }) => core.polling.getPauseReason(core.get(id))),
        ['other-key', 'other-key'],
      );
      assert.equal(core.clock.timers, 0);
      for (const { id } of records) {
        assert.deepEqual(
          { state: core.get(id).state, trouble: core.get(id).trouble, account: core.get(id).account },
          { state: 'waiting', trouble: undefined, account: getKeyFingerprint(KEY) },
        );
      }
      const own = await core.make({ prompt: 'own' });
      await core.until(own.id, 'done');
      core.keyring.set(KEY);
      await core.until(records[0]!.id, 'done');
      await core.until(records[1]!.id, 'done');
    }),
  );

  it(
    'that is missing asks nothing, and goes on when it is there',
    withCore(async (core) => {
      const { id } = await core.make();
      core.keyring.set(undefined);
      const before = asked(core);
      await core.clock.pass(24 * HOUR_MS);
      assert.equal(core.polling.getPauseReason(core.get(id)), 'no-key');
      assert.deepEqual({ requests: asked(core), timers: core.clock.timers }, { requests: before, timers: 0 });
      await core.run(core.polling.checkNow(id));
      assert.equal(asked(core), before);
      core.keyring.set(KEY);
      await core.until(id, 'done');
    }),
  );

  it(
    'that cannot be read does no harm',
    withCore(async (core) => {
      const { id } = await core.make();
      const keyring = new FakeCredentials();
      let locked = true;
      const get = keyring.get.bind(keyring);
      keyring.get = () => (locked ? Promise.reject(new Error('the keyring is locked')) : get());
      const next = await core.reopen({ keyring });
      await next.clock.pass(MINUTE_MS);
      assert.equal(next.get(id).state, 'waiting');
      locked = false;
      keyring.set(KEY);
      await next.until(id, 'done');
      next.close();
    }),
  );
});

describe('polling: by hand', () => {
  it(
    'asks at once, also during a pause',
    withCore(async (core) => {
      const { id } = await core.make();
      fault(core, { kind: 'code', code: 2 });
      await core.clock.until(() => core.polling.pause !== undefined);
      core.emulator.advance(MINUTE_MS);
      await core.run(core.polling.checkNow(id));
      assert.deepEqual({ pause: core.polling.pause, state: core.get(id).state }, { pause: undefined, state: 'done' });
    }),
  );

  it(
    'ends with the pause when the key is still refused, without asking about all',
    withCore(async (core) => {
      await make(core, 9);
      fault(core, { kind: 'code', code: 2, times: 'always' });
      await core.run(core.polling.checkNow());
      assert.equal(core.polling.pause, 'invalid-key');
      assert.ok(asked(core) <= 4, `${asked(core)} questions`);
    }, ENDLESS),
  );

  it(
    'works in a window without the lease',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.clock.until(() => core.lease.held);
      const other = await buildCore({
        emulator: core.emulator,
        clock: core.clock,
        town: core.town,
        directory: core.directory,
        name: 'window-2',
      });
      await other.start();
      await core.clock.pass(5_000);
      assert.deepEqual({ core: core.lease.held, other: other.lease.held }, { core: true, other: false });
      core.emulator.advance(MINUTE_MS);
      const before = other.wire.sent.length;
      await other.run(other.polling.checkNow(id));
      assert.equal(other.wire.sent.length, before + 1);
      assert.equal(other.get(id).state, 'done');
      await core.until(id, 'done');
      other.close();
    }),
  );

  it(
    'never throws',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.run(core.polling.checkNow('nosuchtask'));
      await core.emulator.stop();
      await core.run(core.polling.checkNow(id));
      await core.run(core.polling.checkNow());
      core.store.update = () => Promise.reject(new Error('disk'));
      await core.emulator.start();
      await core.run(core.polling.checkNow(id));
    }),
  );
});

describe('polling: the window', () => {
  it(
    'that closes gives up its question and asks no more',
    withCore(async (core) => {
      const { id } = await core.make();
      fault(core, { kind: 'hang', times: 'always' });
      const checking = core.polling.checkNow(id);
      while (asked(core) === 0) {
        await new Promise(setImmediate);
      }
      core.close();
      await checking;
      const before = asked(core);
      await core.clock.pass(HOUR_MS);
      assert.deepEqual(
        { requests: asked(core), timers: core.clock.timers, inFlight: core.wire.inFlight },
        { requests: before, timers: 0, inFlight: 0 },
      );
      assert.equal(core.get(id).trouble, undefined);
    }),
  );

  it(
    'of two, one asks; when it closes, the other goes on',
    withCore(
      async (core) => {
        const { id } = await core.make();
        const other = await buildCore({
          emulator: core.emulator,
          clock: core.clock,
          town: core.town,
          directory: core.directory,
          name: 'window-2',
        });
        await other.start();
        await core.clock.pass(15_000);
        const questions = (of: TestHarness) => of.wire.sent.filter(({ url }) => url.endsWith('/result')).length;
        const [askers, silent] = [core, other].map(questions).sort((a, b) => b - a);
        assert.ok(askers! > 1);
        assert.equal(silent, 0);
        const [busy, idle] = questions(core) > 0 ? [core, other] : [other, core];
        const before = asked(core);
        busy.close();
        const closedAt = core.clock.monotonic();
        await idle.clock.until(() => asked(core) > before);
        assert.ok(core.clock.monotonic() - closedAt < 15_000);
        await idle.until(id, 'done');
        assert.equal(core.emulator.ledger.downloads().length, 1);
        other.close();
      },
      { service: { durations: 120_000 } },
    ),
  );

  it(
    'that was closed for hours asks soon',
    withCore(async (core) => {
      const { id } = await core.make();
      core.close();
      await core.clock.pass(10 * HOUR_MS);
      const next = await core.reopen();
      const start = next.clock.monotonic();
      await next.until(id, 'done');
      assert.ok(next.clock.monotonic() - start < 10_000);
      next.close();
    }),
  );

  it(
    'minds no jump of the wall clock, in either direction',
    withCore(
      async (core) => {
        const { id } = await core.make();
        for (const jump of [24 * HOUR_MS, -72 * HOUR_MS, 1_000 * HOUR_MS, -1_000 * HOUR_MS]) {
          core.clock.jump(jump);
          const before = asked(core);
          await core.clock.pass(2 * MINUTE_MS);
          const more = asked(core) - before;
          assert.ok(more >= 3 && more <= 45, `${more} questions after ${jump / HOUR_MS} h`);
          assert.equal(core.get(id).state, 'waiting');
        }
      },
      { service: { durations: 100_000 * HOUR_MS } },
    ),
  );

  it(
    'that slept goes on when it wakes up',
    withCore(async (core) => {
      const { id } = await core.make();
      await core.clock.pass(10_000);
      core.clock.freeze(8 * HOUR_MS);
      const start = core.clock.monotonic();
      await core.until(id, 'done');
      assert.ok(core.clock.monotonic() - start < MINUTE_MS);
    }),
  );

  it(
    'asks nothing about what a newer version made',
    withCore(async (core) => {
      const { id } = await core.make();
      core.close();
      const { writeFile } = await import('node:fs/promises');
      await writeFile(`${core.directory}/tasks/${id}.9.json`, JSON.stringify({ ...core.get(id), format: 99 }));
      const next = await core.reopen();
      const before = asked(core);
      await next.clock.pass(HOUR_MS);
      assert.deepEqual({ requests: asked(core), state: next.get(id).state }, { requests: before, state: 'waiting' });
      next.close();
    }),
  );

  it(
    'does not undo what another one found out meanwhile',
    withCore(async (core) => {
      const { id } = await core.make();
      fault(core, { kind: 'delay', ms: 40, afterCharge: true });
      const checking = core.polling.checkNow(id);
      const url = 'https://example.com/a.mp4';
      await core.store.update(
        id,
        transitions.withPollResult({ progress: 'done', word: 'done', url }, core.clock.now()),
      );
      await core.run(checking);
      assert.deepEqual({ state: core.get(id).state, url: core.get(id).result?.url }, { state: 'done', url });
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
