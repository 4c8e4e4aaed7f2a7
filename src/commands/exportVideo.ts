import path from 'node:path';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { escapeForNotification } from '../common/text';
import { getTaskTitle } from '../messages/format';
import { readSettings } from '../platform/settings';
import {
  basename,
  createUniqueFolder,
  deleteWithFolder,
  ensureSaveFolder,
  writeIfFree,
  writeToUniqueName,
} from '../platform/workspaceFiles';
import { readFrameTimes } from '../tasks/download/mp4LastFrame';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { revealFile } from '../ui/openFile';
import { showError, UserFacingError } from '../ui/showError';
import type { ExportOutput, ExportTarget } from '../views/export/exportManager';
import type { ExportKind, ExportRequest } from '../views/export/protocol';
import { createSheetJson, getExtension, getFrameName, isExportedFile } from './exportedFiles';
import { copyPictureAsMarkdown, insertPicture } from './insertVideo';
import {
  choosePlace,
  ensureLocalVideo,
  findSavedPlaces,
  getFileStem,
  pickFolder,
  refuseOwnStorage,
  writeToChosen,
} from './save';
import { resolveTask } from './taskArguments';

/** Opens the page that exports a video, with GIF chosen. */
export async function exportGif(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  await showExport(services, 'gif', argument, selected);
}

/** Opens the page that exports a video, with frames chosen. */
export async function exportFrames(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  await showExport(services, 'frames', argument, selected);
}

async function showExport(
  services: ExtensionServices,
  kind: ExportKind,
  argument: unknown,
  selected: unknown,
): Promise<void> {
  // From the palette: the video that is being watched comes before what is selected in the list.
  const shown = argument === undefined && services.preview.shownTask !== undefined ? { shown: true } : argument;
  const record = await resolveTask(services, shown, selected, 'done');
  const file = await ensureLocalVideo(services, record);
  // Without them the page takes the usual rate.
  const times = await readFrameTimes(file).catch(() => undefined);
  const output = createOutput(services, record);
  await services.exporter.show({ id: record.id, title: getTaskTitle(record), path: file, times, output }, kind);
}

function createOutput(services: ExtensionServices, record: TaskRecord): ExportOutput {
  return {
    open: (request) => openTarget(services, record, request),
    showError: (error) => showError(services, Commands.exportGif, error),
  };
}

/** A folder, and the name that files get in it. */
interface Place {
  folder: vscode.Uri;
  stem: string;
}

/** In the workspace, beside the saved video or where it would be saved; else where the user chooses. */
async function openTarget(
  services: ExtensionServices,
  record: TaskRecord,
  request: ExportRequest,
): Promise<ExportTarget | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 0) {
    const folder = await pickFolder(folders, vscode.l10n.t('Which folder should it be exported to?'));
    return folder && createTarget(services, record, request, await findPlace(services, record, folder));
  }
  const stem = getFileStem(record);
  if (request.kind === 'gif' || request.kind === 'webp') {
    return chooseFile(services, record, request, stem);
  }
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Which folder should it be exported to?'),
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: vscode.l10n.t('Export'),
      defaultUri: vscode.Uri.file(homedir()),
    })) ?? [];
  if (!folder) {
    return undefined;
  }
  await refuseOwnStorage(services, folder);
  return createTarget(services, record, request, { folder, stem });
}

async function findPlace(
  services: ExtensionServices,
  record: TaskRecord,
  workspaceFolder: vscode.WorkspaceFolder,
): Promise<Place> {
  const video = (await findSavedPlaces(services, [record], workspaceFolder)).get(record.id);
  if (video) {
    const stem = path.posix.basename(video.path, path.posix.extname(video.path));
    return { folder: vscode.Uri.joinPath(video, '..'), stem };
  }
  const folder = await ensureSaveFolder(workspaceFolder.uri, readSettings(workspaceFolder.uri).saveFolder);
  await refuseOwnStorage(services, folder);
  return { folder, stem: getFileStem(record) };
}

async function chooseFile(
  services: ExtensionServices,
  record: TaskRecord,
  request: ExportRequest,
  stem: string,
): Promise<ExportTarget | undefined> {
  const extension = getExtension(request.kind);
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export'),
    filters: { [vscode.l10n.t('Images')]: [extension] },
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(homedir()), `${stem}.${extension}`),
  });
  if (!uri) {
    return undefined;
  }
  const chosen = await choosePlace(services, uri);
  return createFileTarget(request, async (bytes) => {
    if (!(await writeToChosen(services, chosen, bytes))) {
      return vscode.l10n.t('Cancelled.');
    }
    return showPicture(services, record, uri);
  });
}

