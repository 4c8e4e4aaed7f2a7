import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, lstat, open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, relative, isAbsolute, sep } from 'node:path';
import { syncDirectory } from './atomicFile';
import { getErrorCode, isFlushUnsupported, isNotFound } from './fsErrors';

/** Files of videos on a disk: copied whole, put where nothing is, compared byte for byte. */

const CHUNK_BYTES = 1024 * 1024;

export interface CopiedFile {
  bytes: number;
  /** SHA-256 of what was written, hex. */
  hash: string;
}

/**
 * Copies a file to a path where nothing is. It is on the disk when this resolves, where the disk can flush.
 *
 * @throws also when the source became shorter or longer meanwhile; then there is half a file, which the caller deletes
 */
export async function copyFlushed(source: string, target: string): Promise<CopiedFile> {
  const from = await open(source, 'r');
  try {
    const { size } = await from.stat();
    const to = await open(target, 'wx');
    try {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of readChunks(from)) {
        hash.update(chunk);
        for (let written = 0; written < chunk.length;) {
          written += (await to.write(chunk, written, chunk.length - written, bytes + written)).bytesWritten;
        }
        bytes += chunk.length;
      }
      if (bytes !== size) {
        throw new Error(`copied ${bytes} bytes of ${size}`);
      }
      await syncIfSupported(to);
      return { bytes, hash: hash.digest('hex') };
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<CopiedFile> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of readChunks(file)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    return { bytes, hash: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** Whether two files have the same bytes. Stops at the first that differs. */
export async function hasSameContent(a: string, b: string): Promise<boolean> {
  const one = await open(a, 'r');
  try {
    const other = await open(b, 'r');
    try {
      const [left, right] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];
      for (let position = 0; ;) {
        const [ofOne, ofOther] = await Promise.all([fill(one, left, position), fill(other, right, position)]);
        if (ofOne !== ofOther || left.compare(right, 0, ofOther, 0, ofOne) !== 0) {
          return false;
        }
        if (ofOne === 0) {
          return true;
        }
        position += ofOne;
      }
    } finally {
      await other.close();
    }
  } finally {
    await one.close();
  }
}

async function* readChunks(file: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ;) {
    const bytesRead = await fill(file, buffer, position);
    if (bytesRead === 0) {
      return;
    }
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

/** Reads as much as fits: a read may give less than was asked for, as network disks do. */
async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) {
      break;
    }
    filled += bytesRead;
  }
  return filled;
}

/**
 * Flushes a file and its name.
 *
 * @returns whether that is certain; `false` on a file system that cannot flush
 * @throws what went wrong while it was written
 */
export async function flushFile(path: string): Promise<boolean> {
  // Windows flushes only what is open for writing; elsewhere a file that is read-only for us can be flushed too.
  const file = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    if (!(await syncIfSupported(file))) {
      return false;
    }
  } finally {
    await file.close();
  }
  try {
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    // A folder that we may not list is there all the same, and so is the name in it.
    if (isFlushUnsupported(error) || getErrorCode(error) === 'EACCES') {
      return false;
    }
    throw error;
  }
}

async function syncIfSupported(file: FileHandle): Promise<boolean> {
  try {
    await file.sync();
    return true;
  } catch (error) {
    if (isFlushUnsupported(error)) {
      return false;
    }
    throw error;
  }
}

/**
 * Gives a file another name in its folder, unless there is something of that name, a broken link included. Of several
 * windows that want the name, one gets it: a rename would replace what another had just put there.
 *
 * @returns whether the name was free
 */
export async function renameIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    if (getErrorCode(error) === 'EEXIST') {
      return false;
    }
    // No hard links here; each file system and system has an error of its own for that (Windows: EISDIR).
    return renameOntoPlaceholder(from, to);
  }
  // What is left is a hidden second name of the same file.
  await unlink(from).catch(() => undefined);
  return true;
}

/** An empty file takes the name, which one window can do, and is then replaced. A kill in between leaves it. */
async function renameOntoPlaceholder(from: string, to: string): Promise<boolean> {
  try {
    await (await open(to, 'wx')).close();
  } catch (error) {
    if (getErrorCode(error) === 'EEXIST' || (await findStamp(to)) !== undefined) {
      return false;
    }
    throw error;
  }
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const left = await lstat(to).catch(() => undefined);
    if (left?.isFile() && left.size === 0) {
      await unlink(to).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * Changes whenever the file is written or replaced, also when its time is set back afterwards: nobody can set the time
 * of the last change of a file's state. It changes also with a new name or other permissions.
 */
export function toStamp({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino].map((n) => n.toString(36)).join('.');
}

/**
 * The stamp of what is at a path, without following a link; `undefined` for nothing.
 *
 * @throws when it cannot be told whether there is something
 */
export async function findStamp(path: string): Promise<string | undefined> {
  try {
    return toStamp(await lstat(path, { bigint: true }));
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Whether deleting the first of two paths would take the second with it: the same path, a link to it, or the same file
 * by another way (a folder that is mounted twice). Two hard links are two files in this.
 */
export async function isSameEntry(path: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(path, { bigint: true }), stat(other, { bigint: true })]);
  if (a.dev === b.dev && a.ino === b.ino && a.ino !== 0n && a.nlink <= 1n) {
    return true;
  }
  const [one, two] = await Promise.all([realpath(path), realpath(other)]);
  return one === two;
}

/** Whether two paths lead to one file. `false` when there is nothing at one of them. */
export async function isSameFile(path: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([stat(path, { bigint: true }), stat(other, { bigint: true })]);
    return a.dev === b.dev && a.ino === b.ino && a.ino !== 0n;
  } catch (error) {
    if (isNotFound(error)) {
      return false;
    }
    throw error;
  }
}

/** Whether a path is a folder or in it, links resolved. A folder that is not there holds nothing. */
export async function isInside(path: string, folder: string): Promise<boolean> {
  const root = await realpath(folder).catch((error: unknown) => {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  });
  if (root === undefined) {
    return false;
  }
  const way = relative(root, await realpath(path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
