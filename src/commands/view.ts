import * as vscode from 'vscode';
import { resolveTask } from './taskArguments';
import { findVideoFile } from './videoFile';
import type { ExtensionServices } from '../container';

/** Opens the preview of a task, in any state, or of a file that is the video of one. */
export async function previewTask(services: ExtensionServices, argument: unknown): Promise<void> {
  if (argument instanceof vscode.Uri && !(await findVideoFile(services, argument))?.record) {
    // There is no task to show: the player of VS Code shows the file.
    await vscode.commands.executeCommand('vscode.open', argument, vscode.ViewColumn.Beside);
    return;
  }
  await services.preview.show((await resolveTask(services, argument)).id);
}

export async function groupChains(services: ExtensionServices): Promise<void> {
  await services.tree.groupChains(true);
}

export async function ungroupChains(services: ExtensionServices): Promise<void> {
  await services.tree.groupChains(false);
}

export function showLog(services: ExtensionServices): Promise<void> {
  services.log.show();
  return Promise.resolve();
}
