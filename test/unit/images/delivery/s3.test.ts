import assert from 'node:assert/strict';
import FakeTimers from '@sinonjs/fake-timers';
import { parseBucket, parsePrefix, type BucketSettings, testBucket } from '../../../../src/images/delivery/s3';
import type { BucketAccess } from '../../../../src/images/delivery/types';
import { createTestContent } from '../../../../src/images/delivery/content';
import { deliverImage } from '../../../../src/images/delivery/deliver';
import { sha256Hex } from '../../../../src/common/sha256';
import { BUCKET, REGION, startBucket, xml, type BucketServer } from '../../../emulator/bucket';
import { assertNotDelivered, imageOf, createTestDeliveryContext } from '../../../support/delivery';
import { png } from '../../../support/imageHeaders';

describe('frames: a bucket', () => {
  let server: BucketServer;

  beforeEach(async () => {
    server = await startBucket();
  });

  afterEach(() => server.close());

  const settings = (changes: Partial<BucketSettings> = {}): BucketSettings => ({
    endpoint: server.url,
    region: REGION,
    bucket: BUCKET,
    prefix: 'кадры/№ 1+2 (лучшие)!',
    linkHours: 48,
    ...changes,
  });
  const access = (changes: Partial<BucketSettings> = {}, keys = server.keys): BucketAccess => ({
    ...parseBucket(settings(changes))!,
    keys,
  });
  const means = (given = access()) => createTestDeliveryContext({ bucket: () => Promise.resolve(given) });
  const methods = () => server.seen.map(({ method }) => method);

  it('uploads the image, and gives a link that opens it without keys', async () => {
    const image = imageOf(png(640, 360), 'Кот на крыше.png');
    const ready = await deliverImage(image, 's3', means());
    assert.deepEqual(methods(), ['HEAD', 'PUT']);
    const answer = await fetch(ready.image);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'image/png');
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), Buffer.from(png(640, 360)));
    const link = new URL(ready.image);
    assert.equal(link.searchParams.get('X-Amz-Expires'), String(48 * 3600));
    assert.match(decodeURIComponent(link.pathname), /^\/frames\/кадры\/№ 1\+2 \(лучшие\)!\/[0-9a-f]{64}\.png$/);
  });

  it('keeps the ticket out of the record', async () => {
    const { firstFrame } = await deliverImage(imageOf(png(640, 360)), 's3', means());
    assert.deepEqual(firstFrame, {
      source: 'file:///w/cat.png',
      delivery: 's3',
      label: 'cat.png',
      link: undefined,
      width: 640,
      height: 360,
      from: undefined,
      hash: sha256Hex(png(640, 360)),
      thumbnail: undefined,
    });
  });

  it('uploads the same image once, whatever its files are called', async () => {
    const first = await deliverImage(imageOf(png(640, 360), 'a.png'), 's3', means());
    const second = await deliverImage(imageOf(png(640, 360), 'b.png'), 's3', means());
    assert.deepEqual(methods(), ['HEAD', 'PUT', 'HEAD']);
    assert.equal(new URL(first.image).pathname, new URL(second.image).pathname);
    await deliverImage(imageOf(png(641, 360)), 's3', means());
    assert.deepEqual(methods().slice(3), ['HEAD', 'PUT']);
  });

  it('gives links that end', async () => {
    const { image } = await deliverImage(imageOf(png(640, 360)), 's3', means(access({ linkHours: 2 })));
    const clock = FakeTimers.install({ now: Date.now() + 2 * 3600_000 + 5_000, toFake: ['Date'] });
    try {
      const late = await fetch(image);
      assert.equal(late.status, 403);
      assert.match(await late.text(), /Request has expired/);
    } finally {
      clock.uninstall();
    }
    assert.equal(
      (await fetch(image.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).status,
      403,
      'another signature',
    );
  });

  it('tries a bucket by upload, reading and removal, and leaves nothing behind', async () => {
    await testBucket(access(), createTestDeliveryContext(), createTestContent());
    assert.deepEqual(methods(), ['PUT', 'GET', 'DELETE']);
    assert.equal(server.seen[1]?.headers.authorization, undefined);
    const again = await fetch(server.url + server.seen[1]!.url);
    assert.equal(again.status, 404);
  });

  it('names what is wrong with keys, bucket, region and clock', async () => {
    const trial = (given: BucketAccess, now = Date.now) =>
      testBucket(given, createTestDeliveryContext({ now }), createTestContent());
    await assertNotDelivered('wrong-secret', trial(access({}, { ...server.keys, secretAccessKey: 'another' })));
    await assertNotDelivered('unknown-key', trial(access({}, { ...server.keys, accessKeyId: 'another' })));
    await assertNotDelivered('no-bucket', trial(access({ bucket: 'elsewhere' })));
    const { facts } = await assertNotDelivered('wrong-region', trial(access({ region: 'us-east-1' })));
    assert.equal(facts.region, REGION);
    await assertNotDelivered(
      'clock',
      trial(access(), () => Date.now() - 20 * 60_000),
    );
  });

  it('reads other refusals, and follows no redirect', async () => {
    server.interrupt('PUT', xml(403, 'AccessDenied', 'Access Denied'));
    await assertNotDelivered('denied', deliverImage(imageOf(png(640, 360)), 's3', means()));
    server.interrupt('PUT', xml(503, 'SlowDown', 'Please reduce your request rate.'));
    const { facts } = await assertNotDelivered('refused', deliverImage(imageOf(png(640, 360)), 's3', means()));
    assert.deepEqual(
      { status: facts.status, code: facts.code, message: facts.message },
      { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
    );
    server.interrupt('PUT', { status: 307, headers: { location: 'https://elsewhere.example/' } });
    await assertNotDelivered('redirected', deliverImage(imageOf(png(640, 360)), 's3', means()));
    server.interrupt('PUT', { status: 500, body: 'x'.repeat(1_000_000) });
    await assertNotDelivered('answer-too-long', deliverImage(imageOf(png(640, 360)), 's3', means()));
    server.interrupt('PUT', { status: 502, body: '<html>\u0000</html>' });
    await assertNotDelivered('refused', deliverImage(imageOf(png(640, 360)), 's3', means()));
  });

  it('names temporary keys that have expired or lack their token, and a page instead of an answer', async () => {
    for (const [code, kind] of [
      ['ExpiredToken', 'expired-keys'],
      ['TokenRefreshRequired', 'expired-keys'],
      ['InvalidToken', 'needs-token'],
    ] as const) {
      server.interrupt('PUT', xml(400, code, 'x'));
      await assertNotDelivered(kind, deliverImage(imageOf(png(640, 360)), 's3', means()));
    }
    server.interrupt('PUT', { status: 200, body: '<!doctype html><title>Welcome</title>' });
    await assertNotDelivered('page-answer', deliverImage(imageOf(png(640, 360)), 's3', means()));
  });

  it('sends the token of temporary keys, with requests and in the link', async () => {
    const keys = { ...server.keys, sessionToken: 'TOKEN/of+a=session' };
    const ready = await deliverImage(imageOf(png(640, 360)), 's3', means(access({}, keys))).catch(() => undefined);
    const sent = server.seen.map(({ headers }) => headers['x-amz-security-token']);
    assert.ok(sent.length > 0 && sent.every((token) => token === keys.sessionToken));
    assert.equal(new URL(ready!.image).searchParams.get('X-Amz-Security-Token'), keys.sessionToken);
    assert.equal(ready!.firstFrame.link, undefined);
  });

  for (const [code, message] of [
    ['SecondLevelDomainForbidden', 'Please use virtual hosted style to access.'],
    ['PathStyleDomainForbidden', 'x'],
    ['InvalidRequest', 'Path-style access is not supported'],
  ] as const) {
    it(`goes to the host of the bucket where the store wants that: ${code}`, async () => {
      const asked: string[] = [];
      const store = `https://store-${code.toLowerCase()}.example`;
      const context = createTestDeliveryContext({
        base: new URL('https://gptunnel.ru/v1'),
        lookUp: () => Promise.resolve(['93.184.215.14']),
        bucket: () => Promise.resolve(access({ endpoint: store })),
        fetch: ((url: string, init: { method: string }) => {
          const { host, pathname } = new URL(url);
          asked.push(`${init.method} ${host}`);
          const isInHost = host.startsWith(`${BUCKET}.`) && !pathname.startsWith(`/${BUCKET}/`);
          const { status, body } = isInHost
            ? { status: init.method === 'HEAD' ? 404 : 200, body: '' }
            : xml(403, code, message);
          return Promise.resolve(new Response(init.method === 'HEAD' ? null : body, { status: status ?? 200 }));
        }) as never,
      });
      const host = new URL(store).host;
      const { image } = await deliverImage(imageOf(png(640, 360)), 's3', context);
      assert.deepEqual(asked, [`HEAD ${host}`, `PUT ${host}`, `PUT ${BUCKET}.${host}`]);
      assert.equal(new URL(image).host, `${BUCKET}.${host}`);
      await deliverImage(imageOf(png(641, 360)), 's3', context);
      assert.deepEqual(asked.slice(3), [`HEAD ${BUCKET}.${host}`, `PUT ${BUCKET}.${host}`]);
    });
  }

  it('names a store that wants the bucket in its host where that cannot be', async () => {
    server.interrupt('PUT', xml(403, 'SecondLevelDomainForbidden', 'x'));
    await assertNotDelivered('bucket-in-host', deliverImage(imageOf(png(640, 360)), 's3', means()));
  });

  it('says so when the link does not open, and takes the test image away', async () => {
    server.interrupt('GET', xml(403, 'AccessDenied', 'Access Denied'));
    await assertNotDelivered('unreadable-link', testBucket(access(), createTestDeliveryContext(), createTestContent()));
    assert.deepEqual(methods(), ['PUT', 'GET', 'DELETE']);
    server.interrupt('GET', { body: 'something else' });
    await assertNotDelivered('other-image', testBucket(access(), createTestDeliveryContext(), createTestContent()));
  });

  it('is of no use on this computer when the service is not', async () => {
    const far = createTestDeliveryContext({
      base: new URL('https://gptunnel.ru/v1'),
      bucket: () => Promise.resolve(access()),
    });
    await assertNotDelivered('private-address', deliverImage(imageOf(png(640, 360)), 's3', far));
    assert.deepEqual(server.seen, []);
  });

  it('says that nobody answers, and that nothing is set up', async () => {
    await assertNotDelivered(
      'no-answer',
      deliverImage(imageOf(png(640, 360)), 's3', means(access({ endpoint: 'http://127.0.0.1:9' }))),
    );
    await assertNotDelivered('not-set-up', deliverImage(imageOf(png(640, 360)), 's3', createTestDeliveryContext()));
  });

  it('takes only settings that can be', () => {
    const address = (changes: Partial<BucketSettings>) => parseBucket(settings(changes))?.address.href;
    assert.equal(address({ endpoint: 'https://storage.yandexcloud.net/' }), 'https://storage.yandexcloud.net/frames');
    assert.equal(address({ endpoint: 'https://{bucket}.storage.example' }), 'https://frames.storage.example/');
    assert.equal(address({ endpoint: 'https://host.example/s3' }), 'https://host.example/s3/frames');
    for (const endpoint of [
      '',
      'storage.yandexcloud.net',
      'http://storage.yandexcloud.net',
      'https://<account>.example',
      'https://u:p@host.example',
      'ftp://x',
    ]) {
      assert.equal(address({ endpoint }), undefined, endpoint);
    }
    for (const bucket of ['', 'a', '../x', 'a/b', 'Кадры', 'UPPER', 'a..'.repeat(30)]) {
      assert.equal(address({ bucket }), undefined, bucket);
    }
    assert.equal(address({ region: 'eu/central' }), undefined);
    assert.equal(parsePrefix('/a//b/'), 'a/b/');
    assert.equal(parsePrefix(' '), '');
    for (const prefix of ['a/../b', '.', 'a\u0000b', 'a\\b', '\ud800', 'x'.repeat(300)]) {
      assert.equal(parsePrefix(prefix), undefined, JSON.stringify(prefix));
    }
    assert.equal(parseBucket(settings({ linkHours: 10_000 }))?.linkHours, 168);
    assert.equal(parseBucket(settings({ linkHours: NaN }))?.linkHours, 48);
  });
});
