// Measures what the project claims about speed: tsx test/bench/main.ts [rows…] [--keep] [--against <checkout or .vsix>]
// Prints a table and writes out/bench.json; with --keep also the files of this folder that hold the latest figures.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { holds, table, thisMachine, type Figure, type Report } from './report';
import { ROOT } from '../support/root';

/** In this order: what needs a quiet machine comes before what starts a workbench. */
const ROWS: Record<string, (against: string | undefined) => Figure[] | Promise<Figure[]>> = {
  bundleSize: async () => (await import('./bundleSize')).bundleSize(),
  pollingCost: async () => (await import('./pollingCost')).pollingCost(),
  concurrency: async () => (await import('./concurrency')).concurrency(),
  downloads: async () => (await import('./downloads')).downloads(),
  longHistory: async (against) => [
    ...(await (await import('./longHistory')).longHistory(against)),
    ...(await (await import('./longHistoryTree')).longHistoryTree(against)),
  ],
  startup: async (against) => (await import('./startup')).startup(against),
  storyboard: async () => (await import('./storyboard')).storyboard(),
  previewLatency: async () => (await import('./previewLatency')).previewLatency(),
  gallery: async () => (await import('./gallery')).gallery(),
  exporting: async () => (await import('./exporting')).exporting(),
  idle: async () => [
    ...(await (await import('./idleHost')).idleHost()),
    ...(await (await import('./idleCore')).idleCore()),
  ],
};
/** Those that can be measured in turn with another checkout, or a package of it. */
const COMPARABLE = ['longHistory', 'startup'];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false }, against: { type: 'string' } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(ROWS, name));
if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}, only ${Object.keys(ROWS).join(', ')}.`);
if (values.keep && (positionals.length > 0 || values.against !== undefined)) {
  throw new Error('--keep is for all rows of one run, by themselves.');
}
if (
  values.against !== undefined &&
  (positionals.length === 0 || positionals.some((name) => !COMPARABLE.includes(name)))
) {
  throw new Error(`--against is for ${COMPARABLE.join(' and ')}.`);
}

const machine = thisMachine();
const figures: Figure[] = [];
const missing: string[] = [];
for (const [name, measure] of Object.entries(ROWS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`  ${name}…`);
  try {
    figures.push(...(await measure(values.against)));
  } catch (error) {
    missing.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const report: Report = { at: new Date().toISOString(), machine, figures, missing };
const text = table(report);
console.log(`\n${text}\n`);
await mkdir(path.join(ROOT, 'out'), { recursive: true });
await writeFile(path.join(ROOT, 'out', 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
if (values.keep) await keep();
const broken = figures.filter((figure) => holds(figure) === false);
console.log(
  broken.length === 0 && missing.length === 0
    ? 'All claims hold.'
    : `${broken.length} claims do not hold, ${missing.length} rows were not measured.`,
);
process.exit(broken.length === 0 && missing.length === 0 ? 0 : 1);

async function keep(): Promise<void> {
  const readme = path.join(import.meta.dirname, 'README.md');
  const { system, cpu, cores, memoryGb, node, load } = machine;
  const latest = [
    '<!-- latest: written by npm run bench -- --keep -->',
    `Measured ${report.at.slice(0, 10)} on ${system}, ${cores} × ${cpu}, ${memoryGb} GB, Node ${node}; load ${load} when it began.`,
    '',
    text,
    '<!-- /latest -->',
  ].join('\n');
  await writeFile(
    readme,
    (await readFile(readme, 'utf8')).replace(/<!-- latest[^]*<!-- \/latest -->/, () => latest),
  );
  await writeFile(path.join(import.meta.dirname, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`);
}
