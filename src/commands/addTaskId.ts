import * as vscode from 'vscode';
import { follow } from './followTask';
import { Commands } from './ids';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';
import { taskOf } from './taskArgument';
import { askTaskId } from './taskIdStep';
import { Told } from './tellError';

/** A lost answer, healed: the task was found in the person's account at the service. */
export async function run(rooms: Rooms, argument: unknown): Promise<void> {
  const record = await taskOf(rooms, argument);
  if (record.state !== 'unknown') {
    throw new Told(vscode.l10n.t('This task needs no ID.'));
  }
  if ((await requireKey(rooms)) === undefined) {
    return;
  }
  const gatewayId = await askTaskId(vscode.l10n.t("Add the task's ID"));
  if (gatewayId === undefined) {
    return;
  }
  const other = rooms.store.findByGatewayId(gatewayId);
  if (other) {
    throw new Told(vscode.l10n.t('Another task of the list has this ID already.'), {
      title: vscode.l10n.t('Show it'),
      command: Commands.preview,
      arguments: [other.id],
    });
  }
  await follow(rooms, gatewayId, record.id);
}
