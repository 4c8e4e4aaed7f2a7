import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

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
const MAX_CONFIG_BYTES = 1024 * 1024;
/** As deep as ssh goes. */
const MAX_DEPTH = 16;
const MAX_INCLUDED_FILES = 256;

/** Lines of a configuration; in place of an `Include` those of its files. */
type Config = readonly (string | Config)[];

/** Reads the configuration without ssh, which can run programs that it names. Never throws. */
export async function readSshHosts(path = join(homedir(), '.ssh', 'config')): Promise<ResolveHost> {
  const folder = dirname(path);
  let files = 0;
  const read = async (file: string, depth: number): Promise<Config> => {
    files += 1;
    const lines = files <= MAX_INCLUDED_FILES ? (await readSmallFile(file)).split(/\r?\n/) : [];
    const config: (string | Config)[] = [];
    for (const line of lines) {
      const { word, values } = parseLine(line);
      if (word !== 'include') {
        config.push(line);
      } else if (depth < MAX_DEPTH) {
        for (const included of await findIncluded(values, folder)) {
          config.push(await read(included, depth + 1));
        }
      }
    }
    return config;
  };
  return createResolver(await read(path, 0));
}

/** @returns nothing for what is no file, such as a pipe, which would be waited for */
async function readSmallFile(path: string): Promise<string> {
  try {
    const facts = await stat(path);
    return facts.isFile() && facts.size <= MAX_CONFIG_BYTES ? await readFile(path, 'utf8') : '';
  } catch {
    return '';
  }
}

/** The files of an `Include`: relative to the folder of the configuration, with `*` and `?` in their names. */
async function findIncluded(patterns: readonly string[], folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const path = resolve(folder, pattern.replace(/^(?:~|%d)(?=[/\\]|$)/, homedir()));
    const name = basename(path);
    if (!/[*?]/.test(name)) {
      found.push(path);
      continue;
    }
    const names = await readdir(dirname(path)).catch(() => []);
    // As in a shell, a star stands for no dot at the beginning.
    const fits = names.filter((each) => matches(name, each) && (!each.startsWith('.') || name.startsWith('.')));
    found.push(...fits.sort().map((each) => join(dirname(path), each)));
  }
  return found;
}

/** All of these have to fit: an `Include` below a `Host` is for that host only. */
interface Section {
  conditions: readonly (readonly string[])[];
  hostName: string;
}

/** @param config its text, or its lines */
export function createResolver(config: string | Config): ResolveHost {
  const sections = [...findSections(typeof config === 'string' ? config.split(/\r?\n/) : config, [])];
  return (host) => {
    const name = host.toLowerCase();
    // The first one that is found counts, as for ssh.
    const found = sections.find((section) => isFor(section, name))?.hostName.replaceAll('%h', name);
    const real = found && /^[a-z0-9.-]+$/i.test(found) ? found.toLowerCase() : name;
    return Object.hasOwn(HOSTS_OF_SSH, real) ? HOSTS_OF_SSH[real]! : real;
  };
}

function* findSections(config: Config, outer: Section['conditions']): Generator<Section> {
  // Before the first `Host` all hosts are meant.
  let patterns: readonly string[] = ['*'];
  for (const line of config) {
    if (typeof line !== 'string') {
      yield* findSections(line, [...outer, patterns]);
      continue;
    }
    const { word, values } = parseLine(line);
    switch (word) {
      case 'host':
        patterns = values;
        break;
      case 'match':
        patterns = readMatch(values);
        break;
      case 'hostname':
        yield { conditions: [...outer, patterns], hostName: values[0] ?? '' };
        break;
      default:
    }
  }
}

/** Those that ask for the host alone; others may depend on anything, even on a program, and are left out. */
function readMatch([criterion = '', hosts = '', ...others]: readonly string[]): readonly string[] {
  switch (criterion.toLowerCase()) {
    case 'all':
      return hosts === '' ? ['*'] : [];
    case 'host':
    case 'originalhost':
      return others.length === 0 ? hosts.split(',') : [];
    default:
      return [];
  }
}

/** A keyword in lower case and its values, which may be quoted. */
function parseLine(line: string): { word: string; values: readonly string[] } {
  const [, word = '', rest = ''] = /^\s*([a-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/i.exec(line) ?? [];
  const values = rest.match(/"[^"]*"|[^\s"]+/g)?.map((value) => value.replaceAll('"', '')) ?? [];
  return { word: word.toLowerCase(), values };
}

function isFor({ conditions }: Section, host: string): boolean {
  return conditions.every((patterns) => fitsAny(patterns, host));
}

function fitsAny(patterns: readonly string[], host: string): boolean {
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
    .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[^a-z0-9]/i, '\\$&')))
    .join('');
  return (pattern.match(/\*/g)?.length ?? 0) <= 4 && new RegExp(`^${expression}$`).test(text);
}
