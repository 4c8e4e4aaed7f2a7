import * as vscode from 'vscode';
import type { Clock } from '../../common/clock';
import { Disposable } from '../../common/events';
import { GALLERY_TYPE } from '../../constants';
import type { PromptTakes } from '../../tasks/model/promptTakes';
import type { PollingController } from '../../tasks/polling/pollingController';
import type { PosterStore } from '../../tasks/storage/posterStore';
import type { TaskStore } from '../../tasks/storage/taskStore';
import type { FramePage } from '../lastFrame/framePage';
import type { GalleryPanel } from './galleryPanel';

/** What the gallery needs. */
export interface GalleryContext {
  extensionUri: vscode.Uri;
  store: Pick<
    TaskStore,
    'videosDirectory' | 'isLoaded' | 'load' | 'list' | 'get' | 'isReadOnly' | 'videoPath' | 'onDidChange' | 'onDidLoad'
  >;
  posters: Pick<PosterStore, 'find' | 'keep'>;
  polling: Pick<PollingController, 'getPauseReason' | 'onDidChangePauseReason'>;
  takes: Pick<PromptTakes, 'takeOf'>;
  clock: Clock;
}

/** Opens the one gallery of a window, and restores it after a reload. Its code is loaded when it is first shown. */
export class GalleryManager extends Disposable {
  readonly #context: GalleryContext;
  #panel: GalleryPanel | undefined;

  constructor(context: GalleryContext) {
    super();
    this.#context = context;
    this._register(
      vscode.window.registerWebviewPanelSerializer(GALLERY_TYPE, {
        // The page keeps its own state, and reads it again by itself.
        deserializeWebviewPanel: (panel) => this.#open(panel),
      }),
    );
    this._register({ dispose: () => this.#panel?.dispose() });
  }

  /** Opens the gallery, or brings it to the front. */
  async show(): Promise<void> {
    if (this.#panel) {
      this.#panel.reveal();
    } else {
      await this.#open();
    }
  }

  /** The gallery while it is visible, for drawing a frame there. */
  findFramePage(): FramePage | undefined {
    return this.#panel?.framePage;
  }

  async #open(restored?: vscode.WebviewPanel): Promise<void> {
    const { GalleryPanel } = await import('./galleryPanel');
    if (this.isDisposed || this.#panel) {
      restored?.dispose();
      this.#panel?.reveal();
      return;
    }
    this.#panel = new GalleryPanel(this.#context, restored, () => {
      this.#panel = undefined;
    });
  }
}
