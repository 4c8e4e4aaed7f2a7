import { findPublishedUrl } from '../../images/published/publishedUrl';
import { setUpImageBucket } from './bucketSetup';
import { setUpImageUpload } from './uploadSetup';
import * as vscode from 'vscode';
import { DELIVERY_IDS, type DeliveryId } from '../../images/delivery/deliver';
import type { SourceImage } from '../../images/delivery/types';
import { parseUploadUrl } from '../../images/delivery/httpUpload';
import {
  saveDelivery,
  readBucket,
  readDelivery,
  readUpload,
  readRawUrlTemplates,
} from '../../platform/deliverySettings';
import { BACK, showPick, type InputResult, showInput } from '../../ui/quickInput';
import { isDeliverySetUp, createDeliveryContext } from './deliveryContext';
import { isImageFile, type SelectedFrame } from '../generationRequest';
import { getLinkProblem, offerRawLink } from '../imageLink';
import { findImagePage } from '../../images/delivery/imagePage';
import { createImageFromUrl, parseImageUrl } from '../../images/delivery/imageUrl';
import { escapeCodicons } from '../../common/text';
import { getGitPath } from '../../platform/gitPath';
import { isInTrustedFolder } from '../../platform/imageFile';
import type { ExtensionServices } from '../../container';

const INLINE_CONFIRMED_KEY = 'seedance.inlineTold';

type PublishedUrls = ReadonlyMap<SourceImage, string>;

/**
 * Chooses how image files get to the service: by the setting, or by asking on first use and when the preferred delivery
 * is not set up. Saves the choice in the setting.
 *
 * @param options `ask`: whether to ask in any case
 */
export async function chooseDelivery(
  services: ExtensionServices,
  images: readonly SourceImage[],
  options: { ask?: boolean } = {},
): Promise<InputResult<SelectedFrame[]>> {
  const preferred = readDelivery();
  // Where its secrets cannot be read now, the user may take another way.
  const asksFirst =
    options.ask === true || preferred === undefined || !(await isDeliverySetUp(services, preferred).catch(() => false));
  // Searched once, while the user reads: it takes requests to the web.
  let found: Promise<PublishedUrls> | undefined;
  const find = () => (found ??= findPublishedUrls(services, images));
  for (let asks = asksFirst; ; asks = true) {
    const delivery = asks || preferred === undefined ? await pickDelivery(preferred, images, find()) : preferred;
    if (delivery === undefined || delivery === BACK) {
      return delivery;
    }
    const frames = await selectFrames(services, delivery, images, find);
    if (frames !== BACK) {
      if (frames !== undefined) {
        await saveDelivery(delivery);
      }
      return frames;
    }
  }
}

/** Chooses the delivery of files and links, and keeps their order. Links need no choice. */
export async function chooseDeliveryForAll(
  services: ExtensionServices,
  images: readonly SourceImage[],
  options: { ask?: boolean } = {},
): Promise<InputResult<SelectedFrame[]>> {
  const files = images.filter(isImageFile);
  const chosen = files.length === 0 ? [] : await chooseDelivery(services, files, options);
  if (!Array.isArray(chosen)) {
    return chosen;
  }
  const left = chosen.values();
  return images.map((image): SelectedFrame => (isImageFile(image) ? left.next().value! : { image, delivery: 'link' }));
}

/** Asks for a link to a first frame that is on the web already. */
export async function promptForFirstFrameUrl(): Promise<InputResult<SelectedFrame[]>> {
  const link = await promptForImageUrl(vscode.l10n.t('Link to an image'));
  return typeof link === 'string' ? [{ image: createImageFromUrl(link), delivery: 'link' }] : link;
}

async function selectFrames(
  services: ExtensionServices,
  delivery: DeliveryId,
  images: readonly SourceImage[],
  find: () => Promise<PublishedUrls>,
): Promise<InputResult<SelectedFrame[]>> {
  if (delivery === 'link') {
    const looking = {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('Looking for the image on the web'),
    };
    return promptForImageUrls(images, await vscode.window.withProgress(looking, find));
  }
  const isReady = (await isDeliverySetUp(services, delivery)) || (await setUpDelivery(services, delivery));
  const goesOn = isReady && (delivery !== 'inline' || (await confirmInlineUploadOnce(services)));
  return goesOn ? images.map((image) => ({ image, delivery })) : BACK;
}

function setUpDelivery(services: ExtensionServices, delivery: DeliveryId): Promise<boolean> {
  return delivery === 's3' ? setUpImageBucket(services) : setUpImageUpload(services);
}

interface DeliveryItem extends vscode.QuickPickItem {
  id: DeliveryId;
}

