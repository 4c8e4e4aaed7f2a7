import type { ChargeableTask } from '../model/taskRecord';
import type { Limit } from './limit';
import { getCommittedToday, type Sum } from './spending';

/** A daily budget compared with today's spending. Roubles. */
export interface BudgetCheck {
  budget: Limit;
  /** With everything that may have been charged or is about to be sent, also by other windows. */
  today: Sum;
  /** How far today would be past the budget with what is planned; absent when it would not, or nobody can say. */
  past?: number;
  /**
   * Why nobody can say: the budget cannot be read; what is planned has no known price, or one that was listed for
   * another key; or not everything is known that today took.
   */
  unknown?: 'budget' | 'price' | 'key' | 'today';
}

/** As in `spending.ts`: binary fractions must not make 0.1 + 0.2 more than 0.3. */
const UNITS_PER_ROUBLE = 10_000;

/**
 * Checks whether the user has to confirm further spending; `undefined` when it stays within the budget.
 *
 * @param planned the price of all that is about to be sent; `undefined` when unknown, which fits into no budget
 * @param budget 0 for none
 * @param isTodayKnown whether everything that was spent today is among the records
 */
export function checkBudget(
  records: readonly ChargeableTask[],
  planned: number | undefined,
  budget: Limit,
  now: number,
  isTodayKnown = true,
): BudgetCheck | undefined {
  if (typeof budget === 'number' && budget <= 0) {
    return undefined;
  }
  const today = getCommittedToday(records, now);
  if (budget === 'unreadable') {
    return { budget, today, unknown: 'budget' };
  }
  if (planned === undefined) {
    return { budget, today, unknown: 'price' };
  }
  const past = Math.round((today.roubles + planned - budget) * UNITS_PER_ROUBLE) / UNITS_PER_ROUBLE;
  if (past > 0) {
    return { budget, today, past };
  }
  return isTodayKnown && today.unpriced === 0 ? undefined : { budget, today, unknown: 'today' };
}
