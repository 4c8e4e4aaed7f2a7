import * as vscode from 'vscode';
import type { Quote } from '../api/modelCatalog';
import { formatDateTime, formatRoubles, formatModelTitle, formatPrice } from '../messages/format';
import { escapeForNotification } from '../common/text';
import { readSettings } from '../platform/settings';
import type { BudgetCheck } from '../tasks/spending/budget';
import { confirm } from '../ui/quickInput';
import { getSum, type PricedRequest } from './generationRequest';
import type { Balance } from '../api/apiClient';
import type { ExtensionServices } from '../container';

/**
 * Asks before requests exceed the daily budget, whether the user or a program started it, and before anything is
 * uploaded for it. What others order meanwhile is found when it is submitted (`Reservations`).
 *
 * @returns whether to go on, and what the user has agreed to if there was a question
 */
export async function confirmBudget(
  services: Pick<ExtensionServices, 'modelCatalog' | 'now'> & BalanceServices,
  orders: readonly PricedRequest[],
): Promise<{ goOn: boolean; agreed?: BudgetCheck }> {
  const { dailyBudget } = readSettings();
  if (dailyBudget === 0) {
    return { goOn: true };
  }
  const quotes = await Promise.all(orders.map(({ request }) => services.modelCatalog.quote(request.model)));
  // What cannot be trusted cannot be held against a budget; of a price that has just changed the higher one counts.
  const trusted = orders.map(({ request, price }, index): PricedRequest => {
    const quote = quotes[index]!;
    const isTrusted = quote.doubt === undefined && price !== undefined;
    return { request, price: isTrusted ? Math.max(price, quote.price ?? 0) : undefined };
  });
  const check = await services.submission.checkBudget(getSum(trusted), dailyBudget);
  if (!check) {
    return { goOn: true };
  }
  const doubt = quotes.map(getPriceDoubt).find((one) => one !== undefined);
  return { goOn: await askAboutBudget(services, check, orders, doubt), agreed: check };
}

/**
 * Asks whether to spend more than the daily budget, or what nobody can hold against it. A modal dialog, so that a key
 * press meant for something else does not confirm it.
 *
 * @param doubt why one of the prices may be wrong
 */
export async function askAboutBudget(
  services: BalanceServices,
  check: BudgetCheck,
  orders: readonly PricedRequest[],
  doubt?: string,
): Promise<boolean> {
  const sum = getSum(orders);
  const generate =
    sum === undefined ? vscode.l10n.t('Generate all the same') : vscode.l10n.t('Generate – {0}', formatRoubles(sum));
  const balance = await fetchBalance(services);
  const money = getBalanceText(balance ?? 'unknown', sum);
  return confirm(getBudgetQuestion(check), `${getBudgetDetail(check, orders, doubt)}\n${money}`, generate);
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
  orders: readonly PricedRequest[],
  doubt: string | undefined,
): string {
  const sum = getSum(orders);
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
    ...orders.slice(0, MAX_NAMED).flatMap(describeOrder),
    ...(orders.length > MAX_NAMED ? [vscode.l10n.t('And {0} more.', orders.length - MAX_NAMED)] : []),
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

/** One request is told with its words; of several, each in one line. */
function describeOrder(
  { request, price }: PricedRequest,
  _index: number,
  { length }: readonly PricedRequest[],
): string[] {
  const count = request.tasks.length;
  const cost = count === 1 ? formatPrice(price) : `${count} × ${formatPrice(price)}`;
  const model = `${escapeForNotification(formatModelTitle(request.model))} · ${request.aspectRatios.join(', ')} · ${cost}`;
  return length === 1
    ? [model, escapeForNotification(request.prompts[0] ?? '', 300)]
    : [`${escapeForNotification(request.shot?.label ?? request.prompts[0] ?? '', 40)}: ${model}`];
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

/** Of many requests so many are told one by one. */
const MAX_NAMED = 12;

/** The balance is optional information; no question waits longer for it. */
export const BALANCE_PATIENCE_MS = 5_000;

type BalanceServices = Pick<ExtensionServices, 'apiKey' | 'apiClient' | 'log' | 'submission'>;

/**
 * The balance that pays, or `undefined` when it is not available. The request is free. Never throws.
 *
 * @param patienceMs after which it is given up
 */
export async function fetchBalance(
  services: BalanceServices,
  patienceMs = BALANCE_PATIENCE_MS,
): Promise<Balance | undefined> {
  try {
    const key = await services.apiKey.get();
    if (key === undefined) {
      return undefined;
    }
    const askedAt = performance.now();
    const balance = await services.apiClient.balance({ key, signal: AbortSignal.timeout(patienceMs) });
    services.submission.noteBalance(key, balance.balance, performance.now() - askedAt);
    return balance;
  } catch (error) {
    services.log.debug(`balance: ${String(error)}`);
    return undefined;
  }
}

/** What is left of the daily budget before anything more is ordered. */
export interface LeftToday {
  roubles: number;
  /** Whether something of today has no known price, so that it may be less. */
  isAtMost: boolean;
}

/** @returns `undefined` without a budget, and where it cannot be told. Never throws. */
export async function getLeftToday({
  submission,
  log,
}: Pick<ExtensionServices, 'submission' | 'log'>): Promise<LeftToday | undefined> {
  const { dailyBudget } = readSettings();
  if (typeof dailyBudget !== 'number' || dailyBudget <= 0) {
    return undefined;
  }
  try {
    const { roubles, unpriced, isKnown } = await submission.getToday();
    return { roubles: Math.max(0, dailyBudget - roubles), isAtMost: unpriced > 0 || !isKnown };
  } catch (error) {
    log.debug(`daily budget: ${String(error)}`);
    return undefined;
  }
}

/** Where money is put on the account. Assumed: the address of its page for that is documented nowhere, this is the site. */
const SITE = 'https://gptunnel.ru/';

/** Opens the service's site, to top up the balance. */
export async function openTopUp(): Promise<void> {
  await vscode.env.openExternal(vscode.Uri.parse(SITE));
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
 * The balance where money is decided, also when it is not known: an empty place would look like enough.
 *
 * @param sum what is about to be spent, as far as it is known
 */
export function getBalanceText(balance: Balance | 'unknown', sum: number | undefined): string {
  if (balance === 'unknown') {
    return vscode.l10n.t('Balance unknown.');
  }
  const shortage = sum === undefined ? undefined : getShortageMessage(balance, sum);
  return shortage ?? vscode.l10n.t('Balance: {0}.', formatRoubles(balance.balance));
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
