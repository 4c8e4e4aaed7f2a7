import * as vscode from 'vscode';
import { isDownloadable, isPending } from '../tasks/model/taskRecord';
import { resolveTasks } from './taskArguments';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';

/** Asks the service now, without waiting for the next turn; also for a video whose copy has not come. */
export async function checkTasks(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const records = await resolveTasks(services, argument, selected);
  if ((await requireApiKey(services)) === undefined) {
    return;
  }
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    for (const { id } of records) {
      await services.polling.checkNow(id);
      const record = services.store.get(id);
      if (record && isDownloadable(record)) {
        await services.downloader.ensureCopy(id);
      }
    }
  });
}

/** Looks again at once: at the disk, and at the service for what is on its way. */
export async function refreshTasks(services: ExtensionServices): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    await services.store.load();
    await services.store.rescan();
    services.tree.refresh();
    // The key is asked for only where it is needed.
    if (services.store.list().some(isPending) && (await requireApiKey(services)) !== undefined) {
      await services.polling.checkNow();
    }
  });
}
