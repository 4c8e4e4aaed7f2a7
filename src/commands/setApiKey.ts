import * as vscode from 'vscode';
import type { Balance } from '../gateway/client';
import { isSendableKey } from '../gateway/key';
import { GatewayError } from '../gateway/errors';
import { explain } from '../platform/errorText';
import { formatRoubles } from '../platform/format';
import { toTaskError } from '../tasks/transitions';
import type { Rooms } from './rooms';
import { askText, BACK, confirm } from './steps';

/** Asks for the key, checks it with the service and stores it. */
export async function run(rooms: Rooms): Promise<boolean> {
  return (await askForKey(rooms)) !== undefined;
}

/**
 * The key, asked for when there is none. Every command that needs one begins with this and then goes on
 * with what the person wanted. `undefined`: they did not give one.
 */
export async function requireKey(rooms: Rooms): Promise<string | undefined> {
  return (await rooms.apiKey.get()) ?? (await askForKey(rooms));
}

async function askForKey(rooms: Rooms): Promise<string | undefined> {
  // Of the last check, told once the box is closed.
  let balance: Balance | undefined;
  let unchecked: GatewayError | undefined;
  const answer = await askText({
    title: vscode.l10n.t('Set API key'),
    placeholder: vscode.l10n.t('API key'),
    prompt: vscode.l10n.t(
      'Paste the API key from your account at gptunnel.ru. It is kept in the secret storage of VS Code only.',
    ),
    password: true,
    problem: (text) => problemOf(text.trim()),
    check: async (text, signal) => {
      balance = undefined;
      unchecked = undefined;
      try {
        balance = await rooms.gateway.balance({ key: text.trim(), signal });
      } catch (error) {
        if (!(error instanceof GatewayError)) {
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
  if (unchecked && !(await keepAnyway(rooms, unchecked))) {
    return undefined;
  }
  await rooms.apiKey.set(key);
  if (balance) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('The API key works and is stored. Balance: {0}.', formatRoubles(balance.balance)),
    );
  }
  return key;
}

/** Not a check of its shape, which varies: only of what can be sent at all. */
function problemOf(key: string): string | undefined {
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

async function keepAnyway(rooms: Rooms, error: GatewayError): Promise<boolean> {
  rooms.log.warn(`the key could not be checked: ${error.message}`);
  const { what, advice } = explain(toTaskError(error, rooms.now()));
  return confirm(vscode.l10n.t('The key could not be checked.'), `${what} ${advice}`, vscode.l10n.t('Keep it anyway'));
}
