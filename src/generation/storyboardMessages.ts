import * as vscode from 'vscode';
import { escapeForNotification } from '../common/text';
import type { ResolvedShot } from '../storyboard/resolve';

/** For a message. */
export function toName({ identity: { label, title } }: ResolvedShot): string {
  return escapeForNotification(title === '' ? label : `${label}: ${title}`, 80);
}

/** For a message. */
export function getFileName(uri: vscode.Uri): string {
  return escapeForNotification(uri.path.split('/').at(-1) ?? '', 60);
}

/** Tells what has become of shots that nobody waits for just now. */
export function tell(uri: vscode.Uri, sentences: readonly string[]): void {
  const openIt = vscode.l10n.t('Open storyboard');
  const name = getFileName(uri);
  void vscode.window.showWarningMessage(`${name}: ${sentences.join(' ')}`, openIt).then((choice) => {
    if (choice === openIt) {
      void vscode.window.showTextDocument(uri);
    }
  });
}
