import * as vscode from 'vscode';
import type { ApiClient, Balance } from '../api/apiClient';
import { isSendableKey } from '../api/sendableKey';
import { ApiError } from '../api/apiError';
import { describeTaskError } from '../messages/taskErrors';
import { formatRoubles } from '../messages/format';
import { toTaskError } from '../tasks/model/transitions';
import type { ApiKey } from '../platform/apiKey';
import type { Log } from '../platform/log';
import { readBaseUrl } from '../platform/settings';
import { SecretStorageError } from '../platform/secretReader';
import { showInput, BACK, confirm } from './quickInput';
import { UserFacingError } from './showError';

/** The services that the prompt for the API key needs. */
export interface ApiKeyPromptServices {
  readonly apiKey: Pick<ApiKey, 'get' | 'set' | 'tryOut' | 'getOtherAddress' | 'moveTo'>;
  readonly apiClient: Pick<ApiClient, 'balance'>;
  readonly log: Pick<Log, 'warn'>;
  now(): number;
}

/**
 * Returns the API key, and prompts for it when none is stored. Commands that need a key from the start say so in the
 * command table (`needsApiKey`); the others call this once they know that they will need it.
 *
 * @throws {vscode.CancellationError} when the user dismisses the prompt; ends the command without a message
 */
export async function requireApiKey(services: ApiKeyPromptServices): Promise<string> {
  const key =
    (await services.apiKey.get()) ?? (await askForOtherAddress(services)) ?? (await promptForApiKey(services));
  if (key === undefined) {
    throw new vscode.CancellationError();
  }
  return key;
}

/**
 * There is a key, and it was entered for another address than that in the settings: asks whether it may be sent there.
 *
 * @returns the key; `undefined` when there is none, or the user wants to enter another one
 * @throws {vscode.CancellationError} when the user wants neither
 */
async function askForOtherAddress({ apiKey }: ApiKeyPromptServices): Promise<string | undefined> {
  const other = await apiKey.getOtherAddress();
  if (!other) {
    return undefined;
  }
  const send = vscode.l10n.t('Send the key there');
  const another = vscode.l10n.t('Enter another key');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Send the API key to {0}?', other.to),
    {
      modal: true,
      detail: vscode.l10n.t(
        'The key was entered for {0}, and the setting seedance.apiBaseUrl now names another address. What is there gets the key and can spend your money with it.',
        other.from,
      ),
    },
    // The first button is the default: a quick Enter must give nothing away.
    another,
    send,
  );
  if (choice === undefined) {
    throw new vscode.CancellationError();
  }
  if (choice === send) {
    await apiKey.moveTo(other.to);
  }
  return apiKey.get();
}

/**
 * Prompts for the API key, checks it with the service and stores it.
 *
 * @returns the key; `undefined` when the user dismissed the prompt
 */
export async function promptForApiKey(services: ApiKeyPromptServices): Promise<string | undefined> {
  // The results of the last check, shown once the box is closed.
  let balance: Balance | undefined;
  let unchecked: ApiError | undefined;
  const answer = await showInput({
    title: vscode.l10n.t('Set API key'),
    placeholder: vscode.l10n.t('API key'),
    prompt: vscode.l10n.t(
      'Paste the API key from your account at gptunnel.ru. It is kept in the secret storage of VS Code only, and is sent to {0} only.',
      readBaseUrl().host,
    ),
    password: true,
    validate: (text) => getKeyProblem(text.trim()),
    check: async (text, signal) => {
      balance = undefined;
      unchecked = undefined;
      services.apiKey.tryOut(text.trim());
      try {
        balance = await services.apiClient.balance({ key: text.trim(), signal });
      } catch (error) {
        if (!(error instanceof ApiError)) {
          throw error;
        }
        if (error.kind === 'invalid-key') {
          return vscode.l10n.t('The service refused this key. Check that it was copied whole.');
        }
        unchecked = error;
      }
      return undefined;
    },
  });
  if (answer === undefined || answer === BACK) {
    return undefined;
  }
  const key = answer.trim();
  if (unchecked && !(await confirmUncheckedKey(services, unchecked))) {
    return undefined;
  }
  try {
    await services.apiKey.set(key);
  } catch (error) {
    if (!(error instanceof SecretStorageError)) {
      throw error;
    }
    services.log.warn(`the key could not be stored: ${error.message}`);
    throw new UserFacingError(
      vscode.l10n.t(
        'The API key could not be stored: the password storage of this system (its keyring) is locked or does not answer. Nothing was charged. Unlock the storage and set the key again.',
      ),
    );
  }
  if (balance) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('The API key works and is stored. Balance: {0}.', formatRoubles(balance.balance)),
    );
  }
  return key;
}

/** Checks only that the key can be sent at all: the format of keys varies. */
function getKeyProblem(key: string): string | undefined {
  if (key === '') {
    return vscode.l10n.t('Paste the key here.');
  }
  if (/\s/.test(key)) {
    return vscode.l10n.t('There is a space or a line break inside the key. Copy the key alone.');
  }
  if (!isSendableKey(key)) {
    return vscode.l10n.t('A key has only Latin letters, digits and signs. Something else was copied with it.');
  }
  return undefined;
}

async function confirmUncheckedKey(services: ApiKeyPromptServices, error: ApiError): Promise<boolean> {
  services.log.warn(`the key could not be checked: ${error.message}`);
  const { what, advice } = describeTaskError(toTaskError(error, services.now()));
  return confirm(vscode.l10n.t('The key could not be checked.'), `${what} ${advice}`, vscode.l10n.t('Keep it anyway'));
}
