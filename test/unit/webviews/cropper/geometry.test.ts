import assert from 'node:assert/strict';
import type { CropLimits } from '../../../../src/views/cropper/protocol';
import {
  getAnchor,
  getDraggedWidth,
  getPaddedPlace,
  getResultSize,
  moveFrame,
  resizeFrame,
  roundFrame,
  type Corner,
  type Rect,
} from '../../../../src/webviews/cropper/geometry';

const IMAGE = { width: 1_000, height: 800 };
const LIMITS: CropLimits = {
  minSide: 300,
  maxSide: 6_000,
  minRatio: 0.4,
  maxRatio: 2.5,
  maxBytes: 1,
  maxOfferedBytes: 1,
};
const FRAME: Rect = { x: 100, y: 100, width: 640, height: 360 };
const RATIO = 640 / 360;
const MIDDLE = { x: 0.5, y: 0.5 };
const resize = (width: number, anchor = MIDDLE) =>
  resizeFrame(FRAME, width, anchor, { image: IMAGE, ratio: RATIO, minSide: LIMITS.minSide });

describe('the crop frame', () => {
  it('is moved, and stops at each side of the image', () => {
    assert.deepEqual(moveFrame(FRAME, 10, -20, IMAGE), { ...FRAME, x: 110, y: 80 });
    assert.deepEqual(moveFrame(FRAME, 9_999, 9_999, IMAGE), { ...FRAME, x: 360, y: 440 });
    assert.deepEqual(moveFrame(FRAME, -9_999, -9_999, IMAGE), { ...FRAME, x: 0, y: 0 });
  });

  it('keeps its ratio and its middle when it is resized', () => {
    assert.deepEqual(resize(560), { x: 140, y: 122.5, width: 560, height: 315 });
  });

  it('keeps the corner opposite to the one that is dragged', () => {
    const opposite = (corner: Corner, { x, y, width, height }: Rect) => {
      const at = getAnchor(corner);
      return [x + at.x * width, y + at.y * height].map(Math.round);
    };
    for (const corner of ['nw', 'ne', 'sw', 'se'] as const) {
      const resized = resize(600, getAnchor(corner));
      assert.equal(Math.round(resized.width), 600, corner);
      assert.deepEqual(opposite(corner, resized), opposite(corner, FRAME), corner);
    }
  });

  it('grows as far as the image goes on the nearer side', () => {
    // The middle is 280 from the top: at most 560 high, were it not 420 from the left: at most 840 wide.
    const { x, width, height } = resize(9_999);
    assert.equal(x, 0);
    assert.equal(width, 840);
    assert.equal(height, 840 / RATIO);
  });

  it('has a shorter side that the service takes', () => {
    const { height } = resize(1);
    assert.equal(Math.round(height), LIMITS.minSide);
  });

  it('follows the direction in which a corner was dragged further', () => {
    assert.equal(getDraggedWidth(FRAME, 'se', 50, 10), 690);
    assert.equal(getDraggedWidth(FRAME, 'se', 10, 45), 640 + 45 * RATIO);
    assert.equal(getDraggedWidth(FRAME, 'nw', 50, 10), 590);
    assert.equal(getDraggedWidth(FRAME, 'ne', 50, -10), 690);
    assert.equal(getDraggedWidth(FRAME, 'sw', -50, 10), 690);
  });

  it('is rounded to whole pixels inside the image', () => {
    const rounded = roundFrame({ x: 359.6, y: 440.2, width: 640.4, height: 360.4 }, IMAGE, LIMITS);
    assert.deepEqual(rounded, { x: 360, y: 440, width: 640, height: 360 });
  });

  it('is rounded to a ratio that the service takes', () => {
    // 2.5 to 1 as it is dragged; 901 by 360 would be too wide.
    const wide = roundFrame({ x: 0, y: 0, width: 900.6, height: 360.24 }, IMAGE, LIMITS);
    assert.deepEqual(wide, { x: 0, y: 0, width: 900, height: 360 });
    const high = roundFrame({ x: 0, y: 0, width: 300.4, height: 751 }, IMAGE, LIMITS);
    assert.deepEqual(high, { x: 0, y: 0, width: 300, height: 750 });
  });
});

describe('the result of the cropper', () => {
  it('is scaled down to what the service takes, never up', () => {
    assert.deepEqual(getResultSize({ width: 9_000, height: 6_000 }, LIMITS), { width: 6_000, height: 4_000 });
    assert.deepEqual(getResultSize({ width: 640, height: 360 }, LIMITS), { width: 640, height: 360 });
  });

  it('has the image in the middle of its margins', () => {
    assert.deepEqual(getPaddedPlace({ width: 1_000, height: 1_001 }, IMAGE), { x: 0, y: 100.5, ...IMAGE });
  });
});
