import * as vscode from 'vscode';
import { ImageError } from '../images/imageError';
import { parseImageTarget } from '../images/imageReference';
import { readCandidate } from './imageFile';
import { isFileNotFound } from './workspaceFiles';
import type { ImageState } from '../storyboard/problem';

/** Files may come and go in other programs, without an event that we would hear. */
const LOOK_AGAIN_MS = 10_000;

interface Known {
  /** Tells whether the file is still the one that was read. */
  stamp: string;
  at: number;
  image?: ImageState | undefined;
  exists?: boolean | undefined;
}

/**
 * What is known of the images and videos that storyboards name. They are looked at one after the other, and only inside
 * of the workspace or the document's own folder: a file from another author must not make us open whatever it names.
 */
export class ReferencedFiles {
  readonly #known = new Map<string, Known>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly now: () => number = Date.now) {}

  image(document: vscode.Uri, target: string): ImageState | undefined {
    const uri = findReferencedFile(document, target);
    if (!uri) {
      const isPath = parseImageTarget(target)?.kind === 'path';
      return isPath ? { kind: document.scheme === 'untitled' ? 'unsaved' : 'outside' } : undefined;
    }
    return this.#known.get(getKey(document, uri))?.image;
  }

  hasVideo(document: vscode.Uri, target: string): boolean | undefined {
    const uri = findReferencedFile(document, target);
    return uri && this.#known.get(getKey(document, uri))?.exists;
  }

  /** Looks at files that were not looked at lately. Says whether anything is different from before. */
  look(document: vscode.Uri, { images, videos }: { images: string[]; videos: string[] }): Promise<boolean> {
    const run = async () => {
      let isChanged = false;
      for (const [targets, isImage] of [
        [images, true],
        [videos, false],
      ] as const) {
        for (const target of targets) {
          const uri = findReferencedFile(document, target);
          isChanged = (uri !== undefined && (await this.#lookAt(document, uri, isImage))) || isChanged;
        }
      }
      return isChanged;
    };
    const result = this.#turn.then(run, run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Files were made, deleted or moved: all are looked at again. */
  forget(): void {
    this.#known.forEach((known) => (known.at = -Infinity));
  }

  async #lookAt(document: vscode.Uri, uri: vscode.Uri, isImage: boolean): Promise<boolean> {
    const key = getKey(document, uri);
    const before = this.#known.get(key);
    if (before && this.now() - before.at < LOOK_AGAIN_MS && (isImage ? before.image : before.exists) !== undefined) {
      return false;
    }
    const stamp = await getStamp(uri);
    const known: Known = { ...(before?.stamp === stamp ? before : {}), stamp, at: this.now() };
    known.exists = stamp === 'missing' ? false : stamp === 'unreadable' ? undefined : true;
    if (isImage && known.image === undefined) {
      known.image =
        stamp === 'missing'
          ? { kind: 'missing' }
          : stamp === 'unreadable'
            ? UNREADABLE
            : await readState(document, uri);
    }
    this.#known.set(key, known);
    return before?.stamp !== stamp || before.image?.kind !== known.image?.kind;
  }
}

/** A link may lead out of the folder of one document, and not of that of another. */
function getKey(document: vscode.Uri, uri: vscode.Uri): string {
  return `${getOwnFolder(document).toString()} ${uri.toString()}`;
}

/** Without the right to, or on a disk that does not answer. It is tried again when it is looked at again. */
const UNREADABLE: ImageState = { kind: 'unusable', error: new ImageError('unreadable', {}) };

async function getStamp(uri: vscode.Uri): Promise<string> {
  try {
    const { type, mtime, size } = await vscode.workspace.fs.stat(uri);
    return type & vscode.FileType.File ? `${mtime} ${size}` : 'missing';
  } catch (error) {
    return isFileNotFound(error) ? 'missing' : 'unreadable';
  }
}

async function readState(document: vscode.Uri, uri: vscode.Uri): Promise<ImageState | undefined> {
  try {
    const { image, problem } = await readCandidate(uri, { within: getOwnFolder(document) });
    const facts = image.file?.facts;
    if (problem) {
      return { kind: 'unusable', error: problem };
    }
    return facts && { kind: 'usable', width: facts.width, height: facts.height, isPhotograph: facts.type === 'jpeg' };
  } catch (error) {
    return error instanceof ImageError ? { kind: 'unusable', error } : UNREADABLE;
  }
}

/** The file that a path in a document names; `undefined` for a link, and for a place that is none of our business. */
export function findReferencedFile(document: vscode.Uri, target: string): vscode.Uri | undefined {
  const parsed = parseImageTarget(target);
  if (parsed?.kind !== 'path' || document.scheme === 'untitled') {
    return undefined;
  }
  const root = vscode.workspace.getWorkspaceFolder(document)?.uri;
  const own = getOwnFolder(document);
  const base = parsed.isFromRoot ? root : own;
  if (!base) {
    return undefined;
  }
  const uri = vscode.Uri.joinPath(base, parsed.path);
  const isInside = (folder: vscode.Uri) => uri.path.startsWith(`${folder.path.replace(/\/$/, '')}/`);
  return isInside(own) ||
    (vscode.workspace.workspaceFolders ?? []).some((folder) => isSame(folder.uri, uri) && isInside(folder.uri))
    ? uri
    : undefined;
}

/** The folder that a document is in. */
export function getOwnFolder(document: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(document, '..').with({ query: '', fragment: '' });
}

function isSame(a: vscode.Uri, b: vscode.Uri): boolean {
  return a.scheme === b.scheme && a.authority === b.authority;
}
