import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { numbered } from '../common/fileName';

/** `saveFolder` cannot be used: it leads out of the workspace folder, or something else has its name. */
export class SaveFolderError extends Error {
  override readonly name = 'SaveFolderError';

  constructor(
    readonly kind: 'outside' | 'not-a-folder',
    readonly setting: string,
  ) {
    super(`saveFolder ${kind}`);
  }
}

/** More files of one name than anyone keeps; after that something else is wrong. */
const MAX_NUMBER = 999;

/**
 * The folder to save to, made when it is not there.
 *
 * A workspace brings its settings and its links along, so both are distrusted: the setting must be a plain
 * relative path, and no link on the way may lead out. The links are looked at before anything is made, and
 * once more after.
 *
 * @throws {SaveFolderError}
 */
export async function ensureSaveFolder(folder: vscode.Uri, setting: string): Promise<vscode.Uri> {
  const parts = parseSaveFolder(setting);
  if (!parts) {
    throw new SaveFolderError('outside', setting);
  }
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

/** Resolves the links of as much of the path as there is. Only a disk has links that lead elsewhere. */
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
      const way = path.relative(root, real);
      if (way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way)) {
        throw new SaveFolderError('outside', setting);
      }
      return;
    }
  }
}

/**
 * Copies a file under the first free name `stem.mp4`, `stem-2.mp4`, …, overwriting nothing. It appears there
 * whole: copied under a hidden name first and then renamed. Works on every file system that VS Code knows.
 *
 * @param companion an extension (`.json`) that must be free under the same stem
 */
export async function copyToUniqueName(
  source: vscode.Uri,
  folder: vscode.Uri,
  stem: string,
  extension: string,
  temporaryName: string,
  companion?: string,
): Promise<{ uri: vscode.Uri; stem: string }> {
  return putAtUniqueName(copyOf(source), folder, stem, extension, temporaryName, companion);
}

/** Like `copyToUniqueName`, for content that is not a file yet. */
export async function writeToUniqueName(
  content: Uint8Array,
  folder: vscode.Uri,
  stem: string,
  extension: string,
  temporaryName: string,
): Promise<vscode.Uri> {
  const write: WriteFile = (temporary) => vscode.workspace.fs.writeFile(temporary, content);
  return (await putAtUniqueName(write, folder, stem, extension, temporaryName)).uri;
}

/** Copies a file to a URI and replaces what is there, which stays whole until the copy is complete. */
export async function copyAndReplace(source: vscode.Uri, target: vscode.Uri, temporaryName: string): Promise<void> {
  await moveIntoPlace(copyOf(source), vscode.Uri.joinPath(target, '..', temporaryName), (temporary) =>
    vscode.workspace.fs.rename(temporary, target, { overwrite: true }),
  );
}

type WriteFile = (target: vscode.Uri) => Thenable<void>;

function copyOf(source: vscode.Uri): WriteFile {
  return (target) => vscode.workspace.fs.copy(source, target, { overwrite: true });
}

/** Writes a temporary file and has it renamed, so that a file appears whole or not at all. */
async function moveIntoPlace<T>(
  write: WriteFile,
  temporary: vscode.Uri,
  rename: (temporary: vscode.Uri) => Thenable<T>,
): Promise<T> {
  try {
    await write(temporary);
    return await rename(temporary);
  } catch (error) {
    await vscode.workspace.fs.delete(temporary).then(undefined, () => undefined);
    throw error;
  }
}

async function putAtUniqueName(
  write: WriteFile,
  folder: vscode.Uri,
  stem: string,
  extension: string,
  temporaryName: string,
  companion?: string,
): Promise<{ uri: vscode.Uri; stem: string }> {
  return moveIntoPlace(write, vscode.Uri.joinPath(folder, temporaryName), async (temporary) => {
    for (let attempt = 1; attempt <= MAX_NUMBER; attempt++) {
      const name = numbered(stem, attempt);
      const uri = vscode.Uri.joinPath(folder, name + extension);
      if (companion !== undefined && (await exists(vscode.Uri.joinPath(folder, name + companion)))) {
        continue;
      }
      if (await renameIfFree(temporary, uri)) {
        return { uri, stem: name };
      }
    }
    throw new Error(`no free name for ${stem}${extension}`);
  });
}

async function renameIfFree(from: vscode.Uri, to: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.rename(from, to, { overwrite: false });
    return true;
  } catch (error) {
    if (await exists(to)) {
      return false;
    }
    throw error;
  }
}

/** The last segment of a URI's path. */
export function basename(uri: vscode.Uri): string {
  return path.posix.basename(uri.path);
}

/** Whether there is something at a URI, file or folder. */
export async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/**
 * The setting `saveFolder`, which a workspace may bring with it: its folders, from the workspace folder down.
 *
 * `undefined` for everything that could lead out of the workspace folder on any system: absolute paths, `..`
 * (Windows also takes `.. ` for it), drives and streams, control characters. Links on the disk are checked
 * where the folder is made.
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
