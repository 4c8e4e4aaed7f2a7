import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Emulator, startEmulator } from '../../emulator/emulator';
import type { FaultSpec, Misfortune } from '../../emulator/faults';
import { Probe, type Reply } from '../../emulator/probe';
import { wait } from '../../emulator/wait';

const REQUEST = { model: 'seedance-1-pro-480P-2s', prompt: 'a cat' };

describe('emulator: faults', () => {
  let emulator: Emulator;
  let probe: Probe;

  beforeEach(async () => {
    emulator = await startEmulator({ video: Buffer.alloc(1_000, 'v') });
    probe = new Probe(emulator);
  });

  afterEach(() => emulator.close());

  const post = (init: RequestInit = {}): Promise<Response> => probe.fetch('POST', '/media/create', REQUEST, init);
  const strikeCreate = (fault: Misfortune): void => {
    emulator.faults.add({ ...fault, match: { route: 'create' } });
  };
  const made = (): number => emulator.ledger.charged().length;
  /** Waits for no answer once it has `come` to something; there was none until then. */
  const postAndLeave = async (come: () => boolean): Promise<void> => {
    const leaving = new AbortController();
    const left = assert.rejects(post({ signal: leaving.signal }), { name: 'AbortError' });
    while (!come()) {
      await wait(5);
    }
    leaving.abort();
    await left;
  };

  describe('matching', () => {
    const codes = async (...paths: string[]): Promise<number[]> => {
      const replies: number[] = [];
      for (const path of paths) {
        replies.push((await probe.ask('GET', path)).code);
      }
      return replies;
    };

    it('is by route, method and task', async () => {
      const { id } = await probe.create();
      const other = await probe.create();
      emulator.faults.add({
        kind: 'code',
        code: 6,
        times: 'always',
        match: { route: 'result', method: 'GET', taskId: id },
      });
      assert.deepEqual(
        await codes(`/media/result?task_id=${id}`, `/media/result?task_id=${other.id}`, '/media/models'),
        [6, 0, 0],
      );
      assert.equal((await probe.result(id)).code, 0);
      assert.deepEqual(emulator.faults.hits, { code: 1 });
    });

    it('is by number, times and chance', async () => {
      const models = Array.from({ length: 4 }, () => '/media/models');
      emulator.faults.add({ kind: 'code', code: 6, match: { route: 'models', nth: 3 } });
      assert.deepEqual(await codes(...models), [0, 0, 6, 0]);
      emulator.faults.clear();
      emulator.faults.add({ kind: 'code', code: 1, times: 2 });
      assert.deepEqual(await codes(...models), [1, 1, 0, 0]);
      emulator.faults.clear();
      emulator.faults.add({ kind: 'code', code: 1, probability: 0.5, times: null });
      const drawn = await codes(...Array.from({ length: 40 }, () => '/media/models'));
      const struck = drawn.filter((code) => code === 1).length;
      assert.ok(struck > 8 && struck < 32, `${struck} of 40`);
    });

    it('takes the first that fits, and every delay', async () => {
      emulator.faults.add({ kind: 'delay', ms: 30 });
      emulator.faults.add({ kind: 'delay', ms: 30 });
      emulator.faults.add({ kind: 'code', code: 1 });
      emulator.faults.add({ kind: 'code', code: 6 });
      const start = performance.now();
      assert.deepEqual(await codes('/media/models'), [1]);
      assert.ok(performance.now() - start >= 58);
      assert.deepEqual(await codes('/media/models', '/media/models'), [6, 0]);
    });

    it('refuses what can never strike', () => {
      assert.throws(() => emulator.faults.add({ kind: 'fileEmpty', match: { route: 'result' } }));
      assert.throws(() => emulator.faults.add({ kind: 'doneWithoutUrl', match: { route: 'create' } }));
      assert.throws(() => emulator.faults.add({ kind: 'dropConnection', match: { route: 'create' } }));
    });

    it('can be taken back', async () => {
      const { id } = emulator.faults.add({ kind: 'code', code: 1, times: Infinity });
      emulator.faults.remove(id);
      assert.deepEqual(await codes('/media/models'), [0]);
    });
  });

  describe('before the task is made', () => {
    it('rateLimit', async () => {
      const date = 'Fri, 02 Jan 2026 00:00:10 GMT';
      for (const [fault, header, type] of [
        [{ kind: 'rateLimit', retryAfter: 7 }, '7', /json/],
        [{ kind: 'rateLimit', retryAfter: date }, date, /json/],
        [{ kind: 'rateLimit', html: true }, null, /html/],
      ] as const) {
        strikeCreate(fault);
        const response = await post();
        assert.equal(response.status, 429);
        assert.equal(response.headers.get('retry-after'), header);
        assert.match(response.headers.get('content-type') ?? '', type);
      }
      assert.equal(made(), 0);
    });

    it('httpError', async () => {
      for (const [status, body, pattern] of [
        [502, undefined, /^<html>[^]*502 Bad Gateway/],
        [401, 'openai', /"type":"unauthorized_request_error"/],
        [504, 'empty', /^$/],
      ] as const) {
        strikeCreate({ kind: 'httpError', status, ...(body && { body }) });
        const response = await post();
        assert.equal(response.status, status);
        assert.match(await response.text(), pattern);
      }
      assert.equal(made(), 0);
    });

    it('code', async () => {
      const issues = [{ path: 'prompt', expected: 'string', message: 'no' }];
      strikeCreate({ kind: 'code', code: 3, message: 'bad', issues });
      assert.deepEqual(await probe.create(), { code: 3, message: 'bad', issues });
      assert.equal(made(), 0);
    });

    it('resetBeforeRead and resetBeforeCharge', async () => {
      for (const kind of ['resetBeforeRead', 'resetBeforeCharge'] as const) {
        strikeCreate({ kind });
        await assert.rejects(post());
        assert.equal(emulator.ledger.creates().at(-1)?.outcome.fault, kind);
      }
      const [unread, read] = emulator.ledger.creates();
      assert.equal(unread?.body, undefined);
      assert.deepEqual(read?.body, REQUEST);
      assert.equal(made(), 0);
    });

    it('dropConnection', async () => {
      emulator.faults.add({ kind: 'dropConnection', match: { origin: 'api' } });
      const socket = connect(Number(new URL(emulator.baseUrl).port), '127.0.0.1');
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(emulator.ledger.entries.length, 0);
    });

    it('redirect', async () => {
      for (const status of [301, 302, 303, 307, 308] as const) {
        strikeCreate({ kind: 'redirect', status, to: 'same' });
        const response = await post({ redirect: 'manual' });
        assert.equal(response.status, status);
        assert.equal(response.headers.get('location'), '/v1/media/create?redirected=1');
      }
      strikeCreate({ kind: 'redirect', status: 307, to: 'https://example.com/' });
      assert.equal((await post({ redirect: 'manual' })).headers.get('location'), 'https://example.com/');
      assert.equal(made(), 0);
    });

    it('redirect to a stranger, who notes whether the key came', async () => {
      strikeCreate({ kind: 'redirect', status: 307, to: 'foreign' });
      const response = await post({ redirect: 'manual' });
      const location = response.headers.get('location') ?? '';
      assert.ok(location.startsWith(emulator.foreignUrl));
      await fetch(location, { headers: { authorization: emulator.key } });
      assert.equal(emulator.ledger.leaks()[0]?.origin, 'foreign');
    });
  });

  describe('after the task is made', () => {
    it('resetAfterRead', async () => {
      strikeCreate({ kind: 'resetAfterRead' });
      await assert.rejects(post());
      assert.equal(made(), 1);
      assert.equal(emulator.ledger.spent(), 12);
      assert.deepEqual(emulator.ledger.charged()[0]?.outcome, { status: null, code: null, fault: 'resetAfterRead' });
    });

    it('hang, with and without a task', async () => {
      for (const afterCharge of [false, true]) {
        strikeCreate({ kind: 'hang', afterCharge });
        await postAndLeave(() => (afterCharge ? made() === 1 : emulator.ledger.creates().length === 1));
        assert.equal(made(), afterCharge ? 1 : 0);
      }
    });

    it('httpError and code, if so told', async () => {
      strikeCreate({ kind: 'httpError', status: 504, afterCharge: true });
      assert.equal((await post()).status, 504);
      strikeCreate({ kind: 'code', code: 500, afterCharge: true });
      assert.equal((await probe.create()).code, 500);
      assert.equal(made(), 2);
    });

    it('delay on either side of the making', async () => {
      strikeCreate({ kind: 'delay', ms: 400, afterCharge: true });
      await postAndLeave(() => made() === 1);
      strikeCreate({ kind: 'delay', ms: 400, afterCharge: false });
      await postAndLeave(() => emulator.ledger.creates().length === 2);
      assert.equal(made(), 1);
      // Nobody waits for the answer any more, but the task is made all the same.
      while (made() < 2) {
        await wait(20);
      }
    });

    it('brokenJson, emptyBody', async () => {
      strikeCreate({ kind: 'brokenJson' });
      const text = await (await post()).text();
      assert.throws(() => JSON.parse(text) as unknown, SyntaxError);
      strikeCreate({ kind: 'emptyBody' });
      const response = await post();
      assert.deepEqual({ status: response.status, body: await response.text() }, { status: 200, body: '' });
      assert.equal(made(), 2);
    });

    it('wrongTypes', async () => {
      strikeCreate({ kind: 'wrongTypes' });
      const { code, id, status } = (await (await post()).json()) as Reply;
      assert.deepEqual({ code, id: typeof id, status: typeof status }, { code: 0, id: 'number', status: 'object' });
      emulator.faults.add({ kind: 'wrongTypes', fields: { models: 'none' } });
      assert.equal((await probe.ask('GET', '/media/models'))['models'], 'none');
      emulator.faults.add({ kind: 'wrongTypes' });
      assert.equal((await probe.ask('GET', '/balance'))['balance'], 'plenty');
    });

    it('hugeBody, with and without an end', async () => {
      strikeCreate({ kind: 'hugeBody', bytes: 200_000 });
      assert.equal((await (await post()).arrayBuffer()).byteLength, 200_000);
      strikeCreate({ kind: 'hugeBody' });
      const response = await post();
      let seen = 0;
      for await (const chunk of response.body ?? []) {
        seen += (chunk as Uint8Array).length;
        if (seen > 5_000_000) {
          break;
        }
      }
      assert.equal(made(), 2);
    });

    it('cutBody, resetMidBody', async () => {
      for (const kind of ['cutBody', 'resetMidBody'] as const) {
        strikeCreate({ kind });
        const response = await post();
        assert.equal(response.status, 200);
        await assert.rejects(response.text());
      }
      assert.equal(made(), 2);
    });

    it('slowBody', async () => {
      strikeCreate({ kind: 'slowBody', bytesPerSecond: 1_200 });
      const start = performance.now();
      const response = await post();
      const headers = performance.now() - start;
      assert.equal(((await response.json()) as Reply).code, 0);
      assert.ok(performance.now() - start - headers > 60);
    });
  });

  it('doneWithoutUrl waits for a task that is done', async () => {
    emulator.faults.add({ kind: 'doneWithoutUrl', times: 2 });
    const { id } = await probe.create();
    assert.equal((await probe.result(id)).status, 'idle');
    emulator.advance(1_000);
    const seen = [await probe.result(id), await probe.result(id), await probe.result(id)];
    assert.deepEqual(
      seen.map(({ status, url }) => [status, url === null]),
      [
        ['done', true],
        ['done', true],
        ['done', false],
      ],
    );
  });

  describe('of files', () => {
    let url: string;

    beforeEach(async () => {
      url = await probe.link();
    });

    const struck = async (fault: FaultSpec, headers: Record<string, string> = {}): Promise<Response> => {
      emulator.faults.add(fault);
      const response = await fetch(url, { headers });
      assert.equal(emulator.ledger.downloads().at(-1)?.outcome.fault, fault.kind);
      return response;
    };

    it('expiredLink, notYet', async () => {
      assert.equal((await struck({ kind: 'expiredLink' })).status, 403);
      const missing = await struck({ kind: 'notYet' });
      assert.equal(missing.status, 404);
      assert.match(await missing.text(), /NoSuchKey/);
      assert.equal((await fetch(url)).status, 200);
    });

    it('fileEmpty, fileXml, fileHtml', async () => {
      for (const [kind, type, start] of [
        ['fileEmpty', /mp4/, /^$/],
        ['fileXml', /xml/, /^<\?xml/],
        ['fileHtml', /html/, /^<!doctype/],
      ] as const) {
        const response = await struck({ kind });
        assert.equal(response.status, 200);
        assert.match(response.headers.get('content-type') ?? '', type);
        assert.match(await response.text(), start);
      }
    });

    it('fileShort, resetMidBody', async () => {
      for (const fault of [
        { kind: 'fileShort', bytes: 300 },
        { kind: 'resetMidBody', atByte: 300 },
      ] as const) {
        const response = await struck(fault);
        assert.equal(response.headers.get('content-length'), '1000');
        const reader = response.body?.getReader();
        assert.ok(reader);
        const { value } = (await reader.read()) as { value: Uint8Array };
        assert.equal(value.length, 300);
        await assert.rejects(reader.read());
      }
    });

    it('fileTruncated', async () => {
      const response = await struck({ kind: 'fileTruncated', bytes: 400 });
      assert.equal((await response.arrayBuffer()).byteLength, 400);
    });

    it('fileChanged', async () => {
      const etag = (await fetch(url)).headers.get('etag') ?? '';
      emulator.faults.add({ kind: 'fileChanged' });
      assert.equal((await fetch(url)).headers.get('etag'), etag);
      const response = await fetch(url, { headers: { range: 'bytes=10-', 'if-range': etag } });
      assert.equal(response.status, 200);
      assert.notEqual(response.headers.get('etag'), etag);
      assert.notEqual((await response.arrayBuffer()).byteLength, 1_000);
      assert.notEqual((await fetch(url)).headers.get('etag'), etag);
    });

    it('fileNoRange', async () => {
      const response = await struck({ kind: 'fileNoRange' }, { range: 'bytes=10-' });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('accept-ranges'), null);
      assert.equal((await response.arrayBuffer()).byteLength, 1_000);
    });

    it('redirect to another store', async () => {
      emulator.faults.add({ kind: 'redirect', status: 302, to: 'foreign', match: { route: 'file' } });
      const response = await fetch(url);
      assert.ok(response.redirected && response.url.startsWith(emulator.foreignUrl));
      assert.equal((await response.arrayBuffer()).byteLength, 1_000);
    });
  });
});
