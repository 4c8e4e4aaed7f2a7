// Bundles the extension. What `activate` needs becomes one file, extension.cjs; what is reached through
// `import()` becomes ES modules beside it, which are read on first use.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
/** Tests measure a build of their own, while others use the one in dist. */
const outdir = path.resolve(
  process.argv.find((argument) => argument.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist',
);

/**
 * node-fetch brings along its own Blob, File and FormData for old versions of Node, and a browser's rules of
 * what a page says about where it comes from. We send and read plain text and bytes, Node 20 has the classes,
 * and there is no page.
 * @type {esbuild.Plugin}
 */
const nodesOwn = {
  name: 'nodes-own',
  setup(build) {
    build.onResolve(
      {
        filter:
          /^(fetch-blob(\/.*)?|formdata-polyfill\/.*|data-uri-to-buffer|\.\/utils\/(multipart-parser|referrer)\.js)$/,
      },
      () => ({ path: 'nodes-own', namespace: 'nodes-own' }),
    );
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
  sourcemap: production ? false : 'inline',
  legalComments: 'none',
  // Node 20 has all of `\p{…}` but the newest names. As written, an expression that nothing uses can be left away.
  supported: { 'regexp-unicode-property-escapes': true },
  metafile: true,
  logLevel: 'warning',
});

/** The entry's name among the pieces that esbuild makes first, and the file that it becomes. */
const ENTRY = 'extension.js';
const START = 'extension.cjs';

/**
 * What esbuild made first: a module of its own, or what several share. Names are paths in `outdir`.
 *
 * @typedef {object} Piece
 * @property {string} text
 * @property {esbuild.Metafile['outputs'][string]} output
 * @property {Set<string>} all the pieces that are read with it: what it imports, what those import, and itself
 * @property {Set<string>} later what these reach through `import()`
 */

/**
 * esbuild splits so that no code is there twice: whatever a set of modules shares becomes a piece of its own, and
 * there are some ninety. To VS Code each file, and each import in it, is a trip to another thread and back. So the
 * pieces are put together again, but only where nothing is read that would not have been:
 *
 * - what `activate` needs becomes one file, of the kind of module that needs no trip at all;
 * - what is shared by modules of which one is read before all the others, whichever way leads there, goes into that one;
 * - what is a module and is shared as well is one file, and not two.
 *
 * @type {esbuild.Plugin}
 */
const fewFiles = {
  name: 'few-files',
  setup(build) {
    build.onEnd(async ({ errors, metafile, outputFiles = [] }) => {
      if (errors.length > 0 || !metafile) return;
      const pieces = piecesOf(metafile, outputFiles);
      const { homes, modules } = homesOf(pieces);
      const fileOf = fileNames(new Set(homes.values()));
      const plan = { pieces, homes, modules, fileOf, names: exportNames(pieces, homes, modules) };

      const others = [...fileOf.keys()].filter((home) => home !== ENTRY);
      const files = [...(await putTogether(plan, 'cjs', [ENTRY])), ...(await putTogether(plan, 'esm', others))];
      await mkdir(outdir, { recursive: true });
      await Promise.all(files.map(({ path: file, text }) => writeFile(file, text)));
      const sizes = new Map(files.map(({ path: file, text }) => [nameOf(file), Buffer.byteLength(text)]));
      const outputs = Object.fromEntries(
        [...fileOf].map(([home, file]) => [pathOf(file), describe(plan, home, sizes.get(file) ?? 0)]),
      );
      await writeFile(path.join(outdir, 'meta.json'), JSON.stringify({ inputs: metafile.inputs, outputs }));
    });
  },
};

const nameOf = (/** @type {string} */ file) => path.relative(outdir, file).replaceAll(path.sep, '/');
/** As esbuild writes it in its metafile, from here. */
const pathOf = (/** @type {string} */ name) => path.relative('', path.join(outdir, name)).replaceAll(path.sep, '/');

/**
 * @param {esbuild.Metafile} metafile
 * @param {esbuild.OutputFile[]} outputFiles
 * @returns {Map<string, Piece>}
 */
function piecesOf({ outputs }, outputFiles) {
  const imported = (/** @type {string} */ file, /** @type {string} */ kind) =>
    (outputs[file]?.imports ?? [])
      .filter((found) => found.kind === kind && outputs[found.path])
      .map((found) => found.path);
  const withImports = (/** @type {string} */ file, found = new Set()) => {
    if (!found.has(file)) {
      found.add(file);
      imported(file, 'import-statement').forEach((other) => withImports(other, found));
    }
    return found;
  };
  return new Map(
    outputFiles.map(({ path: file, text }) => {
      const name = nameOf(file);
      const output = outputs[pathOf(name)];
      if (!output) throw new Error(`nothing is known of ${file}`);
      const all = [...withImports(pathOf(name))];
      const later = all.flatMap((other) => imported(other, 'dynamic-import'));
      return [name, { text, output, all: new Set(all.map(nameOf)), later: new Set(later.map(nameOf)) }];
    }),
  );
}

/**
 * Decides which pieces become one file.
 *
 * @param {Map<string, Piece>} pieces
 * @returns the piece that each goes to, and by this the module whose exports the file has to have by their names
 */
function homesOf(pieces) {
  const entries = [ENTRY, ...new Set([...pieces.values()].flatMap(({ later }) => [...later]))];
  const before = readBefore(pieces, entries);
  /** @type {Map<string, string>} */
  const homes = new Map();
  for (const name of pieces.keys()) {
    const readers = entries.filter((entry) => pieces.get(entry)?.all.has(name));
    const first = readers.find((entry) => readers.every((reader) => before.get(reader)?.has(entry)));
    homes.set(name, entries.includes(name) ? name : (first ?? name));
  }
  const modules = new Map(entries.map((entry) => [entry, entry]));
  for (const entry of entries) {
    // One that others import as well: its code is in a piece that they share, and it has nothing but names.
    const { entryPoint = '' } = pieces.get(entry)?.output ?? {};
    const [code] = [...pieces].find(([, { output }]) => (output.inputs[entryPoint]?.bytesInOutput ?? 0) > 0) ?? [entry];
    if (code !== entry && homes.get(code) === code) {
      homes.set(entry, code);
      modules.delete(entry);
      modules.set(code, entry);
    }
  }
  return { homes, modules };
}

/**
 * For each module that is read later those that have been read by then, whichever way leads there, and itself.
 *
 * @param {Map<string, Piece>} pieces
 * @param {string[]} entries
 */
function readBefore(pieces, entries) {
  const before = new Map(entries.map((entry) => [entry, entry === ENTRY ? [ENTRY] : entries]));
  for (let changed = true; changed;) {
    changed = false;
    for (const entry of entries.slice(1)) {
      const ways = entries
        .filter((other) => pieces.get(other)?.later.has(entry))
        .map((other) => before.get(other) ?? []);
      const always = entries.filter((other) => other === entry || ways.every((way) => way.includes(other)));
      changed ||= always.length < (before.get(entry)?.length ?? 0);
      before.set(entry, always);
    }
  }
  return new Map([...before].map(([entry, others]) => [entry, new Set(others)]));
}

/** @param {Set<string>} homes */
function fileNames(homes) {
  // Names stand in every import; numbers are shorter than anything.
  return new Map([...homes].map((home, index) => [home, home === ENTRY ? START : production ? `${index}.js` : home]));
}

const IMPORT = /import\s*(?:\{([^}]*)\}\s*from\s*)?"\.\/([^"]+)";?/g;
const SYMBOL = /([\w$]+)(?:\s+as\s+([\w$]+))?/g;

