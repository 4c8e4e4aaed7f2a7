import * as vscode from 'vscode';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { exists } from '../platform/workspaceFiles';
import type { ExtensionServices } from '../container';
import { confirm } from '../ui/quickInput';
import { resolveTasks } from './taskArguments';

/** Removes tasks. Asks for confirmation only if the user would lose something that was, or may have been, paid for. */
export async function removeTasks(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const records = await resolveTasks(services, argument, selected);
  const losses = [
    ...new Set(
      (await Promise.all(records.map((record) => describeLoss(record, services.now())))).flatMap((loss) => loss ?? []),
    ),
  ];
  if (losses.length > 0) {
    const question =
      records.length === 1
        ? vscode.l10n.t('Remove this task from the list?')
        : vscode.l10n.t('Remove from the list? Tasks: {0}.', records.length);
    if (!(await confirm(question, losses.join('\n\n'), vscode.l10n.t('Remove')))) {
      return;
    }
  }
  for (const { id } of records) {
    await services.store.remove(id);
  }
}

/** What the user loses with the record, as a message; `undefined` for nothing of value. */
async function describeLoss(record: TaskRecord, now: number): Promise<string | undefined> {
  const { state, localCopy, saved } = record;
  switch (state) {
    case 'draft':
    case 'submitting':
    case 'waiting':
    case 'running':
      return vscode.l10n.t(
        'A video is on its way. The service cannot cancel it, and it is charged all the same; you would only lose sight of it.',
      );
    case 'unknown':
      return vscode.l10n.t('It may have been charged. Without this entry nothing reminds you to look for it.');
    case 'done':
      if ((localCopy || isLinkAlive(record, now)) && !(await isSavedAnywhere(saved))) {
        return vscode.l10n.t(
          'The video is not saved anywhere else. It is deleted from this computer, and the service keeps it for 48 hours only.',
        );
      }
      return undefined;
    case 'failed':
    case 'expired':
      return undefined;
  }
}

async function isSavedAnywhere(saved: TaskRecord['saved']): Promise<boolean> {
  const found = await Promise.all(saved.map(({ uri }) => exists(vscode.Uri.parse(uri))));
  return found.includes(true);
}
