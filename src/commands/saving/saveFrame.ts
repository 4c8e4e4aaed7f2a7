import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { FrameError } from '../../frames/errors';
import { inspectImage } from '../../frames/image';
import { readSettings } from '../../platform/settings';
import { makeSaveFolder, writeUnderFreeName } from '../../platform/workspaceFiles';
import type { Rooms } from '../rooms';
import type { TakenPicture } from '../takePicture';
import { Told } from '../tellError';
import { pickFolder, stemOf, tellSaved } from './save';

const IMAGE = '.png';
const PNG_BEGINNING = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** To where videos are saved, under a name of prompt and time: `A-red-fox-3.21s.png`. No folder: asks where. */
export async function saveFrame(rooms: Rooms, { bytes, task, frame }: TakenPicture): Promise<void> {
  const record = rooms.store.get(task);
  if (!record || !frame || !isPng(bytes)) {
    throw new Told(vscode.l10n.t('This is no frame of the video, so it was not saved.'));
  }
  const stem = `${stemOf(record)}-${frame.seconds.toFixed(2)}s`;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder =
    folders.length === 0
      ? undefined
      : await pickFolder(folders, vscode.l10n.t('Which folder should the frame be saved to?'));
  if (folder) {
    const target = await makeSaveFolder(folder.uri, readSettings(folder.uri).saveFolder);
    tellSaved([
      await writeUnderFreeName(bytes, target, stem, IMAGE, `.seedance-${record.id}-${frame.seconds.toFixed(3)}.part`),
    ]);
  } else if (folders.length === 0) {
    const uri = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Save frame as image'),
      filters: { [vscode.l10n.t('Images')]: ['png'] },
      defaultUri: vscode.Uri.joinPath(vscode.Uri.file(homedir()), stem + IMAGE),
    });
    if (uri) {
      await vscode.workspace.fs.writeFile(uri, bytes);
      tellSaved([uri]);
    }
  }
}

/** Whether it is one, of any size: what is saved need not be fit for a first frame. */
function isPng(bytes: Uint8Array): boolean {
  try {
    inspectImage(bytes);
  } catch (error) {
    if (!(error instanceof FrameError) || !['side-too-short', 'side-too-long', 'ratio'].includes(error.kind)) {
      return false;
    }
  }
  return PNG_BEGINNING.equals(bytes.subarray(0, PNG_BEGINNING.length));
}
