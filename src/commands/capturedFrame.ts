import * as vscode from 'vscode';
import { Commands } from '../constants';
import { getTaskLabel } from '../messages/format';
import { getFrameLabel } from '../messages/frameLabel';
import type { ImageArgument } from '../platform/imageFile';
import type { CapturedImage } from '../views/preview/protocol';
import type { ExtensionServices } from '../container';
import { Composer } from '../generation/composer';
import { saveFrame } from './save';
import { showError } from '../ui/showError';

/** Saves a captured image or uses it as a first frame. Shows errors and does not throw. */
export async function handleCapturedFrame(services: ExtensionServices, image: CapturedImage): Promise<void> {
  try {
    await (image.use === 'save' ? saveFrame(services, image) : useCapturedImageAsFirstFrame(services, image));
  } catch (error) {
    showError(services, 'captured image', error);
  }
}

async function useCapturedImageAsFirstFrame(
  services: ExtensionServices,
  { bytes, task, name, frame, thumbnail }: CapturedImage,
): Promise<void> {
  const record = services.store.get(task);
  const label =
    name || (frame ? getFrameLabel(record ? getTaskLabel(record, 40) : task, frame) : vscode.l10n.t('Pasted image'));
  const from = frame && { task, ...frame };
  if (await Composer.of(services).takeFrame({ bytes, label, from, thumbnail })) {
    return;
  }
  const image: ImageArgument = { picture: bytes, label, from, thumbnail };
  await vscode.commands.executeCommand(Commands.useAsFirstFrame, image);
}
