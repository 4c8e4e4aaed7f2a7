import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import { isFileNotFound, writeIfFree } from '../platform/workspaceFiles';
import { isPicture } from './videoReference';

/** Names that are tried for one poster. A folder with that many other pictures of the name gets none. */
const MAX_TRIES = 9;

/**
 * Saves the poster of a video beside its saved file, for a document that refers to both: `NAME.jpg`, or `NAME-2.jpg`
 * where that is another picture. Nothing is overwritten, and a poster that was saved before is found again.
 *
 * @param video the saved file, whose folder was checked when it was saved
 * @returns `undefined` when the video has none, or when it cannot be saved: then it is inserted without
 */
export async function savePosterBeside(
  { posters, log }: Pick<ExtensionServices, 'posters' | 'log'>,
  id: string,
  video: vscode.Uri,
): Promise<vscode.Uri | undefined> {
  const bytes = isPicture(video.path) ? undefined : await posters.read(id);
  if (!bytes) {
    return undefined;
  }
  const stem = video.path.replace(/\.[^./]*$/, '');
  try {
    for (let number = 1; number <= MAX_TRIES; number++) {
      const place = video.with({ path: `${stem}${number === 1 ? '' : `-${number}`}.jpg` });
      if ((await isSameFile(place, bytes)) || (await writeIfFree(bytes, place))) {
        return place;
      }
    }
  } catch (error) {
    log.warn(`a poster could not be saved: ${String(error)}`);
  }
  return undefined;
}

async function isSameFile(place: vscode.Uri, bytes: Uint8Array): Promise<boolean> {
  try {
    const { size } = await vscode.workspace.fs.stat(place);
    return size === bytes.length && Buffer.from(bytes).equals(await vscode.workspace.fs.readFile(place));
  } catch (error) {
    if (isFileNotFound(error)) {
      return false;
    }
    throw error;
  }
}
