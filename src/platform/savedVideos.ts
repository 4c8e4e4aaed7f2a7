import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { isNotFound } from '../common/fsErrors';
import { flushFile, hasSameContent, hashFile, isInside, isSameEntry, toStamp } from '../common/wholeFile';
import { findLocalVideo, type LocalVideo } from '../tasks/storage/localCopies';
import type { SavedPlace, TaskRecord } from '../tasks/model/taskRecord';
import type { TaskStore } from '../tasks/storage/taskStore';
import { getOccupant, isFileNotFound } from './workspaceFiles';

/** Whether a video is where the user saved it. People move, delete, cut and overwrite what they saved. */

export type SavedPlaceState =
  /** The same video, byte for byte. */
  | 'same'
  /** The same, on a file system that cannot be flushed: a power cut may still take it. */
  | 'unflushed'
  /** Another file, a folder, or our own copy under another name. */
  | 'different'
  | 'missing'
  /** It cannot be read, or there is nothing to compare it with. */
  | 'unknown';

/**
 * How much is proven. A `look` takes a file that has not been touched since it was saved for what was saved there, and
 * reads the others. `content` reads every one and flushes it: before our own copy of a video is deleted.
 */
export type Depth = 'look' | 'content';

/** After this the system has written what it had to write, also where it cannot be told to. */
const WRITTEN_BY_ITSELF_MS = 10 * 60_000;

/**
 * Where the whole video is, outside of our own storage; `undefined` when that cannot be proven.
 *
 * @param now of the wall clock
 */
export async function findSavedVideo(
  store: TaskStore,
  record: TaskRecord,
  depth: Depth,
  now: number,
): Promise<string | undefined> {
  const { storage, video } = await getContext(store, record);
  for (const place of record.saved.toReversed()) {
    const state = await checkPlace(place, video, storage, depth);
    if (state === 'same' || (state === 'unflushed' && now - place.at > WRITTEN_BY_ITSELF_MS)) {
      return place.uri;
    }
  }
  return undefined;
}

/** What is at one place that a video was saved to. */
export async function checkSavedPlace(
  store: TaskStore,
  record: TaskRecord,
  place: SavedPlace,
  depth: Depth,
): Promise<SavedPlaceState> {
  const { storage, video } = await getContext(store, record);
  return checkPlace(place, video, storage, depth);
}

interface Context {
  storage: string;
  /** What to compare with; without it, a place is compared with what was written there. */
  video: LocalVideo | undefined;
}

async function getContext(store: TaskStore, record: TaskRecord): Promise<Context> {
  const video = await findLocalVideo(store, record).catch(() => undefined);
  return { storage: store.directory, video: video?.isWhole ? video : undefined };
}

async function checkPlace(
  place: SavedPlace,
  video: LocalVideo | undefined,
  storage: string,
  depth: Depth,
): Promise<SavedPlaceState> {
  const uri = parseSavedPlace(place);
  if (!uri) {
    return 'unknown';
  }
  try {
    return await (uri.scheme === 'file'
      ? checkFile(uri.fsPath, place, video, storage, depth)
      : checkVirtualFile(uri, place, video, depth));
  } catch (error) {
    return isNotFound(error) || isFileNotFound(error) ? 'missing' : 'unknown';
  }
}

async function checkFile(
  path: string,
  place: SavedPlace,
  video: LocalVideo | undefined,
  storage: string,
  depth: Depth,
): Promise<SavedPlaceState> {
  const before: BigIntStats = await stat(path, { bigint: true });
  const bytes = video?.bytes ?? place.bytes;
  if (!before.isFile()) {
    return 'different';
  }
  if (bytes === undefined) {
    return 'unknown';
  }
  if (before.size !== BigInt(bytes) || (await isInside(path, storage)) || (await isOurs(path, video))) {
    return 'different';
  }
  const isUntouched = toStamp(before) === place.stamp && place.bytes === bytes && !isOlder(place, video);
  if (depth === 'look' && isUntouched) {
    return 'same';
  }
  if (!(await (video ? hasSameContent(video.path, path) : hasHash(path, place)))) {
    return !video && place.hash === undefined ? 'unknown' : 'different';
  }
  if (depth === 'look') {
    return 'same';
  }
  const isFlushed = await flushFile(path);
  if (toStamp(await stat(path, { bigint: true })) !== toStamp(before)) {
    // Somebody writes it at this very moment.
    return 'unknown';
  }
  return isFlushed ? 'same' : 'unflushed';
}

/** Whether deleting our copy would delete that file. */
async function isOurs(path: string, video: LocalVideo | undefined): Promise<boolean> {
  return video !== undefined && isSameEntry(video.path, path);
}

/** Whether our copy was fetched again after it was saved there. */
function isOlder(place: SavedPlace, video: LocalVideo | undefined): boolean {
  return video?.at !== undefined && place.at < video.at;
}

async function hasHash(path: string, { hash }: SavedPlace): Promise<boolean> {
  return hash !== undefined && (await hashFile(path)).hash === hash;
}

async function checkVirtualFile(
  uri: vscode.Uri,
  place: SavedPlace,
  video: LocalVideo | undefined,
  depth: Depth,
): Promise<SavedPlaceState> {
  const { type, size, mtime } = await vscode.workspace.fs.stat(uri);
  const bytes = video?.bytes ?? place.bytes;
  if (!(type & vscode.FileType.File)) {
    return 'different';
  }
  if (bytes === undefined) {
    return 'unknown';
  }
  if (size !== bytes) {
    return 'different';
  }
  // Some providers know no times.
  const isUntouched =
    mtime > 0 && (await getOccupant(uri)) === place.stamp && place.bytes === bytes && !isOlder(place, video);
  if (depth === 'look' && isUntouched) {
    return 'same';
  }
  const content = await vscode.workspace.fs.readFile(uri);
  if (video) {
    return Buffer.from(content).equals(await readFile(video.path)) ? 'unflushed' : 'different';
  }
  if (place.hash === undefined) {
    return 'unknown';
  }
  return createHash('sha256').update(content).digest('hex') === place.hash ? 'unflushed' : 'different';
}

/**
 * The URI of a place that may be looked at without a question. A record may come from elsewhere, and a look at a share
 * (Windows then logs in there) or at a file system of another extension tells its owner about it. So those are looked
 * at only when we have written there, or where the workspace is.
 */
export function parseSavedPlace({ uri: text, stamp }: SavedPlace): vscode.Uri | undefined {
  let uri: vscode.Uri;
  try {
    uri = vscode.Uri.parse(text, true);
  } catch {
    return undefined;
  }
  const isHere = uri.scheme === 'file' && uri.authority === '' && !/^[\\/]{2}/.test(uri.fsPath);
  const isInWorkspace = (vscode.workspace.workspaceFolders ?? []).some(
    (folder) => folder.uri.scheme === uri.scheme && folder.uri.authority === uri.authority,
  );
  // An import leaves the stamp out.
  return isHere || isInWorkspace || stamp !== undefined ? uri : undefined;
}
