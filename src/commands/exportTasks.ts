import * as vscode from 'vscode';
import { printExport } from '../tasks/transfer';
import type { Rooms } from './rooms';
import { Told } from './tellError';

/** All tasks as one JSON file. Neither videos nor the key go with it. */
export async function run(rooms: Rooms): Promise<vscode.Uri | undefined> {
  await rooms.store.load();
  const records = rooms.store.list();
  if (records.length === 0) {
    throw new Told(vscode.l10n.t('There are no tasks to export.'));
  }
  const day = new Date(rooms.now()).toISOString().slice(0, 10);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, `seedance-tasks-${day}.json`) } : {}),
    filters: { JSON: ['json'] },
    title: vscode.l10n.t('Export tasks'),
  });
  if (!uri) {
    return undefined;
  }
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(printExport(records, rooms.now())));
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Tasks exported: {0}. The videos and the API key are not part of the file.', records.length),
  );
  return uri;
}
