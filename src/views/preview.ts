import * as vscode from 'vscode';
import type { TakenPicture } from '../commands/takePicture';
import type { Downloader } from '../tasks/download';
import type { Estimates } from '../tasks/estimate';
import { systemClock, type Clock } from '../tasks/clock';
import { Disposable } from '../tasks/lifecycle';
import type { PollingController } from '../tasks/polling';
import type { TaskStore } from '../tasks/store';
import type { PreviewPanel } from './previewPanel';

export const PREVIEW_TYPE = 'seedance.preview';

export interface PreviewParts {
  extensionUri: vscode.Uri;
  store: Pick<
    TaskStore,
    'directory' | 'isLoaded' | 'load' | 'get' | 'isReadOnly' | 'videoPath' | 'onDidChange' | 'onDidLoad'
  >;
  downloader: Pick<Downloader, 'onDidProgress' | 'progressOf' | 'ensureCopy'>;
  polling: Pick<PollingController, 'holdOf' | 'onDidChangeHolds'>;
  /** Absent: nobody says how long tasks take. */
  estimates?: Pick<Estimates, 'of'>;
  /** Takes what the page made or was given. Never throws: the person is told in there. */
  takePicture(picture: TakenPicture): Promise<void>;
  /** Keeps the first frame as a small picture, for the eye. */
  keepThumbnail(id: string, thumbnail: string): Promise<unknown>;
  clock?: Clock;
}

export type PreviewContext = Required<PreviewParts>;

/**
 * One preview panel a task, re-used. Light: what a panel is made of is loaded with the first one.
 */
export class PreviewManager extends Disposable {
  readonly #context: PreviewContext;
  readonly #panels = new Map<string, PreviewPanel>();

  constructor(parts: PreviewParts) {
    super();
    this.#context = { clock: systemClock, estimates: { of: () => undefined }, ...parts };
    this._register(
      vscode.window.registerWebviewPanelSerializer(PREVIEW_TYPE, {
        deserializeWebviewPanel: (panel, state) => this.#restore(panel, state),
      }),
    );
    this._register({ dispose: () => this.#panels.forEach((panel) => panel.dispose()) });
  }

  /** Opens the preview of a task, or brings its panel to the front. */
  async show(id: string): Promise<PreviewPanel | undefined> {
    const { PreviewPanel } = await import('./previewPanel');
    const open = this.#panels.get(id);
    if (open) {
      open.reveal();
    } else if (!this.isDisposed) {
      this.#keep(PreviewPanel.create(this.#context, id));
    }
    return this.#panels.get(id);
  }

  /** Takes the last frame in the task's preview as soon as it plays. There has to be a local copy. */
  async continueFromLastFrame(id: string): Promise<void> {
    (await this.show(id))?.continueFromLastFrame();
  }

  /** After a reload of the window. The store may not have been read yet; the panel waits for it. */
  async #restore(webviewPanel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { PreviewPanel } = await import('./previewPanel');
    const id = PreviewPanel.idIn(state);
    if (id === undefined || this.isDisposed || this.#panels.has(id)) {
      webviewPanel.dispose();
      return;
    }
    this.#keep(new PreviewPanel(this.#context, id, webviewPanel));
  }

  #keep(panel: PreviewPanel): void {
    this.#panels.set(panel.id, panel);
    panel.onDidClose(() => this.#panels.delete(panel.id));
  }
}
