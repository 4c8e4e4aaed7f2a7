/** Sizes of a production build, made apart from the one in dist that other suites use. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { ROOT } from '../support/root';

export interface Sizes {
  /** All code of the extension, bytes. */
  readonly total: number;
  /** What `activate` loads: the entry and all that it imports at once. */
  readonly eager: {
    readonly bytes: number;
    readonly files: number;
    /** Source files, and packages by their names, with the bytes that they add. Largest first. */
    readonly parts: ReadonlyMap<string, number>;
  };
  /** Sources whose `import()` became a chunk of its own, by their paths. */
  readonly lazyEntries: readonly string[];
  /** What each package adds to the whole. */
  readonly packages: ReadonlyMap<string, number>;
}

/** Builds into `out/NAME` and weighs it. */
export async function weigh(name: string): Promise<Sizes> {
  const outdir = `out/${name}`;
  await promisify(execFile)(process.execPath, ['esbuild.js', '--production', `--outdir=${outdir}`], { cwd: ROOT });
  return sizesOf(
    JSON.parse(await readFile(path.join(ROOT, outdir, 'meta.json'), 'utf8')) as Metafile,
    `${outdir}/extension.js`,
  );
}

function sizesOf({ outputs }: Metafile, entry: string): Sizes {
  const all = reachedFrom(entry, outputs, () => true);
  const eager = reachedFrom(entry, outputs, (kind) => kind !== 'dynamic-import');
  const bytesOf = (files: ReadonlySet<string>) =>
    [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  const partsOf = (files: ReadonlySet<string>) => {
    const parts = new Map<string, number>();
    for (const file of files) {
      for (const [input, { bytesInOutput }] of Object.entries(outputs[file]?.inputs ?? {})) {
        const name = packageOf(input) ?? input;
        if (bytesInOutput > 0) parts.set(name, (parts.get(name) ?? 0) + bytesInOutput);
      }
    }
    return new Map([...parts].sort(([, a], [, b]) => b - a));
  };
  const packages = [...all]
    .flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}))
    .flatMap((input) => packageOf(input) ?? []);
  return {
    total: bytesOf(all),
    eager: { bytes: bytesOf(eager), files: eager.size, parts: partsOf(eager) },
    lazyEntries: [...all].filter((file) => !eager.has(file)).flatMap((file) => outputs[file]?.entryPoint ?? []),
    packages: new Map([...partsOf(all)].filter(([name]) => packages.includes(name))),
  };
}

function reachedFrom(
  entry: string,
  outputs: Metafile['outputs'],
  follows: (kind: string) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    for (const { kind, path: imported } of outputs[file]?.imports ?? []) {
      if (outputs[imported] && follows(kind)) walk(imported);
    }
  };
  walk(entry);
  return found;
}

function packageOf(input: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
}
