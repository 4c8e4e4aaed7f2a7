import { findPublishedUrl } from '../../images/published/publishedUrl';
import { setUpImageBucket } from './bucketSetup';
import { setUpImageUpload } from './uploadSetup';
import * as vscode from 'vscode';
import { DELIVERY_IDS, type DeliveryId } from '../../images/delivery/deliver';
import type { SourceImage } from '../../images/delivery/types';
import { parseUploadUrl } from '../../images/delivery/httpUpload';
import { readBucket, readDelivery, readUpload, readRawUrlTemplates } from '../../platform/deliverySettings';
import { BACK, showPick, type InputResult, showInput } from '../../ui/quickInput';
import { isDeliverySetUp, createDeliveryContext } from './deliveryContext';
import { isImageFile, type SelectedFrame } from '../generationRequest';
import { getLinkProblem, offerRawLink } from '../imageLink';
import { findImagePage } from '../../images/delivery/imagePage';
import { createImageFromUrl, parseImageUrl } from '../../images/delivery/imageUrl';
import { sleep, systemClock } from '../../common/clock';
import { escapeCodicons } from '../../common/text';
import { formatBytes } from '../../messages/format';
import { getGitPath } from '../../platform/gitPath';
import { isInTrustedFolder } from '../../platform/imageFile';
import type { ExtensionServices } from '../../container';

/** That the user has chosen once to send files inside requests. */
const INLINE_CONFIRMED_KEY = 'seedance.inlineTold';
/** The way that was chosen last in this workspace. */
const LAST_DELIVERY_KEY = 'seedance.firstFrameDelivery';
/** All inlined images are in memory at once, a third larger than the files. */
export const MAX_INLINED_BYTES = 200 * 1024 * 1024;

type PublishedUrls = ReadonlyMap<SourceImage, string>;

interface DeliveryOptions {
  /** Whether to ask in any case. */
  ask?: boolean;
  /** Why a way cannot be taken this time; it is not proposed first then. */
  failed?: { delivery: DeliveryId | undefined; reason: string } | undefined;
}

/**
 * Chooses how image files get to the service: by the setting, by what was chosen last in this workspace, or by asking
 * when there is neither, or when it cannot work for these images now. What the user chooses is remembered.
 */
export async function chooseDelivery(
  services: ExtensionServices,
  images: readonly SourceImage[],
  options: DeliveryOptions = {},
): Promise<InputResult<SelectedFrame[]>> {
  const set = readDelivery();
  const remembered = set ?? readRememberedDelivery(services);
  // Searched once, while the user reads: it takes requests to the web.
  let found: Promise<PublishedUrls> | undefined;
  const find = () => (found ??= findPublishedUrls(services, images));
  let failed = options.failed;
  if (options.ask !== true && failed === undefined && remembered !== undefined) {
    const problem = await findProblem(services, remembered, images, set === undefined ? find : undefined);
    if (problem === undefined) {
      const frames = await selectFrames(services, remembered, images, find);
      if (frames !== BACK) {
        return frames;
      }
    } else {
      failed = { delivery: remembered, reason: problem };
    }
  }
  for (let active: DeliveryId | undefined; ;) {
    const delivery = await pickDelivery(services, { images, looking: find(), failed, active });
    if (delivery === undefined || delivery === BACK) {
      return delivery;
    }
    const frames = await selectFrames(services, delivery, images, find);
    if (frames !== BACK) {
      if (frames !== undefined) {
        await rememberDelivery(services, delivery);
      }
      return frames;
    }
    active = delivery;
  }
}

/**
 * Chooses how images get to the service that are not there yet: last frames of videos that are still to be made. So a
 * link, which the user has to bring, is none of the ways.
 */
export async function chooseDeliveryAhead(
  services: ExtensionServices,
  { ask }: Pick<DeliveryOptions, 'ask'> = {},
): Promise<InputResult<DeliveryId>> {
  const remembered = readDelivery() ?? readRememberedDelivery(services);
  const isUsable = ask !== true && remembered !== undefined && remembered !== 'link';
  if (isUsable && (await findProblem(services, remembered, [], undefined)) === undefined) {
    return remembered;
  }
  for (let active: DeliveryId | undefined; ;) {
    const looking = Promise.resolve(new Map<SourceImage, string>());
    const delivery = await pickDelivery(services, { images: [], looking, failed: undefined, active });
    if (delivery === undefined || delivery === BACK) {
      return delivery;
    }
    const frames = await selectFrames(services, delivery, [], () => looking);
    if (frames === undefined) {
      return undefined;
    }
    if (frames !== BACK) {
      await rememberDelivery(services, delivery);
      return delivery;
    }
    active = delivery;
  }
}

