/** How every suite runs its files and counts: in plain Node, in the extension host, and beside a browser. */
import { pathToFileURL } from 'node:url';
import Mocha from 'mocha';

/** What a suite came to. */
export interface Outcome {
  readonly passed: number;
  /** Full titles of the tests and hooks that failed. */
  readonly failed: readonly string[];
  readonly timings: readonly Timing[];
}

/** The time of a test with all its attempts, or of the hooks that run once around a `describe`. */
export interface Timing {
  readonly title: string;
  /** What the test itself took. */
  readonly testMs: number;
  /** What the hooks around it took. */
  readonly hooksMs: number;
  /** How often it was tried again. */
  readonly retries: number;
}

/** Runs mocha over the files and prints its report. A skipped test is a failure. */
export async function runMocha(files: readonly string[], options: Mocha.MochaOptions): Promise<Outcome> {
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', forbidOnly: true, forbidPending: true, ...options });
  for (const file of files) await load(mocha, file);
  let passed = 0;
  const failed: string[] = [];
  const timings = new Map<string, Timing>();
  const spend = (title: string, spent: Partial<Timing>): void => {
    const known = timings.get(title) ?? { title, testMs: 0, hooksMs: 0, retries: 0 };
    timings.set(title, {
      title,
      testMs: known.testMs + (spent.testMs ?? 0),
      hooksMs: known.hooksMs + (spent.hooksMs ?? 0),
      retries: known.retries + (spent.retries ?? 0),
    });
  };
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', () => {
        passed += 1;
      })
      .on('test end', (test: Mocha.Test) => {
        spend(test.fullTitle(), { testMs: test.duration ?? 0 });
      })
      .on('hook end', (hook: Mocha.Hook) => {
        spend(hookOwner(hook), { hooksMs: hook.duration ?? 0 });
      })
      .on('retry', (test: Mocha.Test, error: Error) => {
        console.log(`    ↻ ${test.title}: ${error.message}`);
        spend(test.fullTitle(), { testMs: test.duration ?? 0, retries: 1 });
      })
      .on('fail', (test) => {
        failed.push(test.fullTitle());
      });
  });
  return { passed, failed, timings: [...timings.values()] };
}

/** The test that a hook runs around; a hook of a whole `describe` stands for itself. */
function hookOwner(hook: Mocha.Hook): string {
  const test = hook.title.includes('each" hook') ? hook.ctx?.currentTest : undefined;
  return (test ?? hook).fullTitle();
}

/**
 * Does what mocha does for a file, but with `import()`. Mocha prefers `require`, and then a module that is
 * imported elsewhere too, such as one with root hooks, would exist twice.
 */
async function load(mocha: Mocha, file: string): Promise<void> {
  mocha.suite.emit('pre-require', globalThis, file, mocha);
  const module: unknown = await import(pathToFileURL(file).href);
  mocha.suite.emit('require', module, file, mocha);
  mocha.suite.emit('post-require', globalThis, file, mocha);
}
