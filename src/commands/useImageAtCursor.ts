import * as vscode from 'vscode';
import { imageReferenceAt } from '../frames/imageReference';
import { parseImageTarget, type ImageTarget } from '../frames/imageTarget';
import { inMessage } from '../platform/foreignText';
import type { Rooms } from './rooms';
import { confirm } from './steps';
import { Told } from './tellError';
import { run as useAsFirstFrame } from './useAsFirstFrame';

/** The image that a Markdown or HTML text speaks of at the cursor, as a first frame. */
export async function run(rooms: Rooms): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  const reference = editor && referenceAt(editor.document, editor.selection.active);
  if (editor === undefined || reference === undefined) {
    throw new Told(
      vscode.l10n.t(
        'There is no image at the cursor. Put it on one, such as ![boat](boat.png) or <img src="boat.png">.',
      ),
    );
  }
  const target = parseImageTarget(reference);
  switch (target?.kind) {
    case undefined:
      throw new Told(vscode.l10n.t('This does not lead to an image: {0}', inMessage(reference, 120)));
    case 'link':
      return useAsFirstFrame(rooms, { picture: target.href, label: target.label.slice(0, 200) });
    case 'data':
      return useAsFirstFrame(rooms, {
        picture: target.bytes,
        label: vscode.l10n.t('Image in {0}', nameOf(editor.document.uri)).slice(0, 200),
      });
    case 'file':
    case 'path': {
      const uri = uriOf(target, editor.document.uri);
      return (await mayBeUsed(uri)) ? useAsFirstFrame(rooms, uri) : undefined;
    }
  }
}

/** Looks at the lines around the cursor, up to blank ones. */
function referenceAt(document: vscode.TextDocument, position: vscode.Position): string | undefined {
  const isBlank = (line: number) => document.lineAt(line).isEmptyOrWhitespace;
  let first = position.line;
  while (first > 0 && !isBlank(first - 1)) {
    first--;
  }
  let last = position.line;
  while (last + 1 < document.lineCount && !isBlank(last + 1)) {
    last++;
  }
  const start = new vscode.Position(first, 0);
  const text = document.getText(new vscode.Range(start, document.lineAt(last).range.end));
  return imageReferenceAt(text, document.offsetAt(position) - document.offsetAt(start), document.getText());
}

/** `/img/a.png` begins at the workspace folder, as on the site or in the repository that the text is for. */
function uriOf(target: ImageTarget & { kind: 'file' | 'path' }, document: vscode.Uri): vscode.Uri {
  if (target.kind === 'file') {
    return vscode.Uri.parse(target.uri);
  }
  const folder = (vscode.workspace.getWorkspaceFolder(document) ?? vscode.workspace.workspaceFolders?.[0])?.uri;
  const beside =
    document.scheme === 'untitled' ? folder : vscode.Uri.joinPath(document, '..').with({ query: '', fragment: '' });
  const base = target.isFromRoot ? folder : beside;
  if (!base) {
    throw new Told(vscode.l10n.t('Open the folder that this path begins in: {0}', inMessage(target.path, 120)));
  }
  return vscode.Uri.joinPath(base, target.path);
}

/** Somebody else may have written the text. What it must not do is hand out a private picture unseen. */
async function mayBeUsed(uri: vscode.Uri): Promise<boolean> {
  if (vscode.workspace.getWorkspaceFolder(uri)) {
    return true;
  }
  const path = inMessage(uri.scheme === 'file' ? uri.fsPath : uri.toString(true), 300);
  return confirm(
    vscode.l10n.t('The text leads to a file outside of the workspace.'),
    vscode.l10n.t('It is {0}. Use it as a first frame only if you want the service to get that image.', path),
    vscode.l10n.t('Use that file'),
  );
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.split('/').at(-1) ?? '';
}
