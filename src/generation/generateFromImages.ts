import * as vscode from 'vscode';
import type { SourceImage } from '../images/delivery/types';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { BACK } from '../ui/quickInput';
import { chooseDeliveryForAll } from './delivery/deliveryPicker';
import { continueVideos } from './modelOfTask';
import { confirmAndSubmit, createGenerationRequest } from './submitGeneration';
import { isImageFile } from './generationRequest';
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
    const prompt = await promptForText({ title: vscode.l10n.t('What happens after the first frame?'), back: true });
    if (prompt === undefined) {
      return undefined;
    }
    if (prompt !== BACK) {
      const request = createGenerationRequest(services, [prompt], scope).with({ frames });
      const records = await confirmAndSubmit(services, await continueVideos(services, request));
      return records?.map(({ id }) => id);
    }
    if (!images.some(isImageFile)) {
      // There was no question about links to go back to.
      return undefined;
    }
  }
}
