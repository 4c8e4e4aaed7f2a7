import * as vscode from 'vscode';
import { Disposable, type IDisposable } from '../../common/events';
import { getViewPage, type FramePage } from '../lastFrame/framePage';
import { createWebviewHtml, getPageOptions } from '../webviewHtml';
import type { ComposerForm } from './composerForm';
import { getComposerStrings } from './composerModel';
import type { ComposerContext } from './composerViewProvider';
import { parseWebviewMessage, type WebviewMessage } from './protocol';

/** The page of the view "Create", for as long as VS Code has the view. */
export class ComposerPage extends Disposable {
  readonly #context: ComposerContext;
  readonly #view: vscode.WebviewView;
  #isReady = false;
  #loading: Promise<ComposerForm> | undefined;
  #connection: IDisposable | undefined;

  constructor(context: ComposerContext, view: vscode.WebviewView) {
    super();
    this.#context = context;
    this.#view = view;
    const { webview } = view;
    webview.options = getPageOptions(context.extensionUri, vscode.Uri.file(context.videosDirectory));
    const strings = getComposerStrings();
    this._register(
      webview.onDidReceiveMessage((message: unknown) => void this.#onMessage(parseWebviewMessage(message))),
    );
    this._register(view.onDidDispose(() => this.dispose()));
    this._register(
      view.onDidChangeVisibility(() => {
        if (!view.visible) {
          this.#isReady = false;
          this.#disconnect();
        }
      }),
    );
    webview.html = createWebviewHtml(webview, context.extensionUri, {
      title: strings.title,
      styles: ['composer.css'],
      script: 'composer.js',
      // The thumbnail is a data: URL; an image that is brought is drawn from a blob: URL where a bitmap refuses it.
      // It draws last frames of local copies while it is visible.
      allows: ['img-src data: blob:', `media-src ${webview.cspSource}`],
      data: { strings },
    });
  }

  get isVisible(): boolean {
    return !this.isDisposed && this.#view.visible;
  }

  /** The page, while it listens: it can draw frames of videos as well. */
  get framePage(): FramePage | undefined {
    return this.#isReady && this.isVisible ? getViewPage(this.#view) : undefined;
  }

  override dispose(): void {
    this.#disconnect();
    super.dispose();
  }

  #disconnect(): void {
    this.#connection?.dispose();
    this.#connection = undefined;
  }

  async #onMessage(message: WebviewMessage | undefined): Promise<void> {
    if (message?.type === 'ready') {
      this.#isReady = true;
      this.#loading = this.#connect();
    }
    // What comes before `ready` is of a page that is not there any more.
    const form = await this.#loading;
    if (form && message) {
      await form.receive(message);
    }
  }

  async #connect(): Promise<ComposerForm> {
    const form = await this.#context.getForm();
    this.#disconnect();
    if (this.isVisible) {
      this.#connection = form.connect((sent) => void this.#view.webview.postMessage(sent));
    }
    return form;
  }
}
