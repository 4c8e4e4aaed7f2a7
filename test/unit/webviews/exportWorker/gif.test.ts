import assert from 'node:assert/strict';
import { estimateGif, GifWriter, Palette } from '../../../../src/webviews/exportWorker/gif';
import { frameAt } from '../../../emulator/video/frame';
import { decodeGif } from '../../../support/gif';

const SIZE = { width: 240, height: 136 };

/** Frames as the emulated service draws them, 12 of each second. */
function film(count: number): Uint8ClampedArray[] {
  const scene = { prompt: 'A paper boat', model: 'seedance', ar: '16:9', firstFrame: undefined, fps: 12, frames: 60 };
  return Array.from({ length: count }, (_, index) =>
    Uint8ClampedArray.from(frameAt({ ...scene, ...SIZE } as Parameters<typeof frameAt>[0], index).data),
  );
}

function write(frames: readonly Uint8ClampedArray[], durationMs = 1000 / 12, loops = true) {
  const palette = new Palette(frames);
  const gif = new GifWriter(SIZE, { palette, loops });
  for (const frame of frames) {
    gif.add(frame, durationMs);
  }
  return { bytes: gif.finish(), palette };
}

describe('a GIF', () => {
  it('shows each frame as it was, as nearly as 255 colours can', () => {
    const frames = film(12);
    const { bytes } = write(frames);
    const gif = decodeGif(bytes);
    assert.deepEqual({ width: gif.width, height: gif.height, loops: gif.loops }, { ...SIZE, loops: 0 });
    assert.equal(gif.frames.length, frames.length);
    for (const [index, { rgba }] of gif.frames.entries()) {
      let sum = 0;
      for (let at = 0; at < rgba.length; at++) {
        sum += at % 4 === 3 ? 0 : Math.abs(rgba[at]! - frames[index]![at]!);
      }
      const mean = sum / (SIZE.width * SIZE.height * 3);
      assert.ok(mean < 6, `frame ${index} is off by ${mean} in each channel`);
    }
  });

  it('lasts as long as the part, though it counts hundredths of a second', () => {
    const gif = decodeGif(write(film(12)).bytes);
    assert.equal(
      gif.frames.reduce((sum, { hundredths }) => sum + hundredths, 0),
      100,
    );
    assert.ok(gif.frames.every(({ hundredths }) => hundredths === 8 || hundredths === 9));
  });

  it('is played once where that was chosen', () => {
    assert.equal(decodeGif(write(film(2), 100, false).bytes).loops, undefined);
  });

  it('costs next to nothing while nothing moves', () => {
    const [frame] = film(1);
    const one = write([frame!]).bytes.length;
    const many = write(Array.from({ length: 20 }, () => frame!)).bytes.length;
    assert.ok(many - one < 19 * 400, `${one} bytes, and ${many} of 20 frames`);
  });

  it('is estimated from some of its frames within 30 %', () => {
    const frames = film(60);
    const { bytes, palette } = write(frames);
    const runs = [0, 26, 52].map((start) => frames.slice(start, start + 8));
    const about = estimateGif(runs, { size: SIZE, count: frames.length, palette });
    assert.ok(Math.abs(about / bytes.length - 1) < 0.3, `about ${about} of ${bytes.length}`);
    const all = estimateGif([frames], { size: SIZE, count: frames.length, palette });
    assert.ok(Math.abs(all - bytes.length) <= 1, 'exactly, if all are tried out');
  });

  it('has as many colours as there are, when these are few', () => {
    const two = new Uint8ClampedArray(SIZE.width * SIZE.height * 4).map((_, at) =>
      at % 4 === 3 || at < SIZE.width * SIZE.height * 2 ? 255 : 0,
    );
    const { palette } = write([two]);
    assert.ok(palette.colors.length <= 4);
    assert.deepEqual(palette.colors[palette.find(255, 255, 255)], [255, 255, 255]);
  });
});
