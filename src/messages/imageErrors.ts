import * as vscode from 'vscode';
import type { ImageError } from '../images/imageError';
import {
  IMAGE_MAX_BYTES,
  IMAGE_MAX_RATIO,
  IMAGE_MAX_SIDE_PX,
  IMAGE_MIN_RATIO,
  IMAGE_MIN_SIDE_PX,
} from '../images/imageInfo';
import { formatBytes, formatNumber } from './format';
import type { DeliveryError } from '../images/delivery/deliveryError';
import { escapeForNotification } from '../common/text';

/** Describes what is wrong with an image, with its values and the limits. */
export function describeImageError(error: ImageError): string {
  return error.facts.isTiff === true ? `${problemText(error)} ${getUndrawableMessage()}` : problemText(error);
}

function problemText({ kind, facts }: ImageError): string {
  const { bytes = 0, width = 0, height = 0 } = facts;
  switch (kind) {
    case 'empty':
      return vscode.l10n.t('The file is empty.');
    case 'too-many-bytes':
      return vscode.l10n.t(
        'The file has {0}; the service takes at most {1}.',
        formatBytes(bytes),
        formatBytes(IMAGE_MAX_BYTES),
      );
    case 'not-an-image':
      if (facts.format !== undefined) {
        return vscode.l10n.t(
          'By its content this is not an image that the service takes, but {0}. Save it as PNG or JPEG in another program.',
          facts.format,
        );
      }
      return vscode.l10n.t(
        'By its content this is not an image that the service takes: PNG, JPEG, WebP, GIF, BMP or TIFF. The name of the file says nothing.',
      );
    case 'damaged':
      return vscode.l10n.t(
        'The image is damaged, or written in a way that VS Code cannot draw. Save it anew as PNG or JPEG in another program.',
      );
    case 'side-too-short':
      return vscode.l10n.t(
        'The image has {0} × {1} pixels; each side must have at least {2}.',
        width,
        height,
        IMAGE_MIN_SIDE_PX,
      );
    case 'side-too-long':
      return vscode.l10n.t(
        'The image has {0} × {1} pixels; each side may have at most {2}.',
        width,
        height,
        IMAGE_MAX_SIDE_PX,
      );
    case 'ratio':
      return vscode.l10n.t(
        'The image has {0} × {1} pixels, which is {2} times as wide as it is high; the service takes {3} to {4}.',
        width,
        height,
        formatNumber(width / height),
        formatNumber(IMAGE_MIN_RATIO),
        formatNumber(IMAGE_MAX_RATIO),
      );
    case 'unreadable':
      return vscode.l10n.t('The file cannot be read. It may have been moved or deleted.');
    case 'leads-outside':
      return facts.isNamed
        ? vscode.l10n.t(
            'The file is only a link that leads out of the workspace and of the folder of the document: {0}',
            escapeForNotification(facts.path ?? '', 200),
          )
        : vscode.l10n.t(
            'The file is only a link that leads out of the workspace: {0}',
            escapeForNotification(facts.path ?? '', 200),
          );
    case 'bad-link':
      return vscode.l10n.t(
        'This is not a link that the service could open. It must begin with https:// or http:// and hold no password.',
      );
    case 'page-link':
      return facts.link === undefined
        ? vscode.l10n.t(
            'The link opens a web page about the image, not the image. Open the page, copy the address of the image itself there (“Copy image address”), or save it and choose the file.',
          )
        : vscode.l10n.t(
            'The link opens a web page about the image, not the image. The image itself is at {0}',
            escapeForNotification(facts.link, 300),
          );
    case 'secret-link':
      return vscode.l10n.t(
        'Its link held a signature or a key, and such a link is not kept with a task. Give the link once more.',
      );
  }
}

/** Warns about an image whose shape differs from that of the video. What Seedance does with it is not documented. */
export function describeMismatch({ width, height }: { width: number; height: number }, aspectRatio: string): string {
  return vscode.l10n.t(
    'The image has {0} × {1} pixels, the video will be {2}: the service may cut the image, or keep its shape.',
    width,
    height,
    aspectRatio,
  );
}

