/** Sizes of a production build, made apart from the one in dist that other suites use. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

export interface Sizes {
  /** All code, bytes. */
  readonly total: number;
  /** What `activate` loads: the entry and all that it imports at once. */
  readonly eager: number;
  /** Source files and packages in the eager part, with what they add to it, largest first. */
  readonly eagerParts: ReadonlyMap<string, number>;
  /** What each package adds to the whole. */
  readonly packages: ReadonlyMap<string, number>;
}

/** Builds into `out/NAME` and weighs it. */
export async function weigh(name: string): Promise<Sizes> {
  const outdir = `out/${name}`;
  await promisify(execFile)(process.execPath, ['esbuild.js', '--production', `--outdir=${outdir}`], { cwd: ROOT });
  return sizesOf(JSON.parse(await readFile(path.join(ROOT, outdir, 'meta.json'), 'utf8')) as Metafile, `${outdir}/extension.cjs`);
}

function sizesOf({ outputs }: Metafile, entry: string): Sizes {
  const eager = new Set<string>();
  const walk = (file: string) => {
    if (eager.has(file)) return;
    eager.add(file);
    for (const { kind, path: imported } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[imported]) walk(imported);
    }
  };
  walk(entry);
  const eagerParts = new Map<string, number>();
  const packages = new Map<string, number>();
  for (const [file, { inputs }] of Object.entries(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(input);
      if (name !== undefined) add(packages, name, bytesInOutput);
      if (eager.has(file)) add(eagerParts, name ?? input, bytesInOutput);
    }
  }
  const code = Object.entries(outputs).filter(([file]) => /\.c?js$/.test(file));
  const bytesOf = (files: typeof code) => files.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  return {
    total: bytesOf(code),
    eager: bytesOf(code.filter(([file]) => eager.has(file))),
    eagerParts: bySize(eagerParts),
    packages: bySize(packages),
  };
}

function packageOf(input: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
}

function add(sums: Map<string, number>, name: string, bytes: number): void {
  sums.set(name, (sums.get(name) ?? 0) + bytes);
}

function bySize(sums: Map<string, number>): Map<string, number> {
  return new Map([...sums].sort(([, a], [, b]) => b - a));
}
