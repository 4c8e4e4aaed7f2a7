import { normalDensity, normalSurvival } from '../../common/normalDistribution';
import type { TaskRecord } from '../model/taskRecord';
import { LINK_LIFETIME_MS } from '../model/transitions';

/**
 * How long generations take, learned from the records. There is no file to keep in sync with them.
 *
 * The exact time at which a video was ready is unknown. Known are the last result that was pending and the first that was
 * done, and the time in between may be seconds, or the night in which VS Code was closed. So the model is fitted to
 * intervals, of which wide ones hardly count.
 */
export interface DurationInterval {
  /** It took longer than this, milliseconds. */
  afterMs: number;
  /** It took no longer than this. */
  untilMs: number;
}

/** Durations whose logarithm is normally distributed. */
export interface DurationModel {
  /** Natural logarithm of the median, which is in milliseconds. */
  readonly mu: number;
  readonly sigma: number;
}

/** The newest generations are enough, and older ones may be of another time: services get faster. */
const NEWEST = 200;
/** With fewer that are known well, nothing is claimed. */
const ENOUGH = 5;
/** Known well: the end lies within a factor of two. */
const WELL_KNOWN = 2;
/** What is believed of the spread before anything was seen, and how many observations that is worth. */
const PRIOR_SIGMA = 0.4;
const PRIOR_WEIGHT = 2;
const MIN_SIGMA = 0.08;
/** Beyond so many sigmas it was an outage and not a generation, and pulls no harder. */
const OUTLIER = 3;
const ROUNDS = 12;

/** Returns what a record says about its duration; `undefined` when it says nothing. */
export function getDurationInterval({
  state,
  origin,
  acceptedAt,
  finishedAt,
  result,
}: TaskRecord): DurationInterval | undefined {
  if (state !== 'done' || origin !== 'generated' || acceptedAt === undefined || finishedAt === undefined || !result) {
    return undefined;
  }
  // The life of a link is counted from the last moment at which the task was pending (`model/transitions.ts`).
  const pendingAt = result.expiresAt - LINK_LIFETIME_MS;
  const span = { afterMs: Math.max(1, pendingAt - acceptedAt), untilMs: finishedAt - acceptedAt };
  return span.untilMs >= span.afterMs ? span : undefined;
}

/** Fits a log-normal distribution to the intervals; `undefined` when there are too few. */
export function fitDurations(spans: readonly DurationInterval[]): DurationModel | undefined {
  const logs = spans.map(({ afterMs, untilMs }) => ({ low: Math.log(afterMs), high: Math.log(untilMs) }));
  const middles = logs
    .filter(({ low, high }) => high - low <= Math.log(WELL_KNOWN))
    .map(({ low, high }) => (low + high) / 2)
    .sort((a, b) => a - b);
  if (middles.length < ENOUGH) {
    return undefined;
  }
  let mu = middles[middles.length >> 1]!;
  let sigma = PRIOR_SIGMA;
  // Expectation and maximisation: each span counts as what is expected within it under the last estimate.
  for (let round = 0; round < ROUNDS; round++) {
    const seen = logs.map(({ low, high }) => expectedWithin(low, high, mu, sigma));
    const mean = seen.reduce((sum, { value }) => sum + value, 0) / seen.length;
    const squares = seen.reduce((sum, { value, variance }) => sum + variance + (value - mean) ** 2, 0);
    mu = mean;
    sigma = Math.max(MIN_SIGMA, Math.sqrt((squares + PRIOR_WEIGHT * PRIOR_SIGMA ** 2) / (seen.length + PRIOR_WEIGHT)));
  }
  return { mu, sigma };
}

/** Mean and variance of a normal value that is known to lie within a span. */
function expectedWithin(low: number, high: number, mu: number, sigma: number): { value: number; variance: number } {
  const a = (low - mu) / sigma;
  const b = (high - mu) / sigma;
  const chance = normalSurvival(a) - normalSurvival(b);
  if (chance < 1e-6 || b > OUTLIER) {
    const nearest = Math.min(Math.max(0, a), b);
    // A span that is open towards the future tells only that it took longer than its beginning.
    return { value: mu + sigma * Math.min(nearest, OUTLIER), variance: a < 0 ? sigma ** 2 : 0 };
  }
  const shift = (normalDensity(a) - normalDensity(b)) / chance;
  const variance = 1 + (a * normalDensity(a) - b * normalDensity(b)) / chance - shift ** 2;
  return { value: mu + sigma * shift, variance: sigma ** 2 * Math.max(0, variance) };
}

/** By list: the store returns the same array until something changes. */
const learned = new WeakMap<readonly TaskRecord[], Map<string, DurationModel | undefined>>();

/**
 * Returns how long this model takes according to the records; else how long its family takes at that resolution, else
 * its family. `undefined` when that is not known either.
 *
 * @param records newest first
 */
export function createDurationModel(records: readonly TaskRecord[], model: string): DurationModel | undefined {
  let known = learned.get(records);
  if (!known) {
    known = new Map<string, DurationModel | undefined>();
    learned.set(records, known);
  }
  if (!known.has(model)) {
    known.set(model, learn(records, model));
  }
  return known.get(model);
}

function learn(records: readonly TaskRecord[], model: string): DurationModel | undefined {
  const prefixes = getModelPrefixes(model);
  for (let near = 0; near < prefixes.length; near++) {
    const found = fitDurations(newestSpans(records, prefixes, near));
    if (found) {
      return found;
    }
  }
  return undefined;
}

/**
 * What a model is by ever wider terms: `seedance-1-pro-720P-5s`, `seedance-1-pro-720P`, `seedance-1-pro`.
 * An id that does not read like this is alone of its kind.
 */
function getModelPrefixes(model: string): string[] {
  const withoutLength = model.replace(/-\d+s$/, '');
  return [model, withoutLength, withoutLength.replace(/-(\d+P|4K)$/, '')];
}

/** The newest spans of models that are the same by the terms of `prefixes[near]`. */
function newestSpans(records: readonly TaskRecord[], prefixes: readonly string[], near: number): DurationInterval[] {
  const spans: DurationInterval[] = [];
  const isSimilar = new Map<string, boolean>();
  for (const record of records) {
    const { model } = record.request;
    if (!isSimilar.has(model)) {
      isSimilar.set(model, getModelPrefixes(model)[near] === prefixes[near]);
    }
    const span = isSimilar.get(model) ? getDurationInterval(record) : undefined;
    if (span && spans.push(span) === NEWEST) {
      break;
    }
  }
  return spans;
}
