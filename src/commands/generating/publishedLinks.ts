import * as vscode from 'vscode';
import type { FrameImage } from '../../frames/delivery';
import { readRawLinks } from '../../platform/deliverySettings';
import { gitProgram } from '../../platform/gitProgram';
import type { Rooms } from '../rooms';
import { meansOf } from './means';

export type PublishedLinks = ReadonlyMap<FrameImage, string>;

/**
 * Links to those of the images that are on the web already, because they are pushed to a public repository.
 * Git is asked only in a workspace that the person trusts.
 */
export async function publishedLinks(rooms: Rooms, images: readonly FrameImage[]): Promise<PublishedLinks> {
  const links = new Map<FrameImage, string>();
  for (const image of images) {
    const link = await publishedLinkOf(rooms, image);
    if (link !== undefined) {
      links.set(image, link);
    }
  }
  return links;
}

async function publishedLinkOf(rooms: Rooms, image: FrameImage): Promise<string | undefined> {
  const uri = image.file && vscode.Uri.parse(image.source);
  if (uri?.scheme !== 'file' || !vscode.workspace.isTrusted) {
    return undefined;
  }
  try {
    const { publishedLink } = await import('../../frames/published');
    return await publishedLink(image, uri.fsPath, gitProgram(), readRawLinks(), meansOf(rooms));
  } catch (error) {
    // A help and no more: what is wrong with the image is told where it is sent.
    rooms.log.debug(`no link was looked for: ${String(error)}`);
    return undefined;
  }
}
