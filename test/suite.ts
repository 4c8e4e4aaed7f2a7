// Runs one suite: tsx test/suite.ts <unit|slow|host|ui> [--grep <text>] [--desktop] [--shard 1/2]
// Its counts and times go to out/results/<suite>.json, or <suite>-<shard>.json, where run.js adds them up.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runMocha, type Outcome } from './mocha';
import { exitOnSignals } from './vscode/signals';

/** A leaked timer or socket must not hold up the whole run, but should be seen. */
const LEAK_AFTER_MS = 5_000;
/** Against hanging only. No test asserts how fast it is, and a busy machine is slow. */
const UNIT_TIMEOUT_MS = 60_000;
const SLOW_TIMEOUT_MS = 10 * 60_000;

const {
  positionals: [suite = ''],
  values,
} = parseArgs({
  allowPositionals: true,
  options: { grep: { type: 'string' }, shard: { type: 'string' }, desktop: { type: 'boolean', default: false } },
});
const filter = values.grep === undefined ? {} : { grep: values.grep };
const shard = values.shard === undefined ? undefined : parseShard(values.shard);

const suites: Record<string, () => Promise<Outcome>> = {
  async unit() {
    return runMocha(await testFiles('unit', (name) => !isSlow(name)), { ...filter, timeout: UNIT_TIMEOUT_MS });
  },
  /** What takes its time on plain Node: real kills, many random schedules or hostile inputs. Not part of `npm run check`. */
  async slow() {
    return runMocha(await testFiles('unit', isSlow), { ...filter, timeout: SLOW_TIMEOUT_MS });
  },
  async host() {
    const { runHostSuite } = await import('./integration/run');
    const { serverRunsHere } = await import('./vscode/install');
    const desktop = values.desktop || process.env['SEEDANCE_DESKTOP'] === '1' || !serverRunsHere();
    return runHostSuite({ files: await testFiles('integration'), grep: values.grep, desktop });
  },
  async ui() {
    const { rootHooks } = await import('./e2e/setup');
    // A user's browser and editor on a machine that may be busy: what fails is tried again in new windows,
    // with a service of its own, and the first failure is reported with its pictures.
    return runMocha(await testFiles('e2e'), { ...filter, rootHooks, timeout: 120_000, retries: 2 });
  },
};

function isSlow(name: string): boolean {
  return name.endsWith('.slow.test.ts');
}

/** The test files of a folder that this process runs: all, or its shard's. */
async function testFiles(folderName: string, isWanted: (name: string) => boolean = () => true): Promise<string[]> {
  const folder = path.join(import.meta.dirname, folderName);
  const names = await readdir(folder, { recursive: true });
  const files = names
    .filter((name) => name.endsWith('.test.ts') && isWanted(name))
    .sort()
    .map((name) => path.join(folder, name));
  return shard === undefined ? files : filesOfShard(files, shard);
}

interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

function parseShard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (!(Number(index) >= 1 && Number(index) <= Number(count))) throw new Error(`--shard ${text} is not like 1/2.`);
  return { index: Number(index) - 1, count: Number(count) };
}

/** Deals the files out, those with the most tests first, each to the shard that has least. */
async function filesOfShard(files: readonly string[], { index, count }: Shard): Promise<string[]> {
  const counted = await Promise.all(
    files.map(async (file) => ({ file, tests: (await readFile(file, 'utf8')).match(/\bit\(/g)?.length ?? 0 })),
  );
  const loads = Array.from({ length: count }, () => 0);
  return counted
    .toSorted((a, b) => b.tests - a.tests)
    .filter(({ tests }) => {
      const lightest = loads.indexOf(Math.min(...loads));
      loads[lightest]! += tests;
      return lightest === index;
    })
    .map(({ file }) => file)
    .sort();
}

exitOnSignals();
const outcome = await suites[suite]?.();
if (outcome === undefined) throw new Error(`There is no suite "${suite}", only ${Object.keys(suites).join(', ')}.`);
const failed = [...outcome.failed];
// A shard may have none for --grep; run.js looks at all of them.
if (outcome.passed + failed.length === 0 && shard === undefined) failed.push('(no test was run)');
const results = path.resolve('out', 'results');
await mkdir(results, { recursive: true });
const name = shard === undefined ? suite : `${suite}-${shard.index + 1}`;
await writeFile(path.join(results, `${name}.json`), JSON.stringify({ ...outcome, failed }));
process.exitCode = failed.length === 0 ? 0 : 1;
setTimeout(() => {
  console.error(`The ${suite} suite left something open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit();
}, LEAK_AFTER_MS).unref();
