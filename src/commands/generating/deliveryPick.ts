import * as vscode from 'vscode';
import { DELIVERY_IDS, type DeliveryId, type FrameImage } from '../../frames/delivery';
import { parseUploadUrl } from '../../frames/upload';
import { keepDelivery, readBucket, readDelivery, readUpload } from '../../platform/deliverySettings';
import { inLabel } from '../../platform/foreignText';
import type { Rooms } from '../rooms';
import { BACK, pick, type Answer } from '../steps';
import { askLinks } from './linkQuestion';
import { isSetUp } from './means';
import { isFile, type ChosenFrame } from './plan';
import { publishedLinks, type PublishedLinks } from './publishedLinks';

const INLINE_TOLD = 'seedance.inlineTold';

/**
 * How files get to the service: as the setting says; asked on first use, and where the way of choice is not set
 * up. What is chosen here is kept in the setting.
 *
 * @param ask whether it is asked in any case
 */
export async function chooseDelivery(
  rooms: Rooms,
  images: readonly FrameImage[],
  options: { ask?: boolean } = {},
): Promise<Answer<ChosenFrame[]>> {
  const usual = readDelivery();
  const asksFirst = options.ask === true || usual === undefined || !(await isSetUp(rooms, usual));
  // Looked for once, and while the person reads: it takes a look at the web.
  let found: Promise<PublishedLinks> | undefined;
  const find = () => (found ??= publishedLinks(rooms, images));
  for (let asks = asksFirst; ; asks = true) {
    const delivery = asks || usual === undefined ? await pickDelivery(usual, images, find()) : usual;
    if (delivery === undefined || delivery === BACK) {
      return delivery;
    }
    const frames = await framesBy(rooms, delivery, images, find);
    if (frames !== BACK) {
      if (frames !== undefined) {
        await keepDelivery(delivery);
      }
      return frames;
    }
  }
}

/** How each gets to the service, in their order. What is a link already needs no question. */
export async function deliveryOfAll(
  rooms: Rooms,
  images: readonly FrameImage[],
  options: { ask?: boolean } = {},
): Promise<Answer<ChosenFrame[]>> {
  const files = images.filter(isFile);
  const chosen = files.length === 0 ? [] : await chooseDelivery(rooms, files, options);
  if (!Array.isArray(chosen)) {
    return chosen;
  }
  const left = chosen.values();
  return images.map((image): ChosenFrame => (isFile(image) ? left.next().value! : { image, delivery: 'link' }));
}

async function framesBy(
  rooms: Rooms,
  delivery: DeliveryId,
  images: readonly FrameImage[],
  find: () => Promise<PublishedLinks>,
): Promise<Answer<ChosenFrame[]>> {
  if (delivery === 'link') {
    const looking = {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('Looking for the image on the web'),
    };
    return askLinks(images, await vscode.window.withProgress(looking, find));
  }
  const isReady = (await isSetUp(rooms, delivery)) || (await setUp(rooms, delivery));
  const goesOn = isReady && (delivery !== 'inline' || (await tellInlineOnce(rooms)));
  return goesOn ? images.map((image) => ({ image, delivery })) : BACK;
}

async function setUp(rooms: Rooms, delivery: DeliveryId): Promise<boolean> {
  const { run } = await (delivery === 's3' ? import('../setUpImageBucket') : import('../setUpImageUpload'));
  return run(rooms);
}

interface DeliveryItem extends vscode.QuickPickItem {
  id: DeliveryId;
}

async function pickDelivery(
  usual: DeliveryId | undefined,
  images: readonly FrameImage[],
  looking: Promise<PublishedLinks>,
): Promise<Answer<DeliveryId>> {
  const items = DELIVERY_IDS.map((id): DeliveryItem => ({ id, ...describeDelivery(id) }));
  const picked = await pick({
    title: vscode.l10n.t('First frame'),
    placeholder: vscode.l10n.t('The service takes links. How does it get your image?'),
    items,
    active: items.find(({ id }) => id === usual),
    back: true,
    opened: (list) => {
      let isOpen = true;
      void looking.then((found) => {
        const [link] = found.values();
        if (isOpen && link !== undefined && found.size === images.length) {
          const active = list.activeItems[0]?.id;
          list.items = items.map((item) => (item.id === 'link' ? { ...item, ...describeFound(link) } : item));
          list.activeItems = list.items.filter(({ id }) => id === active);
        }
      });
      return new vscode.Disposable(() => (isOpen = false));
    },
  });
  return picked === BACK ? BACK : picked?.id;
}

function describeFound(link: string): Partial<vscode.QuickPickItem> {
  return {
    label: `$(link) ${vscode.l10n.t('It is on the web: send the link that was found')}`,
    description: new URL(link).host,
    detail: vscode.l10n.t('Pushed to a public repository, and the link was tried. Costs nothing.'),
  };
}

function describeDelivery(id: DeliveryId): vscode.QuickPickItem {
  switch (id) {
    case 'link':
      return {
        label: `$(link) ${vscode.l10n.t('It is on the web: give a link')}`,
        detail: vscode.l10n.t('The documented way. Costs nothing. Whoever knows the link can see the image.'),
      };
    case 's3': {
      const bucket = readBucket();
      return {
        label: `$(cloud-upload) ${vscode.l10n.t('Upload to an S3 bucket of your own')}`,
        description: bucket
          ? inLabel(`${bucket.address.host}${bucket.address.pathname}`, 60)
          : vscode.l10n.t('to be set up'),
        detail: vscode.l10n.t('Stays private: only a link that expires opens it. Your provider may charge.'),
      };
    }
    case 'http': {
      const upload = readUpload();
      return {
        label: `$(globe) ${vscode.l10n.t('Upload to an address of your own')}`,
        description: upload ? inLabel(parseUploadUrl(upload.url)?.host ?? '', 60) : vscode.l10n.t('to be set up'),
        detail: vscode.l10n.t('Who sees it, for how long and at what price is up to that server.'),
      };
    }
    case 'inline':
      return {
        label: `$(file-binary) ${vscode.l10n.t('Send the file inside the request')}`,
        detail: vscode.l10n.t('Only the service gets it. Costs nothing, but is undocumented: it may refuse.'),
      };
  }
}

/** Whether the person knows what it means that a file goes inside the request. */
export function isInlineTold(rooms: Rooms): boolean {
  return rooms.context.globalState.get(INLINE_TOLD) === true;
}

/** Once, before the first file leaves this computer. */
async function tellInlineOnce(rooms: Rooms): Promise<boolean> {
  if (isInlineTold(rooms)) {
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
