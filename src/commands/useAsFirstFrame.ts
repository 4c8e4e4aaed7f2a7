import * as vscode from 'vscode';
import type { FrameImage } from '../frames/delivery';
import type { FrameOrigin } from '../tasks/record';
import { generateWithFrames } from './generating/fromFrames';
import { CHOOSE_FILE, openImages, readImageFiles } from './generating/framePick';
import type { Rooms } from './rooms';

/** What a page of ours passes: a picture that it has made, and where it comes from. */
export interface MadePicture {
  picture: vscode.Uri;
  /** What people call it. */
  label: string;
  from?: FrameOrigin | undefined;
  thumbnail?: string | undefined;
}

/** One task for each image; one prompt and one question for all. */
export async function run(rooms: Rooms, clicked?: unknown, selected?: unknown): Promise<string[] | undefined> {
  if (isMadePicture(clicked)) {
    const { picture, ...facts } = clicked;
    const [image] = await readImageFiles([picture]);
    return generateWithFrames(rooms, [{ ...image!, ...facts } satisfies FrameImage]);
  }
  const uris = await urisOf(clicked, selected);
  // The files first: they may be what does not fit, and that should be known before anything is typed.
  return uris && generateWithFrames(rooms, await readImageFiles(uris), uris[0]);
}

function isMadePicture(argument: unknown): argument is MadePicture {
  return typeof argument === 'object' && argument !== null && 'picture' in argument && argument.picture instanceof vscode.Uri;
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
