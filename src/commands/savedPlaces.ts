import path from 'node:path';
import * as vscode from 'vscode';
import { isSameFile } from '../common/wholeFile';
import { toSingleLine } from '../common/text';
import { getTaskLabel } from '../messages/format';
import { checkSavedPlace, findSavedVideo, parseSavedPlace } from '../platform/savedVideos';
import { basename } from '../platform/workspaceFiles';
import { findLocalVideo } from '../tasks/storage/localCopies';
import { StoreError } from '../tasks/model/errors';
import type { SavedPlace, TaskRecord } from '../tasks/model/taskRecord';
import { withoutSavedLocation, withSavedLocation } from '../tasks/model/transitions';
import type { ExtensionServices } from '../container';
import { confirm } from '../ui/quickInput';

/** A place that is written to belongs to the last writer. */

type Services = Pick<ExtensionServices, 'store' | 'now'>;

export interface PlaceClaim {
  /** Nothing was written after all. */
  giveBack(): Promise<void>;
}

/**
 * Takes a place away from the other videos that were saved there, before it is written to: another window that is about
 * to delete our copy of one of them, because it is saved there, then finds that it is not. Asks when that place has the
 * only copy.
 *
 * @param by the task whose video is about to be written
 * @returns `undefined` when the user gave up
 */
export async function claimPlace(services: Services, uri: vscode.Uri, by?: string): Promise<PlaceClaim | undefined> {
  const { store } = services;
  // Other windows save, too.
  await store.rescan();
  const taken: { id: string; place: SavedPlace }[] = [];
  const giveBack = async () => {
    for (const { id, place } of taken) {
      const { uri: saved, at, ...written } = place;
      await store.update(id, withSavedLocation(saved, at, written)).catch(() => undefined);
    }
  };
  try {
    const lost: TaskRecord[] = [];
    for (const { record, place } of await findClaims(services, uri, by)) {
      const state = await checkSavedPlace(store, record, place, 'look');
      const after = await release(store, record.id, place.uri);
      if (!after) {
        continue;
      }
      taken.push({ id: record.id, place });
      const mayBeThere = state !== 'missing' && state !== 'different';
      if (mayBeThere && !(await hasOtherCopy(services, after))) {
        lost.push(record);
      }
    }
    if (lost.length > 0 && !(await confirmReplacingOnlyCopy(uri, lost))) {
      await giveBack();
      return undefined;
    }
    return { giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** After a file was put to a place that was free: the other videos that were there once are not there now. */
export async function releaseOtherClaims(services: Services, uri: vscode.Uri, by: string): Promise<void> {
  for (const { record, place } of await findClaims(services, uri, by)) {
    await release(services.store, record.id, place.uri);
  }
}

/** @returns `undefined` when the record was removed meanwhile */
async function release(store: Services['store'], id: string, uri: string): Promise<TaskRecord | undefined> {
  try {
    return await store.update(id, withoutSavedLocation(uri));
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'gone') {
      return undefined;
    }
    throw error;
  }
}

/** Whether a video is here without the place that was just taken away. */
async function hasOtherCopy({ store, now }: Services, record: TaskRecord): Promise<boolean> {
  const local = await findLocalVideo(store, record).catch(() => undefined);
  return (
    (record.localCopy !== undefined && local?.isWhole) || Boolean(await findSavedVideo(store, record, 'look', now()))
  );
}

/** Other videos that were saved to the same file, maybe by another way: other letters, a link to the folder. */
async function findClaims(
  { store }: Services,
  uri: vscode.Uri,
  by: string | undefined,
): Promise<{ record: TaskRecord; place: SavedPlace }[]> {
  const text = uri.toString();
  const name = foldName(uri);
  const claims: { record: TaskRecord; place: SavedPlace }[] = [];
  for (const record of store.list()) {
    if (record.id === by || store.isReadOnly(record.id)) {
      continue;
    }
    for (const place of record.saved) {
      if (place.uri === text || (await isSamePlace(place))) {
        claims.push({ record, place });
      }
    }
  }
  return claims;

  async function isSamePlace(place: SavedPlace): Promise<boolean> {
    const other = parseSavedPlace(place);
    return (
      uri.scheme === 'file' &&
      other?.scheme === 'file' &&
      foldName(other) === name &&
      (await isSameFile(uri.fsPath, other.fsPath).catch(() => false))
    );
  }
}

/** A name as file systems compare it that ignore case, or that keep letters in parts (macOS). */
function foldName(uri: vscode.Uri): string {
  return path.posix.basename(uri.path).normalize('NFC').toLowerCase();
}

function confirmReplacingOnlyCopy(uri: vscode.Uri, records: readonly TaskRecord[]): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Replace the only copy of another video?'),
    vscode.l10n.t(
      '“{0}” is the only copy on this computer of a video that was paid for: {1}. The service keeps a video for 48 hours only.',
      basename(uri),
      records.map((record) => toSingleLine(getTaskLabel(record, 60), 80)).join(', '),
    ),
    vscode.l10n.t('Replace'),
  );
}
