import * as vscode from 'vscode';
import { Disposable, Emitter, type Event } from '../../common/events';
import { LAST_FRAME_VIEW } from '../../constants';
import { createWebviewHtml, getPageOptions, getTabIcon } from '../webviewHtml';
import { getFrameColumn } from './frameColumn';
import { getViewPage, type FramePage } from './framePage';
import { parseFrameReply, type LastFrameStrings } from './protocol';

export interface OwnFramePageOptions {
  extensionUri: vscode.Uri;
  /** The folder of the local copies. */
  videosDirectory: string;
}

/** While it is set, the side bar has the view. package.json names it. */
const VIEW_CONTEXT = 'seedance.isTakingFrame';

/** A page that only draws frames, and says so. It takes no focus, and is closed once there is nothing to draw. */
export class OwnFramePage extends Disposable implements FramePage {
  readonly webview: vscode.Webview;
  readonly #close: () => void;
  readonly #ended = this._register(new Emitter<void>());
  readonly onDidEnd = this.#ended.event;
  /** Resolves when the page listens. */
  readonly whenReady: Promise<void>;

  constructor(
    { extensionUri, videosDirectory }: OwnFramePageOptions,
    place: { webview: vscode.Webview; onDidEnd: Event<void>; close: () => void },
  ) {
    super();
    const { webview } = place;
    const strings = getLastFrameStrings();
    this.webview = webview;
    this.#close = place.close;
    this._register(place.onDidEnd(() => this.dispose()));
    this.whenReady = new Promise((resolve) => {
      this._register(
        webview.onDidReceiveMessage((message: unknown) => {
          if (parseFrameReply(message)?.type === 'ready') {
            resolve();
          }
        }),
      );
    });
    webview.options = getPageOptions(extensionUri, vscode.Uri.file(videosDirectory));
    webview.html = createWebviewHtml(webview, extensionUri, {
      title: strings.title,
      styles: ['lastFrame.css'],
      script: 'lastFrame.js',
      allows: [`media-src ${webview.cspSource}`],
      data: { strings },
    });
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#ended.fire();
      super.dispose();
      this.#close();
    }
  }
}

/** Opens the page in a column of the editors. It goes on when the user chooses another tab there. */
export function openFramePanel(options: OwnFramePageOptions): OwnFramePage {
  const panel = vscode.window.createWebviewPanel(
    'seedance.lastFrame',
    getLastFrameStrings().title,
    { viewColumn: getFrameColumn(), preserveFocus: true },
    { retainContextWhenHidden: true },
  );
  panel.iconPath = getTabIcon(options.extensionUri);
  return new OwnFramePage(options, {
    webview: panel.webview,
    onDidEnd: (listener) => panel.onDidDispose(listener),
    close: () => void panel.dispose(),
  });
}

/** A section of the side bar that is there only while it is wanted. VS Code asks for its page when the side bar shows it. */
export class FrameView extends Disposable {
  readonly #options: OwnFramePageOptions;
  readonly #opened = this._register(new Emitter<OwnFramePage>());
  /** Fires when VS Code shows it. */
  readonly onDidOpen = this.#opened.event;

  constructor(options: OwnFramePageOptions) {
    super();
    this.#options = options;
    this._register(
      vscode.window.registerWebviewViewProvider(LAST_FRAME_VIEW, {
        resolveWebviewView: (view) => {
          const { onDidEnd } = getViewPage(view);
          this.#opened.fire(
            new OwnFramePage(this.#options, { webview: view.webview, onDidEnd, close: () => this.setWanted(false) }),
          );
        },
      }),
    );
    this._register({ dispose: () => this.setWanted(false) });
  }

  setWanted(isWanted: boolean): void {
    void vscode.commands.executeCommand('setContext', VIEW_CONTEXT, isWanted);
  }
}

function getLastFrameStrings(): LastFrameStrings {
  return {
    title: vscode.l10n.t('Last frame'),
    taking: vscode.l10n.t('Taking the last frame…'),
    hint: vscode.l10n.t('The next video begins with it. This page closes by itself.'),
  };
}
