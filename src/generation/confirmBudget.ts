import * as vscode from 'vscode';
import { formatRoubles, formatModelTitle, formatPrice } from '../messages/format';
import { escapeForNotification } from '../common/text';
import { readSettings } from '../platform/settings';
import type { BudgetCheck } from '../tasks/spending/budget';
import { checkBudget } from '../tasks/spending/budget';
import { confirm } from '../ui/quickInput';
import type { GenerationRequest } from './generationRequest';
import type { Balance } from '../api/apiClient';
import type { ExtensionServices } from '../container';

/**
 * Asks before a request exceeds the daily budget, whether the user or a program started it. A modal dialog, so that a
 * key press meant for something else does not confirm it.
 *
 * @param price of each of its tasks, as it was shown
 * @returns whether to go on, and whether the user was asked
 */
export async function confirmBudget(
  services: ExtensionServices,
  request: GenerationRequest,
  price: number | undefined,
): Promise<{ goOn: boolean; asked: boolean }> {
  const budget = readSettings().dailyBudget;
  if (budget <= 0) {
    return { goOn: true, asked: false };
  }
  await services.store.load();
  // Includes what other windows have just submitted.
  await services.store.rescan();
  const check = checkBudget(
    [...services.store.list(), ...services.store.removed()],
    request.totalPrice(price),
    budget,
    services.now(),
  );
  if (!check) {
    return { goOn: true, asked: false };
  }
  const generate =
    price === undefined
      ? vscode.l10n.t('Generate all the same')
      : vscode.l10n.t('Generate – {0}', formatRoubles(request.totalPrice(price) ?? 0));
  const question =
    check.past === undefined
      ? vscode.l10n.t('The daily budget is {0}, and the price of this is unknown.', formatRoubles(budget))
      : vscode.l10n.t('This goes past the daily budget of {0}.', formatRoubles(budget));
  return { goOn: await confirm(question, getBudgetDetail(check, request, price), generate), asked: true };
}

function getBudgetDetail({ today, past }: BudgetCheck, request: GenerationRequest, price: number | undefined): string {
  const count = request.tasks.length;
  const sum = request.totalPrice(price);
  const spent = vscode.l10n.t('Today so far: {0}.', formatRoubles(today.roubles));
  return [
    `${escapeForNotification(formatModelTitle(request.model))} · ${request.aspectRatios.join(', ')} · ${count === 1 ? formatPrice(price) : `${count} × ${formatPrice(price)}`}`,
    escapeForNotification(request.prompts[0] ?? '', 300),
    '',
    today.unpriced === 0 ? spent : `${spent} ${vscode.l10n.t('Tasks of unknown price besides: {0}.', today.unpriced)}`,
    past === undefined || sum === undefined
      ? vscode.l10n.t('What has no known price cannot be held against the budget.')
      : vscode.l10n.t(
          'With this: {0}, which is {1} more than the budget.',
          formatRoubles(today.roubles + sum),
          formatRoubles(past),
        ),
    vscode.l10n.t('The budget is the setting seedance.dailyBudget.'),
  ].join('\n');
}

/** The balance is optional information here; nothing waits longer for it. */
const BALANCE_TIMEOUT_MS = 5_000;

/** The balance that pays, or `undefined` when it is not available. The request is free. Never throws. */
export async function fetchBalance(
  services: Pick<ExtensionServices, 'apiKey' | 'apiClient' | 'log'>,
): Promise<Balance | undefined> {
  try {
    const key = await services.apiKey.get();
    return key === undefined
      ? undefined
      : await services.apiClient.balance({ key, signal: AbortSignal.timeout(BALANCE_TIMEOUT_MS) });
  } catch (error) {
    services.log.debug(`balance: ${String(error)}`);
    return undefined;
  }
}

/** After the service refused for lack of money: the balance, and what is missing for one video. */
export function getMissingMessage({ balance, creditLimit = 0 }: Balance, price: number | undefined): string {
  const missing = price === undefined ? 0 : price - balance - Math.max(0, creditLimit);
  return missing > 0
    ? vscode.l10n.t(
        'Balance: {0}, price: {1}, missing: {2}.',
        formatRoubles(balance),
        formatRoubles(price ?? 0),
        formatRoubles(missing),
      )
    : vscode.l10n.t('Balance: {0}.', formatRoubles(balance));
}

/**
 * A warning when the balance does not cover a price; `undefined` when it does. Only a warning: the service decides how
 * much credit it gives.
 *
 * @param price of everything that is about to be submitted
 */
export function getShortageMessage({ balance, creditLimit = 0 }: Balance, price: number): string | undefined {
  if (balance >= price) {
    return undefined;
  }
  const missing = formatRoubles(price - balance);
  return creditLimit > 0 && balance + creditLimit >= price
    ? vscode.l10n.t(
        'Balance: {0}. {1} would go on credit (limit {2}).',
        formatRoubles(balance),
        missing,
        formatRoubles(creditLimit),
      )
    : vscode.l10n.t(
        'Balance: {0}, that is {1} too little. The service may refuse it.',
        formatRoubles(balance),
        missing,
      );
}
