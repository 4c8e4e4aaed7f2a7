/** Days of the calendar in local time. */

/** Local midnight before `days - 1` whole days; by the calendar, since a day may have 23 or 25 hours. */
export function startOfDays(days: number, now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - (days - 1)).getTime();
}

/** Whether two times are on the same day. */
export function isSameDay(a: number, b: number): boolean {
  return startOfDays(1, a) === startOfDays(1, b);
}
