/** A service that asks for more is asked again after this all the same: asking costs nothing. */
const RETRY_AFTER_MAX_MS = 60 * 60_000;

/** `Retry-After` in seconds or as a date, in milliseconds from now; `undefined` when absent or senseless. */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) {
    return undefined;
  }
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
