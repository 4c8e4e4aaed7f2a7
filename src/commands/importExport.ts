import * as vscode from 'vscode';
import {
  ImportError,
  importRecords,
  parseExport,
  planImport,
  serializeExport,
  type ImportPlan,
  type ParsedExport,
} from '../tasks/storage/importExport';
import { isLinkAlive } from '../tasks/model/taskCapabilities';
import type { ExtensionServices } from '../container';
import { confirm } from '../ui/quickInput';
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

/**
 * Adds the tasks of an exported file that are not in the list yet, once the user has seen what that means. Unfinished
 * ones are polled from then on.
 */
export async function importTasks(services: ExtensionServices): Promise<void> {
  for (let uri: vscode.Uri | undefined; ;) {
    [uri] =
      (await vscode.window.showOpenDialog({
        canSelectMany: false,
        filters: { JSON: ['json'] },
        title: vscode.l10n.t('Import tasks'),
        // Who declined to import a file most likely wants one beside it.
        ...(uri === undefined ? {} : { defaultUri: uri }),
      })) ?? [];
    if (!uri || (await importFile(services, uri))) {
      return;
    }
  }
}

/** @returns `false` when the user declined */
async function importFile(services: ExtensionServices, uri: vscode.Uri): Promise<boolean> {
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_IMPORT_BYTES) {
    throw new UserFacingError(vscode.l10n.t('This file is too large to be an export of tasks. Nothing was imported.'));
  }
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const { records, unreadable } = parseExportFile(text, services.now());
  const plan = await planImport(services.store, records);
  if (plan.added.length === 0) {
    void vscode.window.showInformationMessage(
      [vscode.l10n.t('There is nothing new in this file.'), ...getLeftOut(plan, unreadable)].join(' '),
    );
    return true;
  }
  if (!(await confirmImport(plan, unreadable, countDeadLinks(plan, services.now())))) {
    return false;
  }
  const added = await importWithProgress(services, plan);
  const sentences = [vscode.l10n.t('Tasks imported: {0}; already in the list: {1}.', added, plan.known)];
  if (added < plan.added.length) {
    sentences.push(
      vscode.l10n.t('Not imported: {0}. Importing the file again adds the rest.', plan.added.length - added),
    );
  }
  if (unreadable > 0) {
    sentences.push(vscode.l10n.t('Entries that could not be read: {0}.', unreadable));
  }
  void vscode.window.showInformationMessage(sentences.join(' '));
  return true;
}

/** A list may come from another user: nothing is asked or fetched before the user knows how much. */
function confirmImport(plan: ImportPlan, unreadable: number, dead: number): Promise<boolean> {
  const { added, asked, fetched } = plan;
  const detail = [
    ...(asked > 0 ? [vscode.l10n.t('The service will be asked about {0} of them, which is free.', asked)] : []),
    ...(fetched > 0 ? [vscode.l10n.t('Videos that will be fetched by the links in the file: {0}.', fetched)] : []),
    ...(dead > 0 ? [vscode.l10n.t('Videos whose link has expired: {0}.', dead)] : []),
    ...getLeftOut(plan, unreadable),
    vscode.l10n.t('Nothing is charged. Import only a file whose origin you know.'),
  ].join(' ');
  return confirm(vscode.l10n.t('Import tasks: {0}?', added.length), detail, vscode.l10n.t('Import'));
}

function getLeftOut({ known }: ImportPlan, unreadable: number): string[] {
  return [
    ...(known > 0 ? [vscode.l10n.t('Already in the list: {0}.', known)] : []),
    ...(unreadable > 0 ? [vscode.l10n.t('Entries that could not be read: {0}.', unreadable)] : []),
  ];
}

/** Videos of which the file knows a link that has died since: they are listed as expired. */
function countDeadLinks({ added }: ImportPlan, now: number): number {
  return added.filter((record) => record.result !== undefined && record.state === 'done' && !isLinkAlive(record, now))
    .length;
}

async function importWithProgress(services: ExtensionServices, plan: ImportPlan): Promise<number> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Importing tasks'),
    cancellable: true,
  };
  return vscode.window.withProgress(options, (progress, cancellation) => {
    const abort = new AbortController();
    const listener = cancellation.onCancellationRequested(() => abort.abort());
    let before = 0;
    return importRecords(services.store, plan, {
      signal: abort.signal,
      onProgress: (done, total) => {
        progress.report({ increment: ((done - before) / total) * 100, message: `${done} / ${total}` });
        before = done;
      },
    }).finally(() => void listener.dispose());
  });
}

function parseExportFile(text: string, at: number): ParsedExport {
  try {
    return parseExport(text, at);
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
