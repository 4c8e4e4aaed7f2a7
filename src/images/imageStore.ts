import { readdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDirectory, replaceFileAtomically } from '../common/atomicFile';
import { sha256Hex } from '../common/sha256';

const FOLDER = 'images';
/** Newer images are kept: the user may be about to generate a video from them. */
const UNUSED_AGE_MS = 24 * 60 * 60_000;

/**
 * Stores images that are in no file of the user: cropped, pasted, or captured from a video. File names are hashes of
 * the content, so that a task can be generated again with the same image, and equal images are stored once.
 */
export class ImageStore {
  readonly #directory: string;

  /** @param storage global storage of the extension; the folder for images is created with the first image */
  constructor(storage: string) {
    this.#directory = join(storage, FOLDER);
  }

  /**
   * Stores an image.
   *
   * @returns the absolute path of its file
   * @throws {ImageError} when the service would not accept it as a first frame; it is not stored then
   */
  async put(image: Uint8Array): Promise<string> {
    const { validateImage } = await import('./imageInfo');
    const { type } = validateImage(image);
    const hash = sha256Hex(image).slice(0, 32);
    const path = join(this.#directory, `${hash}.${type}`);
    const existing = await stat(path).catch(() => undefined);
    if (existing?.size === image.length) {
      // Used again, so `deleteUnused` must not take it for an old one.
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
    } else {
      await ensureDirectory(this.#directory);
      await replaceFileAtomically(path, image);
    }
    return path;
  }

  /**
   * Deletes images that no task uses.
   *
   * @param isUsed whether a task refers to this path
   * @returns the number of bytes freed
   */
  async deleteUnused(isUsed: (path: string) => boolean, now: number): Promise<number> {
    let freed = 0;
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const path = join(this.#directory, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() && !isUsed(path) && now - found.mtimeMs > UNUSED_AGE_MS) {
        await unlink(path).then(
          () => (freed += found.size),
          () => undefined,
        );
      }
    }
    return freed;
  }
}
