import '../../support/vscodeStub';
import assert from 'node:assert/strict';
import { createSheetJson, getFrameName, isExportedFile } from '../../../src/commands/exportedFiles';
import { gifFile, pngFile } from '../../support/imageFiles';

const request = { kind: 'gif' as const, width: 480, height: 270, durations: [80, 90] };

describe('what a page exports', () => {
  it('is taken if type and size are those that were announced', () => {
    const gif = gifFile({ screen: [480, 270], image: [0, 0, 480, 270] });
    assert.equal(isExportedFile(gif, request), true);
    assert.equal(isExportedFile(gif, { ...request, width: 481 }), false);
    assert.equal(isExportedFile(gif, { ...request, kind: 'webp' }), false);
    assert.equal(isExportedFile(gif.subarray(0, 9), request), false);
    assert.equal(isExportedFile(Buffer.from('<svg/>'), request), false);
    const png = pngFile({ width: 480, height: 270 });
    assert.equal(isExportedFile(png, { ...request, kind: 'frames' }), true);
    assert.equal(isExportedFile(png, { ...request, kind: 'sheet' }), false, 'of two frames');
    assert.equal(isExportedFile(png, { ...request, kind: 'sheet', durations: [80] }), true);
  });

  it('has names that sort as the frames do', () => {
    assert.deepEqual([0, 8, 9, 1_999].map(getFrameName), ['0001', '0009', '0010', '2000']);
  });
});

describe('the JSON of a sprite sheet', () => {
  it('says where each frame lies, and for how long it is shown', () => {
    const sheet = JSON.parse(
      createSheetJson({ kind: 'sheet', width: 100, height: 50, durations: [83.3, 83.3, 84] }, 'a-sheet.png'),
    ) as {
      frames: Record<string, { frame: object; duration: number }>;
      animations: Record<string, string[]>;
      meta: { image: string; size: object };
    };
    assert.deepEqual(
      Object.entries(sheet.frames).map(([name, { frame, duration }]) => [name, frame, duration]),
      [
        ['0001', { x: 0, y: 0, w: 100, h: 50 }, 83],
        ['0002', { x: 100, y: 0, w: 100, h: 50 }, 83],
        ['0003', { x: 0, y: 50, w: 100, h: 50 }, 84],
      ],
    );
    assert.deepEqual(sheet.animations, { all: ['0001', '0002', '0003'] });
    assert.deepEqual([sheet.meta.image, sheet.meta.size], ['a-sheet.png', { w: 200, h: 100 }]);
  });
});
