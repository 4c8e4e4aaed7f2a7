import * as vscode from 'vscode';
import { Disposable, Emitter } from '../../common/events';
import { createWebviewHtml, getPageOptions, getTabIcon } from '../webviewHtml';
import { getFrameColumn } from './frameColumn';
import type { FramePage } from './framePage';
import { parseFrameReply, type LastFrameStrings } from './protocol';

export interface LastFramePanelOptions {
  extensionUri: vscode.Uri;
  /** The folder of the local copies. */
  videosDirectory: string;
}

/** A page that only draws frames, and says so. It takes no focus, and is closed once there is nothing to draw. */
export class LastFramePanel extends Disposable implements FramePage {
  readonly #panel: vscode.WebviewPanel;
  readonly #ended = this._register(new Emitter<void>());
  readonly onDidEnd = this.#ended.event;
  /** Resolves when the page listens. */
  readonly whenReady: Promise<void>;

  constructor({ extensionUri, videosDirectory }: LastFramePanelOptions) {
    super();
    const strings = getLastFrameStrings();
    this.#panel = vscode.window.createWebviewPanel(
      'seedance.lastFrame',
      strings.title,
      { viewColumn: getFrameColumn(), preserveFocus: true },
      {
        ...getPageOptions(extensionUri, vscode.Uri.file(videosDirectory)),
        // It goes on when the user chooses another tab meanwhile.
        retainContextWhenHidden: true,
      },
    );
    const { webview } = this.#panel;
    this.#panel.iconPath = getTabIcon(extensionUri);
    this._register(this.#panel.onDidDispose(() => this.dispose()));
    this.whenReady = new Promise((resolve) => {
      this._register(
        webview.onDidReceiveMessage((message: unknown) => {
          if (parseFrameReply(message)?.type === 'ready') {
            resolve();
          }
        }),
      );
    });
    webview.html = createWebviewHtml(webview, extensionUri, {
      title: strings.title,
      styles: ['lastFrame.css'],
      script: 'lastFrame.js',
      allows: [`media-src ${webview.cspSource}`],
      data: { strings },
    });
  }

  get webview(): vscode.Webview {
    return this.#panel.webview;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#ended.fire();
      super.dispose();
      this.#panel.dispose();
    }
  }
}

function getLastFrameStrings(): LastFrameStrings {
  return {
    title: vscode.l10n.t('Last frame'),
    taking: vscode.l10n.t('Taking the last frame…'),
    hint: vscode.l10n.t('The next video begins with it. This page closes by itself.'),
  };
}
