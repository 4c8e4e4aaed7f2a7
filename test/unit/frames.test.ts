import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { DELIVERY_IDS, deliver, deliveryOf, hashOf, type FrameImage } from '../../src/frames/delivery';
import { FrameError, type FrameErrorKind } from '../../src/frames/errors';
import {
  DRAWABLE_MAX_BYTES,
  IMAGE_MAX_BYTES,
  checkImageBytes,
  inspectImage,
  measureImage,
  problemOf,
} from '../../src/frames/image';
import { imageOfLink, parseFrameLink } from '../../src/frames/link';
import { meansWith } from './support/delivery';
import { bmp, gif, jpeg, png, tiff, webp } from './support/imageHeaders';

function assertRefused(kind: FrameErrorKind, action: () => unknown): FrameError {
  let error: unknown;
  try {
    action();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof FrameError, `nothing was refused, expected ${kind}`);
  assert.equal(error.kind, kind);
  return error;
}

describe('frames: what an image is', () => {
  for (const [type, make] of Object.entries({ png, jpeg, webp, gif, bmp, tiff })) {
    it(`knows ${type} and its size by content`, () => {
      const bytes = make(640, 360);
      assert.deepEqual(inspectImage(bytes), {
        type,
        mime: `image/${type}`,
        bytes: bytes.length,
        width: 640,
        height: 360,
      });
    });
  }

  it('gives the size of a turned photograph as people see it', () => {
    const { width, height } = inspectImage(jpeg(640, 360, { orientation: 6 }));
    assert.deepEqual([width, height], [360, 640]);
  });

  it('knows what stands in the middle of a larger buffer', () => {
    const bytes = png(640, 360);
    const pool = new Uint8Array(10_000).fill(0xff);
    pool.set(bytes, 5_000);
    assert.equal(inspectImage(pool.subarray(5_000, 5_000 + bytes.length)).width, 640);
  });

  it('takes nothing for an image because of its name', () => {
    const text = (s: string) => new TextEncoder().encode(s);
    assertRefused('not-an-image', () =>
      inspectImage(text('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>')),
    );
    assertRefused('not-an-image', () => inspectImage(text('<!DOCTYPE html>')));
    assertRefused('not-an-image', () => inspectImage(text('%PDF-1.7')));
  });

  it('holds the limits of the service, and says the numbers', () => {
    assert.equal(inspectImage(png(300, 300)).width, 300);
    assert.equal(inspectImage(png(6000, 6000)).width, 6000);
    assert.equal(inspectImage(png(1000, 400)).width, 1000);
    assert.equal(inspectImage(png(400, 1000)).width, 400);
    assert.deepEqual(assertRefused('side-too-short', () => inspectImage(png(640, 299))).facts, {
      width: 640,
      height: 299,
    });
    assert.deepEqual(assertRefused('side-too-long', () => inspectImage(png(6001, 3000))).facts, {
      width: 6001,
      height: 3000,
    });
    assertRefused('side-too-long', () => inspectImage(png(60_000, 60_000)));
    assertRefused('ratio', () => inspectImage(png(1001, 400)));
    assertRefused('ratio', () => inspectImage(png(400, 1001)));
  });

  it('tells what can be made to fit from what nobody may draw', () => {
    for (const image of [png(7000, 4000), png(30_000, 4_000), png(1001, 400), jpeg(12_000, 9_000)]) {
      assert.ok(problemOf(measureImage(image)));
    }
    assert.equal(problemOf(measureImage(png(640, 360))), undefined);
    assertRefused('side-too-long', () => measureImage(png(60_000, 60_000)));
    assertRefused('side-too-long', () => measureImage(png(30_001, 300)));
    assertRefused('side-too-long', () => measureImage(png(12_000, 10_001)));
    assertRefused('side-too-short', () => measureImage(png(299, 5000)));
    assert.equal(assertRefused('ratio', () => measureImage(tiff(1001, 400))).facts.isTiff, true);
    const heavy = new Uint8Array(IMAGE_MAX_BYTES + 1);
    heavy.set(jpeg(640, 360));
    assert.equal(problemOf(measureImage(heavy))?.kind, 'too-many-bytes');
    assertRefused('too-many-bytes', () => checkImageBytes(DRAWABLE_MAX_BYTES + 1, DRAWABLE_MAX_BYTES));
  });

  it('refuses an empty file, and a large one before it is read', () => {
    assertRefused('empty', () => checkImageBytes(0));
    checkImageBytes(IMAGE_MAX_BYTES);
    assert.deepEqual(assertRefused('too-many-bytes', () => checkImageBytes(IMAGE_MAX_BYTES + 1)).facts, {
      bytes: IMAGE_MAX_BYTES + 1,
    });
  });

  it('refuses every cut of every format with one of its own errors', () => {
    for (const make of [png, jpeg, webp, gif, bmp, tiff]) {
      const whole = make(640, 360);
      for (let length = 0; length < whole.length; length++) {
        try {
          inspectImage(whole.subarray(0, length));
        } catch (error) {
          assert.ok(error instanceof FrameError, `${make.name} cut at ${length}: ${String(error)}`);
        }
      }
    }
  });

  it('never breaks on hostile bytes', () => {
    const heads = [png, jpeg, webp, gif, bmp, tiff].map((make) => make(640, 360));
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), fc.nat(60), (head, noise, at) => {
        const bytes = new Uint8Array([...head.subarray(0, at), ...noise]);
        try {
          const { width, height } = inspectImage(bytes);
          assert.ok(width >= 300 && width <= 6000 && height >= 300 && height <= 6000);
        } catch (error) {
          assert.ok(error instanceof FrameError, String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('gets out of 30 MB of traps', () => {
    const bytes = new Uint8Array(IMAGE_MAX_BYTES);
    bytes.set([0xff, 0xd8, 0xff, 0xe0]);
    assertRefused('damaged', () => inspectImage(bytes));
    const trap = new Uint8Array(IMAGE_MAX_BYTES).fill(1);
    trap.set(tiff(640, 360).subarray(0, 8));
    assertRefused('damaged', () => inspectImage(trap));
  });
});

describe('frames: delivery', () => {
  const bytes = png(640, 360);
  const facts = inspectImage(bytes);
  const file: FrameImage = {
    source: 'file:///w/cat.png',
    label: 'cat.png',
    file: { facts, read: () => Promise.resolve(bytes) },
  };

  it('has a way for every id, and none for what it does not know', () => {
    assert.deepEqual(
      DELIVERY_IDS.map((id) => deliveryOf(id)?.id),
      [...DELIVERY_IDS],
    );
    assert.equal(deliveryOf('pigeon'), undefined);
    assert.equal(deliveryOf('toString'), undefined);
  });

  it('sends a link as it is', async () => {
    const image = imageOfLink(' https://example.org/a/%D0%BA%D0%BE%D1%82.png?x=1 ');
    assert.equal(image.label, 'кот.png');
    const ready = await deliver(image, 'link', meansWith());
    assert.equal(ready.image, 'https://example.org/a/%D0%BA%D0%BE%D1%82.png?x=1');
    assert.equal(ready.firstFrame.link, ready.image);
    assert.equal(ready.firstFrame.hash, undefined);
  });

  it('remembers which image a file was, also when it went by its link', async () => {
    const published: FrameImage = { ...file, link: 'https://example.org/cat.png' };
    assert.equal((await deliver(published, 'link', meansWith())).firstFrame.hash, hashOf(bytes));
    const gone: FrameImage = {
      ...published,
      file: { facts, read: () => Promise.reject(new FrameError('unreadable', {})) },
    };
    assert.equal((await deliver(gone, 'link', meansWith())).firstFrame.hash, undefined);
  });

  it('takes only links that the service could open', () => {
    for (const bad of [
      '',
      'cat.png',
      'file:///etc/passwd',
      'data:image/png;base64,AA',
      'javascript:alert(1)',
      'https://u:p@example.org/a.png',
      'ftp://example.org/a.png',
      `https://example.org/${'a'.repeat(9000)}`,
    ]) {
      assert.equal(parseFrameLink(bad), undefined, bad);
    }
    assertRefused('bad-link', () => imageOfLink('cat.png'));
  });

  it('inlines a file, read anew and checked anew, and keeps no bytes of it', async () => {
    const from = { task: 'abc', seconds: 4.96, isLast: true };
    const ready = await deliver({ ...file, from }, 'inline', meansWith());
    assert.equal(ready.image, `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`);
    assert.deepEqual(ready.firstFrame, {
      source: file.source,
      delivery: 'inline',
      label: 'cat.png',
      link: undefined,
      width: 640,
      height: 360,
      from,
      hash: hashOf(bytes),
      thumbnail: undefined,
    });
    const changed: FrameImage = { ...file, file: { facts, read: () => Promise.resolve(png(10, 10)) } };
    await assert.rejects(
      deliver(changed, 'inline', meansWith()),
      (error) => error instanceof FrameError && error.kind === 'side-too-short',
    );
  });

  it('says which images a way can do', () => {
    assert.equal(deliveryOf('link')!.accepts(file), false);
    assert.equal(deliveryOf('link')!.accepts({ ...file, link: 'https://example.org/cat.png' }), true);
    assert.equal(deliveryOf('inline')!.accepts(file), true);
    assert.equal(deliveryOf('inline')!.accepts(imageOfLink('https://example.org/cat.png')), false);
  });
});
