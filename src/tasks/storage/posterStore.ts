import { readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDirectory, replaceFileAtomically } from '../../common/atomicFile';
import { Emitter } from '../../common/events';
import { isPoster, POSTER_MAX_BYTES } from '../model/poster';
import type { TaskStore } from './taskStore';

/**
 * The posters of finished videos: one small JPEG a task, `ID.poster.jpg` beside the copies. It is drawn once, by the
 * first page that shows the video, and stays when the copy is cleaned up. It goes with the task (`TaskStore.remove`);
 * what a killed window left is found by `deleteOrphans`.
 */
export class PosterStore {
  readonly #store: Pick<TaskStore, 'videosDirectory' | 'get'>;
  readonly #kept = new Emitter<string>();
  /** Fires with the id of a task whose poster this window has just kept. */
  readonly onDidKeep = this.#kept.event;

  constructor(store: Pick<TaskStore, 'videosDirectory' | 'get'>) {
    this.#store = store;
  }

  /** Where the poster of a task is, if it has one. */
  path(id: string): string {
    return join(this.#store.videosDirectory, `${id}.poster.jpg`);
  }

  /** The path of the poster; `undefined` while there is none, also when the disk does not tell. */
  async find(id: string): Promise<string | undefined> {
    const path = this.path(id);
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() && found.size > 0 && found.size <= POSTER_MAX_BYTES ? path : undefined;
  }

  /** The bytes of the poster; `undefined` while there is none. */
  async read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = await this.find(id);
    const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined);
    return bytes && isPoster(bytes) ? Uint8Array.from(bytes) : undefined;
  }

  /**
   * Keeps what a page has drawn, unless the task has gone meanwhile or has a poster. Never throws: a full disk costs a
   * picture, no video.
   *
   * @returns whether the task has a poster now
   */
  async keep(id: string, bytes: Uint8Array): Promise<boolean> {
    if (!isPoster(bytes) || !this.#store.get(id)) {
      return false;
    }
    if ((await this.find(id)) !== undefined) {
      return true;
    }
    try {
      await ensureDirectory(this.#store.videosDirectory);
      await replaceFileAtomically(this.path(id), bytes);
    } catch {
      return false;
    }
    if (!this.#store.get(id)) {
      // Removed while we wrote.
      await unlink(this.path(id)).catch(() => undefined);
      return false;
    }
    this.#kept.fire(id);
    return true;
  }
}
