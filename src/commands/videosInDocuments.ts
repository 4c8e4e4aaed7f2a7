import * as vscode from 'vscode';
import { TASK_ROWS_MIME } from '../constants';
import type { ExtensionServices } from '../container';

/**
 * Takes rows of the list that are dropped into a document. VS Code asks only while such a row is dragged; what is done
 * with it is loaded then.
 */
export function registerVideoDrops(getServices: () => ExtensionServices): vscode.Disposable {
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
