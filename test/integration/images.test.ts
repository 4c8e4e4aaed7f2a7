import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ImageError, type ImageErrorKind } from '../../src/images/imageError';
import { readCandidate, readImageFile } from '../../src/platform/imageFile';
import { jpeg, png } from '../support/imageHeaders';

const SCHEME = 'seedance-test';
const CLAIMED_BYTES = 200 * 1024 * 1024;

/** A file system such as an extension brings for a repository that is nowhere on the disk. */
class Elsewhere implements vscode.FileSystemProvider {
  readonly files = new Map<string, Uint8Array>([
    ['/cat.png', png(640, 360)],
    ['/turned.jpg', jpeg(1200, 900, { orientation: 6 })],
    ['/poster.png', png(7000, 4000)],
    ['/text.png', new TextEncoder().encode('this is no picture')],
    ['/empty.png', new Uint8Array()],
  ]);
  readonly read: string[] = [];
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;

  stat({ path }: vscode.Uri): vscode.FileStat {
    const times = { ctime: 0, mtime: 0 };
    if (path === '/folder.png') return { type: vscode.FileType.Directory, size: 0, ...times };
    if (path === '/film.png') return { type: vscode.FileType.File, size: CLAIMED_BYTES, ...times };
    const file = this.files.get(path);
    if (!file) throw vscode.FileSystemError.FileNotFound(path);
    return { type: vscode.FileType.File, size: file.length, ...times };
  }
  readFile({ path }: vscode.Uri): Uint8Array {
    this.read.push(path);
    const file = this.files.get(path);
    if (!file) throw vscode.FileSystemError.FileNotFound(path);
    return file;
  }
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }
  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
  writeFile(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
  delete(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
  rename(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
}

describe('images in a virtual workspace', () => {
  const elsewhere = new Elsewhere();
  let registration: vscode.Disposable;
  before(() => {
    registration = vscode.workspace.registerFileSystemProvider(SCHEME, elsewhere, { isReadonly: true });
  });
  after(() => {
    registration.dispose();
  });

  const uri = (name: string) => vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
  const refused = (kind: ImageErrorKind, name: string) =>
    assert.rejects(readCandidate(uri(name)), (error) => error instanceof ImageError && error.kind === kind, name);

  it('are read through the file system that has them', async () => {
    const cat = await readImageFile(uri('cat.png'));
    assert.deepEqual({ label: cat.label, source: cat.source }, { label: 'cat.png', source: `${SCHEME}:/cat.png` });
    assert.deepEqual(new Uint8Array(await cat.file!.read()), png(640, 360));
    const { facts } = (await readImageFile(uri('turned.jpg'))).file!;
    assert.deepEqual({ width: facts.width, height: facts.height }, { width: 900, height: 1200 }, 'upright');
  });

  it('are told apart: fit, to be mended, of no use', async () => {
    assert.equal((await readCandidate(uri('cat.png'))).problem, undefined);
    assert.equal((await readCandidate(uri('poster.png'))).problem?.kind, 'side-too-long');
    await refused('not-an-image', 'text.png');
    await refused('empty', 'empty.png');
    await refused('unreadable', 'folder.png');
    await refused('unreadable', 'gone.png');
  });

  it('are not read at all where the size says enough', async () => {
    await refused('too-many-bytes', 'film.png');
    assert.equal(elsewhere.read.includes('/film.png'), false);
  });
});
