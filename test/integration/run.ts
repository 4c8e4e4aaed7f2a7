/** Starts the host suite: bundles it, starts the emulated service and a real VS Code, and reads what came out. */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { startEmulator } from '../emulator/emulator';
import type { Outcome } from '../mocha';
import { packagedExtension } from '../vscode/artefact';
import { runOnDesktop } from '../vscode/desktop';
import { runInServer, type HostRun } from '../vscode/host';
import { GATEWAY_VARIABLE, HOST_JOB_VARIABLE, PRINTED, type HostJob } from './job';

const TIMEOUT_MS = 10 * 60_000;
const OUT = path.resolve('out', 'host');

export interface HostSuite {
  readonly files: readonly string[];
  readonly grep?: string | undefined;
  /** On the desktop VS Code instead of VS Code's server. */
  readonly desktop: boolean;
}

/** Runs the test files in the extension host, with the packaged extension installed. */
export async function runHostSuite({ files, grep, desktop }: HostSuite): Promise<Outcome> {
  const results = path.join(OUT, 'results.json');
  await rm(OUT, { recursive: true, force: true });
  const [entry = '', ...bundled] = await bundle([path.join(import.meta.dirname, 'index.ts'), ...files]);
  const job: HostJob = { files: bundled, results, options: grep === undefined ? {} : { grep } };
  const emulator = await startEmulator();
  try {
    const run: HostRun = {
      entry,
      vsix: packagedExtension(),
      settings: { 'seedance.apiBaseUrl': emulator.baseUrl },
      env: {
        [HOST_JOB_VARIABLE]: JSON.stringify(job),
        [GATEWAY_VARIABLE]: emulator.controlUrl,
      },
      print: (text) => {
        if (text.startsWith(PRINTED)) console.log(text.replaceAll(PRINTED, ''));
      },
      timeoutMs: TIMEOUT_MS,
    };
    // A failure of the run counts by itself: a host that dies on the way out has failed, whatever it wrote before.
    const failure = await (desktop ? runOnDesktop(run) : runInServer(run)).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    const outcome = await readOutcome(results);
    if (failure !== undefined && outcome.failed.length === 0) {
      console.error(failure);
      return { ...outcome, failed: ['(the extension host)'] };
    }
    return outcome;
  } finally {
    await emulator.close();
  }
}

/** Bundles each file by itself, as CommonJS: that is what the extension host takes for tests. */
async function bundle(files: readonly string[]): Promise<string[]> {
  await build({
    entryPoints: [...files],
    outdir: OUT,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return files.map((file) => path.join(OUT, `${path.basename(file, '.ts')}.cjs`));
}

async function readOutcome(file: string): Promise<Outcome> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Outcome;
  } catch {
    return { passed: 0, failed: ['(the extension host wrote no results)'], timings: [] };
  }
}
