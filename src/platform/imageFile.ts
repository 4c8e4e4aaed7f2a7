import type { FrameOrigin } from '../tasks/model/taskRecord';
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { SourceImage } from '../images/delivery/types';
import { sha256Hex } from '../common/sha256';
import { ImageError } from '../images/imageError';
import { basename } from './workspaceFiles';
import {
  checkImageBytes,
  DRAWABLE_MAX_BYTES,
  IMAGE_MAX_BYTES,
  validateImage,
  readImageInfo,
  getImageProblem,
} from '../images/imageInfo';

/**
 * A file of the workspace, or of any file system that VS Code knows, as a first frame.
 *
 * @throws {ImageError} when the service would not take it
 */
export async function readImageFile(uri: vscode.Uri): Promise<SourceImage> {
  const read = () => readChecked(uri, IMAGE_MAX_BYTES);
  const bytes = await read();
  return {
    source: uri.toString(),
    label: basename(uri),
    file: { facts: validateImage(bytes), hash: sha256Hex(bytes), read },
  };
}

/** A file that is a first frame, or would be one if it were smaller or of another shape. */
export interface Candidate {
  image: SourceImage;
  /** Why the service would not take it as it is. */
  problem: ImageError | undefined;
}

/** @throws {ImageError} when nothing can be done about it */
export async function readCandidate(uri: vscode.Uri): Promise<Candidate> {
  const read = () => readChecked(uri, DRAWABLE_MAX_BYTES);
  const facts = readImageInfo(await read());
  const problem = getImageProblem(facts);
  return {
    problem,
    image: problem ? { source: uri.toString(), label: basename(uri), file: { facts, read } } : await readImageFile(uri),
  };
}

async function readChecked(uri: vscode.Uri, most: number): Promise<Uint8Array> {
  try {
    // The size first: a file of gigabytes must not be read to find out that it is too large.
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0) {
      throw new ImageError('unreadable', {});
    }
    await checkPlace(uri);
    checkImageBytes(size, most);
    return await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    throw error instanceof ImageError ? error : new ImageError('unreadable', { cause: error });
  }
}

/**
 * A repository may hold a symbolic link to a private photograph: who clicks on `cat.png` in it has not chosen
 * that. A file outside of the workspace that was chosen as such is the user's own affair.
 */
async function checkPlace(uri: vscode.Uri): Promise<void> {
  if (uri.scheme !== 'file' || !vscode.workspace.getWorkspaceFolder(uri)) {
    return;
  }
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  const roots = await Promise.all(folders.map((folder) => realpath(folder.uri.fsPath)));
  const path = await realpath(uri.fsPath);
  if (!roots.some((root) => isInside(root, path))) {
    throw new ImageError('leads-outside', { path });
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** An image that a page of ours or another extension passes to `seedance.useAsFirstFrame`, and where it comes from. */
export interface ImageArgument {
  /** Where it is: a `vscode.Uri`, its text, or a link. Or the image itself. */
  picture: vscode.Uri | string | Uint8Array;
  /** The name that the user sees. */
  label: string;
  /** Of a frame that was captured from the video of a task. */
  from?: FrameOrigin | undefined;
  /** A small JPEG as a `data:` URL. */
  thumbnail?: string | undefined;
}
