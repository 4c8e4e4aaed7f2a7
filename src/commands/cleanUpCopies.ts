import { unlink } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { formatBytes, formatTake, formatTaskNames, formatTimeLeft, getTaskLabel } from '../messages/format';
import { escapeCodicons } from '../common/text';
import { findSavedVideo } from '../platform/savedVideos';
import {
  deleteOrphans,
  discardLocalCopy,
  planCleanUp,
  type CleanUpPlan,
  type CopyToCleanUp,
} from '../tasks/storage/localCopies';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { BACK, confirm, showInput, type InputResult } from '../ui/quickInput';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { removeTasks } from './removeTasks';

interface CleanUpItem extends vscode.QuickPickItem {
  copy?: CopyToCleanUp;
  /** Tasks to remove from the list, with their copies. */
  tasks?: TasksToRemove;
}

/** The tasks of a row, or those that are older than the user says. */
type TasksToRemove = TaskGroup | 'older';

interface TaskGroup {
  /** Those that were counted in the row: others were not chosen. */
  ids: readonly string[];
  /** Whether a task still belongs to them: the list may have been open for an hour. */
  fits: (record: TaskRecord) => boolean;
}

const DAY_MS = 24 * 60 * 60_000;
const AGES_DAYS = [7, 30, 90];

/**
 * Deletes local copies that the user picks, and removes tasks: failed ones, expired ones, those of a certain age. Copies
 * that are saved elsewhere are preselected, and compared with that byte for byte before they are deleted; a copy that is
 * the only one never is, and the user confirms its deletion separately. Tasks are removed as by Remove, which asks first
 * when something would be lost.
 */
export async function cleanUpCopies(services: ExtensionServices): Promise<void> {
  const { store } = services;
  await store.load();
  const plan = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
    planCleanUp(store, async (record) => (await findSavedVideo(store, record, 'look', services.now())) !== undefined),
  );
  const groups = getTaskGroups(services, plan);
  if (plan.safe.length + plan.only.length + groups.length === 0) {
    const freed = await deleteOrphanedFiles(services);
    void vscode.window.showInformationMessage(getFreedMessage(freed));
    return;
  }
  const items = createItems(services, plan, groups);
  for (;;) {
    const picked = await pickItems(items, plan);
    const ids = picked && (await getTasksToRemove(services, picked));
    if (!picked || !ids) {
      return;
    }
    // Who declines keeps everything, and is back at the list with what was ticked.
    if (ids === BACK || !(await removeAndDelete(services, plan, picked, ids))) {
      continue;
    }
    return;
  }
}

/** @returns `false` when the user declined before anything was removed */
async function removeAndDelete(
  services: ExtensionServices,
  plan: CleanUpPlan,
  picked: readonly CleanUpItem[],
  ids: readonly string[],
): Promise<boolean> {
  const { store } = services;
  // First, for it may ask.
  const removed = await removeOldTasks(services, ids, plan);
  const chosen = picked.flatMap(({ copy }) => (copy && (!copy.record || store.get(copy.record.id)) ? [copy] : []));
  const only = chosen.filter((copy) => plan.only.includes(copy));
  if (
    (ids.length > 0 && removed.count === 0) ||
    (only.length > 0 && !(await confirmDeletingOnlyCopies(services, only)))
  ) {
    showRemoved(removed);
    return removed.count > 0;
  }
  const { freed, kept } = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
    deleteCopies(services, chosen, new Set(only)),
  );
  const total = freed + removed.bytes + (await deleteOrphanedFiles(services));
  showRemoved({ ...removed, bytes: 0 });
  if (removed.count > 0 && total === 0 && kept === 0) {
    return true;
  }
  if (kept === 0) {
    void vscode.window.showInformationMessage(getFreedMessage(total));
    return true;
  }
  const keptMessage = vscode.l10n.t(
    'Copies kept: {0}. Their saved files were changed or cannot be read now, or the copies are in use. No video was lost.',
    kept,
  );
  void vscode.window.showWarningMessage(total > 0 ? `${getFreedMessage(total)} ${keptMessage}` : keptMessage);
  return true;
}

async function deleteCopies(
  services: ExtensionServices,
  copies: readonly CopyToCleanUp[],
  confirmed: ReadonlySet<CopyToCleanUp>,
): Promise<{ freed: number; kept: number }> {
  let [freed, kept] = [0, 0];
  for (const copy of copies) {
    const isGone = await deleteCopy(services, copy, confirmed.has(copy));
    freed += isGone ? copy.bytes : 0;
    kept += isGone ? 0 : 1;
  }
  return { freed, kept };
}

