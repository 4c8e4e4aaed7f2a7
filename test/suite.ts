// Runs one suite: tsx test/suite.ts <unit|slow|host|ui> [--grep <text>] [--desktop], or unit [--half 1|2]
// Its counts go to out/results/<suite>.json, or <suite>-<half>.json, where run.js adds them up.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
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
  options: { grep: { type: 'string' }, half: { type: 'string' }, desktop: { type: 'boolean', default: false } },
});
const filter = values.grep === undefined ? {} : { grep: values.grep };

const suites: Record<string, () => Promise<Outcome>> = {
  async unit() {
    const files = await testFiles('unit', (name) => !isSlow(name));
    // Every second one: that shares the long ones out about evenly.
    const wanted =
      values.half === undefined ? files : files.filter((_, index) => index % 2 === Number(values.half) - 1);
    return runMocha(wanted, { ...filter, timeout: UNIT_TIMEOUT_MS });
  },
  /** What takes its time on plain Node: real kills, many random schedules. Not part of `npm run check`. */
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

async function testFiles(room: string, isWanted: (name: string) => boolean = () => true): Promise<string[]> {
  const folder = path.join(import.meta.dirname, room);
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith('.test.ts') && isWanted(name))
    .sort()
    .map((name) => path.join(folder, name));
}

exitOnSignals();
const outcome = await suites[suite]?.();
if (outcome === undefined) throw new Error(`There is no suite "${suite}", only ${Object.keys(suites).join(', ')}.`);
const failed = [...outcome.failed];
// Half a suite may have none for --grep; run.js looks at both.
if (outcome.passed + failed.length === 0 && values.half === undefined) failed.push('(no test was run)');
const results = path.resolve('out', 'results');
await mkdir(results, { recursive: true });
const name = values.half === undefined ? suite : `${suite}-${values.half}`;
await writeFile(path.join(results, `${name}.json`), JSON.stringify({ passed: outcome.passed, failed }));
process.exitCode = failed.length === 0 ? 0 : 1;
setTimeout(() => {
  console.error(`The ${suite} suite left something open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit();
}, LEAK_AFTER_MS).unref();
