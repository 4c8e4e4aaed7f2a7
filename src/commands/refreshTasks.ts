import * as vscode from 'vscode';
import { isDownloadable, isPending } from '../tasks/model/taskRecord';
import { isComparable } from '../tasks/submission/compareBalances';
import { describeBalance } from '../messages/taskErrors';
import { resolveTasks } from './taskArguments';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';

/** Reads the tasks from the disk again, and polls the pending ones. */
export async function refreshTasks(services: ExtensionServices): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    await services.store.load();
    await services.store.rescan();
    services.tree.refresh();
    // Not by `needsApiKey`: without a task on its way nothing is sent to the service.
    if (services.apiKey.isUnreadable || services.store.list().some(isPending)) {
      await requireApiKey(services);
      await services.polling.checkNow();
    }
    const unknown = services.store.list().filter((record) => isComparable(record));
    if (unknown.length > 0) {
      // Only for a hint: that it cannot be asked for now is nothing to tell about a list.
      await services.submission
        .checkUnknown(unknown.map(({ id }) => id))
        .catch((error: unknown) => services.log.info(`balance after a lost answer: ${String(error)}`));
    }
  });
}

/** Polls tasks now instead of at their next turn, and downloads a finished video that has no local copy. */
export async function checkTasks(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const records = await resolveTasks(services, argument, selected);
  // Not by `needsApiKey`: the user has to select a task first.
  await requireApiKey(services);
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    for (const { id } of records) {
      await services.polling.checkNow(id);
      if (services.store.get(id)?.state === 'unknown') {
        await services.submission.checkUnknown([id]);
        const record = services.store.get(id);
        const hint = record && describeBalance(record);
        if (hint !== undefined && records.length === 1) {
          void vscode.window.showInformationMessage(hint);
        }
      }
      const record = services.store.get(id);
      if (record && isDownloadable(record)) {
        await services.downloader.ensureCopy(id);
      }
    }
  });
}
