import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { ExtensionServices } from '../../../src/container';
import { Uri, window, workspace } from '../../support/vscodeStub';

const { useImageAtCursor } = await import('../../../src/commands/firstFrame');
const { readSelection } = await import('../../../src/generation/readSelection');
const { checkPrompt, MAX_READ_CHARS } = await import('../../../src/tasks/model/prompt');

/** A document whose lines are made when they are read, and that cannot be read as a whole. */
function documentOf(uri: Uri, lineCount: number, textOf: (line: number) => string) {
  const read = { lines: 0, chars: 0 };
  const document = {
    uri,
    lineCount,
    getText: () => assert.fail('read as a whole'),
    offsetAt: () => assert.fail('counted as a whole'),
    lineAt: (line: number) => {
      const text = textOf(line);
      read.lines++;
      read.chars += text.length;
      return { text, isEmptyOrWhitespace: text.trim() === '' };
    },
  };
  return { document: document as unknown as vscode.TextDocument, read };
}

const rangeOf = (...[startLine, start, endLine, end]: [number, number, number, number]) =>
  ({ start: { line: startLine, character: start }, end: { line: endLine, character: end } }) as vscode.Range;

describe('a selection', () => {
  it('is the text between its ends', () => {
    const { document } = documentOf(Uri.file('/a.md'), 3, (line) => ['one two', 'three', 'four five'][line]!);
    assert.equal(readSelection(document, rangeOf(0, 4, 0, 7)), 'two');
    assert.equal(readSelection(document, rangeOf(0, 4, 2, 4)), 'two\nthree\nfour');
    assert.equal(readSelection(document, rangeOf(1, 0, 2, 0)), 'three\n');
  });

  it('in a document of 60 MB costs no more than its own lines', () => {
    const { document, read } = documentOf(Uri.file('/a.log'), 1_000_000, (line) => `line ${line} `.repeat(5));
    const prompt = readSelection(document, rangeOf(999_990, 0, 999_992, 10));
    assert.equal(prompt.split('\n').length, 3);
    assert.equal(read.lines, 3);
  });

  it('of 60 MB is refused without reading more than could be sent, whatever its lines', () => {
    for (const [lines, line] of [
      [1_000_000, 'some text of a log with sixty characters, and a few more ....'],
      [1, 'x'.repeat(60_000_000)],
      [60_000_000, ''],
      [2, ' '.repeat(30_000_000)],
    ] as const) {
      const { document, read } = documentOf(Uri.file('/a.log'), lines, () => line);
      const check = checkPrompt(readSelection(document, rangeOf(0, 0, lines - 1, line.length)));
      assert.ok(!check.ok && check.reason === 'too-long');
      assert.ok(read.lines <= MAX_READ_CHARS + 2);
    }
  });
});

describe('the image at the cursor', () => {
  const given: { bytes?: string; asked: string[] } = { asked: [] };
  const stop = new Error('far enough');
  const services = {
    imageStore: {
      put: (bytes: Uint8Array) => {
        given.bytes = Buffer.from(bytes).toString();
        return Promise.reject(stop);
      },
    },
  } as unknown as ExtensionServices;
  const more = window as unknown as { activeTextEditor: unknown };

  beforeEach(() => {
    given.asked = [];
    delete given.bytes;
    Object.assign(workspace, {
      notebookDocuments: [],
      getWorkspaceFolder: (uri: Uri) => (uri.path.startsWith('/films/') ? { uri: Uri.file('/films') } : undefined),
      workspaceFolders: [{ uri: Uri.file('/films') }],
      fs: {
        stat: (uri: Uri) => {
          given.asked.push(uri.toString());
          return Promise.reject(stop);
        },
      },
    });
  });
  after(() => {
    more.activeTextEditor = undefined;
    for (const name of ['notebookDocuments', 'getWorkspaceFolder', 'workspaceFolders', 'fs']) {
      delete (workspace as Record<string, unknown>)[name];
    }
  });

  const openAt = (document: vscode.TextDocument, line: number, character: number) => {
    more.activeTextEditor = { document, selection: { active: { line, character } } };
    return useImageAtCursor(services).catch((error: unknown) => error);
  };
  /** A notebook with one cell of this text. */
  function cellOf(text: string, metadata: unknown): vscode.TextDocument {
    const notebook = { uri: Uri.file('/films/notes/film.ipynb'), getCells: () => [cell] };
    const cellUri = new Uri('vscode-notebook-cell', '/films/notes/film.ipynb');
    const { document } = documentOf(cellUri, 1, () => text);
    const cell = { document, notebook, metadata };
    Object.assign(workspace, { notebookDocuments: [notebook] });
    return document;
  }

  it('of a notebook lies beside the notebook', async () => {
    await openAt(cellOf('![boat](img/boat.png)', {}), 0, 5);
    assert.deepEqual(given.asked, ['file:///films/notes/img/boat.png']);
  });

  it('of a notebook is attached to the cell', async () => {
    const image = { 'image/png': Buffer.from('the image').toString('base64') };
    for (const metadata of [
      { attachments: { 'кот 1.png': image } },
      { metadata: { attachments: { 'кот 1.png': image } } },
    ]) {
      await openAt(cellOf('![x](attachment:%D0%BA%D0%BE%D1%82%201.png)', metadata), 0, 3);
      assert.equal(given.bytes, 'the image');
      delete given.bytes;
    }
    for (const metadata of [undefined, {}, { attachments: 7 }, { attachments: { a: { 'text/plain': 'eA==' } } }]) {
      const error = await openAt(cellOf('![x](attachment:a)', metadata), 0, 3);
      assert.match(String(error), /no image attached with the name a\. Nothing was sent/);
    }
    assert.equal(given.bytes, undefined);
  });

  it('of a document of 60 MB is found without reading it as a whole', async () => {
    for (const blankEvery of [10, Infinity]) {
      const { document, read } = documentOf(Uri.file('/films/a.md'), 1_000_000, (line) =>
        line === 500_000 ? 'x ![boat](boat.png) y' : line % blankEvery === 0 ? '' : 'some words of a long text',
      );
      await openAt(document, 500_000, 6);
      assert.equal(given.asked.pop(), 'file:///films/boat.png');
      assert.ok(read.lines < 5_000, `${read.lines}`);
    }
  });

  it('of a long document may be named where the name is defined', async () => {
    const { document } = documentOf(Uri.file('/films/a.md'), 10_000, (line) =>
      line === 5_000 ? '![the boat][boat]' : line === 9_999 ? '[boat]: img/boat.png' : line % 2 ? 'words' : '',
    );
    await openAt(document, 5_000, 6);
    assert.deepEqual(given.asked, ['file:///films/img/boat.png']);
  });
});