async function pickDelivery(
  preferred: DeliveryId | undefined,
  images: readonly SourceImage[],
  looking: Promise<PublishedUrls>,
): Promise<InputResult<DeliveryId>> {
  const items = DELIVERY_IDS.map((id): DeliveryItem => ({ id, ...describeDelivery(id) }));
  const picked = await showPick({
    title: vscode.l10n.t('First frame'),
    placeholder: vscode.l10n.t('The service takes links. How does it get your image?'),
    items,
    active: items.find(({ id }) => id === preferred),
    back: true,
    onDidShow: (list) => {
      let isOpen = true;
      void looking.then((found) => {
        const [link] = found.values();
        if (isOpen && link !== undefined && found.size === images.length) {
          const active = list.activeItems[0]?.id;
          list.items = items.map((item) => (item.id === 'link' ? { ...item, ...describeFoundLink(link) } : item));
          list.activeItems = list.items.filter(({ id }) => id === active);
        }
      });
      return new vscode.Disposable(() => (isOpen = false));
    },
  });
  return picked === BACK ? BACK : picked?.id;
}

function describeFoundLink(link: string): Partial<vscode.QuickPickItem> {
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
          ? escapeCodicons(`${bucket.address.host}${bucket.address.pathname}`, 60)
          : vscode.l10n.t('to be set up'),
        detail: vscode.l10n.t('Stays private: only a link that expires opens it. Your provider may charge.'),
      };
    }
    case 'http': {
      const upload = readUpload();
      return {
        label: `$(globe) ${vscode.l10n.t('Upload to an address of your own')}`,
        description: upload
          ? escapeCodicons(parseUploadUrl(upload.url)?.host ?? '', 60)
          : vscode.l10n.t('to be set up'),
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

/** Whether the user has confirmed that files are sent inside requests. */
export function isInlineUploadConfirmed(services: ExtensionServices): boolean {
  return services.context.globalState.get(INLINE_CONFIRMED_KEY) === true;
}

/** Asks once, before the first file leaves this computer. */
async function confirmInlineUploadOnce(services: ExtensionServices): Promise<boolean> {
  if (isInlineUploadConfirmed(services)) {
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
  await services.context.globalState.update(INLINE_CONFIRMED_KEY, true);
  return true;
}

/**
 * Asks for a link to each file in turn; going back leads to the file before.
 *
 * @param found known links; files that have one are skipped
 */
async function promptForImageUrls(
  images: readonly SourceImage[],
  found: PublishedUrls,
): Promise<InputResult<SelectedFrame[]>> {
  const without = images.filter((image) => !found.has(image));
  const links = new Map(found);
  for (let index = 0; index < without.length;) {
    const image = without[index]!;
    const link = await promptForImageUrl(
      vscode.l10n.t('Link to {0}', escapeCodicons(image.label, 80)),
      links.get(image) ?? image.link,
    );
    if (link === undefined) {
      return undefined;
    }
    if (link !== BACK) {
      links.set(image, link);
      index++;
    } else if (index-- === 0) {
      return BACK;
    }
  }
  return images.map((image) => ({ image: { ...image, link: links.get(image)! }, delivery: 'link' }));
}

async function promptForImageUrl(title: string, before?: string): Promise<InputResult<string>> {
  for (let value = before ?? (await readUrlFromClipboard()); ;) {
    const answer = await showInput({
      title,
      value,
      placeholder: 'https://…',
      prompt: vscode.l10n.t('A link that opens the image itself, without signing in.'),
      validate: getLinkProblem,
      back: true,
    });
    const link = typeof answer === 'string' ? await offerRawLink(parseImageUrl(answer)!) : answer;
    if (link !== undefined || answer === undefined) {
      return link;
    }
    value = answer as string;
  }
}

/** The clipboard most likely holds the link. It is only proposed: nothing is sent before Enter. */
async function readUrlFromClipboard(): Promise<string | undefined> {
  try {
    const text = await vscode.env.clipboard.readText();
    const link = parseImageUrl(text);
    return link && (findImagePage(link)?.raw ?? link);
  } catch {
    // A browser may deny access to the clipboard.
    return undefined;
  }
}

/**
 * Finds links to images that are on the web already, because they were pushed to a public repository. Runs git only for
 * files of a trusted workspace: nobody has trusted the folder of any other file, and its repository is a stranger's.
 */
async function findPublishedUrls(services: ExtensionServices, images: readonly SourceImage[]): Promise<PublishedUrls> {
  const links = new Map<SourceImage, string>();
  for (const image of images) {
    const link = await findPublishedUrlOf(services, image);
    if (link !== undefined) {
      links.set(image, link);
    }
  }
  return links;
}

async function findPublishedUrlOf(services: ExtensionServices, image: SourceImage): Promise<string | undefined> {
  const uri = image.file && vscode.Uri.parse(image.source);
  if (!uri || !(await isInTrustedFolder(uri))) {
    return undefined;
  }
  try {
    return await findPublishedUrl(
      image,
      uri.fsPath,
      getGitPath(),
      readRawUrlTemplates(),
      createDeliveryContext(services),
    );
  } catch (error) {
    // Only a suggestion: problems of the image are shown when it is delivered.
    services.log.debug(`no link was looked for: ${String(error)}`);
    return undefined;
  }
}
