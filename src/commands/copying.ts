import * as vscode from 'vscode';
import type { TaskRecord } from '../tasks/record';
import type { Rooms } from './rooms';
import { tasksOf } from './taskArgument';
import { Told } from './tellError';

const STATUS_MS = 3_000;

/**
 * Puts something of each task into the clipboard.
 *
 * @param parts between those of several tasks
 * @param none why there is nothing to copy
 */
export async function copyFrom(
  rooms: Rooms,
  [argument, selected]: unknown[],
  read: (record: TaskRecord) => string | undefined,
  { parts, none }: { parts: string; none: string },
): Promise<void> {
  const texts = (await tasksOf(rooms, argument, selected)).flatMap((record) => read(record) || []);
  if (texts.length === 0) {
    throw new Told(none);
  }
  await vscode.env.clipboard.writeText(texts.join(parts));
  vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Copied')}`, STATUS_MS);
}
