/** Looks at the processes below one that we started, through Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes that descend from `root`, which itself is not among them. */
export function descendants(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)) ?? []);
  const family = new Set([root]);
  const found: Process[] = [];
  // A child may be listed before its parent (pids wrap around), so go on until a round finds nobody new.
  for (let grown = true; grown;) {
    grown = false;
    for (const process of all) {
      if (family.has(process.pid) || !family.has(process.parent)) continue;
      family.add(process.pid);
      found.push(process);
      grown = true;
    }
  }
  return found;
}

function read(pid: number): Process | undefined {
  try {
    // "pid (name, which may hold anything) state parent …"
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    return { pid, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
  } catch {
    return undefined; // it ended meanwhile
  }
}
