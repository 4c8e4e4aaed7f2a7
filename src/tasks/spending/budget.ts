import type { ChargeableTask } from '../model/taskRecord';
import { getCommittedToday, type Sum } from './spending';

/** A daily budget compared with today's spending. Roubles. */
export interface BudgetCheck {
  budget: number;
  /** With everything that may have been charged or is about to be sent, also by other windows. */
  today: Sum;
  /** How far today would be past the budget with what is planned; absent while its price is unknown. */
  past?: number;
}

/** As in `spending.ts`: binary fractions must not make 0.1 + 0.2 more than 0.3. */
const UNITS_PER_ROUBLE = 10_000;

/**
 * Checks whether the user has to confirm further spending; `undefined` when it stays within the budget.
 *
 * @param planned the price of all that is about to be sent; `undefined` when unknown, which fits into no budget
 * @param budget 0 for none
 */
export function checkBudget(
  records: readonly ChargeableTask[],
  planned: number | undefined,
  budget: number,
  now: number,
): BudgetCheck | undefined {
  if (budget <= 0) {
    return undefined;
  }
  const today = getCommittedToday(records, now);
  if (planned === undefined) {
    return { budget, today };
  }
  const past = Math.round((today.roubles + planned - budget) * UNITS_PER_ROUBLE) / UNITS_PER_ROUBLE;
  return past > 0 ? { budget, today, past } : undefined;
}
