import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../support/root';

const DOCUMENTS = ['CONTRIBUTING.md', 'README.md', 'SECURITY.md', 'test/bench/README.md'];
const WORKFLOWS = '.github/workflows';

/** What no clone has: installing, building or testing makes it. */
const MADE = /^(dist|out)\/|^seedance-VERSION\.vsix$/;
/** What users have: in the extension's storage, and in their workspace. */
const OF_USERS = new Set([
  'tasks/ID.REVISION.json',
  'tasks/ID.REVISION.json.writing/',
  'worker/N',
  'videos/',
  'damaged/',
  'seedance/',
  '*.storyboard.md',
]);

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const repositoryPaths = listPaths('');
/** What stands in code is in a file of the user. */
const withoutExamples = (text: string) => text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]+`/g, '');

describe('documents', () => {
  it('name paths that are in the repository', () => {
    const unknown = DOCUMENTS.flatMap((document) =>
      getPaths(read(document))
        .filter((name) => !isKnown(name))
        .map((name) => `${document}: ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('link to files that are in the repository', () => {
    const unknown = DOCUMENTS.flatMap((document) =>
      [...withoutExamples(read(document)).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
        .map(([, target]) => path.posix.join(path.posix.dirname(document), target!))
        .filter((target) => !repositoryPaths.includes(target)),
    );
    assert.deepEqual(unknown, []);
  });

  it('have as many sections and rows of tables in the Russian README as in the English one', () => {
    const count = (file: string) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      return { sections: text.match(/^## /gm)?.length, rows: text.match(/^\| /gm)?.length };
    };
    assert.deepEqual(count('README.ru.md'), count('README.md'));
  });

  it('name tests that hold what the README promises', () => {
    const table = /^\| promise \|.*\n\| --- .*\n((?:\|.*\n)+)/m.exec(read('CONTRIBUTING.md'))?.[1] ?? '';
    const rows = table
      .trim()
      .split('\n')
      .map((row) => row.split('|').map((cell) => cell.trim()));
    const missing = rows.flatMap(([, , file = '', tests = '']) => {
      const source = read(file.replaceAll('`', ''));
      const names = tests.slice(1, -1).split('*; *');
      return names.filter((name) => !new RegExp(`['"\`]${escapeRegExp(name)}`).test(source));
    });
    assert.ok(rows.length > 20, 'the table was read');
    assert.deepEqual(missing, []);
  });

  it('name scripts that package.json has, and so do workflows', () => {
    const workflows = readdirSync(path.join(ROOT, WORKFLOWS)).map((name) => `${WORKFLOWS}/${name}`);
    const unknown = [...DOCUMENTS, ...workflows].flatMap((file) =>
      [...read(file).matchAll(/\bnpm run ([\w:]+)/g)]
        .filter(([, script]) => !Object.hasOwn(scripts, script!))
        .map(([, script]) => `${file}: ${script}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('explain every script', () => {
    const table = /^\| script \|.*\n\| --- .*\n((?:\|.*\n)+)/m.exec(read('CONTRIBUTING.md'))?.[1] ?? '';
    const explained = table
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, script]) => script));
    assert.deepEqual(explained.sort(), Object.keys(scripts).sort());
  });
});

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What a document has in backticks and looks like a path: a folder in it or the end of a file's name, no spaces. */
function getPaths(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, name]) => name!)
    .filter((name) => /^[\w.*-]+\/[\w.*/-]*$|^[\w*-][\w.*-]*\.(ts|js|json|md|css|svg|vsix)$/.test(name));
}

/** Paths in `src/` and `test/` may leave out the folders before them, where the text has named these. */
function isKnown(name: string): boolean {
  if (MADE.test(name) || OF_USERS.has(name)) return true;
  const pattern = name.replaceAll('.', '\\.').replaceAll('*', '[^/]*');
  const known = new RegExp(/^(src|test|\.github|media|l10n)\//.test(name) ? `^${pattern}$` : `(^|/)${pattern}$`);
  return repositoryPaths.some((candidate) => known.test(candidate));
}

/** All files and folders, the latter with a slash at the end. */
function listPaths(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !['node_modules', '.git', 'dist', 'out'].includes(name))
    .flatMap((entry) => {
      const name = `${folder}${entry.name}`;
      return entry.isDirectory() ? [`${name}/`, ...listPaths(`${name}/`)] : [name];
    });
}
