import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskRecord } from '../model/taskRecord';
import type { TaskStore } from './taskStore';
import { localCopyDiscarded } from '../model/transitions';

/** What the extension's own copies of videos take, and how the user gets the room back. */

/** Bytes of all local copies, by the records. */
export function getTotalBytes(records: readonly TaskRecord[]): number {
  return records.reduce((sum, { localCopy }) => sum + (localCopy?.bytes ?? 0), 0);
}

export interface CleanUpPlan {
  /** Their video is also where the user saved it. */
  safe: TaskRecord[];
  /** Ours is the only copy: a paid video is lost with it once the link has died. */
  only: TaskRecord[];
}

/**
 * Sorts the tasks with a local copy by whether it is the only one.
 *
 * @param exists whether a saved place still holds the file: people move and delete what they saved.
 */
export async function planCleanUp(
  records: readonly TaskRecord[],
  exists: (uri: string) => Promise<boolean>,
): Promise<CleanUpPlan> {
  const plan: CleanUpPlan = { safe: [], only: [] };
  for (const record of records) {
    if (record.localCopy) {
      const places = await Promise.all(record.saved.map(({ uri }) => exists(uri)));
      (places.includes(true) ? plan.safe : plan.only).push(record);
    }
  }
  return plan;
}

/**
 * Deletes a local copy. The record lets go of it first: should we die in between, a file without a record
 * is left, which `deleteOrphans` finds, and never a record without its file.
 *
 * @throws {StoreError} the copy is still there.
 */
export async function discardLocalCopy(store: TaskStore, id: string): Promise<void> {
  const path = store.get(id) && store.videoPath(store.get(id)!);
  await store.update(id, localCopyDiscarded());
  if (path !== undefined) {
    await unlink(path).catch(() => undefined);
  }
}

/** Files that no record speaks of, left by a window that died. Young ones are left alone: they may be coming. */
const ORPHAN_AGE_MS = 24 * 60 * 60_000;

/**
 * A damaged record speaks of nothing, and its video may be the only copy: it is spared for whoever mends it.
 *
 * @returns the bytes that were freed.
 */
export async function deleteOrphans(store: TaskStore, now: number): Promise<number> {
  await store.load();
  await store.rescan();
  const setAside = await readdir(store.damagedDirectory).catch(() => []);
  const spared = new Set([...setAside, ...store.damaged].map(idOf));
  let freed = 0;
  for (const name of await readdir(store.videosDirectory).catch(() => [])) {
    const id = idOf(name);
    const record = store.get(id);
    const isOurs = spared.has(id) || (record !== undefined && !record.copyDropped);
    const path = join(store.videosDirectory, name);
    const found = await stat(path).catch(() => undefined);
    if (!isOurs && found?.isFile() && now - found.mtimeMs > ORPHAN_AGE_MS) {
      await unlink(path).then(
        () => (freed += found.size),
        () => undefined,
      );
    }
  }
  return freed;
}

const idOf = (fileName: string): string => fileName.split('.')[0] ?? '';
