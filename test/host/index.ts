/**
 * What VS Code's extension host calls: mocha over the bundled test files. It runs in another process than
 * the one that started VS Code, so the files come in, and the counts go out, through the environment.
 */
import { writeFile } from 'node:fs/promises';
import { runMocha } from '../mocha';
import { HOST_JOB_VARIABLE, type HostJob } from './job';

export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const job = JSON.parse(process.env[HOST_JOB_VARIABLE] ?? '') as HostJob;
  const outcome = await runMocha(job.files, { ...job.options, timeout: 30_000 });
  await writeFile(job.results, JSON.stringify(outcome));
  if (outcome.failed.length > 0) throw new Error(`${outcome.failed.length} failed`);
}
