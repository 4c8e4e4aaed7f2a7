import path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { ASPECT_RATIOS } from '../api/aspectRatio';
import { escapeForNotification } from '../common/text';
import { hashFile, hasSameContent } from '../common/wholeFile';
import { checkSavedPlace } from '../platform/savedVideos';
import { basename } from '../platform/workspaceFiles';
import { checkPrompt } from '../tasks/model/prompt';
import { findLocalVideo } from '../tasks/storage/localCopies';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { ExtensionServices } from '../container';
import { UserFacingError } from '../ui/showError';

/**
 * Finds out which video a file is that was clicked in the explorer, or whose tab was. Users rename, move and copy what
 * they saved, so the name tells nothing: the list knows the place or the content, or a JSON lies beside the file.
 */

/** Of the JSON beside a video; see `createMetadata`. With thumbnails it has some 20 KB. */
const MAX_METADATA_BYTES = 256 * 1024;

/** Any program may have written the JSON, and a repository may bring it along. */
const Metadata = v.object({
  prompt: v.pipe(
    v.string(),
    v.check((text) => checkPrompt(text).ok),
  ),
  model: v.fallback(v.optional(v.pipe(v.string(), v.trim(), v.regex(/^[\w.-]{1,200}$/))), undefined),
  aspectRatio: v.fallback(v.optional(v.picklist(ASPECT_RATIOS)), undefined),
  firstFrame: v.fallback(
    v.optional(v.object({ source: v.pipe(v.string(), v.minLength(1), v.maxLength(8_192)) })),
    undefined,
  ),
  taskId: v.fallback(v.optional(v.string()), undefined),
});
export type VideoMetadata = v.InferOutput<typeof Metadata>;

/** Returns the task whose video a file is; else what the JSON beside it tells; `undefined` when nothing is known. */
export async function findVideoFile(
  { store }: Pick<ExtensionServices, 'store'>,
  uri: vscode.Uri,
): Promise<{ record: TaskRecord } | { record: undefined; metadata: VideoMetadata } | undefined> {
  await store.load();
  const text = uri.toString();
  for (const record of store.list()) {
    const place = record.saved.find((saved) => saved.uri === text);
    if (place && (await checkSavedPlace(store, record, place, 'look')) !== 'different') {
      return { record };
    }
  }
  const metadata = await readMetadata(uri);
  const named = metadata?.taskId && store.list().find(({ gatewayId }) => gatewayId === metadata.taskId);
  if (named) {
    return { record: named };
  }
  const same = await findSameContent(store, uri);
  return same ? { record: same } : metadata && { record: undefined, metadata };
}

/**
 * Resolves a file to the task of its video.
 *
 * @throws {UserFacingError} when it is not in the list
 */
export async function requireTaskOfFile(
  services: Pick<ExtensionServices, 'store'>,
  uri: vscode.Uri,
): Promise<TaskRecord> {
  const found = await findVideoFile(services, uri);
  if (!found) {
    throw getUnknownFileError(uri);
  }
  if (!found.record) {
    throw new UserFacingError(
      vscode.l10n.t(
        '“{0}” is not in the list of this computer, so its last frame cannot be taken. Its prompt is known: it can be generated again. Nothing was sent.',
        escapeForNotification(basename(uri), 80),
      ),
    );
  }
  return found.record;
}

export function getUnknownFileError(uri: vscode.Uri): UserFacingError {
  return new UserFacingError(
    vscode.l10n.t(
      '“{0}” is no Seedance video: nothing is known of its prompt. It is not in the list, and no JSON that Seedance saves lies beside it. Nothing was sent.',
      escapeForNotification(basename(uri), 80),
    ),
  );
}

/** Looks for `NAME.json` beside `NAME.mp4`. */
async function readMetadata(video: vscode.Uri): Promise<VideoMetadata | undefined> {
  const stem = path.posix.basename(video.path, path.posix.extname(video.path));
  const json = vscode.Uri.joinPath(video, '..', `${stem}.json`);
  try {
    const { type, size } = await vscode.workspace.fs.stat(json);
    // A link may lead anywhere, also to what has no end.
    if (type !== vscode.FileType.File || size > MAX_METADATA_BYTES) {
      return undefined;
    }
    const { success, output } = v.safeParse(
      Metadata,
      JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(json))),
    );
    return success ? output : undefined;
  } catch {
    // There is none, or it is none of ours.
    return undefined;
  }
}

/** Of the videos of the same size, which cost nothing to find, the contents are compared. */
async function findSameContent(store: ExtensionServices['store'], uri: vscode.Uri): Promise<TaskRecord | undefined> {
  if (uri.scheme !== 'file') {
    return undefined;
  }
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    let hash: string | undefined;
    for (const record of store.list()) {
      if (record.localCopy?.bytes === size) {
        const copy = await findLocalVideo(store, record).catch(() => undefined);
        if (copy && (await hasSameContent(copy.path, uri.fsPath))) {
          return record;
        }
      }
      const places = record.saved.filter((place) => place.bytes === size && place.hash !== undefined);
      if (places.length > 0) {
        hash ??= (await hashFile(uri.fsPath)).hash;
        if (places.some((place) => place.hash === hash)) {
          return record;
        }
      }
    }
  } catch {
    // It cannot be read: nothing is known of it.
  }
  return undefined;
}
