import * as vscode from 'vscode';
import { TASKS_VIEW } from './ids';
import type { Rooms } from './rooms';
import { taskOf } from './taskArgument';
import { Told } from './tellError';

/** The next video begins where this one ends. Its preview takes the frame: only a page can look into a video. */
export async function run(rooms: Rooms, argument: unknown): Promise<void> {
  const { id, state } = await taskOf(rooms, argument);
  if (state !== 'done') {
    throw new Told(vscode.l10n.t('There is no video to continue.'));
  }
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () => rooms.downloader.ensureCopy(id));
  await rooms.preview.continueFromLastFrame(id);
}
