import type { Random } from './clock';

/** When to ask about a task: pure, so that the bench can compare schedules. */

/** The first question: no video was ever seen earlier. */
const FIRST_MS = 5_000;
const GROWTH = 0.12;
const MIN_MS = 3_000;
const MAX_MS = 20_000;
const JITTER = 0.15;

/** How long to wait for the next question about a task that is this old, milliseconds. */
export function nextQuestionMs(ageMs: number, random: Random): number {
  if (ageMs < FIRST_MS) {
    return (FIRST_MS - Math.max(0, ageMs)) * jitter(random);
  }
  return Math.min(Math.max(ageMs * GROWTH, MIN_MS), MAX_MS) * jitter(random);
}

const BACK_OFF_MS = 3_000;
const BACK_OFF_MAX_MS = 5 * 60_000;

/** How long to wait after this many failed questions in a row (1 or more), milliseconds. */
export function backOffMs(failures: number, random: Random): number {
  return Math.min(BACK_OFF_MS * 2 ** (failures - 1), BACK_OFF_MAX_MS) * (1 - 0.5 * random());
}

function jitter(random: Random): number {
  return 1 - JITTER + 2 * JITTER * random();
}
