import { readdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDirectory, replaceFileAtomically } from '../common/atomicFile';
import { sha256Hex } from '../common/sha256';

const FOLDER = 'images';
/** Young ones are left alone: a task is about to be made of them. */
const UNUSED_AGE_MS = 24 * 60 * 60_000;

/**
 * Images that no file of the user's holds: cut to fit, pasted, taken from a video. Kept in the extension's own
 * storage under the hash of their content, so that a task can be generated again with the very same image, and
 * the same image is there once.
 */
export class ImageStore {
  readonly #directory: string;

  /** @param storage the extension's own folder; nothing is made in it before it is needed */
  constructor(storage: string) {
    this.#directory = join(storage, FOLDER);
  }

  /**
   * Keeps an image.
   *
   * @returns the absolute path of its file
   * @throws {FrameError} when the service would not take it as a first frame; it is not kept then
   */
  async put(image: Uint8Array): Promise<string> {
    const { validateImage } = await import('./imageInfo');
    const { type } = validateImage(image);
    const hash = sha256Hex(image).slice(0, 32);
    const path = join(this.#directory, `${hash}.${type}`);
    const there = await stat(path).catch(() => undefined);
    if (there?.size === image.length) {
      // Chosen again: young again, for who cleans up.
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
    } else {
      await ensureDirectory(this.#directory);
      await replaceFileAtomically(path, image);
    }
    return path;
  }

  /**
   * Deletes what no task was made of.
   *
   * @param isUsed whether a task speaks of this path
   * @returns the bytes that were freed
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
