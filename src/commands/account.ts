import * as vscode from 'vscode';
import { isUnfinished } from '../tasks/model/taskRecord';
import { confirm } from '../ui/quickInput';
import type { Balance } from '../api/apiClient';
import { formatRoubles, formatModelTitle, formatTaskNames } from '../messages/format';
import { escapeForNotification } from '../common/text';
import { getShortageMessage, openTopUp } from '../generation/confirmBudget';
import { Commands, TASKS_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { promptForApiKey, requireApiKey } from '../ui/apiKeyPrompt';

/** Asks for the key, checks it with the service and stores it. */
export async function setApiKey(services: ExtensionServices): Promise<boolean> {
  return (await promptForApiKey(services)) !== undefined;
}

export async function removeApiKey(services: ExtensionServices): Promise<void> {
  await services.store.load();
  const onTheirWay = services.store.list().filter(isUnfinished);
  if (onTheirWay.length > 0) {
    const detail = vscode.l10n.t(
      'Videos on their way: {0}. They are not lost, but they wait until you set the same key again, and the service keeps a finished video for 48 hours only.',
      onTheirWay.length,
    );
    const text = `${formatTaskNames(onTheirWay, services.takes)}\n${detail}`;
    if (!(await confirm(vscode.l10n.t('Remove the API key?'), text, vscode.l10n.t('Remove API key')))) {
      return;
    }
  }
  await services.apiKey.remove();
  void vscode.window.showInformationMessage(vscode.l10n.t('The API key was removed from this computer.'));
}

/** Shows the balance of both wallets: the company's, which pays by default, and the user's own. */
export async function showBalance(services: ExtensionServices): Promise<Balance> {
  // Prompts no second time: `needsApiKey` in the command table has seen to the key.
  const key = await requireApiKey(services);
  const askedAt = performance.now();
  const [company, personal] = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
    Promise.all([
      services.apiClient.balance({ key }),
      // A key without a wallet of its own gets an error here; the company's balance is enough then.
      services.apiClient.balance({ key }, true).catch((error: unknown) => {
        services.log.debug(`personal wallet: ${String(error)}`);
        return undefined;
      }),
    ]),
  );
  services.submission.noteBalance(key, company.balance, performance.now() - askedAt);
  const sentences = [vscode.l10n.t('The API key works.'), vscode.l10n.t('Balance: {0}.', formatBalance(company))];
  if (personal) {
    sentences.push(vscode.l10n.t('Personal wallet: {0}.', formatBalance(personal)));
  }
  const next = getNextVideoMessage(services, company);
  if (next !== undefined) {
    sentences.push(next);
  }
  const topUp = vscode.l10n.t('Top up');
  const spending = vscode.l10n.t('Show spending');
  void (next === undefined ? vscode.window.showInformationMessage : vscode.window.showWarningMessage)(
    sentences.join(' '),
    topUp,
    spending,
  ).then((choice) =>
    choice === spending
      ? vscode.commands.executeCommand(Commands.showSpending)
      : choice === topUp
        ? openTopUp()
        : undefined,
  );
  return company;
}

/** A warning if the balance does not cover the next video with the default model. */
function getNextVideoMessage({ modelCatalog, defaults }: ExtensionServices, balance: Balance): string | undefined {
  const { model } = defaults.read(vscode.window.activeTextEditor?.document.uri);
  const price = modelCatalog.priceOf(model);
  return price === undefined || getShortageMessage(balance, price) === undefined
    ? undefined
    : vscode.l10n.t(
        'The next video costs {0} ({1}): {2} are missing.',
        formatRoubles(price),
        escapeForNotification(formatModelTitle(model), 60),
        formatRoubles(price - balance.balance),
      );
}

function formatBalance({ balance, creditLimit }: Balance): string {
  return creditLimit === undefined || creditLimit === 0
    ? formatRoubles(balance)
    : vscode.l10n.t('{0} (credit limit {1})', formatRoubles(balance), formatRoubles(creditLimit));
}
