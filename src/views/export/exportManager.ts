import type * as vscode from 'vscode';
import { Disposable } from '../../common/events';
import type { ExportKind, ExportRequest } from './protocol';
import type { ExportPanel } from './exportPanel';

/** What the page of an export needs. */
export interface ExportContext {
  extensionUri: vscode.Uri;
}

/** A video to export. */
export interface ExportTask {
  /** Of the task. */
  id: string;
  /** One line of plain text. */
  title: string;
  /** The local copy. */
  path: string;
  /** When each frame appears, in seconds; `undefined` where the file does not tell. */
  times: readonly number[] | undefined;
  /** Where it goes. */
  output: ExportOutput;
}

/** Finds places for what the page makes. */
export interface ExportOutput {
  /**
   * Finds a place, and asks the user for one where there is none.
   *
   * @returns `undefined` when the user gave up
   */
  open(request: ExportRequest): Promise<ExportTarget | undefined>;
  /** Shows an error that ended an export. */
  showError(error: unknown): void;
}

/** A place for one export. The names of all files are made here, never by the page. */
export interface ExportTarget {
  /**
   * Writes an animation or a sheet.
   *
   * @returns what was written, localized
   * @throws when it is no such file, or cannot be written
   */
  writeFile(bytes: Uint8Array): Promise<string>;
  /**
   * Writes one frame. They come in turn.
   *
   * @throws when it is no such frame, or cannot be written
   */
  writeFrame(index: number, bytes: Uint8Array): Promise<void>;
  /** Ends an export of frames. Returns what was written, localized. */
  finish(): Promise<string>;
  /** Removes what this export has written, and nothing else. Returns what stays all the same, localized; '' for nothing. */
  discard(): Promise<string>;
}

/** Opens one page per video for exporting it as GIF, WebP, frames or sprite sheet. Its code is loaded with the first. */
export class ExportManager extends Disposable {
  readonly #context: ExportContext;
  readonly #panels = new Map<string, ExportPanel>();

  constructor(context: ExportContext) {
    super();
    this.#context = context;
    this._register({ dispose: () => this.#panels.forEach((panel) => panel.dispose()) });
  }

  /** Opens the page for a video, or brings it to the front; with this kind chosen. */
  async show(task: ExportTask, kind: ExportKind): Promise<void> {
    const { ExportPanel } = await import('./exportPanel');
    const open = this.#panels.get(task.id);
    if (open) {
      open.reveal(kind);
    } else if (!this.isDisposed) {
      this.#panels.set(task.id, new ExportPanel(this.#context, task, kind, () => this.#panels.delete(task.id)));
    }
  }
}
