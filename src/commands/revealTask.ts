import * as vscode from 'vscode';
import { exists } from '../platform/workspaceFiles';
import { Commands } from './ids';
import { revealFile } from './revealFile';
import type { Rooms } from './rooms';
import { taskOf } from './taskArgument';
import { Told } from './tellError';

/** The last place that still has the file: people move and delete what they saved. */
export async function run(rooms: Rooms, argument: unknown): Promise<void> {
  const record = await taskOf(rooms, argument);
  for (const { uri } of record.saved.toReversed()) {
    const place = vscode.Uri.parse(uri);
    if (await exists(place)) {
      await revealFile(place);
      return;
    }
  }
  throw new Told(
    record.saved.length === 0
      ? vscode.l10n.t('This video has not been saved yet.')
      : vscode.l10n.t('The saved video was moved or deleted.'),
    { title: vscode.l10n.t('Save to workspace'), command: Commands.save, arguments: [record.id] },
  );
}
