import * as vscode from 'vscode';
import { getFirstLine } from '../common/text';
import { readVideoFacts } from '../tasks/download/mp4Facts';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { ExtensionServices } from '../container';
import { showError, UserFacingError } from '../ui/showError';
import { noteCopiedVideos } from './copiedVideos';
import { saveForDocument } from './save';
import { savePosterBeside } from './savePoster';
import { filterCapable, resolveTasks } from './taskArguments';
import {
  formatMarkdownLink,
  formatVideoReference,
  getRelativePath,
  getSeparator,
  type VideoReference,
} from './videoReference';

const TITLE_MAX_CHARS = 80;

/** Inserts videos at the cursor of a document, and saves them to its workspace folder first if they are not there. */
export async function insertVideos(services: ExtensionServices, ...args: unknown[]): Promise<void> {
  const records = await resolveFinished(services, args);
  const editor = await pickEditor();
  if (!editor) {
    return;
  }
  const videos = await createReferences(services, records, getFile(editor.document));
  if (videos.length > 0) {
    await insert(editor, formatReferences(videos, editor.document), getSeparator(editor.document.languageId));
  }
}

/** What a document gets when rows of the list are dropped into it, as of a command: a failure is told, not thrown. */
export async function createDropEdit(
  services: ExtensionServices,
  document: vscode.TextDocument,
  rows: string,
): Promise<vscode.DocumentDropEdit | undefined> {
  try {
    const text = await createText(services, document, rows.split('\n'));
    return text === undefined ? undefined : new vscode.DocumentDropEdit(text, vscode.l10n.t('Insert video'));
  } catch (error) {
    showError(services, 'drop into a document', error);
    return undefined;
  }
}

/**
 * What a document gets when videos are pasted that were copied for another one: the path begins there, and the language
 * is its own. `undefined` where that fails: then the text is pasted as it was copied.
 */
export async function createPastedText(
  services: ExtensionServices,
  document: vscode.TextDocument,
  ids: readonly string[],
): Promise<string | undefined> {
  try {
    return await createText(services, document, ids);
  } catch (error) {
    services.log.warn(`a video is pasted as it was copied: ${String(error)}`);
    return undefined;
  }
}

async function createText(
  services: ExtensionServices,
  document: vscode.TextDocument,
  ids: readonly string[],
): Promise<string | undefined> {
  const records = await resolveFinished(services, [ids[0], ids]);
  const videos = await createReferences(services, records, getFile(document));
  return videos.length === 0 ? undefined : formatReferences(videos, document);
}

function formatReferences(videos: readonly VideoReference[], { languageId }: vscode.TextDocument): string {
  return videos.map((video) => formatVideoReference(video, languageId)).join(getSeparator(languageId));
}

/** Copies links to videos for a Markdown document in the workspace folder. Relative to its root, for which one is not known. */
export async function copyVideosAsMarkdown(services: ExtensionServices, ...args: unknown[]): Promise<void> {
  const records = await resolveFinished(services, args);
  const editor = findEditors().find(({ document }) => document.languageId === 'markdown');
  const videos = await createReferences(services, records, editor && getFile(editor.document));
  if (videos.length === 0) {
    return;
  }
  const text = await copyMarkdown(videos, editor);
  noteCopiedVideos({ text, ids: records.map(({ id }) => id) });
}

/** @param editor whose document the paths begin at; `undefined` for one in the root of the workspace folder */
async function copyMarkdown(videos: readonly VideoReference[], editor: vscode.TextEditor | undefined): Promise<string> {
  const text = videos.map(formatMarkdownLink).join('\n\n');
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage(
    editor
      ? vscode.l10n.t(
          'Copied. The path is right for documents beside {0}.',
          vscode.workspace.asRelativePath(editor.document.uri),
        )
      : vscode.l10n.t('Copied. The path is right for documents in the root of the workspace folder.'),
  );
  return text;
}

/** Inserts a picture that moves, such as a GIF of a video, at the cursor of a document. */
export async function insertPicture(record: TaskRecord, picture: vscode.Uri): Promise<void> {
  const editor = await pickEditor();
  if (editor) {
    const { languageId } = editor.document;
    const reference = createPictureReference(record, picture, getFile(editor.document));
    await insert(editor, formatVideoReference(reference, languageId), getSeparator(languageId));
  }
}

/** Copies the Markdown that shows a picture, as `copyVideosAsMarkdown` does for videos. */
export async function copyPictureAsMarkdown(record: TaskRecord, picture: vscode.Uri): Promise<void> {
  const editor = findEditors().find(({ document }) => document.languageId === 'markdown');
  await copyMarkdown([createPictureReference(record, picture, editor && getFile(editor.document))], editor);
}

function createPictureReference(
  record: TaskRecord,
  picture: vscode.Uri,
  document: vscode.Uri | undefined,
): VideoReference {
  return { title: getTitle(record), path: getPath(document, picture) };
}

async function resolveFinished(services: ExtensionServices, [argument, selected]: unknown[]): Promise<TaskRecord[]> {
  return filterCapable(
    services,
    await resolveTasks(services, argument, selected),
    'done',
    vscode.l10n.t('There is no video yet to insert.'),
  );
}

