import assert from 'node:assert/strict';
import {
  correct,
  getFramesPerSecond,
  getLeader,
  getLength,
  getPlace,
  getStep,
  type Film,
} from '../../../../src/webviews/compare/step';

/** A film of so many frames at this rate. */
const film = (frames: number, rate: number): Film => ({
  duration: frames / rate,
  times: Array.from({ length: frames }, (_, index) => index / rate),
});
const frameAt = (film: Film, at: number) => film.times!.findLastIndex((time) => time <= at + 1e-9);

describe('films in step', () => {
  it('follow the longest, and of equally long ones the one that is heard', () => {
    const [short, long, equal] = [film(48, 24), film(120, 24), film(150, 30)];
    assert.equal(getLeader([short, long, equal]), 1);
    assert.equal(getLeader([short, long, equal], 2), 2);
    assert.equal(getLeader([short, long, equal], 0), 1, 'a short one cannot lead to the end');
    assert.equal(getLeader([]), undefined);
    assert.equal(getLength([short, long]), 5);
    assert.equal(getLength([]), 0);
  });

  it('stand within the frame of each that belongs to a position, whatever their rates', () => {
    for (const rate of [12, 23.976, 24, 25, 30, 60]) {
      const one = film(Math.round(5 * rate), rate);
      for (let position = 0; position < 4.9; position += 0.0137) {
        const isAtEdge = Math.abs(position * rate - Math.round(position * rate)) < 0.001 * rate;
        if (isAtEdge) continue; // Players round.
        const place = getPlace(position, one);
        assert.equal(frameAt(one, place), frameAt(one, position), `${rate} fps at ${position}`);
        const start = one.times![frameAt(one, place)]!;
        assert.ok(place > start && place < start + 0.5 / rate, 'not at the edge of a frame');
      }
    }
  });

  it('hold their last frame when they are over', () => {
    const short = film(48, 24);
    assert.equal(frameAt(short, getPlace(2, short)), 47);
    assert.equal(frameAt(short, getPlace(4.5, short)), 47);
    assert.ok(getPlace(4.5, short) < short.duration, 'players show nothing at the very end');
    const unknown = { duration: 2 };
    assert.ok(getPlace(5, unknown) < 2 && getPlace(5, unknown) > 2 - 1 / 24);
  });

  it('step by the frames of the one that has the most of them, each once, to the end and back', () => {
    const films = [film(50, 25), film(120, 24), film(60, 30)];
    const seen: number[] = [];
    let position = getPlace(0, films[2]!);
    for (let target = getStep(position, films, 1); target !== undefined; target = getStep(position, films, 1)) {
      position = target;
      seen.push(position);
    }
    // 60 frames of the third until it is over, the first after that has none more, and then those of the second.
    const firstTwo = seen.filter((at) => at < 2 - 1 / 30).map((at) => frameAt(films[2]!, at));
    assert.deepEqual(
      firstTwo,
      Array.from({ length: firstTwo.length }, (_, index) => index + 1),
    );
    const later = seen.filter((at) => at > 2.05).map((at) => frameAt(films[1]!, at));
    assert.deepEqual(
      later,
      Array.from({ length: later.length }, (_, index) => later[0]! + index),
    );
    assert.equal(later.at(-1), 119);
    let steps = 0;
    for (let target = getStep(position, films, -1); target !== undefined && position > 0.05; steps++) {
      assert.ok(target < position);
      position = target;
      target = getStep(position, films, -1);
    }
    assert.ok(steps > 100 && steps < 140, `${steps}`);
  });

  it('step by the usual rate where no file tells, and never before the beginning', () => {
    const unknown = [{ duration: 5 }, { duration: 5 }];
    assert.equal(getFramesPerSecond(unknown[0]!), 24);
    assert.ok(Math.abs(getStep(1, unknown, 1)! - 25.25 / 24) < 1e-9);
    assert.equal(getStep(0, unknown, -1), 0);
  });

  it('are left alone within a frame, nudged beyond it, and sought when that would take long', () => {
    const one = film(120, 24);
    const at = (drift: number, isNudged = false, rate = 1) => correct(2, rate, { ...one, at: 2 + drift, isNudged });
    assert.deepEqual(at(0.03), { rate: 1, isNudged: false });
    assert.deepEqual(at(-0.03), { rate: 1, isNudged: false });
    const [late, early] = [at(-0.1), at(0.1)];
    assert.ok(late && 'rate' in late && late.rate > 1 && late.rate <= 1.15 && late.isNudged);
    assert.ok(early && 'rate' in early && early.rate < 1 && early.rate >= 0.85);
    const goingOn = at(-0.03, true);
    assert.ok(goingOn && 'rate' in goingOn && goingOn.isNudged, 'until it is well in step');
    assert.deepEqual(at(-0.5), { seek: 2 });
    assert.deepEqual(at(0.5), { seek: 2 });
    const double = at(-0.1, false, 2);
    assert.ok(double && 'rate' in double && double.rate > 2);
    assert.equal(correct(6, 1, { ...one, at: 5, isNudged: false }), undefined, 'it is over');
  });
});
