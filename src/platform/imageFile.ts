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

export interface ReadImageOptions {
  /**
   * The folder that must hold the file, unless a workspace folder does: of the document that names it. Without it the user
   * has chosen the file, wherever that is.
   */
  within?: vscode.Uri | undefined;
}

/**
 * Reads a file of any file system that VS Code supports, to be used as a first frame.
 *
 * @throws {ImageError} when the service would not accept it
 */
export async function readImageFile(uri: vscode.Uri, options: ReadImageOptions = {}): Promise<SourceImage> {
  const read = () => readChecked(uri, IMAGE_MAX_BYTES, options);
  const bytes = await read();
  return {
    source: uri.toString(),
    label: basename(uri),
    file: { facts: validateImage(bytes), hash: sha256Hex(bytes), read },
  };
}

/** A file that the service accepts as a first frame, or that the cropper can fix. */
export interface Candidate {
  image: SourceImage;
  /** Why the service would not accept it without changes. */
  problem: ImageError | undefined;
}

/**
 * Like `readImageFile`, but also accepts images that the cropper can fix.
 *
 * @throws {ImageError} when the cropper cannot fix it
 */
export async function readCandidate(uri: vscode.Uri, options: ReadImageOptions = {}): Promise<Candidate> {
  const read = () => readChecked(uri, DRAWABLE_MAX_BYTES, options);
  const facts = readImageInfo(await read());
  const problem = getImageProblem(facts);
  return {
    problem,
    image: problem
      ? { source: uri.toString(), label: basename(uri), file: { facts, read } }
      : await readImageFile(uri, options),
  };
}

async function readChecked(uri: vscode.Uri, most: number, options: ReadImageOptions): Promise<Uint8Array> {
  try {
    // Check the size first, so that very large files are not read.
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0) {
      throw new ImageError('unreadable', {});
    }
    await checkInside(uri, options);
    checkImageBytes(size, most);
    return await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    throw error instanceof ImageError ? error : new ImageError('unreadable', { cause: error });
  }
}

/**
 * Rejects symbolic links that lead out of the workspace: a repository may contain a link to a private photo of the user,
 * who only clicked on `cat.png`, and so may an archive that a storyboard was unpacked from. The user may still choose a
 * file outside of the workspace directly.
 */
async function checkInside(uri: vscode.Uri, { within }: ReadImageOptions): Promise<void> {
  if (uri.scheme !== 'file' || !(within ?? vscode.workspace.getWorkspaceFolder(uri))) {
    return;
  }
  const path = await realpath(uri.fsPath);
  if (!(await isInOneOf(path, [...getWorkspaceUris(), ...(within ? [within] : [])]))) {
    throw new ImageError('leads-outside', { path, ...(within ? { isNamed: true } : {}) });
  }
}

function getWorkspaceUris(): vscode.Uri[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
}

/** @param path a real path: without symbolic links */
async function isInOneOf(path: string, folders: readonly vscode.Uri[]): Promise<boolean> {
  const onDisk = folders.filter(({ scheme }) => scheme === 'file');
  // A folder that is gone, or cannot be read, is no reason not to look into the others.
  const roots = await Promise.all(onDisk.map(({ fsPath }) => realpath(fsPath).catch(() => undefined)));
  return roots.some((root) => root !== undefined && isInside(root, path));
}

/** Whether a file is really inside a folder that the user has trusted, so that programs may run for it there. */
export async function isInTrustedFolder(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme !== 'file' || !vscode.workspace.isTrusted) {
    return false;
  }
  const path = await realpath(uri.fsPath).catch(() => undefined);
  return path !== undefined && (await isInOneOf(path, getWorkspaceUris()));
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The argument of `seedance.useAsFirstFrame`: an image from one of our webviews or from another extension. */
export interface ImageArgument {
  /** A `vscode.Uri`, the text of one, a link, or the content of the image. */
  picture: vscode.Uri | string | Uint8Array;
  /** Name to show. */
  label: string;
  /** Set for a frame that was captured from the video of a task. */
  from?: FrameOrigin | undefined;
  /** A small JPEG as a `data:` URL. */
  thumbnail?: string | undefined;
}
