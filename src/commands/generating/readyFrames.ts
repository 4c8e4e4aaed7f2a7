import * as vscode from 'vscode';
import { deliver } from '../../frames/delivery';
import { DeliveryError } from '../../frames/deliveryError';
import { FrameError } from '../../frames/errors';
import { explainDeliveryError } from '../../platform/deliveryText';
import { inMessage } from '../../platform/foreignText';
import { formatBytes } from '../../platform/format';
import { explainFrameError } from '../../platform/frameText';
import type { ReadyFrame } from '../../tasks/generate';
import type { Rooms } from '../rooms';
import { NotDelivered } from '../tellError';
import { meansOf } from './means';
import type { ChosenFrame } from './plan';

/**
 * Brings every first frame to where the service can read it, one after the other.
 *
 * @throws {NotDelivered} when one of them did not get there; nothing was sent to the gateway then
 */
export async function makeReady(rooms: Rooms, frames: readonly ChosenFrame[]): Promise<Map<ChosenFrame, ReadyFrame>> {
  const ready = new Map<ChosenFrame, ReadyFrame>();
  checkInlined(frames);
  for (const frame of frames) {
    ready.set(frame, await prepare(rooms, frame));
  }
  checkApart([...ready.values()]);
  return ready;
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
  const bytes = frames.reduce(
    (sum, { image, delivery }) => sum + (delivery === 'inline' ? (image.file?.facts.bytes ?? 0) : 0),
    0,
  );
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
      error instanceof FrameError
        ? explainFrameError(error)
        : error instanceof DeliveryError
          ? explainDeliveryError(error)
          : undefined;
    if (why === undefined) {
      throw error;
    }
    rooms.log.warn(String(error));
    throw new NotDelivered(
      `${inMessage(image.label, 80)}: ${why} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
    );
  }
}
