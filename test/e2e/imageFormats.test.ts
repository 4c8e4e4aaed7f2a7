/** What the readers of images say, and what our pages draw, compared with what the browser draws. */
import assert from 'node:assert/strict';
import path from 'node:path';
import * as esbuild from 'esbuild';
import type Mocha from 'mocha';
import type { BrowserContext, Page } from 'playwright-core';
import { ImageError } from '../../src/images/imageError';
import { readImageInfo } from '../../src/images/imageInfo';
import { imageSamples, turnedSamples, type ImageSample } from '../support/imageFiles';
import { quarters, webp } from './pictures';
import { fixture } from './setup';

/** Browsers draw these, but the service is documented not to take them. */
const NOT_TAKEN = new Set(['icon', 'cursor']);
/** Drawn, but over the limits of the service even after the cropper; the reader says so. */
const OVER_LIMITS = new Set(['bmp top down, of OS/2']);

/** Hundreds of images, each decoded twice, on a machine that may be busy. */
const MANY_FILES_TIMEOUT_MS = 10 * 60_000;

interface Drawn {
  /** That `<img>` shows; `no` if it shows nothing. */
  size: string;
  /** What is to be seen in `<img>`, and in what our pages decode. */
  pixels: string;
  ours: string;
}

describe('what a browser draws', () => {
  it('is accepted, and drawn by our pages in the same size, turn and colours; and nothing else is', async function (this: Mocha.Context) {
    this.timeout(MANY_FILES_TIMEOUT_MS);
    const samples = [
      ...imageSamples(await webp(640, 360)),
      ...turnedSamples({
        jpeg: await quarters(640, 360, 'image/jpeg'),
        png: await quarters(640, 360, 'image/png'),
        webp: await quarters(640, 360, 'image/webp'),
      }),
    ];
    const page = await openPage(await fixture.browser.newContext());
    const wrong: string[] = [];
    let accepted = 0;
    const drawn = await Promise.all(samples.map((sample) => draw(page, sample)));
    for (const [index, sample] of samples.entries()) {
      const { size, pixels, ours } = drawn[index]!;
      const read = readSize(sample);
      accepted += read.startsWith('no:') ? 0 : 1;
      const isRight = NOT_TAKEN.has(sample.name)
        ? read === 'no: not-an-image'
        : OVER_LIMITS.has(sample.name)
          ? read === 'no: side-too-long'
          : size === 'no'
            ? /^no: (?:damaged|not-an-image|side-too-long)$/.test(read)
            : size === read;
      if (!isRight) wrong.push(`${sample.name}: the browser says ${size}, the reader ${read}`);
      if (pixels !== ours) wrong.push(`${sample.name}: the browser draws ${pixels}, we ${ours}`);
    }
    assert.deepEqual(wrong, []);
    // Neither the generator nor the comparison may run dry.
    assert.ok(accepted > 200 && samples.length - accepted > 60, `${accepted} of ${samples.length}`);
  });
});

/** A page under the policy of the cropper, with the function that our pages decode images with. */
async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  const address = 'http://page.example/';
  await page.route(address, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!DOCTYPE html><title>Images</title>',
      headers: { 'content-security-policy': "default-src 'none'; img-src blob:" },
    }),
  );
  await page.goto(address);
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.resolve('src', 'webviews', 'shared', 'decodeImage.ts')],
    bundle: true,
    format: 'iife',
    globalName: 'decodeImage',
    write: false,
  });
  await page.evaluate(`${outputFiles[0]!.text}; globalThis.decodeImage = decodeImage;`);
  return page;
}

/**
 * Draws a file as `<img>` does and as our pages do, with the orientation applied. A file that is cut counts, if a part
 * of it is shown.
 */
async function draw(page: Page, { bytes }: ImageSample): Promise<Drawn> {
  return page.evaluate<Drawn>(`(async () => {
    const bytes = Uint8Array.from(atob('${Buffer.from(bytes).toString('base64')}'), (letter) => letter.charCodeAt(0));
    const blob = new Blob([bytes]);
    const look = (image, width, height) => {
      const context = new OffscreenCanvas(width, Math.min(height, 10_000)).getContext('2d', { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      const colours = [0.1, 0.4, 0.6, 0.9].flatMap((y) =>
        [0.1, 0.4, 0.6, 0.9].map((x) => [...context.getImageData(x * width, y * context.canvas.height, 1, 1).data].join(' ')),
      );
      return width + '×' + height + ' with ' + colours.join(', ');
    };
    const image = Object.assign(new Image(), { src: URL.createObjectURL(blob) });
    const isDrawn = await image.decode().then(() => true, () => false);
    const ours = await decodeImage.decodeBitmap(blob).catch(() => undefined);
    URL.revokeObjectURL(image.src);
    return {
      size: isDrawn ? image.naturalWidth + '×' + image.naturalHeight : 'no',
      pixels: isDrawn ? look(image, image.naturalWidth, image.naturalHeight) : 'nothing',
      ours: ours ? look(ours, ours.width, ours.height) : 'nothing',
    };
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
