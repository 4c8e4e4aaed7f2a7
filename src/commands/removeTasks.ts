import * as vscode from 'vscode';
import { findSavedVideo } from '../platform/savedVideos';
import { findLocalVideo } from '../tasks/storage/localCopies';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { isSavedAt } from '../tasks/model/transitions';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { formatTaskNames } from '../messages/format';
import { confirm } from '../ui/quickInput';
import { resolveTasks } from './taskArguments';

/** What is lost with a task. */
interface Loss {
  record: TaskRecord;
  /** For the user; `undefined` for nothing of value. */
  message: string | undefined;
  /** Whether that is a video which is nowhere else. */
  isVideo?: boolean;
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
    const isAsked = losses.some(({ message }) => message !== undefined);
    if (isAsked && !(await confirmRemoval(services, losses))) {
      return;
    }
    const changed: TaskRecord[] = [];
    for (const { record, message, savedAt } of losses) {
      const mayRemove = (newest: TaskRecord) =>
        message !== undefined || (savedAt === undefined ? isAsKnown(record, newest) : isSavedAt(newest, savedAt));
      // A question may have been open for an hour.
      const isStillSo = message !== undefined || !isAsked || (await describeLoss(services, record)).savedAt === savedAt;
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

/** Says which tasks go, how many videos are lost for ever, and for each reason which tasks it is about. */
function confirmRemoval({ takes }: ExtensionServices, losses: readonly Loss[]): Promise<boolean> {
  const names = formatTaskNames(
    losses.map(({ record }) => record),
    takes,
  );
  const reasons = [...new Set(losses.flatMap(({ message }) => message ?? []))];
  const videos = losses.filter(({ isVideo }) => isVideo).length;
  return confirm(
    losses.length === 1
      ? vscode.l10n.t('Remove {0} from the list?', names)
      : vscode.l10n.t('Remove {0} tasks from the list: {1}?', losses.length, names),
    [
      ...(losses.length > 1 && videos > 0
        ? [vscode.l10n.t('Videos that are lost for ever: {0} of {1}.', videos, losses.length)]
        : []),
      ...reasons.map((reason) => {
        const about = losses.flatMap(({ message, record }) => (message === reason ? [record] : []));
        return losses.length === 1 ? reason : `${formatTaskNames(about, takes)}\n${reason}`;
      }),
    ].join('\n\n'),
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
      return savedAt === undefined
        ? { record, message: describeLostVideo(record), isVideo: true, savedAt }
        : { record, message: undefined, savedAt };
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
