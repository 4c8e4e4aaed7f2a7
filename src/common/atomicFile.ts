import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rmdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getErrorCode, isDiskFull, isFlushUnsupported, isPassing } from './fsErrors';

/** Writes files that are either complete or not there, also after a kill or a power cut. */

/**
 * Creates the file `path`. It is on the disk when this resolves.
 *
 * Writes a temporary file first and then links it: a link fails atomically if the name is taken, while a rename would
 * replace the file. Of several processes that try the same name exactly one succeeds.
 *
 * @param temporary path of the temporary file, on the same file system
 * @param wait is called between two checks for a rival, on disks without hard links
 * @param keepUnflushed whether the file stays when the flush of its name fails, which throws in any case
 * @returns `false` when `path` exists already
 * @throws errors of the file system
 */
export async function createFileAtomically(
  path: string,
  text: string,
  temporary: string,
  wait: () => Promise<void> = shortly,
  keepUnflushed = false,
): Promise<boolean> {
  try {
    await writeFlushed(temporary, text);
    if (!(await tryLink(temporary, path))) {
      // Room for one is enough on a full disk.
      await unlink(temporary);
      if (!(await createWithoutLinks(path, text, basename(temporary), wait))) {
        return false;
      }
    }
    try {
      await syncDirectory(dirname(path));
    } catch (error) {
      if (!keepUnflushed) {
        await unlink(path).catch(() => undefined);
      }
      throw error;
    }
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
 * @returns whether the disk has hard links. What disks without them answer differs: EPERM, ENOTSUP and ENOSYS, EISDIR
 *   (exFAT on Windows), EMLINK, EXDEV, EACCES and others. So only errors that would hinder any other way are errors.
 * @throws `EEXIST` when the name is taken.
 */
async function tryLink(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = getErrorCode(error) ?? '';
    if (isDiskFull(error) || ['EROFS', 'ENOENT'].includes(code)) {
      throw error;
    }
    // On NFS a link may be made and its answer lost; the second attempt then finds our own (link(2), "Bugs").
    const { nlink } = await stat(temporary);
    if (nlink > 1) {
      return true;
    }
    if (code === 'EEXIST' || isPassing(error)) {
      throw error;
    }
    return false;
  }
}

/** So often a rival is looked at before it is taken for dead. */
const RIVAL_LOOKS = 20;
/** For a rival that removes our file as often as we make it. */
const MAX_TRIES = 200;
/** For a virus scanner that holds a file open. */
const MAX_REFUSALS = 10;

/**
 * The same on a disk without hard links: by a rename, which is atomic, too, but replaces what is there.
 *
 * So all that want the name show themselves in a folder of its own before they look at who else is there. Of two, at
 * least one sees the other, and then either withdraws or removes the other's file, whose rename then fails. A reader
 * never sees half a file, and a window that stalls or dies in the middle loses and takes nothing with it.
 */
async function createWithoutLinks(
  path: string,
  text: string,
  name: string,
  wait: () => Promise<void>,
): Promise<boolean> {
  const folder = `${path}.writing`;
  const own = join(folder, name);
  const looks = new Map<string, number>();
  let refusals = 0;
  try {
    for (let tries = 1; ; tries++) {
      if (await exists(path)) {
        return false;
      }
      try {
        await mkdir(folder, { recursive: true });
        await writeFlushed(own, text);
        if (await outdoRivals(folder, name, looks)) {
          if (await exists(path)) {
            return false;
          }
          await rename(own, path);
          return true;
        }
      } catch (error) {
        const code = getErrorCode(error) ?? '';
        const isRefusal = ['EBUSY', 'EPERM', 'EACCES'].includes(code);
        refusals += isRefusal ? 1 : 0;
        // ENOENT: a rival removed our file, or the folder.
        if (tries >= MAX_TRIES || refusals > MAX_REFUSALS || (!isRefusal && code !== 'ENOENT')) {
          throw error;
        }
      }
      await unlink(own).catch(() => undefined);
      await wait();
    }
  } finally {
    await unlink(own).catch(() => undefined);
    await rmdir(folder).catch(() => undefined);
  }
}

/** @returns `false` when a rival goes first: the one whose name comes first, for as long as it may be alive. */
async function outdoRivals(folder: string, own: string, looks: Map<string, number>): Promise<boolean> {
  for (const rival of await readdir(folder)) {
    if (rival === own) {
      continue;
    }
    const seen = (looks.get(rival) ?? 0) + 1;
    looks.set(rival, seen);
    if (rival < own && seen < RIVAL_LOOKS) {
      return false;
    }
    await unlink(join(folder, rival)).catch((error: unknown) => {
      if (getErrorCode(error) !== 'ENOENT') {
        throw error;
      }
    });
  }
  return true;
}

const shortly = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (getErrorCode(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

/** A new file, flushed. */
async function writeFlushed(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data);
    await flush(file);
  } finally {
    await file.close();
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
    await writeFlushed(temporary, data);
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
  try {
    await syncDirectory(dirname(path));
  } catch (error) {
    // While the disk is in trouble nothing is certain, and the caller tries again. With any other error of the directory
    // above, as on a read-only disk, its files can be used all the same.
    if (isPassing(error)) {
      throw error;
    }
  }
}

/**
 * Flushes the names in a directory to the disk. Windows cannot open a directory, and does not need it. Some network and
 * shared folders cannot be flushed: that costs durability in a power cut, and nothing else.
 */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  let handle: FileHandle;
  try {
    handle = await open(directory, 'r');
  } catch (error) {
    if (isFlushUnsupported(error)) {
      return;
    }
    throw error;
  }
  try {
    await flush(handle);
  } finally {
    await handle.close();
  }
}

/** Flushes an open file or folder, where the disk can. */
export async function flush(handle: Pick<FileHandle, 'sync'>): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    if (!isFlushUnsupported(error)) {
      throw error;
    }
  }
}
