import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  assumeFrameTimes,
  fitWidth,
  planEvery,
  planSamples,
  planSheet,
  planSteady,
  SHEET_MAX_SIDE_PX,
  type FrameTimes,
} from '../../../../src/views/export/plan';

/** Five seconds at 24 frames a second. */
const FILM: FrameTimes = { times: Array.from({ length: 120 }, (_, index) => index / 24), end: 5 };
const ALL = { first: 0, last: 119 };

const total = (frames: readonly { durationMs: number }[]) =>
  Math.round(frames.reduce((sum, { durationMs }) => sum + durationMs, 0));

describe('the plan of an export', () => {
  it('takes every second frame of 24 for 12 a second, and lasts as long as the part', () => {
    const frames = planSteady(FILM, ALL, 12);
    assert.equal(frames.length, 60);
    assert.ok(frames.every(({ from }, step) => Math.round(from * 24) === 2 * step));
    assert.equal(total(frames), 5_000);
    const part = planSteady(FILM, { first: 24, last: 71 }, 12);
    assert.deepEqual([part.length, total(part)], [24, 2_000]);
    assert.ok(part.every(({ from, until }) => from >= 1 && until <= 3));
  });

  it('makes no frames that the video does not have', () => {
    const frames = planSteady(FILM, ALL, 50);
    assert.equal(frames.length, 120);
    assert.equal(new Set(frames.map(({ from }) => from)).size, 120);
    assert.equal(planSteady(FILM, { first: 7, last: 7 }, 12).length, 1);
  });

  it('takes every n-th frame, each until the next', () => {
    const frames = planEvery(FILM, { first: 10, last: 20 }, 4);
    assert.deepEqual(
      frames.map(({ from }) => Math.round(from * 24)),
      [10, 14, 18],
    );
    assert.deepEqual(
      frames.map(({ durationMs }) => Math.round((durationMs * 24) / 1000)),
      [4, 4, 3],
    );
  });

  it('holds for any times of frames: in their order, in the part, and as long as it', () => {
    const films = fc
      .array(fc.integer({ min: 1, max: 200 }), { minLength: 2, maxLength: 60 })
      .map((gaps) => gaps.reduce<number[]>((times, gap) => [...times, (times.at(-1) ?? 0) + gap / 1000], [0]));
    fc.assert(
      fc.property(films, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 60 }), (times, one, other, rate) => {
        const film = { times: times.slice(0, -1), end: times.at(-1)! };
        const [first, last] = [one % film.times.length, other % film.times.length].sort((a, b) => a - b) as [
          number,
          number,
        ];
        for (const frames of [planSteady(film, { first, last }, rate), planEvery(film, { first, last }, rate)]) {
          assert.ok(frames.length >= 1 && frames.length <= last - first + 1);
          assert.equal(total(frames), Math.round((times[last + 1]! - times[first]!) * 1000));
          for (const [index, { from, until }] of frames.entries()) {
            assert.ok(film.times.includes(from) && until > from && from >= film.times[first]!);
            assert.ok(from >= (frames[index - 1]?.from ?? 0) && from <= film.times[last]!);
          }
        }
      }),
    );
  });

  it('assumes the usual rate where a file does not tell', () => {
    const film = assumeFrameTimes(5, 1_000);
    assert.deepEqual([film.times.length, film.times[24], film.end], [120, 1, 5]);
    assert.equal(assumeFrameTimes(5, 10).times.length, 10);
    assert.equal(assumeFrameTimes(0, 10).times.length, 1);
  });

  it('tries out runs from all over, or all of a few', () => {
    const frames = planEvery(FILM, ALL, 1);
    assert.deepEqual(
      planSamples(frames, 8).map((run) => [run.length, frames.indexOf(run[0]!)]),
      [
        [8, 0],
        [8, 56],
        [8, 112],
      ],
    );
    assert.deepEqual(
      planSamples(frames.slice(0, 24), 8).map((run) => run.length),
      [24],
    );
  });

  it('scales down and never up', () => {
    assert.deepEqual(fitWidth({ width: 1920, height: 1080 }, 480), { width: 480, height: 270 });
    assert.deepEqual(fitWidth({ width: 320, height: 180 }, 480), { width: 320, height: 180 });
  });
});

describe('a sprite sheet', () => {
  it('is about square, and has a place for each frame', () => {
    assert.deepEqual(planSheet(10, { width: 100, height: 100 }), { columns: 4, rows: 3, width: 400, height: 300 });
    assert.deepEqual(planSheet(1, { width: 64, height: 36 }), { columns: 1, rows: 1, width: 64, height: 36 });
  });

  it('is never larger than a game takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 8_192 }),
        fc.integer({ min: 1, max: 8_192 }),
        (count, width, height) => {
          const sheet = planSheet(count, { width, height });
          if (sheet) {
            assert.ok(sheet.columns * sheet.rows >= count);
            assert.ok(Math.max(sheet.width, sheet.height) <= SHEET_MAX_SIDE_PX);
          }
        },
      ),
    );
    assert.equal(planSheet(2_000, { width: 1920, height: 1080 }), undefined);
  });
});
