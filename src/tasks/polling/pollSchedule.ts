import type { Random } from '../../common/clock';
import type { DurationModel } from './durationModel';
import { normalDensity, normalSurvival } from '../../common/normalDistribution';

/** When to poll a task. Pure functions, so that the benchmark can compare schedules. */

/** How many polls it is worth to know of a video a second earlier. */
export const POLLS_PER_SECOND_OF_DELAY = 4.2;
/** Spreads the polls of many tasks that were sent together. */
const LEARNED_JITTER = 0.04;
const MIN_LEARNED_MS = 250;
/** If the wall clock was set, learned durations may be days. No task goes without a poll for so long. */
const MAX_LEARNED_MS = 5 * 60_000;
/** Before this, next to none has ended. */
const IMPLAUSIBLE_SIGMAS = -4.5;
/** After this, where one of two thousand still runs, what was learned does not hold for this one. */
const SURPRISING_SIGMAS = 3.29;
/** Steps of the integral for each sigma; more change nothing. */
const STEPS_PER_SIGMA = 60;

/** The first poll while no durations are known. No video was ever seen earlier. */
const FIRST_MS = 5_000;
const GROWTH = 0.12;
const MIN_MS = 3_000;
const MAX_MS = 20_000;
const JITTER = 0.15;

/**
 * Returns how long to wait for the next poll of a task of this age, milliseconds.
 *
 * @param durations how long such tasks take, if that is known
 * @param price how many polls a second of delay is worth
 */
export function getNextPollDelay(
  ageMs: number,
  random: Random,
  durations?: DurationModel,
  price = POLLS_PER_SECOND_OF_DELAY,
): number {
  const learned = durations && getLearnedDelayMs(Math.max(0, ageMs), durations, price);
  if (learned !== undefined) {
    return Math.min(Math.max(learned, MIN_LEARNED_MS), MAX_LEARNED_MS) * jitter(random, LEARNED_JITTER);
  }
  // A poll that came a moment too early, by jitter or by command, must not be followed by another a moment later.
  const wait = ageMs < FIRST_MS ? FIRST_MS - Math.max(0, ageMs) : ageMs * GROWTH;
  return Math.min(Math.max(wait, MIN_MS), MAX_MS) * jitter(random, JITTER);
}

/** The age before which hardly any of these tasks ends, milliseconds. */
export function getEarliestEndMs({ mu, sigma }: DurationModel): number {
  return Math.exp(mu - 2.5 * sigma);
}

/**
 * Polls cost 1, a delay costs `price` a second, and the task ends with the hazard h(t), the chance of
 * ending now for one that has lasted so long. An interval d then costs 1/d + price · h · d/2 in each moment,
 * which is least with √(price · h / 2) polls a second (Keller's approximation of the optimal times of
 * inspection, 1974). So the next poll comes where the integral of that density has grown by one:
 * late before the earliest plausible end, dense around the likely one.
 *
 * @returns `undefined` for a task that should have ended long ago: there the even back-off is gentler.
 */
function getLearnedDelayMs(ageMs: number, { mu, sigma }: DurationModel, price: number): number | undefined {
  let z = Math.max((Math.log(Math.max(1, ageMs)) - mu) / sigma, IMPLAUSIBLE_SIGMAS);
  if (z >= SURPRISING_SIGMAS) {
    return undefined;
  }
  const step = 1 / STEPS_PER_SIGMA;
  for (let polls = 0; polls < 1 && z < SURPRISING_SIGMAS;) {
    const middle = z + step / 2;
    // In units of z: t = exp(mu + sigma z), so that dt = sigma t dz, and h = density / (tail · sigma t).
    const seconds = (sigma * Math.exp(mu + sigma * middle)) / 1000;
    const rise = Math.sqrt((price * normalDensity(middle) * seconds) / (2 * normalSurvival(middle))) * step;
    z += step * Math.min(1, (1 - polls) / rise);
    polls += rise;
  }
  return Math.exp(mu + sigma * z) - ageMs;
}

const BACK_OFF_MS = 3_000;
const BACK_OFF_MAX_MS = 5 * 60_000;

/** Returns how long to wait after this many failures in a row (1 or more), milliseconds. Downloads use it as well. */
export function getBackOffMs(failures: number, random: Random): number {
  return Math.min(BACK_OFF_MS * 2 ** (failures - 1), BACK_OFF_MAX_MS) * (1 - 0.5 * random());
}

function jitter(random: Random, width: number): number {
  return 1 - width + 2 * width * random();
}
