import * as vscode from 'vscode';
import type { Quote } from '../api/modelCatalog';
import { formatDateTime, formatRoubles, formatModelTitle, formatPrice } from '../messages/format';
import { escapeForNotification } from '../common/text';
import { readSettings } from '../platform/settings';
import type { BudgetCheck } from '../tasks/spending/budget';
import { confirm } from '../ui/quickInput';
import type { GenerationRequest } from './generationRequest';
import type { Balance } from '../api/apiClient';
import type { ExtensionServices } from '../container';

/**
 * Asks before a request exceeds the daily budget, whether the user or a program started it, and before anything is
 * uploaded for it. What others order meanwhile is found when it is submitted (`Reservations`).
 *
 * @param price of each of its tasks, as it was shown
 * @returns whether to go on, and what the user has agreed to if there was a question
 */
export async function confirmBudget(
  services: Pick<ExtensionServices, 'modelCatalog' | 'submission' | 'now'>,
  request: GenerationRequest,
  price: number | undefined,
): Promise<{ goOn: boolean; agreed?: BudgetCheck }> {
  const { dailyBudget } = readSettings();
  if (dailyBudget === 0) {
    return { goOn: true };
  }
  const quote = await services.modelCatalog.quote(request.model);
  // What cannot be trusted cannot be held against a budget; of a price that has just changed the higher one counts.
  const trusted = quote.doubt === undefined && price !== undefined ? Math.max(price, quote.price ?? 0) : undefined;
  const check = await services.submission.checkBudget(request.totalPrice(trusted), dailyBudget);
  if (!check) {
    return { goOn: true };
  }
  return { goOn: await askAboutBudget(check, request, price, getPriceDoubt(quote)), agreed: check };
}

/**
 * Asks whether to spend more than the daily budget, or what nobody can hold against it. A modal dialog, so that a key
 * press meant for something else does not confirm it.
 *
 * @param price of each of the tasks, as it was shown
 * @param doubt why the price may be wrong
 */
export function askAboutBudget(
  check: BudgetCheck,
  request: GenerationRequest,
  price: number | undefined,
  doubt?: string,
): Promise<boolean> {
  const sum = request.totalPrice(price);
  const generate =
    sum === undefined ? vscode.l10n.t('Generate all the same') : vscode.l10n.t('Generate – {0}', formatRoubles(sum));
  return confirm(getBudgetQuestion(check), getBudgetDetail(check, request, price, doubt), generate);
}

function getBudgetQuestion({ budget, unknown }: BudgetCheck): string {
  if (budget === 'unreadable') {
    return vscode.l10n.t('The daily budget cannot be read.');
  }
  switch (unknown) {
    case 'price':
      return vscode.l10n.t('The daily budget is {0}, and the price of this is unknown.', formatRoubles(budget));
    case 'key':
      return vscode.l10n.t('The API key was changed after the price had been looked up.');
    case 'today':
      return vscode.l10n.t(
        'The daily budget is {0}, and not everything is known that today took.',
        formatRoubles(budget),
      );
    default:
      return vscode.l10n.t('This goes past the daily budget of {0}.', formatRoubles(budget));
  }
}

function getBudgetDetail(
  { budget, today, past, unknown }: BudgetCheck,
  request: GenerationRequest,
  price: number | undefined,
  doubt: string | undefined,
): string {
  const count = request.tasks.length;
  const sum = request.totalPrice(price);
  const spent = vscode.l10n.t('Today so far: {0}.', formatRoubles(today.roubles));
  const comparison =
    past !== undefined && sum !== undefined
      ? vscode.l10n.t(
          'With this: {0}, which is {1} more than the budget.',
          formatRoubles(today.roubles + sum),
          formatRoubles(past),
        )
      : unknown === 'today'
        ? vscode.l10n.t('What is not known cannot be held against the budget, so you are asked.')
        : vscode.l10n.t('What has no known price cannot be held against the budget.');
  return [
    `${escapeForNotification(formatModelTitle(request.model))} · ${request.aspectRatios.join(', ')} · ${count === 1 ? formatPrice(price) : `${count} × ${formatPrice(price)}`}`,
    escapeForNotification(request.prompts[0] ?? '', 300),
    '',
    ...(doubt === undefined ? [] : [doubt]),
    today.unpriced === 0 ? spent : `${spent} ${vscode.l10n.t('Tasks of unknown price besides: {0}.', today.unpriced)}`,
    ...(budget === 'unreadable'
      ? [getUnreadableMessage('seedance.dailyBudget')]
      : [
          ...(unknown === 'today' && today.unpriced === 0
            ? [vscode.l10n.t('A task of today could not be read; the log says which.')]
            : []),
          ...(budget === 0 ? [] : [comparison, vscode.l10n.t('The budget is the setting seedance.dailyBudget.')]),
        ]),
  ].join('\n');
}

/** @param setting its whole name */
export function getUnreadableMessage(setting: string): string {
  return vscode.l10n.t(
    '{0} has to be a number of roubles, 0 or more. Until then each generation is asked about.',
    setting,
  );
}

/** Why a price that nobody has looked at may be wrong; `undefined` when it is as the service lists it now. */
export function getPriceDoubt({ doubt, listedAt }: Quote): string | undefined {
  switch (doubt) {
    case undefined:
      return undefined;
    case 'unknown':
      return vscode.l10n.t('The service lists no price for this model.');
    case 'zero':
      return vscode.l10n.t('The service lists a price of 0 for this model, so what it costs is unknown.');
    case 'built-in':
      return vscode.l10n.t('This is the built-in price: the service did not give its list, and may charge another.');
    case 'other-key':
      return vscode.l10n.t('This is the price for another API key; the service did not give its list for this one.');
    case 'other-address':
      return vscode.l10n.t('This is the price of another address; the service did not give its list at this one.');
    case 'stale':
      return vscode.l10n.t(
        'This is the price of {0}: the service did not give a newer list, and may charge another.',
        formatDateTime(listedAt ?? 0),
      );
  }
}

/** The balance is optional information here; nothing waits longer for it. */
const BALANCE_TIMEOUT_MS = 5_000;

/** The balance that pays, or `undefined` when it is not available. The request is free. Never throws. */
export async function fetchBalance(
  services: Pick<ExtensionServices, 'apiKey' | 'apiClient' | 'log' | 'submission'>,
): Promise<Balance | undefined> {
  try {
    const key = await services.apiKey.get();
    if (key === undefined) {
      return undefined;
    }
    const askedAt = performance.now();
    const balance = await services.apiClient.balance({ key, signal: AbortSignal.timeout(BALANCE_TIMEOUT_MS) });
    services.submission.noteBalance(key, balance.balance, performance.now() - askedAt);
    return balance;
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
