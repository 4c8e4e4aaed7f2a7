/** Downloads over a line of 1 Gbit/s: 200 MB through the downloader, beside `curl -o`, in turn. */
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
const RUNS = 7;
const MB = 1024 ** 2;
const BYTES = 200 * MB;
/** 1 Gbit/s. */
const LINE_BYTES_PER_SECOND = 125_000_000;

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
    return await compare(place, await makeIdentity(place));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Over https, as the links of the service are. */
async function compare(place: string, identity: Identity): Promise<Figure[]> {
  const server = child(place, 'downloadsServer', [
    String(BYTES),
    String(LINE_BYTES_PER_SECOND),
    identity.key,
    identity.certificate,
  ]);
  try {
    const [port] = (await once(server, 'message')) as [number];
    const url = `https://127.0.0.1:${port}/video.mp4`;
    const ours: DownloadFigures[] = [];
    const bare: DownloadFigures[] = [];
    const theirs: Pick<DownloadFigures, 'ms' | 'processorMs'>[] = [];
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
    const speed = (runs: readonly { ms: number }[]) => BYTES / MB / (median(runs.map(({ ms }) => ms)) / 1000);
    const processor = (runs: readonly { processorMs: number }[]) =>
      median(runs.map(({ processorMs }) => processorMs)) / 1000 / (BYTES / 1024 ** 3);
    const growth = (runs: readonly DownloadFigures[]) => median(runs.map((run) => run.growth)) / MB;
    return [
      { claim, what: 'on a line of 1 Gbit/s: curl -o, 200 MB', value: speed(theirs), unit: 'MB/s' },
      { claim, what: 'downloader, 200 MB, checked and flushed to the disk', value: speed(ours), unit: 'MB/s' },
      {
        claim,
        what: 'beside curl',
        value: median(ours.map(({ ms }, run) => theirs[run]!.ms / ms)),
        unit: '×',
        limit: { atLeast: 0.98 },
      },
      { claim, what: 'processor time: downloader', value: processor(ours), unit: 's/GB' },
      { claim, what: 'processor time: curl', value: processor(theirs), unit: 's/GB' },
      {
        claim,
        what: 'processor time: a request of Node alone, its bytes dropped',
        value: processor(bare),
        unit: 's/GB',
      },
      { claim, what: 'growth of memory: downloader', value: growth(ours), unit: 'MB' },
      { claim, what: 'growth of memory: a request of Node alone, its bytes dropped', value: growth(bare), unit: 'MB' },
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

async function curl(
  url: string,
  file: string,
  { certificate }: Identity,
): Promise<Pick<DownloadFigures, 'ms' | 'processorMs'>> {
  const began = performance.now();
  // The shell's `times` has a second line of what its children took: 0m0.123s 0m0.045s.
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    '"$@" && times',
    'sh',
    ...['curl', '--silent', '--fail', '--noproxy', '*', '--cacert', certificate, '-o', file, url],
  ]);
  const ms = performance.now() - began;
  if ((await stat(file)).size !== BYTES) throw new Error('curl did not fetch all');
  await rm(file);
  const [, children = ''] = stdout.trim().split('\n');
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  return { ms, processorMs: parts.reduce((sum, seconds) => sum + seconds, 0) * 1000 };
}

function child(place: string, name: string, args: string[], trusts?: Identity): ChildProcess {
  const env = { ...process.env, ...(trusts && { NODE_EXTRA_CA_CERTS: trusts.certificate }) };
  return fork(path.join(place, `${name}.mjs`), args, { execArgv: ['--expose-gc'], env });
}
