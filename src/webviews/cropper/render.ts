import { drawCanvas, toBlob } from '../shared/thumbnail';
import type { Rect, Size } from './geometry';

/** Larger results are saved as JPEG: they are photographs after all. */
const PNG_MAX_BYTES = 12 * 1024 * 1024;
const JPEG_QUALITIES = [0.8, 0.6];
const BEST_JPEG_QUALITY = 0.92;
const AVERAGE_SIDE_PX = 16;

/** What is drawn: a part of an image, or all of it on a background. */
export type Cut = { readonly crop: Rect } | { readonly pad: Size; readonly color: string };

export function drawResult(image: ImageBitmap, cut: Cut, size: Size): HTMLCanvasElement {
  return drawCanvas(size, (context) => {
    if ('crop' in cut) {
      const { x, y, width, height } = cut.crop;
      context.drawImage(image, x, y, width, height, 0, 0, size.width, size.height);
      return;
    }
    const scale = size.width / cut.pad.width;
    const width = Math.min(size.width, Math.round(image.width * scale));
    const height = Math.min(size.height, Math.round(image.height * scale));
    context.fillStyle = cut.color;
    context.fillRect(0, 0, size.width, size.height);
    context.drawImage(
      image,
      Math.floor((size.width - width) / 2),
      Math.floor((size.height - height) / 2),
      width,
      height,
    );
  });
}

/** Encodes a result: as PNG if it should be lossless and is not too large, or else as the best JPEG within `maxBytes`. */
export async function encode(
  canvas: HTMLCanvasElement,
  { lossless, maxBytes }: { lossless: boolean; maxBytes: number },
): Promise<Blob> {
  if (lossless) {
    const png = await toBlob(canvas, 'image/png');
    if (png.size <= PNG_MAX_BYTES) {
      return png;
    }
  }
  // A JPEG has no transparency: draw on white, because the default is black.
  const opaque = drawCanvas(canvas, (context, { width, height }) => {
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, height);
    context.drawImage(canvas, 0, 0);
  });
  let jpeg = await toBlob(opaque, 'image/jpeg', BEST_JPEG_QUALITY);
  for (const quality of JPEG_QUALITIES) {
    jpeg = jpeg.size <= maxBytes ? jpeg : await toBlob(opaque, 'image/jpeg', quality);
  }
  return jpeg;
}

/** Returns the average color of an image, weighted by opacity, in CSS syntax. */
export function getAverageColor(image: HTMLCanvasElement): string {
  const side = AVERAGE_SIDE_PX;
  const small = drawCanvas({ width: side, height: side }, (context) => context.drawImage(image, 0, 0, side, side));
  const data = small.getContext('2d')?.getImageData(0, 0, side, side).data ?? [];
  let [red, green, blue, opacity] = [0, 0, 0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const alpha = (data[at + 3] ?? 0) / 255;
    red += (data[at] ?? 0) * alpha;
    green += (data[at + 1] ?? 0) * alpha;
    blue += (data[at + 2] ?? 0) * alpha;
    opacity += alpha;
  }
  return `rgb(${[red, green, blue].map((sum) => Math.round(sum / Math.max(1, opacity))).join(' ')})`;
}
