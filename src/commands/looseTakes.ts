import * as vscode from 'vscode';
import { escapeCodicons } from '../common/text';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { formatDateTime, formatModelTitle } from '../messages/format';
import { getShotTasks } from '../storyboard/shotTasks';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { UserFacingError } from '../ui/showError';
import { formatState, getTaskIcon } from '../views/tasks/taskTreeItem';
import { resolveStoryboard } from './storyboardTarget';

interface TakeItem extends vscode.QuickPickItem {
  id: string;
}

/**
 * Lists the takes of a storyboard whose shots are no longer in it, the newest first, and previews the one that is chosen.
 * They are in the list of videos like all others.
 *
 * @throws {UserFacingError} when there is none
 */
export async function showLooseTakes(services: ExtensionServices, argument: unknown): Promise<void> {
  const { resolved, document } = await resolveStoryboard(services, argument);
  await services.store.load();
  const { withoutShot } = getShotTasks(resolved, services.store.list(), document.uri.toString());
  if (withoutShot.length === 0) {
    throw new UserFacingError(vscode.l10n.t('Every take of this storyboard has its shot.'));
  }
  const items = withoutShot.toReversed().map((record) => createItem(services, record));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Takes without a shot'),
    placeHolder: vscode.l10n.t('Their shots are no longer in the file. Enter previews a take.'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen) {
    await vscode.commands.executeCommand(Commands.preview, chosen.id);
  }
}

function createItem(services: ExtensionServices, record: TaskRecord): TakeItem {
  const { id, shot, request, createdAt } = record;
  const context = {
    now: services.now(),
    readOnly: services.store.isReadOnly(id),
    pauseReason: services.polling.getPauseReason(record),
  };
  const name = shot?.title ? `${shot.label}: ${shot.title}` : (shot?.label ?? '');
  const facts = [
    formatState(record, context, { withTime: false }),
    request.model && formatModelTitle(request.model),
    formatDateTime(createdAt),
  ];
  return {
    id,
    label: escapeCodicons(name, MAX_CHARS),
    iconPath: getTaskIcon(record, context),
    description: escapeCodicons(facts.filter(Boolean).join(' · '), MAX_CHARS),
    detail: escapeCodicons(request.prompt, MAX_CHARS),
  };
}

const MAX_CHARS = 200;
