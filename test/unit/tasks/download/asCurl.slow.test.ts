import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { provideCurl } from '../../../support/curl';
import { VirtualClock } from '../../../support/clocks';
import { startClockedEmulator, startHarness, type TestHarness } from '../../../support/harness';
import { makeMp4 } from '../../../support/mp4';
import { createDoneRecord, HOUR_MS } from '../../../support/records';
import { settled } from '../../../support/recordingFetch';
import type { VideoType } from '../../../../src/tasks/model/taskRecord';
import type { Emulator } from '../../../emulator/emulator';
import { makeLiveWebm, makeOtherVideo, OTHER_VIDEO_TYPES } from '../../../emulator/video/otherTypes';

/** A request as it came, and what is written back, byte for byte. */
interface Request {
  path: string;
  headers: Readonly<Record<string, string>>;
}
type Answer = (request: Request) => Buffer;

const FILM = Buffer.from(makeMp4(40_000));
const OTHER = Buffer.from(makeMp4(10_000));

const head = (status: string, ...lines: string[]) =>
  `HTTP/1.1 ${status}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const answer = (status: string, lines: string[], body: Uint8Array | string = '') =>
  Buffer.concat([Buffer.from(head(status, ...lines, 'Connection: close'), 'utf8'), Buffer.from(body)]);
const whole = (...lines: string[]) =>
  answer('200 OK', ['Content-Type: video/mp4', `Content-Length: ${FILM.length}`, ...lines], FILM);
const redirect =
  (status: string, location: string, ...lines: string[]): Answer =>
  ({ path }) =>
    path === '/begin' ? answer(status, [`Location: ${location}`, 'Content-Length: 0', ...lines]) : whole();
const chunks = (body: Buffer, size: number, extension = '') => {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    parts.push(Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
};
const encoded = (encoding: string, body: Buffer, ...lines: string[]) =>
  answer('200 OK', [`Content-Encoding: ${encoding}`, `Content-Length: ${body.length}`, ...lines], body);

/** Servers as they are met. Where a name is a rule, its variants are generated. */
const SERVERS: Record<string, Answer> = {
  plain: () => whole(),
  'HTTP/1.0, and the end is the end': () =>
    Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\nContent-Type: video/mp4\r\n\r\n'), FILM]),
  'no length': () => answer('200 OK', ['Content-Type: video/mp4'], FILM),
  'no type': () => answer('200 OK', [`Content-Length: ${FILM.length}`], FILM),
  'no reason': () =>
    Buffer.concat([Buffer.from(`HTTP/1.1 200\r\nContent-Length: ${FILM.length}\r\nConnection: close\r\n\r\n`), FILM]),
  'the same length twice': () => whole(`Content-Length: ${FILM.length}`),
  'two lengths': () => whole(`Content-Length: ${FILM.length - 10}`),
  'a length that is too long': () => answer('200 OK', [`Content-Length: ${FILM.length + 10}`], FILM),
  'a length that is too short': () => answer('200 OK', [`Content-Length: ${FILM.length - 10}`], FILM),
  'a length with blanks': () => answer('200 OK', [`Content-Length:   ${FILM.length}  `], FILM),
  chunks: () =>
    answer('200 OK', ['Transfer-Encoding: chunked'], Buffer.concat([chunks(FILM, 1_000), Buffer.from('0\r\n\r\n')])),
  'chunks with extensions': () =>
    answer(
      '200 OK',
      ['Transfer-Encoding: chunked'],
      Buffer.concat([chunks(FILM, 777, ';name=value'), Buffer.from('0\r\n\r\n')]),
    ),
  'chunks with extensions and trailers': () =>
    answer(
      '200 OK',
      ['Transfer-Encoding: chunked', 'Trailer: X-Sum'],
      Buffer.concat([chunks(FILM, 777, ';name=value'), Buffer.from('0\r\nX-Sum: 1\r\n\r\n')]),
    ),
  'chunks and a length': () =>
    answer(
      '200 OK',
      ['Transfer-Encoding: chunked', `Content-Length: ${FILM.length}`],
      Buffer.concat([chunks(FILM, 1_000), Buffer.from('0\r\n\r\n')]),
    ),
  'chunks that end too early': () =>
    answer('200 OK', ['Transfer-Encoding: chunked'], chunks(FILM.subarray(0, 5_000), 1_000)),
  'a header with bytes that are no letters': () =>
    answer('200 OK', [`Content-Disposition: attachment; filename=кот.mp4`, `Content-Length: ${FILM.length}`], FILM),
  'a header without a value': () => whole('X-Empty:'),
  'a header on two lines': () => whole('X-Long: one', ' two'),
  'a hundred headers': () => whole(...Array.from({ length: 100 }, (_, n) => `X-${n}: ${'v'.repeat(50)}`)),
  'header names in capitals': () =>
    answer('200 OK', [`CONTENT-LENGTH: ${FILM.length}`, 'CONTENT-TYPE: VIDEO/MP4'], FILM),
  'line feeds only': () =>
    Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\nContent-Length: ${FILM.length}\nConnection: close\n\n`), FILM]),
  'early hints before it': () =>
    Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'), whole()]),
  'continue before it': () => Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), whole()]),
  '203, through a proxy that changes things': () =>
    answer('203 Non-Authoritative Information', [`Content-Length: ${FILM.length}`], FILM),
  '206 that nobody asked for': () =>
    answer(
      '206 Partial Content',
      [`Content-Length: ${FILM.length}`, `Content-Range: bytes 0-${FILM.length - 1}/${FILM.length}`],
      FILM,
    ),
  'a file that is cut, and says so': () =>
    answer('200 OK', [`Content-Length: ${FILM.length}`], FILM.subarray(0, 20_000)),
  'no more than half a file at a time': ({ headers }) => {
    const from = Number(/^bytes=(\d+)-/.exec(headers['range'] ?? '')?.[1] ?? 0);
    const lines = [`Content-Length: ${FILM.length - from}`, 'ETag: "one"', 'Accept-Ranges: bytes'];
    const part = FILM.subarray(from, from + FILM.length / 2);
    return from === 0
      ? answer('200 OK', lines, part)
      : answer(
          '206 Partial Content',
          [...lines, `Content-Range: bytes ${from}-${FILM.length - 1}/${FILM.length}`],
          part,
        );
  },
  'no node-fetch': ({ headers }) =>
    /node|fetch/i.test(headers['user-agent'] ?? '') ? answer('403 Forbidden', []) : whole(),
  'only those who say who they are': ({ headers }) => (headers['user-agent'] ? whole() : answer('403 Forbidden', [])),
  'only those who take anything': ({ headers }) =>
    headers['accept']?.includes('*/*') ? whole() : answer('406 Not Acceptable', []),
  'gzip although asked not to': () => encoded('gzip', gzipSync(FILM)),
  'GZIP in capitals': () => encoded('GZIP', gzipSync(FILM)),
  'x-gzip': () => encoded('x-gzip', gzipSync(FILM)),
  'gzip of two members': () =>
    encoded('gzip', Buffer.concat([gzipSync(FILM.subarray(0, 9_000)), gzipSync(FILM.subarray(9_000))])),
  'deflate with its header': () => encoded('deflate', deflateSync(FILM)),
  'deflate without its header': () => encoded('deflate', deflateRawSync(FILM)),
  br: () => encoded('br', brotliCompressSync(FILM)),
  'gzip in chunks': () =>
    answer(
      '200 OK',
      ['Content-Encoding: gzip', 'Transfer-Encoding: chunked'],
      Buffer.concat([chunks(gzipSync(FILM), 500), Buffer.from('0\r\n\r\n')]),
    ),
  'gzip in deflate': () => encoded('deflate, gzip', gzipSync(deflateSync(FILM))),
  'gzip that is none': () => encoded('gzip', FILM),
  'gzip that is cut': () => encoded('gzip', gzipSync(FILM).subarray(0, 200)),
  'identity, said': () => whole('Content-Encoding: identity'),
  'an empty encoding': () => whole('Content-Encoding:'),
  'redirects in a circle': ({ path }) => answer('302 Found', [`Location: ${path}x`, 'Content-Length: 0']),
  'eight redirects': ({ path }) =>
    path.length < 14 ? answer('302 Found', [`Location: ${path}x`, 'Content-Length: 0']) : whole(),
  'a redirect whose body is long': ({ path }) =>
    path === '/begin' ? answer('302 Found', ['Location: /film', `Content-Length: ${OTHER.length}`], OTHER) : whole(),
  'a redirect without a place': () => answer('302 Found', ['Content-Length: 0']),
  'a redirect to letters of Russia': ({ path }) =>
    path === '/begin'
      ? answer('302 Found', ['Location: /кот.mp4', 'Content-Length: 0'])
      : path === `/${encodeURIComponent('кот.mp4')}` || path === '/кот.mp4'
        ? whole()
        : answer('404 Not Found', []),
  'not there': () => answer('404 Not Found', []),
  'an error with a film': () => answer('500 Internal Server Error', [`Content-Length: ${FILM.length}`], FILM),
  'nothing at all': () => answer('200 OK', ['Content-Length: 0']),
  'no content': () => answer('204 No Content', []),
};
for (const status of [
  '301 Moved Permanently',
  '302 Found',
  '303 See Other',
  '307 Temporary Redirect',
  '308 Permanent Redirect',
]) {
  for (const [where, location] of Object.entries({
    'from the root': '/film.mp4',
    'beside it': 'film.mp4',
    'with a query': '?signature=a%2Fb+c==',
    'with a fragment': '/film.mp4#t=3',
    'without a scheme': '//HOST/film.mp4',
    whole: 'http://HOST/film.mp4',
    'in capitals': 'HTTP://HOST/film.mp4',
    'with dots': '/a/../b/./film.mp4',
    'with a blank': '/the film.mp4',
    'with blanks around it': '   /film.mp4  ',
    'with signs': '/film[1]{2}|^`".mp4',
  })) {
    SERVERS[`${status}, ${where}`] = redirect(status, location);
  }
}

