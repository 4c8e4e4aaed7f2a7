import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export interface WebviewHtmlOptions {
  title: string;
  /** A file of `media/`, beside `page.css`, which all pages have. */
  style: string;
  /** A file of `dist/webviews/`: what esbuild makes of `src/webviews/`. */
  script?: string;
  /** What the page may load besides these: directives of its policy. */
  allows?: readonly string[];
  /** For the script, as the attributes of `<meta id="seedance">`; anything that JSON can hold. */
  data?: Readonly<Record<string, unknown>>;
  /** HTML; what comes from outside in it has been through `escape`. */
  body?: string;
}

/** Where the files of the pages are: the only folders of the extension that a page may load from. */
export function getWebviewRoots(extensionUri: vscode.Uri): { media: vscode.Uri; scripts: vscode.Uri } {
  return {
    media: vscode.Uri.joinPath(extensionUri, 'media'),
    scripts: vscode.Uri.joinPath(extensionUri, 'dist', 'webviews'),
  };
}

/** A page of ours: static files of the extension, and a policy that lets nothing else in. */
export function createWebviewHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  parts: WebviewHtmlOptions,
): string {
  const { title, style, script, allows = [], data = {}, body = '' } = parts;
  const nonce = randomBytes(16).toString('base64');
  const { media, scripts } = getWebviewRoots(extensionUri);
  const uri = (root: vscode.Uri, file: string) =>
    escapeHtml(webview.asWebviewUri(vscode.Uri.joinPath(root, file)).toString());
  const csp = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    ...(script === undefined ? [] : [`script-src 'nonce-${nonce}'`]),
    ...allows,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const attributes = Object.entries(data).map(
    ([name, value]) => ` data-${name}="${escapeHtml(JSON.stringify(value))}"`,
  );
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(csp)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta id="seedance"${attributes.join('')}>
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${uri(media, 'page.css')}">
<link rel="stylesheet" href="${uri(media, style)}">
${script === undefined ? '' : `<script defer nonce="${nonce}" src="${uri(scripts, script)}"></script>`}
</head>
<body>${body}</body>
</html>`;
}

/** For an attribute in double quotes and for text. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
