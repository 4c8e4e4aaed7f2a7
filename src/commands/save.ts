import * as vscode from 'vscode';
import { toFileStem, withPosition } from '../common/fileName';
import { escapeForNotification } from '../common/text';
import { isInside } from '../common/wholeFile';
import { checkSavedPlace, parseSavedPlace } from '../platform/savedVideos';
import {
  basename,
  copyAndReplace,
  copyToUniqueName,
  ensureSaveFolder,
  exists,
  getOccupant,
  parseSaveFolder,
  writeAndReplace,
  writeIfFree,
  writeToUniqueName,
  type ChosenPlace,
  type WrittenFile,
} from '../platform/workspaceFiles';
import { discardLocalCopy } from '../tasks/storage/localCopies';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { withSavedLocation } from '../tasks/model/transitions';
import { TASKS_VIEW, Commands } from '../constants';
import { homedir } from 'node:os';
import path from 'node:path';
import { ImageError } from '../images/imageError';
import { validateImage } from '../images/imageInfo';
import { readSettings } from '../platform/settings';
import type { CapturedImage } from '../views/preview/protocol';
import { claimPlace, releaseOtherClaims } from './savedPlaces';
import { filterCapable, requireCapability, resolveTasks, resolveTask } from './taskArguments';
import { createMetadata } from './videoMetadata';
import { revealFile } from '../ui/openFile';
import { confirm } from '../ui/quickInput';
import type { ExtensionServices } from '../container';
import { showError, UserFacingError } from '../ui/showError';

const METADATA_EXTENSION = '.json';
const IMAGE_EXTENSION = '.png';

/** Saves videos to the workspace. Asks for the folder if there are several, and for the place if there is none. */
export async function saveTasks(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<string[]> {
  const chosen = await resolveTasks(services, argument, selected);
  // Not `savable`: a link that should have died is tried, for only the service knows.
  const records = filterCapable(services, chosen, 'done', vscode.l10n.t('There is no video to save yet.'));
  if (records.length < chosen.length) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Left out, because they have no video: {0} of {1}.', chosen.length - records.length, chosen.length),
    );
  }
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder =
    folders.length === 0
      ? undefined
      : await pickFolder(folders, vscode.l10n.t('Which folder should the video be saved to?'));
  if (folders.length > 0 && !folder) {
    return [];
  }
  const places = await findSavedPlaces(services, records, folder);
  const known = records.filter(({ id }) => places.has(id));
  const shown = known.map(({ id }) => places.get(id)!);
  const saved: vscode.Uri[] = [];
  try {
    const fresh = records.filter(({ id }) => !places.has(id));
    await saveAll(services, fresh, folder, (id, uri) => {
      saved.push(uri);
      places.set(id, uri);
    });
  } finally {
    // Shown also when one of several failed: the others are saved.
    showSaved(saved, { places: shown, saveAgain: () => saveOnceMore(services, known, folder) });
  }
  return records.flatMap(({ id }) => places.get(id)?.toString() ?? []);
}

/** Saves each, whatever was saved before. */
async function saveAll(
  services: ExtensionServices,
  records: readonly TaskRecord[],
  folder: vscode.WorkspaceFolder | undefined,
  onSaved: (id: string, uri: vscode.Uri) => void,
): Promise<void> {
  for (const [index, record] of records.entries()) {
    const stem = withPosition(getFileStem(record), index, records.length);
    const uri = folder ? await saveInto(services, record, folder, stem) : await saveAs(services, record, stem);
    if (uri) {
      onSaved(record.id, uri);
    }
  }
}

async function saveOnceMore(
  services: ExtensionServices,
  records: readonly TaskRecord[],
  folder: vscode.WorkspaceFolder | undefined,
): Promise<void> {
  const saved: vscode.Uri[] = [];
  await saveAll(services, records, folder, (_id, uri) => saved.push(uri))
    // The message is answered long after the command has ended.
    .catch((error: unknown) => showError(services, Commands.save, error));
  showSaved(saved);
}

/**
 * Where videos lie already as they were saved: in this folder, or without one anywhere. What was moved, changed or deleted
 * since, or cannot be read now, is saved like any other.
 */
