// The scripts of package.json: node test/run.js <build|check|test|demo|bench|package> [arguments]
//
// Uses nothing but Node at its start, so that every script works in a fresh clone: what is missing is
// installed first. `test` takes names of parts to run only those, and hands on --grep and --desktop to the suites.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** @typedef {{ passed: number, failed: string[] }} Outcome */

const ROOT = path.resolve(import.meta.dirname, '..');
const MINUTE_MS = 60_000;
/** A suite that hangs fails. Together these stay well below the hour and a half that CI grants. */
const SUITE_LIMITS_MS = { unit: 5 * MINUTE_MS, slow: 15 * MINUTE_MS, host: 15 * MINUTE_MS, ui: 45 * MINUTE_MS };

const TSC = 'node_modules/typescript/bin/tsc';
const PARTS = ['types', 'lint', 'unit', 'slow', 'package', 'host', 'ui'];
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
  return summed(await Promise.all([types(), webviewTypes(), lint(remembered), unit()]));
}

/** What `test` was asked for: its parts, and what the suites are told. Ends here if that is help, or makes no sense. */
function readTestOptions() {
  const usage = `Usage: npm test [-- [part…] [--grep <text>] [--desktop]]\nParts: ${PARTS.join(', ')}. Without one, all of them.`;
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
    const unknown = positionals.filter((name) => !PARTS.includes(name));
    if (unknown.length > 0) return wrong(`There is no part ${unknown.join(', ')} of the tests.`);
    return {
      names: positionals,
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
    ...(wanted('unit') ? [unit(options)] : []),
  ]);
  // On its own: it starts many processes, and what runs beside it would be late.
  if (wanted('slow')) outcomes.push(await suite('slow', options));
  if (wanted('package') || wanted('host') || wanted('ui')) outcomes.push(await pack());
  if (wanted('host') || wanted('ui')) outcomes.push(await vscode(wanted('ui')));
  // One after the other: both start a VS Code, and a machine that is short of breath fails tests.
  if (wanted('host')) outcomes.push(await suite('host', options));
  if (wanted('ui')) outcomes.push(await suite('ui', options));
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
  return step('types of the webview', TSC, ['-p', 'media', ...remembering('webview')], { live: false });
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

/**
 * Runs the unit tests in two processes: one keeps a single processor busy, and is what `check` takes.
 * @param {string[]} [options]
 * @returns {Promise<Outcome>}
 */
async function unit(options = []) {
  const halves = await Promise.all([1, 2].map((half) => suite('unit', options, half)));
  const passed = halves.reduce((sum, half) => sum + half.passed, 0);
  const failed = halves.flatMap((half) => half.failed);
  // With --grep a half may have no test, but not both.
  return passed + failed.length > 0 ? { passed, failed } : { passed, failed: ['unit: (no test was run)'] };
}

/**
 * Runs a mocha suite, which writes its counts to a file. A suite that ends without them, or badly in spite
 * of them, has failed.
 * @param {keyof typeof SUITE_LIMITS_MS} name
 * @param {string[]} [options]
 * @param {number} [half] 1 or 2 for every second file; its report is shown when it ends
 * @returns {Promise<Outcome>}
 */
async function suite(name, options = [], half) {
  const part = half ? `${name} ${half} of 2` : name;
  const results = path.join('out', 'results', `${half ? `${name}-${half}` : name}.json`);
  await rm(results, { force: true });
  const suiteArgs = [name, ...options, ...(half ? ['--half', String(half)] : [])];
  const { failed } = await step(part, 'test/suite.ts', suiteArgs, { live: !half, timeout: SUITE_LIMITS_MS[name] });
  const counted = await readFile(results, 'utf8').then(JSON.parse, () => ({
    passed: 0,
    failed: ['(the suite did not come to its end)'],
  }));
  const failures = counted.failed.map((/** @type {string} */ title) => `${part}: ${title}`);
  return { passed: counted.passed, failed: failures.length > 0 ? failures : failed };
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
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const passed = code === 0;
  console.log(`${output}${passed ? '✔' : '✖'} ${name} (${seconds} s)`);
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

/**
 * Prints what failed, and the line that ends every test run.
 * @param {Outcome[]} outcomes
 * @returns {Outcome}
 */
function summed(outcomes) {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  if (failed.length > 0) console.log(`\nFailed:\n${failed.map((title) => `  ${title}`).join('\n')}`);
  console.log(`\n${passed} passed, ${failed.length} failed`);
  return { passed, failed };
}
