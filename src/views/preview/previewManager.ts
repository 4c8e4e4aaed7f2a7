import * as vscode from 'vscode';
import type { CapturedImage } from './protocol';
import { PREVIEW_TYPE } from '../../constants';
import type { Downloader } from '../../tasks/download/downloader';
import type { RemainingTimeEstimates } from '../../tasks/polling/remainingTime';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import type { PromptTakes } from '../../tasks/model/promptTakes';
import { systemClock, type Clock } from '../../common/clock';
import { Disposable } from '../../common/events';
import type { PollingController } from '../../tasks/polling/pollingController';
import type { PosterStore } from '../../tasks/storage/posterStore';
import type { TaskStore } from '../../tasks/storage/taskStore';
import type { FramePage } from '../lastFrame/framePage';
import type { PreviewPanel } from './previewPanel';

/** What previews need. */
export interface PreviewOptions {
  extensionUri: vscode.Uri;
  store: Pick<
    TaskStore,
    'directory' | 'isLoaded' | 'load' | 'get' | 'isReadOnly' | 'videoPath' | 'onDidChange' | 'onDidLoad'
  >;
  downloader: Pick<Downloader, 'onDidProgress' | 'getProgress' | 'ensureCopy'>;
  polling: Pick<PollingController, 'getPauseReason' | 'onDidChangePauseReason'>;
  /** Without it, previews show no remaining time. */
  estimates?: Pick<RemainingTimeEstimates, 'of'>;
  /** Without it, tabs do not tell tasks of one prompt apart. */
  takes?: Pick<PromptTakes, 'takeOf' | 'takesOf'>;
  /** Without it, pages draw no posters. */
  posters?: Pick<PosterStore, 'find' | 'keep'>;
  /** When what failed is tried again, if this window does it. */
  nextTryAt?: (record: TaskRecord) => number | undefined;
  /** Handles a captured, pasted or dropped image. Shows its own errors and never rejects. */
  onDidCaptureImage(image: CapturedImage): Promise<void>;
  /** The path of the local copy's sound as a file that pages can play, if it can be decoded. Never rejects. */
  getSound?: (id: string) => Promise<string | undefined>;
  /** Stores the thumbnail of the first frame, a `data:` URL, in the record of the task. */
  keepThumbnail(id: string, thumbnail: string): Promise<unknown>;
  clock?: Clock;
}

export type PreviewContext = Required<Omit<PreviewOptions, 'posters'>> & Pick<PreviewOptions, 'posters'>;

export interface ShowOptions {
  /** Leaves the focus where it is, for example in a list that shows previews while the user walks through it. */
  preserveFocus?: boolean;
  /** The ids of the tasks that were chosen together with it, which are shown in turn. */
  series?: readonly string[];
}

/** Opens one preview panel per task and reuses it. The code of panels is loaded with the first one. */
export class PreviewManager extends Disposable {
  readonly #context: PreviewContext;
  readonly #panels = new Set<PreviewPanel>();
  /** What shows the tasks that the user passes in a list. */
  #peeked: PreviewPanel | undefined;

  constructor(options: PreviewOptions) {
    super();
    this.#context = {
      clock: systemClock,
      estimates: { of: () => undefined },
      takes: { takeOf: () => undefined, takesOf: () => [] },
      nextTryAt: () => undefined,
      getSound: () => Promise.resolve(undefined),
      ...options,
    };
    this._register(
      vscode.window.registerWebviewPanelSerializer(PREVIEW_TYPE, {
        deserializeWebviewPanel: (panel, state) => this.#restore(panel, state),
      }),
    );
    this._register({ dispose: () => this.#panels.forEach((panel) => panel.dispose()) });
  }

  /** Opens the preview of a task, or brings its panel to the front. */
  async show(id: string, options: ShowOptions = {}): Promise<PreviewPanel | undefined> {
    const { PreviewPanel } = await import('./previewPanel');
    if (this.isDisposed) {
      return undefined;
    }
    const open = this.#find(id);
    open?.reveal(options);
    const panel = open ?? this.#keep(PreviewPanel.create(this.#context, id, options));
    if (options.series) {
      panel.setSeries(options.series);
    }
    return panel;
  }

  /**
   * Shows a task while the user walks through a list that keeps the focus. One panel shows what they pass, and a task
   * that has a panel is shown in its own.
   */
  async peek(id: string): Promise<void> {
    const peeked = this.#peeked;
    if (peeked && !this.#find(id)) {
      peeked.switchTo(id);
    }
    const isOpen = this.#find(id) !== undefined;
    const panel = await this.show(id, { preserveFocus: true });
    if (panel && !isOpen) {
      this.#peeked = panel;
    }
  }

  /** Ends the walk: closes what was only passed, and opens what the user has chosen, if anything. */
  async endPeek(chosen?: string): Promise<void> {
    const peeked = this.#peeked;
    this.#peeked = undefined;
    if (peeked && peeked.id !== chosen) {
      peeked.dispose();
    }
    if (chosen !== undefined) {
      await this.show(chosen);
    }
  }

  /** The task whose preview the user works in. */
  get shownTask(): string | undefined {
    return [...this.#panels].find(({ isActive }) => isActive)?.id;
  }

  /** A preview that is visible, for drawing a frame there. */
  findFramePage(): FramePage | undefined {
    return [...this.#panels].flatMap(({ framePage }) => framePage ?? [])[0];
  }

  /** Whether there will be one in a moment. */
  isFramePageLoading(): boolean {
    return [...this.#panels].some(({ isLoading }) => isLoading);
  }

  /**
   * Opens the preview and captures the last frame as soon as the video plays. Frames can only be read from a local copy,
   * so the caller makes sure that there is one.
   */
  async continueFromLastFrame(id: string): Promise<void> {
    (await this.show(id))?.continueFromLastFrame();
  }

  /** Restores a panel after a reload of the window. The panel waits until the store is loaded. */
  async #restore(webviewPanel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { PreviewPanel } = await import('./previewPanel');
    const saved = PreviewPanel.parseState(state);
    if (saved === undefined || this.isDisposed || this.#find(saved.id)) {
      webviewPanel.dispose();
      return;
    }
    const panel = this.#keep(new PreviewPanel(this.#context, saved.id, webviewPanel));
    if (saved.ids) {
      panel.setSeries(saved.ids);
    }
  }

  #find(id: string): PreviewPanel | undefined {
    return [...this.#panels].find((panel) => panel.id === id);
  }

  #keep(panel: PreviewPanel): PreviewPanel {
    this.#panels.add(panel);
    panel.onDidSwitch(() => {
      // One panel a task.
      [...this.#panels].find((other) => other !== panel && other.id === panel.id)?.dispose();
    });
    panel.onDidClose(() => {
      this.#panels.delete(panel);
      if (this.#peeked === panel) {
        this.#peeked = undefined;
      }
    });
    return panel;
  }
}
