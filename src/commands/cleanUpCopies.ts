import { unlink } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { formatBytes, formatTimeLeft, getTaskLabel } from '../messages/format';
import { escapeCodicons } from '../common/text';
import { findSavedVideo } from '../platform/savedVideos';
import { deleteOrphans, discardLocalCopy, planCleanUp, type CopyToCleanUp } from '../tasks/storage/localCopies';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { confirm } from '../ui/quickInput';

interface CopyItem extends vscode.QuickPickItem {
  copy?: CopyToCleanUp;
}

/**
 * Deletes local copies that the user picks. Those that are saved elsewhere are preselected, and compared with that byte
 * for byte before they are deleted; a copy that is the only one never is, and the user confirms its deletion separately.
 */
export async function cleanUpCopies(services: ExtensionServices): Promise<void> {
  const { store } = services;
  await store.load();
  const plan = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
    planCleanUp(store, async (record) => (await findSavedVideo(store, record, 'look', services.now())) !== undefined),
  );
  const all = [...plan.safe, ...plan.only];
  if (all.length === 0) {
    const freed = await deleteOrphanedFiles(services);
    void vscode.window.showInformationMessage(getFreedMessage(freed));
    return;
  }
  const chosen = await pickCopies(services, plan.safe, plan.only);
  if (!chosen) {
    return;
  }
  const only = chosen.filter((copy) => plan.only.includes(copy));
  if (only.length > 0 && !(await confirmDeletingOnlyCopies(only.length))) {
    return;
  }
  const { freed, kept } = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
    deleteCopies(services, chosen, new Set(only)),
  );
  const total = freed + (await deleteOrphanedFiles(services));
  if (kept === 0) {
    void vscode.window.showInformationMessage(getFreedMessage(total));
    return;
  }
  const keptMessage = vscode.l10n.t(
    'Copies kept: {0}. Their saved files were changed or cannot be read now, or the copies are in use. No video was lost.',
    kept,
  );
  void vscode.window.showWarningMessage(total > 0 ? `${getFreedMessage(total)} ${keptMessage}` : keptMessage);
}

async function deleteCopies(
  services: ExtensionServices,
  copies: readonly CopyToCleanUp[],
  confirmed: ReadonlySet<CopyToCleanUp>,
): Promise<{ freed: number; kept: number }> {
  let [freed, kept] = [0, 0];
  for (const copy of copies) {
    const isGone = await deleteCopy(services, copy, confirmed.has(copy));
    freed += isGone ? copy.bytes : 0;
    kept += isGone ? 0 : 1;
  }
  return { freed, kept };
}

/** @returns whether it is gone */
async function deleteCopy(
  services: ExtensionServices,
  { record, path: file }: CopyToCleanUp,
  isConfirmed: boolean,
): Promise<boolean> {
  const { store } = services;
  if (!record) {
    return unlink(file).then(
      () => true,
      () => false,
    );
  }
  if (isConfirmed) {
    return discardLocalCopy(store, record.id, 'confirmed');
  }
  // The newest record: the list may have been open for an hour.
  const newest = store.get(record.id);
  const savedAt = newest && (await findSavedVideo(store, newest, 'content', services.now()));
  return savedAt !== undefined && discardLocalCopy(store, record.id, { savedAt });
}

/** Deletes files that no task refers to. Returns the number of bytes freed. */
async function deleteOrphanedFiles({ store, imageStore, ...services }: ExtensionServices): Promise<number> {
  const now = services.now();
  const freed = await deleteOrphans(store, now);
  const used = new Set(store.list().map(({ request }) => request.firstFrame?.source));
  return freed + (await imageStore.deleteUnused((path) => used.has(vscode.Uri.file(path).toString()), now));
}

async function pickCopies(
  services: ExtensionServices,
  safe: readonly CopyToCleanUp[],
  only: readonly CopyToCleanUp[],
): Promise<CopyToCleanUp[] | undefined> {
  const now = services.now();
  const toItem = (copy: CopyToCleanUp, picked: boolean): CopyItem => {
    const { record } = copy;
    const detail =
      record === undefined
        ? vscode.l10n.t('A video of a task that is not in the list.')
        : !picked && isLinkAlive(record, now)
          ? vscode.l10n.t('The service keeps it for another {0}.', formatTimeLeft(record.result.expiresAt - now))
          : undefined;
    return {
      copy,
      picked,
      label: escapeCodicons(record ? getTaskLabel(record, 60) : path.basename(copy.path)),
      description: formatBytes(copy.bytes),
      ...(detail === undefined ? {} : { detail }),
    };
  };
  const separator = (label: string): CopyItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items = [
    ...(safe.length > 0
      ? [separator(vscode.l10n.t('Saved elsewhere')), ...safe.map((copy) => toItem(copy, true))]
      : []),
    ...(only.length > 0 ? [separator(vscode.l10n.t('The only copy')), ...only.map((copy) => toItem(copy, false))] : []),
  ];
  const total = [...safe, ...only].reduce((sum, { bytes }) => sum + bytes, 0);
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Local copies: {0}', formatBytes(total)),
    placeHolder: vscode.l10n.t('Choose the copies to delete. The tasks stay in the list.'),
    matchOnDescription: true,
  });
  const picked = chosen?.flatMap(({ copy }) => copy ?? []);
  return picked && picked.length > 0 ? picked : undefined;
}

function confirmDeletingOnlyCopies(count: number): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Delete the only copy? Videos: {0}.', count),
    vscode.l10n.t(
      'They are paid for and not saved anywhere else on this computer. After 48 hours the service no longer has them either.',
    ),
    vscode.l10n.t('Delete'),
  );
}

function getFreedMessage(bytes: number): string {
  return bytes > 0
    ? vscode.l10n.t('Local copies deleted, room freed: {0}.', formatBytes(bytes))
    : vscode.l10n.t('There are no local copies to delete.');
}
