import * as vscode from 'vscode';
import { formatBytes, formatTimeLeft, getTaskLabel } from '../messages/format';
import { escapeCodicons } from '../common/text';
import { exists } from '../platform/workspaceFiles';
import { deleteOrphans, discardLocalCopy, planCleanUp, getTotalBytes } from '../tasks/storage/localCopies';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { ExtensionServices } from '../container';
import { confirm } from '../ui/quickInput';

interface CopyItem extends vscode.QuickPickItem {
  record?: TaskRecord;
}

/**
 * Deletes local copies that the user picks. Those that are saved elsewhere are preselected; a copy that is the only one
 * never is, and the user confirms its deletion separately.
 */
export async function cleanUpCopies(services: ExtensionServices): Promise<void> {
  await services.store.load();
  const records = services.store.list().filter(({ localCopy }) => localCopy);
  if (records.length === 0) {
    const freed = await deleteOrphanedFiles(services);
    void vscode.window.showInformationMessage(getFreedMessage(freed));
    return;
  }
  const plan = await planCleanUp(records, (uri) => exists(vscode.Uri.parse(uri)));
  const chosen = await pickCopies(services, plan.safe, plan.only, getTotalBytes(records));
  if (!chosen) {
    return;
  }
  const only = chosen.filter((record) => plan.only.includes(record));
  if (only.length > 0 && !(await confirmDeletingOnlyCopies(only))) {
    return;
  }
  let freed = 0;
  for (const record of chosen) {
    await discardLocalCopy(services.store, record.id);
    freed += record.localCopy?.bytes ?? 0;
  }
  freed += await deleteOrphanedFiles(services);
  void vscode.window.showInformationMessage(getFreedMessage(freed));
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
  safe: readonly TaskRecord[],
  only: readonly TaskRecord[],
  total: number,
): Promise<TaskRecord[] | undefined> {
  const toItem = (record: TaskRecord, picked: boolean): CopyItem => {
    const now = services.now();
    return {
      record,
      picked,
      label: escapeCodicons(getTaskLabel(record, 60)),
      description: formatBytes(record.localCopy?.bytes ?? 0),
      ...(!picked && isLinkAlive(record, now)
        ? {
            detail: vscode.l10n.t(
              'The service keeps it for another {0}.',
              formatTimeLeft(record.result.expiresAt - now),
            ),
          }
        : {}),
    };
  };
  const separator = (label: string): CopyItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items = [
    ...(safe.length > 0
      ? [separator(vscode.l10n.t('Saved elsewhere')), ...safe.map((record) => toItem(record, true))]
      : []),
    ...(only.length > 0
      ? [separator(vscode.l10n.t('The only copy')), ...only.map((record) => toItem(record, false))]
      : []),
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Local copies: {0}', formatBytes(total)),
    placeHolder: vscode.l10n.t('Choose the copies to delete. The tasks stay in the list.'),
    matchOnDescription: true,
  });
  const picked = chosen?.flatMap(({ record }) => record ?? []);
  return picked && picked.length > 0 ? picked : undefined;
}

function confirmDeletingOnlyCopies(records: readonly TaskRecord[]): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Delete the only copy? Videos: {0}.', records.length),
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
