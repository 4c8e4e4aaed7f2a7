// The scripts of the contract: node test/run.js <build|check|test|demo|bench|package> [arguments]
//
// Uses nothing but Node at its start, so that every script works in a fresh clone: what is missing is
// installed first. `test` takes names of parts to run only those, and hands on --grep and --desktop to the suites.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** @typedef {{ title: string, testMs: number, hooksMs: number, retries: number }} Timing see mocha.ts */
/** @typedef {{ name: string, seconds: number, timings: Timing[] }} SuiteRun */
/** @typedef {{ passed: number, failed: string[], runs?: SuiteRun[] }} Outcome */

const ROOT = path.resolve(import.meta.dirname, '..');
const MINUTE_MS = 60_000;
/** A suite that hangs fails. Together these stay well below the hour and a half that CI grants. */
const SUITE_LIMITS_MS = { unit: 10 * MINUTE_MS, slow: 20 * MINUTE_MS, host: 15 * MINUTE_MS, ui: 45 * MINUTE_MS };
/** A test process keeps one processor busy at most, and a UI test waits more than it works. */
const SHARDS = 2;
const SLOWEST = 10;

const TSC = 'node_modules/typescript/bin/tsc';
const PARTS = ['types', 'lint', 'format', 'unused', 'unit', 'slow', 'package', 'host', 'ui'];
/** @type {Record<string, string>} */
const PART_ALIASES = { integration: 'host', e2e: 'ui' };
const COMMANDS = { build, check, test, demo, bench, package: pack };

const [command = '', ...args] = process.argv.slice(2);
process.chdir(ROOT);
if (!Object.hasOwn(COMMANDS, command)) {
  console.error(`Usage: node test/run.js <${Object.keys(COMMANDS).join('|')}> [arguments]`);
  process.exit(2);
}
/** Understood before anything is installed for it. */
const testOptions = command === 'test' ? readTestOptions() : undefined;
await install();
const outcome = await COMMANDS[/** @type {keyof typeof COMMANDS} */ (command)]();
process.exitCode = outcome.failed.length === 0 ? 0 : 1;

/** `npm ci`, unless node_modules was made from this very lock file. */
async function install() {
  const stamp = path.join('node_modules', '.seedance-lock');
  const wanted = createHash('sha256')
    .update(await readFile('package-lock.json'))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === wanted) return;
  // npm says where its own script lies; without that it is found on PATH, where Windows has a .cmd.
  const npm = process.env['npm_execpath'];
  const { code } = npm
    ? await run(process.execPath, [npm, 'ci'])
    : await run('npm', ['ci'], { shell: process.platform === 'win32' });
  if (code !== 0) process.exit(1);
  await writeFile(stamp, wanted);
}

async function build() {
  return step('build', 'esbuild.js', args);
}

async function check() {
  // Remembered by file: a rule that looks at types may miss what a change elsewhere does to a file. `test` does not.
  const remembered = ['--cache', '--cache-strategy=content', '--cache-location', path.join('out', 'lint', '/')];
  const format = prettier(['--cache', '--cache-location', path.join('out', 'format', 'cache')]);
  return summed(await Promise.all([types(), webviewTypes(), lint(remembered), format, sharded('unit')]));
}