function createTarget(
  services: ExtensionServices,
  record: TaskRecord,
  request: ExportRequest,
  place: Place,
): ExportTarget | Promise<ExportTarget> {
  switch (request.kind) {
    case 'gif':
    case 'webp':
      return createFileTarget(request, async (bytes) =>
        showPicture(
          services,
          record,
          await writeToUniqueName(bytes, place.folder, place.stem, `.${getExtension(request.kind)}`),
        ),
      );
    case 'sheet':
      return createFileTarget(request, (bytes) => writeSheet(services, request, bytes, place));
    case 'frames':
      return createFramesTarget(services, request, place);
  }
}

/** @param write returns what was written, localized */
function createFileTarget(request: ExportRequest, write: (bytes: Uint8Array) => Promise<string>): ExportTarget {
  return {
    writeFile: async (bytes) => {
      requireExported(bytes, request);
      return write(bytes);
    },
    writeFrame: () => Promise.reject(new Error('one file was announced')),
    finish: () => Promise.resolve(''),
    // The file appears whole, with the last step.
    discard: () => Promise.resolve(''),
  };
}

async function writeSheet(
  services: ExtensionServices,
  request: ExportRequest,
  bytes: Uint8Array,
  { folder, stem }: Place,
): Promise<string> {
  const uri = await writeToUniqueName(bytes, folder, `${stem}-sheet`, '.png', '.json');
  const json = vscode.Uri.joinPath(folder, `${basename(uri).slice(0, -'.png'.length)}.json`);
  const text = createSheetJson(request, basename(uri));
  try {
    if (!(await writeIfFree(new TextEncoder().encode(text), json))) {
      throw new Error(`${basename(json)} was put there meanwhile`);
    }
  } catch (error) {
    // One is of no use without the other.
    await vscode.workspace.fs.delete(uri);
    throw error;
  }
  const message = vscode.l10n.t('Exported: {0} and {1}', getShownPath(uri), basename(json));
  offer(services, message, [getRevealOffer(uri), getOpenOffer(uri)]);
  return message;
}

/** The folder is made with the first frame: an export that is cancelled before leaves nothing. */
function createFramesTarget(
  services: ExtensionServices,
  request: ExportRequest,
  { folder, stem }: Place,
): ExportTarget {
  let own: vscode.Uri | undefined;
  const written: string[] = [];
  return {
    writeFile: () => Promise.reject(new Error('frames were announced')),
    writeFrame: async (index, bytes) => {
      requireExported(bytes, request);
      own ??= await createUniqueFolder(folder, `${stem}-frames`);
      const name = `${getFrameName(index)}.png`;
      if (!(await writeIfFree(bytes, vscode.Uri.joinPath(own, name)))) {
        throw new Error(`${name} was put there meanwhile`);
      }
      written.push(name);
    },
    finish: () => {
      const message = vscode.l10n.t('Exported: {0} with {1} frames', getShownPath(own!), written.length);
      offer(services, message, [getRevealOffer(vscode.Uri.joinPath(own!, written[0]!))]);
      return Promise.resolve(message);
    },
    discard: async () =>
      own === undefined || (await deleteWithFolder(own, written))
        ? ''
        : vscode.l10n.t('Not all of it could be removed: {0}', getShownPath(own)),
  };
}

/** @throws {UserFacingError} for bytes that are not what the page has announced */
function requireExported(bytes: Uint8Array, request: ExportRequest): void {
  if (!isExportedFile(bytes, request)) {
    throw new UserFacingError(
      vscode.l10n.t('The page made something else than it should have, so it was not written. Try again.'),
    );
  }
}

interface Offer {
  title: string;
  run: () => unknown;
}

/** Says that a picture was written, and what can be done with it. Returns what was said. */
function showPicture(services: ExtensionServices, record: TaskRecord, uri: vscode.Uri): string {
  const message = vscode.l10n.t('Exported: {0}', getShownPath(uri));
  offer(services, message, [
    getOpenOffer(uri),
    { title: vscode.l10n.t('Insert into document…'), run: () => insertPicture(record, uri) },
    { title: vscode.l10n.t('Copy as Markdown'), run: () => copyPictureAsMarkdown(record, uri) },
  ]);
  return message;
}

/** Shows a message with buttons. Does not wait for the user. */
function offer(services: ExtensionServices, message: string, offers: readonly Offer[]): void {
  void vscode.window
    .showInformationMessage(message, ...offers.map(({ title }) => title))
    .then((title) => offers.find((candidate) => candidate.title === title)?.run())
    .then(undefined, (error: unknown) => showError(services, Commands.exportGif, error));
}

function getOpenOffer(uri: vscode.Uri): Offer {
  return { title: vscode.l10n.t('Open'), run: () => vscode.commands.executeCommand('vscode.open', uri) };
}

function getRevealOffer(uri: vscode.Uri): Offer {
  return { title: vscode.l10n.t('Reveal'), run: () => revealFile(uri) };
}

function getShownPath(uri: vscode.Uri): string {
  return escapeForNotification(vscode.workspace.asRelativePath(uri), 200);
}
