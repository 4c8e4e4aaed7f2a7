// Bundles the extension: node esbuild.js [--watch] [--production] [--outdir=<folder>]
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
/** Tests measure a build of their own, while others use the one in dist. */
const outdir = process.argv.find((argument) => argument.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist';

/**
 * node-fetch brings along polyfills of Blob, File and FormData, and the referrer policy of browsers. Node 20 has the
 * classes, and the extension sends no referrer. A plugin, because `alias` replaces packages only, not the relative
 * imports inside of one, and because one small module stands in for all of them.
 *
 * @type {esbuild.Plugin}
 */
const nodePolyfills = {
  name: 'node-polyfills',
  setup(build) {
    build.onResolve(
      {
        filter:
          /^(fetch-blob(\/.*)?|formdata-polyfill\/.*|data-uri-to-buffer|\.\/utils\/(multipart-parser|referrer)\.js)$/,
      },
      () => ({ path: 'node-polyfills', namespace: 'node-polyfills' }),
    );
    build.onLoad({ filter: /.*/, namespace: 'node-polyfills' }, () => ({
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

let runningBuilds = 0;
/**
 * Tells the problem matcher of the watch task when the builds begin and when the last of them has ended. esbuild
 * prints the errors between these lines.
 *
 * @type {esbuild.Plugin}
 */
const watchReporter = {
  name: 'watch-reporter',
  setup(build) {
    build.onStart(() => {
      if (runningBuilds++ === 0) console.log('[watch] build started');
    });
    build.onEnd(() => {
      if (--runningBuilds === 0) console.log('[watch] build finished');
    });
  },
};

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  outdir,
  charset: 'utf8',
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** @type {esbuild.BuildOptions} */
const extension = {
  ...common,
  entryPoints: ['src/extension.ts'],
  platform: 'node',
  target: 'node20', // VS Code 1.100, the oldest that loads ES modules, runs Node 20
  format: 'esm',
  // Each `import()` becomes a chunk that is read when it is needed.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  // esbuild puts modules into one chunk that the same entries need. Every lazy entry imports the extension by this,
  // so all that `activate` needs is one chunk and not one for each set of entries that share some of it: each file
  // is a round trip to the thread that loads modules (seen: 9 ms instead of 16 for eleven lazy entries).
  inject: ['src/extension.ts'],
  external: ['vscode'],
  // Node 20 has all of `\p{…}` but the newest names. As written, an expression that nothing uses can be left away.
  supported: { 'regexp-unicode-property-escapes': true },
  // For Node the package has CommonJS, whose `require` of Node's modules does not work in an ES module.
  alias: { yaml: './node_modules/yaml/browser/dist/index.js' },
  plugins: [nodePolyfills],
};

/**
 * The pages of the webviews: one file each, without modules to load. Chromium 132 is that of VS Code 1.100.
 *
 * @type {esbuild.BuildOptions}
 */
const webviews = {
  ...common,
  entryPoints: ['preview', 'cropper', 'compare', 'composer', 'gallery', 'export', 'exportWorker', 'lastFrame'].map(
    (page) => `src/webviews/${page}/index.ts`,
  ),
  outdir: path.join(outdir, 'webviews'),
  entryNames: '[dir]',
  platform: 'browser',
  target: 'chrome132',
  format: 'iife',
  // Inline: a page may load nothing but its script.
  sourcemap: production ? false : 'inline',
  loader: { '.svg': 'text' },
};

/** FFmpeg's decoder of AAC: its licence wants it to be shipped as a file of its own, with the text beside it. */
const DECODER = 'node_modules/@humansignal/audio-file-decoder';

/**
 * The package holds the same decoder twice, the second one as a worker for pages in base64. And it carries a map of its
 * source, and looks for what a page or the main thread of Node have.
 *
 * @type {esbuild.Plugin}
 */
const decoderOnce = {
  name: 'decoder-once',
  setup(build) {
    build.onLoad({ filter: /[\\/]audio-file-decoder\.js$/ }, async ({ path: file }) => {
      const whole = await readFile(file, 'utf8');
      const contents = whole.replace(/"[\w+/=]{10000,}"/, '""').replace(/\/\/# sourceMappingURL=data.*$/, '');
      if (whole.length - contents.length < 50_000) throw new Error(`${file} is not what it was.`);
      return { contents };
    });
  },
};

/**
 * The worker thread that decodes sounds: see `src/tasks/sound/`. CommonJS, which needs no loader in a worker.
 *
 * @type {esbuild.BuildOptions}
 */
const sound = {
  ...common,
  entryPoints: { worker: 'src/tasks/sound/soundWorker.ts' },
  outdir: path.join(outdir, 'sound'),
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  define: {
    'import.meta.url': '"file:///"',
    ...Object.fromEntries(
      ['process', 'window', 'document', 'importScripts', 'XMLHttpRequest'].map((name) => [name, 'undefined']),
    ),
  },
  plugins: [decoderOnce],
};

const builds = [extension, webviews, sound];

await rm(outdir, { recursive: true, force: true });
if (watch) {
  for (const options of builds) {
    const context = await esbuild.context({ ...options, plugins: [...(options.plugins ?? []), watchReporter] });
    await context.watch();
  }
  await mkdir(path.join(outdir, 'sound'), { recursive: true });
  await writeDecoder();
} else {
  const results = await Promise.all(builds.map((options) => esbuild.build(options)));
  /** @type {esbuild.Metafile} */
  const metafile = { inputs: {}, outputs: {} };
  for (const result of results) {
    Object.assign(metafile.inputs, result.metafile?.inputs);
    Object.assign(metafile.outputs, result.metafile?.outputs);
  }
  await writeDecoder();
  await writeFile(path.join(outdir, 'meta.json'), JSON.stringify(metafile));
  await writeFile(path.join(outdir, 'ThirdPartyNotices.txt'), await thirdPartyNotices(Object.keys(metafile.inputs)));
}

/** The decoder's WebAssembly as small as it gets, for it is most of the package; and its licence. */
async function writeDecoder() {
  const folder = path.join(outdir, 'sound');
  const wasm = await readFile(path.join(DECODER, 'decode-audio.wasm'));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: production ? constants.BROTLI_MAX_QUALITY : 1,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
  };
  await writeFile(path.join(folder, 'decoder.wasm.br'), brotliCompressSync(wasm, { params }));
  await copyFile(path.join(DECODER, 'LICENSE'), path.join(folder, 'LICENSE.txt'));
}

/**
 * The licences of all packages that are bundled, which ask for it to be shipped with their code or pictures.
 *
 * @param {string[]} inputs the files that are bundled
 */
async function thirdPartyNotices(inputs) {
  const names = inputs.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
  const notices = [...new Set(names)].sort().map(async (name) => {
    const folder = path.join('node_modules', name);
    const { version, license, licenses, author, maintainers, repository } = JSON.parse(
      await readFile(path.join(folder, 'package.json'), 'utf8'),
    );
    const maker = author ?? maintainers?.[0];
    const by = typeof maker === 'string' ? maker.replace(/ [<(].*$/, '') : maker.name;
    const isBeside = folder === path.normalize(DECODER);
    const text = isBeside
      ? 'Its licence is in sound/LICENSE.txt. Its source is at the address above.'
      : await readLicence(folder, name);
    return `${name} ${version} by ${by}, ${license ?? licenses[0].type}\n${repository.url ?? repository}\n\n${text.trim()}\n`;
  });
  return ['This extension contains parts of the following packages.\n', ...(await Promise.all(notices))].join(
    `\n${'-'.repeat(80)}\n\n`,
  );
}

/**
 * The licence of a package: a file of its own, or of small packages a section of the README.
 *
 * @param {string} folder
 * @param {string} name
 */
async function readLicence(folder, name) {
  const entries = await readdir(folder);
  const file = entries.find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
  if (file !== undefined) return (await readFile(path.join(folder, file), 'utf8')).replace(/^\uFEFF/, '');
  const readme = entries.find((entry) => /^readme\.md$/i.test(entry));
  const text = readme && /^#*\s*licen[cs]e\s*$[^]*/im.exec(await readFile(path.join(folder, readme), 'utf8'))?.[0];
  if (text === undefined) throw new Error(`${name} has no file with its licence.`);
  return text;
}
