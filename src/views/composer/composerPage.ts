import type * as vscode from 'vscode';
import { Disposable, type IDisposable } from '../../common/events';
import { createWebviewHtml, getPageOptions } from '../webviewHtml';
import type { ComposerForm } from './composerForm';
import { getComposerStrings } from './composerModel';
import type { ComposerContext } from './composerViewProvider';
import { parseWebviewMessage, type WebviewMessage } from './protocol';

/** The page of the view "Create", for as long as VS Code has the view. */
export class ComposerPage extends Disposable {
  readonly #context: ComposerContext;
  readonly #view: vscode.WebviewView;
  #loading: Promise<ComposerForm> | undefined;
  #connection: IDisposable | undefined;

  constructor(context: ComposerContext, view: vscode.WebviewView) {
    super();
    this.#context = context;
    this.#view = view;
    const { webview } = view;
    webview.options = getPageOptions(context.extensionUri);
    const strings = getComposerStrings();
    this._register(
      webview.onDidReceiveMessage((message: unknown) => void this.#onMessage(parseWebviewMessage(message))),
    );
    this._register(view.onDidDispose(() => this.dispose()));
    this._register(view.onDidChangeVisibility(() => view.visible || this.#disconnect()));
    webview.html = createWebviewHtml(webview, context.extensionUri, {
      title: strings.title,
      styles: ['composer.css'],
      script: 'composer.js',
      // The thumbnail is a data: URL; an image that is brought is drawn from a blob: URL where a bitmap refuses it.
      allows: ['img-src data: blob:'],
      data: { strings },
    });
  }

  get isVisible(): boolean {
    return !this.isDisposed && this.#view.visible;
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
