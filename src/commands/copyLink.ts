import * as vscode from 'vscode';
import { copyFrom } from './copying';
import type { Rooms } from './rooms';

export async function run(rooms: Rooms, ...args: unknown[]): Promise<void> {
  await copyFrom(rooms, args, ({ result }) => (result && result.expiresAt > rooms.now() ? result.url : undefined), {
    parts: '\n',
    none: vscode.l10n.t('There is no link: the service gives one when the video is done, for 48 hours.'),
  });
}
