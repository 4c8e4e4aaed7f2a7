import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/**
 * Runs a bundled script on a disk of its own, 1 MB small, that it may fill and that is read-only for its second half.
 *
 * On Linux that is a real one, a tmpfs in a mount namespace that ends with the script; root may make it, and mostly
 * anyone else too. Where nobody may (macOS, Windows, some hardened Linux) the script is told to count its bytes itself.
 */
export async function onSmallDisk(
  script: string,
  place: string,
): Promise<{ disk: 'tmpfs' | 'counted'; output: string }> {
  if (process.platform === 'linux') {
    const inside = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1" tmpfs';
    const output = await run('unshare', [
      '--user',
      '--map-root-user',
      '--mount',
      'sh',
      '-c',
      inside,
      'sh',
      place,
      process.execPath,
      script,
    ]);
    if (output !== undefined) {
      return { disk: 'tmpfs', output };
    }
  }
  const output = await run(process.execPath, [script, place, 'counted']);
  if (output === undefined) {
    throw new Error('the script did not start');
  }
  return { disk: 'counted', output };
}

/** What a command says; `undefined` when it cannot even begin. */
async function run(command: string, args: string[]): Promise<string | undefined> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = new Promise<undefined>((resolve) => child.once('error', () => resolve(undefined)));
  const [output, errors] = await Promise.all([Promise.race([text(child.stdout), failed]), text(child.stderr)]);
  if (output === undefined || output === '') {
    return undefined;
  }
  if (errors !== '') {
    throw new Error(errors);
  }
  return output;
}
