import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { numbered } from '../common/fileName';

/** The setting `saveFolder` leads out of the workspace folder, or a file has the name of the folder. */
export class SaveFolderError extends Error {
  override readonly name = 'SaveFolderError';

  constructor(
    readonly kind: 'outside' | 'not-a-folder',
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

/**
 * Copies a file to the first free name `stem.mp4`, `stem-2.mp4`, … and overwrites nothing. The file is complete when it
 * appears: it is copied to `temporaryName` first and then renamed. Works on every file system that VS Code supports.
 *
 * @param extension with the dot
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
  return putAtUniqueName(createCopier(source), folder, stem, extension, temporaryName, companion);
}

/** Like `copyToUniqueName`, for content in memory. */
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

/** Copies a file to a URI. Replaces an existing file only when the copy is complete. */
export async function copyAndReplace(source: vscode.Uri, target: vscode.Uri, temporaryName: string): Promise<void> {
  await moveIntoPlace(createCopier(source), vscode.Uri.joinPath(target, '..', temporaryName), (temporary) =>
    vscode.workspace.fs.rename(temporary, target, { overwrite: true }),
  );
}

type WriteFile = (target: vscode.Uri) => Thenable<void>;

function createCopier(source: vscode.Uri): WriteFile {
  return (target) => vscode.workspace.fs.copy(source, target, { overwrite: true });
}

/** Writes a temporary file and renames it, so that the file appears complete or not at all. */
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

/** Returns the last segment of the path of a URI. */
export function basename(uri: vscode.Uri): string {
  return path.posix.basename(uri.path);
}

/** Whether a file or folder exists at a URI. */
export async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
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
