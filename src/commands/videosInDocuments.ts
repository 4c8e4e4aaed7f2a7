import * as vscode from 'vscode';
import { TASK_ROWS_MIME } from '../constants';
import type { ExtensionServices } from '../container';
import { getCopiedVideos, onDidCopyVideos } from './copiedVideos';

/**
 * Takes rows of the list that are dropped into a document, and videos that were copied for another one. What is done with
 * them is loaded then.
 */
export function registerVideosInDocuments(getServices: () => ExtensionServices): vscode.Disposable {
  let pastes: vscode.Disposable | undefined;
  // Not before there is something of ours to paste: VS Code waits for each provider at every paste of a text.
  const copies = onDidCopyVideos(() => (pastes ??= registerPastes(getServices)));
  return vscode.Disposable.from(registerDrops(getServices), {
    dispose: () => {
      copies.dispose();
      pastes?.dispose();
    },
  });
}

/** VS Code asks only while a row of the list is dragged. */
function registerDrops(getServices: () => ExtensionServices): vscode.Disposable {
  return vscode.languages.registerDocumentDropEditProvider(
    '*',
    {
      provideDocumentDropEdits: async (document, _position, data) => {
        const rows = await data.get(TASK_ROWS_MIME)?.asString();
        return rows === undefined
          ? undefined
          : (await import('./commandTable')).createDropEdit(getServices(), document, rows);
      },
    },
    { dropMimeTypes: [TASK_ROWS_MIME] },
  );
}

function registerPastes(getServices: () => ExtensionServices): vscode.Disposable {
  const pasteKind = vscode.DocumentDropOrPasteEditKind.Empty.append('seedance', 'video');
  return vscode.languages.registerDocumentPasteEditProvider(
    // Seen in VS Code: its own provider of plain text is for '*', and comes first of equals.
    { pattern: '**' },
    {
      provideDocumentPasteEdits: async (document, _ranges, data) => {
        const copied = getCopiedVideos();
        const text = await data.get('text/plain')?.asString();
        if (!copied || text === undefined || withoutReturns(text) !== copied.text) {
          return undefined;
        }
        const { createPastedText } = await import('./commandTable');
        const pasted = await createPastedText(getServices(), document, copied.ids);
        return pasted === undefined
          ? undefined
          : [new vscode.DocumentPasteEdit(pasted, vscode.l10n.t('Insert video'), pasteKind)];
      },
    },
    { pasteMimeTypes: ['text/plain'], providedPasteEditKinds: [pasteKind] },
  );
}

/** Windows may hand out lines as it writes them. */
function withoutReturns(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
