import * as vscode from 'vscode';
import { importTasks, ImportError, parseExport } from '../tasks/transfer';
import type { Rooms } from './rooms';
import { Told } from './tellError';

/** Larger than any export: some 100,000 tasks. */
const MAX_BYTES = 100 * 1024 * 1024;

/** Adds the tasks of an exported file that are not in the list yet, and follows those that are on their way. */
export async function run(rooms: Rooms): Promise<void> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectMany: false,
      filters: { JSON: ['json'] },
      title: vscode.l10n.t('Import tasks'),
    })) ?? [];
  if (!uri) {
    return;
  }
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_BYTES) {
    throw new Told(vscode.l10n.t('This file is too large to be an export of tasks. Nothing was imported.'));
  }
  const { records, unreadable } = read(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
  const { added, known } = await importTasks(rooms.store, records, rooms.now());
  const parts = [vscode.l10n.t('Tasks imported: {0}; already in the list: {1}.', added, known)];
  if (unreadable > 0) {
    parts.push(vscode.l10n.t('Entries that could not be read: {0}.', unreadable));
  }
  void vscode.window.showInformationMessage(parts.join(' '));
}

function read(text: string): ReturnType<typeof parseExport> {
  try {
    return parseExport(text);
  } catch (error) {
    if (!(error instanceof ImportError)) {
      throw error;
    }
    throw new Told(
      error.kind === 'newer-format'
        ? vscode.l10n.t(
            'A newer version of Seedance made this file. Update the extension and import it again. Nothing was imported.',
          )
        : vscode.l10n.t('This file is not an export of Seedance tasks. Nothing was imported.'),
    );
  }
}