/**
 * The names under which files export what others import from them, by piece and the name there.
 *
 * @param {Map<string, Piece>} pieces
 * @param {Map<string, string>} homes
 * @param {Map<string, string>} modules
 */
function exportNames(pieces, homes, modules) {
  /** @type {Map<string, Map<string, string>>} */
  const names = new Map([...homes.values()].map((home) => [home, new Map()]));
  for (const [name, { text }] of pieces) {
    for (const [, symbols = '', piece = ''] of text.matchAll(IMPORT)) {
      const home = homes.get(piece) ?? piece;
      const given = names.get(home);
      if (!given || home === homes.get(name)) continue;
      const own = pieces.get(modules.get(home) ?? '')?.output.exports ?? [];
      for (const [, symbol] of symbols.matchAll(SYMBOL)) {
        for (let index = given.size; !given.has(`${piece} ${symbol}`); index++) {
          const short = String.fromCharCode(97 + (index % 26)) + (Math.floor(index / 26) || '');
          if (!own.includes(short)) given.set(`${piece} ${symbol}`, short);
        }
      }
    }
  }
  return names;
}

/** @typedef {{ pieces: Map<string, Piece>, homes: Map<string, string>, modules: Map<string, string>, fileOf: Map<string, string>, names: Map<string, Map<string, string>> }} Plan */

/**
 * @param {Plan} plan
 * @param {'cjs' | 'esm'} format
 * @param {string[]} homes
 */
