import * as vscode from 'vscode';
import { toFileStem } from '../common/fileName';
import { escapeForNotification } from '../common/text';
import {
  basename,
  copyAndReplace,
  copyToUniqueName,
  ensureSaveFolder,
  exists,
  writeToUniqueName,
} from '../platform/workspaceFiles';
import { discardLocalCopy } from '../tasks/storage/localCopies';
import { type TaskRecord, isThumbnail } from '../tasks/model/taskRecord';
import { withSavedLocation } from '../tasks/model/transitions';
import { TASKS_VIEW, Commands } from '../constants';
import { homedir } from 'node:os';
import { ImageError } from '../images/imageError';
import { validateImage } from '../images/imageInfo';
import { readSettings } from '../platform/settings';
import type { CapturedImage } from '../views/preview/protocol';
import { requireCapability, resolveTasks, resolveTask } from './taskArguments';
import { revealFile } from '../ui/openFile';
import type { ExtensionServices } from '../container';
import { UserFacingError } from '../ui/showError';

const VIDEO_EXTENSION = '.mp4';
const METADATA_EXTENSION = '.json';
const IMAGE_EXTENSION = '.png';

/** Saves videos to the workspace. Asks for the folder if there are several, and for the place if there is none. */
export async function saveTasks(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<string[]> {
  const records = await resolveTasks(services, argument, selected);
  const folders = vscode.workspace.workspaceFolders ?? [];
  const saved: vscode.Uri[] = [];
  try {
    if (folders.length === 0) {
      for (const record of records) {
        const uri = await saveAs(services, record);
        saved.push(...(uri ? [uri] : []));
      }
    } else {
      const folder = await pickFolder(folders, vscode.l10n.t('Which folder should the video be saved to?'));
      for (const record of folder ? records : []) {
        saved.push(await saveInto(services, record, folder!));
      }
    }
  } finally {
    // Shown also when one of several failed: the others are saved.
    showSaved(saved);
  }
  return saved.map((uri) => uri.toString());
}

export async function saveTaskAs(services: ExtensionServices, argument: unknown): Promise<string | undefined> {
  const uri = await saveAs(services, await resolveTask(services, argument));
  showSaved(uri ? [uri] : []);
  return uri?.toString();
}

/** Reveals the newest saved file that still exists: users move and delete what they saved. */
export async function revealSavedVideo(services: ExtensionServices, argument: unknown): Promise<void> {
  const record = await resolveTask(services, argument);
  for (const { uri } of record.saved.toReversed()) {
    const place = vscode.Uri.parse(uri);
    if (await exists(place)) {
      await revealFile(place);
      return;
    }
  }
  throw new UserFacingError(
    record.saved.length === 0
      ? vscode.l10n.t('This video has not been saved yet.')
      : vscode.l10n.t('The saved video was moved or deleted.'),
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
    showSaved([
      await writeToUniqueName(
        bytes,
        target,
        stem,
        IMAGE_EXTENSION,
        `.seedance-${record.id}-${frame.seconds.toFixed(3)}.part`,
      ),
    ]);
  } else if (folders.length === 0) {
    const uri = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Save frame as image'),
      filters: { [vscode.l10n.t('Images')]: ['png'] },
      defaultUri: vscode.Uri.joinPath(vscode.Uri.file(homedir()), stem + IMAGE_EXTENSION),
    });
    if (uri) {
      await vscode.workspace.fs.writeFile(uri, bytes);
      showSaved([uri]);
    }
  }
}

/** Saves a video and its metadata to `saveFolder` of a workspace folder, under a name that is not taken. */
async function saveInto(
  services: ExtensionServices,
  record: TaskRecord,
  folder: vscode.WorkspaceFolder,
): Promise<vscode.Uri> {
  const { saveFolder, saveMetadata } = readSettings(folder.uri);
  const source = await ensureLocalVideo(services, record);
  const target = await ensureSaveFolder(folder.uri, saveFolder);
  const { uri, stem } = await copyToUniqueName(
    source,
    target,
    getFileStem(record),
    VIDEO_EXTENSION,
    temporaryName(record),
    saveMetadata ? METADATA_EXTENSION : undefined,
  );
  await recordSavedLocation(services, record, uri);
  if (saveMetadata) {
    await writeMetadata(services, record, uri, vscode.Uri.joinPath(target, stem + METADATA_EXTENSION));
  }
  await deleteLocalCopyIfConfigured(services, record);
  return uri;
}

/**
 * Asks where to save a video.
 *
 * @returns where it was saved; `undefined` when the user gave up
 */
async function saveAs(services: ExtensionServices, record: TaskRecord): Promise<vscode.Uri | undefined> {
  const name = `${getFileStem(record)}.mp4`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save video'),
    filters: { [vscode.l10n.t('Video')]: ['mp4'] },
    defaultUri: vscode.Uri.joinPath(folder ?? vscode.Uri.file(homedir()), name),
  });
  if (uri) {
    await saveTo(services, record, uri);
  }
  return uri;
}

