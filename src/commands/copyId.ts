import * as vscode from 'vscode';
import { copyFrom } from './copying';
import type { Rooms } from './rooms';

export async function run(rooms: Rooms, ...args: unknown[]): Promise<void> {
  await copyFrom(rooms, args, ({ gatewayId }) => gatewayId, {
    parts: '\n',
    none: vscode.l10n.t('This task has no ID yet: the service has not confirmed it.'),
  });
}
