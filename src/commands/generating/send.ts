import * as vscode from 'vscode';
import { isModelRefused } from '../../platform/errorText';
import type { Intent, ReadyFrame } from '../../tasks/generate';
import type { TaskError, TaskRecord } from '../../tasks/record';
import { TASKS_VIEW } from '../ids';
import type { Rooms } from '../rooms';
import { tellTaskError } from '../tellError';
import { balanceNow, missingText } from './balance';
import { tasksOfPlan, type ChosenFrame, type Plan } from './plan';
import { rememberRefusal } from './refusedModels';

const STATUS_MS = 5_000;

/**
 * Sends what the person has accepted, and tells how it came out.
 *
 * @param price of each task, as it was shown; it is kept on the record
 * @returns the records, whatever became of them
 * @throws {NotDelivered} when a first frame could not be made ready; nothing was sent then
 */
export async function send(rooms: Rooms, plan: Plan, price: number | undefined): Promise<TaskRecord[]> {
  const records = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    const ready = await readyFramesOf(rooms, plan);
    const intents = tasksOfPlan(plan).map(({ prompt, aspectRatio, frame }): Intent => {
      const readyFrame = frame && ready.get(frame);
      return {
        model: plan.model,
        prompt,
        aspectRatio,
        ...(readyFrame ? { frame: readyFrame } : {}),
        ...(price === undefined ? {} : { quotedPrice: price }),
      };
    });
    return rooms.generate.generate(
      intents,
      ({ id }) => rooms.notifier.await(id),
      (id, error) => rememberRefusal(rooms, id, error),
    );
  });
  const troubled = records.filter(({ state }) => state === 'failed' || state === 'unknown');
  const [first] = troubled;
  if (first?.error) {
    // Fetched only now, and not waited for by the caller: it says nothing new about the tasks.
    void tellTrouble(rooms, first.error, first, troubled.length);
  }
  const sent = records.length - troubled.length;
  if (sent > 0) {
    vscode.window.setStatusBarMessage(
      `$(cloud-upload) ${vscode.l10n.t('Seedance: videos on their way: {0}', sent)}`,
      STATUS_MS,
    );
  }
  return records;
}

/** What has no first frame does not read how one gets to the service. */
async function readyFramesOf(rooms: Rooms, { frames }: Plan): Promise<ReadonlyMap<ChosenFrame, ReadyFrame>> {
  return frames.length === 0 ? new Map() : (await import('./readyFrames')).makeReady(rooms, frames);
}

async function tellTrouble(rooms: Rooms, error: TaskError, record: TaskRecord, count: number): Promise<void> {
  if (isModelRefused(error)) {
    // The list that the model was chosen from is evidently out of date.
    void rooms.catalogue.refresh({ force: true });
  }
  const balance = error.kind === 'insufficient-balance' ? await balanceNow(rooms) : undefined;
  tellTaskError(error, record, count, balance && missingText(balance, record.quotedPrice));
}
