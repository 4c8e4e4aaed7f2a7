import * as vscode from 'vscode';
import { isPending } from '../tasks/record';
import { TASKS_VIEW } from './ids';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';

/** Looks again at once: at the disk, and at the service for what is on its way. */
export async function run(rooms: Rooms): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    await rooms.store.load();
    await rooms.store.rescan();
    rooms.tree.refresh();
    // The key is asked for only where it is needed.
    if (rooms.store.list().some(isPending) && (await requireKey(rooms)) !== undefined) {
      await rooms.polling.checkNow();
    }
  });
}