export async function findSavedPlaces(
  services: ExtensionServices,
  records: readonly TaskRecord[],
  folder: Pick<vscode.WorkspaceFolder, 'uri'> | undefined,
): Promise<Map<string, vscode.Uri>> {
  const places = new Map<string, vscode.Uri>();
  if (folder && records.some(({ saved }) => saved.length > 0)) {
    // A setting that leads astray is said first, as for what is saved for the first time.
    await ensureSaveFolder(folder.uri, readSettings(folder.uri).saveFolder);
  }
  for (const record of records) {
    for (const place of record.saved.toReversed()) {
      const uri = parseSavedPlace(place);
      const isHere = uri && (!folder || isInFolder(uri, folder.uri));
      const state = isHere ? await checkSavedPlace(services.store, record, place, 'look') : 'missing';
      if (uri && (state === 'same' || state === 'unflushed')) {
        places.set(record.id, uri);
        break;
      }
    }
  }
  return places;
}

function isInFolder(uri: vscode.Uri, folder: vscode.Uri): boolean {
  const path = folder.path.endsWith('/') ? folder.path : `${folder.path}/`;
  return uri.scheme === folder.scheme && uri.authority === folder.authority && uri.path.startsWith(path);
}

export async function saveTaskAs(
  services: ExtensionServices,
  argument: unknown,
  selected?: unknown,
): Promise<string | undefined> {
  const uri = await saveAs(services, await resolveTask(services, argument, selected, 'savable'));
  showSaved(uri ? [uri] : []);
  return uri?.toString();
}

/**
 * Returns the file of a video that a document can refer to: in the document's workspace folder, where it is saved first
 * if it is not there.
 *
 * @param document `undefined` for one that is not known, in the first folder
 * @returns `undefined` when the user gave up choosing a place, where there is no folder
 */
export async function saveForDocument(
  services: ExtensionServices,
  record: TaskRecord,
  document: vscode.Uri | undefined,
): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const own = document && vscode.workspace.getWorkspaceFolder(document);
  const folder = own ?? (document === undefined || document.scheme === 'untitled' ? folders[0] : undefined);
  const saved = (await findSavedPlaces(services, [record], folder)).get(record.id);
  if (saved) {
    return saved;
  }
  if (folder) {
    return saveInto(services, record, folder, getFileStem(record));
  }
  const beside = document?.scheme === 'file' ? vscode.Uri.joinPath(document, '..') : undefined;
  return saveAs(services, record, getFileStem(record), beside);
}

/** The storyboard that a take is saved for. */
export interface TakePlace {
  /** Of the storyboard, which may not be a file yet. */
  storyboard: vscode.Uri;
  /** What its front matter says; relative to the workspace folder, as the setting is. */
  folder?: string | undefined;
  /** The name of the file, without its ending. */
  stem: string;
}

/**
 * Returns the file of a take that a storyboard can refer to: where it lies already in the storyboard's workspace folder, or
 * newly saved to the folder of the film.
 *
 * @returns `undefined` when the user gave up choosing a place, where there is no folder
 */
export async function saveForStoryboard(
  services: ExtensionServices,
  record: TaskRecord,
  { storyboard, folder, stem }: TakePlace,
): Promise<vscode.Uri | undefined> {
  const isUntitled = storyboard.scheme === 'untitled';
  const own = vscode.workspace.getWorkspaceFolder(storyboard) ?? (isUntitled ? getFirstFolder() : undefined);
  const root = own?.uri ?? (isUntitled ? undefined : vscode.Uri.joinPath(storyboard, '..'));
  if (!root) {
    return saveAs(services, record, stem);
  }
  if (folder !== undefined && !parseSaveFolder(folder)) {
    throw new UserFacingError(
      vscode.l10n.t(
        'The storyboard wants its takes in “{0}”, which leads out of the workspace folder or is no name of a folder. Nothing was saved: change “folder” at its beginning.',
        escapeForNotification(folder, 100),
      ),
    );
  }
  const saved = own && (await findSavedPlaces(services, [record], own)).get(record.id);
  const film = toFileStem(basename(storyboard).replace(/\.storyboard\.md$/i, ''));
  const setting = folder ?? [readSettings(root).saveFolder.replace(/[\\/]+$/, ''), film].filter(Boolean).join('/');
  return saved ?? saveInto(services, record, { uri: root, saveFolder: setting }, stem);
}

function getFirstFolder(): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.[0];
}