/** What `test` was asked for: its parts, and what the suites are told. Ends here if that is help, or makes no sense. */
function readTestOptions() {
  const usage = `Usage: npm test [-- [part…] [--grep <text>] [--desktop]]\nParts: ${PARTS.join(', ')}; integration is host, and e2e is ui. Without one, all of them.`;
  const wrong = (/** @type {string} */ why) => {
    console.error(`${why}\n${usage}`);
    return process.exit(2);
  };
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { grep: { type: 'string' }, desktop: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const names = positionals.map((name) => PART_ALIASES[name] ?? name);
    const unknown = names.filter((name) => !PARTS.includes(name));
    if (unknown.length > 0) return wrong(`There is no part ${unknown.join(', ')} of the tests.`);
    return {
      names,
      options: [
        ...(values.grep === undefined ? [] : ['--grep', values.grep]),
        ...(values.desktop ? ['--desktop'] : []),
      ],
    };
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

async function test() {
  const { names, options } = testOptions ?? readTestOptions();
  const wanted = (/** @type {string} */ name) => names.length === 0 || names.includes(name);
  const outcomes = await Promise.all([
    ...(wanted('types') ? [types(), webviewTypes()] : []),
    ...(wanted('lint') ? [lint()] : []),
    ...(wanted('format') ? [prettier()] : []),
    ...(wanted('unused') ? [unused()] : []),
    ...(wanted('unit') ? [sharded('unit', options)] : []),
  ]);
  if (wanted('package') || wanted('host') || wanted('ui')) outcomes.push(await pack());
  if (wanted('host') || wanted('ui')) outcomes.push(await vscode(wanted('ui')));
  // The slow suite waits for kills and leases to run out, the host suite for its VS Code: they fill each other's pauses.
  outcomes.push(
    ...(await Promise.all([
      ...(wanted('slow') ? [suite('slow', options, { live: !wanted('host') })] : []),
      ...(wanted('host') ? [suite('host', options, { live: !wanted('slow') })] : []),
    ])),
  );
  // On its own: each shard has a VS Code and a browser already, and a machine that is short of breath fails tests.
  if (wanted('ui')) outcomes.push(await sharded('ui', options));
  return summed(outcomes);
}

async function demo() {
  for (const prepare of [pack, () => vscode(args.includes('--once'))]) {
    const prepared = await prepare();
    if (prepared.failed.length > 0) return prepared;
  }
  return step('demo', 'test/vscode/demo.ts', args);
}

async function bench() {
  const packaged = await pack();
  return packaged.failed.length > 0 ? packaged : step('bench', 'test/bench/main.ts', args);
}

/** Builds for production and makes seedance-<version>.vsix. */
async function pack() {
  const built = await step('build', 'esbuild.js', ['--production']);
  if (built.failed.length > 0) return { passed: 0, failed: ['package'] };
  const { name, version } = JSON.parse(await readFile('package.json', 'utf8'));
  const file = `${name}-${version}.vsix`;
  // Everything that runs is bundled, hence --no-dependencies; the other two keep vsce from asking.
  const packed = await step('package', 'node_modules/@vscode/vsce/vsce', [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--out',
    file,
  ]);
  if (packed.failed.length === 0) console.log(`${file}: ${Math.round((await stat(file)).size / 1024)} KB`);
  return packed;
}

/**
 * Installs the VS Code and the browser that tests and demo use.
 * @param {boolean} driven a browser has to drive it, which the desktop VS Code does not allow
 */
function vscode(driven) {
  return step('VS Code', 'test/vscode/setUp.ts', driven ? [] : ['--or-desktop']);
}

function types() {
  return step('types', TSC, ['--noEmit', ...remembering('types')], { live: false });
}

function webviewTypes() {
  return step('types of the webviews', TSC, ['-p', 'src/webviews', '--noEmit', ...remembering('webviews')], {
    live: false,
  });
}

/**
 * Lets the compiler check only what has changed since it last ran.
 * @param {string} name
 */
function remembering(name) {
  return ['--incremental', '--tsBuildInfoFile', path.join('out', 'types', `${name}.tsbuildinfo`)];
}

/** @param {string[]} [options] */
function lint(options = []) {
  return step('lint', 'node_modules/eslint/bin/eslint.js', ['.', '--max-warnings=0', ...options], { live: false });
}

/** @param {string[]} [options] */
function prettier(options = []) {
  return step('format', 'node_modules/prettier/bin/prettier.cjs', ['.', '--check', ...options], { live: false });
}

/** Finds dead code and dependencies that nothing uses. */
function unused() {
  return step('unused', 'node_modules/knip/bin/knip.js', [], { live: false });
}

/**
 * Runs a suite in several processes at once. The report of the first is shown as it grows, if that is long; the
 * others' when they end.
 * @param {'unit' | 'ui'} name
 * @param {string[]} [options]
 * @returns {Promise<Outcome>}
 */
async function sharded(name, options = []) {
  const started = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: SHARDS }, (_, index) =>
      suite(name, options, { live: name === 'ui' && index === 0, shard: index + 1 }),
    ),
  );
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  const timings = outcomes.flatMap(({ runs = [] }) => runs).flatMap((run) => run.timings);
  const runs = [{ name, seconds: secondsSince(started), timings }];
  // With --grep a shard may have no test, but not all of them.
  return { passed, failed: passed + failed.length > 0 ? failed : [`${name}: (no test was run)`], runs };
}