/**
 * The video files and what is said about them, in the order of the tasks.
 *
 * @param document that refers to them; `undefined` for one in the root of the workspace folder
 * @returns none when the user gave up choosing a place for one of them
 * @throws {UserFacingError} when no path leads from the document to a file
 */
async function createReferences(
  services: ExtensionServices,
  records: readonly TaskRecord[],
  document: vscode.Uri | undefined,
): Promise<VideoReference[]> {
  const videos: VideoReference[] = [];
  for (const record of records) {
    const saved = await saveForDocument(services, record, document);
    if (!saved) {
      return [];
    }
    const poster = await savePosterBeside(services, record.id, saved);
    const animation = await findAnimation(saved);
    videos.push({
      title: getTitle(record),
      path: getPath(document, saved),
      size: await readSize(saved),
      poster: poster && getPath(document, poster),
      animation: animation && getPath(document, animation),
    });
  }
  return videos;
}

/** The GIF that was exported of a video: beside it, with its name. */
async function findAnimation(video: vscode.Uri): Promise<vscode.Uri | undefined> {
  const place = video.with({ path: video.path.replace(/\.[^./]*$/, '.gif') });
  const found = await vscode.workspace.fs.stat(place).then(
    ({ type }) => (type & vscode.FileType.File) !== 0,
    () => false,
  );
  return found && place.path !== video.path ? place : undefined;
}

function getTitle({ request, gatewayId, id }: TaskRecord): string {
  return getFirstLine(request.prompt, TITLE_MAX_CHARS) || (gatewayId ?? id);
}

function getPath(document: vscode.Uri | undefined, video: vscode.Uri): string {
  const from = getBase(document, video);
  const isReachable = from.scheme === video.scheme && from.authority === video.authority;
  const path = isReachable ? getRelativePath(from.path, video.path) : undefined;
  if (path === undefined) {
    throw new UserFacingError(
      vscode.l10n.t(
        'The video was saved, but no path leads from this document to it: they are on different drives or file systems. Nothing was inserted.',
      ),
    );
  }
  return path;
}

/** Where a document is; one that was not saved yet is taken for one in the root of the folder that has the video. */
function getBase(document: vscode.Uri | undefined, video: vscode.Uri): vscode.Uri {
  if (document && document.scheme !== 'untitled') {
    return document;
  }
  const root = vscode.workspace.getWorkspaceFolder(video)?.uri ?? vscode.Uri.joinPath(video, '..');
  return vscode.Uri.joinPath(root, 'document');
}

/** The file that a document is in: of a cell, its notebook. */
function getFile({ uri }: vscode.TextDocument): vscode.Uri {
  const notebook = vscode.workspace.notebookDocuments.find((candidate) =>
    candidate.getCells().some(({ document }) => document.uri.toString() === uri.toString()),
  );
  return notebook?.uri ?? uri;
}

/** Tells a page how large the video is before it is loaded. */
async function readSize(video: vscode.Uri): Promise<VideoReference['size']> {
  if (video.scheme !== 'file') {
    return undefined;
  }
  try {
    const { width, height } = (await readVideoFacts(video.fsPath)) ?? {};
    return width === undefined || height === undefined ? undefined : { width, height };
  } catch {
    return undefined;
  }
}

/** The editors that the user sees, the active one first. A preview that is active is no editor of text. */
function findEditors(): readonly vscode.TextEditor[] {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const shown = visibleTextEditors.filter(
    // Neither the output, nor the box of a comment or of a chat.
    ({ document, viewColumn }) => viewColumn !== undefined && document.uri.scheme !== 'output',
  );
  const [active] = shown.filter((editor) => editor === activeTextEditor);
  return active ? [active, ...shown.filter((editor) => editor !== active)] : shown;
}

/** The active editor, or the one that the user picks of several that are seen. */
async function pickEditor(): Promise<vscode.TextEditor | undefined> {
  const editors = findEditors();
  const [first] = editors;
  if (!first) {
    throw new UserFacingError(
      vscode.l10n.t('Open a document beside, and place the cursor where the video belongs. Nothing was inserted.'),
    );
  }
  if (first === vscode.window.activeTextEditor || editors.length === 1) {
    return first;
  }
  const picked = await vscode.window.showQuickPick(
    editors.map((editor) => ({ label: vscode.workspace.asRelativePath(editor.document.uri), editor })),
    { title: vscode.l10n.t('Insert into document'), placeHolder: vscode.l10n.t('Into which document?') },
  );
  return picked?.editor;
}

/** At the cursor, or behind what is selected: that may be the prompt, and is not ours to replace. One undo step. */
async function insert(editor: vscode.TextEditor, text: string, separator: string): Promise<void> {
  const { document } = editor;
  const { end, isEmpty } = editor.selection;
  // While the video was saved, the document may have been closed.
  const isDone =
    !document.isClosed && (await editor.edit((edit) => edit.insert(end, isEmpty ? text : separator + text)));
  if (!isDone) {
    throw new UserFacingError(
      vscode.l10n.t('The video was saved, but nothing was inserted: the document is closed, or cannot be written.'),
    );
  }
  await vscode.window.showTextDocument(document, editor.viewColumn);
}
