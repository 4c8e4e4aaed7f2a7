import { open, readdir, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isNotFound } from '../../common/fsErrors';
import { checkVideo } from '../download/videoValidation';
import { getSoundName } from '../sound/soundFile';
import { VIDEO_TYPES, type TaskRecord } from '../model/taskRecord';
import { isSavedAt, localCopyDiscarded, localCopyKept } from '../model/transitions';
import type { TaskStore } from './taskStore';

/** What the extension's own copies of videos take, and how the user gets the room back. */

/** Bytes of all local copies, by the records. */
export function getTotalBytes(records: readonly Pick<TaskRecord, 'localCopy'>[]): number {
  return records.reduce((sum, { localCopy }) => sum + (localCopy?.bytes ?? 0), 0);
}

/** The file of our own copy of a video, as it is on the disk. */
export interface LocalVideo {
  path: string;
  bytes: number;
  /** When it was fetched, as far as the record says it. */
  at?: number | undefined;
  /** As long as what was fetched. */
  isWhole: boolean;
}

/**
 * Finds our own copy of a video, also one that the record does not speak of: a window may have died between the file
 * and the record.
 *
 * @throws when it cannot be told whether there is one
 */
export async function findLocalVideo(store: TaskStore, record: TaskRecord): Promise<LocalVideo | undefined> {
  for (const path of getPossiblePaths(store, record)) {
    try {
      const found = await stat(path);
      const { bytes, at } = record.localCopy ?? { bytes: found.size };
      return found.isFile()
        ? { path, bytes: found.size, at, isWhole: found.size > 0 && found.size === bytes }
        : undefined;
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
    }
  }
  return undefined;
}

/** Where our own copy of a video may be: the record knows its type, if it knows of the copy. */
function getPossiblePaths(store: TaskStore, record: TaskRecord): string[] {
  const path = store.videoPath(record);
  return path === undefined ? VIDEO_TYPES.map((type) => join(store.videosDirectory, `${record.id}.${type}`)) : [path];
}

/** A file of ours that takes room. */
export interface CopyToCleanUp {
  /** `undefined` for a whole video of a task that is not in the list. */
  record?: TaskRecord | undefined;
  path: string;
  /** With the sound that was made of it. */
  bytes: number;
}

export interface CleanUpPlan {
  /** Their video is also where the user saved it. */
  safe: CopyToCleanUp[];
  /** Ours is the only copy: a paid video is lost with it once the link has died. */
  only: CopyToCleanUp[];
}

/**
 * What can be deleted, by what is on the disk.
 *
 * @param isElsewhere proves that the video is also where the user saved it
 * @throws when our own folders cannot be read
 */
export async function planCleanUp(
  store: TaskStore,
  isElsewhere: (record: TaskRecord) => Promise<boolean>,
): Promise<CleanUpPlan> {
  const plan: CleanUpPlan = { safe: [], only: [] };
  const names = new Set(await listFolder(store.videosDirectory));
  for (const record of store.list()) {
    // What was done and has no copy yet may be on its way.
    const isOnItsWay = record.state === 'done' && !record.copyDropped;
    if (!record.localCopy && (isOnItsWay || !VIDEO_TYPES.some((type) => names.has(`${record.id}.${type}`)))) {
      continue;
    }
    const video = await findLocalVideo(store, record).catch(() => undefined);
    const copy = video ?? (record.localCopy && { path: store.videoPath(record)!, bytes: record.localCopy.bytes });
    if (copy) {
      const sound = names.has(getSoundName(record.id)) ? await getBytes(getSoundPath(store, record.id)) : 0;
      const isSafe = video !== undefined && (await isElsewhere(record));
      (isSafe ? plan.safe : plan.only).push({ record, path: copy.path, bytes: copy.bytes + sound });
    }
  }
  // None where it cannot be told what is whose: the copies of known tasks can be cleaned up all the same.
  for (const path of await findOrphans(store).catch(() => [])) {
    if (isVideoName(path) && !store.isRemoved(idOf(path)) && (await isWholeVideo(path))) {
      plan.only.push({ path, bytes: (await stat(path)).size });
    }
  }
  return plan;
}

