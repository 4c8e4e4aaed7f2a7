import path from 'node:path';
import { build } from 'esbuild';

/** Bundles a module of this folder that is run in an extension host. @returns the path of the bundle */
export async function bundleHostEntry(name: string): Promise<string> {
  const outfile = path.resolve('out', 'bench', `${name}.cjs`);
  await build({
    entryPoints: [path.join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode'],
    logLevel: 'warning',
  });
  return outfile;
}
