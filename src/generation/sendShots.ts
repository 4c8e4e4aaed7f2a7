import * as vscode from 'vscode';
import { isSameDay } from '../common/days';
import { sha256Hex } from '../common/sha256';
import type { ExtensionServices } from '../container';
import type { DeliveryId } from '../images/delivery/deliver';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { describeImageError } from '../messages/imageErrors';
import { readImageFile } from '../platform/imageFile';
import type { StoryboardReader } from '../storyboard/parse';
import type { ResolvedShot } from '../storyboard/resolve';
import type { ShotTasks } from '../storyboard/shotTasks';
import type { BudgetCheck } from '../tasks/spending/budget';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { describeFailure, ImageDeliveryFailedError, UserFacingError } from '../ui/showError';
import { askAboutBudget } from './confirmBudget';
import { isImageFile, type SelectedFrame } from './generationRequest';
import { getFileName, tell, toName } from './storyboardMessages';
import { findTakeOf, isSameShot, type ShotOrder, type WantedShots } from './storyboardOrders';
import { submitAll } from './submitGeneration';

/** What a user has agreed to, and what has become of it. */
export interface Run {
  uri: vscode.Uri;
  /** Where the storyboard was before it was renamed: its tasks follow in their own time. */
  formerUri?: vscode.Uri | undefined;
  waiting: readonly ShotOrder[];
  /** How images get to the service; `undefined` when none is sent. */
  delivery: DeliveryId | undefined;
  /** What the user has agreed to beyond the daily budget, and when: it grows by what this run has spent since. */
  budget: { check: BudgetCheck; at: number } | undefined;
  /** Of its file: sections that are as they were are not read again. */
  reader: StoryboardReader;
  /** What is being sent: its last frames are being taken. */
  sending?: readonly ShotOrder[] | undefined;
  /** The user has stopped it. */
  isStopped?: boolean | undefined;
  /** What one more take was wanted of. */
  again: WantedShots['again'];
}

/**
 * Takes the last frames that are there, and sends.
 *
 * @param confirmLater of a run that goes on by itself: what is still wanted once the frames are taken, which takes a while
 * @returns `undefined` when the user did not agree to a question about the budget, or images cannot be delivered: then
 * nothing more of this run is sent
 */
export async function sendShots(
  services: ExtensionServices,
  run: Run,
  orders: readonly ShotOrder[],
  tasks: ShotTasks,
  confirmLater?: () => Promise<readonly ShotOrder[]>,
): Promise<TaskRecord[] | undefined> {
  const ready: ShotOrder[] = [];
  for (const order of orders) {
    try {
      const image = order.source ? await takeLastFrame(services, run.uri, order.source, tasks) : order.image;
      await assertUnchanged(image);
      const frames: SelectedFrame[] = image
        ? [{ image, delivery: isImageFile(image) && run.delivery !== undefined ? run.delivery : 'link' }]
        : [];
      ready.push({ ...order, request: order.request.with({ frames }) });
    } catch (error) {
      services.log.warn(`${order.shot.identity.label}: ${String(error)}`);
      tell(run.uri, [`${toName(order.shot)}: ${describeFailure(error, services.now())}`]);
    }
  }
  const still = await confirmLater?.();
  const wanted = still ? ready.filter(({ shot }) => still.some((order) => isSameShot(order.shot, shot))) : ready;
  if (wanted.length === 0) {
    return [];
  }
  // What was agreed to for one day says nothing about the next.
  const budget = run.budget && isSameDay(run.budget.at, services.now()) ? run.budget : undefined;
  const ask = confirmLater && ((check: BudgetCheck) => askInNotification(services, run.uri, check, wanted));
  try {
    const records = await submitAll(services, wanted, {
      ...(budget === undefined ? {} : { agreed: budget.check }),
      ...(ask === undefined ? {} : { ask }),
    });
    run.budget = records && budget && { ...budget, check: addSpent(budget.check, records) };
    return records;
  } catch (error) {
    if (!(error instanceof ImageDeliveryFailedError)) {
      throw error;
    }
    tell(run.uri, [error.message, vscode.l10n.t('Run the storyboard again to choose another way for images.')]);
    return undefined;
  }
}

/** What a run has spent itself was agreed to with the rest of it. */
function addSpent(budget: BudgetCheck, records: readonly TaskRecord[]): BudgetCheck {
  const { today } = budget;
  const charged = records.filter(({ gatewayId, state }) => gatewayId !== undefined || state === 'unknown');
  const roubles = charged.reduce((sum, { quotedPrice = 0 }) => sum + quotedPrice, today.roubles);
  const unpriced = charged.filter(({ quotedPrice = 0 }) => quotedPrice === 0).length + today.unpriced;
  return { ...budget, today: { ...today, roubles, unpriced } };
}

/**
 * Nobody waits for this question, and a dialog would take the key press that is meant for the text: a message leads to it.
 */
async function askInNotification(
  services: ExtensionServices,
  uri: vscode.Uri,
  check: BudgetCheck,
  orders: readonly ShotOrder[],
): Promise<boolean> {
  const look = vscode.l10n.t('Look…');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      '{0}: the next shots would go past the daily budget. Nothing is sent before you agree: {1}.',
      getFileName(uri),
      orders.map(({ shot }) => toName(shot)).join(', '),
    ),
    look,
  );
  return choice === look && askAboutBudget(services, check, orders);
}

/** @throws {UserFacingError} when the file is another than the one that was asked about */
async function assertUnchanged(image: SourceImage | undefined): Promise<void> {
  const { file } = image ?? {};
  if (file?.hash !== undefined && sha256Hex(await file.read()) !== file.hash) {
    throw new UserFacingError(
      vscode.l10n.t('its image was changed after you had been asked, so it was not sent. Run the storyboard again.'),
    );
  }
}

/** @throws when the frame cannot be had, with why */
async function takeLastFrame(
  services: ExtensionServices,
  document: vscode.Uri,
  source: ResolvedShot,
  tasks: ShotTasks,
): Promise<SourceImage> {
  const take = findTakeOf(services, document, source, tasks);
  if (!take) {
    throw new UserFacingError(
      vscode.l10n.t(
        'the take of {0} was not generated here, so its last frame cannot be taken. Choose another take, or save that frame as an image and name it as the first frame.',
        toName(source),
      ),
    );
  }
  const { picture, label, from, thumbnail } = await services.frames.takeLastFrame(take.id);
  try {
    const image = await readImageFile(vscode.Uri.file(await services.imageStore.put(picture as Uint8Array)));
    return { ...image, label, from, thumbnail };
  } catch (error) {
    throw error instanceof ImageError ? new UserFacingError(describeImageError(error)) : error;
  }
}
