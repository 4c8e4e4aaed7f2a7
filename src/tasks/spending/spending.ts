import { startOfDays } from '../../common/days';
import type { ChargeableTask } from '../model/taskRecord';

/**
 * What was spent, from the records of this machine.
 *
 * All amounts are roubles: the `cost` that came with the result (seen but undocumented), else the listed price at the time
 * of sending. This is an account of listed prices and not a bill: the service publishes no rule for what a failed task
 * costs. Tasks that were removed from the list count for another 30 days.
 */

/** What is known about the charge for a task. */
export type Charge =
  /** There was a video, whether or not it was fetched in time. */
  | 'done'
  /** The service has accepted it and works on it. */
  | 'underway'
  /** Accepted, and then failed. Charged or not: no rule is published. */
  | 'failed'
  /** Sent, and no usable answer came. */
  | 'possible';
export const CHARGES = ['done', 'underway', 'failed', 'possible'] as const satisfies readonly Charge[];

export interface Sum {
  tasks: number;
  roubles: number;
  /** How many of `tasks` have no known price and so are not in `roubles`. */
  unpriced: number;
}

export type Spending = Record<Charge | 'total', Sum>;

export interface ModelSpending extends Spending {
  /** Empty for a task that was added by its id and whose model the service did not report. */
  model: string;
}

export const PERIOD_DAYS = [1, 7, 30] as const;

export interface PeriodSpending extends Spending {
  /** Calendar days in local time, today included: 1 is today. */
  days: number;
  /** Local midnight at its beginning, milliseconds since 1970. */
  from: number;
  /** Dearest first. */
  models: ModelSpending[];
}

/** Today, 7 days and 30 days, each ending today. */
export function getSpending(records: readonly ChargeableTask[], now: number): PeriodSpending[] {
  return PERIOD_DAYS.map((days) => getPeriodSpending(records, days, now));
}

export function getPeriodSpending(records: readonly ChargeableTask[], days: number, now: number): PeriodSpending {
  const from = startOfDays(days, now);
  const all = new Tally();
  const byModel = new Map<string, Tally>();
  for (const record of records) {
    const charge = getCharge(record);
    if (charge !== undefined && getChargeTime(record) >= from) {
      const tally = byModel.get(record.request.model) ?? new Tally();
      byModel.set(record.request.model, tally);
      const { roubles } = getAmount(record);
      all.add(charge, roubles);
      tally.add(charge, roubles);
    }
  }
  const models = [...byModel].map(([model, tally]) => ({ model, ...tally.result() }));
  models.sort(
    (a, b) => b.total.roubles - a.total.roubles || b.total.tasks - a.total.tasks || (a.model < b.model ? -1 : 1),
  );
  return { days, from, ...all.result(), models };
}

/**
 * Returns what counts against a daily budget today: everything that may have been charged, and what is about to be sent,
 * also by other windows. A price of 0, told or listed, is none: no video is free, and the budget would never end.
 *
 * A task that was created elsewhere and has no price does not count: the budget is for what this computer sends.
 */
export function getCommittedToday(records: readonly ChargeableTask[], now: number): Sum {
  const from = startOfDays(1, now);
  const tally = new Tally();
  for (const record of records) {
    // A draft is sent today, whenever it was written.
    const isDraft = record.state === 'draft' && !record.awaitsConsent;
    const charge = isDraft ? 'possible' : getCharge(record);
    if (charge !== undefined && (isDraft || getChargeTime(record) >= from)) {
      const roubles = getPositiveAmount(record);
      if (roubles !== undefined || record.origin === 'generated') {
        tally.add(charge, roubles);
      }
    }
  }
  return tally.result().total;
}

/** Of the money that is told, and of the money that is listed, 0 is not an amount. */
function getPositiveAmount({ cost, quotedPrice }: ChargeableTask): number | undefined {
  return getAmount({ cost }).roubles || getAmount({ quotedPrice }).roubles || undefined;
}

/**
 * Returns what is known about the charge for a task; `undefined` when nothing can have been charged: not sent yet, or
 * refused before the service created a task.
 */
export function getCharge({ state, gatewayId }: Pick<ChargeableTask, 'state' | 'gatewayId'>): Charge | undefined {
  switch (state) {
    case 'draft':
      return undefined;
    case 'submitting':
    case 'unknown':
      return 'possible';
    case 'waiting':
    case 'running':
      return 'underway';
    case 'done':
    case 'expired':
      return 'done';
    case 'failed':
      // Without the service's id it was refused or never sent (`model/transitions.ts`).
      return gatewayId === undefined ? undefined : 'failed';
  }
}

export interface Amount {
  roubles?: number;
  /** `told` by the service with the result, `listed` at the time of sending, or neither. Part of the exported CSV. */
  basis: 'told' | 'listed' | 'unknown';
}

/** No generation costs this; a number beyond it is damage, and would spoil every sum. */
const MAX_ROUBLES = 1e9;

export function getAmount({ cost, quotedPrice }: Pick<ChargeableTask, 'cost' | 'quotedPrice'>): Amount {
  const isAmount = (value: number | undefined): value is number =>
    value !== undefined && value >= 0 && value <= MAX_ROUBLES;
  if (isAmount(cost)) {
    return { roubles: cost, basis: 'told' };
  }
  return isAmount(quotedPrice) ? { roubles: quotedPrice, basis: 'listed' } : { basis: 'unknown' };
}

/** There was no Seedance before it. */
const EARLIEST_MS = Date.UTC(2025, 0);

/**
 * Returns when a task was charged, if it was: the time of sending. For a task that was created elsewhere the service's id
 * contains it: the first 8 of 24 hex digits are the seconds since 1970 (seen).
 */
export function getChargeTime({ origin, gatewayId, submittedAt, createdAt }: ChargeableTask): number {
  if (origin === 'added' && gatewayId !== undefined && /^[0-9a-f]{24}$/i.test(gatewayId)) {
    const made = parseInt(gatewayId.slice(0, 8), 16) * 1000;
    // An id of another form gives an arbitrary time.
    return made >= EARLIEST_MS && made <= createdAt ? made : createdAt;
  }
  return submittedAt ?? createdAt;
}

/** Hundredths of a kopeck: added as whole numbers, so that the parts make exactly the total. */
const UNITS_PER_ROUBLE = 10_000;

class Tally {
  readonly #sums: Record<Charge, { tasks: number; units: number; unpriced: number }> = {
    done: { tasks: 0, units: 0, unpriced: 0 },
    underway: { tasks: 0, units: 0, unpriced: 0 },
    failed: { tasks: 0, units: 0, unpriced: 0 },
    possible: { tasks: 0, units: 0, unpriced: 0 },
  };

  add(charge: Charge, roubles: number | undefined): void {
    const sum = this.#sums[charge];
    sum.tasks++;
    if (roubles === undefined) {
      sum.unpriced++;
    } else {
      sum.units += Math.round(roubles * UNITS_PER_ROUBLE);
    }
  }

  result(): Spending {
    const { done, underway, failed, possible } = this.#sums;
    const total = { tasks: 0, units: 0, unpriced: 0 };
    for (const { tasks, units, unpriced } of [done, underway, failed, possible]) {
      total.tasks += tasks;
      total.units += units;
      total.unpriced += unpriced;
    }
    const toSum = ({ tasks, units, unpriced }: typeof total): Sum => ({
      tasks,
      roubles: units / UNITS_PER_ROUBLE,
      unpriced,
    });
    return {
      done: toSum(done),
      underway: toSum(underway),
      failed: toSum(failed),
      possible: toSum(possible),
      total: toSum(total),
    };
  }
}
