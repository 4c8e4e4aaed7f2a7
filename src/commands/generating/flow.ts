import type * as vscode from 'vscode';
import { readSettings } from '../../platform/settings';
import type { TaskRecord } from '../../tasks/record';
import type { Rooms } from '../rooms';
import { askBudget } from './budgetQuestion';
import { offer } from './offer';
import type { Plan } from './plan';
import { send } from './send';

/** A plan by the settings that hold for a document or folder. */
export function planFor(prompts: readonly string[], scope: vscode.Uri | undefined): Plan {
  const { model, aspectRatio } = readSettings(scope);
  return { prompts, frames: [], model, aspectRatio, scope };
}

/** Asks the one question and does what was accepted. `undefined`: the person gave up. */
export async function offerAndSend(rooms: Rooms, plan: Plan): Promise<TaskRecord[] | undefined> {
  for (let proposed = plan; ; ) {
    const accepted = await offer(rooms, proposed);
    if (accepted === undefined) {
      return undefined;
    }
    if ((await askBudget(rooms, accepted.plan, accepted.price)).goOn) {
      return send(rooms, accepted.plan, accepted.price);
    }
    // What was typed is not lost: something cheaper may be chosen.
    proposed = accepted.plan;
  }
}
