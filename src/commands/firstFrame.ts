import type { ImageArgument } from '../platform/imageFile';
import { basename } from '../platform/workspaceFiles';
import * as vscode from 'vscode';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { createImageFromLink } from '../generation/imageLink';
import { parseImageUrl } from '../images/delivery/imageUrl';
import { describeImageError } from '../messages/imageErrors';
import { generateFromImages } from '../generation/generateFromImages';
import { showImageDialog, CHOOSE_FILE, readImageFiles } from '../generation/imagePicker';
import { UserFacingError, InvalidArguments } from '../ui/showError';
import { getImageReferenceAt, parseImageTarget, type ImageTarget } from '../images/imageReference';
import { escapeForNotification } from '../common/text';
import { confirm } from '../ui/quickInput';
import { TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { requireCapability, resolveTask } from './taskArguments';
import * as v from 'valibot';
import { isThumbnail } from '../tasks/model/taskRecord';
import { FrameOriginSchema } from '../tasks/model/taskRecordSchema';

/** Generates a video from each image, with one prompt and one confirmation for all. */
export async function useAsFirstFrame(
  services: ExtensionServices,
  clicked?: unknown,
  selected?: unknown,
): Promise<string[] | undefined> {
  if (isFromMenu(clicked)) {
    const uris = await resolveImageUris(clicked, selected);
    // Checks the files first: the user should know about an unusable one before typing a prompt.
    const images = uris && (await readImageFiles(services, uris));
    return images && generateFromImages(services, images, uris[0]);
  }
  const args = parseImageArguments(clicked);
  const scope = args.map(({ picture }) => picture).find((picture) => picture instanceof vscode.Uri);
  const images = await readImageArguments(services, args);
  return images && generateFromImages(services, images, scope);
}

/** Uses the image that a Markdown or HTML document references at the cursor. */
export async function useImageAtCursor(services: ExtensionServices): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  const reference = editor && findImageReference(editor.document, editor.selection.active);
  if (editor === undefined || reference === undefined) {
    throw new UserFacingError(
      vscode.l10n.t(
        'There is no image at the cursor. Put it on one, such as ![boat](boat.png) or <img src="boat.png">.',
      ),
    );
  }
  const target = parseImageTarget(reference);
  switch (target?.kind) {
    case undefined:
      throw new UserFacingError(
        vscode.l10n.t('This does not lead to an image: {0}', escapeForNotification(reference, 120)),
      );
    case 'link':
      return useAsFirstFrame(services, { picture: target.href, label: target.label.slice(0, 200) });
    case 'data':
      return useAsFirstFrame(services, {
        picture: target.bytes,
        label: vscode.l10n.t('Image in {0}', basename(editor.document.uri)).slice(0, 200),
      });
    case 'attachment':
      return useAsFirstFrame(services, {
        picture: readAttachment(editor.document, target.name),
        label: target.name.slice(0, 200) || vscode.l10n.t('Image in {0}', basename(editor.document.uri)).slice(0, 200),
      });
    case 'file':
    case 'path': {
      // The cells of a notebook have addresses of their own; what they refer to lies beside the notebook.
      const uri = resolveImageUri(target, findCell(editor.document)?.notebook.uri ?? editor.document.uri);
      return (await confirmFileOutsideWorkspace(uri)) ? useAsFirstFrame(services, uri) : undefined;
    }
  }
}

/** Opens the preview, which captures the last frame for the next video: only a webview can decode a video. */
export async function continueFromLastFrame(
  services: ExtensionServices,
  argument: unknown,
  selected?: unknown,
): Promise<void> {
  const record = await resolveTask(services, argument, selected, 'done');
  const { id } = record;
  // Not `continuable`: a link that should have died is tried, for only the service knows.
  requireCapability(services, record, 'done', vscode.l10n.t('There is no video to continue.'));
  await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () => services.downloader.ensureCopy(id));
  await services.preview.continueFromLastFrame(id);
}

