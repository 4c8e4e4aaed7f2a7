import * as vscode from 'vscode';
import { formatBytes, formatTimeLeft } from '../platform/format';
import { inLabel } from '../platform/foreignText';
import { exists } from '../platform/workspaceFiles';
import { deleteOrphans, dropCopy, planCleanUp, totalBytes } from '../tasks/localCopies';
import type { TaskRecord } from '../tasks/record';
import type { Rooms } from './rooms';
import { confirm } from './steps';

interface CopyItem extends vscode.QuickPickItem {
  record?: TaskRecord;
}

/**
 * Gives back the room that local copies take. What is saved elsewhere is ticked; a copy that is the only
 * one is never ticked by itself, and letting go of it is asked about once more.
 */
export async function run(rooms: Rooms): Promise<void> {
  await rooms.store.load();
  const records = rooms.store.list().filter(({ localCopy }) => localCopy);
  if (records.length === 0) {
    const freed = await deleteLeftOver(rooms);
    void vscode.window.showInformationMessage(tellFreed(freed));
    return;
  }
  const plan = await planCleanUp(records, (uri) => exists(vscode.Uri.parse(uri)));
  const chosen = await choose(rooms, plan.safe, plan.only, totalBytes(records));
  if (!chosen) {
    return;
  }
  const only = chosen.filter((record) => plan.only.includes(record));
  if (only.length > 0 && !(await mayLose(only))) {
    return;
  }
  let freed = 0;
  for (const record of chosen) {
    await dropCopy(rooms.store, record.id);
    freed += record.localCopy?.bytes ?? 0;
  }
  freed += await deleteLeftOver(rooms);
  void vscode.window.showInformationMessage(tellFreed(freed));
}

/** Files that no task speaks of. */
async function deleteLeftOver({ store, madeImages, ...rooms }: Rooms): Promise<number> {
  const now = rooms.now();
  const freed = await deleteOrphans(store, now);
  const used = new Set(store.list().map(({ request }) => request.firstFrame?.source));
  return freed + (await madeImages.deleteUnused((path) => used.has(vscode.Uri.file(path).toString()), now));
}

async function choose(
  rooms: Rooms,
  safe: readonly TaskRecord[],
  only: readonly TaskRecord[],
  total: number,
): Promise<TaskRecord[] | undefined> {
  const toItem = (record: TaskRecord, picked: boolean): CopyItem => {
    const left = (record.result?.expiresAt ?? 0) - rooms.now();
    return {
      record,
      picked,
      label: inLabel(record.request.prompt || (record.gatewayId ?? record.id), 60),
      description: formatBytes(record.localCopy?.bytes ?? 0),
      ...(picked || left <= 0
        ? {}
        : { detail: vscode.l10n.t('The service keeps it for another {0}.', formatTimeLeft(left)) }),
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

function mayLose(records: readonly TaskRecord[]): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Delete the only copy? Videos: {0}.', records.length),
    vscode.l10n.t(
      'They are paid for and not saved anywhere else on this computer. After 48 hours the service no longer has them either.',
    ),
    vscode.l10n.t('Delete'),
  );
}

function tellFreed(bytes: number): string {
  return bytes > 0
    ? vscode.l10n.t('Local copies deleted, room freed: {0}.', formatBytes(bytes))
    : vscode.l10n.t('There are no local copies to delete.');
}