/** Returns the message for images whose format webviews cannot draw. */
export function getUndrawableMessage(): string {
  return vscode.l10n.t(
    'VS Code cannot draw TIFF images, so this one cannot be cropped or scaled down here. Save it as PNG or JPEG in another program for that.',
  );
}

/** Describes why an image could not be delivered, and what to do. The caller adds whether something was charged. */
export function describeDeliveryError({ kind, facts }: DeliveryError): string {
  const host = facts.host ?? '';
  switch (kind) {
    case 'not-set-up':
      return vscode.l10n.t('This way is not set up, or its keys were given for another address.');
    case 'secret-unreadable':
      return vscode.l10n.t(
        'The keys for the upload of images cannot be read or stored now: the password storage of this system (its keyring) is locked or does not answer. What is stored there is as it was. Unlock the storage and try again.',
      );
    case 'no-answer':
      return vscode.l10n.t('{0} did not answer. Check the address, the connection and the proxy.', host);
    case 'unknown-key':
      return vscode.l10n.t(
        '{0} does not know this key ID. Check that it was copied whole and belongs to this service.',
        host,
      );
    case 'wrong-secret':
      return vscode.l10n.t('The secret key does not fit the key ID. Copy both anew from the same key.');
    case 'denied':
      return vscode.l10n.t(
        '{0} denied the access. The key needs the right to write, read and delete objects in this bucket.',
        host,
      );
    case 'no-bucket':
      return vscode.l10n.t('There is no bucket with this name at {0}.', host);
    case 'wrong-region':
      return facts.region === undefined
        ? vscode.l10n.t('The bucket is in another region.')
        : vscode.l10n.t('The bucket is in another region: {0}.', escapeForNotification(facts.region, 40));
    case 'clock':
      return vscode.l10n.t(
        'The clock of this computer is wrong, so {0} does not accept its signatures. Set the clock.',
        host,
      );
    case 'redirected':
      return vscode.l10n.t(
        '{0} points to another address, and your secrets are not sent there. Give the final address.',
        host,
      );
    case 'refused': {
      const words = [facts.code, facts.message].filter((word) => word).join(': ');
      return words === ''
        ? vscode.l10n.t('{0} refused: status {1}.', host, facts.status ?? 0)
        : vscode.l10n.t('{0} refused with status {1}: {2}', host, facts.status ?? 0, escapeForNotification(words));
    }
    case 'answer-too-long':
      return vscode.l10n.t('The answer of {0} is too long to be a link or an image.', host);
    case 'page-answer':
      return vscode.l10n.t(
        '{0} answered with a web page (status {1}) and not as an upload does: the address may be that of a page, or it wants a sign-in, or something in between answered. Check the address and the secret header.',
        host,
        facts.status ?? 0,
      );
    case 'bucket-in-host':
      return vscode.l10n.t(
        '{0} wants the bucket in the name of the host. Set up the bucket again with https://{1}.{0} as its endpoint.',
        host,
        '{bucket}',
      );
    case 'needs-token':
      return vscode.l10n.t(
        '{0} takes these keys for temporary ones, which need their session token. Set up the bucket again and give all three, or use keys that stay.',
        host,
      );
    case 'expired-keys':
      return vscode.l10n.t(
        'The temporary keys for {0} have expired. Get new ones and set up the bucket again, or use keys that stay.',
        host,
      );
    case 'no-link':
      return vscode.l10n.t('{0} took the image, but there is no link in its answer. Check the JSON pointer.', host);
    case 'private-address':
      return vscode.l10n.t(
        '{0} is inside this computer or its network, so the service cannot read images there.',
        host,
      );
    case 'unreadable-link':
      return vscode.l10n.t('The link to {0} does not open without signing in: status {1}.', host, facts.status ?? 0);
    case 'other-image':
      return vscode.l10n.t('The link to {0} gives something else than the image that was uploaded.', host);
  }
}
