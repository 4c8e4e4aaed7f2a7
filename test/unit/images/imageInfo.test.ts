import assert from 'node:assert/strict';
import { sha256Hex } from '../../../src/common/sha256';
import * as fc from 'fast-check';
import { DELIVERY_IDS, deliverImage, getDelivery } from '../../../src/images/delivery/deliver';
import type { SourceImage } from '../../../src/images/delivery/types';
import { ImageError, type ImageErrorKind } from '../../../src/images/imageError';
import {
  DRAWABLE_MAX_BYTES,
  IMAGE_MAX_BYTES,
  checkImageBytes,
  validateImage,
  readImageInfo,
  getImageProblem,
} from '../../../src/images/imageInfo';
import { createImageFromUrl, parseImageUrl } from '../../../src/images/delivery/imageUrl';
import { createTestDeliveryContext } from '../../support/delivery';
import { bmp, gif, jpeg, png, tiff, webp } from '../../support/imageHeaders';

function assertRefused(kind: ImageErrorKind, action: () => unknown): ImageError {
  let error: unknown;
  try {
    action();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof ImageError, `nothing was refused, expected ${kind}`);
  assert.equal(error.kind, kind);
  return error;
}

describe('frames: what an image is', () => {
  for (const [type, make] of Object.entries({ png, jpeg, webp, gif, bmp, tiff })) {
    it(`knows ${type} and its size by content`, () => {
      const bytes = make(640, 360);
      assert.deepEqual(validateImage(bytes), {
        type,
        mime: `image/${type}`,
        bytes: bytes.length,
        width: 640,
        height: 360,
      });
    });
  }

  it('gives the size of a turned photograph as people see it', () => {
    const { width, height } = validateImage(jpeg(640, 360, { orientation: 6 }));
    assert.deepEqual({ width, height }, { width: 360, height: 640 });
  });

  it('knows what stands in the middle of a larger buffer', () => {
    const bytes = png(640, 360);
    const pool = new Uint8Array(10_000).fill(0xff);
    pool.set(bytes, 5_000);
    assert.equal(validateImage(pool.subarray(5_000, 5_000 + bytes.length)).width, 640);
  });

  it('takes nothing for an image because of its name', () => {
    const text = (s: string) => new TextEncoder().encode(s);
    assertRefused('not-an-image', () =>
      validateImage(text('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>')),
    );
    assertRefused('not-an-image', () => validateImage(text('<!DOCTYPE html>')));
    assertRefused('not-an-image', () => validateImage(text('%PDF-1.7')));
  });

  it('names a format that only other programs take', () => {
    const format = (text: string) =>
      assertRefused('not-an-image', () => validateImage(Buffer.from(text, 'latin1'))).facts.format;
    assert.equal(format('\0\0\0\x18ftypheic\0\0\0\0'), 'HEIC');
    assert.equal(format('\0\0\0\x18ftypavif\0\0\0\0'), 'AVIF');
    assert.equal(format('\0\0\0\x18ftypisom\0\0\0\0'), undefined);
    assert.equal(format('\xef\xbb\xbf<?xml version="1.0"?><!-- a --><svg width="9"/>'), 'SVG');
    assert.equal(format('<html><svg></svg></html>'), undefined);
    assert.equal(format('\0\0\x01\0\x01\0'), 'ICO');
    assert.equal(format('\0\0\0\0\0\0'), undefined);
    assert.equal(format('8BPS\0\x01'), 'Photoshop');
  });

  it('goes through the segments of a JPEG as decoders do', () => {
    for (const head of [[], [0xff], [0xff, 0xff, 0xff], [1, 2, 3], [0xff, 0xd0], [0xff, 0xe5, 0, 2]]) {
      const image = jpeg(640, 360, { orientation: 6 });
      // Behind SOI and JFIF.
      const file = new Uint8Array([...image.subarray(0, 20), ...head, ...image.subarray(20)]);
      const { width, height } = validateImage(file);
      assert.deepEqual({ width, height }, { width: 360, height: 640 }, String(head));
    }
    // A second start, a frame that no browser decodes, and a height that comes later.
    const image = jpeg(640, 360);
    const frame = Buffer.from(image).indexOf(Buffer.from([0xff, 0xc0]));
    for (const change of [
      { at: 2, bytes: [0xff, 0xd8] },
      { at: frame + 1, bytes: [0xc3] },
      { at: frame + 4, bytes: [12] },
      { at: frame + 5, bytes: [0, 0] },
    ]) {
      const file = new Uint8Array(image);
      file.set(change.bytes, change.at);
      assertRefused('damaged', () => validateImage(file));
    }
  });

  it('holds the limits of the service, and says the numbers', () => {
    assert.equal(validateImage(png(300, 300)).width, 300);
    assert.equal(validateImage(png(6000, 6000)).width, 6000);
    assert.equal(validateImage(png(1000, 400)).width, 1000);
    assert.equal(validateImage(png(400, 1000)).width, 400);
    assert.deepEqual(assertRefused('side-too-short', () => validateImage(png(640, 299))).facts, {
      width: 640,
      height: 299,
    });
    assert.deepEqual(assertRefused('side-too-long', () => validateImage(png(6001, 3000))).facts, {
      width: 6001,
      height: 3000,
    });
    assertRefused('side-too-long', () => validateImage(png(60_000, 60_000)));
    assertRefused('ratio', () => validateImage(png(1001, 400)));
    assertRefused('ratio', () => validateImage(png(400, 1001)));
  });

  it('tells what can be made to fit from what nobody may draw', () => {
    for (const image of [png(7000, 4000), png(30_000, 4_000), png(1001, 400), jpeg(12_000, 9_000)]) {
      assert.ok(getImageProblem(readImageInfo(image)));
    }
    assert.equal(getImageProblem(readImageInfo(png(640, 360))), undefined);
    assertRefused('side-too-long', () => readImageInfo(png(60_000, 60_000)));
    assertRefused('side-too-long', () => readImageInfo(png(30_001, 300)));
    assertRefused('side-too-long', () => readImageInfo(png(12_000, 10_001)));
    assertRefused('side-too-short', () => readImageInfo(png(299, 5000)));
    assert.equal(assertRefused('ratio', () => readImageInfo(tiff(1001, 400))).facts.isTiff, true);
    const heavy = new Uint8Array(IMAGE_MAX_BYTES + 1);
    heavy.set(jpeg(640, 360));
    assert.equal(getImageProblem(readImageInfo(heavy))?.kind, 'too-many-bytes');
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
          validateImage(whole.subarray(0, length));
        } catch (error) {
          assert.ok(error instanceof ImageError, `${make.name} cut at ${length}: ${String(error)}`);
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
          const { width, height } = validateImage(bytes);
          assert.ok(width >= 300 && width <= 6000 && height >= 300 && height <= 6000);
        } catch (error) {
          assert.ok(error instanceof ImageError, String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('gets out of 30 MB of traps', () => {
    const bytes = new Uint8Array(IMAGE_MAX_BYTES);
    bytes.set([0xff, 0xd8, 0xff, 0xe0]);
    assertRefused('damaged', () => validateImage(bytes));
    const trap = new Uint8Array(IMAGE_MAX_BYTES).fill(1);
    trap.set(tiff(640, 360).subarray(0, 8));
    assertRefused('damaged', () => validateImage(trap));
  });
});

describe('frames: delivery', () => {
  const bytes = png(640, 360);
  const facts = validateImage(bytes);
  const file: SourceImage = {
    source: 'file:///w/cat.png',
    label: 'cat.png',
    file: { facts, read: () => Promise.resolve(bytes) },
  };

  it('has a way for every id, and none for what it does not know', () => {
    assert.deepEqual(
      DELIVERY_IDS.map((id) => getDelivery(id)?.id),
      [...DELIVERY_IDS],
    );
    assert.equal(getDelivery('pigeon'), undefined);
    assert.equal(getDelivery('toString'), undefined);
  });

  it('sends a link as it is', async () => {
    const image = createImageFromUrl(' https://example.org/a/%D0%BA%D0%BE%D1%82.png?x=1 ');
    assert.equal(image.label, 'кот.png');
    const ready = await deliverImage(image, 'link', createTestDeliveryContext());
    assert.equal(ready.image, 'https://example.org/a/%D0%BA%D0%BE%D1%82.png?x=1');
    assert.equal(ready.firstFrame.link, ready.image);
    assert.equal(ready.firstFrame.hash, undefined);
  });

  it('remembers which image a file was, also when it went by its link', async () => {
    const published: SourceImage = { ...file, link: 'https://example.org/cat.png' };
    assert.equal(
      (await deliverImage(published, 'link', createTestDeliveryContext())).firstFrame.hash,
      sha256Hex(bytes),
    );
    const gone: SourceImage = {
      ...published,
      file: { facts, read: () => Promise.reject(new ImageError('unreadable', {})) },
    };
    assert.equal((await deliverImage(gone, 'link', createTestDeliveryContext())).firstFrame.hash, undefined);
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
      assert.equal(parseImageUrl(bad), undefined, bad);
    }
    assertRefused('bad-link', () => createImageFromUrl('cat.png'));
  });

  it('inlines a file, read anew and checked anew, and keeps no bytes of it', async () => {
    const from = { task: 'abc', seconds: 4.96, isLast: true };
    const ready = await deliverImage({ ...file, from }, 'inline', createTestDeliveryContext());
    assert.equal(ready.image, `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`);
    assert.deepEqual(ready.firstFrame, {
      source: file.source,
      delivery: 'inline',
      label: 'cat.png',
      link: undefined,
      width: 640,
      height: 360,
      from,
      hash: sha256Hex(bytes),
      thumbnail: undefined,
    });
    const changed: SourceImage = { ...file, file: { facts, read: () => Promise.resolve(png(10, 10)) } };
    await assert.rejects(
      deliverImage(changed, 'inline', createTestDeliveryContext()),
      (error) => error instanceof ImageError && error.kind === 'side-too-short',
    );
  });

  it('says which images a way can do', () => {
    assert.equal(getDelivery('link')!.accepts(file), false);
    assert.equal(getDelivery('link')!.accepts({ ...file, link: 'https://example.org/cat.png' }), true);
    assert.equal(getDelivery('inline')!.accepts(file), true);
    assert.equal(getDelivery('inline')!.accepts(createImageFromUrl('https://example.org/cat.png')), false);
  });
});
