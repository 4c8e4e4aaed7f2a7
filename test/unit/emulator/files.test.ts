import assert from 'node:assert/strict';
import { type Emulator, startEmulator } from '../../emulator/emulator';
import { Probe } from '../../emulator/probe';
import { readRange } from '../../emulator/range';

const HOUR_MS = 3_600_000;

describe('emulator: result files', () => {
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));
  let emulator: Emulator;
  let probe: Probe;
  let url: string;

  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
    fetch(url, { headers, method });
  const read = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

  beforeEach(async () => {
    emulator = await startEmulator({ video: bytes });
    probe = new Probe(emulator);
    url = await probe.link();
  });

  afterEach(() => emulator.close());

  it('lie on an origin of their own, behind a path that cannot be guessed', async () => {
    assert.ok(url.startsWith(`${emulator.filesUrl}/`));
    assert.notEqual(new URL(url).origin, new URL(emulator.baseUrl).origin);
    const guessed = url.replace(/[0-9a-f]{12}(?=\/)/, '0'.repeat(12));
    assert.notEqual(guessed, url);
    assert.equal((await fetch(guessed)).status, 403);
  });

  it('come whole, with all that a download needs to go on later', async () => {
    const response = await get();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'video/mp4');
    assert.equal(response.headers.get('content-length'), '1000');
    assert.equal(response.headers.get('accept-ranges'), 'bytes');
    assert.match(response.headers.get('etag') ?? '', /^"[0-9a-f]{32}"$/);
    assert.ok(Date.parse(response.headers.get('last-modified') ?? ''));
    assert.deepEqual(await read(response), bytes);
    const head = await get({}, 'HEAD');
    assert.equal(head.headers.get('content-length'), '1000');
  });

  it('come in ranges', async () => {
    for (const [range, start, end] of [
      ['bytes=0-99', 0, 99],
      ['bytes=500-', 500, 999],
      ['bytes=-10', 990, 999],
      ['bytes=990-5000', 990, 999],
    ] as const) {
      const response = await get({ range });
      assert.equal(response.status, 206);
      assert.equal(response.headers.get('content-range'), `bytes ${start}-${end}/1000`);
      assert.deepEqual(await read(response), bytes.subarray(start, end + 1));
    }
  });

  it('refuse a range that they do not have', async () => {
    const response = await get({ range: 'bytes=1000-' });
    assert.equal(response.status, 416);
    assert.equal(response.headers.get('content-range'), 'bytes */1000');
  });

  it('come whole when If-Range names another file', async () => {
    const { headers } = await get({}, 'HEAD');
    const range = 'bytes=10-';
    assert.equal((await get({ range, 'if-range': headers.get('etag') ?? '' })).status, 206);
    assert.equal((await get({ range, 'if-range': headers.get('last-modified') ?? '' })).status, 206);
    assert.equal((await get({ range, 'if-range': '"another"' })).status, 200);
  });

  it('are there for 48 hours', async () => {
    emulator.advance(47 * HOUR_MS);
    assert.equal((await get()).status, 200);
    emulator.advance(2 * HOUR_MS);
    const response = await get();
    assert.equal(response.status, 403);
    assert.match(response.headers.get('content-type') ?? '', /xml/);
    assert.match(await response.text(), /<Code>ExpiredToken<\/Code>/);
  });

  it('are not there before their task is done', async () => {
    const [task] = emulator.tasks.all();
    assert.ok(task);
    task.durationMs = HOUR_MS;
    assert.equal((await get()).status, 404);
  });

  it('differ from each other although the clip is the same', async () => {
    emulator.behaviour.video = 'tiny';
    const [one, two] = await Promise.all([get(), fetch(await probe.link())]);
    const [oneBytes, twoBytes] = [await read(one), await read(two)];
    assert.equal(oneBytes.length, twoBytes.length);
    assert.notDeepEqual(oneBytes, twoBytes);
  });

  it('can be made by a function', async () => {
    emulator.behaviour.video = ({ prompt }) => Promise.resolve(Buffer.from(prompt));
    assert.equal(await (await get()).text(), 'a cat');
  });

  it('show up in the ledger, with credentials that should not have come', async () => {
    await get();
    const id = emulator.tasks.all()[0]?.id;
    assert.equal(emulator.ledger.downloads(id).length, 1);
    assert.deepEqual(emulator.ledger.leaks(), []);
    await get({ authorization: emulator.key });
    assert.equal(emulator.ledger.leaks().length, 1);
  });

  it('take no other method', async () => {
    assert.equal((await get({}, 'PUT')).status, 405);
  });

  it('read ranges as RFC 9110 says', () => {
    assert.equal(readRange(undefined, 10), undefined);
    assert.equal(readRange('bytes=-', 10), undefined);
    assert.equal(readRange('bytes=5-2', 10), undefined);
    assert.equal(readRange('bytes=0-1,3-4', 10), undefined);
    assert.equal(readRange('items=0-1', 10), undefined);
    assert.equal(readRange('bytes=-0', 10), 'unsatisfiable');
    assert.deepEqual(readRange('bytes=-20', 10), { start: 0, end: 9 });
  });
});
