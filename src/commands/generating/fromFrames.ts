import * as vscode from 'vscode';
import type { FrameImage } from '../../frames/delivery';
import { checkPrompt } from '../../tasks/prompt';
import type { Rooms } from '../rooms';
import { requireKey } from '../setApiKey';
import { BACK } from '../steps';
import { deliveryOfAll } from './deliveryPick';
import { offerAndSend, planFor } from './flow';
import { isFile } from './plan';
import { askPrompt } from './promptStep';

/**
 * The whole way from images that are fit to be first frames to their tasks: key, delivery, prompt, the one question.
 *
 * @param scope the document or folder whose settings the question begins with
 * @returns the ids of the tasks; `undefined` when the person gave up
 */
export async function generateWithFrames(
  rooms: Rooms,
  images: readonly FrameImage[],
  scope?: vscode.Uri,
): Promise<string[] | undefined> {
  if ((await requireKey(rooms)) === undefined) {
    return undefined;
  }
  for (let ask = false; ; ask = true) {
    const frames = await deliveryOfAll(rooms, images, { ask });
    if (frames === undefined || frames === BACK) {
      return undefined;
    }
    const prompt = await askPrompt({ title: vscode.l10n.t('What happens after the first frame?'), back: true });
    if (prompt === undefined) {
      return undefined;
    }
    if (prompt === BACK && !images.some(isFile)) {
      return undefined;
    }
    const check = prompt === BACK ? undefined : checkPrompt(prompt);
    if (check?.ok) {
      const records = await offerAndSend(rooms, { ...planFor([check.prompt], scope), frames });
      return records?.map(({ id }) => id);
    }
  }
}
