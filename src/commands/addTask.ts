import * as vscode from 'vscode';
import { Commands } from './ids';
import { follow } from './followTask';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';
import { askTaskId } from './taskIdStep';

/** Follows a task that was made elsewhere: on the site, by a script, on another computer. */
export async function run(rooms: Rooms): Promise<string | undefined> {
  if ((await requireKey(rooms)) === undefined) {
    return undefined;
  }
  const gatewayId = await askTaskId(vscode.l10n.t('Add task by ID'));
  if (gatewayId === undefined) {
    return undefined;
  }
  await rooms.store.load();
  const known = rooms.store.findByGatewayId(gatewayId);
  const record = known ?? (await follow(rooms, gatewayId));
  if (record) {
    // Shows what it is doing, whatever that is.
    await vscode.commands.executeCommand(Commands.preview, record.id);
  }
  return record?.id;
}
