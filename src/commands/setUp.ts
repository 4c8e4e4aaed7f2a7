import * as vscode from 'vscode';
import { DeliveryError } from '../frames/deliveryError';
import { isHeaderValue } from '../frames/upload';
import { explainDeliveryError } from '../platform/deliveryText';
import type { Rooms } from './rooms';
import { askText, BACK, pick, type Answer } from './steps';

/** What is set up already can be changed, or its secrets forgotten. `undefined`: the latter, or nothing. */
export async function doOrForget(title: string, forget: () => Promise<void>): Promise<'change' | undefined> {
  const picked = await pick({
    title,
    items: [
      { label: `$(edit) ${vscode.l10n.t('Change or try it…')}`, does: 'change' as const },
      { label: `$(trash) ${vscode.l10n.t('Forget the stored keys')}`, does: 'forget' as const },
    ],
  });
  const does = picked === BACK ? undefined : picked?.does;
  if (does === 'forget') {
    await forget();
    void vscode.window.showInformationMessage(vscode.l10n.t('The keys were removed from this computer.'));
  }
  return does === 'change' ? does : undefined;
}

/** A password box. What can be in a header line may be in it. */
export async function askSecret(options: {
  title: string;
  value: string;
  prompt: string;
  check?: (text: string, signal: AbortSignal) => Promise<string | undefined>;
}): Promise<Answer<string>> {
  const { check, ...rest } = options;
  const answer = await askText({
    ...rest,
    password: true,
    back: true,
    problem: (text) =>
      isHeaderValue(text.trim())
        ? undefined
        : vscode.l10n.t('Paste it here: Latin letters, digits and signs, nothing else.'),
    ...(check ? { check: (text: string, signal: AbortSignal) => check(text.trim(), signal) } : {}),
  });
  return typeof answer === 'string' ? answer.trim() : answer;
}

/** Runs a trial; what it threw, in words. */
export async function problemOfTrial(
  { log }: Pick<Rooms, 'log'>,
  trial: () => Promise<unknown>,
): Promise<string | undefined> {
  try {
    await trial();
    return undefined;
  } catch (error) {
    if (!(error instanceof DeliveryError)) {
      throw error;
    }
    log.warn(`trial: ${error.message}`);
    return explainDeliveryError(error);
  }
}