/**
 * Runs a mocha suite, which writes its counts to a file. A suite that ends without them, or badly in spite
 * of them, has failed.
 * @param {keyof typeof SUITE_LIMITS_MS} name
 * @param {string[]} [options]
 * @param {{ live?: boolean, shard?: number }} [how] `shard` counts from 1; without it, all files are run
 * @returns {Promise<Outcome>}
 */
async function suite(name, options = [], { live = true, shard } = {}) {
  const part = shard ? `${name} ${shard} of ${SHARDS}` : name;
  const results = path.join('out', 'results', `${shard ? `${name}-${shard}` : name}.json`);
  await rm(results, { force: true });
  const suiteArgs = [name, ...options, ...(shard ? ['--shard', `${shard}/${SHARDS}`] : [])];
  const started = performance.now();
  const { failed } = await step(part, 'test/suite.ts', suiteArgs, { live, timeout: SUITE_LIMITS_MS[name] });
  const counted = await readFile(results, 'utf8').then(JSON.parse, () => ({
    passed: 0,
    failed: ['(the suite did not come to its end)'],
    timings: [],
  }));
  const failures = counted.failed.map((/** @type {string} */ title) => `${part}: ${title}`);
  return {
    passed: counted.passed,
    failed: failures.length > 0 ? failures : failed,
    runs: [{ name, seconds: secondsSince(started), timings: counted.timings }],
  };
}

/**
 * Runs a script and says how it went and how long it took.
 * @param {string} name
 * @param {string} script
 * @param {string[]} [scriptArgs]
 * @param {{ live?: boolean, timeout?: number }} [options] `live: false` shows the output at the end, in one piece
 * @returns {Promise<Outcome>}
 */
async function step(name, script, scriptArgs = [], { live = true, timeout } = {}) {
  const started = performance.now();
  if (live) console.log(`▶ ${name}`);
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const { code, output } = await run(process.execPath, [...loader, script, ...scriptArgs], { capture: !live, timeout });
  const passed = code === 0;
  console.log(`${output}${passed ? '✔' : '✖'} ${name} (${secondsSince(started).toFixed(1)} s)`);
  return passed ? { passed: 1, failed: [] } : { passed: 0, failed: [name] };
}

/**
 * @param {string} file
 * @param {string[]} fileArgs
 * @param {{ capture?: boolean, timeout?: number | undefined, shell?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>} the exit code, 1 for an end by a signal; and the output if captured
 */
function run(file, fileArgs, { capture = false, timeout, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const out = capture ? 'pipe' : 'inherit';
    const child = spawn(file, fileArgs, { stdio: ['ignore', out, out], timeout, shell });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** @param {number} started of `performance.now()` */
function secondsSince(started) {
  return (performance.now() - started) / 1000;
}

/**
 * Prints where the time went, what failed, and the line that ends every test run.
 * @param {Outcome[]} outcomes
 * @returns {Outcome}
 */
function summed(outcomes) {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  for (const run of outcomes.flatMap(({ runs = [] }) => runs)) printTimes(run);
  if (failed.length > 0) console.log(`\nFailed:\n${failed.map((title) => `  ${title}`).join('\n')}`);
  console.log(`\n${passed} passed, ${failed.length} failed`);
  return { passed, failed };
}

/**
 * Prints how long a suite took, and its slowest tests with the hooks around them.
 * @param {SuiteRun} run
 */
function printTimes({ name, seconds, timings }) {
  const total = (/** @type {Timing} */ { testMs, hooksMs }) => testMs + hooksMs;
  const shown = (/** @type {number} */ ms) => (ms / 1000).toFixed(1).padStart(6);
  const retries = timings.reduce((sum, timing) => sum + timing.retries, 0);
  console.log(`\n${name}: ${seconds.toFixed(0)} s, retries: ${retries}. The slowest tests, in seconds with + hooks:`);
  for (const timing of timings.toSorted((a, b) => total(b) - total(a)).slice(0, SLOWEST)) {
    const again = timing.retries > 0 ? ` (tried ${timing.retries + 1} times)` : '';
    console.log(`${shown(timing.testMs)} +${shown(timing.hooksMs)}  ${timing.title}${again}`);
  }
}
