import * as vscode from 'vscode';
import { getTaskCapabilities, type TaskCapability } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { ExtensionServices } from '../container';
import { UserFacingError } from '../ui/showError';
import { requireTaskOfFile } from './videoFile';

/**
 * Resolves the tasks that a command is for: a video file, an id, a tree item, several selected tree items (VS Code passes them as the
 * second argument), or the selection of the tree when a key binding passes nothing.
 *
 * @returns at least one task
 * @throws {UserFacingError} when there is none
 */
export async function resolveTasks(
  services: ExtensionServices,
  argument: unknown,
  selected?: unknown,
): Promise<[TaskRecord, ...TaskRecord[]]> {
  if (argument instanceof vscode.Uri) {
    return [await requireTaskOfFile(services, argument)];
  }
  await services.store.load();
  const several = Array.isArray(selected) ? selected.flatMap((row) => getTaskId(row) ?? []) : [];
  const one = isShown(argument) ? services.preview.shownTask : getTaskId(argument);
  // A context menu that was opened outside the selection is for its item alone.
  const ids = one === undefined ? services.tree.selection : several.includes(one) ? several : [one];
  const [first, ...more] = [...new Set(ids)].flatMap((id) => services.store.get(id) ?? []);
  if (first) {
    return [first, ...more];
  }
  throw new UserFacingError(
    ids.length === 0
      ? vscode.l10n.t('Select a task in the Seedance view first.')
      : vscode.l10n.t('This task is no longer in the list.'),
  );
}

/** Resolves the task of a command that is for one task at a time. */
export async function resolveTask(services: ExtensionServices, argument: unknown): Promise<TaskRecord> {
  return (await resolveTasks(services, argument))[0];
}

/**
 * Refuses a command that the state of a task does not allow. Records of a newer version are no matter of this: the
 * store refuses to write them, and says why.
 *
 * @throws {UserFacingError} that says `otherwise`
 */
export function requireCapability(
  services: Pick<ExtensionServices, 'now'>,
  record: TaskRecord,
  capability: TaskCapability,
  otherwise: string,
): void {
  if (!getTaskCapabilities(record, { now: services.now(), readOnly: false }).has(capability)) {
    throw new UserFacingError(otherwise);
  }
}

/** Our key bindings pass `{ shown: true }` in a preview: the selection of the tree may be another task. */
function isShown(argument: unknown): boolean {
  return typeof argument === 'object' && argument !== null && 'shown' in argument && argument.shown === true;
}

function getTaskId(argument: unknown): string | undefined {
  if (typeof argument === 'string') {
    return argument;
  }
  if (typeof argument === 'object' && argument !== null && 'id' in argument && typeof argument.id === 'string') {
    return argument.id;
  }
  return undefined;
}
