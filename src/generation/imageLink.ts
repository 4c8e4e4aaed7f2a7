import * as vscode from 'vscode';
import { isPubliclyReachable } from '../common/address';
import { escapeForNotification } from '../common/text';
import { DeliveryError } from '../images/delivery/deliveryError';
import { findImagePage } from '../images/delivery/imagePage';
import { createImageFromUrl, parseImageUrl } from '../images/delivery/imageUrl';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { describeDeliveryError, describeImageError } from '../messages/imageErrors';
import { findBaseUrl } from '../platform/settings';
import { confirm } from '../ui/quickInput';
import { UserFacingError } from '../ui/showError';

/**
 * The guard at every place that takes a link to an image from a user, a document, a program or an old task. What a link
 * leads to is looked up once more before it is sent (`imageUrl.ts`).
 */

/** What is wrong with a link as far as its address shows. A page whose image is known is no problem: see `offerRawLink`. */
export function getLinkProblem(text: string): string | undefined {
  const href = parseImageUrl(text);
  if (href === undefined) {
    return describeImageError(new ImageError('bad-link', {}));
  }
  const page = findImagePage(href);
  const url = new URL(page?.raw ?? href);
  if (!isPubliclyReachable(url, findBaseUrl())) {
    return describeDeliveryError(new DeliveryError('private-address', { host: url.host }));
  }
  return page && page.raw === undefined ? describeImageError(new ImageError('page-link', {})) : undefined;
}

/**
 * Offers the link to the image itself instead of one to a page about it.
 *
 * @returns the link to use; `undefined` when the user wants neither
 */
export async function offerRawLink(href: string): Promise<string | undefined> {
  const raw = findImagePage(href)?.raw;
  if (raw === undefined) {
    return href;
  }
  const isWanted = await confirm(
    vscode.l10n.t('The link opens a web page about the image.'),
    vscode.l10n.t(
      'The service needs the image itself, which is at {0}. Nothing was sent yet.',
      escapeForNotification(raw, 500),
    ),
    vscode.l10n.t('Use that link'),
  );
  return isWanted ? raw : undefined;
}

/**
 * @returns `undefined` when the user gave up
 * @throws {UserFacingError} when the service could not open an image there
 */
export async function createImageFromLink(text: string): Promise<SourceImage | undefined> {
  const problem = getLinkProblem(text);
  if (problem !== undefined) {
    throw new UserFacingError(`${problem} ${vscode.l10n.t('Nothing was sent.')}`);
  }
  const link = await offerRawLink(parseImageUrl(text)!);
  return link === undefined ? undefined : createImageFromUrl(link);
}
