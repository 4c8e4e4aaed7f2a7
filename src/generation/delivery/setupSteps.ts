import * as vscode from 'vscode';
import { DeliveryError } from '../../images/delivery/deliveryError';
import { isHeaderValue } from '../../images/delivery/httpUpload';
import { describeDeliveryError } from '../../messages/imageErrors';
import type { ExtensionServices } from '../../container';
import { showInput, BACK, showPick, type InputResult } from '../../ui/quickInput';

/** Lets the user change an existing setup or delete its secrets. `undefined` after the latter, or when they gave up. */
export async function chooseChangeOrForget(title: string, forget: () => Promise<void>): Promise<'change' | undefined> {
  const picked = await showPick({
    title,
    items: [
      { label: `$(edit) ${vscode.l10n.t('Change or try it…')}`, action: 'change' as const },
      { label: `$(trash) ${vscode.l10n.t('Forget the stored keys')}`, action: 'forget' as const },
    ],
  });
  const action = picked === BACK ? undefined : picked?.action;
  if (action === 'forget') {
    await forget();
    void vscode.window.showInformationMessage(vscode.l10n.t('The keys were removed from this computer.'));
  }
  return action === 'change' ? action : undefined;
}

/** Asks for a secret. Accepts what an HTTP header may contain. */
export async function promptForSecret(options: {
  title: string;
  value: string;
  prompt: string;
  check?: ((text: string, signal: AbortSignal) => Promise<string | undefined>) | undefined;
}): Promise<InputResult<string>> {
  const { check, ...rest } = options;
  const answer = await showInput({
    ...rest,
    password: true,
    back: true,
    validate: (text) =>
      isHeaderValue(text.trim())
        ? undefined
        : vscode.l10n.t('Paste it here: Latin letters, digits and signs, nothing else.'),
    check: check && ((text, signal) => check(text.trim(), signal)),
  });
  return typeof answer === 'string' ? answer.trim() : answer;
}

/** Runs a connection test. Returns its error as a message, or `undefined` if it succeeded. */
export async function runConnectionTest(
  { log }: Pick<ExtensionServices, 'log'>,
  test: () => Promise<unknown>,
): Promise<string | undefined> {
  try {
    await test();
    return undefined;
  } catch (error) {
    if (!(error instanceof DeliveryError)) {
      throw error;
    }
    log.warn(`test: ${error.message}`);
    return describeDeliveryError(error);
  }
}
