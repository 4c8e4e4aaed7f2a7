import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** A commit of a remote branch that contains a file exactly as it is on disk. */
export interface PublishedCommit {
  /** URL of the remote, as in the configuration of git. */
  remote: string;
  commit: string;
  /** From the root of the repository, with slashes. */
  path: string;
}

const TIME_LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const MAX_BRANCHES = 200;

/**
 * Finds remote branches that contain the file with exactly these bytes, as of the last fetch or push: so it is
 * committed, unchanged and pushed. Returns one commit a remote, the best first. Returns none otherwise, also when git
 * is not installed or does not trust the folder.
 *
 * A repository may be hostile, and its configuration can name programs to run: filters, textconv, fsmonitor, hooks,
 * transports. So git only reads its object store, which runs none of them: the blob id is computed here, and all
 * protocols are disabled, because git would otherwise fetch missing objects.
 *
 * @param git path of the git executable
 */
export async function findPublishedCommits(path: string, bytes: Uint8Array, git: string): Promise<PublishedCommit[]> {
  try {
    // Resolve symbolic links: the file may be outside of the repository.
    const file = await realpath(path);
    const runGit: GitRunner = (args, input = '') => run(git, ['-C', dirname(file), ...args], input);
    const [entry = ''] = (await runGit(['ls-tree', '-z', '--full-name', 'HEAD', '--', basename(file)])).split('\0');
    const [, blob, inRepository] = /^100(?:644|755) blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
    if (
      blob === undefined ||
      inRepository === undefined ||
      inRepository.includes('\n') ||
      blob !== getBlobId(bytes, blob.length)
    ) {
      return [];
    }
    const branches = await getBranches(runGit);
    const found = (
      await runGit(
        ['cat-file', '--batch-check=%(objectname)'],
        branches.map(({ commit }) => `${commit}:${inRepository}\n`).join(''),
      )
    ).split('\n');
    const remotes = await getRemotes(runGit);
    return remotes.flatMap(({ name, remote }) => {
      const branch = branches.find(
        ({ ref }, index) => ref.startsWith(`refs/remotes/${name}/`) && found[index] === blob,
      );
      return branch ? [{ remote, commit: branch.commit, path: inRepository }] : [];
    });
  } catch {
    return [];
  }
}

type GitRunner = (args: string[], input?: string) => Promise<string>;

/** Returns remote branches, the default branch first: it is the least likely to be deleted. */
async function getBranches(runGit: GitRunner): Promise<{ ref: string; commit: string }[]> {
  const format = '--format=%(objectname) %(refname)';
  const lines = await runGit([
    'for-each-ref',
    format,
    '--sort=-committerdate',
    `--count=${MAX_BRANCHES}`,
    'refs/remotes',
  ]);
  const branches = lines.split('\n').flatMap((line) => {
    const [commit, ref] = line.split(' ');
    return commit && ref ? [{ commit, ref }] : [];
  });
  const rank = (ref: string) => (ref.endsWith('/HEAD') ? 0 : /\/(main|master)$/.test(ref) ? 1 : 2);
  return branches.sort((a, b) => rank(a.ref) - rank(b.ref));
}

async function getRemotes(runGit: GitRunner): Promise<{ name: string; remote: string }[]> {
  const lines = (await runGit(['remote', '-v'])).split('\n');
  return lines.flatMap((line) => {
    const [, name, remote] = /^([^\t]+)\t(.+) \(fetch\)/.exec(line) ?? [];
    return name !== undefined && remote !== undefined ? [{ name, remote }] : [];
  });
}

/** Computes the id of a blob, with the hash algorithm of the repository. */
function getBlobId(bytes: Uint8Array, digits: number): string {
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}

const HARDENED_CONFIG = [
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'safe.bareRepository=explicit',
];

function run(git: string, args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      git,
      [...HARDENED_CONFIG, ...args],
      {
        // Not the folder of the repository: Windows looks for executables in the current directory first.
        cwd: dirname(process.execPath),
        env: hardenedEnv(process.env),
        timeout: TIME_LIMIT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
      },
      (error, stdout) => (error ? reject(new Error('git failed', { cause: error })) : resolve(stdout)),
    );
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** Inherited variables of git may name another repository, or programs to run. */
function hardenedEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^GIT_/i.test(name))),
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C',
  };
}
