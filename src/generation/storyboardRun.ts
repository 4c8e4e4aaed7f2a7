import * as vscode from 'vscode';
import { escapeForNotification } from '../common/text';
import type { ExtensionServices } from '../container';
import type { DeliveryId } from '../images/delivery/deliver';
import { describeProblem, describeStep } from '../messages/storyboardProblems';
import { StoryboardReader } from '../storyboard/parse';
import type { BudgetCheck } from '../tasks/spending/budget';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { BACK } from '../ui/quickInput';
import { UserFacingError } from '../ui/showError';
import { confirmBudget } from './confirmBudget';
import { confirmStoryboard } from './confirmStoryboard';
import { chooseDeliveryAhead, chooseDeliveryForAll } from './delivery/deliveryPicker';
import { isImageFile } from './generationRequest';
import { sendShots, type Run } from './sendShots';
import { toName } from './storyboardMessages';
import { readOrders, type ShotOrder, type StoryboardOrders, type WantedShots } from './storyboardOrders';
import { StoryboardRunner } from './storyboardRunner';

/**
 * Asks once for everything, and sends what needs no last frame. What begins with the last frame of another shot is sent as
 * soon as that is there, for as long as this window lives (`StoryboardRunner`).
 *
 * @returns the tasks that were ordered at once; `undefined` when the user gave up, or nothing is missing
 * @throws {UserFacingError} when nothing can be sent, with why
 */
export async function runStoryboard(
  services: ExtensionServices,
  document: vscode.TextDocument,
  wanted: WantedShots = {},
): Promise<TaskRecord[] | undefined> {
  const agreed = await agree(services, document, wanted);
  if (!agreed) {
    return undefined;
  }
  const { read, delivery, budget } = agreed;
  const waiting = read.orders.filter(({ source }) => source !== undefined);
  const run: Run = {
    uri: document.uri,
    reader: new StoryboardReader(),
    waiting,
    delivery,
    budget: budget && { check: budget, at: services.now() },
    again: wanted.again,
  };
  // What waits already, and is agreed to once more, is sent once.
  StoryboardRunner.of(services).forget(document.uri, read.orders);
  const ready = read.orders.filter(({ source }) => source === undefined);
  const records = ready.length === 0 ? [] : await sendShots(services, run, ready, read.tasks);
  if (records !== undefined) {
    StoryboardRunner.of(services).add(run);
  }
  return records;
}

async function agree(
  services: ExtensionServices,
  document: vscode.TextDocument,
  wanted: WantedShots,
): Promise<{ read: StoryboardOrders; delivery: DeliveryId | undefined; budget: BudgetCheck | undefined } | undefined> {
  for (let isOtherWay = false; ;) {
    // Anew each time: the file may have been changed while the user chose a way for the images.
    const read = await readOrders(services, document, wanted);
    assertSendable(read, wanted);
    await requireApiKey(services);
    const delivery = await chooseWay(services, read.orders, isOtherWay);
    if (delivery === BACK) {
      return undefined;
    }
    const answer = await confirmStoryboard(services, read, delivery.way);
    if (answer === undefined) {
      return undefined;
    }
    if (answer === 'delivery') {
      isOtherWay = true;
      continue;
    }
    const { goOn, agreed } = await confirmBudget(services, read.orders);
    return goOn ? { read, delivery: delivery.way, budget: agreed } : undefined;
  }
}

/** @throws {UserFacingError} when there is nothing to send, with why */
function assertSendable(
  { plan: { blockers, steps }, orders, unusable }: StoryboardOrders,
  { only }: WantedShots,
): void {
  const [blocker] = blockers;
  if (blocker) {
    throw new UserFacingError(
      `${escapeForNotification(describeProblem(blocker), 400)} ${vscode.l10n.t('Nothing was sent.')}`,
    );
  }
  if (orders.length > 0) {
    return;
  }
  if (unusable.length > 0) {
    const reasons = unusable.slice(0, 3).map(({ shot, why }) => `${toName(shot)}: ${why}`);
    throw new UserFacingError(`${vscode.l10n.t('Nothing was sent.')} ${reasons.join(' ')}`);
  }
  const looked = only === undefined ? steps : steps.slice(only, only + 1);
  if (looked.length === 0) {
    throw new UserFacingError(
      vscode.l10n.t('The storyboard has no shots yet: a shot is a heading such as “Shot 1: Late night”.'),
    );
  }
  const stuck = looked.filter(({ state }) => state.kind === 'stuck');
  if (stuck.length > 0) {
    throw new UserFacingError(
      `${vscode.l10n.t('Nothing was sent.')} ${stuck
        .slice(0, 3)
        .map(
          (step) =>
            `${escapeForNotification(step.shot.identity.label, 60)}: ${escapeForNotification(describeStep(step, steps), 300)}`,
        )
        .join(' ')}`,
    );
  }
  throw new UserFacingError(
    looked.some(({ state }) => state.kind === 'underway')
      ? vscode.l10n.t('Nothing is missing: what has no take yet is being generated.')
      : vscode.l10n.t('Nothing is missing: each shot has a take.'),
  );
}

/** How images get to the service, asked about before everything else: never in the middle of a run. */
async function chooseWay(
  services: ExtensionServices,
  orders: readonly ShotOrder[],
  isOther: boolean,
): Promise<{ way: DeliveryId | undefined } | typeof BACK> {
  if (orders.some(({ source }) => source !== undefined)) {
    const way = await chooseDeliveryAhead(services, { ask: isOther });
    return typeof way === 'string' ? { way } : BACK;
  }
  const files = orders.flatMap(({ image }) => (image && isImageFile(image) ? [image] : []));
  if (files.length === 0) {
    return { way: undefined };
  }
  const chosen = await chooseDeliveryForAll(services, files, { ask: isOther });
  if (!Array.isArray(chosen)) {
    return BACK;
  }
  for (const [index, { image }] of chosen.entries()) {
    orders.filter((order) => order.image === files[index]).forEach((order) => (order.image = image));
  }
  return { way: chosen[0]?.delivery };
}
