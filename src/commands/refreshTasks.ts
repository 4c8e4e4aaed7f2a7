import * as vscode from 'vscode';
import { isDownloadable, isPending } from '../tasks/model/taskRecord';
import { resolveTasks } from './taskArguments';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';

/** Looks again at once: at the disk, and at the service for what is on its way. */
export async function refreshTasks(services: ExtensionServices): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    await services.store.load();
    await services.store.rescan();
    services.tree.refresh();
    // Not by `needsApiKey`: without a task on its way nothing is sent to the service.
    if (services.store.list().some(isPending)) {
      await requireApiKey(services);
      await services.polling.checkNow();
    }
  });
}

/** Asks the service now, without waiting for the next turn; also for a video whose copy has not come. */
export async function checkTasks(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const records = await resolveTasks(services, argument, selected);
  // Not by `needsApiKey`: the user has to select a task first.
  await requireApiKey(services);
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
