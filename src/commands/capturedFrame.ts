import * as vscode from 'vscode';
import { Commands } from '../constants';
import { getTaskLabel } from '../messages/format';
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
  const label = name || getImageLabel(record ? getTaskLabel(record, 40) : task, frame);
  const from = frame && { task, ...frame };
  if (await Composer.of(services).takeFrame({ bytes, label, from, thumbnail })) {
    return;
  }
  const image: ImageArgument = { picture: bytes, label, from, thumbnail };
  await vscode.commands.executeCommand(Commands.useAsFirstFrame, image);
}

/** `Last frame of “A red fox”`, `0:03.2 of “A red fox”` */
function getImageLabel(taskLabel: string, frame: CapturedImage['frame']): string {
  if (!frame) {
    return vscode.l10n.t('Pasted image');
  }
  return frame.isLast
    ? vscode.l10n.t('Last frame of “{0}”', taskLabel)
    : vscode.l10n.t('{0} of “{1}”', formatPosition(frame.seconds), taskLabel);
}

/** Formats a position as the player does: whole tenths that have passed. */
function formatPosition(seconds: number): string {
  const tenths = Math.floor(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
}
