// Bundles the extension. ES modules with splitting: `activate` loads only what it needs, and what is
// reached through `import()` becomes a file of its own that is read on first use.
import { rm, writeFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
/** Tests measure a build of their own, while others use the one in dist. */
const outdir = process.argv.find((argument) => argument.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist';

/**
 * node-fetch brings along its own Blob, File and FormData for old versions of Node, and a browser's rules of
 * what a page says about where it comes from. We send and read plain text and bytes, Node 20 has the classes,
 * and there is no page.
 * @type {esbuild.Plugin}
 */
const nodesOwn = {
  name: 'nodes-own',
  setup(build) {
    build.onResolve({ filter: /^(fetch-blob(\/.*)?|formdata-polyfill\/.*|data-uri-to-buffer|\.\/utils\/(multipart-parser|referrer)\.js)$/ }, () => ({ path: 'nodes-own', namespace: 'nodes-own' }));
    build.onLoad({ filter: /.*/, namespace: 'nodes-own' }, () => ({
      contents: `
        export { Blob, Blob as default, File } from 'node:buffer';
        export const { FormData } = globalThis;
        export const DEFAULT_REFERRER_POLICY = '';
        export const validateReferrerPolicy = (policy) => policy;
        export const determineRequestsReferrer = () => 'no-referrer';
        export let parseReferrerPolicyFromHeader, formDataToBlob, toFormData, blobFrom, blobFromSync, fileFrom, fileFromSync;`,
    }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: ['src/extension.ts'],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20', // VS Code 1.100, the oldest that loads ES modules, runs Node 20
  external: ['vscode'],
  plugins: [nodesOwn],
  // Some seventy files import each other: names make up one percent of the code.
  chunkNames: production ? '[hash]' : 'chunks/[name]-[hash]',
  charset: 'utf8',
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

await rm(outdir, { recursive: true, force: true });
if (watch) {
  const context = await esbuild.context(options);
  await context.watch();
  console.log('watching');
} else {
  const { metafile } = await esbuild.build(options);
  await writeFile(`${outdir}/meta.json`, JSON.stringify(metafile));
}
