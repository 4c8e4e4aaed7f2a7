import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../../../../src/api/apiError';
import { getKeyFingerprint } from '../../../../src/common/keyFingerprint';
import { NoKeyError, StoreError } from '../../../../src/tasks/model/errors';
import type { TaskErrorKind, TaskRecord, TaskState } from '../../../../src/tasks/model/taskRecord';
import * as transitions from '../../../../src/tasks/model/transitions';
import { getPeriodSpending } from '../../../../src/tasks/spending/spending';
import type { FaultSpec } from '../../../emulator/faults';
import { createHarness, INTENT, KEY, startHarness, withHarness, type TestHarness } from '../../../support/harness';

/** What is on the disk at this very moment, newest revisions only. */
function onDisk(harness: TestHarness): TaskRecord[] {
  const folder = join(harness.directory, 'tasks');
  const newest = new Map<string, TaskRecord>();
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()) {
    newest.set(name.split('.')[0]!, JSON.parse(readFileSync(join(folder, name), 'utf8')) as TaskRecord);
  }
  return [...newest.values()];
}

const creates = (harness: TestHarness) => harness.emulator.ledger.creates().length;
const charged = (harness: TestHarness) => harness.emulator.ledger.charged().length;
const refusedWith = (kind: string) => (error: unknown) => error instanceof ApiError && error.kind === kind;

/** Generates and lets time pass. */
const generate = (harness: TestHarness, ...prompts: string[]) =>
  harness.run(harness.generate.generate(prompts.map((prompt) => ({ ...INTENT, prompt }))));

