import * as vscode from 'vscode';
import type { FrameError } from '../frames/errors';
import {
  IMAGE_MAX_BYTES,
  IMAGE_MAX_RATIO,
  IMAGE_MAX_SIDE_PX,
  IMAGE_MIN_RATIO,
  IMAGE_MIN_SIDE_PX,
} from '../frames/image';
import { inMessage } from './foreignText';
import { formatBytes, formatNumber } from './format';

/** What is wrong with an image, with the numbers, and what it would have to be. */
export function explainFrameError(error: FrameError): string {
  return error.facts.isTiff === true ? `${problemText(error)} ${undrawableText()}` : problemText(error);
}

function problemText({ kind, facts }: FrameError): string {
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
      return vscode.l10n.t(
        'By its content this is not an image that the service takes: PNG, JPEG, WebP, GIF, BMP or TIFF. The name of the file says nothing.',
      );
    case 'damaged':
      return vscode.l10n.t('The image is damaged: its size cannot be read.');
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
      return vscode.l10n.t(
        'The file is only a link that leads out of the workspace: {0}',
        inMessage(facts.path ?? '', 200),
      );
    case 'bad-link':
      return vscode.l10n.t(
        'This is not a link that the service could open. It must begin with https:// or http:// and hold no password.',
      );
  }
}

/** What may happen to an image of another shape than its video. What Seedance does then is not documented. */
export function explainMisfit({ width, height }: { width: number; height: number }, aspectRatio: string): string {
  return vscode.l10n.t(
    'The image has {0} × {1} pixels, the video will be {2}: the service may cut the image, or keep its shape.',
    width,
    height,
    aspectRatio,
  );
}

/** Of an image whose format pages do not know. */
export function undrawableText(): string {
  return vscode.l10n.t(
    'VS Code cannot draw TIFF images, so this one cannot be cropped or scaled down here. Save it as PNG or JPEG in another program for that.',
  );
}
