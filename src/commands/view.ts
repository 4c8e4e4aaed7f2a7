import * as vscode from 'vscode';
import { getTaskIds, resolveTasks } from './taskArguments';
import { findVideoFile } from './videoFile';
import type { ExtensionServices } from '../container';

/**
 * Opens the preview of a task, in any state, or of a file that is the video of one. Several are shown in turn; of a
 * chain, the newest take first.
 */
export async function previewTask(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  if (argument instanceof vscode.Uri && !(await findVideoFile(services, argument))?.record) {
    // There is no task to show: the player of VS Code shows the file.
    await vscode.commands.executeCommand('vscode.open', argument, vscode.ViewColumn.Beside);
    return;
  }
  const records = await resolveTasks(services, argument, selected);
  const ids = records.map(({ id }) => id);
  const [clicked, ...more] = getTaskIds(services, argument) ?? [];
  const start = more.at(-1) ?? (clicked !== undefined && ids.includes(clicked) ? clicked : records[0].id);
  await services.preview.show(start, ids.length > 1 ? { series: ids } : {});
}

export async function groupChains(services: ExtensionServices): Promise<void> {
  await services.tree.groupChains(true);
}

export async function ungroupChains(services: ExtensionServices): Promise<void> {
  await services.tree.groupChains(false);
}

export async function openGallery(services: ExtensionServices): Promise<void> {
  await services.gallery.show();
}

export function showLog(services: ExtensionServices): Promise<void> {
  services.log.show();
  return Promise.resolve();
}
