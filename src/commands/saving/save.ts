import * as vscode from 'vscode';
import { fileStem } from '../../platform/fileName';
import { inMessage } from '../../platform/foreignText';
import { readSettings } from '../../platform/settings';
import { copyUnderFreeName, makeSaveFolder } from '../../platform/workspaceFiles';
import { dropCopy } from '../../tasks/localCopies';
import type { TaskRecord } from '../../tasks/record';
import { savedAs } from '../../tasks/transitions';
import { TASKS_VIEW } from '../ids';
import { revealFile } from '../revealFile';
import type { Rooms } from '../rooms';
import { Told } from '../tellError';
import { metadataOf } from './metadata';

const VIDEO = '.mp4';
const METADATA = '.json';

/** Into `saveFolder` of a workspace folder, under a free name, with its JSON. */
export async function saveInto(rooms: Rooms, record: TaskRecord, folder: vscode.WorkspaceFolder): Promise<vscode.Uri> {
  const { saveFolder, saveMetadata } = readSettings(folder.uri);
  const source = await fetchCopy(rooms, record);
  const target = await makeSaveFolder(folder.uri, saveFolder);
  const { uri, stem } = await copyUnderFreeName(
    source,
    target,
    stemOf(record),
    VIDEO,
    temporaryName(record),
    saveMetadata ? METADATA : undefined,
  );
  await keepInMind(rooms, record, uri);
  if (saveMetadata) {
    await writeMetadata(rooms, record, uri, vscode.Uri.joinPath(target, stem + METADATA));
  }
  await letGoOfCopy(rooms, record);
  return uri;
}

/** To exactly this place. The dialog has asked whether to overwrite. */
export async function saveTo(rooms: Rooms, record: TaskRecord, uri: vscode.Uri): Promise<void> {
  const source = await fetchCopy(rooms, record);
  const folder = vscode.Uri.joinPath(uri, '..');
  const temporary = vscode.Uri.joinPath(folder, temporaryName(record));
  try {
    // What is there stays whole until the new file is.
    await vscode.workspace.fs.copy(source, temporary, { overwrite: true });
    await vscode.workspace.fs.rename(temporary, uri, { overwrite: true });
  } catch (error) {
    await vscode.workspace.fs.delete(temporary).then(undefined, () => undefined);
    throw error;
  }
  await keepInMind(rooms, record, uri);
  await letGoOfCopy(rooms, record);
}

/** The stem of the name that a saved video gets. */
export function stemOf({ request, gatewayId }: TaskRecord): string {
  return fileStem(request.prompt, gatewayId === undefined ? 'seedance' : `seedance-${gatewayId}`);
}

/** The only one, or the one that the person chooses. */
export async function pickFolder(
  folders: readonly vscode.WorkspaceFolder[],
  placeHolder: string,
): Promise<vscode.WorkspaceFolder | undefined> {
  return folders.length === 1 ? folders[0] : vscode.window.showWorkspaceFolderPick({ placeHolder });
}

/** Tells where videos were saved, and offers to go there. Waits for nobody. */
export function tellSaved(uris: readonly vscode.Uri[]): void {
  const [first] = uris;
  if (!first) {
    return;
  }
  const reveal = vscode.l10n.t('Reveal');
  const open = vscode.l10n.t('Open');
  const path = inMessage(vscode.workspace.asRelativePath(first), 200);
  const text =
    uris.length === 1
      ? vscode.l10n.t('Saved: {0}', path)
      : vscode.l10n.t('Saved: {0} and more: {1}', path, uris.length - 1);
  void vscode.window.showInformationMessage(text, reveal, open).then((choice) => {
    if (choice === reveal) {
      return revealFile(first);
    }
    return choice === open ? vscode.commands.executeCommand('vscode.open', first) : undefined;
  });
}

/** The whole video on this computer, fetched now if it has not come yet. */
async function fetchCopy(rooms: Rooms, { id, state }: TaskRecord): Promise<vscode.Uri> {
  if (state !== 'done') {
    throw new Told(vscode.l10n.t('There is no video to save yet.'));
  }
  return vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () =>
    vscode.Uri.file(await rooms.downloader.ensureCopy(id)),
  );
}

async function keepInMind(rooms: Rooms, { id }: TaskRecord, uri: vscode.Uri): Promise<void> {
  await rooms.store.update(id, savedAs(uri.toString(), rooms.now()));
}

/** The video is what counts: without its JSON it is saved all the same, and that is said. */
async function writeMetadata(rooms: Rooms, record: TaskRecord, video: vscode.Uri, uri: vscode.Uri): Promise<void> {
  const name = video.path.split('/').at(-1) ?? '';
  const text = `${JSON.stringify(metadataOf(record, name, rooms.now()), undefined, 2)}\n`;
  try {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  } catch (error) {
    rooms.log.error('the metadata was not written', error);
    void vscode.window.showWarningMessage(
      vscode.l10n.t('The video is saved, but the JSON beside it could not be written.'),
    );
  }
}

/** Only now: the saved file is whole and the record knows of it. */
async function letGoOfCopy(rooms: Rooms, { id }: TaskRecord): Promise<void> {
  if (!readSettings().keepLocalCopies) {
    await dropCopy(rooms.store, id);
  }
}

/** Hidden, and of this task alone: two tasks may be saved at the same time. */
function temporaryName({ id }: TaskRecord): string {
  return `.seedance-${id}.part`;
}
