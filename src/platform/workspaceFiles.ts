import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rename, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { syncDirectory } from '../common/atomicFile';
import { numbered, shorten } from '../common/fileName';
import { getErrorCode, isNameTooLong } from '../common/fsErrors';
import { copyFlushed, findStamp, hashFile, renameIfFree } from '../common/wholeFile';

/** The setting `saveFolder` leads out of the workspace folder, or a file has the name of the folder. */
export class SaveFolderError extends Error {
  override readonly name = 'SaveFolderError';

  constructor(
    /** `gone`: the workspace folder itself, whose name `setting` is then. */
    readonly kind: 'outside' | 'not-a-folder' | 'variable' | 'gone',
    readonly setting: string,
  ) {
    super(`saveFolder ${kind}`);
  }
}

/** The highest number to try in a file name. More files of one name are an error. */
const MAX_NUMBER = 999;

/**
 * Returns the folder to save to, and creates it if it does not exist.
 *
 * Settings and symbolic links of a workspace are untrusted: the setting must be a plain relative path, and no link in it
 * may lead out of the workspace folder. Links are checked before the folder is created and again afterwards.
 *
 * @throws {SaveFolderError}
 */
export async function ensureSaveFolder(folder: vscode.Uri, setting: string): Promise<vscode.Uri> {
  const relative = resolveVariables(setting, folder);
  const parts = relative === undefined ? undefined : parseSaveFolder(relative);
  if (!parts) {
    throw new SaveFolderError('outside', setting);
  }
  await checkThere(folder);
  const target = vscode.Uri.joinPath(folder, ...parts);
  await checkInside(folder, parts, setting);
  try {
    await vscode.workspace.fs.createDirectory(target);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileExists') {
      throw new SaveFolderError('not-a-folder', setting);
    }
    throw error;
  }
  await checkInside(folder, parts, setting);
  return target;
}

/** Without this, a folder on a disk that is not connected would be made anew where the disk was. */
async function checkThere(folder: vscode.Uri): Promise<void> {
  if (folder.scheme !== 'file') {
    // A file system of another extension may know files and no folders.
    return;
  }
  try {
    const { type } = await vscode.workspace.fs.stat(folder);
    if (type & vscode.FileType.Directory) {
      return;
    }
  } catch {
    // Gone, or not readable: the same for who wants to save there.
  }
  throw new SaveFolderError('gone', basename(folder));
}

/**
 * Replaces what VS Code users know from other settings: `~`, `${workspaceFolder}`, `${workspaceFolderBasename}`,
 * `${userHome}`, `${env:NAME}`, `${pathSeparator}`.
 *
 * @returns the path from the workspace folder on; `undefined` for one that leads elsewhere
 * @throws {SaveFolderError} `variable`
 */
export function resolveVariables(setting: string, folder: vscode.Uri): string | undefined {
  const root = folder.scheme === 'file' ? folder.fsPath : folder.path;
  const values: Record<string, string | undefined> = {
    workspaceFolder: root,
    workspaceRoot: root,
    workspaceFolderBasename: basename(folder),
    userHome: homedir(),
    pathSeparator: '/',
    '/': '/',
  };
  const text = setting
    .trim()
    .replace(/^~(?=[\\/]|$)/, () => homedir())
    .replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const environment = /^env:(.+)$/.exec(name)?.[1];
      const value = environment === undefined ? values[name] : process.env[environment];
      if (value === undefined || value === '') {
        throw new SaveFolderError('variable', `\${${name}}`);
      }
      return value;
    });
  if (text === setting.trim() || !(path.isAbsolute(text) || text.startsWith('/'))) {
    return text;
  }
  const relative = path.relative(root, text);
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative) ? undefined : relative;
}

/** Resolves the existing part of the path and checks that it is inside. Only local files can be symbolic links. */
async function checkInside(folder: vscode.Uri, parts: readonly string[], setting: string): Promise<void> {
  if (folder.scheme !== 'file') {
    return;
  }
  const root = await realpath(folder.fsPath);
  for (let depth = parts.length; depth > 0; depth--) {
    const real = await realpath(path.join(folder.fsPath, ...parts.slice(0, depth))).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') {
          return undefined;
        }
        throw error;
      },
    );
    if (real !== undefined) {
      const relative = path.relative(root, real);
      if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) {
        throw new SaveFolderError('outside', setting);
      }
      return;
    }
  }
}

