import * as vscode from 'vscode';
import type { Balance } from '../../gateway/client';
import { formatRoubles } from '../../platform/format';
import type { Rooms } from '../rooms';

/** A balance is a courtesy here: nobody waits longer for it. */
const PATIENCE_MS = 5_000;

/** The balance that pays, or `undefined` when it cannot be had now. Asking is free; never throws. */
export async function balanceNow(rooms: Pick<Rooms, 'apiKey' | 'gateway' | 'log'>): Promise<Balance | undefined> {
  try {
    const key = await rooms.apiKey.get();
    return key === undefined
      ? undefined
      : await rooms.gateway.balance({ key, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    rooms.log.debug(`balance: ${String(error)}`);
    return undefined;
  }
}

/** After the service refused for lack of money: what there is, and what is missing for one video. */
export function missingText({ balance, creditLimit = 0 }: Balance, price: number | undefined): string {
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
 * What to say when the balance does not cover a price; `undefined` when it does. Said and not enforced: what
 * may be owed is the service's business.
 *
 * @param price of all that is about to be sent
 */
export function shortageText({ balance, creditLimit = 0 }: Balance, price: number): string | undefined {
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
