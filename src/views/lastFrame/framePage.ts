import type * as vscode from 'vscode';
import type { Event, IDisposable } from '../../common/events';

/** A page of ours that listens, and that may load local copies: it can draw a frame (`answerFrameRequests`). */
export interface FramePage {
  readonly webview: Pick<vscode.Webview, 'asWebviewUri' | 'onDidReceiveMessage' | 'postMessage'>;
  /** Fires when the page is closed, or hidden, which ends it as well: what it was asked for will not come. */
  readonly onDidEnd: Event<void>;
}

/** The page of a panel that is visible. */
export function getPanelPage(panel: vscode.WebviewPanel): FramePage {
  return {
    webview: panel.webview,
    onDidEnd: (listener) =>
      both(
        panel.onDidDispose(() => listener()),
        panel.onDidChangeViewState(() => panel.visible || listener()),
      ),
  };
}

/** The page of a view that is visible. */
export function getViewPage(view: vscode.WebviewView): FramePage {
  return {
    webview: view.webview,
    onDidEnd: (listener) =>
      both(
        view.onDidDispose(() => listener()),
        view.onDidChangeVisibility(() => view.visible || listener()),
      ),
  };
}

function both(...listeners: IDisposable[]): IDisposable {
  return { dispose: () => listeners.forEach((listener) => listener.dispose()) };
}
