import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { PreviewModel, PreviewStrings } from './previewMessages';

/** What `media-src` allows besides the extension's own files. */
export type RemoteMedia = 'none' | 'https' | 'https-and-loopback';

export function previewHtml(
  webview: vscode.Webview,
  mediaRoot: vscode.Uri,
  facts: { model: PreviewModel; strings: PreviewStrings; remote: RemoteMedia },
): string {
  const nonce = randomBytes(16).toString('base64');
  const { cspSource } = webview;
  const uri = (file: string) => escape(webview.asWebviewUri(vscode.Uri.joinPath(mediaRoot, file)).toString());
  const media = {
    none: cspSource,
    https: `${cspSource} https:`,
    'https-and-loopback': `${cspSource} https: http://127.0.0.1:* http://localhost:*`,
  }[facts.remote];
  const csp = [
    "default-src 'none'",
    `style-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `img-src ${cspSource}`,
    `media-src ${media}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  // The first model comes with the page, so that the video is asked for without a message to and fro.
  return `<!DOCTYPE html>
<html lang="${escape(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(csp)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta id="seedance" data-strings="${escape(JSON.stringify(facts.strings))}" data-model="${escape(JSON.stringify(facts.model))}">
<title>${escape(facts.model.title)}</title>
<link rel="stylesheet" href="${uri('preview.css')}">
<script defer nonce="${nonce}" src="${uri('preview.js')}"></script>
</head>
<body></body>
</html>`;
}

/** For an attribute in double quotes and for text. */
export function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
