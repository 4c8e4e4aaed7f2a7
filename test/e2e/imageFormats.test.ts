/** What the readers of images say, compared with what the browser draws. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { ImageError } from '../../src/images/imageError';
import { readImageInfo } from '../../src/images/imageInfo';
import { imageSamples, type ImageSample } from '../support/imageFiles';
import { webp } from './pictures';
import { fixture } from './setup';

/** Browsers draw these, but the service is documented not to take them. */
const NOT_TAKEN = new Set(['icon', 'cursor']);
/** Drawn, but over the limits of the service even after the cropper; the reader says so. */
const OVER_LIMITS = new Set(['bmp top down, of OS/2']);

describe('what a browser draws', () => {
  it('is accepted, in its size and turned as it turns it; and nothing else is', async () => {
    const samples = imageSamples(await webp(640, 360));
    const context = await fixture.browser.newContext();
    try {
      const page = await context.newPage();
      const wrong: string[] = [];
      let accepted = 0;
      for (const sample of samples) {
        const drawn = await draw(page, sample);
        const read = readSize(sample);
        accepted += read.startsWith('no:') ? 0 : 1;
        const isRight = NOT_TAKEN.has(sample.name)
          ? read === 'no: not-an-image'
          : OVER_LIMITS.has(sample.name)
            ? read === 'no: side-too-long'
            : drawn === 'no'
              ? /^no: (?:damaged|not-an-image|side-too-long)$/.test(read)
              : drawn === read;
        if (!isRight) wrong.push(`${sample.name}: the browser says ${drawn}, the reader ${read}`);
      }
      assert.deepEqual(wrong, []);
      // Neither the generator nor the comparison may run dry.
      assert.ok(accepted > 150 && samples.length - accepted > 60, `${accepted} of ${samples.length}`);
    } finally {
      await context.close();
    }
  });
});

/** The size that a page shows, with the orientation applied. A file that is cut counts, if a part of it is shown. */
async function draw(page: Page, { bytes }: ImageSample): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const bytes = Uint8Array.from(atob('${Buffer.from(bytes).toString('base64')}'), (letter) => letter.charCodeAt(0));
    const image = Object.assign(new Image(), { src: URL.createObjectURL(new Blob([bytes])) });
    try {
      await image.decode();
      return image.naturalWidth + '×' + image.naturalHeight;
    } catch {
      return 'no';
    } finally {
      URL.revokeObjectURL(image.src);
    }
  })()`);
}

function readSize({ bytes }: ImageSample): string {
  try {
    const { width, height } = readImageInfo(bytes);
    return `${width}×${height}`;
  } catch (error) {
    assert.ok(error instanceof ImageError, String(error));
    return `no: ${error.kind}`;
  }
}
