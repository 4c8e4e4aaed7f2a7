import * as vscode from 'vscode';
import { copyFrom } from './copying';
import type { Rooms } from './rooms';

export async function run(rooms: Rooms, ...args: unknown[]): Promise<void> {
  await copyFrom(rooms, args, ({ request }) => request.prompt, {
    parts: '\n\n',
    none: vscode.l10n.t('The prompt of this task is not known yet.'),
  });
}
