import assert from 'node:assert/strict';
import '../../support/vscodeStub';
import { inspect } from 'node:util';
import { parseBucket } from '../../../src/images/delivery/s3';
import { deliverImage } from '../../../src/images/delivery/deliver';
import { ApiError } from '../../../src/api/apiError';
import { formatDiagnostics } from '../../../src/tasks/model/diagnostics';
import { createDraft } from '../../../src/tasks/model/transitions';
import { BUCKET, REGION, startBucket } from '../../emulator/bucket';
import type { FaultSpec } from '../../emulator/faults';
import { startWebServer } from '../../emulator/web';
import { INTENT, KEY, startHarness, type TestHarness } from '../../support/harness';
import { imageOf, createTestDeliveryContext } from '../../support/delivery';
import { png } from '../../support/imageHeaders';
import { DIAGNOSTIC_FACTS } from '../../support/records';

const { createMetadata } = await import('../../../src/commands/videoMetadata');

/** Every form in which it could lie somewhere. */
function formsOf(key: string): Record<string, string> {
  return {
    'as it is': key,
    'without its first letters': key.slice(5),
    'without its last letters': key.slice(0, -4),
    'in base64': Buffer.from(key).toString('base64').replace(/=+$/, ''),
    'in hex': Buffer.from(key).toString('hex'),
    'for a URL': encodeURIComponent(key),
    backwards: [...key].reverse().join(''),
  };
}

/** Services do such things: "Incorrect API key provided: …". */
const TELLTALES: FaultSpec[] = [
  { kind: 'code', code: 2, message: `Incorrect API key provided: ${KEY}`, match: { route: 'create' } },
  {
    kind: 'code',
    code: 3,
    message: `Bad field, ${KEY}`,
    issues: [{ path: KEY, expected: KEY, message: KEY }],
    match: { route: 'create' },
  },
  { kind: 'code', code: 500, message: `internal ${KEY}`, match: { route: 'create' } },
  { kind: 'wrongTypes', fields: { id: KEY.repeat(20) }, match: { route: 'create' } },
  {
    kind: 'wrongTypes',
    fields: { status: 'failed', error: { message: `no luck with ${KEY}` } },
    match: { route: 'result' },
  },
  { kind: 'wrongTypes', fields: { status: KEY }, match: { route: 'result' } },
  { kind: 'wrongTypes', fields: { status: 'done', url: `ftp://example.org/${KEY}` }, match: { route: 'result' } },
  { kind: 'code', code: 99, message: KEY, match: { route: 'result' } },
];

/** Whatever else may go wrong with a request that carries it. */
const TROUBLES: FaultSpec[] = [
  { kind: 'resetBeforeRead', match: { origin: 'api' } },
  { kind: 'resetAfterRead', match: { origin: 'api' } },
  { kind: 'dropConnection', match: { origin: 'api' } },
  { kind: 'httpError', status: 502, match: { origin: 'api' } },
  { kind: 'httpError', status: 401, body: 'openai', match: { origin: 'api' } },
  { kind: 'rateLimit', match: { origin: 'api' } },
  { kind: 'brokenJson', match: { origin: 'api' } },
  { kind: 'cutBody', match: { origin: 'api' } },
  { kind: 'redirect', status: 302, to: 'foreign', match: { origin: 'api' } },
  { kind: 'redirect', status: 307, to: 'foreign', match: { origin: 'api' } },
  { kind: 'redirect', status: 307, to: 'same', match: { origin: 'api' } },
];

