import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { hashOf, type FrameImage } from '../frames/delivery';
import { FrameError } from '../frames/errors';
import {
  checkImageBytes,
  DRAWABLE_MAX_BYTES,
  IMAGE_MAX_BYTES,
  inspectImage,
  measureImage,
  problemOf,
} from '../frames/image';

/**
 * A file of the workspace, or of any file system that VS Code knows, as a first frame.
 *
 * @throws {FrameError} when the service would not take it
 */
export async function readImageFile(uri: vscode.Uri): Promise<FrameImage> {
  const read = () => readChecked(uri, IMAGE_MAX_BYTES);
  const bytes = await read();
  return {
    source: uri.toString(),
    label: labelOf(uri),
    file: { facts: inspectImage(bytes), hash: hashOf(bytes), read },
  };
}

/** A file that is a first frame, or would be one if it were smaller or of another shape. */
export interface Candidate {
  image: FrameImage;
  /** Why the service would not take it as it is. */
  problem: FrameError | undefined;
}

/** @throws {FrameError} when nothing can be done about it */
export async function readCandidate(uri: vscode.Uri): Promise<Candidate> {
  const read = () => readChecked(uri, DRAWABLE_MAX_BYTES);
  const facts = measureImage(await read());
  const problem = problemOf(facts);
  return {
    problem,
    image: problem ? { source: uri.toString(), label: labelOf(uri), file: { facts, read } } : await readImageFile(uri),
  };
}

function labelOf(uri: vscode.Uri): string {
  return uri.path.split('/').at(-1) ?? uri.path;
}

async function readChecked(uri: vscode.Uri, most: number): Promise<Uint8Array> {
  try {
    // The size first: a file of gigabytes must not be read to find out that it is too large.
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0) {
      throw new FrameError('unreadable', {});
    }
    await checkPlace(uri);
    checkImageBytes(size, most);
    return await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    throw error instanceof FrameError ? error : new FrameError('unreadable', { cause: error });
  }
}

/**
 * A repository may hold a symbolic link to a private photograph: who clicks on `cat.png` in it has not chosen
 * that. A file outside of the workspace that was chosen as such is the person's own affair.
 */
async function checkPlace(uri: vscode.Uri): Promise<void> {
  if (uri.scheme !== 'file' || !vscode.workspace.getWorkspaceFolder(uri)) {
    return;
  }
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  const roots = await Promise.all(folders.map((folder) => realpath(folder.uri.fsPath)));
  const path = await realpath(uri.fsPath);
  if (!roots.some((root) => isInside(root, path))) {
    throw new FrameError('leads-outside', { path });
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
