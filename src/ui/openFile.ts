import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { getPlayableLink } from '../common/url';

/** In the system's file manager where there is one on the same machine, else in VS Code's explorer. */
export async function revealFile(uri: vscode.Uri): Promise<void> {
  const sameMachine =
    uri.scheme === 'file' && vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  await vscode.commands.executeCommand(sameMachine ? 'revealFileInOS' : 'revealInExplorer', uri);
}

/**
 * Opens a video outside VS Code: our copy in the system's player where both are on one machine, else
 * the link in the browser while it lives. With neither, it is saved to where the user can open it.
 */
export async function openExternally(record: TaskRecord, copy: string | undefined, now: number): Promise<void> {
  const link = record.result && now < record.result.expiresAt ? getPlayableLink(record.result.url) : undefined;
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
