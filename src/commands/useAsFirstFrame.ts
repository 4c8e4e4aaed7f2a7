import * as vscode from 'vscode';
import type { FrameImage } from '../frames/delivery';
import { FrameError } from '../frames/errors';
import { imageOfLink, parseFrameLink } from '../frames/link';
import { explainFrameError } from '../platform/frameText';
import { inMessage } from '../platform/foreignText';
import { generateWithFrames } from './generating/fromFrames';
import { openImages } from './generating/framePick';
import { CHOOSE_FILE, readImageFiles } from './generating/imageFiles';
import { parsePictures, type MadePicture } from './pictures';
import type { Rooms } from './rooms';
import { Told } from './tellError';

/** One task for each image; one prompt and one question for all. */
export async function run(rooms: Rooms, clicked?: unknown, selected?: unknown): Promise<string[] | undefined> {
  if (isFromMenu(clicked)) {
    const uris = await urisOf(clicked, selected);
    // The files first: they may be what does not fit, and that should be known before anything is typed.
    const images = uris && (await readImageFiles(rooms, uris));
    return images && generateWithFrames(rooms, images, uris[0]);
  }
  const pictures = parsePictures(clicked);
  const scope = pictures.map(({ picture }) => picture).find((picture) => picture instanceof vscode.Uri);
  const images = await readPictures(rooms, pictures);
  return images && generateWithFrames(rooms, images, scope);
}

function isFromMenu(argument: unknown): argument is vscode.Uri | undefined | null {
  return argument === undefined || argument === null || argument === CHOOSE_FILE || argument instanceof vscode.Uri;
}

/**
 * The explorer passes what was clicked and what is selected; a tab its resource. A key binding passes nothing:
 * then it is the image in the active tab, or a file of choice.
 */
async function urisOf(clicked: unknown, selected: unknown): Promise<vscode.Uri[] | undefined> {
  const several = Array.isArray(selected) ? selected.filter((uri) => uri instanceof vscode.Uri) : [];
  if (several.length > 0) {
    return several;
  }
  if (clicked instanceof vscode.Uri) {
    return [clicked];
  }
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (clicked !== CHOOSE_FILE && input instanceof vscode.TabInputCustom) {
    return [input.uri];
  }
  return openImages();
}

/** `undefined`: the person gave up one of them. */
async function readPictures(rooms: Rooms, pictures: readonly MadePicture[]): Promise<FrameImage[] | undefined> {
  const links = new Map<MadePicture, FrameImage>();
  const files = new Map<MadePicture, vscode.Uri>();
  for (const made of pictures) {
    const { picture } = made;
    if (typeof picture === 'string' && parseFrameLink(picture) !== undefined) {
      links.set(made, imageOfLink(picture));
    } else if (picture instanceof Uint8Array) {
      files.set(made, vscode.Uri.file(await keep(rooms, picture, made.label)));
    } else {
      files.set(made, typeof picture === 'string' ? vscode.Uri.parse(picture) : picture);
    }
  }
  // Together: what is wrong with several is told at once.
  const read = (await readImageFiles(rooms, [...files.values()]))?.values();
  return (
    read &&
    pictures.map((made) => {
      const { label, from, thumbnail } = made;
      const image = links.get(made) ?? read.next().value!;
      // One that had to be made fit is no longer what the thumbnail shows.
      return { ...image, label, from, thumbnail: image.thumbnail ?? thumbnail };
    })
  );
}

/** Bytes that come from nowhere become a file, so that the task can be generated again. */
async function keep(rooms: Rooms, bytes: Uint8Array, label: string): Promise<string> {
  try {
    return await rooms.madeImages.put(bytes);
  } catch (error) {
    throw error instanceof FrameError
      ? new Told(
          `${inMessage(label, 80)}: ${explainFrameError(error)} ${vscode.l10n.t('So it cannot be a first frame. Nothing was sent.')}`,
        )
      : error;
  }
}