/** What was written to a place, to recognize it later. */
export interface WrittenFile {
  bytes?: number | undefined;
  /** SHA-256, hex. */
  hash?: string | undefined;
  stamp?: string | undefined;
}

/**
 * Copies a file under the first free name `stem.mp4`, `stem-2.mp4`, …, overwriting nothing, whatever other windows save
 * at the same time. It appears there whole: copied under a hidden name first. Works on every file system that VS Code
 * knows.
 *
 * @param extension with the dot
 * @param companion an extension (`.json`) that must be free under the same stem
 */
export async function copyToUniqueName(
  source: string,
  folder: vscode.Uri,
  stem: string,
  extension: string,
  companion?: string,
): Promise<{ uri: vscode.Uri; stem: string; written: WrittenFile }> {
  return putAtUniqueName(copyOf(source), folder, stem, extension, companion);
}

/** Like `copyToUniqueName`, for content in memory. */
export async function writeToUniqueName(
  content: Uint8Array,
  folder: vscode.Uri,
  stem: string,
  extension: string,
  companion?: string,
): Promise<vscode.Uri> {
  return (await putAtUniqueName(contentOf(content), folder, stem, extension, companion)).uri;
}

/** Creates a folder under the first free name `stem`, `stem-2`, …, whatever other windows create at the same time. */
export async function createUniqueFolder(parent: vscode.Uri, stem: string): Promise<vscode.Uri> {
  for (let attempt = 1; attempt <= MAX_NUMBER; attempt++) {
    const uri = vscode.Uri.joinPath(parent, numbered(stem, attempt));
    if (uri.scheme === 'file') {
      try {
        await mkdir(uri.fsPath);
        return uri;
      } catch (error) {
        if (getErrorCode(error) !== 'EEXIST') {
          throw error;
        }
      }
    } else if (!(await exists(uri))) {
      await vscode.workspace.fs.createDirectory(uri);
      return uri;
    }
  }
  throw new Error(`no free name for ${stem}`);
}

/**
 * Deletes files that were written to a folder which was created for them, and the folder once it is empty. What else is there
 * stays.
 *
 * @returns whether all of it is gone
 */
export async function deleteWithFolder(folder: vscode.Uri, names: readonly string[]): Promise<boolean> {
  let isGone = true;
  for (const name of names) {
    try {
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, name));
    } catch (error) {
      isGone &&= isFileNotFound(error);
    }
  }
  try {
    // Not recursive: a folder that has something in it stays.
    await vscode.workspace.fs.delete(folder);
  } catch (error) {
    isGone &&= isFileNotFound(error);
  }
  return isGone;
}

/**
 * Writes a file where nothing is.
 *
 * @returns whether the place was free
 */
export async function writeIfFree(content: Uint8Array, target: vscode.Uri): Promise<boolean> {
  return withTemporary(contentOf(content), getFolder(target), (temporary) => moveIfFree(temporary, target));
}

/** What the user was asked about, when a place to save to was chosen. */
export interface ChosenPlace {
  uri: vscode.Uri;
  /** What was there then; see `getOccupant`. */
  occupant: string | undefined;
}

/**
 * Copies a file to a place that the user chose, and replaces what they were asked about, which stays whole until the
 * copy is complete. When there is something else by now, as fetching a video takes its time, they are asked again.
 *
 * @param mayReplace asks about what came to the place meanwhile
 * @returns `undefined` when it may not be replaced; then it is as it was
 */
export async function copyAndReplace(
  source: string,
  chosen: ChosenPlace,
  mayReplace: () => Promise<boolean>,
): Promise<WrittenFile | undefined> {
  return replace(copyOf(source), chosen, mayReplace);
}

/** Like `copyAndReplace`, for content that is not a file yet. */
export async function writeAndReplace(
  content: Uint8Array,
  chosen: ChosenPlace,
  mayReplace: () => Promise<boolean>,
): Promise<WrittenFile | undefined> {
  return replace(contentOf(content), chosen, mayReplace);
}

/** Of something that cannot be told from what comes later; the user's answer is for both. */
const UNKNOWN = 'unknown';

