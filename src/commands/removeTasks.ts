import * as vscode from 'vscode';
import { findSavedVideo } from '../platform/savedVideos';
import { findLocalVideo } from '../tasks/storage/localCopies';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { isSavedAt } from '../tasks/model/transitions';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { confirm } from '../ui/quickInput';
import { resolveTasks } from './taskArguments';

/** What is lost with a task. */
interface Loss {
  record: TaskRecord;
  /** For the user; `undefined` for nothing of value. */
  message: string | undefined;
  /** Where the video is, if that is why nothing is lost. */
  savedAt: string | undefined;
}

/**
 * Removes tasks. Asks for confirmation only if the user would lose something that was, or may have been, paid for. What
 * is saved elsewhere is compared byte for byte, for our copy goes with the task.
 */
export async function removeTasks(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const { store } = services;
  let records: readonly TaskRecord[] = await resolveTasks(services, argument, selected);
  // Once more for those that changed while the user was asked, or while the others were removed.
  while (records.length > 0) {
    const losses = await describeLosses(services, records);
    const messages = [...new Set(losses.flatMap(({ message }) => message ?? []))];
    if (messages.length > 0 && !(await confirmRemoval(records.length, messages))) {
      return;
    }
    const changed: TaskRecord[] = [];
    for (const { record, message, savedAt } of losses) {
      const mayRemove = (newest: TaskRecord) =>
        message !== undefined || (savedAt === undefined ? isAsKnown(record, newest) : isSavedAt(newest, savedAt));
      // A question may have been open for an hour.
      const isStillSo =
        message !== undefined || messages.length === 0 || (await describeLoss(services, record)).savedAt === savedAt;
      if (!isStillSo || !(await store.remove(record.id, mayRemove))) {
        changed.push(store.get(record.id) ?? record);
      }
    }
    records = changed;
  }
}

/** Whether there is still nothing to lose: a video may have come meanwhile. */
function isAsKnown(record: TaskRecord, newest: TaskRecord): boolean {
  return newest.state === record.state && newest.localCopy?.at === record.localCopy?.at;
}

function confirmRemoval(count: number, losses: readonly string[]): Promise<boolean> {
  return confirm(
    count === 1
      ? vscode.l10n.t('Remove this task from the list?')
      : vscode.l10n.t('Remove from the list? Tasks: {0}.', count),
    losses.join('\n\n'),
    vscode.l10n.t('Remove'),
  );
}

/** One after the other: each may be a video to read. */
function describeLosses(services: ExtensionServices, records: readonly TaskRecord[]): Promise<Loss[]> {
  return Promise.resolve(
    vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
      const losses: Loss[] = [];
      for (const record of records) {
        losses.push(await describeLoss(services, record));
      }
      return losses;
    }),
  );
}

async function describeLoss(services: ExtensionServices, record: TaskRecord): Promise<Loss> {
  const { store } = services;
  const now = services.now();
  switch (record.state) {
    case 'draft':
    case 'submitting':
    case 'waiting':
    case 'running':
      return {
        record,
        message: vscode.l10n.t(
          'A video is on its way. The service cannot cancel it, and it is charged all the same; you would only lose sight of it.',
        ),
        savedAt: undefined,
      };
    case 'unknown':
      return {
        record,
        message: vscode.l10n.t('It may have been charged. Without this entry nothing reminds you to look for it.'),
        savedAt: undefined,
      };
    case 'done':
    case 'failed':
    case 'expired': {
      // Of whatever state: our copy may be there and its record not say so. What cannot be read counts as there.
      const hasCopy = await findLocalVideo(store, record).then(
        (video) => video !== undefined,
        () => true,
      );
      if (!hasCopy && !(record.state === 'done' && isLinkAlive(record, now))) {
        return { record, message: undefined, savedAt: undefined };
      }
      const savedAt = await findSavedVideo(store, record, 'content', now);
      return { record, message: savedAt === undefined ? describeLostVideo(record) : undefined, savedAt };
    }
  }
}

function describeLostVideo({ saved }: TaskRecord): string {
  return saved.length === 0
    ? vscode.l10n.t(
        'The video is not saved anywhere else. It is deleted from this computer, and the service keeps it for 48 hours only.',
      )
    : vscode.l10n.t(
        'The saved video was moved, changed or deleted, or cannot be read now. Ours may be the only copy: it is deleted from this computer, and the service keeps it for 48 hours only.',
      );
}
