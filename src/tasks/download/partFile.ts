import {
  copyFile,
  link,
  open,
  readFile,
  readdir,
  rename,
  stat,
  type FileHandle,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { flush, syncDirectory } from '../../common/atomicFile';
import type { Clock } from '../../common/clock';
import { isNotFound } from '../../common/fsErrors';
import type { VideoCheck } from './videoValidation';

/** What is stored beside a part file, to continue it only with bytes of the same video. */
export interface PartMetadata {
  /** A strong one; a weak one does not promise equal bytes (RFC 9110, section 8.8.1). */
  etag?: string | undefined;
  /** Size of the whole video, bytes, if the server said. */
  total?: number | undefined;
  /** Bytes after which an attempt before this one ended, while nothing said whether that was all. */
  endedAt?: number | undefined;
}

interface StoredMetadata extends PartMetadata {
  /** When the machine was started, milliseconds since 1970, by the wall clock of the time of writing. */
  bootedAt?: number | undefined;
}

/** The system slews the wall clock a little all the time. */
const SAME_BOOT_MS = 5_000;

/**
 * The file that holds the beginning of a video while it is downloaded: `<id>.<window>.part`, with its metadata in
 * `<id>.<window>.part.json`.
 *
 * Each window has a file of its own. A process that was suspended and resumes may still write after another one has
 * taken over, and the bytes of two versions would mix. So a new window copies what an earlier one left, and deletes that.
 */
export class PartFile {
  readonly path: string;
  readonly #clock: Pick<Clock, 'now' | 'uptime'>;

  private constructor(path: string, clock: Pick<Clock, 'now' | 'uptime'>) {
    this.path = path;
    this.#clock = clock;
  }

  /**
   * Returns the part file of this window, with what other windows left of the same video in it. It need not exist yet.
   *
   * @param windowName tells the part files of windows apart
   */
  static async create(
    directory: string,
    id: string,
    windowName: string,
    clock: Pick<Clock, 'now' | 'uptime'>,
  ): Promise<PartFile> {
    const path = join(directory, `${id}.${windowName}.part`);
    const others = (await findPartFiles(directory, id)).filter((other) => other !== path);
    if (others.length > 0) {
      const sizes = await Promise.all(others.map(getFileSize));
      const largest = Math.max(...sizes);
      if ((await getFileSize(path)) < largest) {
        await adoptPartFile(others[sizes.indexOf(largest)]!, path);
      }
      await Promise.all(others.map(discardPartFile));
    }
    return new PartFile(path, clock);
  }

  /** Bytes; 0 when there is no file. */
  getSize(): Promise<number> {
    return getFileSize(this.path);
  }

  /**
   * Returns the metadata of the bytes in the file, or `undefined` when nothing proves which video they belong to, or
   * that they are what was written.
   */
  async readMetadata(): Promise<PartMetadata | undefined> {
    try {
      const metadata: unknown = JSON.parse(await readFile(getMetadataPath(this.path), 'utf8'));
      return isStoredMetadata(metadata) && this.#isOfThisBoot(metadata) ? metadata : undefined;
    } catch {
      // Missing, or cut by the end of the process that wrote it.
      return undefined;
    }
  }

  /** Opens the file empty, for a download from the first byte. The caller closes it. */
  async openNew(metadata: PartMetadata): Promise<FileHandle> {
    const file = await open(this.path, 'w');
    try {
      const stored: StoredMetadata = { ...metadata, bootedAt: this.#getBootTime() };
      await writeFile(getMetadataPath(this.path), JSON.stringify(stored));
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Opens the file to append to what it holds. The caller closes it. */
  openExisting(): Promise<FileHandle> {
    return open(this.path, 'r+');
  }

  check(): Promise<VideoCheck> {
    return checkVideoFile(this.path);
  }

  /**
   * Makes the file the whole video at `path` in the same directory. It is on the disk, content and name, when this
   * resolves. A whole video that another window has put there meanwhile stays, as the record states its size.
   *
   * @returns the size of the video at `path`, bytes
   */
  async moveTo(path: string, directory: string): Promise<number> {
    // Needed also when this process received no byte: the one that wrote the last byte may have ended before the flush.
    const file = await open(this.path, 'r+');
    let bytes: number;
    try {
      await flush(file);
      bytes = (await file.stat()).size;
    } finally {
      await file.close();
    }
    if (!(await this.#tryLink(path))) {
      if ((await getFileSize(path)) > 0 && (await checkVideoFile(path)).result === 'video') {
        await this.discard();
        return getFileSize(path);
      }
      await rename(this.path, path);
    }
    await syncDirectory(directory);
    await this.discard();
    return bytes;
  }

  /** @returns `false` when there is something at `path`, or the disk has no hard links */
  #tryLink(path: string): Promise<boolean> {
    return link(this.path, path).then(
      () => true,
      () => false,
    );
  }

  discard(): Promise<void> {
    return discardPartFile(this.path);
  }

  /**
   * Whether the machine has not been restarted since the file was begun. Bytes that a killed process has written are
   * kept by the system; after a power cut, what was not flushed can come back as zeros. Setting the wall clock looks
   * like a restart, which costs a download from the first byte and never a wrong video. The times of files prove
   * nothing in that case.
   */
  #isOfThisBoot({ bootedAt }: StoredMetadata): boolean {
    return bootedAt !== undefined && Math.abs(bootedAt - this.#getBootTime()) < SAME_BOOT_MS;
  }

  #getBootTime(): number {
    return this.#clock.now() - this.#clock.uptime();
  }
}

/** Deletes the part files of a video, of all windows. */
export async function discardPartFiles(directory: string, id: string): Promise<void> {
  await Promise.all((await findPartFiles(directory, id)).map(discardPartFile));
}

/**
 * Bytes; 0 when there is no file.
 *
 * @throws errors of the file system: what cannot be looked at for a moment may be a whole video
 */
export function getFileSize(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    (error: unknown) => {
      if (isNotFound(error)) {
        return 0;
      }
      throw error;
    },
  );
}

/** @throws errors of the file system */
export async function checkVideoFile(path: string): Promise<VideoCheck> {
  // Not needed before the first video is here.
  const { checkVideo } = await import('./videoValidation');
  const file = await open(path, 'r');
  try {
    return await checkVideo(file);
  } finally {
    await file.close();
  }
}

const getMetadataPath = (part: string): string => `${part}.json`;

/** Checked by hand: the schema library is not worth loading at startup for four fields of our own file. */
function isStoredMetadata(metadata: unknown): metadata is StoredMetadata {
  const { etag, total, endedAt, bootedAt } = (metadata ?? {}) as Record<keyof StoredMetadata, unknown>;
  const isOptional = (type: string) => (field: unknown) => field === undefined || typeof field === type;
  return isOptional('string')(etag) && [total, endedAt, bootedAt].every(isOptional('number'));
}

/** Paths of the part files of a video, of all windows; also of one of which only the metadata is left. */
async function findPartFiles(directory: string, id: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(`${id}.`));
  const parts = names.map((name) => (name.endsWith('.part.json') ? name.slice(0, -'.json'.length) : name));
  return [...new Set(parts.filter((name) => name.endsWith('.part')))].map((name) => join(directory, name));
}

/**
 * Copies a part file with its metadata. When there is no metadata, or it changed during the copying, nothing proves what
 * the bytes are, and the download starts over.
 */
async function adoptPartFile(from: string, to: string): Promise<void> {
  const readMetadata = () => readFile(getMetadataPath(from), 'utf8').catch(() => undefined);
  const metadata = await readMetadata();
  try {
    if (metadata !== undefined) {
      await copyFile(from, to);
      if ((await readMetadata()) === metadata) {
        await writeFile(getMetadataPath(to), metadata);
        return;
      }
    }
  } catch {
    // Deleted meanwhile, or the disk has no space for two: the download starts over.
  }
  await discardPartFile(to);
}

async function discardPartFile(part: string): Promise<void> {
  await Promise.all([part, getMetadataPath(part)].map((path) => unlink(path).catch(() => undefined)));
}
