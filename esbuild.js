// Bundles the extension. ES modules with splitting: `activate` loads only what it needs, and what is
// reached through `import()` becomes a file of its own that is read on first use.
import { rm, writeFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: ['src/extension.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20', // VS Code 1.100, the oldest that loads ES modules, runs Node 20
  // fetch-blob asks for the polyfill only where Node has no ReadableStream, which was before Node 18.
  external: ['vscode', 'web-streams-polyfill/*'],
  chunkNames: 'chunks/[name]-[hash]',
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

await rm('dist', { recursive: true, force: true });
if (watch) {
  const context = await esbuild.context(options);
  await context.watch();
  console.log('watching');
} else {
  const { metafile } = await esbuild.build(options);
  await writeFile('dist/meta.json', JSON.stringify(metafile));
}
