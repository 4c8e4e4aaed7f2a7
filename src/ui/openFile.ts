import * as vscode from 'vscode';
import { Commands } from '../constants';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { getPlayableLink } from '../common/link';
import { findBaseUrl } from '../platform/settings';

/** Reveals a file in the system's file manager if that runs on the same machine, or else in the explorer of VS Code. */
export async function revealFile(uri: vscode.Uri): Promise<void> {
  const sameMachine =
    uri.scheme === 'file' && vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  await vscode.commands.executeCommand(sameMachine ? 'revealFileInOS' : 'revealInExplorer', uri);
}

/**
 * Opens a video outside VS Code: the local copy in the system's player if both are on the same machine, or else the
 * link in the browser until it expires. With neither, offers to save the video where the user can open it.
 *
 * @param copy the path of the local copy
 * @param now milliseconds since the epoch
 */
export async function openExternally(record: TaskRecord, copy: string | undefined, now: number): Promise<void> {
  const link = isLinkAlive(record, now) ? getPlayableLink(record.result.url, findBaseUrl()) : undefined;
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