async function putTogether(plan, format, homes) {
  const { pieces, fileOf } = plan;
  const { outputFiles } = await esbuild.build({
    ...common,
    sourcemap: production ? false : 'linked',
    entryPoints: homes.map((home) => ({ in: `whole ${home}`, out: (fileOf.get(home) ?? home).replace(/\.c?js$/, '') })),
    outdir,
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.js' },
    format,
    external: ['vscode'],
    write: false,
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
    plugins: [
      {
        name: 'pieces',
        setup(build) {
          build.onResolve({ filter: /^whole / }, ({ path: whole }) => ({ path: whole.slice(6), namespace: 'whole' }));
          build.onLoad({ filter: /.*/, namespace: 'whole' }, ({ path: home }) => ({
            contents: contentsOf(plan, format, home),
          }));
          build.onResolve({ filter: /^piece / }, ({ path: piece }) => ({ path: piece.slice(6), namespace: 'piece' }));
          build.onLoad({ filter: /.*/, namespace: 'piece' }, ({ path: piece }) => ({
            contents: withPlaces(plan, piece, pieces.get(piece)?.text ?? ''),
          }));
          build.onResolve({ filter: /^other / }, ({ path: file }) => ({ path: `./${file.slice(6)}`, external: true }));
          build.onResolve({ filter: /^\.\//, namespace: 'piece' }, ({ path: piece }) => ({
            path: `./${fileWith(plan, piece.slice(2))}`,
            external: true,
          }));
          build.onResolve({ filter: /^one-vscode$/ }, () => ({ path: 'one-vscode', namespace: 'one-vscode' }));
          build.onLoad({ filter: /.*/, namespace: 'one-vscode' }, () => ({
            contents: "import * as vscode from 'vscode'; export { vscode };",
          }));
        },
      },
    ],
  });
  return outputFiles.map(({ path: file, text }) => ({
    path: file,
    text: production && format === 'esm' ? withOneImportEach(text) : text,
  }));
}

/**
 * What a file exports. Node finds the names of extension.cjs, without running it, by how they are written here.
 *
 * @param {Plan} plan
 * @param {'cjs' | 'esm'} format
 * @param {string} home
 */
function contentsOf({ pieces, modules, names }, format, home) {
  const module = modules.get(home);
  const own = (pieces.get(module ?? '')?.output.exports ?? []).map((symbol) => ({
    piece: module,
    symbol,
    name: symbol,
  }));
  const others = [...(names.get(home) ?? [])].map(([key, name]) => ({
    piece: key.split(' ')[0],
    symbol: key.split(' ')[1],
    name,
  }));
  const all = [...own, ...others];
  return format === 'esm'
    ? all.map(({ piece, symbol, name }) => `export { ${symbol} as ${name} } from "piece ${piece}";`).join('\n')
    : [
        ...all.map(({ piece, symbol, name }) => `import { ${symbol} as _${name} } from "piece ${piece}";`),
        `module.exports = { ${all.map(({ name }) => `${name}: _${name}`).join(', ')} };`,
      ].join('\n');
}

/**
 * A piece that imports from where the others are now. An import without names only keeps an order, and none of our
 * modules does anything by being read.
 *
 * @param {Plan} plan
 * @param {string} piece
 * @param {string} text
 */
function withPlaces(plan, piece, text) {
  const { homes, names } = plan;
  return text
    .replace(IMPORT, (_, /** @type {string | undefined} */ symbols, /** @type {string} */ other) => {
      const home = homes.get(other) ?? other;
      if (symbols === undefined) return '';
      if (home === homes.get(piece)) return `import {${symbols}} from "piece ${other}";`;
      const renamed = symbols.replace(
        SYMBOL,
        (_, symbol, as) => `${names.get(home)?.get(`${other} ${symbol}`)} as ${as ?? symbol}`,
      );
      return `import {${renamed}} from "other ${fileWith(plan, other)}";`;
    })
    .replace(/import\s*\*\s*as\s+([\w$]+)\s+from\s*"vscode"/g, 'import {vscode as $1} from "one-vscode"');
}

/**
 * @param {Plan} plan
 * @param {string} piece
 */
function fileWith({ homes, fileOf }, piece) {
  return fileOf.get(homes.get(piece) ?? piece) ?? piece;
}

/**
 * One import from each file: every piece brought along its own.
 *
 * @param {string} text minified
 */
function withOneImportEach(text) {
  /** @type {Map<string, string[]>} */
  const imports = new Map();
  const rest = text.replace(/import\{([^}]*)\}from("[^"]+");/g, (_, symbols, from) => {
    imports.set(from, [...(imports.get(from) ?? []), symbols]);
    return '';
  });
  return [...imports].map(([from, symbols]) => `import{${symbols.join()}}from${from};`).join('') + rest;
}

/**
 * A file as if esbuild had made it at once: of the sources, and leading to files that are there.
 *
 * @param {Plan} plan
 * @param {string} home
 * @param {number} bytes
 * @returns {esbuild.Metafile['outputs'][string]}
 */
function describe({ pieces, homes, modules, fileOf }, home, bytes) {
  const parts = [...pieces].filter(([name]) => homes.get(name) === home).map(([, { output }]) => output);
  const imports = parts.flatMap((part) =>
    part.imports.map((found) => {
      const there = homes.get(nameOf(found.path));
      return there === undefined ? found : { ...found, path: pathOf(fileOf.get(there) ?? there) };
    }),
  );
  const { entryPoint, exports = [] } = pieces.get(modules.get(home) ?? '')?.output ?? {};
  return {
    bytes,
    inputs: Object.assign({}, ...parts.map(({ inputs }) => inputs)),
    imports: imports.filter(
      ({ path: file, kind }) => kind === 'dynamic-import' || file !== pathOf(fileOf.get(home) ?? home),
    ),
    exports,
    ...(entryPoint === undefined ? {} : { entryPoint }),
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
  plugins: [nodesOwn, fewFiles],
  chunkNames: '[name]-[hash]',
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
