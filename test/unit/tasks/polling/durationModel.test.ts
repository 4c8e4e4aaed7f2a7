import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  createDurationModel,
  fitDurations,
  getDurationInterval,
  type DurationInterval,
} from '../../../../src/tasks/polling/durationModel';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { LINK_LIFETIME_MS } from '../../../../src/tasks/model/transitions';
import { Random } from '../../../emulator/random';
import { HOUR_MS, createRecord } from '../../../support/records';

const T = Date.UTC(2026, 5, 1);

/** Done at some moment between the two ages, as far as we saw. */
function doneBetween(afterMs: number, untilMs: number, more: Partial<TaskRecord> = {}): TaskRecord {
  return createRecord('a1', {
    state: 'done',
    acceptedAt: T,
    finishedAt: T + untilMs,
    result: { url: 'https://a/1', expiresAt: T + afterMs + LINK_LIFETIME_MS },
    ...more,
  });
}

const ofModel = (model: string, n: number, ms: number) =>
  Array.from({ length: n }, () => doneBetween(ms, ms + 1_000, { request: { model, prompt: 'p' } }));

const median = (spans: readonly DurationInterval[]) => Math.exp(fitDurations(spans)!.mu) / 1000;
const within = (value: number, low: number, high: number) =>
  assert.ok(value >= low && value <= high, `${value} not in ${low}–${high}`);

describe('durations', () => {
  describe('what a record tells', () => {
    it('is the span between the last "not yet" and the first "done"', () => {
      assert.deepEqual(getDurationInterval(doneBetween(50_000, 57_000)), { afterMs: 50_000, untilMs: 57_000 });
    });

    it('is nothing for a task that is not done, or was made elsewhere', () => {
      assert.equal(getDurationInterval(createRecord('a1', { state: 'running', acceptedAt: T })), undefined);
      assert.equal(
        getDurationInterval(createRecord('a1', { state: 'failed', acceptedAt: T, finishedAt: T + 5 })),
        undefined,
      );
      assert.equal(getDurationInterval(doneBetween(50_000, 57_000, { origin: 'added' })), undefined);
    });

    it('is nothing when the times contradict each other', () => {
      assert.equal(getDurationInterval(doneBetween(57_000, 50_000)), undefined);
    });
  });

  describe('the fit', () => {
    const seenEvery = (everyMs: number, medianMs: number, sigma: number, n: number): DurationInterval[] => {
      const random = new Random(7);
      return Array.from({ length: n }, () => {
        const ms = random.logNormal(medianMs, sigma);
        const untilMs = Math.ceil(ms / everyMs) * everyMs;
        return { afterMs: Math.max(1, untilMs - everyMs), untilMs };
      });
    };

    it('finds the distribution behind spans as wide as the spread itself', () => {
      const { mu, sigma } = fitDurations(seenEvery(20_000, 60_000, 0.3, 200))!;
      within(Math.exp(mu), 56_000, 64_000);
      within(sigma, 0.24, 0.36);
    });

    it('claims nothing of a few, nor of many that are hardly known', () => {
      assert.equal(fitDurations(seenEvery(5_000, 60_000, 0.3, 4)), undefined);
      assert.equal(
        fitDurations(Array.from({ length: 50 }, () => ({ afterMs: 5_000, untilMs: 8 * HOUR_MS }))),
        undefined,
      );
    });

    it('is hardly moved by tasks that ended while VS Code was closed', () => {
      const known = seenEvery(5_000, 60_000, 0.3, 40);
      const overnight = Array.from({ length: 20 }, () => ({ afterMs: 5_000, untilMs: 8 * HOUR_MS }));
      within(median([...known, ...overnight]) / median(known), 0.95, 1.05);
    });

    it('is hardly moved by an outage', () => {
      const known = seenEvery(5_000, 60_000, 0.3, 40);
      within(median([...known, { afterMs: 2 * HOUR_MS, untilMs: 2 * HOUR_MS + 20_000 }]) / median(known), 0.95, 1.05);
    });

    it('notices when the service gets faster than its first question', () => {
      const slow = seenEvery(5_000, 60_000, 0.3, 20);
      const fast = Array.from({ length: 20 }, () => ({ afterMs: 1, untilMs: 25_000 }));
      within(median([...fast, ...slow]), 5, 35);
    });

    it('is wider than what few have shown', () => {
      const same = (n: number) =>
        fitDurations(Array.from({ length: n }, () => ({ afterMs: 60_000, untilMs: 60_100 })))!.sigma;
      assert.ok(same(5) > same(50) && same(5) > 0.2);
    });

    it('gives finite numbers for whatever the records say', () => {
      const span = fc
        .tuple(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }))
        .map(([afterMs, more]) => ({ afterMs, untilMs: afterMs + more }));
      fc.assert(
        fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
          const fit = fitDurations(spans);
          assert.ok(fit === undefined || (Number.isFinite(fit.mu) && fit.sigma > 0 && Number.isFinite(fit.sigma)));
        }),
        { numRuns: 200 },
      );
    });
  });

  describe('of a model', () => {
    const minutes = (records: readonly TaskRecord[], model: string) => {
      const fit = createDurationModel(records, model);
      return fit && Math.round(Math.exp(fit.mu) / 60_000);
    };

    it('come from its own generations', () => {
      const records = [
        ...ofModel('seedance-1-pro-720P-5s', 6, 60_000),
        ...ofModel('seedance-1-pro-720P-10s', 6, 120_000),
      ];
      assert.equal(minutes(records, 'seedance-1-pro-720P-10s'), 2);
    });

    it('else from its family at the same resolution, else from its family', () => {
      const records = [
        ...ofModel('seedance-1-pro-720P-5s', 6, 60_000),
        ...ofModel('seedance-1-pro-1080P-5s', 12, 180_000),
      ];
      assert.equal(minutes(records, 'seedance-1-pro-720P-10s'), 1);
      assert.equal(minutes(records, 'seedance-1-pro-1080P-12s'), 3);
      assert.ok(createDurationModel(records, 'seedance-1-pro-480P-5s'));
    });

    it('are unknown for another family', () => {
      assert.equal(
        createDurationModel(ofModel('seedance-1-pro-720P-5s', 20, 60_000), 'seedance-1-lite-720P-5s'),
        undefined,
      );
      assert.equal(createDurationModel(ofModel('seedance-1-pro-720P-5s', 20, 60_000), ''), undefined);
    });

    it('follow the newest generations', () => {
      const records = [...ofModel('m', 200, 60_000), ...ofModel('m', 200, 600_000)];
      assert.equal(minutes(records, 'm'), 1);
    });
  });
});
