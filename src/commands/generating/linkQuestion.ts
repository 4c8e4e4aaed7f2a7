import * as vscode from 'vscode';
import type { FrameImage } from '../../frames/delivery';
import { FrameError } from '../../frames/errors';
import { imageOfLink, parseFrameLink } from '../../frames/link';
import { explainFrameError } from '../../platform/frameText';
import { inLabel } from '../../platform/foreignText';
import { askText, BACK, type Answer } from '../steps';
import type { ChosenFrame } from './plan';
import type { PublishedLinks } from './publishedLinks';

/**
 * One link for each file, in turn; back leads to the file before.
 *
 * @param found links that are known; for these files nothing is asked
 */
export async function askLinks(images: readonly FrameImage[], found: PublishedLinks): Promise<Answer<ChosenFrame[]>> {
  const without = images.filter((image) => !found.has(image));
  const links = new Map(found);
  for (let index = 0; index < without.length;) {
    const image = without[index]!;
    const link = await askLink(vscode.l10n.t('Link to {0}', inLabel(image.label, 80)), links.get(image) ?? image.link);
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

export async function askFrameLink(): Promise<Answer<ChosenFrame[]>> {
  const link = await askLink(vscode.l10n.t('Link to an image'));
  return typeof link === 'string' ? [{ image: imageOfLink(link), delivery: 'link' }] : link;
}

async function askLink(title: string, before?: string): Promise<Answer<string>> {
  const value = before ?? (await linkInClipboard());
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

/** What was copied is most likely the link that is asked for. Shown in the box, and sent only at Enter. */
async function linkInClipboard(): Promise<string | undefined> {
  try {
    const text = await vscode.env.clipboard.readText();
    return parseFrameLink(text);
  } catch {
    // A browser may not let us.
    return undefined;
  }
}