/** Reveals the newest saved file that is still this video: users move, delete and overwrite what they saved. */
export async function revealSavedVideo(
  services: ExtensionServices,
  argument: unknown,
  selected?: unknown,
): Promise<void> {
  const record = await resolveTask(services, argument, selected, 'revealable');
  let unknown: vscode.Uri | undefined;
  let isCertain = true;
  for (const place of record.saved.toReversed()) {
    const uri = parseSavedPlace(place);
    const state = await checkSavedPlace(services.store, record, place, 'look');
    if (uri && (state === 'same' || state === 'unflushed')) {
      await revealFile(uri);
      return;
    }
    if (state === 'unknown') {
      isCertain = false;
      // An older version did not note what it wrote.
      const isThere = uri !== undefined && place.bytes === undefined && (await exists(uri).catch(() => false));
      unknown ??= isThere ? uri : undefined;
    }
  }
  if (unknown) {
    await revealFile(unknown);
    return;
  }
  throw new UserFacingError(
    record.saved.length === 0
      ? vscode.l10n.t('This video has not been saved yet.')
      : isCertain
        ? vscode.l10n.t('The saved video was moved, changed or deleted.')
        : vscode.l10n.t(
            'The saved video cannot be read now, or there is nothing to tell it by. Nothing is deleted, and saving it again costs nothing.',
          ),
    { title: vscode.l10n.t('Save to workspace'), command: Commands.save, arguments: [record.id] },
  );
}

/** Saves a frame where videos are saved, named by prompt and time: `A-red-fox-3.21s.png`. Without a folder it asks. */
export async function saveFrame(services: ExtensionServices, { bytes, task, frame }: CapturedImage): Promise<void> {
  const record = services.store.get(task);
  if (!record || !frame || !isPng(bytes)) {
    throw new UserFacingError(vscode.l10n.t('This is no frame of the video, so it was not saved.'));
  }
  const stem = `${getFileStem(record)}-${frame.seconds.toFixed(2)}s`;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder =
    folders.length === 0
      ? undefined
      : await pickFolder(folders, vscode.l10n.t('Which folder should the frame be saved to?'));
  if (folder) {
    const target = await ensureSaveFolder(folder.uri, readSettings(folder.uri).saveFolder);
    showSaved([await writeToUniqueName(bytes, target, stem, IMAGE_EXTENSION)]);
  } else if (folders.length === 0) {
    const uri = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Save frame as image'),
      filters: { [vscode.l10n.t('Images')]: ['png'] },
      defaultUri: vscode.Uri.joinPath(vscode.Uri.file(homedir()), stem + IMAGE_EXTENSION),
    });
    if (uri && (await writeToChosen(services, await choosePlace(services, uri), bytes))) {
      showSaved([uri]);
    }
  }
}

/**
 * Writes to a place that the user chose (`choosePlace`), and asks about what came there since, and about the only copy of a
 * video.
 *
 * @returns whether it was written; the user may have given up
 */
export async function writeToChosen(
  services: ExtensionServices,
  chosen: ChosenPlace,
  bytes: Uint8Array,
): Promise<boolean> {
  const write = () => writeAndReplace(bytes, chosen, () => mayReplace(chosen.uri));
  return (await replaceClaimed(services, chosen, write)) !== undefined;
}

/**
 * Saves a video and its metadata to a folder of a workspace folder, by default `saveFolder`, under the wanted name or one
 * like it that is not taken.
 */
async function saveInto(
  services: ExtensionServices,
  record: TaskRecord,
  folder: { uri: vscode.Uri; saveFolder?: string },
  wanted: string,
): Promise<vscode.Uri> {
  const { saveMetadata, ...settings } = readSettings(folder.uri);
  const { saveFolder = settings.saveFolder } = folder;
  const source = await ensureLocalVideo(services, record);
  const target = await ensureSaveFolder(folder.uri, saveFolder);
  await refuseOwnStorage(services, target);
  const { uri, stem, written } = await copyToUniqueName(
    source,
    target,
    wanted,
    path.extname(source),
    saveMetadata ? METADATA_EXTENSION : undefined,
  );
  await recordSavedLocation(services, record, uri, written);
  if (saveMetadata) {
    await writeMetadata(services, record, uri, vscode.Uri.joinPath(target, stem + METADATA_EXTENSION));
  }
  await deleteLocalCopyIfConfigured(services, record, uri);
  return uri;
}

/**
 * Asks where to save a video.
 *
 * @param folder that the dialog begins with
 * @returns where it was saved; `undefined` when the user gave up
 */
