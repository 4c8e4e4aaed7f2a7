import * as vscode from 'vscode';
import type { CapturedImage } from './protocol';
import { PREVIEW_TYPE } from '../../constants';
import type { Downloader } from '../../tasks/download/downloader';
import type { RemainingTimeEstimates } from '../../tasks/polling/remainingTime';
import { systemClock, type Clock } from '../../common/clock';
import { Disposable } from '../../common/events';
import type { PollingController } from '../../tasks/polling/pollingController';
import type { TaskStore } from '../../tasks/storage/taskStore';
import type { PreviewPanel } from './previewPanel';

export interface PreviewOptions {
  extensionUri: vscode.Uri;
  store: Pick<
    TaskStore,
    'directory' | 'isLoaded' | 'load' | 'get' | 'isReadOnly' | 'videoPath' | 'onDidChange' | 'onDidLoad'
  >;
  downloader: Pick<Downloader, 'onDidProgress' | 'progressOf' | 'ensureCopy'>;
  polling: Pick<PollingController, 'getPauseReason' | 'onDidChangePauseReason'>;
  /** Absent: nobody says how long tasks take. */
  estimates?: Pick<RemainingTimeEstimates, 'of'>;
  /** Handles what the page captured or was given. Shows its own errors and never throws. */
  onDidCaptureImage(image: CapturedImage): Promise<void>;
  /** Keeps the first frame as a small picture, for the eye. */
  keepThumbnail(id: string, thumbnail: string): Promise<unknown>;
  clock?: Clock;
}

export type PreviewContext = Required<PreviewOptions>;

/**
 * One preview panel a task, re-used. Light: what a panel is made of is loaded with the first one.
 */
export class PreviewManager extends Disposable {
  readonly #context: PreviewContext;
  readonly #panels = new Map<string, PreviewPanel>();

  constructor(parts: PreviewOptions) {
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
