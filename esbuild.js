// Bundles the extension. What `activate` needs becomes one file, extension.cjs; what is reached through
// `import()` becomes ES modules beside it, which are read on first use.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
/** Tests measure a build of their own, while others use the one in dist. */
const outdir = path.resolve(process.argv.find((argument) => argument.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist');

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

const common = /** @type {const} */ ({
  bundle: true,
  platform: 'node',
  target: 'node20', // VS Code 1.100, the oldest that loads ES modules, runs Node 20
  charset: 'utf8',
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

/** The entry's name among the outputs that esbuild makes first. */
const ENTRY = 'extension.js';

/**
 * esbuild splits so that no code is there twice: what `activate` shares with something that is read later goes
 * into a file of its own, and there are a dozen and a half. To VS Code each file, and each import in it, is a trip
 * to another thread and back. So these files are put together again, as the kind of module that needs no trip at all;
 * the others find there what they imported from them, under the number of the file and its name.
 * @type {esbuild.Plugin}
 */
const oneFileAtStart = {
  name: 'one-file-at-start',
  setup(build) {
    build.onEnd(async ({ errors, metafile, outputFiles = [] }) => {
      if (errors.length > 0 || !metafile) return;
      const nameOf = (/** @type {string} */ file) => path.relative(outdir, file).replaceAll(path.sep, '/');
      // As esbuild writes them, from here.
      const pathOf = (/** @type {string} */ name) => path.relative('', path.join(outdir, name)).replaceAll(path.sep, '/');
      const outputs = new Map(Object.entries(metafile.outputs).map(([file, output]) => [nameOf(file), output]));
      const atStart = withImports(ENTRY, outputs);
      const files = new Map(outputFiles.map((file) => [nameOf(file.path), file]));

      const entry = [...atStart].map((name) => {
        const { exports } = /** @type {esbuild.Metafile['outputs'][string]} */ (outputs.get(name));
        return `export { ${exports.map((symbol) => (name === ENTRY ? symbol : `${symbol} as ${exported(atStart, name, symbol)}`)).join(', ')} } from './${name}';`;
      });
      const joined = await esbuild.build({
        ...common,
        stdin: { contents: entry.join('\n'), resolveDir: outdir, sourcefile: 'start.js' },
        outfile: path.join(outdir, 'extension.cjs'),
        format: 'cjs',
        external: ['vscode'],
        plugins: [
          {
            name: 'what-was-built',
            setup(joining) {
              joining.onResolve({ filter: /^\.{1,2}\// }, ({ importer, path: imported, kind }) => {
                const from = path.dirname(importer === 'start.js' ? ENTRY : nameOf(importer));
                const name = path.posix.join(from, imported);
                return kind === 'dynamic-import' ? { path: `./${name}`, external: true } : { path: path.join(outdir, name) };
              });
              joining.onLoad({ filter: /\.js$/ }, (/** @type {{ path: string }} */ file) => ({ contents: files.get(nameOf(file.path))?.text ?? '' }));
            },
          },
        ],
      });

      /** @type {esbuild.Metafile['outputs']} */
      const lean = { [pathOf('extension.cjs')]: merged([...atStart].map((name) => outputs.get(name)), joined.metafile) };
      for (const [name, output] of outputs) {
        if (!atStart.has(name.replace(/\.map$/, ''))) lean[pathOf(name)] = output;
      }
      for (const [name, { path: file, text }] of files) {
        if (atStart.has(name.replace(/\.map$/, ''))) continue;
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, name.endsWith('.map') ? text : fromStart(text, name, atStart));
      }
      await writeFile(path.join(outdir, 'meta.json'), JSON.stringify({ inputs: metafile.inputs, outputs: lean }));
    });
  },
};

/**
 * A file with all that it imports at once, and what those import.
 * @param {string} name
 * @param {Map<string, esbuild.Metafile['outputs'][string]>} outputs by name
 * @param {Set<string>} [found]
 */
function withImports(name, outputs, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const { kind, path: file } of outputs.get(name)?.imports ?? []) {
    const imported = path.relative(outdir, file).replaceAll(path.sep, '/');
    if (kind === 'import-statement' && outputs.has(imported)) withImports(imported, outputs, found);
  }
  return found;
}

/**
 * @param {ReadonlySet<string>} atStart
 * @param {string} name of the file that had it
 * @param {string} symbol
 */
function exported(atStart, name, symbol) {
  return `_${[...atStart].indexOf(name)}${symbol}`;
}

/**
 * Lets a file import from extension.cjs what it imported from a file that is in there now.
 * @param {string} text
 * @param {string} name its own
 * @param {ReadonlySet<string>} atStart
 */
function fromStart(text, name, atStart) {
  const folder = path.posix.dirname(name);
  const start = `./${path.posix.relative(folder, 'extension.cjs')}`.replace('./..', '..');
  return text.replace(/import\s*(?:\{([^}]*)\}\s*from\s*)?"(\.{1,2}\/[^"]+)"/g, (statement, /** @type {string | undefined} */ symbols, /** @type {string} */ from) => {
    const file = path.posix.join(folder, from);
    if (!atStart.has(file)) return statement;
    if (symbols === undefined) return `import "${start}"`;
    return `import{${symbols.replace(/([\w$]+)(\s+as\s+[\w$]+)?/g, (_, symbol, as) => `${exported(atStart, file, symbol)}${as ?? ` as ${symbol}`}`)}}from"${start}"`;
  });
}

/**
 * @param {(esbuild.Metafile['outputs'][string] | undefined)[]} parts
 * @param {esbuild.Metafile} joined
 * @returns {esbuild.Metafile['outputs'][string]}
 */
function merged(parts, joined) {
  const [whole] = Object.entries(joined.outputs).filter(([file]) => file.endsWith('.cjs')).map(([, output]) => output);
  if (!whole) throw new Error('nothing was built');
  // As if it had been made with the others: of the sources, and leading to files that are there.
  return {
    ...whole,
    inputs: Object.assign({}, ...parts.map((part) => part?.inputs)),
    imports: whole.imports.map(({ path: file, kind, external }) =>
      kind === 'dynamic-import' && file.startsWith('./') ? { path: path.relative('', path.join(outdir, file)).replaceAll(path.sep, '/'), kind } : { path: file, kind, ...(external ? { external } : {}) },
    ),
  };
}

/** @type {esbuild.BuildOptions} */
const options = {
  ...common,
  entryPoints: ['src/extension.ts'],
  outdir,
  splitting: true,
  format: 'esm',
  external: ['vscode'],
  plugins: [nodesOwn, oneFileAtStart],
  // Some seventy files import each other: names make up one percent of the code.
  chunkNames: production ? '[hash]' : 'chunks/[name]-[hash]',
  write: false,
};

await rm(outdir, { recursive: true, force: true });
if (watch) {
  const context = await esbuild.context(options);
  await context.watch();
  console.log('watching');
} else {
  await esbuild.build(options);
}
