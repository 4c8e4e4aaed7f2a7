/** The files, dialogs and folders of VS Code, as commands use them: on the real disk, and on one that VS Code has in memory. */
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileSystemError, FileType, type Uri, window, workspace } from './vscodeStub';

/** What was asked in a modal dialog. */
export interface Question {
  text: string;
  detail: string;
}

export interface PickItem {
  label: string;
  picked?: boolean;
  kind?: number;
  /** Of our own copy of a video, in the list of the clean-up. */
  copy?: unknown;
}

type Stat = { type: number; size: number; mtime: number; ctime: number };

/** A file system of another extension: no links, no flushing, and a move is a look and then a move, with time between. */
export class MemoryFiles {
  static readonly SCHEME = 'memory';
  readonly files = new Map<string, { bytes: Uint8Array; mtime: number }>();
  readonly folders = new Set<string>(['/']);
  /** As on the disks of Windows and macOS. */
  ignoresCase = false;
  /** What a look at a path fails with. */
  failure: ((path: string) => Error | undefined) | undefined;
  #now = 1;

  #key(path: string): string {
    const failure = this.failure?.(path);
    if (failure) {
      throw failure;
    }
    return this.ignoresCase ? path.toLowerCase() : path;
  }

  async stat(uri: Uri): Promise<Stat> {
    await pause();
    const key = this.#key(uri.path);
    const file = this.files.get(key);
    if (!file && !this.folders.has(key)) {
      throw FileSystemError.FileNotFound(uri);
    }
    const type = file ? FileType.File : FileType.Directory;
    return { type, size: file?.bytes.length ?? 0, mtime: file?.mtime ?? 1, ctime: 1 };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    await this.stat(uri);
    return this.files.get(this.#key(uri.path))!.bytes;
  }

  async writeFile(uri: Uri, bytes: Uint8Array): Promise<void> {
    await pause();
    this.files.set(this.#key(uri.path), { bytes, mtime: this.#now++ });
  }

  async delete(uri: Uri): Promise<void> {
    await this.stat(uri);
    this.files.delete(this.#key(uri.path));
  }

  async rename(from: Uri, to: Uri, { overwrite = false } = {}): Promise<void> {
    const taken = await this.stat(to).then(
      () => true,
      () => false,
    );
    if (taken && !overwrite) {
      throw FileSystemError.FileExists(to);
    }
    await pause();
    const file = this.files.get(this.#key(from.path));
    if (!file) {
      throw FileSystemError.FileNotFound(from);
    }
    this.files.delete(this.#key(from.path));
    this.files.set(this.#key(to.path), file);
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

/** The parts of VS Code that saving, removing and cleaning up use. Installed over the stub until `close`. */
export class Workbench {
  readonly memory = new MemoryFiles();
  readonly questions: Question[] = [];
  readonly notifications: string[] = [];
  /** Of the last notification, and the one that the user presses where it is there. */
  buttons: readonly string[] = [];
  presses: string | undefined;
  readonly lists: PickItem[][] = [];
  readonly revealed: string[] = [];
  /** Whether a question is answered with its button, or given up. */
  agrees: (question: Question) => boolean | Promise<boolean> = () => false;
  /** What the user ticks in a list; what is ticked already by default. */
  picks: (items: readonly PickItem[]) => readonly PickItem[] | undefined | Promise<readonly PickItem[]> = (items) =>
    items.filter(({ picked }) => picked);
  /** Where the user saves to. */
  savesTo: (() => Uri | undefined | Promise<Uri | undefined>) | undefined;
  /** Who declines a question is back at the list before it, and gives up there. */
  #declinedFrom: readonly PickItem[] | undefined;
  #listed: readonly PickItem[] | undefined;
  readonly #before = { window: { ...window }, workspace: { ...workspace } };

  constructor(folder?: Uri) {
    const notify = (text: string, ...buttons: string[]) => {
      this.notifications.push(text);
      this.buttons = buttons;
      return Promise.resolve(buttons.find((button) => button === this.presses));
    };
    Object.assign(window, {
      showInformationMessage: notify,
      showErrorMessage: notify,
      showWarningMessage: async (text: string, options?: { modal?: boolean; detail?: string }, button?: string) => {
        if (typeof options !== 'object' || !options.modal) {
          return notify(text);
        }
        const question = { text, detail: options.detail ?? '' };
        this.questions.push(question);
        const agrees = await this.agrees(question);
        this.#declinedFrom = agrees ? undefined : this.#listed;
        return agrees ? button : undefined;
      },
      showQuickPick: async (items: PickItem[]) => {
        // As they are shown: the same items may be ticked otherwise when they are shown once more.
        this.lists.push(items.map((item) => ({ ...item })));
        const givesUp = items === this.#declinedFrom;
        this.#declinedFrom = undefined;
        this.#listed = items;
        return givesUp ? undefined : this.picks(items);
      },
      showSaveDialog: async () => this.savesTo?.(),
    });
    Object.assign(workspace, {
      workspaceFolders: folder && [{ uri: folder, name: 'films', index: 0 }],
      asRelativePath: (uri: Uri) => uri.path,
      fs: {
        stat: (uri: Uri) =>
          this.#on(
            uri,
            () => statFile(uri),
            (memory) => memory.stat(uri),
          ),
        readFile: (uri: Uri) =>
          this.#on(
            uri,
            () => fs.readFile(uri.path),
            (memory) => memory.readFile(uri),
          ),
        writeFile: (uri: Uri, bytes: Uint8Array) =>
          this.#on(
            uri,
            () => fs.writeFile(uri.path, bytes),
            (memory) => memory.writeFile(uri, bytes),
          ),
        createDirectory: async (uri: Uri) => {
          await this.#on(
            uri,
            async () => void (await fs.mkdir(uri.path, { recursive: true })),
            (memory) => void memory.folders.add(uri.path),
          );
        },
        delete: (uri: Uri) =>
          this.#on(
            uri,
            () => fs.rm(uri.path),
            (memory) => memory.delete(uri),
          ),
        rename: (from: Uri, to: Uri, options?: { overwrite?: boolean }) =>
          this.#on(
            from,
            () => fs.rename(from.path, to.path),
            (memory) => memory.rename(from, to, options),
          ),
        copy: async (from: Uri, to: Uri) =>
          this.#on(
            to,
            () => fs.copyFile(from.path, to.path),
            async (memory) => memory.writeFile(to, await fs.readFile(from.path)),
          ),
      },
    });
  }

  async #on<T>(uri: Uri, disk: () => Promise<T>, memory: (files: MemoryFiles) => T | Promise<T>): Promise<T> {
    return uri.scheme === MemoryFiles.SCHEME ? memory(this.memory) : disk();
  }

  close(): void {
    Object.assign(window, this.#before.window);
    for (const name of Object.keys(workspace)) {
      Reflect.deleteProperty(workspace, name);
    }
    Object.assign(workspace, this.#before.workspace);
  }
}

async function statFile(uri: Uri): Promise<Stat> {
  const found = await fs.stat(uri.path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? FileSystemError.FileNotFound(uri) : new FileSystemError('Unknown', String(error));
  });
  return {
    type: found.isDirectory() ? FileType.Directory : FileType.File,
    size: found.size,
    mtime: found.mtimeMs,
    ctime: found.birthtimeMs,
  };
}

/** The folder that a path is in, made if need be. */
export async function inFolder(path: string): Promise<string> {
  await fs.mkdir(dirname(path), { recursive: true });
  return path;
}
