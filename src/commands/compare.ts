import * as vscode from 'vscode';
import { escapeCodicons } from '../common/text';
import type { ExtensionServices } from '../container';
import { formatDateTime, formatModelTitle } from '../messages/format';
import { getTaskCapabilities } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { UserFacingError } from '../ui/showError';
import { MAX_COMPARED, MIN_COMPARED } from '../views/compare/protocol';
import { getTaskIcon, getTitleWithTake } from '../views/tasks/taskTreeItem';
import { getTaskIds, resolveTasks } from './taskArguments';

interface TakeItem extends vscode.QuickPickItem {
  id: string;
}

const LABEL_MAX_CHARS = 70;

/**
 * Compares what is chosen: several rows of the list, the ids that a view or another extension passes, or without those
 * the selection of the list. One task stands for the takes of its prompt. Where that does not make two to four videos,
 * the user ticks them in a list.
 */
export async function compareTakes(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  await services.store.load();
  const finished = services.store.list().filter((record) => isComparable(services, record));
  if (finished.length < MIN_COMPARED) {
    throw new UserFacingError(
      vscode.l10n.t('To compare, two finished videos are needed. Generate a take again: both can be compared then.'),
    );
  }
  const chosen = await getChosen(services, argument, selected);
  const takes = chosen.length === 1 ? services.takes.takesOf(chosen[0]!) : chosen;
  // Ids sort by time of creation: what came later is shown as what was changed.
  const fits = takes.filter((id) => finished.some((record) => record.id === id)).sort();
  if (fits.length >= MIN_COMPARED && fits.length <= MAX_COMPARED) {
    const missing = takes.length - fits.length;
    if (chosen.length > 1 && missing > 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Left out, because they have no video: {0} of {1}.', missing, takes.length),
      );
    }
    await services.compare.show(fits);
    return;
  }
  // Of many takes the newest are most likely meant, and of what was selected the first, with the one that was asked for.
  const likely = chosen.length === 1 ? fits.toReversed() : fits;
  const ticked = [...new Set([...chosen.filter((id) => fits.includes(id)), ...likely])].slice(0, MAX_COMPARED);
  const picked = await pickTakes(services, finished, { first: likely, ticked });
  if (picked) {
    await services.compare.show(picked);
  }
}

/** The ids that the command was called for; none where nothing is selected. */
async function getChosen(services: ExtensionServices, argument: unknown, selected: unknown): Promise<string[]> {
  const isAsked = argument instanceof vscode.Uri || getTaskIds(services, argument) !== undefined;
  if (!isAsked && services.tree.selection.length === 0) {
    return [];
  }
  return (await resolveTasks(services, argument, selected)).map(({ id }) => id);
}

/** There is a copy, or it can be made. */
function isComparable(services: Pick<ExtensionServices, 'now'>, record: TaskRecord): boolean {
  return getTaskCapabilities(record, { now: services.now(), readOnly: false }).has('previewable');
}

/**
 * Lets the user tick two to four finished tasks. The list stays open while fewer or more are ticked, and says so.
 *
 * @returns their ids, oldest first; `undefined` when the user gave up
 */
async function pickTakes(
  services: ExtensionServices,
  finished: readonly TaskRecord[],
  { first, ticked }: { first: readonly string[]; ticked: readonly string[] },
): Promise<string[] | undefined> {
  const byId = new Map(finished.map((record) => [record.id, record]));
  const order = [...new Set([...first, ...byId.keys()])];
  const items = order.flatMap((id) => byId.get(id) ?? []).map((record) => createItem(services, record));
  const pick = vscode.window.createQuickPick<TakeItem>();
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  pick.placeholder = vscode.l10n.t('Tick two to four videos');
  pick.items = items;
  pick.selectedItems = items.filter(({ id }) => ticked.includes(id));
  const describe = (count: number) => {
    pick.title =
      count < MIN_COMPARED
        ? vscode.l10n.t('Compare: tick at least two')
        : count > MAX_COMPARED
          ? vscode.l10n.t('Compare: {0} are ticked, four at most', count)
          : vscode.l10n.t('Compare');
  };
  describe(pick.selectedItems.length);
  try {
    return await new Promise<string[] | undefined>((resolve) => {
      pick.onDidChangeSelection((ticks) => describe(ticks.length));
      pick.onDidAccept(() => {
        const ids = pick.selectedItems.map(({ id }) => id);
        if (ids.length >= MIN_COMPARED && ids.length <= MAX_COMPARED) {
          // Ids sort by time of creation.
          resolve(ids.sort());
        }
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

function createItem(services: ExtensionServices, record: TaskRecord): TakeItem {
  const context = { now: services.now(), readOnly: services.store.isReadOnly(record.id) };
  const take = services.takes.takeOf(record.id);
  return {
    id: record.id,
    label: escapeCodicons(getTitleWithTake(record, take, context.now, LABEL_MAX_CHARS), 200),
    iconPath: getTaskIcon(record, context),
    description: escapeCodicons(
      [record.request.model && formatModelTitle(record.request.model), formatDateTime(record.createdAt)]
        .filter(Boolean)
        .join(' · '),
      200,
    ),
  };
}