/** Why a copy may be deleted: the user has confirmed that it is the only one, or the same video is at this place. */
export type Permission = 'confirmed' | { savedAt: string };

/**
 * Deletes a local copy. The record lets go of it first: should we die in between, a file is left that the record does
 * not speak of, which the next clean-up finds, and never a record without its file. Windows does not delete what is
 * being played; then the record takes the copy back.
 *
 * @returns whether it is gone; `false` also when the place that is said to have the video was overwritten meanwhile
 * @throws {StoreError} the copy is still there.
 */
export async function discardLocalCopy(store: TaskStore, id: string, permission: Permission): Promise<boolean> {
  const before = store.get(id);
  const savedAt = permission === 'confirmed' ? undefined : permission.savedAt;
  const after = await store.update(id, localCopyDiscarded(savedAt));
  if (after.localCopy || (savedAt !== undefined && !isSavedAt(after, savedAt))) {
    return false;
  }
  for (const path of getPossiblePaths(store, before ?? after)) {
    try {
      await unlink(path);
    } catch (error) {
      if (!isNotFound(error)) {
        if (before?.localCopy) {
          await store.update(id, localCopyKept(before.localCopy));
        }
        return false;
      }
    }
  }
  // Made of the copy. What stays is found by `deleteOrphans`.
  await unlink(getSoundPath(store, id)).catch(() => undefined);
  return true;
}

const getSoundPath = (store: TaskStore, id: string): string => join(store.videosDirectory, getSoundName(id));

const getBytes = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** Young files are left alone: they may be coming. */
const ORPHAN_AGE_MS = 24 * 60 * 60_000;

/**
 * Deletes what windows left that died: parts, and files of tasks that were removed. A whole video of which nobody knows
 * whose it is stays: its record may be lost, and it was paid for. Deletes nothing when it cannot be told what is whose.
 *
 * @returns the bytes that were freed.
 */
export async function deleteOrphans(store: TaskStore, now: number): Promise<number> {
  let freed = 0;
  for (const path of await findOrphans(store).catch(() => [])) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile() || now - found.mtimeMs <= ORPHAN_AGE_MS) {
      continue;
    }
    const mayBeTheOnlyCopy = isVideoName(path) && !store.isRemoved(idOf(path)) && (await isWholeVideo(path));
    if (!mayBeTheOnlyCopy) {
      await unlink(path).then(
        () => (freed += found.size),
        () => undefined,
      );
    }
  }
  return freed;
}

/**
 * Files in our folder of videos that no record speaks of. A record that is damaged or could not be read speaks of
 * nothing, and its video may be the only copy: it is spared for the user who may mend the record.
 *
 * @throws when it cannot be told what is whose
 */
async function findOrphans(store: TaskStore): Promise<string[]> {
  await store.load();
  if (!(await store.rescan())) {
    throw new Error('not all records are known');
  }
  const videos = await listFolder(store.videosDirectory);
  const spared = new Set(
    [...(await listFolder(store.damagedDirectory)), ...store.damaged].map(idOf).concat(store.unreadable),
  );
  const onDisk = new Set((await listFolder(join(store.directory, 'tasks'))).map(idOf));
  return videos
    .filter((name) => {
      const id = idOf(name);
      const record = store.get(id);
      if (record) {
        // The video itself is not an orphan: it is found with its record. Nor is its poster.
        return record.copyDropped === true && !isVideoName(name) && !name.endsWith('.poster.jpg');
      }
      return !spared.has(id) && (store.isRemoved(id) || !onDisk.has(id));
    })
    .map((name) => join(store.videosDirectory, name));
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isNotFound(error)) {
      return [];
    }
    throw error;
  }
}

/** `true` also for what cannot be read. */
async function isWholeVideo(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      return (await checkVideo(file)).result === 'video';
    } finally {
      await file.close();
    }
  } catch (error) {
    return !isNotFound(error);
  }
}

const isVideoName = (name: string): boolean => VIDEO_TYPES.some((type) => name.endsWith(`.${type}`));
const idOf = (path: string): string => basename(path).split('.')[0] ?? '';
