import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getErrorCode } from './fsErrors';

/** Files that are whole or not there, also after a kill or a power cut. */

/** Errors of file systems without hard links (FAT, some network shares). */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/**
 * Makes `path` with `text` in it, on the disk when this resolves; `false` when `path` already exists.
 *
 * Written beside it first and then linked: a link fails where the name is taken, atomically, which a
 * rename does not. Of several processes that try the same name exactly one wins.
 */
export async function createFileAtomically(path: string, text: string, temporary: string): Promise<boolean> {
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(temporary, path);
    } catch (error) {
      const code = getErrorCode(error) ?? '';
      if (code === 'EEXIST') {
        return false;
      }
      if (!NO_HARD_LINKS.has(code)) {
        throw error;
      }
      // Not atomic in its content, but in its name; a reader takes half a file for damaged and looks again.
      await copyFile(temporary, path, constants.COPYFILE_EXCL);
    }
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (getErrorCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/**
 * Writes `path`, replacing what is there. A reader, also in another process, sees the old content or the new,
 * and never a part.
 */
export async function replaceFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, data, { flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * Makes a folder in one that exists; what is put into it durably is not lost with its name. Flushed also where
 * it exists already: whoever made it may have died before that.
 */
export async function ensureDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  // A folder that we may write in and not read cannot be flushed.
  await syncDirectory(dirname(path)).catch(() => undefined);
}

/** A name is on the disk only when its directory is. Windows cannot open one, and needs it not. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
