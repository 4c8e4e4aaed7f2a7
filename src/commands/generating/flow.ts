import * as vscode from 'vscode';
import { readSettings } from '../../platform/settings';
import type { TaskRecord } from '../../tasks/record';
import type { Rooms } from '../rooms';
import { NotDelivered } from '../tellError';
import { askBudget } from './budgetQuestion';
import { offer } from './offer';
import { isFile, type Plan } from './plan';
import { send } from './send';

/** A plan by the settings that hold for a document or folder. */
export function planFor(prompts: readonly string[], scope: vscode.Uri | undefined): Plan {
  const { model, aspectRatio } = readSettings(scope);
  return { prompts, frames: [], model, aspectRatio, scope };
}

/** Asks the one question and does what was accepted. `undefined`: the person gave up. */
export async function offerAndSend(rooms: Rooms, plan: Plan): Promise<TaskRecord[] | undefined> {
  for (let proposed = plan; ;) {
    const accepted = await offer(rooms, proposed);
    if (accepted === undefined) {
      return undefined;
    }
    // What was typed is not lost: something cheaper may be chosen, or another way for the image.
    proposed = accepted.plan;
    if ((await askBudget(rooms, proposed, accepted.price)).goOn) {
      try {
        return await send(rooms, proposed, accepted.price);
      } catch (error) {
        if (!(error instanceof NotDelivered)) {
          throw error;
        }
        proposed = await inAnotherWay(rooms, proposed, error);
      }
    }
  }
}

/** Says why an image did not get through, and lets it be sent in another way; then the question comes again. */
async function inAnotherWay(rooms: Rooms, plan: Plan, { message }: NotDelivered): Promise<Plan> {
  const another = vscode.l10n.t('Send it in another way…');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('The first frame could not be sent.'),
    { modal: true, detail: message },
    another,
  );
  const images = plan.frames.map(({ image }) => image);
  if (choice !== another || !images.some(isFile)) {
    return plan;
  }
  const { deliveryOfAll } = await import('./deliveryPick');
  const frames = await deliveryOfAll(rooms, images, { ask: true });
  return Array.isArray(frames) ? { ...plan, frames } : plan;
}
