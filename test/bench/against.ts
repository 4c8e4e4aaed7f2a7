/** What `--against` names: another checkout of the extension, or a package of it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** @returns the path of a `.vsix`; a checkout is packaged first, as `npm run package` does there. */
export async function packageOf(against: string): Promise<string> {
  if (against.endsWith('.vsix')) return path.resolve(against);
  await promisify(execFile)(process.execPath, [path.join('test', 'run.js'), 'package'], { cwd: against });
  const { name, version } = JSON.parse(await readFile(path.join(against, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  return path.resolve(against, `${name}-${version}.vsix`);
}
