import assert from 'node:assert/strict';
import {
  clampTime,
  formatClock,
  formatPosition,
  getFrameStart,
  getJumpTarget,
  getStepTarget,
  measureFrameRate,
} from '../../../../src/webviews/preview/time';

describe('times on the preview page', () => {
  it('are written as clocks are, and hours only from the first on', () => {
    for (const [seconds, text] of [
      [0, '0:00'],
      [9.99, '0:09'],
      [59.999, '0:59'],
      [60, '1:00'],
      [3_599, '59:59'],
      [3_600, '1:00:00'],
      [36_061, '10:01:01'],
      [-5, '0:00'],
    ] as const) {
      assert.equal(formatClock(seconds), text);
    }
  });

  it('of a frame are when it appeared, also before the browser has reported it', () => {
    const times = [0, 0.04, 0.08];
    for (const [at, start] of [
      [0, 0],
      [0.05, 0.04],
      [0.0799, 0.08],
      [9, 0.08],
    ] as const) {
      assert.equal(getFrameStart(at, times), start);
    }
    assert.equal(getFrameStart(0.05, undefined), 0.05);
    assert.equal(getFrameStart(0.05, []), 0.05);
  });

  it('have tenths in the player, which are never rounded up', () => {
    assert.equal(formatPosition(4.99), '0:04.9');
    assert.equal(formatPosition(65), '1:05.0');
    assert.equal(formatPosition(-1), '0:00.0');
  });

  it('stay inside the video, and just before its end', () => {
    assert.equal(clampTime(-1, 5), 0);
    assert.equal(clampTime(3, 5), 3);
    assert.equal(clampTime(5, 5), 4.999);
    assert.equal(clampTime(1, 0), 0);
  });
});

describe('steps of the player', () => {
  it('lead into the first half of the next and the previous frame, wherever in a frame it stands', () => {
    for (const inFrame of [0, 0.25, 0.5, 0.99]) {
      const at = (48 + inFrame) / 24;
      assert.equal(getStepTarget(at, { framesPerSecond: 24 }, 1), 49.25 / 24);
      assert.equal(getStepTarget(at, { framesPerSecond: 24 }, -1), 47.25 / 24);
    }
  });

  it('take a time that was rounded below its frame for that frame', () => {
    // Frame 1 of 24 a second begins at 0.0416666…, and a player says 0.041666.
    assert.equal(getStepTarget(0.041666, { framesPerSecond: 24 }, 1), 2.25 / 24);
  });

  it('go through every frame, one by one', () => {
    const framesPerSecond = 29.97;
    let at = 0;
    for (let frame = 1; frame <= 300; frame++) {
      at = Math.round(getStepTarget(at, { framesPerSecond }, 1)! * 1e6) / 1e6;
      assert.equal(Math.floor(at * framesPerSecond), frame);
    }
  });

  it('go through the frames that the file names, whatever their distances, and stop at both ends', () => {
    const times = [0.5, 0.54, 0.7, 0.7166, 1.2];
    const frameAfter = (at: number, direction: 1 | -1) => {
      const target = getStepTarget(at, { times, framesPerSecond: 24 }, direction);
      return target === undefined ? undefined : times.filter((time) => time <= target).length - 1;
    };
    for (const [index, time] of times.entries()) {
      for (const at of [time, time - 0.000_001, time + 0.005]) {
        assert.equal(frameAfter(at, 1), index === 4 ? undefined : index + 1);
        assert.equal(frameAfter(at, -1), index === 0 ? undefined : index - 1);
      }
    }
    assert.equal(frameAfter(0, 1), 0, 'before the first');
    assert.equal(frameAfter(9, -1), 3, 'at the end of a last frame that is shown for long');
  });

  it('jump a second in a short clip, five in a long one', () => {
    assert.equal(getJumpTarget(3, 20, 1), 4);
    assert.equal(getJumpTarget(3, 20, -1), 2);
    assert.equal(getJumpTarget(30, 20.1, 1), 35);
    assert.equal(getJumpTarget(30, 20.1, -1), 25);
  });
});

describe('the frame rate', () => {
  const first = { mediaTime: 1, presentedFrames: 10 };

  it('is told by two frames in a row', () => {
    assert.equal(measureFrameRate(first, { mediaTime: 1 + 1 / 24, presentedFrames: 11 }), 24);
    assert.equal(measureFrameRate(first, { mediaTime: 1 + 1 / 29.97, presentedFrames: 11 }), 29.97);
  });

  it('is not told over a frame that was dropped, a repeat from the start, a jump, or one frame twice', () => {
    for (const after of [
      { mediaTime: 1 + 2 / 24, presentedFrames: 12 },
      { mediaTime: 0, presentedFrames: 11 },
      { mediaTime: 3, presentedFrames: 11 },
      { mediaTime: 1, presentedFrames: 11 },
    ]) {
      assert.equal(measureFrameRate(first, after), undefined, JSON.stringify(after));
    }
  });
});
