import * as vscode from 'vscode';
import { isDownloadable } from '../tasks/record';
import { TASKS_VIEW } from './ids';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';
import { tasksOf } from './taskArgument';

/** Asks the service now, without waiting for the next turn; also for a video whose copy has not come. */
export async function run(rooms: Rooms, argument: unknown, selected?: unknown): Promise<void> {
  const records = await tasksOf(rooms, argument, selected);
  if ((await requireKey(rooms)) === undefined) {
    return;
  }
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    for (const { id } of records) {
      await rooms.polling.checkNow(id);
      const record = rooms.store.get(id);
      if (record && isDownloadable(record)) {
        await rooms.downloader.ensureCopy(id);
      }
    }
  });
}