/** Videos of other types, by servers that call them anything; the type is the ending of our copy. */
const OTHER_FILMS = new Map<string, { film: Buffer; type: VideoType }>();
const serveOther = (name: string, type: VideoType, film: Buffer, reply: Answer) => {
  SERVERS[name] = reply;
  OTHER_FILMS.set(name, { film, type });
};
for (const [n, type] of OTHER_VIDEO_TYPES.entries()) {
  const film = makeOtherVideo(type, 30_000);
  const called = ['video/mp4', 'application/octet-stream', 'text/html', `video/${type}`][n % 4];
  serveOther(`a ${type} that is called ${called}`, type, film, () =>
    answer('200 OK', [`Content-Type: ${called}`, `Content-Length: ${film.length}`], film),
  );
}
const LIVE = makeLiveWebm();
serveOther('a WebM without any length', 'webm', LIVE, () => answer('200 OK', ['Content-Type: video/webm'], LIVE));
serveOther('a WebM in chunks and gzip', 'webm', LIVE, () =>
  answer(
    '200 OK',
    ['Content-Encoding: gzip', 'Transfer-Encoding: chunked'],
    Buffer.concat([chunks(gzipSync(LIVE), 500), Buffer.from('0\r\n\r\n')]),
  ),
);
serveOther('a GIF behind a redirect', 'gif', makeOtherVideo('gif'), ({ path }) =>
  path === '/begin'
    ? answer('302 Found', ['Location: /film.gif', 'Content-Length: 0'])
    : answer('200 OK', [`Content-Length: ${makeOtherVideo('gif').length}`], makeOtherVideo('gif')),
);