async function saveAs(
  services: ExtensionServices,
  record: TaskRecord,
  stem = getFileStem(record),
  folder = vscode.workspace.workspaceFolders?.[0]?.uri,
): Promise<vscode.Uri | undefined> {
  // Not after the dialog: what the video is, and so how its name ends, is known only once it is here.
  const type = path.extname(await ensureLocalVideo(services, record));
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save video'),
    filters: { [vscode.l10n.t('Video')]: [type.slice(1)] },
    defaultUri: vscode.Uri.joinPath(folder ?? vscode.Uri.file(homedir()), stem + type),
  });
  return uri && (await saveTo(services, record, uri)) ? uri : undefined;
}

/**
 * Saves a video to a URI and replaces what is there: the dialog has asked whether to overwrite. Not what came there
 * since, and not the only copy of another video: that is asked about.
 *
 * @returns whether it was saved; the user may have given up
 */
async function saveTo(services: ExtensionServices, record: TaskRecord, uri: vscode.Uri): Promise<boolean> {
  const chosen = await choosePlace(services, uri);
  const source = await ensureLocalVideo(services, record);
  const write = () => copyAndReplace(source, chosen, () => mayReplace(uri));
  const written = await replaceClaimed(services, chosen, write, record.id);
  if (!written) {
    return false;
  }
  await recordSavedLocation(services, record, uri, written);
  await deleteLocalCopyIfConfigured(services, record, uri);
  return true;
}

/**
 * Takes a place away from the videos that were saved there before something else is written to it.
 *
 * @returns what was written; `undefined` when the user gave up
 */
async function replaceClaimed(
  services: ExtensionServices,
  { uri }: ChosenPlace,
  write: () => Promise<WrittenFile | undefined>,
  by?: string,
): Promise<WrittenFile | undefined> {
  const claim = await claimPlace(services, uri, by);
  let written: WrittenFile | undefined;
  try {
    written = claim && (await write());
  } finally {
    if (!written) {
      await claim?.giveBack();
    }
  }
  return written;
}

/** Right after the dialog: what it asked about. */
export async function choosePlace(services: ExtensionServices, uri: vscode.Uri): Promise<ChosenPlace> {
  await refuseOwnStorage(services, vscode.Uri.joinPath(uri, '..'));
  return { uri, occupant: await getOccupant(uri) };
}

function mayReplace(uri: vscode.Uri): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Replace “{0}”?', basename(uri)),
    vscode.l10n.t('Something else was put there after you chose the place. It is lost if you replace it.'),
    vscode.l10n.t('Replace'),
  );
}

/** Clean up deletes there, and what lies there is not saved elsewhere. */
export async function refuseOwnStorage({ store }: ExtensionServices, folder: vscode.Uri): Promise<void> {
  if (folder.scheme === 'file' && (await isInside(folder.fsPath, store.directory))) {
    throw new UserFacingError(
      vscode.l10n.t(
        'This folder is the extension’s own storage, so nothing was saved there. The video is not lost: choose another folder.',
      ),
    );
  }
}

/** Returns the path of the local copy of a video, and downloads it first if necessary. */
export async function ensureLocalVideo(services: ExtensionServices, record: TaskRecord): Promise<string> {
  // Not `savable`: a link that should have died is tried, for only the service knows.
  requireCapability(services, record, 'done', vscode.l10n.t('There is no video to save yet.'));
  return vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
    services.downloader.ensureCopy(record.id),
  );
}

/** The place is this video's from now on, and no longer that of another one whose file was there once. */
async function recordSavedLocation(
  services: ExtensionServices,
  { id }: TaskRecord,
  uri: vscode.Uri,
  written: WrittenFile,
): Promise<void> {
  await services.store.update(id, withSavedLocation(uri.toString(), services.now(), written));
  await releaseOtherClaims(services, uri, id);
}

/**
 * Called last: the record names the saved file then. Our copy is on the disk for certain, so it goes only when the
 * other is, and is the same: not on file systems that cannot be flushed.
 */
async function deleteLocalCopyIfConfigured(
  { store, log }: ExtensionServices,
  { id }: TaskRecord,
  uri: vscode.Uri,
): Promise<void> {
  if (readSettings().keepLocalCopies) {
    return;
  }
  const savedAt = uri.toString();
  const record = store.get(id);
  const place = record?.saved.find((saved) => saved.uri === savedAt);
  const state = record && place && (await checkSavedPlace(store, record, place, 'content'));
  const isGone = state === 'same' && (await discardLocalCopy(store, id, { savedAt }));
  if (!isGone) {
    log.info(`task ${id}: our copy stays, for the saved one is ${state === 'same' ? 'no longer its own' : state}`);
  }
}

