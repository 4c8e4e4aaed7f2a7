import * as vscode from 'vscode';
import { Commands } from '../commands/ids';
import type { TaskRecord } from '../tasks/record';
import { playableLink } from './previewModel';

/**
 * Opens a video outside VS Code: our copy in the system's player where both are on one machine, else
 * the link in the browser while it lives. With neither, it is saved to where the person can open it.
 */
export async function openOutside(record: TaskRecord, copy: string | undefined, now: number): Promise<void> {
  const link = record.result && now < record.result.expiresAt ? playableLink(record.result.url) : undefined;
  const sameMachine = vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  const targets = [
    copy !== undefined && sameMachine ? vscode.Uri.file(copy) : undefined,
    link === undefined ? undefined : vscode.Uri.parse(link, true),
  ];
  for (const target of targets) {
    if (target && (await vscode.env.openExternal(target))) {
      return;
    }
  }
  await vscode.commands.executeCommand(Commands.saveAs, record.id);
}
