import path from 'node:path';
import * as vscode from 'vscode';
import { spendingCsv } from '../tasks/spendingCsv';
import type { Rooms } from './rooms';

/** Everything that is known: the tasks of the list, and the amounts of those removed in the last 30 days. */
export async function run(rooms: Rooms): Promise<void> {
  await rooms.store.load();
  const day = new Date(rooms.now() - new Date(rooms.now()).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
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
  const csv = spendingCsv([...rooms.store.list(), ...rooms.store.removed()], {
    separator: separatorFor(vscode.env.language),
    titles: titles(),
  });
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(csv));
  const open = vscode.l10n.t('Open');
  void vscode.window
    .showInformationMessage(vscode.l10n.t('Saved as {0}', path.posix.basename(target.path)), open)
    .then((choice) => (choice === open ? vscode.commands.executeCommand('vscode.open', target) : undefined));
}

/** Spreadsheets split by the character that is no decimal sign in their language. */
function separatorFor(language: string): ',' | ';' {
  try {
    return new Intl.NumberFormat(language).format(1.5).includes(',') ? ';' : ',';
  } catch {
    return ',';
  }
}

function titles() {
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
