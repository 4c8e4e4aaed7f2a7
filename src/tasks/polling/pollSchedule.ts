import type { Random } from '../../common/clock';
import type { DurationModel } from './durationModel';
import { normalDensity, normalSurvival } from '../../common/normalDistribution';

/** When to ask about a task: pure, so that the bench can compare schedules. */

/** How many questions it is worth to know of a video a second earlier. */
export const POLLS_PER_SECOND_OF_DELAY = 4.2;
/** The questions of a hundred tasks that were sent together drift apart. */
const LEARNED_JITTER = 0.04;
const MIN_LEARNED_MS = 250;
/** What was learned while somebody set the clock may be days; no video is left alone for so long. */
const MAX_LEARNED_MS = 5 * 60_000;
/** Before this, next to none has ended. */
const IMPLAUSIBLE_SIGMAS = -4.5;
/** After this, where one of two thousand still runs, what was learned does not hold for this one. */
const SURPRISING_SIGMAS = 3.29;
/** Steps of the integral for each sigma; more change nothing. */
const STEPS_PER_SIGMA = 60;

/** The first question while nothing is known: no video was ever seen earlier. */
const FIRST_MS = 5_000;
const GROWTH = 0.12;
const MIN_MS = 3_000;
const MAX_MS = 20_000;
const JITTER = 0.15;

/**
 * How long to wait for the next question about a task that is this old, milliseconds.
 *
 * @param durations how long such tasks take, if that is known
 * @param price how many questions a second of delay is worth
 */
export function getNextPollDelay(
  ageMs: number,
  random: Random,
  durations?: DurationModel,
  price = POLLS_PER_SECOND_OF_DELAY,
): number {
  const learned = durations && learnedMs(Math.max(0, ageMs), durations, price);
  if (learned !== undefined) {
    return Math.min(Math.max(learned, MIN_LEARNED_MS), MAX_LEARNED_MS) * jitter(random, LEARNED_JITTER);
  }
  // Whoever asked a moment too early, by chance or on request, does not ask again a moment later.
  const wait = ageMs < FIRST_MS ? FIRST_MS - Math.max(0, ageMs) : ageMs * GROWTH;
  return Math.min(Math.max(wait, MIN_MS), MAX_MS) * jitter(random, JITTER);
}

/** The age before which hardly any of these tasks ends, milliseconds. */
export function getEarliestEndMs({ mu, sigma }: DurationModel): number {
  return Math.exp(mu - 2.5 * sigma);
}

/**
 * Questions cost 1, a delay costs `price` a second, and the task ends with the hazard h(t), the chance of
 * ending now for one that has lasted so long. An interval d then costs 1/d + price · h · d/2 in each moment,
 * which is least with √(price · h / 2) questions a second (Keller's approximation of the optimal times of
 * inspection, 1974). So the next question comes where the integral of that density has grown by one:
 * late before the earliest plausible end, dense around the likely one.
 *
 * @returns `undefined` for a task that should have ended long ago: there the even back-off is gentler.
 */
function learnedMs(ageMs: number, { mu, sigma }: DurationModel, price: number): number | undefined {
  let z = Math.max((Math.log(Math.max(1, ageMs)) - mu) / sigma, IMPLAUSIBLE_SIGMAS);
  if (z >= SURPRISING_SIGMAS) {
    return undefined;
  }
  const step = 1 / STEPS_PER_SIGMA;
  for (let questions = 0; questions < 1 && z < SURPRISING_SIGMAS;) {
    const middle = z + step / 2;
    // In units of z: t = exp(mu + sigma z), so that dt = sigma t dz, and h = density / (tail · sigma t).
    const seconds = (sigma * Math.exp(mu + sigma * middle)) / 1000;
    const rise = Math.sqrt((price * normalDensity(middle) * seconds) / (2 * normalSurvival(middle))) * step;
    z += step * Math.min(1, (1 - questions) / rise);
    questions += rise;
  }
  return Math.exp(mu + sigma * z) - ageMs;
}

const BACK_OFF_MS = 3_000;
const BACK_OFF_MAX_MS = 5 * 60_000;

/** How long to wait after this many failed questions in a row (1 or more), milliseconds. */
export function getBackOffMs(failures: number, random: Random): number {
  return Math.min(BACK_OFF_MS * 2 ** (failures - 1), BACK_OFF_MAX_MS) * (1 - 0.5 * random());
}

function jitter(random: Random, width: number): number {
  return 1 - width + 2 * width * random();
}