/** @returns whether it is gone */
async function deleteCopy(
  services: ExtensionServices,
  { record, path: file }: CopyToCleanUp,
  isConfirmed: boolean,
): Promise<boolean> {
  const { store } = services;
  if (!record) {
    return unlink(file).then(
      () => true,
      () => false,
    );
  }
  if (isConfirmed) {
    return discardLocalCopy(store, record.id, 'confirmed');
  }
  // The newest record: the list may have been open for an hour.
  const newest = store.get(record.id);
  const savedAt = newest && (await findSavedVideo(store, newest, 'content', services.now()));
  return savedAt !== undefined && discardLocalCopy(store, record.id, { savedAt });
}

/** Deletes files that no task refers to. Returns the number of bytes freed. */
async function deleteOrphanedFiles({ store, imageStore, ...services }: ExtensionServices): Promise<number> {
  const now = services.now();
  const freed = await deleteOrphans(store, now);
  const used = new Set(store.list().map(({ request }) => request.firstFrame?.source));
  return freed + (await imageStore.deleteUnused((path) => used.has(vscode.Uri.file(path).toString()), now));
}

/** Only what is over, and what this version may change: what may still come, or was perhaps paid, stays. */
function getFinished({ store }: ExtensionServices): TaskRecord[] {
  return store
    .list()
    .filter(
      ({ id, state }) => (state === 'done' || state === 'failed' || state === 'expired') && !store.isReadOnly(id),
    );
}

function isOlder(services: ExtensionServices, days: number): (record: TaskRecord) => boolean {
  const before = services.now() - days * DAY_MS;
  return ({ createdAt }) => createdAt < before;
}

/** The rows that remove tasks: how many, how large, and how many of them are the only copy of a paid video. */
function getTaskGroups(services: ExtensionServices, plan: CleanUpPlan): CleanUpItem[] {
  const bytes = new Map([...plan.safe, ...plan.only].map((copy) => [copy.record?.id, copy.bytes]));
  const only = new Set(plan.only.map(({ record }) => record?.id));
  const finished = getFinished(services);
  const createItem = (label: string, fits: TaskGroup['fits']): CleanUpItem[] => {
    const ids = finished.filter(fits).map(({ id }) => id);
    const size = ids.reduce((sum, id) => sum + (bytes.get(id) ?? 0), 0);
    const lost = ids.filter((id) => only.has(id)).length;
    return ids.length === 0
      ? []
      : [
          {
            label,
            description: [vscode.l10n.t('Tasks: {0}', ids.length), ...(size > 0 ? [formatBytes(size)] : [])].join(
              ' · ',
            ),
            ...(lost > 0
              ? { detail: vscode.l10n.t('Paid videos that are saved nowhere else: {0}. You are asked before.', lost) }
              : {}),
            tasks: { ids, fits },
          },
        ];
  };
  return [
    ...createItem(vscode.l10n.t('Remove failed tasks'), ({ state }) => state === 'failed'),
    ...createItem(vscode.l10n.t('Remove expired tasks'), ({ state }) => state === 'expired'),
    ...AGES_DAYS.flatMap((days) =>
      createItem(vscode.l10n.t('Remove tasks older than {0} days', days), isOlder(services, days)),
    ),
    ...(finished.length > 0
      ? [{ label: vscode.l10n.t('Remove tasks older than…'), tasks: 'older' } satisfies CleanUpItem]
      : []),
  ];
}

/** Asks for what is not known yet: how old. */
async function getTasksToRemove(
  services: ExtensionServices,
  picked: readonly CleanUpItem[],
): Promise<InputResult<string[]>> {
  const ids = new Set<string>();
  for (const { tasks } of picked) {
    const group = tasks === 'older' ? await askForOlder(services) : tasks;
    if (group === BACK || (tasks && !group)) {
      return group;
    }
    if (group) {
      const known = new Set(group.ids);
      getFinished(services).forEach((record) => known.has(record.id) && group.fits(record) && ids.add(record.id));
    }
  }
  return [...ids];
}

