import * as vscode from 'vscode';
import type { Balance } from '../gateway/client';
import { formatRoubles } from '../platform/format';
import { TASKS_VIEW } from './ids';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';

/** Asks for both wallets: the organisation's, which pays by default, and the person's own. */
export async function run(rooms: Rooms): Promise<Balance | undefined> {
  const key = await requireKey(rooms);
  if (key === undefined) {
    return undefined;
  }
  const [company, personal] = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
    Promise.all([
      rooms.gateway.balance({ key }),
      // A key without a wallet of its own gets an error here; the first answer is enough then.
      rooms.gateway.balance({ key }, true).catch((error: unknown) => {
        rooms.log.debug(`personal wallet: ${String(error)}`);
        return undefined;
      }),
    ]),
  );
  // The amounts first: a message without buttons shows one line.
  const parts = [vscode.l10n.t('Balance: {0}.', withCredit(company))];
  if (personal) {
    parts.push(vscode.l10n.t('Personal wallet: {0}.', withCredit(personal)));
  }
  parts.push(vscode.l10n.t('The API key works.'));
  void vscode.window.showInformationMessage(parts.join(' '));
  return company;
}

function withCredit({ balance, creditLimit }: Balance): string {
  return creditLimit === undefined || creditLimit === 0
    ? formatRoubles(balance)
    : vscode.l10n.t('{0} (credit limit {1})', formatRoubles(balance), formatRoubles(creditLimit));
}