function readRememberedDelivery({ context }: Pick<ExtensionServices, 'context'>): DeliveryId | undefined {
  const stored = context.workspaceState.get<unknown>(LAST_DELIVERY_KEY);
  return DELIVERY_IDS.find((id) => id === stored);
}

async function rememberDelivery({ context }: ExtensionServices, delivery: DeliveryId): Promise<void> {
  await context.workspaceState.update(LAST_DELIVERY_KEY, delivery);
  if (delivery === 'inline') {
    await context.globalState.update(INLINE_CONFIRMED_KEY, true);
  }
}

/**
 * Why a way does not work for these images now, as far as that is known without trying it.
 *
 * @param find set when only a link that is found counts: who has set the links by hand gives them by hand
 */
async function findProblem(
  services: ExtensionServices,
  delivery: DeliveryId,
  images: readonly SourceImage[],
  find: (() => Promise<PublishedUrls>) | undefined,
): Promise<string | undefined> {
  switch (delivery) {
    case 'link':
      return find !== undefined && (await find()).size < images.length
        ? vscode.l10n.t('No link to this image was found.')
        : undefined;
    case 'inline':
      return isSmallEnough(images) ? undefined : vscode.l10n.t('Too large together to go inside the request.');
    default:
      // Where its secrets cannot be read now, the user may take another way.
      return (await isDeliverySetUp(services, delivery).catch(() => false))
        ? undefined
        : vscode.l10n.t('It is no longer set up.');
  }
}

function getTotalBytes(images: readonly SourceImage[]): number {
  return images.reduce((sum, { file }) => sum + (file?.facts.bytes ?? 0), 0);
}

function isSmallEnough(images: readonly SourceImage[]): boolean {
  return getTotalBytes(images) <= MAX_INLINED_BYTES;
}

/** Chooses the delivery of files and links, and keeps their order. Links need no choice. */
export async function chooseDeliveryForAll(
  services: ExtensionServices,
  images: readonly SourceImage[],
  options: DeliveryOptions = {},
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
  if (!(await isDeliverySetUp(services, delivery))) {
    const isReady = await (delivery === 's3' ? setUpImageBucket(services) : setUpImageUpload(services));
    if (!isReady) {
      return BACK;
    }
  }
  return images.map((image) => ({ image, delivery }));
}

interface DeliveryItem extends vscode.QuickPickItem {
  id: DeliveryId;
}

/** What the list of ways is made from. */
interface WaysToOffer {
  images: readonly SourceImage[];
  /** A link that was found to the only image, or to the first of several that have one each. */
  link: string | undefined;
  /** The ways that need nothing from the user. */
  ready: ReadonlySet<DeliveryId>;
  failed: DeliveryOptions['failed'];
}

/** A link that is found sooner comes first in the list; later the list is there and keeps its order. */
const LINK_PATIENCE_MS = 700;

async function pickDelivery(
  services: ExtensionServices,
  options: {
    images: readonly SourceImage[];
    looking: Promise<PublishedUrls>;
    failed: DeliveryOptions['failed'];
    active: DeliveryId | undefined;
  },
): Promise<InputResult<DeliveryId>> {
  const { images, looking, failed } = options;
  const setUps = await Promise.all(
    (['s3', 'http'] as const).map(async (id) => ((await isDeliverySetUp(services, id).catch(() => false)) ? [id] : [])),
  );
  const ready = new Set<DeliveryId>([...setUps.flat(), ...(isSmallEnough(images) ? (['inline'] as const) : [])]);
  const getFoundLink = (found: PublishedUrls) => (found.size === images.length ? [...found.values()][0] : undefined);
  const link = await Promise.race([
    looking.then(getFoundLink),
    sleep(systemClock, LINK_PATIENCE_MS).then(() => undefined),
  ]);
  const isAhead = images.length === 0;
  const items = getDeliveryItems({ images, link, ready, failed }).filter(({ id }) => !(isAhead && id === 'link'));
  const proposed = items.find(({ id }) => id === options.active) ?? items[0];
  const picked = await showPick({
    title: vscode.l10n.t('First frame'),
    placeholder: isAhead
      ? vscode.l10n.t('The service takes links. How does it get the last frames of your videos?')
      : vscode.l10n.t('The service takes links. How does it get your image?'),
    items,
    active: proposed,
    back: true,
    onDidShow: (list) => {
      let isOpen = true;
      void looking.then((found) => {
        const late = getFoundLink(found);
        if (isOpen && link === undefined && late !== undefined) {
          const active = list.activeItems[0]?.id;
          list.items = fillInLink(items, late);
          list.activeItems = list.items.filter(({ id }) => id === active);
        }
      });
      return new vscode.Disposable(() => (isOpen = false));
    },
  });
  return picked === BACK ? BACK : picked?.id;
}

