import * as vscode from 'vscode';
import { basename } from '../platform/workspaceFiles';
import { toSpendingCsv } from '../tasks/spending/spendingCsv';
import type { ExtensionServices } from '../container';

export async function showSpending(services: ExtensionServices): Promise<void> {
  await services.store.load();
  await services.spending.show();
}

/** Exports the spending: of all tasks, and of those that were removed in the last 30 days. */
export async function exportSpending(services: ExtensionServices): Promise<void> {
  await services.store.load();
  const day = new Date(services.now() - new Date(services.now()).getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 10);
  const name = `seedance-${day}.csv`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export spending'),
    filters: { CSV: ['csv'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
  if (target === undefined) {
    return;
  }
  const csv = toSpendingCsv([...services.store.list(), ...services.store.removed()], {
    separator: separatorFor(vscode.env.language),
    titles: getColumnTitles(),
  });
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(csv));
  const open = vscode.l10n.t('Open');
  void vscode.window
    .showInformationMessage(vscode.l10n.t('Saved as {0}', basename(target)), open)
    .then((choice) => (choice === open ? vscode.commands.executeCommand('vscode.open', target) : undefined));
}

/** Spreadsheets use a semicolon in languages whose decimal separator is a comma. */
function separatorFor(language: string): ',' | ';' {
  try {
    return new Intl.NumberFormat(language).format(1.5).includes(',') ? ';' : ',';
  } catch {
    return ',';
  }
}

function getColumnTitles() {
  return {
    time: vscode.l10n.t('Time'),
    charge: vscode.l10n.t('Outcome'),
    model: vscode.l10n.t('Model'),
    roubles: vscode.l10n.t('Roubles'),
    basis: vscode.l10n.t('Basis'),
    quotedPrice: vscode.l10n.t('Price as listed'),
    cost: vscode.l10n.t('Price as told'),
    state: vscode.l10n.t('State'),
    taskId: vscode.l10n.t('Task ID'),
    prompt: vscode.l10n.t('Prompt'),
  };
}
