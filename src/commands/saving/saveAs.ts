import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { TaskRecord } from '../../tasks/record';
import type { Rooms } from '../rooms';
import { saveTo, stemOf } from './save';

/** @returns where it was saved; `undefined` when the person gave up */
export async function saveAs(rooms: Rooms, record: TaskRecord): Promise<vscode.Uri | undefined> {
  const name = `${stemOf(record)}.mp4`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save video'),
    filters: { [vscode.l10n.t('Video')]: ['mp4'] },
    defaultUri: vscode.Uri.joinPath(folder ?? vscode.Uri.file(homedir()), name),
  });
  if (uri) {
    await saveTo(rooms, record, uri);
  }
  return uri;
}
