import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Names of hosts in remotes that only ssh knows: `git@work:anna/films` with a `Host work` in the user's configuration,
 * and hosts that answer ssh on the port of https (documented by GitHub, GitLab and Bitbucket).
 */
export type ResolveHost = (host: string) => string;

const HOSTS_OF_SSH: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
};
const MAX_CONFIG_CHARS = 1024 * 1024;

/** Reads the configuration without ssh, which can run programs that it names. Never throws. */
export async function readSshHosts(path = join(homedir(), '.ssh', 'config')): Promise<ResolveHost> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return createResolver(text.slice(0, MAX_CONFIG_CHARS));
}

interface Section {
  patterns: readonly string[];
  hostName: string;
}

export function createResolver(config: string): ResolveHost {
  const sections: Section[] = [];
  // Before the first `Host` all hosts are meant; a `Match` may depend on anything, and is left out.
  let patterns: readonly string[] = ['*'];
  for (const line of config.split(/\r?\n/)) {
    const [, word = '', rest = ''] = /^\s*([a-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/i.exec(line) ?? [];
    const values = rest.match(/"[^"]*"|[^\s"]+/g)?.map((value) => value.replaceAll('"', '')) ?? [];
    switch (word.toLowerCase()) {
      case 'host':
        patterns = values;
        break;
      case 'match':
        patterns = [];
        break;
      case 'hostname':
        sections.push({ patterns, hostName: values[0] ?? '' });
        break;
      default:
    }
  }
  return (host) => {
    const name = host.toLowerCase();
    // The first one that is found counts, as for ssh.
    const found = sections.find((section) => isFor(section, name))?.hostName.replaceAll('%h', name);
    const real = found && /^[a-z0-9.-]+$/i.test(found) ? found.toLowerCase() : name;
    return Object.hasOwn(HOSTS_OF_SSH, real) ? HOSTS_OF_SSH[real]! : real;
  };
}

function isFor({ patterns }: Section, host: string): boolean {
  const fits = (pattern: string) => matches(pattern.toLowerCase(), host);
  return (
    patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern)) &&
    !patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))
  );
}

/** `*` and `?`, each tried once: patterns come from a file. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/\*+/g, '*')
    .split('')
    .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[^a-z0-9]/, '\\$&')))
    .join('');
  return (pattern.match(/\*/g)?.length ?? 0) <= 4 && new RegExp(`^${expression}$`).test(text);
}