describe('key hygiene', () => {
  let harness: TestHarness;
  const errors: unknown[] = [];

  /** Everything that anybody but the service could get to see. */
  async function traces(): Promise<[string, string][]> {
    const files = [...(await harness.files())].flatMap(([name, text]): [string, string][] => [
      [name, name],
      [name, text],
    ]);
    const requests = harness.requests.sent
      .filter(({ url }) => !url.startsWith(harness.emulator.baseUrl))
      .map((sent): [string, string] => [`request to ${sent.url}`, JSON.stringify(sent)]);
    const urls = harness.requests.sent.map(({ url }): [string, string] => ['an address', url]);
    const received = harness.emulator.ledger.entries
      .filter(({ origin }) => origin !== 'api')
      .map((entry): [string, string] => [`received by ${entry.origin}`, JSON.stringify(entry)]);
    const bodies = harness.emulator.ledger.entries.map(({ body, path, query }): [string, string] => [
      'a body',
      JSON.stringify([body, path, query]),
    ]);
    const thrown = errors.map((error): [string, string] => [
      'an error',
      inspect(error, { depth: 10, showHidden: true }),
    ]);
    const shown = harness.store
      .list()
      .map((record): [string, string] => [`record ${record.id}`, JSON.stringify(record)]);
    const diagnostics = harness.store
      .list()
      .map((record): [string, string] => ['the diagnostics', formatDiagnostics(record, DIAGNOSTIC_FACTS)]);
    return [
      ...files,
      ...requests,
      ...urls,
      ...received,
      ...bodies,
      ...thrown,
      ...shown,
      ...diagnostics,
      ...harness.log.map((line): [string, string] => ['the log', line]),
    ];
  }

  async function nothingIsFound(key = KEY): Promise<number> {
    const all = await traces();
    for (const [where, text] of all) {
      for (const [form, mark] of Object.entries(formsOf(key))) {
        assert.ok(!text.includes(mark), `the key ${form} in ${where}: ${text.slice(0, 500)}`);
      }
    }
    return all.length;
  }

  async function job(prompt: string): Promise<void> {
    try {
      const [record] = await harness.run(harness.generate.generate([{ ...INTENT, prompt }]));
      if (record?.gatewayId !== undefined) {
        await harness.clock.pass(30 * 60_000);
      }
      await harness.run(harness.downloader.ensureCopy(record!.id));
    } catch (error) {
      errors.push(error);
    }
  }

  beforeEach(async () => {
    errors.length = 0;
    harness = await startHarness();
    harness.downloader.onDidProgress((progress) => harness.log.push(JSON.stringify(progress)));
  });

  afterEach(async () => {
    await harness.end();
    await harness.emulator.close();
  });

  it('is found where it belongs, so that a search means something', async () => {
    await job('a cat');
    const [create] = harness.emulator.ledger.creates();
    assert.equal(create?.headers.authorization, KEY);
    assert.equal(harness.store.list()[0]?.state, 'done');
    assert.ok((await nothingIsFound()) > 20);
  });

  it('is found nowhere else after the main job, with all that can go wrong', async function () {
    this.timeout(60_000);
    await job('a cat');
    for (const trouble of [
      ...TROUBLES,
      ...TROUBLES.map((spec) => ({ ...spec, match: { route: 'result' as const } })),
    ]) {
      if (trouble.kind === 'dropConnection' && trouble.match && 'route' in trouble.match) {
        continue;
      }
      harness.emulator.faults.add({ ...trouble, times: 1 });
      await job('another cat');
      harness.emulator.faults.clear();
      await harness.polling.checkNow();
    }
    harness.emulator.setKey('another-key-of-the-account');
    await job('with a key that is revoked');
    harness.credentials.set(undefined);
    await job('with no key');
    harness.credentials.set(`${KEY}\nX-Injected: yes`);
    await job('with a key that no header can carry');
    harness.credentials.set('another-key-of-the-account');
    await harness.clock.pass(60 * 60_000);
    await nothingIsFound();
    await nothingIsFound('another-key-of-the-account');
  });

  it('does not come back from a service that repeats it', async function () {
    this.timeout(60_000);
    for (const telltale of TELLTALES) {
      harness.emulator.faults.add({ ...telltale, times: 3 });
      await job('a talkative cat');
      harness.emulator.faults.clear();
      errors.push(await harness.apiClient.models({ key: KEY }).catch((error: unknown) => error));
    }
    const failed = harness.store.list().filter(({ error }) => error !== undefined);
    assert.ok(failed.length >= 4, 'their messages were kept');
    await nothingIsFound();
  });

  it('is in no error of the service', async () => {
    harness.emulator.faults.add({
      kind: 'httpError',
      status: 401,
      body: 'openai',
      match: { origin: 'api' },
      times: 'always',
    });
    const calls = [
      harness.apiClient.balance({ key: KEY }),
      harness.apiClient.models({ key: KEY }),
      harness.apiClient.result('0'.repeat(24), { key: KEY }),
      harness.apiClient.balance({ key: `${KEY}\n` }),
      harness.apiClient.balance({ key: `${KEY} \u043a` }),
    ];
    errors.push(...(await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))));
    assert.ok(errors.every((error) => error instanceof ApiError && error.kind === 'invalid-key'));
    await nothingIsFound();
  });

  it('holds for the keys of a bucket and the header of an upload, which only their own servers get', async function () {
    this.timeout(60_000);
    const bucket = await startBucket();
    const host = await startWebServer(() => ({ status: 201 }));
    const { secretAccessKey } = bucket.keys;
    const headerValue = 'Bearer MARKED-0c6a41f5d2';
    const means = createTestDeliveryContext({
      fetch: harness.requests.fetch,
      bucket: () =>
        Promise.resolve({
          ...parseBucket({ endpoint: bucket.url, region: REGION, bucket: BUCKET, prefix: '', linkHours: 48 })!,
          keys: bucket.keys,
        }),
      upload: () =>
        Promise.resolve({
          url: `${host.url}/{hash}`,
          method: 'PUT',
          field: '',
          headerName: 'X-Upload-Key',
          headerValue,
          linkPointer: '',
        }),
    });
    try {
      for (const way of ['s3', 'http'] as const) {
        const frame = await deliverImage(imageOf(png(640, 360)), way, means);
        await harness.run(harness.generate.generate([{ ...INTENT, prompt: way, frame }]));
        bucket.interrupt('HEAD', { status: 404 });
        bucket.interrupt('PUT', { status: 500, body: `no luck with ${secretAccessKey}` });
        errors.push(
          await deliverImage(imageOf(png(641, 360)), way, { ...means, base: new URL(harness.emulator.baseUrl) }).catch(
            (error: unknown) => error,
          ),
        );
      }
      await harness.clock.pass(30 * 60_000);
      assert.ok(host.seen.every(({ headers }) => headers['x-upload-key'] === headerValue) && host.seen.length > 0);
      const toHost = (text: string) => text.includes(host.url) && text.includes('"X-Upload-Key"');
      const all = await traces();
      for (const [where, text] of all) {
        assert.ok(
          !Object.values(formsOf(secretAccessKey)).some((mark) => text.includes(mark)),
          `the secret key in ${where}`,
        );
        assert.ok(
          toHost(text) || !Object.values(formsOf(headerValue)).some((mark) => text.includes(mark)),
          `the header in ${where}`,
        );
        // The link to a bucket is a ticket: for the service, which is to open it, and for nobody else.
        assert.ok(
          where === 'a body' || !text.includes('X-Amz-Signature'),
          `the ticket in ${where}: ${text.slice(0, 300)}`,
        );
      }
      assert.equal(all.filter(([where, text]) => where === 'a body' && text.includes('X-Amz-Signature')).length, 1);
      const sent = JSON.stringify(harness.store.list().map((record) => createMetadata(record, 'cat.mp4', 0)));
      assert.ok(!/X-Amz|MARKED/.test(sent), sent);
    } finally {
      await bucket.close();
      await host.close();
    }
  });

  it('strips the ticket off a link that a user gave, in what is saved beside a video', () => {
    const source = (link: string) => {
      const record = createDraft({
        id: 'a',
        at: 0,
        request: { model: 'm', prompt: 'p', firstFrame: { source: link, link, delivery: 'link', label: 'x' } },
      });
      return (createMetadata(record, 'cat.mp4', 0)['firstFrame'] as { source: string }).source;
    };
    assert.equal(source('https://b.example/cat.png?X-Amz-Expires=9&X-Amz-Signature=abc'), 'https://b.example/cat.png');
    assert.equal(source('https://b.example/cat.png?sv=1&sig=abc#x'), 'https://b.example/cat.png');
    assert.equal(source('https://b.example/cat.png?token=abc'), 'https://b.example/cat.png');
    assert.equal(source('https://b.example/view?id=42'), 'https://b.example/view?id=42');
  });

  it('leaves a fingerprint in the records that tells keys apart, and nothing of them', async () => {
    await job('a cat');
    const [record] = harness.store.list();
    assert.match(record?.account ?? '', /^[0-9a-f]{8}$/);
    assert.ok(!KEY.includes(record?.account ?? KEY));
  });
});