/** Curl gets these whole, and they are no videos: each is told, and nothing of it is kept. */
const PAGES: Record<string, [type: string, body: string]> = {
  HTML: ['text/html', '<!doctype html><title>Maintenance</title>'],
  'HTML that is called a video': ['video/mp4', `<html>${' '.repeat(20_000)}`],
  'an error in XML': ['application/xml', '<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>'],
  'an error in JSON': ['application/json', '{"code":5,"message":"not ready"}'],
  'a playlist': ['application/vnd.apple.mpegurl', '#EXTM3U\n#EXTINF:5,\nfilm.ts\n'],
  'a still picture': ['image/png', `\x89PNG\r\n\x1a\n\0\0\0\rIHDR${'.'.repeat(5_000)}`],
};
for (const [name, [type, body]] of Object.entries(PAGES)) {
  SERVERS[name] = () =>
    answer('200 OK', [`Content-Type: ${type}`, `Content-Length: ${body.length}`], Buffer.from(body, 'latin1'));
}

/**
 * What curl takes and we cannot: Node's parser knows no leniency for the one, and node-fetch takes the other for cut when
 * the connection closes with it. Neither was seen of a store of videos. It is told, and nothing wrong is kept.
 */
const BEYOND_NODE = new Set(['the same length twice', 'chunks with extensions and trailers']);

