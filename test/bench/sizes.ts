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
  /** What the main job can load: all but what hangs on `APART` alone. */
  readonly main: number;
  /** What `activate` loads: the entry and all that it imports at once. */
  readonly eager: number;
  /** Source files and packages in the eager part, with what they add to it, largest first. */
  readonly eagerParts: ReadonlyMap<string, number>;
  /** What each package adds to the whole. */
  readonly packages: ReadonlyMap<string, number>;
}

/** Read when it is used, and most people never do: source files that are reached through `import()` only. */
const APART = [
  /^src\/commands\/(setUpImage\w+|useImageAtCursor|cleanUpCopies|exportTasks|importTasks|exportSpending|takePicture)\.ts$/,
  /^src\/views\/(spendingPanel|cropperPanel|dropped)\.ts$/,
  /^src\/tasks\/lastFrame\.ts$/,
  /^src\/frames\/(published|s3|http)\.ts$/,
  /aws4fetch/,
];

/** Builds into `out/NAME` and weighs it. */
export async function weigh(name: string): Promise<Sizes> {
  const outdir = `out/${name}`;
  await promisify(execFile)(process.execPath, ['esbuild.js', '--production', `--outdir=${outdir}`], { cwd: ROOT });
  return sizesOf(JSON.parse(await readFile(path.join(ROOT, outdir, 'meta.json'), 'utf8')) as Metafile, `${outdir}/extension.cjs`);
}

function sizesOf({ outputs }: Metafile, entry: string): Sizes {
  const reached = (follows: (kind: string, file: string) => boolean) => {
    const found = new Set<string>();
    const walk = (file: string) => {
      if (found.has(file)) return;
      found.add(file);
      for (const { kind, path: imported } of outputs[file]?.imports ?? []) {
        if (outputs[imported] && follows(kind, imported)) walk(imported);
      }
    };
    walk(entry);
    return found;
  };
  const eager = reached((kind) => kind !== 'dynamic-import');
  const isApart = (file: string) => APART.some((pattern) => pattern.test(outputs[file]?.entryPoint ?? ''));
  const main = reached((kind, file) => kind !== 'dynamic-import' || !isApart(file));
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
    main: bytesOf(code.filter(([file]) => main.has(file))),
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
