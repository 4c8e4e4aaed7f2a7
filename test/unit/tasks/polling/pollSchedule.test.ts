import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { estimateRemainingTime, RemainingTimeEstimates } from '../../../../src/tasks/polling/remainingTime';
import { normalDensity, normalQuantile, normalSurvival } from '../../../../src/common/normalDistribution';
import { getEarliestEndMs, getNextPollDelay } from '../../../../src/tasks/polling/pollSchedule';
import { LINK_LIFETIME_MS } from '../../../../src/tasks/model/transitions';
import { createRecord } from '../../../support/records';

const KNOWN = { mu: Math.log(60_000), sigma: 0.3 };
const EVEN = () => 0.5;
const T = Date.UTC(2026, 5, 1);

const someDurations = fc.record({
  mu: fc.double({ min: 1, max: 17, noNaN: true }),
  sigma: fc.double({ min: 0.08, max: 2, noNaN: true }),
});

/** The ages at which a task is asked about that never ends. */
function questions(until: number, durations?: typeof KNOWN): number[] {
  const ages: number[] = [];
  for (let age = getNextPollDelay(0, EVEN, durations); age < until; age += getNextPollDelay(age, EVEN, durations))
    ages.push(age);
  return ages;
}

describe('the normal distribution', () => {
  it('has the values of the tables', () => {
    assert.ok(Math.abs(normalSurvival(1.96) - 0.0249979) < 1e-6);
    assert.ok(Math.abs(normalSurvival(-1) - 0.8413447) < 1e-6);
    assert.ok(Math.abs(normalSurvival(4) / 3.16712e-5 - 1) < 1e-4);
    assert.ok(Math.abs(normalDensity(0) - 0.3989423) < 1e-6);
    assert.ok(Math.abs(normalQuantile(0.05) - 1.644854) < 1e-4);
  });
});

describe('the schedule', () => {
  it('asks nothing before the earliest plausible end', () => {
    assert.ok(questions(300_000, KNOWN)[0]! > getEarliestEndMs(KNOWN));
  });

  it('is dense around the likely end', () => {
    const ages = questions(300_000, KNOWN);
    const near = ages.filter((age) => age > 55_000 && age < 75_000);
    assert.ok(near.length >= 4, String(ages));
  });

  it('is gentle with a task that takes far longer than all others', () => {
    for (const age of [200_000, 1_000_000, 1e8]) {
      const wait = getNextPollDelay(age, EVEN, KNOWN);
      assert.ok(wait >= 15_000 && wait <= 25_000);
    }
  });

  it('backs off evenly while nothing is known', () => {
    const ages = questions(120_000);
    assert.ok(ages[0]! >= 4_000 && ages[0]! <= 6_000);
    const waits = ages.slice(1).map((age, i) => age - ages[i]!);
    assert.ok(
      waits.every((wait, i) => i === 0 || wait >= waits[i - 1]!),
      String(waits),
    );
  });

  it('asks about an age that was there before at other moments: tasks drift apart', () => {
    assert.notEqual(
      getNextPollDelay(50_000, () => 0.1, KNOWN),
      getNextPollDelay(50_000, () => 0.9, KNOWN),
    );
  });

  it('waits for a moment at least and never for ever, whatever was learned', () => {
    const age = fc.double({ min: -1e6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        age,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.option(someDurations, { nil: undefined }),
        (ms, chance, durations) => {
          const wait = getNextPollDelay(ms, () => chance, durations);
          assert.ok(Number.isFinite(wait) && (wait >= 250 || ms < 5_000) && wait >= 0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the estimate', () => {
  it('says about half at half the time, and how long it still takes', () => {
    const { progress, leftMs, p20Ms: soonMs, p80Ms: lateMs } = estimateRemainingTime(20_000, KNOWN);
    assert.ok(Math.abs(progress - 1 / 3) < 0.02);
    assert.ok(Math.abs(leftMs - 40_000) < 1_500);
    assert.ok(soonMs < leftMs && leftMs < lateMs);
  });

  it('admits that a task is late', () => {
    assert.equal(estimateRemainingTime(60_000, KNOWN).isLong, false);
    assert.equal(estimateRemainingTime(120_000, KNOWN).isLong, true);
  });

  it('goes forward only and never reaches the end, for whatever was learned', () => {
    fc.assert(
      fc.property(
        someDurations,
        fc.integer({ min: 1, max: 3_600_000 }),
        fc.integer({ min: 0, max: 3_600_000 }),
        (durations, age, more) => {
          const [before, after] = [estimateRemainingTime(age, durations), estimateRemainingTime(age + more, durations)];
          assert.ok(after.progress >= before.progress - 1e-4, `${before.progress} > ${after.progress}`);
          for (const { progress, leftMs, p20Ms: soonMs, p80Ms: lateMs } of [before, after]) {
            assert.ok(
              progress >= 0 &&
                progress < 1 &&
                soonMs >= 0 &&
                soonMs <= leftMs &&
                leftMs <= lateMs &&
                Number.isFinite(lateMs),
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  describe('of a window', () => {
    const history = (ms: number) =>
      Array.from({ length: 10 }, () =>
        createRecord('b1', {
          state: 'done',
          acceptedAt: T,
          finishedAt: T + ms,
          result: { url: 'https://a/1', expiresAt: T + ms - 1_000 + LINK_LIFETIME_MS },
        }),
      );
    const running = createRecord('a1', { state: 'running', gatewayId: 'g1', acceptedAt: T });

    it('is absent while nothing is known, and for a task that is not at the service', () => {
      const estimates = new RemainingTimeEstimates(() => history(60_000));
      assert.equal(new RemainingTimeEstimates(() => []).of(running, T), undefined);
      assert.equal(estimates.of({ ...running, state: 'done' }, T), undefined);
      assert.ok(estimates.of(running, T));
    });

    it('does not go back when the service turns out to be slower, nor when the clock is set back', () => {
      let records = history(60_000);
      const estimates = new RemainingTimeEstimates(() => records);
      const before = estimates.of(running, T + 40_000)!.progress;
      records = history(600_000);
      assert.ok(estimates.of(running, T + 41_000)!.progress > before);
      assert.ok(estimates.of(running, T - 3_600_000)!.progress >= before);
      assert.ok(estimates.of({ ...running, id: 'a2' }, T + 41_000)!.progress < before);
    });
  });
});
