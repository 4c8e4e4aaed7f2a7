import type * as vscode from 'vscode';
import { pageHtml } from './pageHtml';
import type { PreviewModel, PreviewStrings } from './previewMessages';

/** What `media-src` allows besides the extension's own files. */
export type RemoteMedia = 'none' | 'https' | 'https-and-loopback';

export function previewHtml(
  webview: vscode.Webview,
  mediaRoot: vscode.Uri,
  { model, strings, remote }: { model: PreviewModel; strings: PreviewStrings; remote: RemoteMedia },
): string {
  const { cspSource } = webview;
  const media = {
    none: cspSource,
    https: `${cspSource} https:`,
    'https-and-loopback': `${cspSource} https: http://127.0.0.1:* http://localhost:*`,
  }[remote];
  return pageHtml(webview, mediaRoot, {
    title: model.title,
    style: 'preview.css',
    script: 'preview.js',
    // Thumbnails come with the model.
    allows: [`img-src ${cspSource} data:`, `media-src ${media}`],
    // The first model comes with the page, so that the video is asked for without a message to and fro.
    data: { strings, model },
  });
}