/**
 * What is at a URI, so that one can tell later whether it is still that; `undefined` for nothing.
 *
 * @throws on a disk, when it cannot be told whether there is something
 */
export async function getOccupant(uri: vscode.Uri): Promise<string | undefined> {
  if (uri.scheme === 'file') {
    return findStamp(uri.fsPath);
  }
  try {
    const { type, size, mtime } = await vscode.workspace.fs.stat(uri);
    return `${type}.${size}.${mtime}`;
  } catch (error) {
    // Some providers throw errors of their own for what is not there.
    return isFileNotFound(error) ? undefined : UNKNOWN;
  }
}

/** Writes to a temporary file; says what it wrote. */
type WriteFile = (temporary: vscode.Uri) => Promise<WrittenFile>;

function copyOf(source: string): WriteFile {
  return async (temporary) => {
    if (temporary.scheme === 'file') {
      return copyFlushed(source, temporary.fsPath);
    }
    const copied = await hashFile(source);
    await vscode.workspace.fs.copy(vscode.Uri.file(source), temporary, { overwrite: false });
    const { size } = await vscode.workspace.fs.stat(temporary);
    if (size !== copied.bytes) {
      throw new Error(`copied ${size} bytes of ${copied.bytes}`);
    }
    return copied;
  };
}

function contentOf(content: Uint8Array): WriteFile {
  return async (temporary) => {
    if (temporary.scheme === 'file') {
      await writeFile(temporary.fsPath, content, { flag: 'wx' });
    } else {
      await vscode.workspace.fs.writeFile(temporary, content);
    }
    return { bytes: content.length };
  };
}

/** Names of temporary files: one for each write, as two may save to one folder, also the same video. */
const TEMPORARY_NAME = /^\.seedance-[0-9a-f]{16}\.part$/;
/** Of a window that died while it wrote; one that was only asleep goes on within that. */
const TEMPORARY_LIFE_MS = 24 * 60 * 60_000;

/** Writes a temporary file and has it moved, so that a file appears whole or not at all. */
async function withTemporary<T>(
  write: WriteFile,
  folder: vscode.Uri,
  move: (temporary: vscode.Uri, written: WrittenFile) => Promise<T>,
): Promise<T> {
  const temporary = vscode.Uri.joinPath(folder, `.seedance-${randomBytes(8).toString('hex')}.part`);
  try {
    return await move(temporary, await write(temporary));
  } finally {
    // Not there any more when it was moved.
    await deleteTemporary(temporary);
    await deleteOldTemporaries(folder);
  }
}

async function deleteTemporary(temporary: vscode.Uri): Promise<void> {
  if (temporary.scheme === 'file') {
    await unlink(temporary.fsPath).catch(() => undefined);
  } else {
    await vscode.workspace.fs.delete(temporary).then(undefined, () => undefined);
  }
}

async function deleteOldTemporaries(folder: vscode.Uri): Promise<void> {
  if (folder.scheme !== 'file') {
    return;
  }
  for (const name of await readdir(folder.fsPath).catch(() => [])) {
    const temporary = path.join(folder.fsPath, name);
    if (TEMPORARY_NAME.test(name)) {
      const found = await lstat(temporary).catch(() => undefined);
      if (found?.isFile() && Date.now() - found.mtimeMs > TEMPORARY_LIFE_MS) {
        await unlink(temporary).catch(() => undefined);
      }
    }
  }
}

async function putAtUniqueName(
  write: WriteFile,
  folder: vscode.Uri,
  stem: string,
  extension: string,
  companion?: string,
): Promise<{ uri: vscode.Uri; stem: string; written: WrittenFile }> {
  return withTemporary(write, folder, async (temporary, written) => {
    let short = stem;
    for (let attempt = 1; attempt <= MAX_NUMBER; attempt++) {
      const name = numbered(short, attempt);
      const uri = vscode.Uri.joinPath(folder, name + extension);
      // Nothing is lost where it cannot be told: what is written beside the video overwrites nothing either.
      if (companion !== undefined && (await exists(vscode.Uri.joinPath(folder, name + companion)).catch(() => false))) {
        continue;
      }
      try {
        if (await moveIfFree(temporary, uri)) {
          return { uri, stem: name, written: await withStamp(written, uri) };
        }
      } catch (error) {
        const shorter = isNameTooLong(error) ? shorten(short) : undefined;
        if (shorter === undefined) {
          throw error;
        }
        // 255 bytes are usual, 143 with eCryptfs, fewer elsewhere; nothing tells how many.
        short = shorter;
        attempt = 0;
      }
    }
    throw new Error(`no free name for ${stem}${extension}`);
  });
}

