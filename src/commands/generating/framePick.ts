import * as vscode from 'vscode';
import { DELIVERY_IDS, type DeliveryId, type FrameImage } from '../../frames/delivery';
import { FrameError } from '../../frames/errors';
import { imageOfLink, parseFrameLink } from '../../frames/link';
import { explainFrameError } from '../../platform/frameText';
import { inLabel } from '../../platform/foreignText';
import type { Rooms } from '../rooms';
import { askText, BACK, pick, type Answer } from '../steps';
import { readImageFiles } from './imageFiles';
import type { ChosenFrame } from './plan';

const LAST_DELIVERY = 'seedance.frameDelivery';
const INLINE_TOLD = 'seedance.inlineTold';
const IMAGE_EXTENSIONS = ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'tif', 'tiff', 'gif'];

/**
 * How files get to the service. Asked on first use; later the last choice holds, and the first-frame item of
 * the question before sending changes it.
 */
export async function chooseDelivery(
  rooms: Rooms,
  images: readonly FrameImage[],
  options: { ask?: boolean } = {},
): Promise<Answer<ChosenFrame[]>> {
  const last = DELIVERY_IDS.find((id) => id === rooms.context.globalState.get(LAST_DELIVERY));
  let asks = options.ask === true || last === undefined;
  for (;;) {
    const delivery = asks || last === undefined ? await pickDelivery(last) : last;
    if (delivery === undefined || delivery === BACK) {
      return delivery;
    }
    const frames = delivery === 'link' ? await askLinks(images) : (await tellInlineOnce(rooms)) ? inlined(images) : BACK;
    if (frames !== BACK) {
      if (frames !== undefined) {
        await rooms.context.globalState.update(LAST_DELIVERY, delivery);
      }
      return frames;
    }
    asks = true;
  }
}

/** The system's dialog. `undefined`: the person gave up. */
export async function openImages(): Promise<vscode.Uri[] | undefined> {
  return vscode.window.showOpenDialog({
    title: vscode.l10n.t('First frame'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Images')]: IMAGE_EXTENSIONS },
  });
}

/** Another first frame, or none. */
export async function pickFrame(rooms: Rooms, current: readonly ChosenFrame[]): Promise<Answer<readonly ChosenFrame[]>> {
  const files = current.map(({ image }) => image).filter(({ file }) => file !== undefined);
  for (;;) {
    const picked = await pick({
      title: vscode.l10n.t('First frame'),
      back: true,
      items: [
        { label: `$(file-media) ${vscode.l10n.t('Image file…')}`, action: 'file' as const },
        { label: `$(clippy) ${vscode.l10n.t('Paste image…')}`, action: 'paste' as const },
        { label: `$(link) ${vscode.l10n.t('Link to an image…')}`, action: 'link' as const },
        ...(files.length > 0 ? [{ label: `$(cloud-upload) ${vscode.l10n.t('Send it in another way…')}`, action: 'delivery' as const }] : []),
        ...(current.length > 0 ? [{ label: `$(close) ${vscode.l10n.t('No first frame')}`, action: 'none' as const }] : []),
      ],
    });
    if (picked === undefined || picked === BACK) {
      return picked;
    }
    const frames = await doAction(rooms, picked.action, files);
    if (frames !== BACK) {
      return frames;
    }
  }
}

async function doAction(
  rooms: Rooms,
  action: 'file' | 'paste' | 'link' | 'delivery' | 'none',
  files: readonly FrameImage[],
): Promise<Answer<ChosenFrame[]>> {
  switch (action) {
    case 'none':
      return [];
    case 'delivery':
      return chooseDelivery(rooms, files, { ask: true });
    case 'link':
      return askFrameLink();
    case 'paste': {
      const image = await rooms.cropper.paste();
      return image ? chooseDelivery(rooms, [image]) : BACK;
    }
    case 'file': {
      const uris = await openImages();
      const images = uris && (await readImageFiles(rooms, uris));
      return images === undefined ? BACK : chooseDelivery(rooms, images);
    }
  }
}

async function pickDelivery(last: DeliveryId | undefined): Promise<Answer<DeliveryId>> {
  const items = DELIVERY_IDS.map((id) => ({ id, ...describeDelivery(id) }));
  const picked = await pick({
    title: vscode.l10n.t('First frame'),
    placeholder: vscode.l10n.t('The service takes links. How does it get your image?'),
    items,
    active: items.find(({ id }) => id === last),
    back: true,
  });
  return picked === BACK ? BACK : picked?.id;
}

function describeDelivery(id: DeliveryId): { label: string; detail: string } {
  switch (id) {
    case 'link':
      return {
        label: `$(link) ${vscode.l10n.t('It is on the web: give a link')}`,
        detail: vscode.l10n.t('The documented way. Whoever knows the link can see the image.'),
      };
    case 'inline':
      return {
        label: `$(file-binary) ${vscode.l10n.t('Send the file inside the request')}`,
        detail: vscode.l10n.t('Only the service gets it. Undocumented: it may refuse, and then charges nothing.'),
      };
  }
}

function inlined(images: readonly FrameImage[]): ChosenFrame[] {
  return images.map((image) => ({ image, delivery: 'inline' }));
}

/** Once, before the first file leaves this computer. */
async function tellInlineOnce(rooms: Rooms): Promise<boolean> {
  if (rooms.context.globalState.get(INLINE_TOLD) === true) {
    return true;
  }
  const send = vscode.l10n.t('Send files like this');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('The image file will be sent to the service.'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It goes inside the request, to the address in seedance.apiBaseUrl. The service documents only links to images: it may refuse the file, and then nothing is charged. You are told this once.',
      ),
    },
    send,
  );
  if (choice !== send) {
    return false;
  }
  await rooms.context.globalState.update(INLINE_TOLD, true);
  return true;
}

/** One link for each file, in turn; back leads to the file before. */
async function askLinks(images: readonly FrameImage[]): Promise<Answer<ChosenFrame[]>> {
  const links: string[] = [];
  while (links.length < images.length) {
    const image = images[links.length]!;
    const link = await askLink(vscode.l10n.t('Link to {0}', inLabel(image.label, 80)), image.link);
    if (link === undefined) {
      return undefined;
    }
    if (link !== BACK) {
      links.push(link);
    } else if (links.pop() === undefined) {
      return BACK;
    }
  }
  return images.map((image, index) => ({ image: { ...image, link: links[index]! }, delivery: 'link' }));
}

async function askFrameLink(): Promise<Answer<ChosenFrame[]>> {
  const link = await askLink(vscode.l10n.t('Link to an image'));
  return typeof link === 'string' ? [{ image: imageOfLink(link), delivery: 'link' }] : link;
}

function askLink(title: string, value?: string): Promise<Answer<string>> {
  return askText({
    title,
    placeholder: 'https://…',
    prompt: vscode.l10n.t('A link that opens the image itself, without signing in.'),
    problem: (text) =>
      parseFrameLink(text) === undefined ? explainFrameError(new FrameError('bad-link', {})) : undefined,
    back: true,
    ...(value === undefined ? {} : { value }),
  });
}
