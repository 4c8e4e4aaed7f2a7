import assert from 'node:assert/strict';
import { createTestContent } from '../../../../src/images/delivery/content';
import { deliverImage } from '../../../../src/images/delivery/deliver';
import {
  testUpload,
  isHeaderName,
  isHeaderValue,
  isPointer,
  parseUpload,
  parseUploadUrl,
  resolvePointer,
} from '../../../../src/images/delivery/httpUpload';
import type { UploadAccess } from '../../../../src/images/delivery/types';
import { bodyOf, startWebServer, type Reply, type Seen, type WebServer } from '../../../emulator/web';
import { assertNotDelivered, imageOf, createTestDeliveryContext } from '../../../support/delivery';
import { png } from '../../../support/imageHeaders';

const SECRET = 'Bearer MARKED-7c1d0e55aa';

describe("frames: an upload endpoint of one's own", () => {
  let server: WebServer;
  /** What is answered to an upload. */
  let reply: (seen: Seen) => Reply;
  const stored = new Map<string, Buffer>();

  beforeEach(async () => {
    stored.clear();
    reply = () => ({ status: 201 });
    server = await startWebServer(async (seen, req) => {
      if (seen.method === 'GET') {
        const body = stored.get(seen.url);
        return body ? { body } : { status: 404 };
      }
      stored.set(seen.url, await bodyOf(seen, req));
      return reply(seen);
    });
  });

  afterEach(() => server.close());

  const access = (changes: Partial<UploadAccess> = {}): UploadAccess => ({
    url: `${server.url}/up/{hash}.{type}`,
    method: 'PUT',
    field: 'file',
    headerName: 'Authorization',
    headerValue: SECRET,
    linkPointer: '',
    ...changes,
  });
  const send = (given = access(), label = 'cat.png') =>
    deliverImage(
      imageOf(png(640, 360), label),
      'http',
      createTestDeliveryContext({ upload: () => Promise.resolve(given) }),
    );
  const json = (value: unknown) => () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });

  it('puts the image with the header, and takes the address for the link', async () => {
    const { image, firstFrame } = await send();
    const [seen] = server.seen;
    assert.equal(seen?.method, 'PUT');
    assert.equal(seen?.headers.authorization, SECRET);
    assert.equal(seen?.headers['content-type'], 'image/png');
    assert.match(seen?.url ?? '', /^\/up\/[0-9a-f]{64}\.png$/);
    assert.deepEqual(seen?.body, Buffer.from(png(640, 360)));
    assert.equal(image, server.url + seen.url);
    assert.deepEqual(
      { delivery: firstFrame.delivery, link: firstFrame.link, width: firstFrame.width },
      { delivery: 'http', link: undefined, width: 640 },
    );
  });

  it('posts a form, and finds the link by a JSON pointer', async () => {
    reply = json({ data: [{ 'a/b': { '~url': 'https://images.example/1.png' } }] });
    const { image } = await send(
      access({ url: `${server.url}/form`, method: 'POST', field: 'pic"ture', linkPointer: '/data/0/a~1b/~0url' }),
      'Кот "на крыше".jpeg',
    );
    assert.equal(image, 'https://images.example/1.png');
    const [seen] = server.seen;
    const form = await new Response(seen!.body as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': seen!.headers['content-type']! },
    }).formData();
    const file = form.get('pic"ture');
    assert.ok(file instanceof File);
    assert.equal(file.name, 'Кот "на крыше".png', 'by its content it is a PNG');
    assert.equal(file.type, 'image/png');
    assert.deepEqual(Buffer.from(await file.arrayBuffer()), Buffer.from(png(640, 360)));
  });

  it('hands on no query that lets the user write there', async () => {
    const { image } = await send(access({ url: `${server.url}/up/{hash}?upload_token=let-me-write` }));
    assert.match(server.seen[0]?.url ?? '', /upload_token=let-me-write$/);
    assert.match(image, /\/up\/[0-9a-f]{64}$/);
  });

  it('hides the token also where it is repeated without the word before it', async () => {
    const [, token = ''] = 'Bearer abcdef0123456789'.split(' ');
    reply = () => ({ status: 401, body: `invalid token ${token}` });
    const error = await assertNotDelivered('refused', send(access({ headerValue: `Bearer ${token}` })));
    assert.doesNotMatch(error.message, new RegExp(token));
  });

  it('takes a link that is the whole answer', async () => {
    reply = () => ({ body: ' https://images.example/кот.png\n' });
    assert.equal((await send(access({ method: 'POST' }))).image, 'https://images.example/%D0%BA%D0%BE%D1%82.png');
  });

  it('names files so that no name leads anywhere else', async () => {
    const path = async (label: string) => {
      await send(access({ url: `${server.url}/up/{name}` }), label);
      return server.seen.at(-1)!.url;
    };
    assert.equal(await path('Кот.png'), `/up/${encodeURIComponent('Кот.png')}`);
    assert.equal(await path('../../etc/passwd'), '/up/....png');
    assert.equal(await path('..'), '/up/..png');
    assert.equal(await path(''), '/up/image.png');
    assert.equal(await path('a?b#c&d=%2e.png'), `/up/${encodeURIComponent('a?b#c&d=%2e.png')}`);
    assert.equal(await path('\ud800\u0000.png'), '/up/image.png');
  });

  it('sends the secret to no other address', async () => {
    for (const status of [301, 302, 307, 308]) {
      reply = () => ({ status, headers: { location: `${server.url}/elsewhere` } });
      await assertNotDelivered('redirected', send());
    }
    assert.ok(server.seen.every(({ url }) => url !== '/elsewhere'));
  });

  it('takes nothing else for a link', async () => {
    const wrong: [Reply, Partial<UploadAccess>][] = [
      [{ body: '' }, { method: 'POST' }],
      [{ body: 'OK' }, {}],
      [{ body: 'javascript:alert(1)' }, {}],
      [{ body: 'file:///etc/passwd' }, {}],
      [{ body: 'https://user:password@images.example/1.png' }, {}],
      [{ body: '{' }, { linkPointer: '/url' }],
      [json({ url: 5 })(), { linkPointer: '/url' }],
      [json({ url: 'https://images.example/1.png' })(), { linkPointer: '/link' }],
      [json(null)(), { linkPointer: '/url' }],
      [json({})(), { linkPointer: '/__proto__/constructor/name' }],
      [json('https://images.example/1.png')(), { linkPointer: '/length' }],
    ];
    for (const [answer, changes] of wrong) {
      reply = () => answer;
      await assertNotDelivered('no-link', send(access(changes)));
    }
    reply = () => ({ body: 'x'.repeat(1_000_000) });
    await assertNotDelivered('answer-too-long', send());
  });

  it('names a web page that came instead of an answer, whatever its status', async () => {
    for (const page of [
      { body: '<html>https://images.example/1.png</html>' },
      { body: '\n<!DOCTYPE html><title>Sign in</title>' },
      { body: 'https://images.example/1.png', headers: { 'content-type': 'text/html; charset=utf-8' } },
      { status: 403, body: '<html><h1>403 Forbidden</h1></html>' },
      { status: 502, body: '<center>nginx</center>' },
    ]) {
      for (const changes of [{}, { method: 'POST' as const, linkPointer: '/url' }]) {
        reply = () => page;
        const { facts } = await assertNotDelivered('page-answer', send(access(changes)));
        assert.equal(facts.status, page.status ?? 200);
      }
    }
  });

  it('says what the server said, without the secret that it repeats', async () => {
    reply = () => ({ status: 401, body: `Bad token "${SECRET}"` });
    const { facts, message } = await assertNotDelivered('refused', send());
    assert.deepEqual(
      { status: facts.status, message: facts.message },
      { status: 401, message: 'Bad token "[hidden]"' },
    );
    assert.ok(!message.includes('MARKED'));
  });

  it('gives the service no link into this computer or its network', async () => {
    const far = (link: string) => {
      reply = () => ({ body: link });
      return deliverImage(
        imageOf(png(640, 360)),
        'http',
        createTestDeliveryContext({
          base: new URL('https://gptunnel.ru/v1'),
          lookUp: (name) => Promise.resolve(name.startsWith('known-here.') ? ['::1'] : ['93.184.216.34']),
          upload: () => Promise.resolve(access()),
        }),
      );
    };
    for (const host of [
      '127.0.0.1',
      'localhost',
      '10.1.2.3',
      '192.168.0.5',
      '172.20.0.1',
      '169.254.169.254',
      '[::1]',
      '[fd00::1]',
      'nas.local',
      '[::ffff:7f00:1]',
      'localhost.',
      '100.64.0.1',
      '2130706433',
      'nas',
      'known-here.example',
    ]) {
      await assertNotDelivered('private-address', far(`http://${host}/1.png`));
    }
    assert.equal((await far('https://172.32.0.1/1.png')).image, 'https://172.32.0.1/1.png');
    assert.equal((await far('https://10.example/1.png')).image, 'https://10.example/1.png');
  });

  it('lets no name of an image say which host gets the secret', () => {
    const fits = (url: string, names = {}) => parseUploadUrl(url, names) !== undefined;
    for (const url of [
      'https://{name}.example/x',
      'https://{name}/x',
      'https://files.{hash}.example/x',
      'https://files.example{name}/x',
      'https://files.example:44{hash}/x',
      'https://{name}@files.example/x',
      'https://user:{name}@files.example/x',
      'https:\\\\{name}\\x',
      '{name}://files.example/x',
      'https:{name}.example/x',
    ]) {
      assert.ok(!fits(url), url);
      assert.ok(!fits(url, { name: 'evil', hash: '3', type: 'png' }), url);
    }
    assert.ok(
      fits('https://files.example/{name}/{hash}.{type}?as={name}#{hash}', { name: '@evil.example/', hash: '1' }),
    );
  });

  it('tries an endpoint by upload and reading', async () => {
    await testUpload(access(), createTestDeliveryContext(), createTestContent());
    assert.deepEqual(
      server.seen.map(({ method, headers }) => [method, headers.authorization]),
      [
        ['PUT', SECRET],
        ['GET', undefined],
      ],
    );
    reply = () => ({ body: `${server.url}/view/1` });
    await assertNotDelivered('unreadable-link', testUpload(access(), createTestDeliveryContext(), createTestContent()));
    stored.set('/view/1', Buffer.from('<html>'));
    await assertNotDelivered('other-image', testUpload(access(), createTestDeliveryContext(), createTestContent()));
    stored.set('/view/1', Buffer.from(png(320, 321)));
    await assertNotDelivered('other-image', testUpload(access(), createTestDeliveryContext(), createTestContent()));
    stored.set('/view/1', Buffer.from(png(320, 320)));
    await testUpload(access(), createTestDeliveryContext(), createTestContent());
  });

  it('takes only settings that can be', () => {
    const settings = { url: 'https://files.example/{hash}', method: 'PUT', field: '', headerName: '', linkPointer: '' };
    assert.deepEqual(parseUpload(settings), { ...settings, field: 'file' });
    for (const wrong of [
      { url: '' },
      { url: 'http://files.example/' },
      { url: 'https://u:p@files.example/' },
      { method: 'GET' },
      { headerName: 'a b' },
      { linkPointer: 'url' },
      { url: 'https://files.example/{name}' },
      { url: 'https://files.example/?key={hash}' },
      { url: 'https://files.example/1.png#{hash}' },
    ]) {
      assert.equal(parseUpload({ ...settings, ...wrong }), undefined, JSON.stringify(wrong));
    }
    assert.equal(parseUploadUrl('https://files.example/{name}', { name: 'a/../b' })?.pathname, '/a%2F..%2Fb');
    const names = ['X-Api-Key', '', 'Host', 'content-length', 'a:b', 'a\nb'];
    assert.deepEqual(names.filter(isHeaderName), ['X-Api-Key', '']);
    const values = ['Bearer x', ' x', 'x\r\nHost: y', 'ключ', ''];
    assert.deepEqual(values.filter(isHeaderValue), ['Bearer x']);
    const pointers = ['', '/', '/a~0b', '/a~b', 'a', '/a/0'];
    assert.deepEqual(pointers.filter(isPointer), ['', '/', '/a~0b', '/a/0']);
    assert.equal(resolvePointer({ '': { a: [1, 2] } }, '//a/1'), 2);
    assert.equal(resolvePointer([1], '/toString'), undefined);
  });
});
