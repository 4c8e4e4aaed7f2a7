import * as vscode from 'vscode';
import { isUnfinished } from '../tasks/record';
import type { Rooms } from './rooms';
import { confirm } from './steps';

export async function run(rooms: Rooms): Promise<void> {
  await rooms.store.load();
  const onTheirWay = rooms.store.list().filter(isUnfinished).length;
  if (onTheirWay > 0) {
    const detail = vscode.l10n.t(
      'Videos on their way: {0}. They are not lost, but they wait until you set the same key again, and the service keeps a finished video for 48 hours only.',
      onTheirWay,
    );
    if (!(await confirm(vscode.l10n.t('Remove the API key?'), detail, vscode.l10n.t('Remove API key')))) {
      return;
    }
  }
  await rooms.apiKey.remove();
  void vscode.window.showInformationMessage(vscode.l10n.t('The API key was removed from this computer.'));
}
