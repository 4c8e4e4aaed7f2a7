import * as vscode from 'vscode';
import { serializeExport, importRecords, ImportError, parseExport } from '../tasks/storage/importExport';
import type { ExtensionServices } from '../container';
import { UserFacingError } from '../ui/showError';

/** Exports all tasks to a JSON file, without the videos and the API key. */
export async function exportTasks(services: ExtensionServices): Promise<vscode.Uri | undefined> {
  await services.store.load();
  const records = services.store.list();
  if (records.length === 0) {
    throw new UserFacingError(vscode.l10n.t('There are no tasks to export.'));
  }
  const day = new Date(services.now()).toISOString().slice(0, 10);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, `seedance-tasks-${day}.json`) } : {}),
    filters: { JSON: ['json'] },
    title: vscode.l10n.t('Export tasks'),
  });
  if (!uri) {
    return undefined;
  }
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(serializeExport(records, services.now())));
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Tasks exported: {0}. The videos and the API key are not part of the file.', records.length),
  );
  return uri;
}

/** Enough for some 100,000 tasks. */
const MAX_IMPORT_BYTES = 100 * 1024 * 1024;

/** Adds the tasks of an exported file that are not in the list yet. Unfinished ones are polled from then on. */
export async function importTasks(services: ExtensionServices): Promise<void> {
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
  if (size > MAX_IMPORT_BYTES) {
    throw new UserFacingError(vscode.l10n.t('This file is too large to be an export of tasks. Nothing was imported.'));
  }
  const { records, unreadable } = parseExportFile(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
  const { added, known } = await importRecords(services.store, records, services.now());
  const sentences = [vscode.l10n.t('Tasks imported: {0}; already in the list: {1}.', added, known)];
  if (unreadable > 0) {
    sentences.push(vscode.l10n.t('Entries that could not be read: {0}.', unreadable));
  }
  void vscode.window.showInformationMessage(sentences.join(' '));
}

function parseExportFile(text: string): ReturnType<typeof parseExport> {
  try {
    return parseExport(text);
  } catch (error) {
    if (!(error instanceof ImportError)) {
      throw error;
    }
    throw new UserFacingError(
      error.kind === 'newer-format'
        ? vscode.l10n.t(
            'A newer version of Seedance made this file. Update the extension and import it again. Nothing was imported.',
          )
        : vscode.l10n.t('This file is not an export of Seedance tasks. Nothing was imported.'),
    );
  }
}
