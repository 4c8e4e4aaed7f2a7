import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Uri } from '../../support/vscodeStub';

const { parseImageArguments } = await import('../../../src/commands/firstFrame');

const from = { task: 'abc', seconds: 4.96, isLast: true };
const thumbnail = 'data:image/jpeg;base64,/9j/4AAQ';

describe('pictures that a program passes', () => {
  it('are one or several, with what is known of them', () => {
    const file = Uri.file('/films/frame.png');
    assert.deepEqual(parseImageArguments({ picture: file, label: 'Last frame', from, thumbnail }), [
      { picture: file, label: 'Last frame', from, thumbnail },
    ]);
    const bytes = Uint8Array.of(1, 2, 3);
    const several = [
      { picture: 'https://images.example/a.png', label: 'a' },
      { picture: bytes, label: 'b', from: undefined },
    ];
    assert.deepEqual(parseImageArguments(several), several);
  });

  it('are refused to the caller when they make no sense', () => {
    const fit = { picture: 'file:///films/frame.png', label: 'frame' };
    const unfit: [unknown, RegExp][] = [
      [{}, /picture/],
      [[], /argument/],
      ['choose a file', /^seedance\.useAsFirstFrame: /],
      [{ ...fit, picture: 7 }, /picture/],
      [{ ...fit, picture: { scheme: 'file', path: '/etc/passwd' } }, /picture/],
      [{ ...fit, label: '' }, /label/],
      [{ ...fit, label: 'x'.repeat(201) }, /label/],
      [{ ...fit, from: { ...from, task: '../../etc' } }, /from\.task/],
      [{ ...fit, from: { ...from, seconds: -1 } }, /from\.seconds/],
      [{ ...fit, from: { ...from, seconds: NaN } }, /from\.seconds/],
      [{ ...fit, from: { task: 'abc' } }, /from\./],
      [{ ...fit, thumbnail: 'https://evil.example/pixel.jpg' }, /thumbnail: no small JPEG/],
      [{ ...fit, thumbnail: `${thumbnail}"onerror=` }, /thumbnail/],
      [[fit, { ...fit, label: 1 }], /1\.label/],
    ];
    for (const [argument, why] of unfit) {
      assert.throws(
        () => parseImageArguments(argument),
        (error: Error) => error.name === 'InvalidArguments' && why.test(error.message),
        JSON.stringify(argument),
      );
    }
  });

  it('never crash', () => {
    fc.assert(
      fc.property(fc.anything(), (argument) => {
        try {
          parseImageArguments(argument);
        } catch (error) {
          assert.equal((error as Error).name, 'InvalidArguments');
        }
      }),
    );
  });
});