describe('generate', function () {
  this.timeout(20_000);

  it(
    'has the intent on the disk before the request leaves',
    withHarness(async (harness) => {
      let seen: TaskRecord[] = [];
      harness.requests.before = ({ url }) => void (url.endsWith('/create') && (seen = onDisk(harness)));
      const record = await harness.make({ prompt: 'кот', aspectRatio: '1:1' });
      const [written] = seen;
      assert.equal(written?.state, 'submitting');
      assert.deepEqual(written?.request, { model: INTENT.model, prompt: 'кот', aspectRatio: '1:1' });
      assert.deepEqual(
        { id: written?.id, account: written?.account, quotedPrice: written?.quotedPrice },
        { id: record.id, account: getKeyFingerprint(KEY), quotedPrice: 12 },
      );
      assert.equal(record.state, 'waiting');
      assert.equal(record.gatewayId, harness.emulator.tasks.all()[0]?.id);
      assert.deepEqual(
        onDisk(harness).map(({ gatewayId }) => gatewayId),
        [record.gatewayId],
      );
    }),
  );

  it(
    'writes all intents first, and sends one after the other',
    withHarness(async (harness) => {
      const states: TaskState[][] = [];
      harness.requests.before = ({ url }) =>
        void (url.endsWith('/create') && states.push(onDisk(harness).map(({ state }) => state)));
      const told: string[] = [];
      const records = await harness.run(
        harness.generate.generate(
          ['a', 'b', 'c'].map((prompt) => ({ ...INTENT, prompt })),
          ({ request }) => told.push(request.prompt),
        ),
      );
      assert.deepEqual(states, [
        ['submitting', 'draft', 'draft'],
        ['waiting', 'submitting', 'draft'],
        ['waiting', 'waiting', 'submitting'],
      ]);
      assert.deepEqual(
        records.map(({ request, state }) => [request.prompt, state]),
        [
          ['a', 'waiting'],
          ['b', 'waiting'],
          ['c', 'waiting'],
        ],
      );
      assert.deepEqual(told, ['a', 'b', 'c']);
      assert.equal(charged(harness), 3);
    }),
  );

  it(
    'sends the first frame, and remembers it without its bytes',
    withHarness(async (harness) => {
      const image =
        'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
      const firstFrame = { source: 'file:///cat.png', delivery: 'inline', label: 'cat.png', width: 1, height: 1 };
      const record = await harness.make({ frame: { image, firstFrame } });
      assert.deepEqual(record.request.firstFrame, firstFrame);
      assert.deepEqual((harness.emulator.ledger.creates()[0]?.body as { images: string[] }).images, [image]);
      assert.ok(![...(await harness.files()).values()].some((text) => text.includes('iVBORw0KGgo')));
    }),
  );

  it(
    'without a key writes and sends nothing',
    withHarness(async (harness) => {
      harness.credentials.set(undefined);
      await assert.rejects(harness.generate.generate([INTENT]), NoKeyError);
      await assert.rejects(harness.generate.add('687fbd658a5526000178d729'), NoKeyError);
      assert.deepEqual({ tasks: harness.store.list().length, creates: creates(harness) }, { tasks: 0, creates: 0 });
    }),
  );

  it('sends nothing when an intent cannot be written', async () => {
    const harness = await startHarness();
    const folder = await mkdtemp(join(tmpdir(), 'seedance-test-'));
    await writeFile(join(folder, 'tasks'), 'a file where the folder should be');
    const blocked = await createHarness({ emulator: harness.emulator, clock: harness.clock, directory: folder });
    try {
      await assert.rejects(blocked.run(blocked.generate.generate([INTENT, INTENT])), StoreError);
      assert.equal(creates(harness), 0);
    } finally {
      await blocked.end();
      await harness.end();
      await harness.emulator.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it(
    'withdraws those before when a later intent cannot be written',
    withHarness(async (harness) => {
      const create = harness.store.create.bind(harness.store);
      let left = 2;
      harness.store.create = (record) => (left-- > 0 ? create(record) : Promise.reject(new StoreError('disk-full')));
      await assert.rejects(
        generate(harness, 'a', 'b', 'c'),
        (error: unknown) => error instanceof StoreError && error.kind === 'disk-full',
      );
      assert.equal(creates(harness), 0);
      assert.deepEqual(
        harness.store.list().map(({ state, error }) => [state, error?.kind]),
        [
          ['failed', 'never-sent'],
          ['failed', 'never-sent'],
        ],
      );
    }),
  );

  it(
    'writes the id of a paid task for as long as it takes',
    withHarness(async (harness) => {
      const tasks = join(harness.directory, 'tasks');
      harness.requests.before = ({ url }) => (url.endsWith('/create') ? rename(tasks, `${tasks}.away`) : undefined);
      const making = harness.generate.generate([INTENT]);
      await harness.clock.pass(20_000);
      assert.equal(charged(harness), 1);
      assert.equal(harness.store.list()[0]?.state, 'submitting');
      await rename(`${tasks}.away`, tasks);
      harness.requests.before = undefined;
      const [record] = await harness.run(making);
      assert.equal(record?.gatewayId, harness.emulator.tasks.all()[0]?.id);
      assert.ok(
        harness.log.some((line) => line.includes(record?.gatewayId ?? '?')),
        'the log has it at once',
      );
      assert.equal(creates(harness), 1);
    }),
  );
});

describe('generate: a refusal', () => {
  const ends: [why: string, code: number, kind: TaskErrorKind][] = [
    ['no key', 2, 'invalid-key'],
    ['no money', 5, 'insufficient-balance'],
  ];
  for (const [why, code, kind] of ends) {
    it(
      `for ${why} ends all, and charges nothing`,
      withHarness(async (harness) => {
        harness.emulator.faults.add({ kind: 'code', code, match: { route: 'create', nth: 2 } });
        const records = await generate(harness, 'a', 'b', 'c', 'd');
        assert.deepEqual(
          records.map(({ state, error }) => [state, error?.kind]),
          [
            ['waiting', undefined],
            ['failed', kind],
            ['failed', kind],
            ['failed', kind],
          ],
        );
        assert.deepEqual({ creates: creates(harness), charged: charged(harness) }, { creates: 2, charged: 1 });
      }),
    );
  }

  for (const code of [3, 6, 7]) {
    it(
      `with code ${code} stops only its own`,
      withHarness(async (harness) => {
        harness.emulator.faults.add({ kind: 'code', code, match: { route: 'create', nth: 1 } });
        const records = await generate(harness, 'a', 'a', 'b');
        assert.deepEqual(
          records.map(({ state }) => state),
          ['failed', 'waiting', 'waiting'],
        );
      }),
    );
  }

  for (const code of [1001, 1002]) {
    it(
      `with code ${code} is not repeated with the same prompt: that may suspend the account`,
      withHarness(async (harness) => {
        harness.emulator.faults.add({ kind: 'code', code, match: { route: 'create', nth: 1 } });
        const records = await generate(harness, 'a', 'a', 'b', 'a');
        assert.deepEqual(
          records.map(({ state }) => state),
          ['failed', 'failed', 'waiting', 'failed'],
        );
        assert.equal(
          new Set(records.filter(({ state }) => state === 'failed').map(({ error }) => error?.kind)).size,
          1,
        );
        assert.equal(creates(harness), 2);
      }),
    );
  }

  it(
    'with code 1001 is not repeated with the same image',
    withHarness(async (harness) => {
      const frame = (link: string) => ({
        image: link,
        firstFrame: { source: link, delivery: 'link', label: link, link },
      });
      harness.emulator.faults.add({ kind: 'code', code: 1001, match: { route: 'create', nth: 1 } });
      const intents = ['a', 'b', 'c'].map((prompt, index) => ({
        ...INTENT,
        prompt,
        frame: frame(`https://example.com/${index >> 1}.png`),
      }));
      const records = await harness.run(harness.generate.generate(intents));
      assert.deepEqual(
        records.map(({ state }) => state),
        ['failed', 'failed', 'waiting'],
      );
    }),
  );

  it(
    'keeps what the service said',
    withHarness(async (harness) => {
      const record = await harness.make({ model: 'seedance-99' });
      assert.equal(record.state, 'failed');
      assert.equal(record.error?.kind, 'invalid-input');
      assert.equal(record.error?.issues?.[0]?.path, 'model');
      assert.equal(record.finishedAt, harness.clock.now());
    }),
  );
});

describe('generate: a lost answer', () => {
  const FAULTS: [fault: FaultSpec, kind: TaskErrorKind, charged: number][] = [
    [{ kind: 'resetBeforeRead' }, 'no-answer', 0],
    [{ kind: 'resetBeforeCharge' }, 'no-answer', 0],
    [{ kind: 'resetAfterRead' }, 'no-answer', 1],
    [{ kind: 'cutBody', atByte: 10 }, 'no-answer', 1],
    [{ kind: 'resetMidBody', atByte: 10 }, 'no-answer', 1],
    [{ kind: 'hang', afterCharge: true }, 'no-answer', 1],
    [{ kind: 'httpError', status: 504, afterCharge: true }, 'in-between', 1],
    [{ kind: 'httpError', status: 502 }, 'in-between', 0],
    [{ kind: 'code', code: 1, afterCharge: true }, 'internal', 1],
    [{ kind: 'code', code: 500 }, 'internal', 0],
    [{ kind: 'wrongTypes' }, 'bad-answer', 1],
    [{ kind: 'emptyBody' }, 'bad-answer', 1],
    [{ kind: 'hugeBody' }, 'bad-answer', 1],
    [{ kind: 'redirect', status: 302, to: 'same' }, 'redirected', 0],
    [{ kind: 'redirect', status: 307, to: 'same' }, 'redirected', 0],
    [{ kind: 'redirect', status: 308, to: 'same' }, 'redirected', 0],
    [{ kind: 'redirect', status: 307, to: 'foreign' }, 'redirected', 0],
  ];
  for (const [fault, kind, bill] of FAULTS) {
    it(
      `${JSON.stringify(fault)} leaves it unknown, and is never sent again`,
      withHarness(
        async (harness) => {
          harness.emulator.faults.add({ ...fault, match: { route: 'create' } });
          const { id, state, error } = await harness.make();
          assert.deepEqual({ state, kind: error?.kind }, { state: 'unknown', kind });
          await harness.clock.pass(3_600_000);
          const next = await harness.reopen();
          await next.clock.pass(3_600_000);
          next.close();
          assert.equal(next.get(id).state, 'unknown');
          assert.deepEqual({ creates: creates(harness), charged: charged(harness) }, { creates: 1, charged: bill });
        },
        fault.kind === 'hang' ? { timeLimitsMs: { create: 150 } } : {},
      ),
    );
  }

  it(
    'of one intent does not keep the others from being sent',
    withHarness(async (harness) => {
      harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create', nth: 1 } });
      const records = await generate(harness, 'a', 'b');
      assert.deepEqual(
        records.map(({ state }) => state),
        ['unknown', 'waiting'],
      );
      assert.deepEqual({ creates: creates(harness), charged: charged(harness) }, { creates: 2, charged: 2 });
    }),
  );

  it(
    'heals with the id found by hand, and goes on to the video',
    withHarness(async (harness) => {
      harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create' } });
      const { id } = await harness.make({ prompt: 'a cat' });
      const gatewayId = harness.emulator.tasks.all()[0]!.id;
      const healed = await harness.run(harness.generate.add(gatewayId, { bindTo: id }));
      assert.deepEqual(
        { id: healed.id, gatewayId: healed.gatewayId, state: healed.state, error: healed.error },
        { id, gatewayId, state: 'waiting', error: undefined },
      );
      assert.equal(healed.request.prompt, 'a cat');
      assert.ok((await harness.until(id, 'done')).localCopy);
      assert.equal(harness.store.list().length, 1);
      assert.equal(creates(harness), 1);
    }),
  );

  it(
    'does not heal with an id that the service does not know',
    withHarness(async (harness) => {
      harness.emulator.faults.add({ kind: 'resetBeforeRead', match: { route: 'create' } });
      const { id } = await harness.make();
      await assert.rejects(harness.run(harness.generate.add('0'.repeat(24), { bindTo: id })), refusedWith('not-found'));
      assert.equal(harness.get(id).state, 'unknown');
    }),
  );
});

describe('generate: what was certainly not sent', () => {
  it(
    'is sent again by itself, and charged once',
    withHarness(async (harness) => {
      await harness.emulator.stop();
      let attempts = 0;
      harness.requests.before = ({ url }) =>
        url.endsWith('/create') && ++attempts === 3 ? harness.emulator.start() : undefined;
      const record = await harness.make();
      assert.equal(record.state, 'waiting');
      assert.deepEqual(
        { attempts, creates: creates(harness), charged: charged(harness) },
        { attempts: 3, creates: 1, charged: 1 },
      );
    }),
  );

  it(
    'fails in the end, free of charge',
    withHarness(async (harness) => {
      await harness.emulator.stop();
      const record = await harness.make();
      assert.deepEqual({ state: record.state, kind: record.error?.kind }, { state: 'failed', kind: 'not-sent' });
      assert.equal(harness.requests.sent.length, 3);
      await harness.emulator.start();
      await harness.clock.pass(3_600_000);
      assert.equal(creates(harness), 0);
    }),
  );

  it(
    'is not sent by a window that closes',
    withHarness(async (harness) => {
      await harness.emulator.stop();
      const making = harness.generate.generate([INTENT, { ...INTENT, prompt: 'b' }]);
      await harness.clock.until(() => harness.requests.sent.length === 1);
      harness.generate.dispose();
      await harness.emulator.start();
      const records = await harness.run(making);
      assert.deepEqual(
        records.map(({ state, error }) => [state, error?.kind]),
        [
          ['failed', 'not-sent'],
          ['draft', undefined],
        ],
      );
      assert.equal(creates(harness), 0);
      const next = await harness.reopen();
      assert.deepEqual(
        next.store.list().map(({ state, error }) => [state, error?.kind]),
        [
          ['failed', 'never-sent'],
          ['failed', 'not-sent'],
        ],
      );
      next.close();
    }),
  );

  it(
    'is not sent after it was removed or withdrawn',
    withHarness(async (harness) => {
      harness.requests.before = async ({ url }) => {
        const [last, middle] = harness.store.list();
        if (url.endsWith('/create') && last?.state === 'draft') {
          await harness.store.remove(last.id);
          await harness.store.update(middle!.id, transitions.abandoned(harness.clock.now()));
        }
      };
      const records = await generate(harness, 'a', 'b', 'c');
      assert.deepEqual(
        records.map(({ state }) => state),
        ['waiting', 'failed', 'draft'],
      );
      assert.equal(harness.store.list().length, 2);
      assert.equal(creates(harness), 1);
    }),
  );
});

describe('generate: a task made elsewhere', () => {
  const elsewhere = (harness: TestHarness) =>
    harness.emulator.world.makeTask({
      owner: harness.emulator.world.account,
      model: 'seedance-2-720P-5s',
      prompt: 'made elsewhere',
      ar: '9:16',
    });

  it(
    'is followed to its video, with what the service tells about it',
    withHarness(async (harness) => {
      const { id: gatewayId, createdAtMs } = elsewhere(harness);
      const record = await harness.run(harness.generate.add(gatewayId));
      assert.deepEqual(record.request, { model: 'seedance-2-720P-5s', prompt: 'made elsewhere', aspectRatio: '9:16' });
      assert.deepEqual(
        { origin: record.origin, acceptedAt: record.acceptedAt },
        { origin: 'added', acceptedAt: Math.floor(createdAtMs / 1000) * 1000 },
      );
      assert.ok((await harness.until(record.id, 'done')).localCopy);
      assert.equal(creates(harness), 0);
    }),
  );

  it(
    'is followed once, however often it is added',
    withHarness(async (harness) => {
      const { id: gatewayId } = elsewhere(harness);
      const records = await harness.run(Promise.all([1, 2, 3].map(() => harness.generate.add(gatewayId))));
      records.push(await harness.run(harness.generate.add(gatewayId)));
      assert.equal(new Set(records.map(({ id }) => id)).size, 1);
      assert.equal(harness.store.list().length, 1);
      assert.equal(harness.emulator.ledger.results().length, 1);
    }),
  );

  it(
    'is not kept when the service does not know it, unless the user insists',
    withHarness(async (harness) => {
      const unknown = 'f'.repeat(24);
      await assert.rejects(harness.run(harness.generate.add(unknown)), refusedWith('not-found'));
      assert.equal(harness.store.list().length, 0);
      const record = await harness.run(harness.generate.add(unknown, { keepAnyway: true }));
      assert.deepEqual({ state: record.state, gatewayId: record.gatewayId }, { state: 'waiting', gatewayId: unknown });
    }),
  );

  it(
    'does not mix with a record that got its own id meanwhile',
    withHarness(async (harness) => {
      harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create' } });
      const { id } = await harness.make();
      const own = harness.emulator.tasks.all()[0]!.id;
      const { id: foreign } = elsewhere(harness);
      harness.requests.before = async ({ url }) => {
        if (url.endsWith('/result')) {
          harness.requests.before = undefined;
          await harness.store.update(id, transitions.accepted({ gatewayId: own, at: harness.clock.now() }));
        }
      };
      harness.emulator.advance(60_000);
      const other = await harness.run(harness.generate.add(foreign, { bindTo: id }));
      assert.deepEqual({ other: other.gatewayId, own: harness.get(id).gatewayId }, { other: foreign, own });
      assert.notEqual(other.id, id);
      const [first, second] = [await harness.until(id, 'done'), await harness.until(other.id, 'done')];
      assert.ok(first.result?.url.includes(own));
      assert.ok(second.result?.url.includes(foreign));
    }),
  );
});

describe('generate: the id of a paid task', function () {
  this.timeout(20_000);

  const unusual = (harness: TestHarness, fields: Record<string, unknown>, status = 200) =>
    harness.emulator.faults.add({ kind: 'unusual', status, fields, match: { route: 'create' } });
  const only = (harness: TestHarness) => {
    const [record, ...more] = harness.store.list();
    assert.equal(more.length, 0);
    return record!;
  };

  it(
    'is kept beside whatever looks like an error, even where the service cannot be asked about it',
    withHarness(async (harness) => {
      for (const [fields, status] of [
        [{ code: 500 }, 200],
        [{ code: 5 }, 200],
        [{ code: undefined, error: { message: 'late', type: 'x' } }, 500],
      ] as const) {
        for (const asked of ['answers', 'fails'] as const) {
          unusual(harness, fields, status);
          if (asked === 'fails') {
            harness.emulator.faults.add({ kind: 'httpError', status: 502, match: { route: 'result' }, times: 3 });
          }
          const { id } = await harness.make();
          const record = harness.get(id);
          assert.equal(record.gatewayId, harness.emulator.tasks.all().at(-1)!.id);
          assert.equal(record.error, undefined);
          await harness.until(id, 'done');
        }
      }
      assert.equal(charged(harness), creates(harness));
    }),
  );

  it(
    'is asked about at the next start where the window died before it could',
    withHarness(async (harness) => {
      const task = harness.emulator.world.makeTask({
        owner: harness.emulator.world.account,
        model: INTENT.model,
        prompt: 'a cat',
      });
      const { id } = await harness.run(
        harness.store.create(
          transitions.createDraft({
            id: harness.store.newId(1),
            request: { model: INTENT.model, prompt: 'a cat' },
            sender: 'dead',
            at: harness.clock.now(),
          }),
        ),
      );
      const error = transitions.toTaskError(new ApiError('internal', { taskId: task.id }), harness.clock.now());
      await harness.run(
        harness.store.update(id, (record) => transitions.answerLost(error)(transitions.submitting(1)(record))),
      );
      const next = await harness.reopen();
      await next.clock.until(() => next.get(id).gatewayId === task.id);
      assert.equal((await next.until(id, 'done')).error, undefined);
      await next.end();
    }),
  );

  for (const spec of [{ kind: 'cutBody' }, { kind: 'resetMidBody' }, { kind: 'brokenJson' }] as const) {
    it(
      `is found in what came of the answer: ${spec.kind}`,
      withHarness(async (harness) => {
        harness.emulator.faults.add({ ...spec, match: { route: 'create' } });
        const { id } = await harness.make();
        assert.equal(harness.get(id).gatewayId, harness.emulator.tasks.all()[0]!.id);
        await harness.until(id, 'done');
        assert.deepEqual({ creates: creates(harness), charged: charged(harness) }, { creates: 1, charged: 1 });
      }),
    );
  }

  it(
    'is asked about until the service can be, where it came with a refusal and could be anybody’s',
    withHarness(async (harness) => {
      const task = harness.emulator.world.makeTask({
        owner: harness.emulator.world.account,
        model: INTENT.model,
        prompt: 'a cat',
        createdAtMs: harness.clock.now() - 90 * 24 * 60 * 60_000,
      });
      harness.emulator.faults.add({ kind: 'code', code: 5, fields: { id: task.id }, match: { route: 'create' } });
      harness.emulator.faults.add({ kind: 'httpError', status: 502, match: { route: 'result' }, times: 5 });
      const { id, state } = await harness.make();
      assert.equal(state, 'unknown', 'neither refused nor believed');
      await harness.clock.until(() => harness.get(id).gatewayId === task.id);
    }),
  );

  it(
    'is nowhere in the answer: the answer is in the log and in the record, without secrets',
    withHarness(async (harness) => {
      const link = 'https://files.example/a.png?X-Amz-Signature=abcdef';
      const text = `odd: a secret cat, ${KEY}, ${link}`;
      harness.emulator.faults.add({ kind: 'unusual', text, match: { route: 'create' } });
      const { id, state } = await harness.make({ prompt: 'a secret cat' });
      assert.equal(state, 'unknown');
      const kept = harness.get(id).error?.answer ?? '';
      const logged = harness.log.find((line) => line.includes('the answer was')) ?? '';
      assert.match(kept, /^odd: a secret cat, \[key\], https:/);
      assert.match(logged, /odd: … … …, \[key\], https:/);
      for (const shown of [kept, logged]) {
        assert.ok(!shown.includes(KEY) && !shown.includes('abcdef'), shown);
      }
    }),
  );

  it(
    'is not believed where the service does not know it',
    withHarness(async (harness) => {
      for (const [code, state] of [
        [5, 'failed'],
        [500, 'unknown'],
      ] as const) {
        harness.emulator.faults.add({
          kind: 'code',
          code,
          fields: { id: '687fbd658a5526000178d729' },
          match: { route: 'create' },
        });
        const { id } = await harness.make();
        assert.deepEqual(
          { state: harness.get(id).state, gatewayId: harness.get(id).gatewayId },
          { state, gatewayId: undefined },
        );
      }
    }),
  );

  it(
    'is in the list although its record was removed meanwhile, and counts once',
    withHarness(async (harness) => {
      harness.requests.before = async ({ url }) => {
        if (url.endsWith('/create')) {
          await harness.store.remove(only(harness).id);
        }
      };
      await harness.make({ prompt: 'removed' });
      const record = only(harness);
      assert.deepEqual(
        { gatewayId: record.gatewayId, state: record.state, request: record.request, price: record.quotedPrice },
        {
          gatewayId: harness.emulator.tasks.all()[0]!.id,
          state: 'waiting',
          request: { model: INTENT.model, prompt: 'removed', aspectRatio: undefined, firstFrame: undefined },
          price: 12,
        },
      );
      const paid = [...harness.store.list(), ...harness.store.removed()];
      assert.equal(getPeriodSpending(paid, 1, harness.clock.now()).total.roubles, 12);
      harness.requests.before = undefined;
      await harness.until(record.id, 'done');
    }),
  );

  it(
    'is in the list although its record was taken over by a newer version or got another id',
    withHarness(async (harness) => {
      let id = '';
      harness.requests.before = async ({ url }) => {
        if (url.endsWith('/create')) {
          const record = harness.store.list().find(({ state }) => state === 'submitting')!;
          id = record.id;
          const file = join(harness.directory, 'tasks', `${id}.9.json`);
          await writeFile(file, JSON.stringify({ ...record, format: 99 }));
          await harness.store.rescan();
          assert.equal(harness.store.isReadOnly(id), true);
        }
      };
      await harness.make();
      const newest = () => harness.emulator.tasks.all().at(-1)!.id;
      assert.notEqual(harness.store.findByGatewayId(newest())!.id, id);
      harness.requests.before = async ({ url }) => {
        if (url.endsWith('/create')) {
          const record = harness.store.list().find(({ state, id: own }) => state === 'submitting' && own !== id)!;
          await harness.store.update(record.id, transitions.accepted({ gatewayId: 'typed-in', at: 1 }));
        }
      };
      const record = await harness.make();
      harness.requests.before = undefined;
      assert.equal(harness.get(record.id).gatewayId, 'typed-in');
      assert.notEqual(harness.store.findByGatewayId(newest())!.id, record.id);
    }),
  );

  it(
    'that was typed in is followed although the record that it was meant for is gone',
    withHarness(
      async (harness) => {
        harness.emulator.faults.add({ kind: 'hang', afterCharge: true, match: { route: 'create' } });
        const { id, state } = await harness.make();
        assert.equal(state, 'unknown');
        const gatewayId = harness.emulator.tasks.all()[0]!.id;
        harness.requests.before = async ({ url }) => {
          if (url.endsWith('/result')) await harness.store.remove(id);
        };
        const added = await harness.run(harness.generate.add(gatewayId, { bindTo: id }));
        assert.equal(added.gatewayId, gatewayId);
        assert.equal(only(harness).gatewayId, gatewayId);
      },
      { timeLimitsMs: { create: 100 } },
    ),
  );
});

describe('generate: after a window died', () => {
  const MINUTE_MS = 60_000;
  const at = (harness: TestHarness, agoMs = 0) => harness.clock.now() - agoMs;

  async function leave(harness: TestHarness, sender: string, submitted: boolean, agoMs = 0): Promise<string> {
    const { id } = await harness.run(
      harness.store.create(
        transitions.createDraft({
          id: harness.store.newId(at(harness)),
          request: { model: 'm', prompt: 'p' },
          sender,
          at: at(harness, agoMs),
        }),
      ),
    );
    if (submitted) {
      await harness.run(harness.store.update(id, transitions.submitting(at(harness, agoMs))));
    }
    return id;
  }

  it(
    'a draft was not sent, a submission may have been',
    withHarness(async (harness) => {
      const [draft, submission] = [await leave(harness, 'dead', false), await leave(harness, 'dead', true)];
      await harness.run(harness.generate.recover());
      assert.deepEqual(
        { state: harness.get(draft).state, kind: harness.get(draft).error?.kind },
        { state: 'failed', kind: 'never-sent' },
      );
      assert.deepEqual(
        { state: harness.get(submission).state, kind: harness.get(submission).error?.kind },
        { state: 'unknown', kind: 'interrupted' },
      );
      await harness.clock.pass(1_000);
      assert.equal(harness.clock.timers, 0);
      assert.equal(creates(harness), 0);
    }),
  );

  it(
    'those of a living window are left to it, and looked at again',
    withHarness(async (harness) => {
      harness.processes.start('busy');
      const ids = [
        await leave(harness, 'busy', false),
        await leave(harness, 'busy', true),
        await leave(harness, harness.identity.name, true),
      ];
      await harness.run(harness.generate.recover());
      assert.deepEqual(
        ids.map((id) => harness.get(id).state),
        ['draft', 'submitting', 'submitting'],
      );
      await harness.clock.pass(MINUTE_MS - 1_000);
      harness.processes.kill('busy');
      assert.equal(harness.get(ids[1]!).state, 'submitting');
      await harness.clock.pass(2_000);
      assert.deepEqual(
        ids.map((id) => harness.get(id).state),
        ['failed', 'unknown', 'submitting'],
      );
    }),
  );

  it(
    'those of a window that opens later and dies are settled within seconds, without anybody looking',
    withHarness(async (harness) => {
      await harness.clock.pass(60 * MINUTE_MS);
      harness.processes.start('later');
      const ids = [await leave(harness, 'later', false), await leave(harness, 'later', true)];
      await harness.clock.pass(20_000);
      assert.deepEqual(
        ids.map((id) => harness.get(id).state),
        ['draft', 'submitting'],
      );
      harness.processes.kill('later');
      await harness.clock.pass(6_000);
      assert.deepEqual(
        ids.map((id) => harness.get(id).state),
        ['failed', 'unknown'],
      );
      assert.equal(harness.clock.timers, 0);
    }),
  );

  it(
    'one that takes too long is not waited for either, where the wall clock was set back by a day',
    withHarness(async (harness) => {
      harness.processes.start('stuck');
      const id = await leave(harness, 'stuck', true);
      harness.clock.jump(-24 * 60 * MINUTE_MS);
      await harness.clock.pass(2 * MINUTE_MS);
      assert.equal(harness.get(id).state, 'submitting');
      await harness.clock.pass(MINUTE_MS);
      assert.equal(harness.get(id).state, 'unknown');
    }),
  );

  it(
    'one that takes longer than a request can is not waited for',
    withHarness(async (harness) => {
      harness.processes.start('stuck');
      const ids = [
        await leave(harness, 'stuck', false, 3 * MINUTE_MS),
        await leave(harness, 'stuck', true, 3 * MINUTE_MS),
        await leave(harness, 'stuck', false, 31 * MINUTE_MS),
      ];
      await harness.run(harness.generate.recover());
      assert.deepEqual(
        ids.map((id) => harness.get(id).state),
        ['draft', 'unknown', 'failed'],
      );
    }),
  );

  it(
    'an answer heals what another window took for lost',
    withHarness(async (harness) => {
      harness.emulator.faults.add({ kind: 'delay', ms: 300, afterCharge: true, match: { route: 'create' } });
      const making = harness.generate.generate([INTENT]);
      while (charged(harness) === 0) {
        await new Promise(setImmediate);
      }
      harness.processes.kill(harness.identity.name);
      const other = await createHarness({
        emulator: harness.emulator,
        clock: harness.clock,
        processes: harness.processes,
        directory: harness.directory,
        name: 'window-2',
      });
      await other.store.load();
      await other.generate.recover();
      const [taken] = other.store.list();
      assert.deepEqual({ state: taken?.state, kind: taken?.error?.kind }, { state: 'unknown', kind: 'interrupted' });
      const [record] = await harness.run(making);
      assert.equal(record?.state, 'waiting');
      await other.store.rescan();
      assert.deepEqual(
        { state: other.get(record.id).state, error: other.get(record.id).error },
        { state: 'waiting', error: undefined },
      );
      other.close();
      assert.deepEqual({ creates: creates(harness), charged: charged(harness) }, { creates: 1, charged: 1 });
    }),
  );

  it(
    'a record of a newer version is left alone',
    withHarness(async (harness) => {
      const id = await leave(harness, 'dead', true);
      const next = await harness.reopen();
      assert.equal(next.get(id).state, 'unknown', 'by itself, at the start');
      const file = join(next.directory, 'tasks', `${id}.9.json`);
      await writeFile(file, JSON.stringify({ ...next.get(id), format: 99, state: 'submitting' }));
      const later = await next.reopen();
      await later.run(later.generate.recover());
      assert.equal(later.store.isReadOnly(id), true);
      assert.equal(later.get(id).state, 'submitting');
      later.close();
    }),
  );
});