const ImageArgumentSchema: v.GenericSchema<unknown, ImageArgument> = v.object({
  /** A `vscode.Uri`, its text, a link, or the bytes of the image. The name is part of the contract. */
  picture: v.union([
    v.custom<vscode.Uri>((value) => value instanceof vscode.Uri),
    v.pipe(v.string(), v.minLength(1), v.maxLength(8192)),
    v.custom<Uint8Array>((value) => value instanceof Uint8Array),
  ]),
  /** The name that the user sees. */
  label: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  from: v.optional(FrameOriginSchema),
  thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail, 'no small JPEG as a data: URL'))),
});

const ImageArguments = v.pipe(v.array(ImageArgumentSchema), v.minLength(1));

/**
 * Checks what a program passed to `seedance.useAsFirstFrame` instead of a file: one image or several.
 *
 * @throws {InvalidArguments} to the caller
 */
export function parseImageArguments(argument: unknown): ImageArgument[] {
  const parsed = v.safeParse(ImageArguments, Array.isArray(argument) ? argument : [argument]);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new InvalidArguments(`seedance.useAsFirstFrame: ${v.getDotPath(issue) ?? 'argument'}: ${issue.message}`);
  }
  return parsed.output;
}

function isFromMenu(argument: unknown): argument is vscode.Uri | undefined | null {
  return argument === undefined || argument === null || argument === CHOOSE_FILE || argument instanceof vscode.Uri;
}

/**
 * The explorer passes the clicked file and the selection; an editor tab passes its resource. A key binding passes
 * nothing: the image in the active tab is used then, or a file that the user picks.
 */
async function resolveImageUris(clicked: unknown, selected: unknown): Promise<vscode.Uri[] | undefined> {
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
  return showImageDialog();
}

/** Reads the images that a program passed. `undefined` when the user gave up on one of them. */
async function readImageArguments(
  services: ExtensionServices,
  args: readonly ImageArgument[],
): Promise<SourceImage[] | undefined> {
  const linked = new Map<ImageArgument, SourceImage>();
  const files = new Map<ImageArgument, vscode.Uri>();
  for (const arg of args) {
    const { picture, label } = arg;
    if (typeof picture === 'string' && parseImageUrl(picture) !== undefined) {
      const image = await createImageFromLink(picture);
      if (image === undefined) {
        return undefined;
      }
      linked.set(arg, image);
    } else if (picture instanceof Uint8Array) {
      files.set(arg, vscode.Uri.file(await storeImageBytes(services, picture, label)));
    } else {
      files.set(arg, typeof picture === 'string' ? vscode.Uri.parse(picture) : picture);
    }
  }
  // All files at once, so that the problems of several are shown in one message.
  const read = (await readImageFiles(services, [...files.values()]))?.values();
  return (
    read &&
    args.map((arg) => {
      const { label, from, thumbnail } = arg;
      const image = linked.get(arg) ?? read.next().value!;
      // A cropped image has a thumbnail of its own; the passed one shows the original.
      return { ...image, label, from, thumbnail: image.thumbnail ?? thumbnail };
    })
  );
}

/** Stores image bytes as a file, so that the task can be generated again. Returns its path. */
async function storeImageBytes(services: ExtensionServices, bytes: Uint8Array, label: string): Promise<string> {
  try {
    return await services.imageStore.put(bytes);
  } catch (error) {
    throw error instanceof ImageError
      ? new UserFacingError(
          `${escapeForNotification(label, 80)}: ${describeImageError(error)} ${vscode.l10n.t('So it cannot be a first frame. Nothing was sent.')}`,
        )
      : error;
  }
}

/** Longer paragraphs are data, such as a log or a table. */
const MAX_PARAGRAPH_LINES = 500;
/** A line may hold a whole image as a `data:` URL, of 30 MB at most. */
const MAX_PARAGRAPH_CHARS = 45 * 1024 * 1024;
/** Lines that are looked at for the definition of a `[name]`. */
const MAX_DEFINITION_LINES = 50_000;

