import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { getErrorCode } from '../../common/fsErrors';
import type { TaskRecord } from '../model/taskRecord';
import type { TaskStore } from './taskStore';
import { localCopyDiscarded } from '../model/transitions';

/** How much space local copies of videos take, and how the user frees it. */

/** Sums up the sizes of all local copies, in bytes, as recorded. */
export function getTotalBytes(records: readonly TaskRecord[]): number {
  return records.reduce((sum, { localCopy }) => sum + (localCopy?.bytes ?? 0), 0);
}

export interface CleanUpPlan {
  /** The video exists also where the user saved it. */
  safe: TaskRecord[];
  /** The local copy is the only one: with it a paid video is lost once the link has expired. */
  only: TaskRecord[];
}

/**
 * Sorts the tasks with a local copy by whether it is the only one.
 *
 * @param exists whether a saved file is still there: the user may have moved or deleted it
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
 * Deletes a local copy. Updates the record first: if the process ends in between, a file without a record is left, which
 * `deleteOrphans` finds, and never a record without its file.
 *
 * @throws {StoreError} when the copy is still there
 */
export async function discardLocalCopy(store: TaskStore, id: string): Promise<void> {
  const path = store.get(id) && store.videoPath(store.get(id)!);
  await store.update(id, localCopyDiscarded());
  if (path !== undefined) {
    await unlink(path).catch(() => undefined);
  }
}

/** Files without a record, left by a window that ended. Younger ones are kept, as they may be downloads in progress. */
const ORPHAN_AGE_MS = 24 * 60 * 60_000;

/**
 * Deletes local copies that no record refers to. Keeps those of damaged records, as the user may repair the record and
 * the video may be the only copy, and those of records that cannot be read at the moment. Deletes nothing while the
 * directories of the records cannot be listed.
 *
 * @returns how many bytes were freed
 */
export async function deleteOrphans(store: TaskStore, now: number): Promise<number> {
  await store.load();
  if (!(await store.rescan())) {
    return 0;
  }
  let setAside: string[] = [];
  try {
    setAside = await readdir(store.damagedDirectory);
  } catch (error) {
    if (getErrorCode(error) !== 'ENOENT') {
      return 0;
    }
  }
  const spared = new Set([...[...setAside, ...store.damaged].map(getId), ...store.unreadable]);
  let freed = 0;
  for (const name of await readdir(store.videosDirectory).catch(() => [])) {
    const id = getId(name);
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

const getId = (fileName: string): string => fileName.split('.')[0] ?? '';
