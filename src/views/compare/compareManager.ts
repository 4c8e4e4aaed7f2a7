import * as vscode from 'vscode';
import { COMPARE_TYPE } from '../../constants';
import type { Clock } from '../../common/clock';
import { Disposable } from '../../common/events';
import type { Downloader } from '../../tasks/download/downloader';
import type { PromptTakes } from '../../tasks/model/promptTakes';
import type { TaskStore } from '../../tasks/storage/taskStore';
import type { ComparePanel } from './comparePanel';

/** What comparisons need. */
export interface CompareContext {
  extensionUri: vscode.Uri;
  store: Pick<
    TaskStore,
    'videosDirectory' | 'isLoaded' | 'load' | 'get' | 'isReadOnly' | 'videoPath' | 'onDidChange' | 'onDidLoad'
  >;
  downloader: Pick<Downloader, 'onDidProgress' | 'getProgress' | 'ensureCopy'>;
  takes: Pick<PromptTakes, 'takeOf' | 'takesOf'>;
  /** The path of the sound as a file, made of the local copy; `undefined` where that cannot be. Never rejects. */
  getSound(id: string): Promise<string | undefined>;
  clock: Clock;
}

/** Opens panels that show takes side by side. The code of panels is loaded with the first one. */
export class CompareManager extends Disposable {
  readonly #context: CompareContext;
  readonly #panels = new Set<ComparePanel>();

  constructor(context: CompareContext) {
    super();
    this.#context = context;
    this._register(
      vscode.window.registerWebviewPanelSerializer(COMPARE_TYPE, {
        deserializeWebviewPanel: (panel, state) => this.#restore(panel, state),
      }),
    );
    this._register({ dispose: () => this.#panels.forEach((panel) => panel.dispose()) });
  }

  /**
   * Compares two to four tasks, in this order, or brings the panel to the front that compares the same.
   *
   * @param ids of tasks that are done
   */
  async show(ids: readonly string[]): Promise<void> {
    const { ComparePanel } = await import('./comparePanel');
    const open = [...this.#panels].find((panel) => isSameSet(panel.ids, ids));
    if (open) {
      open.reveal();
    } else if (!this.isDisposed) {
      this.#keep(ComparePanel.create(this.#context, ids));
    }
  }

  /** Restores a panel after a reload of the window. The panel waits until the store is loaded. */
  async #restore(webviewPanel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { ComparePanel } = await import('./comparePanel');
    const ids = ComparePanel.parseState(state);
    if (ids === undefined || this.isDisposed) {
      webviewPanel.dispose();
    } else {
      this.#keep(new ComparePanel(this.#context, ids, webviewPanel));
    }
  }

  #keep(panel: ComparePanel): void {
    this.#panels.add(panel);
    panel.onDidClose(() => this.#panels.delete(panel));
  }
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}
