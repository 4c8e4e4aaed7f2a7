/** Downloads at line speed: 200 MB from loopback through the downloader, beside `curl -o`, in turn. */
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DownloadFigures } from './downloadsProcess';
import { median, type Figure } from './report';

const claim = 'downloads';
const RUNS = 5;
const MB = 1024 ** 2;
const BYTES = 200 * MB;

export async function downloads(): Promise<Figure[]> {
  const place = await mkdtemp(path.join(tmpdir(), 'seedance-bench-'));
  const server = child('downloadsServer', [String(BYTES)]);
  try {
    const [port] = (await once(server, 'message')) as [number];
    const url = `http://127.0.0.1:${port}/video.mp4`;
    const ours: DownloadFigures[] = [];
    const theirs: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const downloader = child('downloadsProcess', [path.join(place, String(run)), url]);
      const [figures] = (await once(downloader, 'message')) as [DownloadFigures];
      ours.push(figures);
      theirs.push(await curl(url, path.join(place, 'curl.mp4')));
      await rm(path.join(place, String(run)), { recursive: true });
    }
    const speed = (ms: number) => BYTES / MB / (ms / 1000);
    const [our, their] = [median(ours.map(({ ms }) => ms)), median(theirs)];
    return [
      { claim, what: 'curl -o, 200 MB', value: speed(their), unit: 'MB/s' },
      { claim, what: 'downloader, 200 MB, checked and flushed to the disk', value: speed(our), unit: 'MB/s' },
      { claim, what: 'of it the flush that curl does not do', value: median(ours.map(({ flushMs }) => flushMs)), unit: 'ms' },
      { claim, what: 'beside curl', value: median(ours.map(({ ms }, run) => theirs[run]! / ms)), unit: '×', limit: { atLeast: 0.8 } },
      { claim, what: 'growth of memory', value: median(ours.map(({ growth }) => growth)) / MB, unit: 'MB', limit: { atMost: 16 } },
    ];
  } finally {
    server.kill();
    await rm(place, { recursive: true, force: true });
  }
}

async function curl(url: string, file: string): Promise<number> {
  const began = performance.now();
  await promisify(execFile)('curl', ['--silent', '--fail', '--noproxy', '*', '-o', file, url]);
  const ms = performance.now() - began;
  if ((await stat(file)).size !== BYTES) throw new Error('curl did not fetch all');
  await rm(file);
  return ms;
}

function child(name: string, args: string[]): ChildProcess {
  return fork(path.join(import.meta.dirname, `${name}.ts`), args, { execArgv: ['--expose-gc', '--import', 'tsx'] });
}
