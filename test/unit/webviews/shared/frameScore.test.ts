import assert from 'node:assert/strict';
import { frameAt } from '../../../emulator/video/frame';
import { getFrameScore, isTelling, type Pixels } from '../../../../src/webviews/shared/frameScore';

const SIZE = { width: 48, height: 27 };
function paint(colourAt: (x: number, y: number) => number): Pixels {
  const data = new Uint8ClampedArray(SIZE.width * SIZE.height * 4);
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      data.fill(colourAt(x, y), (y * SIZE.width + x) * 4, (y * SIZE.width + x) * 4 + 3);
    }
  }
  return { ...SIZE, data };
}
/** Another picture of the same noise, as a compressed film has in what should be of one colour. */
const grain = (x: number, y: number) => (x * 31 + y * 17) % 5;
const SCENE = frameAt(
  { prompt: 'A fox', model: 'm', ar: '16:9', firstFrame: undefined, ...SIZE, fps: 24, frames: 24 },
  8,
);

describe('what a frame shows', () => {
  it('is nothing where it is of one colour, with the grain of a film too', () => {
    for (const colour of [0, 16, 128, 235, 255]) {
      assert.equal(Math.round(getFrameScore(paint(() => colour))), 0);
      assert.equal(isTelling(getFrameScore(paint((x, y) => colour + grain(x, y)))), false, String(colour));
    }
    assert.equal(getFrameScore({ width: 0, height: 0, data: [] }), 0);
  });

  it('is little in a fade from black, and enough in a scene', () => {
    const faded = (share: number): Pixels => ({ ...SIZE, data: SCENE.data.map((value) => value * share) });
    const scores = [0.05, 0.1, 0.2, 1].map((share) => getFrameScore(faded(share)));
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => a - b),
    );
    assert.deepEqual(scores.map(isTelling), [false, false, false, true], scores.join(' '));
  });

  it('is more in a scene than in one line of light on black', () => {
    const line = getFrameScore(paint((_, y) => (y === 13 ? 255 : 0)));
    assert.ok(getFrameScore(SCENE) > line, `${getFrameScore(SCENE)} ${line}`);
  });
});
