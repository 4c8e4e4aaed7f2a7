import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** A commit of a remote branch that holds a file just as it is on disk. */
export interface PublishedCommit {
  /** The remote's address, as git would use it. */
  remote: string;
  commit: string;
  /** From the root of the repository, with slashes. */
  path: string;
}

const TIME_LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const MAX_BRANCHES = 200;

/**
 * The remote branches that hold a file with exactly these bytes, by what the last fetch or push saw: so it is
 * committed, unchanged and pushed. Best first, one for each remote; none when it is not so, when there is no git,
 * or when git does not trust the folder.
 *
 * A repository may be hostile, and its configuration names programs: filters, textconv, fsmonitor, hooks,
 * transports. So git is asked only for what is in its object store and runs none of them: the file's own hash is
 * reckoned here, and every protocol is forbidden, or a missing object would be fetched.
 *
 * @param git the program
 */
export async function findPublishedCommits(path: string, bytes: Uint8Array, git: string): Promise<PublishedCommit[]> {
  try {
    // Of a symbolic link what counts is where it leads: out of the repository, for instance.
    const file = await realpath(path);
    const ask = (args: string[], input = '') => run(git, ['-C', dirname(file), ...args], input);
    const [entry = ''] = (await ask(['ls-tree', '-z', '--full-name', 'HEAD', '--', basename(file)])).split('\0');
    const [, blob, inRepository] = /^100(?:644|755) blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
    if (
      blob === undefined ||
      inRepository === undefined ||
      inRepository.includes('\n') ||
      blob !== getBlobId(bytes, blob.length)
    ) {
      return [];
    }
    const branches = await getBranches(ask);
    const found = (
      await ask(
        ['cat-file', '--batch-check=%(objectname)'],
        branches.map(({ commit }) => `${commit}:${inRepository}\n`).join(''),
      )
    ).split('\n');
    const remotes = await getRemotes(ask);
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

/** The remote's own default first: it lives longest. */
async function getBranches(ask: GitRunner): Promise<{ ref: string; commit: string }[]> {
  const format = '--format=%(objectname) %(refname)';
  const lines = await ask(['for-each-ref', format, '--sort=-committerdate', `--count=${MAX_BRANCHES}`, 'refs/remotes']);
  const branches = lines.split('\n').flatMap((line) => {
    const [commit, ref] = line.split(' ');
    return commit && ref ? [{ commit, ref }] : [];
  });
  const rank = (ref: string) => (ref.endsWith('/HEAD') ? 0 : /\/(main|master)$/.test(ref) ? 1 : 2);
  return branches.sort((a, b) => rank(a.ref) - rank(b.ref));
}

async function getRemotes(ask: GitRunner): Promise<{ name: string; remote: string }[]> {
  const lines = (await ask(['remote', '-v'])).split('\n');
  return lines.flatMap((line) => {
    const [, name, remote] = /^([^\t]+)\t(.+) \(fetch\)/.exec(line) ?? [];
    return name !== undefined && remote !== undefined ? [{ name, remote }] : [];
  });
}

/** As git names content, by the hash that the repository uses. */
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
        // Not the repository's: Windows looks for programs there first.
        cwd: dirname(process.execPath),
        env: hardenedEnv(process.env),
        timeout: TIME_LIMIT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
      },
      (error, stdout) => (error ? reject(new Error('git gave up', { cause: error })) : resolve(stdout)),
    );
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** What git inherits may point it to another repository, or to programs. */
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
