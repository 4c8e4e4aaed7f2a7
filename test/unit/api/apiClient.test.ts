import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import nodeFetch from 'node-fetch';
import type { ApiClientOptions, TaskRefusal, TaskResult } from '../../../src/api/apiClient';
import { HttpApiClient } from '../../../src/api/httpApiClient';
import { getChargeRisk, ApiError, type ChargeRisk, type ApiErrorKind } from '../../../src/api/apiError';
import { startEmulator, type Emulator } from '../../emulator/emulator';
import type { FaultSpec } from '../../emulator/faults';
import { KEY } from '../../support/harness';
import { StubServer } from '../../support/stubServer';

const NOW = Date.UTC(2026, 4, 20, 12);
const ID = '687fbd658a5526000178d729';
const CREATED = {
  code: 0,
  id: ID,
  model: 'm',
  prompt: 'p --ar 1:1',
  created_at: 1_753_202_021,
  status: 'idle',
  url: null,
};
const FILE = 'https://storage.yandexcloud.net/a/b.mp4';
const HTML = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';
const openAi = (type = 'some_error') => ({ error: { message: 'in their words', type, param: null, code: null } });

/** Trace lines and errors of the current test: none of them may hold the key. */
const told: string[] = [];

function apiClientAt(baseUrl: string, options: Partial<ApiClientOptions> = {}): HttpApiClient {
  return new HttpApiClient({
    fetch: nodeFetch,
    baseUrl: () => new URL(baseUrl),
    now: () => NOW,
    trace: (line) => told.push(line),
    ...options,
  });
}

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    (value) => assert.fail(`no error but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApiError, String(error));
  told.push(
    error.message,
    JSON.stringify(error),
    String(error.stack),
    String((error.cause as Error | undefined)?.stack),
  );
  return error;
}

describe('service', function () {
  this.timeout(20_000);

  let server: StubServer;
  let stranger: StubServer;
  let apiClient: HttpApiClient;
  const calls = {
    create: () => apiClient.create({ model: 'm', prompt: 'p' }, { key: KEY }),
    result: () => apiClient.result(ID, { key: KEY }),
    models: () => apiClient.models({ key: KEY }),
    balance: () => apiClient.balance({ key: KEY }),
  };
  type Call = keyof typeof calls;
  const CALLS = Object.keys(calls) as Call[];

  before(async () => {
    server = await new StubServer().open();
    stranger = await new StubServer().open();
  });
  beforeEach(() => {
    server.heard.length = 0;
    stranger.heard.length = 0;
    told.length = 0;
    apiClient = apiClientAt(`${server.origin}/v1`);
  });
  afterEach('the key is in no error and no line of the log', () => {
    assert.deepEqual(
      told.filter((text) => text.includes(KEY)),
      [],
    );
    assert.deepEqual(stranger.heard, [], 'nobody else hears anything');
  });
  after(() => Promise.all([server.close(), stranger.close()]));

  describe('requests', () => {
    it('creates with what is documented and nothing else', async () => {
      server.respondWith(CREATED);
      const created = await apiClient.create(
        { model: 'm', prompt: 'п "p"\n', aspectRatio: '9:16', image: 'https://a/b.png' },
        { key: KEY },
      );
      assert.deepEqual(created, { id: ID, createdAt: 1_753_202_021_000 });
      const [heard] = server.heard;
      assert.equal(`${heard?.method} ${heard?.url}`, 'POST /v1/media/create');
      assert.equal(heard?.headers.authorization, KEY, 'raw, without Bearer');
      assert.deepEqual(JSON.parse(heard?.body ?? ''), {
        model: 'm',
        prompt: 'п "p"\n',
        ar: '9:16',
        images: ['https://a/b.png'],
      });
    });

    it('leaves out what was not chosen', async () => {
      server.respondWith(CREATED);
      await calls.create();
      assert.deepEqual(JSON.parse(server.heard[0]?.body ?? ''), { model: 'm', prompt: 'p' });
    });

    it('asks for a result by POST, and for the balances by GET', async () => {
      server.respondWith({ code: 0, status: 'idle', url: null, balance: 1 });
      await calls.result();
      await calls.balance();
      await apiClient.balance({ key: KEY }, true);
      assert.deepEqual(
        server.heard.map(({ method, url, body }) => [method, url, body]),
        [
          ['POST', '/v1/media/result', JSON.stringify({ task_id: ID })],
          ['GET', '/v1/balance', ''],
          ['GET', '/v1/balance?useWalletBalance=true', ''],
        ],
      );
    });

    it('falls back to GET where a proxy refuses POST, and stays with it', async () => {
      server.script = ({ method }, response) =>
        method === 'POST'
          ? void response.writeHead(405).end(HTML)
          : void response.end(JSON.stringify({ code: 0, status: 'idle', models: [] }));
      await calls.result();
      await calls.result();
      await calls.models();
      assert.deepEqual(
        server.heard.map(({ method, url }) => `${method} ${url}`),
        [
          'POST /v1/media/result',
          `GET /v1/media/result?task_id=${ID}`,
          `GET /v1/media/result?task_id=${ID}`,
          'POST /v1/media/models',
          'GET /v1/media/models',
        ],
      );
    });

    it('puts a hostile id into the query as text', async () => {
      server.script = ({ method }, response) =>
        void response.writeHead(method === 'POST' ? 405 : 200).end('{"code":0,"status":"idle"}');
      await apiClient.result('../../balance?x=1&task_id=2#\r\n', { key: KEY });
      assert.equal(
        server.heard[1]?.url,
        `/v1/media/result?${new URLSearchParams({ task_id: '../../balance?x=1&task_id=2#\r\n' }).toString()}`,
      );
    });

    it('never falls back for a create', async () => {
      server.respondWith(HTML, 405);
      assert.equal((await failureOf(calls.create())).kind, 'in-between');
      assert.equal(server.heard.length, 1);
    });

    it('sends nothing with what cannot be a key', async () => {
      for (const key of ['', ' shds-1', 'a b', 'a\r\nX-Evil: 1', 'ключ', 'x'.repeat(4_097)]) {
        assert.equal((await failureOf(apiClient.balance({ key }))).kind, 'invalid-key');
      }
      assert.equal(server.heard.length, 0);
      server.respondWith({ balance: 1 });
      for (const key of ['x', '!~"\\', 'x'.repeat(4_096)]) {
        await apiClient.balance({ key });
        assert.equal(server.heard.at(-1)?.headers.authorization, key);
      }
    });

    it('uses no connection twice: a dead one would pass for a lost answer', async () => {
      server.respondWith({ ...CREATED, balance: 1 });
      await calls.balance();
      await calls.create();
      await calls.result();
      assert.equal(new Set(server.heard.map(({ port }) => port)).size, 3);
    });

    it('follows the base URL when it changes', async () => {
      let base = `${server.origin}/v1`;
      apiClient = apiClientAt('', { baseUrl: () => new URL(base) });
      server.respondWith({ balance: 1 });
      await calls.balance();
      base = `${server.origin}/v2/sub`;
      await calls.balance();
      assert.deepEqual(
        server.heard.map(({ url }) => url),
        ['/v1/balance', '/v2/sub/balance'],
      );
    });
  });

  describe('the table of errors', () => {
    const CODES: [code: number, kind: ApiErrorKind, charge: ChargeRisk][] = [
      [1, 'internal', 'possible'],
      [500, 'internal', 'possible'],
      [2, 'invalid-key', 'none'],
      [3, 'invalid-input', 'none'],
      [4, 'not-found', 'none'],
      [5, 'insufficient-balance', 'none'],
      [6, 'overloaded', 'none'],
      [7, 'model-forbidden', 'none'],
      [99, 'wrong-address', 'none'],
      [1001, 'sensitive-content', 'none'],
      [1002, 'unsafe-prompt', 'none'],
      [4711, 'internal', 'possible'],
    ];
    for (const [code, kind, charge] of CODES) {
      it(`code ${code} is ${kind}, whatever the HTTP status and the call`, async () => {
        for (const status of [200, 404, 502]) {
          for (const call of CALLS.filter((name) => name !== 'result' || (code !== 1001 && code !== 1002))) {
            server.respondWith({ code, message: 'why' }, status);
            const error = await failureOf(calls[call]());
            assert.equal(error.kind, kind, `${call}, HTTP ${status}`);
            assert.equal(getChargeRisk(error.kind), charge);
            assert.deepEqual(
              { code: error.code, status: error.status, serverMessage: error.serverMessage },
              { code, status, serverMessage: 'why' },
            );
          }
        }
      });
    }

    /** What comes from a firewall, a proxy or a server in front, with any status. */
    const NOT_THE_SERVICE = [
      HTML,
      '',
      ' ',
      '{}',
      '[]',
      'null',
      '{"code":null}',
      '{"message":"Forbidden"}',
      '{"error":"blocked"}',
      '{"detail":"Not authenticated"}',
      'Access denied',
    ];
    const STATUSES: [status: number, kind: ApiErrorKind][] = [
      [400, 'invalid-input'],
      [401, 'invalid-key'],
      [402, 'insufficient-balance'],
      [403, 'invalid-key'],
      [404, 'wrong-address'],
      [405, 'wrong-address'],
      [408, 'no-answer'],
      [410, 'wrong-address'],
      [413, 'request-too-large'],
      [422, 'invalid-input'],
      [429, 'overloaded'],
      [500, 'internal'],
      [502, 'internal'],
      [503, 'internal'],
      [504, 'internal'],
    ];
    for (const [status, kind] of STATUSES) {
      it(`HTTP ${status} without a code is ${kind} in a body of the service, and not in another`, async () => {
        for (const body of [openAi(), '{"code":0}']) {
          server.respondWith(body, status);
          const error = await failureOf(calls.create());
          assert.deepEqual(
            { kind: error.kind, status: error.status, code: error.code },
            { kind, status, code: undefined },
          );
        }
        for (const body of NOT_THE_SERVICE) {
          for (const call of body === HTML ? CALLS : (['create', 'result'] as const)) {
            server.respondWith(body, status);
            const error = await failureOf(calls[call]());
            assert.equal(error.kind, 'in-between', `${call}: ${JSON.stringify(body)}`);
            assert.equal(error.status, status);
          }
        }
      });
    }

    for (const status of [407, 511]) {
      it(`HTTP ${status} is a proxy that wants a login, and lets nothing through`, async () => {
        for (const body of NOT_THE_SERVICE) {
          server.respondWith(body, status);
          const error = await failureOf(calls.create());
          assert.equal(error.kind, 'proxy-refused');
          assert.equal(getChargeRisk(error.kind), 'none');
        }
        for (const body of [openAi(), { error: { message: 'log in', code: status } }, { code: 2, message: 'log in' }]) {
          server.respondWith(body, status);
          assert.equal((await failureOf(calls.result())).kind, 'proxy-refused', JSON.stringify(body));
        }
      });
    }

    it('believes no error of a gateway about key, money or model, whatever numbers and words it uses', async () => {
      const ofGateways: [body: object, status: number, headers?: Record<string, string>][] = [
        ...[401, 402, 403, 404, 429].flatMap((status): [object, number][] => [
          [{ error: { code: status, message: 'Forbidden' } }, status],
          [{ error: { code: String(status), message: 'DISABLED' } }, status],
          [{ error: { message: 'Access blocked by content filter', type: 'access_denied' } }, status],
          [{ code: status, message: 'Forbidden' }, status],
          [{ id: 'req-1', message: 'Unauthorized: policy violation' }, status],
          [{ id: 'req-1', status: 'error', message: 'Unauthorized' }, status],
        ]),
        [{ error: { code: 1020, message: 'Access denied' } }, 403],
        [{ code: 1020, message: 'Access denied', ray: '8a' }, 403],
        [{ code: 7, message: 'PERMISSION_DENIED', details: [] }, 403],
        [{ code: 2, message: 'UNKNOWN', details: [] }, 500],
        [{ code: 5, message: 'NOT_FOUND', details: [] }, 404],
        [{ error: { code: 403, message: 'blocked', status: 'PERMISSION_DENIED' } }, 403],
        [openAi('authentication_error'), 401, { 'www-authenticate': 'Basic realm="proxy"' }],
        [openAi(), 403, { 'www-authenticate': 'Negotiate' }],
      ];
      for (const [body, status, headers] of ofGateways) {
        for (const call of ['create', 'result', 'balance'] as const) {
          server.respondWith(body, status, headers);
          const error = await failureOf(calls[call]());
          assert.equal(error.kind, 'in-between', `${call}: ${JSON.stringify(body)}`);
          assert.equal(error.serverMessage, undefined, 'these are not the words of the service');
        }
      }
      server.respondWith(openAi('unauthorized_request_error'), 401, { 'www-authenticate': 'Bearer' });
      assert.equal((await failureOf(calls.result())).kind, 'invalid-key');
    });

    it('takes no page with HTTP 200 for an answer of the service', async () => {
      for (const page of [HTML, 'Please log in', '<?xml version="1.0"?><login/>', '\uFEFF<!doctype html><p>Welcome']) {
        for (const call of CALLS) {
          server.respondWith(page);
          assert.equal((await failureOf(calls[call]())).kind, 'in-between', page);
        }
      }
    });

    it('keeps the beginning of what it could not use, as text, and no key in it', async () => {
      server.respondWith(`<html><head><title>Blocked</title><style>p{}</style></head><body><p>by ${KEY}`, 403);
      assert.equal((await failureOf(calls.result())).answer, 'Blocked by [key]');
      server.respondWith(`{"odd": "${'x'.repeat(9_000)}"}`);
      assert.equal((await failureOf(calls.result())).answer?.length, 2_000);
    });

    it('takes the words of a message, of an error text and of the shape of OpenAI', async () => {
      for (const body of [
        { code: 1, message: 'why' },
        { code: 1, error: 'why' },
        { code: 1, error: { message: 'why' } },
      ]) {
        server.respondWith(body);
        assert.equal((await failureOf(calls.result())).serverMessage, 'why');
      }
      server.respondWith(openAi('unauthorized_request_error'), 401);
      assert.equal((await failureOf(calls.balance())).serverMessage, 'in their words');
    });

    it('goes by the type where the shape of OpenAI comes with HTTP 200', async () => {
      server.respondWith(openAi('unauthorized_request_error'));
      assert.equal((await failureOf(calls.balance())).kind, 'invalid-key');
      server.respondWith(openAi('server_error'));
      assert.equal((await failureOf(calls.create())).kind, 'internal');
      for (const [type, kind] of [
        ['unauthorized_request_error', 'invalid-key'],
        ['insufficient_balance_error', 'insufficient-balance'],
        ['insufficient_quota', 'insufficient-balance'],
        ['invalid_request_error', 'invalid-input'],
        ['rate_limit_error', 'overloaded'],
        ['server_error', 'internal'],
      ] as const) {
        for (const call of CALLS) {
          server.respondWith(openAi(type));
          assert.equal((await failureOf(calls[call]())).kind, kind, `${call}: ${type}`);
        }
      }
      server.respondWith(openAi('insufficient_balance_error'), 403);
      assert.equal((await failureOf(calls.create())).kind, 'insufficient-balance', 'the type goes before the status');
    });

    it('tells which field is wrong, and what it may be', async () => {
      const expected = 'a | b';
      server.respondWith({
        code: 3,
        message: 'Invalid input',
        issues: [{ path: 'model', expected, message: 'Invalid model' }, { path: ['images', 0] }, 'junk', { path: 7 }],
      });
      assert.deepEqual((await failureOf(calls.create())).issues, [
        { path: 'model', expected, message: 'Invalid model' },
        { path: 'images.0' },
        { path: '' },
      ]);
    });

    it('keeps no more than 20 issues', async () => {
      server.respondWith({ code: 3, issues: Array.from({ length: 5_000 }, () => ({ path: 'x' })) });
      assert.equal((await failureOf(calls.create())).issues.length, 20);
    });

    it('takes an error code with a final status for a failed task, not for a failed question', async () => {
      server.respondWith({ code: 500, status: 'failed', message: 'no video' });
      assert.deepEqual(await calls.result(), { progress: 'failed', word: 'failed', message: 'no video', code: 500 });
      server.respondWith({ code: 2, status: 'idle', message: 'Invalid token' });
      assert.equal((await failureOf(calls.result())).kind, 'invalid-key');
      server.respondWith({ code: 2, status: 'failed' });
      assert.equal((await failureOf(calls.create())).kind, 'invalid-key', 'a create that fails is refused');
    });

    it('takes no error of the question for the end of a task', async () => {
      const task = { id: ID, model: 'm', prompt: 'p', created_at: 1_753_202_021, url: null };
      for (const about of [{}, task]) {
        for (const code of [1, 2, 3, 4, 5, 6, 7, 99, 500]) {
          for (const status of [200, 400, 500]) {
            server.respondWith({ ...about, code, status: 'error', message: 'why' }, status);
            assert.equal((await failureOf(calls.result())).code, code);
            server.respondWith({ ...about, code: String(code), status: 'ERROR' }, status);
            assert.equal((await failureOf(calls.result())).code, code);
          }
        }
        for (const code of [2, 4, 5, 6, 7, 99]) {
          server.respondWith({ ...about, code, status: 'failed' });
          assert.equal((await failureOf(calls.result())).code, code);
        }
        server.respondWith({ ...about, status: 'error', message: 'why' }, 500);
        assert.equal((await failureOf(calls.result())).kind, about === task ? 'internal' : 'in-between');
        server.respondWith({ ...about, code: 0, status: 'error', message: 'why' }, 502);
        assert.equal((await failureOf(calls.result())).kind, 'internal');
      }
      server.respondWith({ status: 'error', message: 'why' });
      assert.equal((await failureOf(calls.result())).serverMessage, 'why');
      for (const end of [
        { ...task, status: 'error' },
        { code: 0, status: 'error' },
        { status: 'failed', model: 'm' },
        { code: 4711, status: 'error' },
      ]) {
        server.respondWith(end);
        assert.equal((await calls.result()).progress, 'failed', JSON.stringify(end));
      }
    });

    it('takes no end of something else for the end of the task', async () => {
      for (const other of [
        ...['failed', 'fail', 'blocked', 'rejected', 'expired', 'denied'].flatMap((status) => [
          { status },
          { status, message: 'blocked by WAF: policy violation' },
          { status, reason: 'authentication required' },
          { status, id: 'req-1', message: 'no' },
          { status, code: 'AccessDenied', message: 'no' },
          { status, id: ID.replace('8a', '8b'), model: 'm' },
        ]),
        { id: 'req-1', message: 'Access blocked by content filter' },
        { error: 'policy violation' },
        { code: 0, id: ID, url: null, message: 'content moderation in progress' },
        { code: 0, id: ID, url: null, message: 'safety check: waiting' },
      ]) {
        server.respondWith(other);
        assert.equal((await failureOf(calls.result())).kind, 'bad-answer', JSON.stringify(other));
      }
      server.respondWith({ id: 'req-1', error: { message: 'Access blocked by content filter' } }, 403);
      assert.equal((await failureOf(calls.result())).kind, 'in-between');
    });

    it('hands over an id that came beside an error, and only what can be one', async () => {
      for (const [body, status] of [
        [{ code: 500, id: ID }, 200],
        [{ code: 4711, id: ID, status: 'idle' }, 200],
        [{ code: 5, id: ID }, 200],
        [{ id: ID, error: { message: 'late', type: 'server_error' } }, 500],
        [{ id: ID, status: 'idle' }, 500],
      ] as const) {
        server.respondWith(body, status);
        assert.equal((await failureOf(calls.create())).taskId, ID, JSON.stringify(body));
      }
      for (const id of ['../x', '', null, {}, 'a b']) {
        server.respondWith({ code: 500, id });
        assert.equal((await failureOf(calls.create())).taskId, undefined);
      }
    });

    it('says how long the service asks to wait, in seconds and as a date', async () => {
      for (const [header, ms] of [
        ['7', 7_000],
        ['1.5', 1_500],
        [new Date(NOW + 90_000).toUTCString(), 90_000],
        ['nonsense', undefined],
      ] as const) {
        for (const [body, status] of [
          [HTML, 429],
          [{ code: 6 }, 200],
          [openAi(), 503],
        ] as const) {
          server.respondWith(body, status, { 'retry-after': header });
          assert.equal((await failureOf(calls.result())).retryAfterMs, ms);
        }
      }
    });

    it('repeats no key that the service repeats', async () => {
      for (const body of [
        { code: 2, message: `Incorrect key provided: ${KEY}` },
        { code: 3, issues: [{ path: 'key', message: `${KEY} is wrong`, expected: `not ${KEY}` }] },
        { error: { message: `Bearer ${KEY}`, type: 'unauthorized_request_error' } },
      ]) {
        server.respondWith(body);
        const error = await failureOf(calls.create());
        assert.ok(
          !JSON.stringify({
            ...error,
            message: error.message,
            serverMessage: error.serverMessage,
            issues: error.issues,
          }).includes(KEY),
        );
      }
      server.respondWith({ code: 0, status: 'failed', message: KEY, error: KEY, prompt: KEY, model: KEY });
      assert.ok(!JSON.stringify(await calls.result()).includes(KEY));
    });
  });

  describe('answers', () => {
    const RESULTS: [answer: object, result: Partial<TaskResult> | 'bad-answer'][] = [
      [
        { status: 'idle', url: null },
        { progress: 'pending', word: 'idle' },
      ],
      [{ status: 'idle' }, { progress: 'pending' }],
      ...['queued', 'running', 'processing', 'RUNNING', 'in_progress', 'что-то', ''].map(
        (status): [object, Partial<TaskResult>] => [
          { status, url: null },
          { progress: 'pending', word: status },
        ],
      ),
      ...['done', 'DONE', 'success', 'completed', 'succeeded'].map((status): [object, Partial<TaskResult>] => [
        { status, url: FILE },
        { progress: 'done', url: FILE },
      ]),
      ...['failed', 'error', 'fail', 'cancelled', 'canceled', 'Failed'].map((status): [object, Partial<TaskResult>] => [
        { status, url: null },
        { progress: 'failed', word: status },
      ]),
      [
        { status: 'done', url: null },
        { progress: 'pending', word: 'done' },
      ],
      [{ status: 'done', url: '' }, { progress: 'pending' }],
      [{ status: 'done' }, { progress: 'pending' }],
      [
        { status: 'idle', url: FILE },
        { progress: 'done', url: FILE },
      ],
      [
        {
          status: 'idle',
          message: 7,
          error: [],
          cost: 'much',
          created_at: 'today',
          model: {},
          prompt: 1,
          mime: null,
          x: { y: [] },
        },
        { progress: 'pending' },
      ],
      [{ status: 'idle', cost: -5 }, { progress: 'pending' }],
      [
        { status: 'failed', error: { message: 'why' } },
        { progress: 'failed', message: 'why' },
      ],
      [
        { status: 'failed', error: 'why' },
        { progress: 'failed', message: 'why' },
      ],
      [
        { status: 'failed', message: 'first', error: 'second' },
        { progress: 'failed', message: 'first' },
      ],
      [
        { status: 'done', url: FILE, cost: 122, model: 'm', prompt: 'p --ar 9:16', created_at: 1_753_202_021 },
        { cost: 122, model: 'm', prompt: 'p', aspectRatio: '9:16', createdAt: 1_753_202_021_000 },
      ],
      [{ status: 'idle', prompt: 'say --ar 4:3' }, { prompt: 'say --ar 4:3' }],
      [{}, 'bad-answer'],
      [{ status: 7 }, 'bad-answer'],
      [{ status: null }, 'bad-answer'],
      [{ status: { word: 'done' } }, 'bad-answer'],
      [{ status: 'x'.repeat(65) }, 'bad-answer'],
      [
        { status: 'done', url: 42 },
        { progress: 'pending', odd: 'no-link' },
      ],
      [
        { status: 'done', url: ['x'] },
        { progress: 'pending', odd: 'no-link' },
      ],
      ...[
        'javascript:alert(1)',
        'file:///etc/passwd',
        'data:video/mp4,x',
        'http://evil.example:8080/a.mp4',
        'a.mp4',
        'command:x',
        `https://a.example/${'x'.repeat(20_000)}`,
      ].map((url): [object, Partial<TaskResult>] => [
        { status: 'done', url },
        { progress: 'pending', odd: 'no-link' },
      ]),
      // As a browser would take them.
      ...(
        [
          [` ${FILE}\n`, FILE],
          [[FILE, 'https://a.example/second.mp4'], FILE],
          [{ url: FILE }, FILE],
          [[{ url: FILE }], FILE],
          ['http://a.example/b.mp4?x=1&amp;y=2', 'https://a.example/b.mp4?x=1&y=2'],
          ['//127.0.0.1/b.mp4', 'http://127.0.0.1/b.mp4'],
          [`"${FILE}"`, FILE],
          [`‹${FILE}›`, FILE],
          [`<${FILE}>`, FILE],
          [`[video](${FILE})`, FILE],
          [FILE.replaceAll('/', '\\/'), FILE],
          [FILE.replace('//', '/'), FILE],
          [JSON.stringify([FILE]), FILE],
          [JSON.stringify({ url: FILE }), FILE],
          [encodeURIComponent(FILE), FILE],
          [`${FILE}.`, FILE],
          [`${FILE},`, FILE],
          [`${FILE} https://a.example/second.mp4`, FILE],
          [`${FILE}\nhttps://a.example/second.mp4`, FILE],
          ['пример.рф/v.mp4', 'https://xn--e1afmkfd.xn--p1ai/v.mp4'],
          ['https://a.example/a b.mp4', 'https://a.example/a%20b.mp4'],
          ['https://a.example/a(1).mp4?x=%2F', 'https://a.example/a(1).mp4?x=%2F'],
          ['https://u:p%40@a.example/b.mp4', 'https://u:p%40@a.example/b.mp4'],
        ] as [unknown, string][]
      ).map(([url, taken]): [object, Partial<TaskResult>] => [
        { status: 'done', url },
        { progress: 'done', url: taken },
      ]),
      ...['succeed', 'READY', ' Finished ', 'TASK_STATUS_SUCCEED', 'что-то', 'failed', undefined, 7, null].map(
        (status): [object, Partial<TaskResult>] => [
          { status, url: FILE },
          { progress: 'done', url: FILE },
        ],
      ),
      ...['expired', 'EXPIRED', ' Timed Out ', 'timeout', 'time_out', 'rejected', 'aborted', 'JOB_STATE_FAILED'].map(
        (status): [object, Partial<TaskResult>] => [{ status, url: null }, { progress: 'failed' }],
      ),
      [
        { status: 'succeed', url: null },
        { progress: 'pending', odd: 'no-link' },
      ],
      [
        { status: 'что-то', url: null },
        { progress: 'pending', odd: 'unknown-word' },
      ],
    ];
    // Of other makers, whose answers come through.
    RESULTS.push(
      ...[
        { video_url: FILE },
        { url: null, videoUrl: FILE },
        { url: '', video: { url: FILE } },
        { videos: [{ url: FILE, duration: '5' }] },
        { content: { last_frame_url: 'https://a.example/last.jpg', video_url: FILE } },
        { output: FILE, urls: { get: 'https://a.example/ask', cancel: 'https://a.example/stop' } },
        { outputs: [FILE] },
        { output: { video: { url: FILE } } },
        { result: { url: FILE } },
        { task_result: { videos: [{ url: FILE }] } },
      ].map((link): [object, Partial<TaskResult>] => [
        { status: 'succeeded', ...link },
        { progress: 'done', url: FILE },
      ]),
      [{ data: { id: ID, status: 'done', url: FILE } }, { progress: 'done', url: FILE }],
      [{ data: { task_status: 'succeed', task_result: { videos: [{ url: FILE }] } } }, { progress: 'done', url: FILE }],
      [{ data: { task: { status: 'running' } } }, { progress: 'pending', word: 'running' }],
      [{ data: { task_status: 'failed', task_status_msg: 'why' } }, { progress: 'failed', message: 'why' }],
      [
        { state: 'failed', fail_reason: 'why' },
        { progress: 'failed', message: 'why' },
      ],
      ...[
        { thumbnail_url: FILE },
        { images: [FILE] },
        { urls: { get: FILE } },
        { content: { last_frame_url: FILE } },
      ].map((link): [object, Partial<TaskResult>] => [
        { status: 'done', url: null, ...link },
        { progress: 'pending', odd: 'no-link' },
      ]),
      // What was sent, and where to ask again: the task goes on.
      ...[
        { content: [{ type: 'image_url', url: FILE }] },
        { output: { url: FILE } },
        { result: { url: FILE } },
        { results: [FILE] },
      ].map((link): [object, Partial<TaskResult>] => [
        { status: 'running', ...link },
        { progress: 'pending', word: 'running' },
      ]),
      [
        { status: 'failed', message: 'why', result: 'https://help.example/errors' },
        { progress: 'failed', message: 'why' },
      ],
    );
    const ofWords = (statuses: readonly string[], told: (status: string) => Partial<TaskResult>) =>
      statuses.map((status): [object, Partial<TaskResult>] => [{ status, url: null }, told(status)]);
    const FAILED = [
      'generation_failed',
      'moderation_failed',
      'failed_moderation',
      'FAILED_NSFW',
      'processing failed',
      'Content Moderated',
      'Request Moderated',
      'content_filtered',
      'cancelled_by_user',
      'CanceledByUser',
      'denied',
      'VIDEO_GENERATION_STATUS_FAILED',
      'permanently rejected',
    ];
    const DONE = [
      'MEDIA_GENERATION_STATUS_SUCCESSFUL',
      'COMPLETED_WITH_ERRORS',
      'partial_success',
      'video_ready',
      'taskFinished',
    ];
    const PENDING = [
      'processing 40%',
      '50%',
      '12.5 %',
      'video_processing',
      'NOT_START',
      'pending moderation',
      'JOB_STATE_RUNNING',
    ];
    const NO_WORDS = ['not failed', 'retry failed shard', 'failed, retrying', 'almost done', 'no errors', 'unknown'];
    // Of a server, a request or an account: the task may go on.
    const OF_OTHERS = [
      'internal_error',
      'Server Error',
      'upstream_timeout',
      'provider failed',
      'request_failed',
      'invalid_request',
      'invalid_input',
      'user_blocked',
    ];
    RESULTS.push(
      ...ofWords(FAILED, (word) => ({ progress: 'failed', word })),
      ...ofWords(DONE, () => ({ progress: 'pending', odd: 'no-link' })),
      ...ofWords(PENDING, (word) => ({ progress: 'pending', word })),
      ...ofWords([...NO_WORDS, ...OF_OTHERS], () => ({ progress: 'pending', odd: 'unknown-word' })),
      [{ progress: 40 }, { progress: 'pending', word: '40%' }],
      [
        { status: 3, progress: '100%' },
        { progress: 'pending', word: '100%' },
      ],
    );
    for (const [answer, expected] of RESULTS) {
      it(`result ${JSON.stringify(answer).slice(0, 70)} → ${typeof expected === 'string' ? expected : JSON.stringify(expected).slice(0, 70)}`, async () => {
        server.respondWith({ code: 0, id: ID, ...answer });
        if (expected === 'bad-answer') {
          assert.equal((await failureOf(calls.result())).kind, expected);
        } else {
          const result = await calls.result();
          assert.deepEqual({ ...result, ...expected }, result);
          assert.equal(result.url !== undefined, result.progress === 'done');
        }
      });
    }

    // Whole answers, as they come from others and in what stands around them. The id of the task is in them, or none.
    const OTHER = '687fbd658a5526000178d730';
    const WRONG = 'https://storage.yandexcloud.net/a/wrong.mp4';
    const POSTER = 'https://storage.yandexcloud.net/a/poster.jpg';
    const NO_NAME = 'https://storage.yandexcloud.net/a/b';
    const ours = (fields: object) => JSON.stringify({ code: 0, id: ID, ...fields });
    const events = (...values: object[]) => values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('');
    const DONE_HERE: Partial<TaskResult> = { progress: 'done', url: FILE };
    const RUNNING_HERE: Partial<TaskResult> = { progress: 'pending', word: 'running' };
    const WHOLE: [string, string | object, Partial<TaskResult> | 'error'][] = [
      // Frames.
      [
        'events',
        `${events({ id: ID, status: 'running' }, { id: ID, status: 'done', url: FILE })}data: [DONE]\n`,
        DONE_HERE,
      ],
      ['events without ids', events({ status: 'queued' }, { status: 'running' }), RUNNING_HERE],
      [
        'named events',
        `: hi\r\nevent: task\r\nid: 7\r\ndata: ${ours({ status: 'done', url: FILE })}\r\n\r\n`,
        DONE_HERE,
      ],
      ['an event in two lines', `data: {"id":"${ID}",\ndata: "status":"running"}\n\n`, RUNNING_HERE],
      [
        'events of another task too',
        events({ id: ID, status: 'running' }, { id: OTHER, status: 'done', url: WRONG }),
        RUNNING_HERE,
      ],
      ['events of another task only', events({ id: OTHER, status: 'done', url: WRONG }), 'error'],
      [
        'half of an event',
        `${events({ id: ID, status: 'running' })}data: {"id":"${ID}","status":"done","x":{"url":"${WRONG}"`,
        RUNNING_HERE,
      ],
      ['lines', `{"id":"${ID}","status":"running"}\n{"id":"${ID}","status":"done","url":"${FILE}"}\n`, DONE_HERE],
      [
        'lines whose last is another task',
        `{"id":"${ID}","status":"running"}\n{"id":"${OTHER}","url":"${WRONG}"}\n`,
        RUNNING_HERE,
      ],
      ['a call', `cb(${ours({ status: 'running' })});`, RUNNING_HERE],
      ['a guarded call', `/**/a.b(${ours({ status: 'done', url: FILE })})`, DONE_HERE],
      ['a guard', `)]}',\n${ours({ status: 'running' })}`, RUNNING_HERE],
      ['a loop', `while(1);${ours({ status: 'running' })}`, RUNNING_HERE],
      ['a second answer', `${ours({ status: 'running' })}{"code":0}`, RUNNING_HERE],
      // Lists.
      [
        'a list',
        [
          { id: OTHER, status: 'done', url: WRONG },
          { id: ID, status: 'running' },
        ],
        RUNNING_HERE,
      ],
      ['a list of one', [{ status: 'running' }], RUNNING_HERE],
      ['a list without ids', [{ status: 'done', url: WRONG }, { status: 'running' }], 'error'],
      ['a list of others', [{ id: OTHER, status: 'done', url: WRONG }], 'error'],
      [
        'tasks',
        {
          code: 0,
          tasks: [
            { id: OTHER, status: 'done', url: WRONG },
            { id: ID, status: 'done', url: FILE },
          ],
        },
        DONE_HERE,
      ],
      ['tasks, one', { code: 0, tasks: [{ status: 'done', url: FILE }] }, DONE_HERE],
      ['tasks, none ours', { code: 0, tasks: [{ id: OTHER, status: 'done', url: WRONG }] }, 'error'],
      ['tasks without ids', { code: 0, tasks: [{ status: 'done', url: WRONG }, { status: 'running' }] }, 'error'],
      [
        'tasks deep',
        {
          data: {
            list: [
              { task_id: ID, task_status: 'running' },
              { task_id: OTHER, url: WRONG },
            ],
          },
        },
        RUNNING_HERE,
      ],
      [
        'tasks by id',
        { tasks: { [OTHER]: { status: 'done', url: WRONG }, [ID]: { status: 'running' } } },
        RUNNING_HERE,
      ],
      [
        'the history of ours',
        [
          { id: ID, status: 'queued' },
          { id: ID, status: 'done', url: FILE },
        ],
        DONE_HERE,
      ],
      [
        'another beside ours',
        { id: ID, status: 'running', next: { id: OTHER, status: 'done', url: WRONG } },
        RUNNING_HERE,
      ],
      [
        'ours beside another',
        { id: OTHER, status: 'done', url: WRONG, also: { id: ID, status: 'running' } },
        RUNNING_HERE,
      ],
      ['a record of ours', { id: OTHER, task_id: ID, status: 'done', url: FILE }, DONE_HERE],
      ['another task', { code: 0, id: OTHER, status: 'done', url: WRONG }, { progress: 'pending', odd: 'no-link' }],
      ['the end of another', { code: 1001, id: OTHER, status: 'failed' }, 'error'],
      [
        'the result of another',
        ours({ status: 'done', result: { id: OTHER, url: WRONG } }),
        { progress: 'pending', odd: 'no-link' },
      ],
      // Names of links.
      ...[
        { urls: [FILE] },
        { urls: { video: FILE, get: WRONG } },
        { link: FILE },
        { links: { self: WRONG, download: FILE } },
        {
          media: [
            { type: 'image', url: POSTER },
            { type: 'video', url: FILE },
          ],
        },
        { assets: { image: POSTER, video: FILE, thumbnail: POSTER } },
        { data: { url: FILE } },
        { resultJson: JSON.stringify({ resultUrls: [FILE] }) },
        { output: ['a cat', FILE] },
        { output: [POSTER, FILE] },
        {
          content: [
            { type: 'image_url', url: POSTER },
            { type: 'video', url: FILE },
          ],
        },
        {
          content: [
            { role: 'reference_video', video_url: { url: WRONG } },
            { type: 'video_url', video_url: { url: FILE } },
          ],
        },
        { video: { url: FILE, cover: POSTER } },
        { url: `https://api.example/v1/media/result?task_id=${ID}`, video_url: FILE },
        { fail_reason: FILE },
        { response: { generateVideoResponse: { generatedSamples: [{ video: { uri: FILE } }] } } },
      ].flatMap((link): [string, object, Partial<TaskResult>][] => [
        [`done with ${Object.keys(link).join()}`, { code: 0, id: ID, status: 'succeeded', ...link }, DONE_HERE],
        ['unknown', { code: 0, id: ID, status: 'hopping', ...link }, DONE_HERE],
        ['without a state', { code: 0, id: ID, ...link }, DONE_HERE],
        ['running', { code: 0, id: ID, status: 'running', ...link }, RUNNING_HERE],
        ['at 40 %', { code: 0, id: ID, progress: 40, ...link }, { progress: 'pending', word: '40%' }],
      ]),
      ['no video', ours({ status: 'hopping', link: NO_NAME }), { progress: 'pending', odd: 'unknown-word' }],
      ['no video, done', ours({ status: 'done', link: NO_NAME }), { progress: 'done', url: NO_NAME }],
      ...[
        { poster: WRONG },
        { input: { video: WRONG } },
        { media: [{ type: 'image', url: WRONG }] },
        { assets: { thumbnail: WRONG } },
        { link: POSTER },
        { urls: [POSTER] },
        { content: [{ url: POSTER }] },
        { video: { cover: WRONG } },
      ].map((link): [string, object, Partial<TaskResult>] => [
        'nothing but what is no video',
        { code: 0, id: ID, status: 'done', url: null, ...link },
        { progress: 'pending', odd: 'no-link' },
      ]),
      ['a still image', ours({ status: 'succeeded', output: [POSTER] }), { progress: 'done', url: POSTER }],
      ['a picture while it runs', ours({ status: 'running', url: POSTER }), RUNNING_HERE],
      ['where to ask again', ours({ status: 'running', url: `https://api.example/result/${ID}` }), RUNNING_HERE],
      ['the link at once', ours({ status: 'running', url: FILE }), DONE_HERE],
      // Words and codes.
      ['an operation', { name: `operations/${ID}`, done: false }, RUNNING_HERE],
      [
        'an operation that is over',
        { name: `operations/${ID}`, done: true, response: { video: { uri: FILE } } },
        DONE_HERE,
      ],
      [
        'an operation that failed',
        { name: `operations/${ID}`, done: true, error: { code: 3, message: 'why' } },
        { progress: 'failed', message: 'why' },
      ],
      ...[200, '200', 'success', 'SUCCESS', 'ok', 10_000].flatMap((code): [string, object, Partial<TaskResult>][] => [
        [`code ${code}`, { code, data: { task_id: ID, status: 'running' } }, RUNNING_HERE],
        [`code ${code}`, { code, data: { task_id: ID, status: 'SUCCESS', fail_reason: FILE } }, DONE_HERE],
        [`code ${code}`, { code, message: 'ok', data: { status: 'running' } }, RUNNING_HERE],
      ]),
      ['a code of success and no task', { code: 200, status: 'error' }, 'error'],
      ['what it dreams of', ours({ state: 'dreaming' }), { progress: 'pending', word: 'dreaming' }],
    ];
    for (const [name, answer, expected] of WHOLE) {
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      it(`reads a result in ${name}: ${text.slice(0, 90)}`, async () => {
        server.respondWith(text);
        if (typeof expected === 'string') {
          await failureOf(calls.result());
        } else {
          const result = await calls.result();
          assert.deepEqual({ ...result, ...expected }, result);
          assert.equal(result.odd, expected.odd);
          assert.equal(result.url !== undefined, result.progress === 'done');
        }
      });
    }

    it('reads no task out of a page, and ends none by what stands between', async () => {
      for (const text of [
        `<html><script>window.state={"id":"${ID}","status":"failed"}</script>`,
        `Blocked. {"id":"${ID}","status":"done","url":"${WRONG}"}`,
        `{"status":"blocked","request":{"task_id":"${ID}"}}`,
        `data: {"status":"blocked"}\n\n`,
        `cb({"code":403,"status":"denied"})`,
      ]) {
        for (const status of [200, 403, 500]) {
          server.respondWith(text, status);
          await failureOf(calls.result());
        }
      }
    });

    it('takes an answer in events although the stream is never closed', async () => {
      server.script = (_heard, response) =>
        void response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .write(events({ id: ID, status: 'done', url: FILE }));
      const patient = apiClientAt(`${server.origin}/v1`, { timeLimitsMs: { result: 400 } });
      assert.equal((await patient.result(ID, { key: KEY })).url, FILE);
    });

    it('asks by POST again once a GET is refused', async () => {
      let refused = 'POST';
      server.script = ({ method }, response) =>
        method === refused ? void response.writeHead(405).end(HTML) : void response.end('{"code":0,"status":"idle"}');
      await calls.result();
      refused = 'GET';
      assert.equal((await failureOf(calls.result())).kind, 'in-between');
      assert.equal((await calls.result()).word, 'idle');
    });

    for (const id of [
      undefined,
      null,
      7,
      '',
      {},
      ['a'],
      'a b',
      '../../etc',
      'a/b',
      '<script>',
      'a\n',
      'x'.repeat(129),
      'ы',
    ]) {
      it(`create with id ${JSON.stringify(id)?.slice(0, 30)} is unreadable, and may be charged`, async () => {
        server.respondWith({ ...CREATED, id });
        const error = await failureOf(calls.create());
        assert.equal(error.kind, 'bad-answer');
        assert.equal(getChargeRisk(error.kind), 'possible');
      });
    }

    it('throws no id of a paid task away for another field', async () => {
      server.respondWith({ id: ID, model: 7, prompt: [], created_at: 'yesterday', status: {}, url: 1 });
      assert.deepEqual(await calls.create(), { id: ID });
      server.respondWith({ ...CREATED, created_at: -1 }, 502);
      assert.deepEqual(await calls.create(), { id: ID }, 'a code 0 goes before the status');
      // In 1970, in milliseconds, beyond all numbers: a time that cannot be is none.
      for (const created_at of [0, 1_753_202_021_000, 1e308]) {
        server.respondWith({ ...CREATED, created_at });
        assert.deepEqual(await calls.create(), { id: ID });
        assert.equal((await calls.result()).createdAt, undefined);
      }
    });

    const OUTPUT = 'OutputVideoSensitiveContentDetected';
    for (const [body, refusal] of [
      [{ code: 1001, message: 'no' }, 'sensitive-content'],
      [{ code: 1002, message: 'no' }, 'unsafe-prompt'],
      [{ code: 1001, status: 'failed' }, 'sensitive-content'],
      [{ code: OUTPUT, message: 'no' }, 'output-refused'],
      [{ error: { code: OUTPUT, message: 'no' } }, 'output-refused'],
      [
        { code: 0, status: 'failed', error: { code: 'OutputAudioSensitiveContentDetected.PolicyViolation' } },
        'output-refused',
      ],
      [{ code: 0, status: 'failed', error: `${OUTPUT}: no` }, 'output-refused'],
      [
        { error: { code: 'InputImageSensitiveContentDetected.PrivacyInformation', message: 'no' } },
        'sensitive-content',
      ],
      [{ code: 'SensitiveContentDetected.SevereViolation', message: 'no' }, 'sensitive-content'],
      [{ error: { code: 'InputImageRealPerson.PrivacyInformation', message: 'no' } }, 'sensitive-content'],
      [{ code: 'DataInspectionFailed', message: 'Output data may contain inappropriate content.' }, 'output-refused'],
      [{ error: { code: 'DataInspectionFailed', message: 'Input data' } }, 'sensitive-content'],
      [{ code: 0, id: ID, error: { code: 'SAFETY.OUTPUT.VIDEO' } }, 'output-refused'],
      [{ code: 0, id: ID, error: { code: 'SAFETY.INPUT.TEXT' } }, 'sensitive-content'],
      [{ id: ID, error: 'content_policy_violation' }, 'sensitive-content'],
      [{ code: 0, id: ID, status: 'failed', failure_code: 'SAFETY.OUTPUT.VIDEO' }, 'output-refused'],
      [{ code: 0, id: ID, status: 'failed', reason: 'DataInspectionFailed' }, 'sensitive-content'],
      [{ code: 0, id: ID, status: 'failed', errors: [{ code: 'moderation_blocked' }] }, 'sensitive-content'],
      [{ code: 0, id: ID, message: 'Your prompt was rejected by moderation' }, 'sensitive-content'],
      [{ code: 3, message: 'The request was blocked by our moderation system' }, 'sensitive-content'],
      [{ code: 500, message: 'The generated video violates our content policy' }, 'output-refused'],
    ] as [object, TaskRefusal][]) {
      it(`ends with its reason: ${JSON.stringify(body).slice(0, 80)}`, async () => {
        for (const status of [200, 400]) {
          server.respondWith(body, status);
          const result = await calls.result();
          assert.deepEqual({ progress: result.progress, refusal: result.refusal }, { progress: 'failed', refusal });
        }
      });
    }

    it('takes no word of a firewall, a key or a running task for a refusal of content', async () => {
      for (const [body, status] of [
        [{ message: 'Blocked: policy violation' }, 403],
        [{ error: 'policy violation' }, 403],
        [{ code: 2, message: 'policy violation' }, 200],
        [{ message: 'policy violation' }, 200],
      ] as const) {
        server.respondWith(body, status);
        await failureOf(calls.result());
      }
      server.respondWith({ code: 0, status: 'running', message: 'safety check is running' });
      assert.equal((await calls.result()).progress, 'pending');
    });

    /** An id of this moment, by the clock of these tests. */
    const NEW_ID = `${Math.floor(NOW / 1000).toString(16)}8a5526000178d729`;
    const ACCEPTED = `{"code":0,"id":"${NEW_ID}","model":"m","prompt":"p","status":"idle","url":null}`;

    for (const [name, text] of [
      ['a byte order mark', `\uFEFF${ACCEPTED}`],
      ['blanks and zeros around', `\r\n \0${ACCEPTED}\0\n`],
      ['NaN', ACCEPTED.replace('null', 'NaN')],
      ['-Infinity', ACCEPTED.replace('null', '-Infinity')],
      ['a comma too many', ACCEPTED.replace('null}', 'null,}')],
    ] as const) {
      it(`takes a create with ${name} for what it is`, async () => {
        server.respondWith(text);
        assert.equal((await calls.create()).id, NEW_ID);
        server.respondWith(text.replace('"status":"idle"', '"status":"running"'));
        assert.equal((await calls.result()).word, 'running');
      });
    }

    for (const [name, text, id = NEW_ID] of [
      ['warnings before', `<br />\n<b>Warning</b>: Undefined index {x} in /a.php\n${ACCEPTED}`],
      ['a second answer after', `${ACCEPTED}{"code":0}`],
      ['a prefix against inclusion', `)]}',\n${ACCEPTED}`],
      ['a callback', `cb(${ACCEPTED});`],
      ['one level', JSON.stringify({ code: 0, data: JSON.parse(ACCEPTED) as unknown })],
      ['two levels and a list', JSON.stringify({ result: { tasks: [{ task_id: NEW_ID }] } })],
      ['another name', JSON.stringify({ code: 0, task_id: NEW_ID })],
      ['a number', '{"code":0,"id":4711,"status":"idle"}', '4711'],
      ['a number of many digits', '{"code":0,"id":12345678901234567890,"status":"idle"}', '12345678901234567890'],
      ['single quotes', `{'code': 0, 'id': '${NEW_ID}', 'url': None}`],
      ['half of it', ACCEPTED.slice(0, 60)],
      ['a page', `<html><body>Task <b>${NEW_ID}</b> was created</body></html>`],
      ['the id of an older task beside', `{"from":"687fbd658a5526000178d729","new":"${NEW_ID}"}`],
    ] as [string, string, string?][]) {
      it(`finds the id of a create in an answer with ${name}, to be asked about`, async () => {
        server.respondWith(text);
        assert.equal((await failureOf(calls.create())).taskId, id);
      });
    }

    it('finds the id under the names of others, in what is beside it, and in the headers', async () => {
      const other = 'cgt-20250722-abcde';
      const uuid = '0b1c2d3e-1111-4222-8333-444455556666';
      for (const [text, id, headers] of [
        ...['job_id', 'jobId', 'generationId', 'video_id', 'operation_id', 'name', 'request_id', 'task', 'TaskID'].map(
          (name): [string, string] => [JSON.stringify({ code: 0, [name]: other }), other],
        ),
        [JSON.stringify({ request_id: 'req-20250722-1', output: { task_id: other } }), other],
        [JSON.stringify({ code: 0, data: { id: other, user: { id: 'u-9' }, model: { id: 'm' } } }), other],
        ['{"code":0,"id":9007199254740993123,"request_id":"req-20250722-1"}', '9007199254740993123'],
        [JSON.stringify({ code: 0, id: [other] }), other],
        [JSON.stringify({ code: 0, _id: { $oid: other } }), other],
        [JSON.stringify({ code: 0, id: `tasks/${other}` }), other],
        [JSON.stringify({ code: 0, id: `{${uuid}}` }), uuid],
        [JSON.stringify({ code: 0, data: JSON.stringify({ id: other }) }), other],
        [uuid, uuid],
        [`"${uuid}"`, uuid],
        [`<?xml version="1.0"?><task><task_id>${other}</task_id></task>`, other],
        [`${'x'.repeat(150_000)}{"id":"${other}"}`, other],
        ['', other, { location: `/v1/media/result?task_id=${other}` }],
        ['', other, { location: `https://a.example/v1/tasks/${other}` }],
        ['', other, { 'x-task-id': other }],
        ['{"code":0,"id":-5}', undefined],
        ['{"code":0,"id":1.2e3}', undefined],
        ['{"code":0,"id":12.5}', undefined],
        ['{"code":0,"name":"seedance"}', undefined],
        ['{"code":0,"user":{"id":"u-9"},"trace_id":"abc-123456789"}', undefined],
        ['{"code":1,"request_id":"req-20250722-1"}', undefined],
        ['', undefined, { location: '/login?next=/v1/media/create', 'x-request-id': other }],
      ] as [string, string | undefined, Record<string, string>?][]) {
        server.respondWith(text, 200, headers);
        assert.equal((await failureOf(calls.create())).taskId, id, text.slice(0, 80) + JSON.stringify(headers));
      }
      server.respondWith('', 303, { location: `/v1/media/result?task_id=${other}` });
      assert.equal((await failureOf(calls.create())).taskId, other);
    });

    it('reads an answer by what its bytes are, whatever the headers say', async () => {
      const packed = gzipSync(ACCEPTED);
      const wrongSum = Buffer.from(packed);
      wrongSum[wrongSum.length - 5]! ^= 1;
      const utf16 = Buffer.from(ACCEPTED, 'utf16le');
      const utf32 = Buffer.from([...ACCEPTED].flatMap((char) => [char.charCodeAt(0), 0, 0, 0]));
      for (const [bytes, encoding] of [
        [ACCEPTED, 'gzip'],
        [ACCEPTED, 'br'],
        [ACCEPTED, 'deflate'],
        [ACCEPTED, 'zstd'],
        [packed],
        [gzipSync(packed), 'gzip'],
        [gzipSync(packed), 'gzip, gzip'],
        [wrongSum, 'gzip'],
        [packed.subarray(0, -8), 'gzip'],
        [Buffer.concat([packed, Buffer.from('junk')]), 'gzip'],
        [deflateSync(ACCEPTED), 'deflate'],
        [deflateRawSync(ACCEPTED), 'deflate'],
        [brotliCompressSync(ACCEPTED), 'br'],
        [utf16],
        [Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])],
        [Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()])],
        [Buffer.from(utf16).swap16()],
        [utf32],
        [Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), utf32])],
        [Buffer.from(utf32).swap32()],
        [gzipSync(utf16)],
      ] as [string | Buffer, string?][]) {
        server.script = (_heard, response) =>
          void response.writeHead(200, encoding === undefined ? {} : { 'content-encoding': encoding }).end(bytes);
        assert.equal((await calls.create()).id, NEW_ID, `${Buffer.from(bytes).toString('latin1', 0, 20)} ${encoding}`);
      }
    });

    it('finds no id in what was sent, none among several, and none where there is none', async () => {
      for (const text of [
        `{"error":{"message":"cannot read https://a.example/${NEW_ID}.png","type":"x"}}`,
        `{"prompt":"like ${NEW_ID}"}`,
        `{"ids":["${NEW_ID}","${NEW_ID.replace('8a55', '8a56')}"]}`,
        '{"request_id":"abc","code":1}',
        '{"code":500,"message":"try again"}',
        HTML,
      ]) {
        server.respondWith(text);
        const error = await failureOf(
          apiClient.create(
            { model: 'm', prompt: `like ${NEW_ID}`, image: `https://a.example/${NEW_ID}.png` },
            { key: KEY },
          ),
        );
        assert.equal(error.taskId, undefined, text);
      }
    });

    it('takes a whole object for an answer although the end of the stream is broken or never comes', async () => {
      for (const end of ['reset', 'never'] as const) {
        server.script = (_heard, response) => {
          response.writeHead(200, { 'content-length': 9_999 });
          response.write(ACCEPTED, () => end === 'reset' && setTimeout(() => response.destroy(), 30));
        };
        const patient = apiClientAt(`${server.origin}/v1`, { timeLimitsMs: { create: 400 } });
        assert.equal((await patient.create({ model: 'm', prompt: 'p' }, { key: KEY })).id, NEW_ID);
      }
      server.script = (_heard, response) => {
        response.writeHead(200, { 'content-length': 9_999 });
        response.write(ACCEPTED.slice(0, 60), () => setTimeout(() => response.destroy(), 30));
      };
      const error = await failureOf(calls.create());
      assert.deepEqual(
        { kind: error.kind, taskId: error.taskId, answer: error.answer },
        { kind: 'no-answer', taskId: NEW_ID, answer: ACCEPTED.slice(0, 60) },
      );
    });

    it('leaves out what is no model, and keeps the rest', async () => {
      server.respondWith({
        code: 0,
        models: [
          { id: 'a', price: 5 },
          null,
          7,
          { id: '' },
          { id: 'b', price: 'x' },
          { id: 'c', price: -1 },
          { price: 3 },
          { id: 'd', x: 1 },
        ],
      });
      assert.deepEqual(await calls.models(), [{ id: 'a', price: 5 }, { id: 'b' }, { id: 'c' }, { id: 'd' }]);
      server.respondWith({ code: 0, models: { id: 'a' } });
      assert.equal((await failureOf(calls.models())).kind, 'bad-answer');
    });

    it('reads a balance below zero', async () => {
      server.respondWith({ orgId: 7, object: 'balance', balance: -51.54397, creditLimit: 15_000 });
      assert.deepEqual(await calls.balance(), { balance: -51.54397, creditLimit: 15_000 });
      server.respondWith({ balance: 'plenty' });
      assert.equal((await failureOf(calls.balance())).kind, 'bad-answer');
    });

    for (const text of [
      '',
      ' ',
      'null',
      '[]',
      '7',
      '"done"',
      '{',
      '{"code":0,',
      '{"code":0}{"code":0}',
      `${'['.repeat(100_000)}`,
    ]) {
      it(`${JSON.stringify(text.slice(0, 30))} is unreadable for every call`, async () => {
        for (const call of CALLS) {
          server.respondWith(text);
          const error = await failureOf(calls[call]());
          assert.equal(error.kind, 'bad-answer', call);
          assert.equal(error.status, 200);
        }
      });
    }

    it('reads what is compressed, and not more of it than the limit', async () => {
      const says = (text: string) => {
        server.script = (_heard, response) =>
          void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
      };
      says(JSON.stringify({ balance: 3 }));
      assert.equal((await calls.balance()).balance, 3);
      says(`{"balance": 3, "x": "${' '.repeat(3_000_000)}"}`);
      const error = await failureOf(calls.balance());
      assert.equal(error.kind, 'bad-answer');
      assert.match(error.message, /more than 1048576 bytes/);
    });

    it('stops reading an answer without end', async () => {
      let closed = false;
      server.script = (_heard, response) => {
        const chunk = Buffer.alloc(64 * 1024, ' ');
        const pour = () => {
          while (!closed && response.write(chunk));
        };
        response.on('drain', pour).on('close', () => (closed = true));
        pour();
      };
      assert.equal((await failureOf(calls.create())).kind, 'bad-answer');
      while (!closed) {
        await new Promise(setImmediate);
      }
    });
  });

  describe('redirects', () => {
    const BODY = { code: 0, id: ID, status: 'idle', url: null, models: [], balance: 1 };
    const redirect = (status: number, location: string | undefined) => {
      server.script = ({ url }, response) =>
        url.startsWith('/moved')
          ? void response.end(JSON.stringify(BODY))
          : void response.writeHead(status, location === undefined ? {} : { location }).end(HTML);
    };

    for (const status of [307, 308]) {
      it(`${status} on the same origin is followed, with key and body`, async () => {
        for (const call of CALLS.filter((name) => name !== 'create')) {
          server.heard.length = 0;
          redirect(status, '/moved?x=1');
          await calls[call]();
          const [first, second] = server.heard;
          assert.equal(second?.url, '/moved?x=1');
          assert.deepEqual(
            { method: second?.method, body: second?.body, authorization: second?.headers.authorization },
            { method: first?.method, body: first?.body, authorization: KEY },
          );
        }
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it(`${status} is never followed by a create, which is sent once and may be charged`, async () => {
        for (const location of [
          '/moved?x=1',
          '/v1/media/create',
          '',
          `${server.origin}/moved`,
          `${stranger.origin}/x`,
        ]) {
          server.heard.length = 0;
          redirect(status, location);
          const { kind, status: told } = await failureOf(calls.create());
          assert.deepEqual(
            { kind, told, risk: getChargeRisk(kind), heard: server.heard.map(({ method, url }) => `${method} ${url}`) },
            { kind: 'redirected', told: status, risk: 'possible', heard: ['POST /v1/media/create'] },
            location,
          );
        }
      });
    }

    it('that answers a create and names the task all the same is taken at its word', async () => {
      server.script = (_heard, response) =>
        void response.writeHead(307, { location: '/moved' }).end(JSON.stringify(BODY));
      assert.deepEqual(await calls.create(), { id: ID });
      assert.equal(server.heard.length, 1);
    });

    for (const status of [301, 302, 303]) {
      it(`${status} is followed for a GET and refused for a POST`, async () => {
        redirect(status, '/moved');
        assert.equal((await calls.balance()).balance, 1);
        server.heard.length = 0;
        const error = await failureOf(calls.create());
        assert.deepEqual(
          { kind: error.kind, status: error.status, chargeRisk: getChargeRisk(error.kind) },
          { kind: 'redirected', status, chargeRisk: 'possible' },
        );
        assert.equal(server.heard.length, 1);
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it(`${status} to another origin is never followed`, async () => {
        for (const location of [
          `${stranger.origin}/v1/media/create`,
          `//${new URL(stranger.origin).host}/x`,
          `${server.origin.replace('http:', 'https:')}/moved`,
          'file:///etc/passwd',
          'http://[',
          'javascript:1',
        ]) {
          for (const call of CALLS) {
            redirect(status, location);
            assert.equal((await failureOf(calls[call]())).kind, 'redirected', `${call} to ${location}`);
          }
        }
      });
    }

    it('is not followed to another origin by way of the same', async () => {
      server.script = ({ url }, response) =>
        void response.writeHead(307, { location: url === '/v1/balance' ? '/moved' : `${stranger.origin}/x` }).end();
      assert.equal((await failureOf(calls.balance())).kind, 'redirected');
    });

    it('is not followed in circles', async () => {
      redirect(308, '/v1/balance');
      assert.equal((await failureOf(calls.balance())).kind, 'redirected');
      assert.equal(server.heard.length, 4);
    });

    it('without a target is an answer like any other', async () => {
      redirect(302, undefined);
      assert.equal((await failureOf(calls.create())).kind, 'redirected');
      redirect(304, undefined);
      assert.equal((await failureOf(calls.result())).kind, 'redirected');
    });

    it('that leads nowhere may have been heard', async () => {
      let hops = 0;
      server.script = (_heard, response) => {
        hops++;
        response.writeHead(307, { location: '/moved' }).end();
        void server.close();
      };
      const error = await failureOf(calls.result());
      assert.equal(hops, 1);
      assert.deepEqual(
        { kind: error.kind, chargeRisk: getChargeRisk(error.kind) },
        { kind: 'no-answer', chargeRisk: 'possible' },
      );
      server = await new StubServer().open();
    });
  });

  describe('connections', () => {
    it('that are refused: nothing was sent', async () => {
      const closed = await new StubServer().open();
      const { origin } = closed;
      await closed.close();
      for (const host of ['127.0.0.1', 'localhost']) {
        apiClient = apiClientAt(`${origin.replace('127.0.0.1', host)}/v1`);
        for (const call of CALLS) {
          const error = await failureOf(calls[call]());
          assert.deepEqual(
            { kind: error.kind, chargeRisk: getChargeRisk(error.kind) },
            { kind: 'not-sent', chargeRisk: 'none' },
            `${call} at ${host}`,
          );
        }
      }
    });

    it('to a name that does not exist: nothing was sent', async () => {
      apiClient = apiClientAt('http://name.invalid/v1', { timeLimitsMs: { create: 1_500 } });
      const error = await failureOf(calls.create());
      // Where the name server does not answer at all, the time limit comes first.
      assert.ok(error.kind === 'not-sent' || error.kind === 'no-answer', error.message);
    });

    describe('that are never open: nothing was sent, whatever ends them', () => {
      const sockets = new Set<Socket>();
      let handle: (socket: Socket) => void;
      const raw = createServer((socket) => {
        sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
        handle(socket);
      });
      let port: number;
      before(async () => {
        await new Promise<void>((resolve) => void raw.listen(0, '127.0.0.1', resolve));
        ({ port } = raw.address() as AddressInfo);
      });
      after(async () => {
        sockets.forEach((socket) => socket.destroy());
        await new Promise((resolve) => raw.close(resolve));
      });
      const secure = (options: Partial<ApiClientOptions> = {}) =>
        apiClientAt(`https://127.0.0.1:${port}/v1`, { timeLimitsMs: { connect: 150, create: 1_500 }, ...options });
      const create = (client: HttpApiClient) => failureOf(client.create({ model: 'm', prompt: 'p' }, { key: KEY }));

      for (const [name, act] of [
        ['a reset at once', (socket) => void socket.resetAndDestroy()],
        ['a reset in the handshake', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
        ['an end in the handshake', (socket) => void socket.once('data', () => socket.end())],
        ['silence in the handshake', (socket) => void socket.resume()],
        ['no TLS at all', (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
        ['half of a handshake', (socket) => void socket.once('data', () => socket.write('\x16\x03\x03\x00\x7a\x02'))],
      ] as [string, (socket: Socket) => void][]) {
        it(name, async () => {
          handle = act;
          const { kind } = await create(secure());
          assert.deepEqual({ kind, risk: getChargeRisk(kind) }, { kind: 'not-sent', risk: 'none' });
        });
      }

      it('an address that drops packets, within a limit of its own', async function () {
        // Shorter than the limit of the answer, which would end it otherwise.
        this.timeout(10_000);
        // Nothing ever comes of the connection, as where a firewall drops its first packet.
        class Nowhere extends Agent {
          override createConnection(): Socket {
            return Object.defineProperty(new Socket(), 'connecting', { value: true });
          }
        }
        const agent = new Nowhere();
        const client = apiClientAt('http://127.0.0.1:9/v1', {
          fetch: (url, init) => nodeFetch(url, { ...init, agent }),
          timeLimitsMs: { connect: 150, create: 60_000 },
        });
        assert.equal((await create(client)).kind, 'not-sent');
      });

      for (const status of [403, 407, 502, 503]) {
        it(`a proxy that answers HTTP ${status} to CONNECT`, async () => {
          handle = (socket) =>
            void socket.once('data', () =>
              socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: ${HTML.length}\r\n\r\n${HTML}`),
            );
          // As agents for proxies do it: what the proxy says instead of 200 is handed over on a socket without TLS.
          class Tunnel extends SecureAgent {
            override createConnection(): Socket {
              return connect(port, '127.0.0.1');
            }
          }
          const agent = new Tunnel();
          const { kind, status: told } = await create(
            // An answer comes: on a busy machine not within the short limit of the tests above.
            secure({
              fetch: (url, init) => nodeFetch(url, { ...init, agent }),
              timeLimitsMs: { connect: 10_000, create: 10_000 },
            }),
          );
          assert.deepEqual(
            { kind, told, risk: getChargeRisk(kind) },
            { kind: 'proxy-refused', told: status, risk: 'none' },
          );
        });
      }
    });

    it('with a TLS session: what is sent over it may have arrived, whatever ends it', async () => {
      // By a shared secret, so that no certificate has to lie around.
      const psk = Buffer.from('0123456789abcdef');
      const options = { ciphers: 'PSK', maxVersion: 'TLSv1.2' as const };
      const heard: string[] = [];
      let handle = (socket: Socket): void => void socket.destroy();
      const tls = createTlsServer({ ...options, pskCallback: () => psk }, (socket) =>
        socket
          .on('error', () => undefined)
          .once('data', (bytes: Buffer) => {
            heard.push(bytes.toString());
            handle(socket);
          }),
      );
      await new Promise<void>((resolve) => void tls.listen(0, '127.0.0.1', resolve));
      const agent = new SecureAgent({
        ...options,
        pskCallback: () => ({ psk, identity: 'x' }),
        checkServerIdentity: () => undefined,
      });
      const client = apiClientAt(`https://127.0.0.1:${(tls.address() as AddressInfo).port}/v1`, {
        fetch: (url, init) => nodeFetch(url, { ...init, agent }),
        timeLimitsMs: { connect: 300, create: 800 },
      });
      try {
        for (const act of [
          (socket: Socket) => void socket.destroy(),
          (socket: Socket) => void socket.end(),
          () => undefined,
        ]) {
          handle = act;
          assert.equal((await failureOf(client.create({ model: 'm', prompt: 'p' }, { key: KEY }))).kind, 'no-answer');
        }
        assert.equal(heard.length, 3);
        const text = JSON.stringify(CREATED);
        handle = (socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
        assert.equal((await client.create({ model: 'm', prompt: 'p' }, { key: KEY })).id, ID);
      } finally {
        agent.destroy();
        tls.close();
      }
    });

    it('that are open and silent: cannot be known', async () => {
      server.script = () => undefined;
      const impatient = apiClientAt(`${server.origin}/v1`, { timeLimitsMs: { connect: 50, create: 300 } });
      assert.equal((await failureOf(impatient.create({ model: 'm', prompt: 'p' }, { key: KEY }))).kind, 'no-answer');
    });

    it('that are reset before, in and after the answer: it may have arrived', async () => {
      const scripts: StubServer['script'][] = [
        (_heard, response) => response.socket?.resetAndDestroy(),
        (_heard, response) => response.socket?.end(),
        (_heard, response) => {
          response.writeHead(200, { 'content-length': 500 });
          response.write('{"code":0,');
          setTimeout(() => response.socket?.resetAndDestroy(), 5);
        },
        (_heard, response) => {
          response.writeHead(200, { 'content-length': 500 });
          response.write('{"code":0,');
          setTimeout(() => response.socket?.end(), 5);
        },
        (_heard, response) => {
          response.writeHead(200);
          response.write('{"code":0,"status":"idle","models":[{},');
          setTimeout(() => response.socket?.end(), 5);
        },
        (_heard, response) => void response.socket?.end('this is not HTTP\r\n\r\n'),
        (_heard, response) => void response.socket?.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
      ];
      for (const [index, script] of scripts.entries()) {
        server.script = script;
        for (const call of CALLS) {
          const error = await failureOf(calls[call]());
          assert.deepEqual(
            { kind: error.kind, chargeRisk: getChargeRisk(error.kind) },
            { kind: 'no-answer', chargeRisk: 'possible' },
            `${call}, script ${index}`,
          );
        }
      }
    });

    it('that stay silent end with the time limit of the call', async () => {
      server.script = () => undefined;
      apiClient = apiClientAt(`${server.origin}/v1`, {
        timeLimitsMs: { create: 30, result: 30, models: 30, balance: 30 },
      });
      for (const call of CALLS) {
        const error = await failureOf(calls[call]());
        assert.deepEqual(
          { kind: error.kind, chargeRisk: getChargeRisk(error.kind) },
          { kind: 'no-answer', chargeRisk: 'possible' },
        );
      }
    });

    it('that drip end with the time limit as well', async () => {
      server.script = (_heard, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(timer));
      };
      apiClient = apiClientAt(`${server.origin}/v1`, { timeLimitsMs: { result: 40 } });
      assert.equal((await failureOf(calls.result())).kind, 'no-answer');
    });

    it('end when the caller gives up, before and during', async () => {
      server.script = () => undefined;
      const abort = new AbortController();
      const asked = failureOf(apiClient.result(ID, { key: KEY, signal: abort.signal }));
      while (server.heard.length === 0) {
        await new Promise(setImmediate);
      }
      abort.abort();
      assert.equal((await asked).kind, 'aborted');
      assert.equal((await failureOf(apiClient.result(ID, { key: KEY, signal: abort.signal }))).kind, 'aborted');
      assert.equal(server.heard.length, 1);
    });
  });
});

describe('service: every fault of the emulator', function () {
  this.timeout(20_000);

  let emulator: Emulator;
  beforeEach(async () => (emulator = await startEmulator({ key: KEY })));
  afterEach(() => emulator.close());

  /** A connection that breaks at once breaks while it is made, or just after: chance decides. */
  const EITHER = 'not-sent or no-answer';
  type Outcome = ApiErrorKind | 'ok' | typeof EITHER;
  type Row = [fault: FaultSpec, create: Outcome, result: Outcome, charged: boolean];
  const ROWS: Row[] = [
    [{ kind: 'delay', ms: 5 }, 'ok', 'ok', true],
    [{ kind: 'rateLimit' }, 'overloaded', 'overloaded', false],
    [{ kind: 'rateLimit', retryAfter: 3, html: true }, 'in-between', 'in-between', false],
    ...[401, 403, 404, 405, 413].map((status): Row => [
      { kind: 'httpError', status, times: 2 },
      'in-between',
      'in-between',
      false,
    ]),
    ...([401, 403] as const).map((status): Row => [
      { kind: 'httpError', status, body: 'openai' },
      'invalid-key',
      'invalid-key',
      false,
    ]),
    ...(['html', 'openai', 'empty'] as const).flatMap((body) =>
      [500, 502, 503, 504].flatMap((status): Row[] => {
        const kind = body === 'openai' ? 'internal' : 'in-between';
        return [
          [{ kind: 'httpError', status, body }, kind, kind, false],
          [{ kind: 'httpError', status, body, afterCharge: true }, kind, kind, true],
        ];
      }),
    ),
    [{ kind: 'code', code: 6 }, 'overloaded', 'overloaded', false],
    [{ kind: 'code', code: 1, afterCharge: true }, 'internal', 'internal', true],
    [{ kind: 'brokenJson' }, 'bad-answer', 'bad-answer', true],
    [{ kind: 'wrongTypes' }, 'bad-answer', 'bad-answer', true],
    [{ kind: 'emptyBody' }, 'bad-answer', 'bad-answer', true],
    [{ kind: 'hugeBody', bytes: 2_000_000 }, 'bad-answer', 'bad-answer', true],
    [{ kind: 'hugeBody' }, 'bad-answer', 'bad-answer', true],
    [{ kind: 'resetBeforeRead' }, 'no-answer', 'no-answer', false],
    [{ kind: 'resetBeforeCharge' }, 'no-answer', 'no-answer', false],
    [{ kind: 'resetAfterRead' }, 'no-answer', 'no-answer', true],
    [{ kind: 'hang' }, 'no-answer', 'no-answer', false],
    [{ kind: 'hang', afterCharge: true }, 'no-answer', 'no-answer', true],
    [{ kind: 'cutBody' }, 'no-answer', 'no-answer', true],
    [{ kind: 'resetMidBody' }, 'no-answer', 'no-answer', true],
    [{ kind: 'slowBody', bytesPerSecond: 3_000 }, 'ok', 'ok', true],
    [{ kind: 'redirect', status: 307, to: 'same' }, 'redirected', 'ok', false],
    [{ kind: 'redirect', status: 308, to: 'same' }, 'redirected', 'ok', false],
    [{ kind: 'redirect', status: 302, to: 'same' }, 'redirected', 'redirected', false],
    [{ kind: 'redirect', status: 307, to: 'foreign' }, 'redirected', 'redirected', false],
    [{ kind: 'redirect', status: 303, to: 'foreign' }, 'redirected', 'redirected', false],
    [{ kind: 'dropConnection' }, EITHER, EITHER, false],
  ];
  for (const [fault, create, result, charged] of ROWS) {
    it(`${JSON.stringify(fault)}: create ${create}, result ${result}`, async () => {
      const patient = apiClientAt(emulator.baseUrl);
      const apiClient =
        fault.kind === 'hang' ? apiClientAt(emulator.baseUrl, { timeLimitsMs: { create: 150, result: 150 } }) : patient;
      const outcome = (call: Promise<unknown>) =>
        call.then(
          () => 'ok',
          (error: unknown) => (error instanceof ApiError ? error.kind : String(error)),
        );
      const intent = { model: 'seedance-1-pro-480P-2s', prompt: 'p' };
      emulator.faults.add(fault);
      const created = await outcome(apiClient.create(intent, { key: KEY }));
      assert.ok(create.split(' or ').includes(created), created);
      assert.equal(emulator.ledger.charged().length, charged ? 1 : 0);
      // What was charged is never said to be free.
      assert.ok(!charged || created === 'ok' || getChargeRisk(created as ApiErrorKind) === 'possible');

      emulator.faults.clear();
      const { id } = await patient.create(intent, { key: KEY });
      emulator.faults.add(fault);
      const told = await outcome(apiClient.result(id, { key: KEY }));
      assert.ok(result.split(' or ').includes(told), told);
      emulator.faults.clear();
      assert.equal(await outcome(patient.result(id, { key: KEY })), 'ok');
      assert.deepEqual(emulator.ledger.leaks(), []);
    });
  }

  it('knows every fault that can strike a call', () => {
    const tried = new Set(ROWS.map(([{ kind }]) => kind));
    assert.equal(tried.size, 17);
  });
});