/**
 * The ways, in the order in which they can work for these images now: a link that was found, a set-up that exists,
 * inside the request, then set-ups to make, and last a link that the user has to bring. What has just failed is
 * last.
 */
export function getDeliveryItems({ images, link, ready, failed }: WaysToOffer): DeliveryItem[] {
  const works: DeliveryId[] = [...(link === undefined ? [] : (['link'] as const)), 's3', 'http', 'inline'];
  const isReady = (id: DeliveryId) => (id === 'link' || ready.has(id)) && id !== failed?.delivery;
  const first = works.filter(isReady);
  const rest = (['s3', 'http', 'inline', 'link'] as const).filter((id) => !first.includes(id));
  const others = rest.toSorted((a, b) => Number(a === failed?.delivery) - Number(b === failed?.delivery));
  return [...first, ...others].map((id): DeliveryItem => {
    const item = {
      id,
      ...(id === 'link' && link !== undefined ? describeFoundLink(link) : describeDelivery(id, images)),
    };
    return id === failed?.delivery ? { ...item, detail: `$(warning) ${escapeCodicons(failed.reason)}` } : item;
  });
}

/** Shows a link that was found late. Each line stays where it is: a click that is on its way must not take another. */
export function fillInLink(items: readonly DeliveryItem[], link: string): DeliveryItem[] {
  return items.map((item) => (item.id === 'link' ? { id: item.id, ...describeFoundLink(link) } : item));
}

function describeFoundLink(link: string): vscode.QuickPickItem {
  return {
    label: `$(link) ${vscode.l10n.t('It is on the web: send the link that was found')}`,
    description: new URL(link).host,
    detail: vscode.l10n.t('Pushed to a public repository, and the link was tried. Costs nothing.'),
  };
}

function describeDelivery(id: DeliveryId, images: readonly SourceImage[]): vscode.QuickPickItem {
  switch (id) {
    case 'link':
      return {
        label: `$(link) ${vscode.l10n.t('It is on the web: give a link')}`,
        detail: vscode.l10n.t('The documented way. Costs nothing. Anyone who knows the link can see the image.'),
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
        ...(images.length === 0 ? {} : { description: formatBytes(getTotalBytes(images)) }),
        detail: isSmallEnough(images)
          ? vscode.l10n.t('Only the service gets it. Costs nothing, but is undocumented: it may refuse.')
          : vscode.l10n.t('Too large together to go inside the request.'),
      };
  }
}

/** The way of a first frame, for a line of the confirmation. */
export function getDeliveryTitle({ image, delivery }: SelectedFrame): string {
  switch (delivery) {
    case 'link':
      return image.link === undefined ? getWayTitle(delivery) : vscode.l10n.t('by its link ({0})', hostOf(image.link));
    default:
      return getWayTitle(delivery);
  }
}

/** The same of images that are not there yet. */
export function getWayTitle(delivery: DeliveryId): string {
  switch (delivery) {
    case 'link':
      return vscode.l10n.t('by a link');
    case 's3':
      return vscode.l10n.t('through your bucket');
    case 'http':
      return vscode.l10n.t('through your upload address');
    case 'inline':
      return vscode.l10n.t('inside the request: only the service gets it');
  }
}

function hostOf(link: string): string {
  return escapeCodicons(new URL(link).host, 60);
}

/** Whether the user has confirmed that files are sent inside requests. */
export function isInlineUploadConfirmed(services: ExtensionServices): boolean {
  return readDelivery() === 'inline' || services.context.globalState.get(INLINE_CONFIRMED_KEY) === true;
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
