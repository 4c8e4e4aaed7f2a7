import { createDurationModel, type DurationModel } from './durationModel';
import { normalQuantile, normalSurvival } from '../../common/normalDistribution';
import { isPending, type TaskRecord } from '../model/taskRecord';

/** How far a generation has got, by how long such generations take. */
export interface Estimate {
  /** 0 to 1, and 1 is never reached: only the service knows that it is done. Never less than before. */
  readonly progress: number;
  /** The median of the remaining time, milliseconds. */
  readonly leftMs: number;
  /** The 20th and the 80th percentile of the remaining time, milliseconds. */
  readonly p20Ms: number;
  readonly p80Ms: number;
  /** At most one of twenty such tasks takes so long, so the other numbers mean little. */
  readonly isLong: boolean;
}

const LONG = 0.05;

/** Estimates the remaining time of a task that still runs at this age, milliseconds. */
export function estimateRemainingTime(ageMs: number, { mu, sigma }: DurationModel): Estimate {
  const age = Math.max(1, ageMs);
  const stillRunning = normalSurvival((Math.log(age) - mu) / sigma);
  const left = (chance: number) =>
    stillRunning < 1e-12 ? 0 : Math.max(0, Math.exp(mu + sigma * normalQuantile(stillRunning * chance)) - age);
  const leftMs = left(0.5);
  return {
    // The age by the age at which half of those that are left are done: grows with age for every sigma.
    progress: Math.min(age / (age + leftMs), 0.99),
    leftMs,
    p20Ms: left(0.8),
    p80Ms: left(0.2),
    isLong: stillRunning < LONG,
  };
}

/**
 * The estimates of one window. A task keeps the durations that its first estimate was made with, and its
 * progress: what is learned while it runs must not set it back, nor may a wall clock that is set.
 */
export class RemainingTimeEstimates {
  readonly #records: () => readonly TaskRecord[];
  readonly #begun = new Map<string, { durations: DurationModel; progress: number }>();

  /** @param records all, newest first; asked when a task has no estimate yet */
  constructor(records: () => readonly TaskRecord[]) {
    this.#records = records;
  }

  /** Returns `undefined` for a task that is not pending, and while nothing is known about its model. */
  of(record: TaskRecord, now: number): Estimate | undefined {
    const { id, acceptedAt, request } = record;
    if (!isPending(record) || acceptedAt === undefined) {
      this.#begun.delete(id);
      return undefined;
    }
    let begun = this.#begun.get(id);
    if (!begun) {
      const durations = createDurationModel(this.#records(), request.model);
      if (!durations) {
        return undefined;
      }
      this.#begun.set(id, (begun = { durations, progress: 0 }));
    }
    const estimate = estimateRemainingTime(now - acceptedAt, begun.durations);
    begun.progress = Math.max(begun.progress, estimate.progress);
    return { ...estimate, progress: begun.progress };
  }
}
