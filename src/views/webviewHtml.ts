import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** What differs between the webviews. */
export interface WebviewHtmlOptions {
  title: string;
  /** Names of style sheets in `media/`, the most general first. All webviews have `page.css` before them. */
  styles: readonly string[];
  /** Name of a script in `dist/webviews/`, which esbuild builds from `src/webviews/`. */
  script?: string | undefined;
  /** Further directives of the content security policy. */
  allows?: readonly string[];
  /** JSON values for the script, which reads them with `readPageData`: `data-*` attributes of `<meta id="seedance">`. */
  data?: Readonly<Record<string, unknown>>;
  /** HTML. The caller escapes all text in it with `escapeHtml`. */
  body?: string;
}

/** Returns the folders of the extension that webviews may load files from. */
export function getWebviewRoots(extensionUri: vscode.Uri): { media: vscode.Uri; scripts: vscode.Uri } {
  return {
    media: vscode.Uri.joinPath(extensionUri, 'media'),
    scripts: vscode.Uri.joinPath(extensionUri, 'dist', 'webviews'),
  };
}

/** The options of a page with a script. `others` are the folders that it may load files from besides the extension's. */
export function getPageOptions(extensionUri: vscode.Uri, ...others: vscode.Uri[]): vscode.WebviewOptions {
  const { media, scripts } = getWebviewRoots(extensionUri);
  return { enableScripts: true, enableForms: false, localResourceRoots: [media, scripts, ...others] };
}

/** The icon in the tab of a panel. */
export function getTabIcon(extensionUri: vscode.Uri): { light: vscode.Uri; dark: vscode.Uri } {
  const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, 'media', `preview-${theme}.svg`);
  return { light: icon('light'), dark: icon('dark') };
}

/**
 * Creates the HTML of a webview. Its content security policy allows only the given files of the extension, and what
 * `allows` adds.
 */
export function createWebviewHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  options: WebviewHtmlOptions,
): string {
  const { title, styles, script, allows = [], data = {}, body = '' } = options;
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
${['page.css', ...styles].map((style) => `<link rel="stylesheet" href="${uri(media, style)}">`).join('\n')}
${script === undefined ? '' : `<script defer nonce="${nonce}" src="${uri(scripts, script)}"></script>`}
</head>
<body>${body}</body>
</html>`;
}

/** Escapes a string for HTML text and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
