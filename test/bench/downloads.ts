/** Downloads at line speed: 200 MB from loopback through the downloader, beside `curl -o`, in turn. */
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { DownloadFigures } from './downloadsProcess';
import { median, type Figure } from './report';

const claim = 'downloads';
const RUNS = 5;
const MB = 1024 ** 2;
const BYTES = 200 * MB;

export async function downloads(): Promise<Figure[]> {
  const place = await mkdtemp(path.join(tmpdir(), 'seedance-bench-'));
  try {
    // As it is shipped: what runs a source as it is makes each function dearer.
    await build({
      entryPoints: ['downloadsProcess', 'downloadsServer'].map((name) => path.join(import.meta.dirname, `${name}.ts`)),
      outdir: place,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
    });
    const identity = await makeIdentity(place);
    return [...(await over('https', place, identity)), ...(await over('http', place))];
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** As the links of the service are, and without encryption, where chunks are larger. */
async function over(protocol: 'https' | 'http', place: string, identity?: Identity): Promise<Figure[]> {
  const server = child(place, 'downloadsServer', [
    String(BYTES),
    ...(identity ? [identity.key, identity.certificate] : []),
  ]);
  try {
    const [port] = (await once(server, 'message')) as [number];
    const url = `${protocol}://127.0.0.1:${port}/video.mp4`;
    const ours: DownloadFigures[] = [];
    const bare: DownloadFigures[] = [];
    const theirs: number[] = [];
    const fetch = async (...how: string[]) => {
      const into = path.join(place, 'ours');
      const [figures] = (await once(child(place, 'downloadsProcess', [into, url, ...how], identity), 'message')) as [
        DownloadFigures,
      ];
      await rm(into, { recursive: true });
      return figures;
    };
    for (let run = 0; run < RUNS; run++) {
      ours.push(await fetch());
      theirs.push(await curl(url, path.join(place, 'curl.mp4'), identity));
      bare.push(await fetch('bare'));
    }
    const speed = (ms: number) => BYTES / MB / (ms / 1000);
    const [our, their, bareMs] = [median(ours.map(({ ms }) => ms)), median(theirs), median(bare.map(({ ms }) => ms))];
    return [
      { claim, what: `${protocol}: curl -o, 200 MB`, value: speed(their), unit: 'MB/s' },
      { claim, what: `${protocol}: a request of Node alone, its bytes dropped`, value: speed(bareMs), unit: 'MB/s' },
      {
        claim,
        what: `${protocol}: downloader, 200 MB, checked and flushed to the disk`,
        value: speed(our),
        unit: 'MB/s',
      },
      {
        claim,
        what: 'of it the flush that curl does not do',
        value: median(ours.map(({ flushMs }) => flushMs)),
        unit: 'ms',
      },
      {
        claim,
        what: `${protocol}: beside curl`,
        value: median(ours.map(({ ms }, run) => theirs[run]! / ms)),
        unit: '×',
        limit: { atLeast: 0.8 },
      },
      {
        claim,
        what: `${protocol}: beside curl and such a flush`,
        value: median(ours.map(({ ms, flushMs }, run) => (theirs[run]! + flushMs) / ms)),
        unit: '×',
      },
      {
        claim,
        what: `${protocol}: growth of memory by a request of Node alone, its bytes dropped`,
        value: median(bare.map(({ growth }) => growth)) / MB,
        unit: 'MB',
      },
      {
        claim,
        what: `${protocol}: growth of memory`,
        value: median(ours.map(({ growth }) => growth)) / MB,
        unit: 'MB',
        limit: { atMost: 16 },
      },
    ];
  } finally {
    server.kill();
  }
}

/** Files of a server that nobody else knows. */
interface Identity {
  readonly key: string;
  readonly certificate: string;
}

async function makeIdentity(place: string): Promise<Identity> {
  const [key, certificate] = [path.join(place, 'key.pem'), path.join(place, 'certificate.pem')];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  return { key, certificate };
}

async function curl(url: string, file: string, identity?: Identity): Promise<number> {
  const began = performance.now();
  await promisify(execFile)('curl', [
    '--silent',
    '--fail',
    '--noproxy',
    '*',
    ...(identity ? ['--cacert', identity.certificate] : []),
    '-o',
    file,
    url,
  ]);
  const ms = performance.now() - began;
  if ((await stat(file)).size !== BYTES) throw new Error('curl did not fetch all');
  await rm(file);
  return ms;
}

function child(place: string, name: string, args: string[], trusts?: Identity): ChildProcess {
  const env = { ...process.env, ...(trusts ? { NODE_EXTRA_CA_CERTS: trusts.certificate } : {}) };
  return fork(path.join(place, `${name}.mjs`), args, { execArgv: ['--expose-gc'], env });
}
