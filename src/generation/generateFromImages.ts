import * as vscode from 'vscode';
import type { SourceImage } from '../images/delivery/types';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { BACK, type InputResult } from '../ui/quickInput';
import { chooseDeliveryForAll } from './delivery/deliveryPicker';
import { continueVideos } from './modelOfTask';
import { Draft, hasFrames } from './draft';
import { confirmAndSubmitDraft, createGenerationRequest } from './submitGeneration';
import { isImageFile, type SelectedFrame } from './generationRequest';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { promptForText } from './promptInput';

/**
 * Generates videos from images that the service accepts as first frames: asks for the API key, the delivery, the
 * prompt and the confirmation.
 *
 * @param scope the document or folder whose settings the confirmation begins with, unless the images are of videos
 * @returns the ids of the tasks; `undefined` when the user gave up
 */
export async function generateFromImages(
  services: ExtensionServices,
  images: readonly SourceImage[],
  scope?: vscode.Uri,
): Promise<string[] | undefined> {
  // The images first: the callers have checked them, and the user should know what is wrong before giving a key.
  await requireApiKey(services);
  for (let ask = false; ; ask = true) {
    const frames = await chooseDeliveryForAll(services, images, { ask });
    if (frames === undefined || frames === BACK) {
      return undefined;
    }
    const records = await generateFromFrames(services, frames, scope);
    if (records !== BACK) {
      return records?.map(({ id }) => id);
    }
    if (!images.some(isImageFile)) {
      // There was no question about links to go back to.
      return undefined;
    }
  }
}

/** Asks for the prompt, proposing that of a draft for the same image, and for the confirmation. */
async function generateFromFrames(
  services: ExtensionServices,
  frames: readonly SelectedFrame[],
  scope: vscode.Uri | undefined,
): Promise<InputResult<TaskRecord[]>> {
  let draft = new Draft(services);
  for (;;) {
    const before = await draft.read();
    const isSame = hasFrames(before, frames);
    if (!isSame) {
      // The draft of something else is put beside as soon as there are words for this.
      draft = new Draft(services);
    }
    const choices = isSame ? { ...before.choices, frames: before.choices.frames ?? frames } : { frames };
    const prompt = await promptForText(services, {
      title: vscode.l10n.t('What happens after the first frame?'),
      value: isSame ? before.prompt : undefined,
      back: true,
      choices,
      draft,
      onDidChange: (text) => draft.keep(text, choices),
    });
    if (prompt === undefined || prompt === BACK) {
      return prompt;
    }
    // Also what was not changed just now: the box may have been opened with it.
    draft.keep(prompt, choices);
    const request = createGenerationRequest(services, [prompt], scope).with({ frames: choices.frames });
    const records = await confirmAndSubmitDraft(
      services,
      (await continueVideos(services, request)).with(choices),
      draft,
    );
    if (records !== BACK) {
      return records;
    }
  }
}
