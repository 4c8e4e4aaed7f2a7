/**
 * What VS Code's extension host calls: mocha over the bundled test files. It runs in another process than
 * the one that started VS Code, so the files come in, and the counts go out, through the environment.
 */
import { writeFile } from 'node:fs/promises';
import inspector from 'node:inspector';
import { format } from 'node:util';
import { HOST_JOB_VARIABLE, INSPECT_VARIABLE, PRINTED, type HostJob } from './job';

export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const inspectPort = process.env[INSPECT_VARIABLE];
  // Waits until a debugger is attached.
  if (inspectPort !== undefined) inspector.open(Number(inspectPort), '127.0.0.1', true);
  // A new console, because VS Code lets nobody assign console.log.
  const hosts = console;
  const print = (...parts: unknown[]) => hosts.log(format(...parts).replaceAll(/^/gm, PRINTED));
  globalThis.console = Object.create(hosts, { log: { value: print } }) as Console;
  // Only now: mocha's reporters keep the console.log that they find.
  const { runMocha } = await import('../mocha');
  const job = JSON.parse(process.env[HOST_JOB_VARIABLE] ?? '') as HostJob;
  const outcome = await runMocha(job.files, { ...job.options, timeout: inspectPort === undefined ? 30_000 : 0 });
  await writeFile(job.results, JSON.stringify(outcome));
  if (outcome.failed.length > 0) throw new Error(`${outcome.failed.length} failed`);
}
