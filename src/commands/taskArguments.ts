import * as vscode from 'vscode';
import { getTaskCapabilities, type TaskCapability } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { ExtensionServices } from '../container';
import { UserFacingError } from '../ui/showError';
import { requireTaskOfFile } from './videoFile';

/**
 * Resolves the tasks that a command is for: a video file, an id, a tree item (of a chain, a shot, a film: all its takes), several selected
 * tree items (VS Code passes them as the second argument), a tile of the gallery (with `ids`: the selected ones), or the
 * selection of the tree when a key binding passes nothing.
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
  const { tree, store, preview } = services;
  const shown = isShown(argument) ? preview.shownTask : undefined;
  const one = shown === undefined ? getTaskIds(services, argument) : [shown];
  const several = getSelected(argument, selected).flatMap((row) => getTaskIds(services, row) ?? []);
  // A context menu that was opened outside the selection is for its item alone.
  const ids = one === undefined ? tree.selection : one.every((id) => several.includes(id)) ? several : one;
  const [first, ...more] = [...new Set(ids)].flatMap((id) => store.get(id) ?? []);
  if (first) {
    return [first, ...more];
  }
  throw new UserFacingError(
    ids.length === 0
      ? vscode.l10n.t('Select a task in the Seedance view first.')
      : vscode.l10n.t('This task is no longer in the list.'),
  );
}

/**
 * Resolves the task of a command that is for one task at a time. Of a chain or a shot it is the newest take that the command can
 * be used on.
 *
 * @throws {UserFacingError} when several are selected: which of them is meant is not for us to say
 */
export async function resolveTask(
  services: ExtensionServices,
  argument: unknown,
  selected?: unknown,
  capability?: TaskCapability,
): Promise<TaskRecord> {
  const records = await resolveTasks(services, argument, selected);
  if (records.length === 1) {
    return records[0];
  }
  if (areOfOneRow(services, argument, records)) {
    const fits = records.filter((record) => capability === undefined || hasCapability(services, record, capability));
    return (fits.length > 0 ? fits : records).at(-1)!;
  }
  throw new UserFacingError(
    vscode.l10n.t('This works with one video at a time, and {0} are selected. Select one of them.', records.length),
  );
}

/** The rows that are selected: of the tree as the second argument, of the gallery as part of the tile's context. */
function getSelected(argument: unknown, selected: unknown): readonly unknown[] {
  const inGallery = typeof argument === 'object' && argument !== null && 'ids' in argument ? argument.ids : undefined;
  return Array.isArray(selected) ? selected : Array.isArray(inGallery) ? inGallery : [];
}

/** The ids of the tasks that a row stands for; `undefined` for what is no row. */
export function getTaskIds({ tree }: ExtensionServices, row: unknown): readonly string[] | undefined {
  if (typeof row === 'string') {
    return [row];
  }
  if (typeof row !== 'object' || row === null) {
    return undefined;
  }
  if (('chain' in row && typeof row.chain === 'string') || ('uri' in row && typeof row.uri === 'string')) {
    return tree.tasksOf(row);
  }
  return 'id' in row && typeof row.id === 'string' ? [row.id] : 'page' in row ? [] : undefined;
}

/** Whether several tasks are those of one row: that of a chain, a shot or a film. */
export function areOfOneRow(services: ExtensionServices, argument: unknown, records: readonly TaskRecord[]): boolean {
  const ids = new Set(getTaskIds(services, argument));
  return records.every(({ id }) => ids.has(id));
}

/**
 * Leaves out the tasks that a command cannot be used on, when several were chosen. One alone is refused with the reason.
 *
 * @throws {UserFacingError} that says `otherwise`, when none is left
 */
export function filterCapable(
  services: Pick<ExtensionServices, 'now'>,
  records: readonly TaskRecord[],
  capability: TaskCapability,
  otherwise: string,
): TaskRecord[] {
  const fits = records.filter((record) => hasCapability(services, record, capability));
  if (fits.length === 0) {
    throw new UserFacingError(otherwise);
  }
  return fits;
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
  if (!hasCapability(services, record, capability)) {
    throw new UserFacingError(otherwise);
  }
}

/** Our key bindings pass `{ shown: true }` in a preview: the selection of the tree may be another task. */
function isShown(argument: unknown): boolean {
  return typeof argument === 'object' && argument !== null && 'shown' in argument && argument.shown === true;
}

function hasCapability(
  services: Pick<ExtensionServices, 'now'>,
  record: TaskRecord,
  capability: TaskCapability,
): boolean {
  return getTaskCapabilities(record, { now: services.now(), readOnly: false }).has(capability);
}
