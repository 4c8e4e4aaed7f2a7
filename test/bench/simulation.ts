/**
 * Generations that exist in numbers only: how many questions a schedule asks for a video, and how long the
 * video waits at the service until it is noticed. Beside it, the best that any schedule could do.
 */
import { fitDurations, type DurationModel, type DurationInterval } from '../../src/tasks/polling/durationModel';
import { normalSurvival } from '../../src/common/normalDistribution';
import { getNextPollDelay, POLLS_PER_SECOND_OF_DELAY } from '../../src/tasks/polling/pollSchedule';
import { Random } from '../emulator/random';

/** The wait until the next question about a task that is this old, milliseconds. */
export type Ask = (ageMs: number) => number;

export interface Outcome {
  /** Per video. */
  readonly requests: number;
  /** Mean, seconds. */
  readonly delay: number;
}

export const MEDIAN_MS = 60_000;
export const SIGMA = 0.3;
export const PRICE = POLLS_PER_SECOND_OF_DELAY;

export interface Sample {
  readonly durations: readonly number[];
  /** What was learned from the generations before them. */
  readonly learned: DurationModel;
  readonly chance: () => number;
}

/** Tasks, and what was learned from `earlier` ones, whose ends were only seen through the questions about them. */
export function sample(tasks: number, earlier: number, seed: number): Sample {
  const random = new Random(seed);
  const chance = () => random.next();
  const draw = (n: number) => Array.from({ length: n }, () => random.logNormal(MEDIAN_MS, SIGMA));
  const spans: DurationInterval[] = [];
  follow(
    draw(earlier),
    (age) => getNextPollDelay(age, chance),
    (span) => spans.push(span),
  );
  const learned = fitDurations(spans.reverse());
  if (!learned) throw new Error('nothing was learned');
  return { durations: draw(tasks), learned, chance };
}

/** Asks about each task until it is done. */
export function follow(durations: readonly number[], ask: Ask, seen?: (span: DurationInterval) => void): Outcome {
  let requests = 0;
  let delayMs = 0;
  for (const duration of durations) {
    let age = 0;
    let before = 1;
    for (;;) {
      age += ask(age);
      requests++;
      if (age >= duration) break;
      before = age;
    }
    delayMs += age - duration;
    seen?.({ afterMs: before, untilMs: age });
  }
  return { requests: requests / durations.length, delay: delayMs / durations.length / 1000 };
}

/** Our schedule, as the polling controller asks for it. */
export function ours({ learned, chance }: Sample, price = PRICE): Ask {
  return (age) => getNextPollDelay(age, chance, learned, price);
}

/** Our schedule with the price of delay at which its mean delay is this one, or just below. */
export function oursAtDelay(tasks: Sample, delay: number): Outcome {
  let low = 0.1;
  let high = 2_000;
  let found = follow(tasks.durations, ours(tasks, high));
  for (let step = 0; step < 10; step++) {
    const price = Math.sqrt(low * high);
    const outcome = follow(tasks.durations, ours(tasks, price));
    if (outcome.delay > delay) {
      low = price;
    } else {
      high = price;
      found = outcome;
    }
  }
  return found;
}

/** How others ask. */
export function fixed({ chance }: Pick<Sample, 'chance'>): Record<string, Ask> {
  return {
    '500 ms (fal, Replicate)': () => 500,
    '5 s (ComfyUI)': () => 5_000,
    '6 s ± 1.5 s (Runway)': () => 4_500 + 3_000 * chance(),
  };
}

export function cost({ requests, delay }: Outcome, price = PRICE): number {
  return requests + price * delay;
}

const HORIZON_MS = 260_000;
const MAX_WAIT_MS = 80_000;

/**
 * The best times to ask for this distribution and price, known exactly, by dynamic programming from the end.
 */
export function optimum(price = PRICE, gridMs = 100): Ask {
  const points = HORIZON_MS / gridMs;
  const running = Array.from({ length: points + 1 }, (_, i) =>
    i === 0 ? 1 : normalSurvival(Math.log((i * gridMs) / MEDIAN_MS) / SIGMA),
  );
  // Of the time that tasks still run after each point: what of an interval is not covered by it is delay.
  const area = running.map(() => 0);
  for (let i = 1; i <= points; i++) area[i] = area[i - 1]! + ((running[i]! + running[i - 1]!) / 2) * (gridMs / 1000);
  const rest = running.map(() => 0);
  const next = running.map(() => points);
  for (let i = points - 1; i >= 0; i--) {
    rest[i] = Infinity;
    for (let j = i + 1; j <= Math.min(points, i + MAX_WAIT_MS / gridMs); j++) {
      const delay = running[i]! * ((j - i) * (gridMs / 1000)) - (area[j]! - area[i]!);
      const total = running[i]! + price * delay + rest[j]!;
      if (total < rest[i]!) {
        rest[i] = total;
        next[i] = j;
      }
    }
  }
  return (age) => {
    const at = Math.round(age / gridMs);
    return at >= points ? 15_000 : next[at]! * gridMs - age;
  };
}