/** Other windows that put something there again and again, or a disk that says what is not so. */
const MAX_MOVES = 10;

async function replace(
  write: WriteFile,
  chosen: ChosenPlace,
  mayReplace: () => Promise<boolean>,
): Promise<WrittenFile | undefined> {
  const { uri } = chosen;
  let { occupant } = chosen;
  return withTemporary(write, getFolder(uri), async (temporary, written) => {
    for (let moves = 0; moves < MAX_MOVES; moves++) {
      const found = await getOccupant(uri);
      if (found === undefined || found === UNKNOWN) {
        if (await moveIfFree(temporary, uri)) {
          return withStamp(written, uri);
        }
        if (found === undefined) {
          continue;
        }
      }
      if (found === occupant) {
        await moveOver(temporary, uri);
        return withStamp(written, uri);
      }
      if (!(await mayReplace())) {
        return undefined;
      }
      occupant = found;
    }
    throw new Error(`${basename(uri)} keeps changing`);
  });
}

async function withStamp(written: WrittenFile, uri: vscode.Uri): Promise<WrittenFile> {
  if (uri.scheme === 'file') {
    // The name, too: what is in the file is on the disk already.
    await syncDirectory(path.dirname(uri.fsPath)).catch(() => undefined);
  }
  return { ...written, stamp: await getOccupant(uri).catch(() => undefined) };
}

async function moveOver(temporary: vscode.Uri, target: vscode.Uri): Promise<void> {
  if (target.scheme === 'file') {
    return rename(temporary.fsPath, target.fsPath);
  }
  // VS Code would delete a folder with all that is in it.
  const { type } = await vscode.workspace.fs.stat(target);
  if (type & vscode.FileType.Directory) {
    throw vscode.FileSystemError.FileIsADirectory(target);
  }
  await vscode.workspace.fs.rename(temporary, target, { overwrite: true });
}

/** VS Code looks, and then moves: two moves of this window must not come between one another. */
let lastMove: Promise<unknown> = Promise.resolve();

function moveIfFree(from: vscode.Uri, to: vscode.Uri): Promise<boolean> {
  if (to.scheme === 'file') {
    return renameIfFree(from.fsPath, to.fsPath);
  }
  const move = lastMove.then(async () => {
    try {
      await vscode.workspace.fs.rename(from, to, { overwrite: false });
      return true;
    } catch (error) {
      if (await exists(to).catch(() => false)) {
        return false;
      }
      throw error;
    }
  });
  lastMove = move.catch(() => undefined);
  return move;
}

function getFolder(uri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(uri, '..');
}

/** Returns the last segment of the path of a URI. */
export function basename(uri: vscode.Uri): string {
  return path.posix.basename(uri.path);
}

/**
 * Whether there is something at a URI: file, folder or a link that leads nowhere.
 *
 * @throws when that cannot be told: only "not there" means that
 */
export async function exists(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === 'file') {
    return (await findStamp(uri.fsPath)) !== undefined;
  }
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (isFileNotFound(error)) {
      return false;
    }
    throw error;
  }
}

export function isFileNotFound(error: unknown): boolean {
  return error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
}

/**
 * Parses the setting `saveFolder`, which may come from an untrusted workspace. Returns the names of the nested folders.
 *
 * Returns `undefined` for everything that could lead out of the workspace folder on any system: absolute paths, `..`
 * (and `.. `, which Windows treats alike), drives, streams, control characters. `ensureSaveFolder` checks symbolic links.
 */
export function parseSaveFolder(text: string): string[] | undefined {
  const trimmed = text.trim();
  if (/^[\\/]|[:*?"<>|\u0000-\u001f\u007f]/.test(trimmed)) {
    return undefined;
  }
  const folders: string[] = [];
  for (const part of trimmed.split(/[\\/]+/)) {
    if (part === '' || part === '.') {
      continue;
    }
    if (/[. ]$/.test(part)) {
      return undefined;
    }
    folders.push(part);
  }
  return folders;
}
