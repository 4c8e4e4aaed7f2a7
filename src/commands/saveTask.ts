import * as vscode from 'vscode';
import type { Rooms } from './rooms';
import { pickFolder, saveInto, tellSaved } from './saving/save';
import { saveAs } from './saving/saveAs';
import { tasksOf } from './taskArgument';

/** To the workspace. Several folders: asks which. None: asks where. */
export async function run(rooms: Rooms, argument: unknown, selected?: unknown): Promise<string[]> {
  const records = await tasksOf(rooms, argument, selected);
  const folders = vscode.workspace.workspaceFolders ?? [];
  const saved: vscode.Uri[] = [];
  try {
    if (folders.length === 0) {
      for (const record of records) {
        const uri = await saveAs(rooms, record);
        saved.push(...(uri ? [uri] : []));
      }
    } else {
      const folder = await pickFolder(folders, vscode.l10n.t('Which folder should the video be saved to?'));
      for (const record of folder ? records : []) {
        saved.push(await saveInto(rooms, record, folder!));
      }
    }
  } finally {
    // Also what was saved before one of several failed.
    tellSaved(saved);
  }
  return saved.map((uri) => uri.toString());
}
