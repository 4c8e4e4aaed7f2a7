/** A limit to spending, in roubles; `unreadable` when something else was written there: then the user is asked before money is spent. */
export type Limit = number | 'unreadable';

/** @param fallback for a limit that nobody has set */
export function parseLimit(value: unknown, fallback: Limit): Limit {
  if (value === undefined) {
    return fallback;
  }
  // `1e999` in a JSON file is infinite, and so no limit.
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 'unreadable';
}

/** What holds when several are set for the same: one that cannot be read may be the lowest. */
export function getLowestLimit(limits: readonly [Limit, ...Limit[]]): Limit {
  return limits.reduce((a, b) => (a === 'unreadable' || b === 'unreadable' ? 'unreadable' : Math.min(a, b)));
}