describe('download: as curl does it', () => {
  let emulator: Emulator;
  let harness: TestHarness;
  let clock: VirtualClock;
  let server: Server;
  let host: string;
  let current: Answer;
  const sockets = new Set<Socket>();

  before(async function () {
    this.timeout(120_000);
    provideCurl();
    clock = new VirtualClock(settled);
    emulator = await startClockedEmulator(clock, {});
    harness = await startHarness({ emulator, clock });
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
      let text = '';
      socket.on('data', (data) => {
        text += data.toString('latin1');
        if (!text.includes('\r\n\r\n')) {
          return;
        }
        const [first = '', ...lines] = text.split('\r\n');
        text = '';
        const path = Buffer.from(first.split(' ').slice(1, -1).join(' '), 'latin1').toString('utf8');
        const headers = Object.fromEntries(
          lines
            .filter((line) => line.includes(':'))
            .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
        );
        const bytes = current({ path, headers });
        // The place of this server is known only now.
        const end = bytes.indexOf('\r\n\r\n');
        const start = Buffer.from(bytes.subarray(0, end).toString('latin1').replaceAll('HOST', host), 'latin1');
        socket.end(Buffer.concat([start, bytes.subarray(end)]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(async () => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
    await harness.end();
    await emulator.close();
  });

  /** The judge: what `curl -L` makes of it; `undefined` where it fails. */
  async function fetchWithCurl(url: string): Promise<Buffer | undefined> {
    const file = join(tmpdir(), `curl-${process.pid}.mp4`);
    const code = await new Promise<unknown>((resolve) =>
      execFile('curl', ['-sSLf', '--compressed', '--max-time', '20', '--noproxy', '*', '-o', file, url], (error) =>
        resolve(error?.code ?? 0),
      ),
    );
    assert.notEqual(code, 'ENOENT', 'curl is needed as the judge of this test');
    const bytes = await readFile(file).catch(() => undefined);
    await rm(file, { force: true });
    return code === 0 ? bytes : undefined;
  }

  for (const [name, reply] of Object.entries(SERVERS)) {
    it(`from a server that serves: ${name}`, async function () {
      this.timeout(30_000);
      current = reply;
      const url = `http://${host}/begin`;
      const { film, type } = OTHER_FILMS.get(name) ?? { film: FILM, type: 'mp4' };
      const expected = await fetchWithCurl(url);
      assert.ok(!(name in PAGES || OTHER_FILMS.has(name)) || expected !== undefined, 'curl gets it');
      const id = harness.store.newId(clock.now());
      await harness.store.create(createDoneRecord(id, url, clock.now() + 48 * HOUR_MS));
      const isWhole = expected?.equals(film) === true;
      await clock
        .until(() => harness.get(id).localCopy !== undefined, 'the copy', isWhole ? HOUR_MS : HOUR_MS / 2)
        .catch(() => undefined);
      const record = harness.get(id);
      const path = harness.store.videoPath(record);
      const ours = path === undefined ? undefined : await readFile(path);
      await harness.run(harness.store.remove(id));
      if (isWhole && BEYOND_NODE.has(name)) {
        assert.ok(ours?.equals(FILM) ?? record.trouble !== undefined);
      } else if (isWhole) {
        assert.ok(ours?.equals(film), `curl has it whole; here: ${JSON.stringify(record.trouble)}`);
        assert.equal(extname(path!), `.${type}`);
      } else if (name in PAGES) {
        assert.deepEqual([ours, record.state, record.trouble?.kind], [undefined, 'done', 'not-a-video']);
      } else {
        assert.ok(ours === undefined || ours.equals(FILM), 'nothing wrong is kept');
      }
    });
  }
});
