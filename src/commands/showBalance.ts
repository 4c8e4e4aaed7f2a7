import * as vscode from 'vscode';
import type { Balance } from '../gateway/client';
import { formatRoubles } from '../platform/format';
import { inMessage } from '../platform/foreignText';
import { modelTitle } from '../platform/modelText';
import { readSettings } from '../platform/settings';
import { shortageText } from './generating/balance';
import { Commands, TASKS_VIEW } from './ids';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';

/** Asks for both wallets: the company's, which pays by default, and the person's own. */
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
  const parts = [vscode.l10n.t('The API key works.'), vscode.l10n.t('Balance: {0}.', withCredit(company))];
  if (personal) {
    parts.push(vscode.l10n.t('Personal wallet: {0}.', withCredit(personal)));
  }
  const next = nextText(rooms, company);
  if (next !== undefined) {
    parts.push(next);
  }
  const spending = vscode.l10n.t('Show spending');
  void (next === undefined ? vscode.window.showInformationMessage : vscode.window.showWarningMessage)(
    parts.join(' '),
    spending,
  ).then((choice) => (choice === spending ? vscode.commands.executeCommand(Commands.showSpending) : undefined));
  return company;
}

/** Whether it is enough for what would be generated next. */
function nextText({ catalogue }: Rooms, balance: Balance): string | undefined {
  const { model } = readSettings(vscode.window.activeTextEditor?.document.uri);
  const price = catalogue.priceOf(model);
  return price === undefined || shortageText(balance, price) === undefined
    ? undefined
    : vscode.l10n.t(
        'The next video costs {0} ({1}): {2} are missing.',
        formatRoubles(price),
        inMessage(modelTitle(model), 60),
        formatRoubles(price - balance.balance),
      );
}

function withCredit({ balance, creditLimit }: Balance): string {
  return creditLimit === undefined || creditLimit === 0
    ? formatRoubles(balance)
    : vscode.l10n.t('{0} (credit limit {1})', formatRoubles(balance), formatRoubles(creditLimit));
}
