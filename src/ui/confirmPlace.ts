import * as vscode from 'vscode';
import { isLocalFile } from '../common/link';
import { escapeForNotification } from '../common/text';
import { confirm } from './quickInput';

/**
 * Makes sure that a place which a record names may be opened. The record may have been imported, and then its file named the
 * place: a share on the network is called with the user's name, and other schemes open whatever an extension likes.
 *
 * @param text of the URI, as the record has it
 * @param question that says what is there, as a sentence
 * @throws {vscode.CancellationError} when the user does not know the place
 */
export async function requireKnownPlace(uri: vscode.Uri, text: string, question: string): Promise<void> {
  const isKnown =
    isLocalFile(text) ||
    vscode.workspace.getWorkspaceFolder(uri) !== undefined ||
    (await confirm(
      question,
      vscode.l10n.t(
        'It is at {0}. If the task was imported, somebody else named this place: open it only if you know it.',
        escapeForNotification(text, 300),
      ),
      vscode.l10n.t('Open it'),
    ));
  if (!isKnown) {
    throw new vscode.CancellationError();
  }
}
