import { parseResultUrl, parseUrl } from '../../common/url';

/**
 * Where a file of a public repository can be read, by the beginning of the remote's address. What is in braces
 * is filled in: `{owner}` with all folders before the repository's own name (GitLab has groups in groups),
 * `{repo}`, `{commit}`, `{path}`.
 */
export type RawUrlTemplates = Readonly<Record<string, string>>;

/**
 * GitHub, GitLab and Codeberg: documented. GitVerse: its public links have `raw/branch/…` (seen), so `raw/commit/…`,
 * which software of its kind also has, is assumed. A wrong one does no harm: each link is tried before it is used.
 */
export const KNOWN_RAW_URLS: RawUrlTemplates = {
  'https://github.com/': 'https://raw.githubusercontent.com/{owner}/{repo}/{commit}/{path}',
  'https://gitlab.com/': 'https://gitlab.com/{owner}/{repo}/-/raw/{commit}/{path}',
  'https://codeberg.org/': 'https://codeberg.org/{owner}/{repo}/raw/commit/{commit}/{path}',
  'https://gitverse.ru/': 'https://gitverse.ru/api/repos/{owner}/{repo}/raw/commit/{commit}/{path}',
};

/** A remote is what the configuration of a repository says, which may be somebody else's. */
const MAX_REMOTE_CHARS = 2_048;

/** The raw link to a file at a commit; `undefined` for a remote that the table does not know. */
export function getRawUrl(
  remote: string,
  commit: string,
  path: string,
  table: RawUrlTemplates,
  base: URL,
): string | undefined {
  const address = remote.length <= MAX_REMOTE_CHARS ? getWebAddress(remote) : undefined;
  const prefix = Object.keys(table).find((start) => start !== '' && address?.startsWith(start));
  const rest = prefix === undefined ? '' : address!.slice(prefix.length);
  const [, owner, repo] = /^\/*([^?#]+)\/([^/?#]+?)(?:\.git)?\/*$/.exec(rest) ?? [];
  if (prefix === undefined || owner === undefined || repo === undefined) {
    return undefined;
  }
  const parts: Record<string, string> = { owner, repo, commit, path: encodePath(path) };
  const filled = table[prefix]!.replace(/\{(owner|repo|commit|path)\}/g, (_, name: string) => parts[name]!);
  return parseResultUrl(filled, base)?.href;
}

/** A remote as a web address without credentials: `git@host:a/b.git` and `ssh://git@host:22/a/b` are `https://host/a/b…`. */
function getWebAddress(remote: string): string | undefined {
  const scp = /^(?:[^@/\s]+@)?([^:/\s@]{2,}):(?!\/\/)\/?(.+)$/.exec(remote);
  if (scp) {
    return `https://${scp[1]!.toLowerCase()}/${scp[2]!}`;
  }
  const url = parseUrl(remote);
  if (!url) {
    // A folder, for who maps one.
    return remote;
  }
  switch (url.protocol) {
    case 'ssh:':
    case 'git:':
    case 'git+ssh:':
      // The port is that of another protocol.
      return `https://${url.hostname}${url.pathname}`;
    case 'https:':
    case 'http:':
      return `${url.protocol}//${url.host}${url.pathname}`;
    default:
      return remote;
  }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