async function askForOlder(services: ExtensionServices): Promise<InputResult<TaskGroup>> {
  const find = (days: number) => getFinished(services).filter(isOlder(services, days));
  const parse = (text: string) => (/^\d{1,5}$/.test(text.trim()) ? Number(text) : undefined);
  const answer = await showInput({
    title: vscode.l10n.t('Remove tasks older than…'),
    prompt: vscode.l10n.t('A number of days'),
    value: '30',
    back: true,
    validate: (text) => {
      const days = parse(text);
      return days === undefined
        ? vscode.l10n.t('Type a number of days, such as 30.')
        : find(days).length === 0
          ? vscode.l10n.t('No finished task is as old as that.')
          : undefined;
    },
  });
  if (answer === BACK) {
    return BACK;
  }
  const days = answer === undefined ? undefined : parse(answer);
  return days === undefined ? undefined : { ids: find(days).map(({ id }) => id), fits: isOlder(services, days) };
}

interface Removed {
  count: number;
  bytes: number;
}

async function removeOldTasks(
  services: ExtensionServices,
  ids: readonly string[],
  plan: CleanUpPlan,
): Promise<Removed> {
  if (ids.length > 0) {
    await removeTasks(services, ids[0], ids);
  }
  const gone = new Set(ids.filter((id) => !services.store.get(id)));
  const bytes = [...plan.safe, ...plan.only].reduce(
    (sum, copy) => sum + (copy.record && gone.has(copy.record.id) ? copy.bytes : 0),
    0,
  );
  return { count: gone.size, bytes };
}

function showRemoved({ count, bytes }: Removed): void {
  if (count > 0) {
    const text = vscode.l10n.t('Removed from the list: {0}.', count);
    void vscode.window.showInformationMessage(bytes > 0 ? `${text} ${getFreedMessage(bytes)}` : text);
  }
}

function createItems(
  services: ExtensionServices,
  { safe, only }: CleanUpPlan,
  groups: readonly CleanUpItem[],
): CleanUpItem[] {
  const now = services.now();
  const toItem = (copy: CopyToCleanUp, picked: boolean): CleanUpItem => {
    const { record } = copy;
    const detail =
      record === undefined
        ? vscode.l10n.t('A video of a task that is not in the list.')
        : !picked && isLinkAlive(record, now)
          ? vscode.l10n.t('The service keeps it for another {0}.', formatTimeLeft(record.result.expiresAt - now))
          : undefined;
    return {
      copy,
      picked,
      label: escapeCodicons(record ? getTaskLabel(record, 60) : path.basename(copy.path)),
      description: [record && formatTake(record, services.takes), formatBytes(copy.bytes)].filter(Boolean).join(' · '),
      ...(detail === undefined ? {} : { detail }),
    };
  };
  const separator = (label: string): CleanUpItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [
    ...(safe.length > 0
      ? [separator(vscode.l10n.t('Saved elsewhere')), ...safe.map((copy) => toItem(copy, true))]
      : []),
    ...(only.length > 0 ? [separator(vscode.l10n.t('The only copy')), ...only.map((copy) => toItem(copy, false))] : []),
    ...(groups.length > 0 ? [separator(vscode.l10n.t('Tasks, with their videos')), ...groups] : []),
  ];
}

/** Ticks what was ticked when the list is shown once more. */
async function pickItems(
  items: readonly CleanUpItem[],
  { safe, only }: CleanUpPlan,
): Promise<readonly CleanUpItem[] | undefined> {
  const total = [...safe, ...only].reduce((sum, { bytes }) => sum + bytes, 0);
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Local copies: {0}', formatBytes(total)),
    placeHolder: vscode.l10n.t('Choose the copies to delete, whose tasks stay in the list, and the tasks to remove.'),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  items.forEach((item) => (item.picked = chosen?.includes(item) ?? false));
  return chosen && chosen.length > 0 ? chosen : undefined;
}

function confirmDeletingOnlyCopies({ takes }: ExtensionServices, copies: readonly CopyToCleanUp[]): Promise<boolean> {
  const names = formatTaskNames(
    copies.flatMap(({ record }) => record ?? []),
    takes,
  );
  return confirm(
    vscode.l10n.t('Delete the only copy? Videos: {0}.', copies.length),
    [
      ...(names === '' ? [] : [names]),
      vscode.l10n.t(
        'They are paid for and not saved anywhere else on this computer. After 48 hours the service no longer has them either.',
      ),
    ].join('\n'),
    vscode.l10n.t('Delete'),
  );
}

function getFreedMessage(bytes: number): string {
  return bytes > 0
    ? vscode.l10n.t('Local copies deleted, room freed: {0}.', formatBytes(bytes))
    : vscode.l10n.t('There are no local copies to delete.');
}
