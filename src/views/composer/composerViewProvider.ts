import type * as vscode from 'vscode';
import { Disposable } from '../../common/events';
import type { FramePage } from '../lastFrame/framePage';
import type { ComposerForm } from './composerForm';
import type { ComposerPage } from './composerPage';

export interface ComposerContext {
  extensionUri: vscode.Uri;
  /** The folder of the local copies. */
  videosDirectory: string;
  /** Resolves once the list of tasks has been read: its first rows come before the form. */
  whenListed: () => Promise<unknown>;
  /** Loads what stands behind the page, with the first page. */
  getForm: () => Promise<ComposerForm>;
}

/**
 * The view "Create". Nothing is loaded until VS Code shows it for the first time, and while it is hidden its page does not
 * exist: what was typed is kept in the state of the workspace.
 */
export class ComposerViewProvider extends Disposable implements vscode.WebviewViewProvider {
  readonly #context: ComposerContext;
  #page: ComposerPage | undefined;

  constructor(context: ComposerContext) {
    super();
    this.#context = context;
    this._register({ dispose: () => this.#page?.dispose() });
  }

  /** Whether the user sees the form. */
  get isVisible(): boolean {
    return this.#page?.isVisible === true;
  }

  /** The form while it is visible, for drawing a frame there. */
  findFramePage(): FramePage | undefined {
    return this.#page?.framePage;
  }

  async resolveWebviewView(view: vscode.WebviewView): Promise<void> {
    // Where both are unfolded in a window that opens, reading code and drawing a page would hold up the rows.
    await this.#context.whenListed();
    const { ComposerPage } = await import('./composerPage');
    if (this.isDisposed) {
      return;
    }
    this.#page?.dispose();
    this.#page = new ComposerPage(this.#context, view);
  }
}