/** Saves a video to a URI and replaces what is there: the dialog has asked whether to overwrite. */
async function saveTo(services: ExtensionServices, record: TaskRecord, uri: vscode.Uri): Promise<void> {
  const source = await ensureLocalVideo(services, record);
  await copyAndReplace(source, uri, temporaryName(record));
  await recordSavedLocation(services, record, uri);
  await deleteLocalCopyIfConfigured(services, record);
}

/** Returns the local copy of a video, and downloads it first if necessary. */
async function ensureLocalVideo(services: ExtensionServices, record: TaskRecord): Promise<vscode.Uri> {
  // Not `savable`: a link that should have died is tried, for only the service knows.
  requireCapability(services, record, 'done', vscode.l10n.t('There is no video to save yet.'));
  return vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () =>
    vscode.Uri.file(await services.downloader.ensureCopy(record.id)),
  );
}

async function recordSavedLocation(services: ExtensionServices, { id }: TaskRecord, uri: vscode.Uri): Promise<void> {
  await services.store.update(id, withSavedLocation(uri.toString(), services.now()));
}

/** Called last: the saved file is complete then, and the record names it. */
async function deleteLocalCopyIfConfigured(services: ExtensionServices, { id }: TaskRecord): Promise<void> {
  if (!readSettings().keepLocalCopies) {
    await discardLocalCopy(services.store, id);
  }
}

/** The name of a saved video, without number and extension. */
function getFileStem({ request, gatewayId }: TaskRecord): string {
  return toFileStem(request.prompt, gatewayId === undefined ? 'seedance' : `seedance-${gatewayId}`);
}

/** A hidden name of its own for each task, because two may be saved at the same time. */
function temporaryName({ id }: TaskRecord): string {
  return `.seedance-${id}.part`;
}

/** Returns the only folder, or the one that the user picks. */
async function pickFolder(
  folders: readonly vscode.WorkspaceFolder[],
  placeHolder: string,
): Promise<vscode.WorkspaceFolder | undefined> {
  return folders.length === 1 ? folders[0] : vscode.window.showWorkspaceFolderPick({ placeHolder });
}

/** Shows where videos were saved, with buttons that open them. Does not wait for the user. */
function showSaved(uris: readonly vscode.Uri[]): void {
  const [first] = uris;
  if (!first) {
    return;
  }
  const reveal = vscode.l10n.t('Reveal');
  const open = vscode.l10n.t('Open');
  const path = escapeForNotification(vscode.workspace.asRelativePath(first), 200);
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

/** Writes the JSON beside a video. Only warns when that fails: the video itself is saved. */
async function writeMetadata(
  services: ExtensionServices,
  record: TaskRecord,
  video: vscode.Uri,
  uri: vscode.Uri,
): Promise<void> {
  const text = `${JSON.stringify(createMetadata(record, basename(video), services.now()), undefined, 2)}\n`;
  try {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  } catch (error) {
    services.log.error('the metadata was not written', error);
    void vscode.window.showWarningMessage(
      vscode.l10n.t('The video is saved, but the JSON beside it could not be written.'),
    );
  }
}

/**
 * The metadata of a saved video: how it was made, so that it can be made again without this extension. Contains
 * neither the link to the video, which gives access to it, nor anything about the API key.
 *
 * @param file the name of the video file
 */
export function createMetadata(record: TaskRecord, file: string, savedAt: number): Record<string, unknown> {
  const { request, gatewayId, quotedPrice, cost, createdAt, acceptedAt, finishedAt } = record;
  const frame = request.firstFrame;
  return {
    file,
    prompt: request.prompt,
    model: request.model,
    aspectRatio: request.aspectRatio,
    firstFrame: frame && {
      source: stripSignedQuery(frame.link ?? frame.source),
      delivery: frame.delivery,
      width: frame.width,
      height: frame.height,
      thumbnail: frame.thumbnail !== undefined && isThumbnail(frame.thumbnail) ? frame.thumbnail : undefined,
    },
    taskId: gatewayId,
    priceRoubles: quotedPrice,
    costRoubles: cost,
    createdAt: toIsoDate(createdAt),
    acceptedAt: toIsoDate(acceptedAt),
    finishedAt: toIsoDate(finishedAt),
    savedAt: toIsoDate(savedAt),
  };
}

/** Removes a signature, which would give every reader of the file access to the image. */
function stripSignedQuery(source: string): string {
  return SIGNED_QUERY.test(source) ? source.replace(/[?#].*$/s, '') : source;
}

const SIGNED_QUERY =
  /^https?:.*[?&#](x-[a-z]+-\w+|sig|signature|token|access_?token|auth\w*|credential|key|policy|expires|se|hmac)=/is;

/** `undefined` for times out of the range of dates, which a wrong system clock gives. */
function toIsoDate(at: number | undefined): string | undefined {
  return at === undefined || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString();
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
