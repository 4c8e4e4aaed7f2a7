/** Sizes of a production build, made apart from the one in dist that other suites use. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { ROOT } from '../support/root';

export interface Sizes {
  /** All code, bytes. */
  readonly total: number;
  /** What the main job from text can load: key, prompt, offer, send, tree, preview, save. */
  readonly main: number;
  /** The same from an image. */
  readonly withImages: number;
  /** What `activate` loads: the entry and all that it imports at once. */
  readonly eager: number;
  /** Source files and packages in each of these parts, with what they add to it, largest first. */
  readonly mainParts: ReadonlyMap<string, number>;
  readonly eagerParts: ReadonlyMap<string, number>;
  /** What each package adds to the whole. */
  readonly packages: ReadonlyMap<string, number>;
}

/** Source files that are reached through `import()` only, and when there is an image: chosen, dropped, or shown. */
const OF_IMAGES = [
  /^src\/commands\/(use\w+|takePicture)\.ts$/,
  /^src\/commands\/generating\/(cropFrames|deliveryPick|framePick|givenFrame|readyFrames)\.ts$/,
  /^src\/platform\/(frameText|imageFile)\.ts$/,
  /^src\/frames\/(delivery|image)\.ts$/,
];

/**
 * The same, and most people never need them. A daily budget is among them, for by default there is none; so are the
 * ways of an image that have to be set up.
 */
const RARE = [
  /^src\/commands\/(addTask|addTaskId|generateAgain|removeApiKey|removeTask|showBalance)\.ts$/,
  /^src\/commands\/(cleanUpCopies|exportSpending|exportTasks|importTasks|setUpImage\w+|useImageAtCursor)\.ts$/,
  /^src\/views\/(spendingPanel|cropperPanel|dropped)\.ts$/,
  /^src\/tasks\/(budget|lastFrame)\.ts$/,
  /^src\/frames\/(published|s3|http)\.ts$/,
  /aws4fetch/,
];

/** Builds into `out/NAME` and weighs it. */
export async function weigh(name: string): Promise<Sizes> {
  const outdir = `out/${name}`;
  await promisify(execFile)(process.execPath, ['esbuild.js', '--production', `--outdir=${outdir}`], { cwd: ROOT });
  return sizesOf(
    JSON.parse(await readFile(path.join(ROOT, outdir, 'meta.json'), 'utf8')) as Metafile,
    `${outdir}/extension.cjs`,
  );
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
  const without = (apart: readonly RegExp[]) =>
    reached(
      (kind, file) =>
        kind !== 'dynamic-import' || !apart.some((pattern) => pattern.test(outputs[file]?.entryPoint ?? '')),
    );
  const withImages = without(RARE);
  const main = without([...RARE, ...OF_IMAGES]);
  const mainParts = new Map<string, number>();
  const eagerParts = new Map<string, number>();
  const packages = new Map<string, number>();
  for (const [file, { inputs }] of Object.entries(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(input);
      if (name !== undefined) add(packages, name, bytesInOutput);
      if (main.has(file)) add(mainParts, name ?? input, bytesInOutput);
      if (eager.has(file)) add(eagerParts, name ?? input, bytesInOutput);
    }
  }
  const code = Object.entries(outputs).filter(([file]) => /\.c?js$/.test(file));
  const bytesOf = (files: typeof code) => files.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  return {
    total: bytesOf(code),
    main: bytesOf(code.filter(([file]) => main.has(file))),
    withImages: bytesOf(code.filter(([file]) => withImages.has(file))),
    eager: bytesOf(code.filter(([file]) => eager.has(file))),
    mainParts: bySize(mainParts),
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
