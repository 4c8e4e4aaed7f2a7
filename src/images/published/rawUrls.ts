import { parseResultUrl } from '../../common/link';
import { createResolver, type ResolveHost } from './sshHosts';
import { parseUrl } from '../../common/url';

/**
 * Templates of links to files of public repositories, by the beginning of the remote's URL. Placeholders: `{owner}`
 * (all segments before the name of the repository, because GitLab has nested groups), `{repo}`, `{commit}`, `{path}`.
 */
export type RawUrlTemplates = Readonly<Record<string, string>>;

/**
 * GitHub, GitLab and Codeberg: documented. GitVerse: `raw/branch/…` is seen in its public links, `raw/commit/…` is
 * assumed, because similar software has both. A wrong template does no harm: each link is tested before it is used.
 */
export const KNOWN_RAW_URLS: RawUrlTemplates = {
  'https://github.com/': 'https://raw.githubusercontent.com/{owner}/{repo}/{commit}/{path}',
  'https://gitlab.com/': 'https://gitlab.com/{owner}/{repo}/-/raw/{commit}/{path}',
  'https://codeberg.org/': 'https://codeberg.org/{owner}/{repo}/raw/commit/{commit}/{path}',
  'https://gitverse.ru/': 'https://gitverse.ru/api/repos/{owner}/{repo}/raw/commit/{commit}/{path}',
};

/** The URL of a remote comes from the configuration of the repository and is untrusted. */
const MAX_REMOTE_CHARS = 2_048;

/** Returns the link to a file at a commit, or `undefined` for remotes without a template. */
export function getRawUrl(
  remote: string,
  commit: string,
  path: string,
  table: RawUrlTemplates,
  base: URL,
  resolveHost: ResolveHost = createResolver(''),
): string | undefined {
  const address = remote.length <= MAX_REMOTE_CHARS ? getWebAddress(remote, resolveHost) : undefined;
  const prefix = Object.keys(table).find((start) => start !== '' && address?.startsWith(start));
  const rest = prefix === undefined ? '' : address!.slice(prefix.length);
  const [, owner, repo] = /^\/*([^?#]+)\/([^/?#]+?)(?:\.git)?\/*$/.exec(rest) ?? [];
  if (prefix === undefined || owner === undefined || repo === undefined) {
    return undefined;
  }
  const parts: Record<string, string> = { owner, repo, commit, path: encodePath(path) };
  const template = table[prefix]!;
  // The remote's URL is untrusted: in the host (`{owner}.pages.example`) it may be one label and nothing more.
  const host = /^[a-z]+:\/\/[^/?#\\]*/i.exec(template)?.[0] ?? template;
  const inHost = [...host.matchAll(PLACEHOLDER)].map(([, name]) => parts[name!]!);
  if (!inHost.every((part) => /^[a-z0-9-]{1,63}$/i.test(part))) {
    return undefined;
  }
  return parseResultUrl(
    template.replace(PLACEHOLDER, (_, name: string) => parts[name]!),
    base,
  )?.href;
}

const PLACEHOLDER = /\{(owner|repo|commit|path)\}/g;

/**
 * Converts the URL of a remote to https without credentials: `git@host:a/b.git` and `ssh://git@host:22/a/b` become
 * `https://host/a/b…`.
 */
function getWebAddress(remote: string, resolveHost: ResolveHost): string | undefined {
  // With a port of ssh, which is none of https.
  const bracketed = /^\[(?:[^@/\s]+@)?([^:/\s@\]]+)(?::\d+)?\]:\/?(.+)$/.exec(remote);
  if (bracketed) {
    return `https://${resolveHost(bracketed[1]!)}/${bracketed[2]!}`;
  }
  const scp = /^(?:[^@/\s]+@)?([^:/\s@]{2,}):(?!\/\/)\/?(.+)$/.exec(remote);
  if (scp) {
    return `https://${resolveHost(scp[1]!)}/${scp[2]!}`;
  }
  const url = parseUrl(remote);
  if (!url) {
    // A local folder, for users who have a template for it.
    return remote;
  }
  switch (url.protocol) {
    case 'ssh:':
    case 'git:':
    case 'git+ssh:':
      // Without the port, which belongs to the other protocol.
      return `https://${resolveHost(url.hostname)}${url.pathname}`;
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
