import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { weigh } from '../../bench/sizes';
import { ROOT } from '../../support/root';

/** The files are put together by `esbuild.js`, which also gives names to what they share. */
describe('the production build', () => {
  const directory = path.join(ROOT, 'out', 'build');
  let files: string[];
  before(async function () {
    this.timeout(20_000);
    await weigh('build');
    files = (await readdir(directory)).filter((name) => name.endsWith('.js'));
  });

  it('has in each file what others import from it', async () => {
    await build({
      absWorkingDir: directory,
      entryPoints: files,
      outdir: 'linked',
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      external: ['vscode', './extension.cjs'],
      logLevel: 'silent',
    });
  });

  it('exports from what activation loads all that the others import, where Node finds the names', async () => {
    const start = await readFile(path.join(directory, 'extension.cjs'), 'utf8');
    const exported = namesIn(/module\.exports=\{([^}]*)\};\s*$/.exec(start)?.[1]);
    assert.ok(exported.includes('activate'));
    for (const file of files) {
      const text = await readFile(path.join(directory, file), 'utf8');
      const imported = namesIn(/import\{([^}]*)\}from"\.\/extension\.cjs"/.exec(text)?.[1]);
      assert.deepEqual(
        imported.filter((name) => !exported.includes(name)),
        [],
        file,
      );
    }
  });

  it('imports from each file once, for each import is a trip', async () => {
    for (const file of files) {
      const text = await readFile(path.join(directory, file), 'utf8');
      const from = [...text.matchAll(/import[^"';]*from"(\.\/[^"]+|vscode)"/g)].map(([, source]) => source);
      assert.deepEqual(from, [...new Set(from)], file);
      assert.doesNotMatch(text, /import"\.\//, file);
    }
  });
});

/** Of `a, b as c` and of `a: b` the first. */
function namesIn(list = ''): string[] {
  return list.split(',').flatMap((part) => /^\s*([\w$]+)/.exec(part)?.[1] ?? []);
}