/** The name of a saved video, without number and extension. */
export function getFileStem({ request, gatewayId }: TaskRecord): string {
  return toFileStem(request.prompt, gatewayId === undefined ? 'seedance' : `seedance-${gatewayId}`);
}

/** Returns the only folder, or the one that the user picks. */
export async function pickFolder(
  folders: readonly vscode.WorkspaceFolder[],
  placeHolder: string,
): Promise<vscode.WorkspaceFolder | undefined> {
  return folders.length === 1 ? folders[0] : vscode.window.showWorkspaceFolderPick({ placeHolder });
}

/** Videos that were saved before, and how to save them once more. */
interface KnownPlaces {
  places: readonly vscode.Uri[];
  saveAgain: () => Promise<void>;
}

/** Shows where videos were saved, now or before, with buttons that open them. Does not wait for the user. */
function showSaved(uris: readonly vscode.Uri[], known?: KnownPlaces): void {
  const before = known?.places ?? [];
  const first = uris[0] ?? before[0];
  if (!first) {
    return;
  }
  const reveal = vscode.l10n.t('Reveal');
  const open = vscode.l10n.t('Open');
  const again = vscode.l10n.t('Save once more');
  const name = (uri: vscode.Uri) => escapeForNotification(vscode.workspace.asRelativePath(uri), 200);
  const now =
    uris.length > 1
      ? vscode.l10n.t('Saved: {0} and more: {1}', name(first), uris.length - 1)
      : uris.length === 1
        ? vscode.l10n.t('Saved: {0}', name(first))
        : undefined;
  const names = before.slice(0, NAMES_SHOWN).map(name).join(', ');
  const already =
    before.length > NAMES_SHOWN
      ? vscode.l10n.t('Already saved: {0} and more: {1}', names, before.length - NAMES_SHOWN)
      : before.length > 0
        ? vscode.l10n.t('Already saved: {0}', names)
        : undefined;
  const text = [now, already].filter((part) => part !== undefined).join('. ');
  const buttons = before.length > 0 ? [reveal, open, again] : [reveal, open];
  void vscode.window.showInformationMessage(text, ...buttons).then((choice) => {
    switch (choice) {
      case reveal:
        return revealFile(first);
      case open:
        return vscode.commands.executeCommand('vscode.open', first);
      case again:
        return known?.saveAgain();
      default:
        return undefined;
    }
  });
}

const NAMES_SHOWN = 3;

/** Writes the JSON beside a video. Only warns when that fails: the video itself is saved. */
async function writeMetadata(
  services: ExtensionServices,
  record: TaskRecord,
  video: vscode.Uri,
  uri: vscode.Uri,
): Promise<void> {
  const metadata = createMetadata(record, basename(video), services.now(), (source) => getPathBeside(video, source));
  const text = `${JSON.stringify(metadata, undefined, 2)}\n`;
  try {
    if (!(await writeIfFree(new TextEncoder().encode(text), uri))) {
      throw new Error(`${basename(uri)} was put there meanwhile`);
    }
  } catch (error) {
    services.log.error('the metadata was not written', error);
    void vscode.window.showWarningMessage(
      vscode.l10n.t('The video is saved, but the JSON beside it could not be written.'),
    );
  }
}

/** The path of an image in the folder that the video was saved to; `undefined` for one that is somewhere else. */
function getPathBeside(video: vscode.Uri, source: string): string | undefined {
  const folder = vscode.workspace.getWorkspaceFolder(video);
  try {
    const image = vscode.Uri.parse(source, true);
    return folder && vscode.workspace.getWorkspaceFolder(image)?.uri.toString() === folder.uri.toString()
      ? path.posix.relative(folder.uri.path, image.path)
      : undefined;
  } catch {
    return undefined;
  }
}

const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Whether bytes are a PNG, of any size: a saved image need not qualify as a first frame. */
function isPng(bytes: Uint8Array): boolean {
  try {
    validateImage(bytes);
  } catch (error) {
    if (!(error instanceof ImageError) || !['side-too-short', 'side-too-long', 'ratio'].includes(error.kind)) {
      return false;
    }
  }
  return PNG_SIGNATURE.equals(bytes.subarray(0, PNG_SIGNATURE.length));
}
