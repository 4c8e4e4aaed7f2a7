/** How every suite runs its files and counts: in plain Node, in the extension host, and beside a browser. */
import { pathToFileURL } from 'node:url';
import Mocha from 'mocha';

/** What a suite came to. */
export interface Outcome {
  readonly passed: number;
  /** Full titles of the tests and hooks that failed. */
  readonly failed: readonly string[];
}

/** Runs mocha over the files and prints its report. A skipped test is a failure. */
export async function runMocha(files: readonly string[], options: Mocha.MochaOptions): Promise<Outcome> {
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', forbidOnly: true, forbidPending: true, ...options });
  for (const file of files) await load(mocha, file);
  let passed = 0;
  const failed: string[] = [];
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', () => {
        passed += 1;
      })
      .on('retry', (test: Mocha.Test, error: Error) => {
        console.log(`    ↻ ${test.title}: ${error.message}`);
      })
      .on('fail', (test) => {
        failed.push(test.fullTitle());
      });
  });
  return { passed, failed };
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
