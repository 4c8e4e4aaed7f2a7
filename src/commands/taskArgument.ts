import * as vscode from 'vscode';
import type { TaskRecord } from '../tasks/record';
import type { Rooms } from './rooms';
import { Told } from './tellError';

/**
 * The tasks that a command is for: an id, a row of the tree, the rows that are selected together (VS Code
 * passes them second), or what is selected in the tree when a key binding passes nothing.
 *
 * @returns at least one
 * @throws {Told} when there is none
 */
export async function tasksOf(
  rooms: Rooms,
  argument: unknown,
  selected?: unknown,
): Promise<[TaskRecord, ...TaskRecord[]]> {
  await rooms.store.load();
  const several = Array.isArray(selected) ? selected.flatMap((row) => idOf(row) ?? []) : [];
  const one = idOf(argument);
  // A menu opened on a row outside the selection is for that row alone.
  const ids = one === undefined ? rooms.tree.selection : several.includes(one) ? several : [one];
  const [first, ...more] = [...new Set(ids)].flatMap((id) => rooms.store.get(id) ?? []);
  if (first) {
    return [first, ...more];
  }
  throw new Told(
    ids.length === 0
      ? vscode.l10n.t('Select a task in the Seedance view first.')
      : vscode.l10n.t('This task is no longer in the list.'),
  );
}

/** For commands that make sense for one task at a time. */
export async function taskOf(rooms: Rooms, argument: unknown): Promise<TaskRecord> {
  return (await tasksOf(rooms, argument))[0];
}

function idOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') {
    return argument;
  }
  if (typeof argument === 'object' && argument !== null && 'id' in argument && typeof argument.id === 'string') {
    return argument.id;
  }
  return undefined;
}