/** Searches the paragraph around the cursor. Reads nothing else of the document, which may have tens of megabytes. */
function findImageReference(document: vscode.TextDocument, position: vscode.Position): string | undefined {
  const isBlank = (line: number) => document.lineAt(line).isEmptyOrWhitespace;
  let first = position.line;
  while (first > 0 && position.line - first < MAX_PARAGRAPH_LINES && !isBlank(first - 1)) {
    first--;
  }
  let last = position.line;
  while (last + 1 < document.lineCount && last - position.line < MAX_PARAGRAPH_LINES && !isBlank(last + 1)) {
    last++;
  }
  const lines: string[] = [];
  let at = position.character;
  let chars = 0;
  for (let line = first; line <= last; line++) {
    const { text } = document.lineAt(line);
    lines.push(text);
    chars += text.length + 1;
    at += line < position.line ? text.length + 1 : 0;
  }
  return chars > MAX_PARAGRAPH_CHARS
    ? undefined
    : getImageReferenceAt(lines.join('\n'), at, () => readDefinitions(document));
}

function readDefinitions(document: vscode.TextDocument): string {
  const lines: string[] = [];
  for (let line = 0; line < Math.min(document.lineCount, MAX_DEFINITION_LINES); line++) {
    const { text } = document.lineAt(line);
    if (/^\s*\[/.test(text.slice(0, 100))) {
      lines.push(text);
    }
  }
  return lines.join('\n');
}

function findCell(document: vscode.TextDocument): vscode.NotebookCell | undefined {
  return vscode.workspace.notebookDocuments
    .flatMap((notebook) => notebook.getCells())
    .find((cell) => cell.document.uri.toString() === document.uri.toString());
}

/** Of the format of Jupyter: `{name: {mime type: base64}}` in the metadata of the cell, which is a file's and untrusted. */
const Attachments = v.object({
  attachments: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
  metadata: v.optional(v.object({ attachments: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))) })),
});

function readAttachment(document: vscode.TextDocument, name: string): Uint8Array {
  const parsed = v.safeParse(Attachments, findCell(document)?.metadata ?? {});
  const attachments = parsed.success ? (parsed.output.attachments ?? parsed.output.metadata?.attachments) : undefined;
  const image = attachments && Object.hasOwn(attachments, name) ? attachments[name] : undefined;
  const [, content] = Object.entries(image ?? {}).find(([mime]) => /^image\//i.test(mime)) ?? [];
  const text = Array.isArray(content) ? content.join('') : content;
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
  if (!bytes || bytes.length === 0) {
    throw new UserFacingError(
      vscode.l10n.t(
        'The cell has no image attached with the name {0}. Nothing was sent.',
        escapeForNotification(name, 120),
      ),
    );
  }
  return bytes;
}

/** Resolves a reference. `/img/a.png` starts at the workspace folder, as on the site that the document belongs to. */
function resolveImageUri(target: ImageTarget & { kind: 'file' | 'path' }, document: vscode.Uri): vscode.Uri {
  if (target.kind === 'file') {
    return vscode.Uri.parse(target.uri);
  }
  const folder = (vscode.workspace.getWorkspaceFolder(document) ?? vscode.workspace.workspaceFolders?.[0])?.uri;
  const beside =
    document.scheme === 'untitled' ? folder : vscode.Uri.joinPath(document, '..').with({ query: '', fragment: '' });
  const base = target.isFromRoot ? folder : beside;
  if (!base) {
    throw new UserFacingError(
      vscode.l10n.t('Open the folder that this path begins in: {0}', escapeForNotification(target.path, 120)),
    );
  }
  return vscode.Uri.joinPath(base, target.path);
}

/** The document may come from another author, and must not make the user send a private image unknowingly. */
async function confirmFileOutsideWorkspace(uri: vscode.Uri): Promise<boolean> {
  if (vscode.workspace.getWorkspaceFolder(uri)) {
    return true;
  }
  const path = escapeForNotification(uri.scheme === 'file' ? uri.fsPath : uri.toString(true), 300);
  return confirm(
    vscode.l10n.t('The text leads to a file outside of the workspace.'),
    vscode.l10n.t('It is {0}. Use it as a first frame only if you want the service to get that image.', path),
    vscode.l10n.t('Use that file'),
  );
}
