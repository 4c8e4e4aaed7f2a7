import * as vscode from 'vscode';
import type { FrameImage } from '../../frames/delivery';
import type { Rooms } from '../rooms';
import { BACK, pick, type Answer } from '../steps';
import { chooseDelivery, deliveryOfAll } from './deliveryPick';
import { readImageFiles } from './imageFiles';
import { askFrameLink } from './linkQuestion';
import { isFile, type ChosenFrame } from './plan';

const IMAGE_EXTENSIONS = ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'tif', 'tiff', 'gif'];

/** The system's dialog. `undefined`: the person gave up. */
export async function openImages(): Promise<vscode.Uri[] | undefined> {
  return vscode.window.showOpenDialog({
    title: vscode.l10n.t('First frame'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Images')]: IMAGE_EXTENSIONS },
  });
}

/** Another first frame, or none. */
export async function pickFrame(
  rooms: Rooms,
  current: readonly ChosenFrame[],
): Promise<Answer<readonly ChosenFrame[]>> {
  const images = current.map(({ image }) => image);
  for (;;) {
    const picked = await pick({
      title: vscode.l10n.t('First frame'),
      back: true,
      items: [
        { label: `$(file-media) ${vscode.l10n.t('Image file…')}`, action: 'file' as const },
        { label: `$(clippy) ${vscode.l10n.t('Paste image…')}`, action: 'paste' as const },
        { label: `$(link) ${vscode.l10n.t('Link to an image…')}`, action: 'link' as const },
        ...(images.some(isFile)
          ? [{ label: `$(cloud-upload) ${vscode.l10n.t('Send it in another way…')}`, action: 'delivery' as const }]
          : []),
        ...(current.length > 0
          ? [{ label: `$(close) ${vscode.l10n.t('No first frame')}`, action: 'none' as const }]
          : []),
      ],
    });
    if (picked === undefined || picked === BACK) {
      return picked;
    }
    const frames = await doAction(rooms, picked.action, images);
    if (frames !== BACK) {
      return frames;
    }
  }
}

async function doAction(
  rooms: Rooms,
  action: 'file' | 'paste' | 'link' | 'delivery' | 'none',
  images: readonly FrameImage[],
): Promise<Answer<ChosenFrame[]>> {
  switch (action) {
    case 'none':
      return [];
    case 'delivery':
      return deliveryOfAll(rooms, images, { ask: true });
    case 'link':
      return askFrameLink();
    case 'paste': {
      const image = await rooms.cropper.paste();
      return image ? chooseDelivery(rooms, [image]) : BACK;
    }
    case 'file': {
      const uris = await openImages();
      const chosen = uris && (await readImageFiles(rooms, uris));
      return chosen === undefined ? BACK : chooseDelivery(rooms, chosen);
    }
  }
}
