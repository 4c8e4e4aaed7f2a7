import type * as vscode from 'vscode';
import { readSettings } from '../../platform/settings';
import type { TaskRecord } from '../../tasks/record';
import type { Rooms } from '../rooms';
import { offer } from './offer';
import type { Plan } from './plan';
import { send } from './send';

/** A plan by the settings that hold for a document or folder. */
export function planFor(prompts: readonly string[], scope: vscode.Uri | undefined): Plan {
  const { model, aspectRatio } = readSettings(scope);
  return { prompts, frames: [], model, aspectRatio };
}

/** Asks the one question and does what was accepted. `undefined`: the person gave up. */
export async function offerAndSend(rooms: Rooms, plan: Plan): Promise<TaskRecord[] | undefined> {
  const accepted = await offer(rooms, plan);
  return accepted && send(rooms, accepted);
}
