import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getErrorCode } from './fsErrors';

/** Writes files that are either complete or not there, also after a kill or a power cut. */

/** Errors of file systems without hard links (FAT, some network shares). */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/**
 * Creates the file `path`. It is on the disk when this resolves.
 *
 * Writes a temporary file first and then links it: a link fails atomically if the name is taken, while a rename would
 * replace the file. Of several processes that try the same name exactly one succeeds.
 *
 * @param temporary path of the temporary file, on the same file system
 * @returns `false` when `path` exists already
 * @throws errors of the file system
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
      // The name is taken atomically, the content is not written so. A reader of half a file reads it again.
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
 * Writes `path`, replacing an existing file. A reader, also in another process, sees the old content or the new one,
 * and never a part.
 *
 * @throws errors of the file system; then the old file is unchanged
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
 * Creates a directory, and flushes its name to the disk so that the files in it survive a power cut. Flushes also when it
 * exists already: the process that created it may have ended before its flush.
 */
export async function ensureDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  // A directory without read permission cannot be flushed.
  await syncDirectory(dirname(path)).catch(() => undefined);
}

/** Flushes the names in a directory to the disk. Windows cannot open a directory, and does not need it. */
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
