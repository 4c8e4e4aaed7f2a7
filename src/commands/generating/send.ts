import * as vscode from 'vscode';
import { deliver } from '../../frames/delivery';
import { DeliveryError } from '../../frames/deliveryError';
import { FrameError } from '../../frames/errors';
import { formatBytes } from '../../platform/format';
import { inMessage } from '../../platform/foreignText';
import { isModelRefused } from '../../platform/errorText';
import { explainDeliveryError } from '../../platform/deliveryText';
import { explainFrameError } from '../../platform/frameText';
import type { Intent, ReadyFrame } from '../../tasks/generate';
import type { TaskError, TaskRecord } from '../../tasks/record';
import { TASKS_VIEW } from '../ids';
import type { Rooms } from '../rooms';
import { tellTaskError, Told } from '../tellError';
import { balanceNow, missingText } from './balance';
import { meansOf } from './means';
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
    const ready = new Map<ChosenFrame, ReadyFrame>();
    checkInlined(plan.frames);
    for (const frame of plan.frames) {
      ready.set(frame, await prepare(rooms, frame));
    }
    checkApart([...ready.values()]);
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
    vscode.window.setStatusBarMessage(`$(cloud-upload) ${vscode.l10n.t('Seedance: videos on their way: {0}', sent)}`, STATUS_MS);
  }
  return records;
}

async function tellTrouble(rooms: Rooms, error: TaskError, record: TaskRecord, count: number): Promise<void> {
  if (isModelRefused(error)) {
    // The list that the model was chosen from is evidently out of date.
    void rooms.catalogue.refresh({ force: true });
  }
  const balance = error.kind === 'insufficient-balance' ? await balanceNow(rooms) : undefined;
  tellTaskError(error, record, count, balance && missingText(balance, record.quotedPrice));
}

/** A first frame did not get to where the service can read it. */
export class NotDelivered extends Told {
  override readonly name = 'NotDelivered';
}

/** A server that answers with one address for all would make paid videos of the wrong image. */
function checkApart(frames: readonly ReadyFrame[]): void {
  const hashes = new Map<string, string>();
  for (const { image, firstFrame } of frames) {
    // Of a bare link there is none: it is sent as the person gave it.
    const { hash = hashes.get(image) } = firstFrame;
    if (hash !== (hashes.get(image) ?? hash)) {
      throw new NotDelivered(
        `${vscode.l10n.t('The upload gave the same link for different images, so that videos would begin with the wrong one.')} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
      );
    }
    if (hash !== undefined) {
      hashes.set(image, hash);
    }
  }
}

/** All of them are in memory at once, a third larger than the files. */
const MAX_INLINED_BYTES = 200 * 1024 * 1024;

function checkInlined(frames: readonly ChosenFrame[]): void {
  const bytes = frames.reduce((sum, { image, delivery }) => sum + (delivery === 'inline' ? (image.file?.facts.bytes ?? 0) : 0), 0);
  if (bytes > MAX_INLINED_BYTES) {
    throw new NotDelivered(
      `${vscode.l10n.t('The images have {0} together; inside requests go at most {1} at a time.', formatBytes(bytes), formatBytes(MAX_INLINED_BYTES))} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
    );
  }
}

async function prepare(rooms: Rooms, { image, delivery }: ChosenFrame): Promise<ReadyFrame> {
  try {
    return await deliver(image, delivery, meansOf(rooms));
  } catch (error) {
    const why =
      error instanceof FrameError ? explainFrameError(error) : error instanceof DeliveryError ? explainDeliveryError(error) : undefined;
    if (why === undefined) {
      throw error;
    }
    rooms.log.warn(String(error));
    throw new NotDelivered(`${inMessage(image.label, 80)}: ${why} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`);
  }
}
