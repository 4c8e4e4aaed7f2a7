import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  getAllowedRatio,
  cropTo,
  isFit,
  padTo,
  scaledToLimits,
  differsVisibly,
  getCroppedShare,
  getNearestAspectRatio,
  getAspect,
  type Size,
} from '../../../src/images/cropGeometry';
import { ASPECT_RATIOS } from '../../../src/api/aspectRatio';

/** Every image that can be made to fit without being enlarged. */
const image = fc.record({
  width: fc.integer({ min: 300, max: 30_000 }),
  height: fc.integer({ min: 300, max: 30_000 }),
});
const aspectRatio = fc.constantFrom(...ASPECT_RATIOS);
const size = ({ width, height }: Size): Size => ({ width, height });

describe('frames: fit', () => {
  it('finds the aspect ratio that cuts off least', () => {
    const nearest = (width: number, height: number) => getNearestAspectRatio({ width, height });
    assert.equal(nearest(1920, 1080), '16:9');
    assert.equal(nearest(1080, 1920), '9:16');
    assert.equal(nearest(800, 800), '1:1');
    assert.equal(nearest(4000, 3000), '16:9');
    assert.equal(nearest(3000, 4000), '9:16');
    assert.equal(nearest(5000, 4000), '1:1');
    fc.assert(
      fc.property(image, (given) => {
        const best = getNearestAspectRatio(given);
        assert.ok(ASPECT_RATIOS.every((other) => getCroppedShare(given, best) <= getCroppedShare(given, other) + 1e-9));
      }),
    );
  });

  it('tells what is seen from what is a matter of whole pixels', () => {
    assert.equal(differsVisibly({ width: 1366, height: 768 }, '16:9'), false);
    assert.equal(differsVisibly({ width: 1920, height: 1088 }, '16:9'), false);
    assert.equal(differsVisibly({ width: 1920, height: 1200 }, '16:9'), true);
    assert.equal(getCroppedShare({ width: 1600, height: 900 }, '16:9'), 0);
    assert.equal(getCroppedShare({ width: 2000, height: 1000 }, '1:1'), 0.5);
  });

  it('cuts inside the image, in its middle, no more than it must', () => {
    assert.deepEqual(cropTo({ width: 2000, height: 900 }, getAspect('16:9')), {
      x: 200,
      y: 0,
      width: 1600,
      height: 900,
    });
    assert.deepEqual(cropTo({ width: 900, height: 2001 }, 1), { x: 0, y: 550, width: 900, height: 900 });
    fc.assert(
      fc.property(image, aspectRatio, (given, name) => {
        const { x, y, width, height } = cropTo(given, getAspect(name));
        assert.ok(x >= 0 && y >= 0 && x + width <= given.width && y + height <= given.height);
        assert.ok(width === given.width || height === given.height, 'smaller than it need be');
        assert.ok(
          Math.abs(x - (given.width - width - x)) <= 1 && Math.abs(y - (given.height - height - y)) <= 1,
          'not the middle',
        );
        // The other side is the nearest whole pixel.
        assert.ok(Math.abs(width - height * getAspect(name)) <= 1 || Math.abs(height - width / getAspect(name)) <= 1);
      }),
    );
  });

  it('pads around the whole image, no more than it must', () => {
    assert.deepEqual(padTo({ width: 1000, height: 390 }, getAspect('16:9')), { width: 1000, height: 563 });
    fc.assert(
      fc.property(image, aspectRatio, (given, name) => {
        const { width, height } = padTo(given, getAspect(name));
        assert.ok(width >= given.width && height >= given.height);
        assert.ok(width === given.width || height === given.height, 'larger than it need be');
        assert.ok(Math.abs(width - height * getAspect(name)) <= 1 || Math.abs(height - width / getAspect(name)) <= 1);
      }),
    );
  });

  it('comes within the limits of the service for every image and ratio, and distorts nothing', () => {
    const scaled = (area: Size) => {
      const result = scaledToLimits(area);
      const distortion = result.width / result.height / (area.width / area.height);
      // Half a pixel of the shorter side.
      assert.ok(
        Math.abs(distortion - 1) <= 0.51 / Math.min(result.width, result.height),
        `${area.width} × ${area.height} → ${result.width} × ${result.height}`,
      );
      assert.ok(result.width <= area.width && result.height <= area.height, 'enlarged');
      return result;
    };
    fc.assert(
      fc.property(
        image,
        fc.oneof(aspectRatio.map(getAspect), fc.double({ min: 0.4, max: 2.5, noNaN: true })),
        (given, ratio) => {
          assert.ok(isFit(scaled(padTo(given, ratio))), 'padded');
          const cut = scaled(size(cropTo(given, ratio)));
          assert.ok(isFit(cut) || Math.min(cut.width, cut.height) < 300, 'cut');
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('leaves an image of its own ratio whole, where the service takes that ratio', () => {
    fc.assert(
      fc.property(image, (given) => {
        const whole = given.width / given.height >= 0.4 && given.width / given.height <= 2.5;
        const cut = size(cropTo(given, getAllowedRatio(given)));
        assert.equal(whole, cut.width === given.width && cut.height === given.height);
        assert.deepEqual(padTo(cut, getAllowedRatio(cut)), cut);
      }),
    );
  });
});
