import { THUMBNAIL_MAX_CHARS } from '../../tasks/model/taskRecord';
import { h } from './dom';

export interface Size {
  width: number;
  height: number;
}

const THUMBNAIL_MAX_SIDE_PX = 160;
const THUMBNAIL_QUALITIES = [0.8, 0.6, 0.4, 0.2];

/**
 * Creates a canvas and draws on it.
 *
 * @throws {Error} when the browser cannot create a drawing context, for example for lack of memory
 */
export function drawCanvas(
  { width, height }: Size,
  paint: (context: CanvasRenderingContext2D, size: Size) => void,
  settings?: CanvasRenderingContext2DSettings,
): HTMLCanvasElement {
  const canvas = h('canvas', { width: String(width), height: String(height) });
  const context = canvas.getContext('2d', settings);
  if (!context) {
    throw new Error('no canvas');
  }
  context.imageSmoothingQuality = 'high';
  paint(context, { width, height });
  return canvas;
}

/** Scales a size down so that no side is longer than `maxSide` pixels. Never enlarges. */
export function fitInto({ width, height }: Size, maxSide: number): Size {
  const scale = Math.min(1, maxSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Creates a small JPEG of an image, within the limit that the store and the parsers of messages accept.
 *
 * @param background shown through transparent parts: white in the cropper, which also draws its results on white; black
 * in the preview, which sends images unchanged
 * @returns a `data:` URL; `undefined` when it is too long even in the lowest quality, or when the image is empty
 */
export function createThumbnail(
  image: HTMLCanvasElement | ImageBitmap,
  background: 'black' | 'white',
): string | undefined {
  const canvas = drawCanvas(
    fitInto(image, THUMBNAIL_MAX_SIDE_PX),
    (context, { width, height }) => {
      context.fillStyle = background;
      context.fillRect(0, 0, width, height);
      context.drawImage(image, 0, 0, width, height);
    },
    { alpha: false },
  );
  for (const quality of THUMBNAIL_QUALITIES) {
    const url = canvas.toDataURL('image/jpeg', quality);
    // An empty canvas returns `data:,`.
    if (url.startsWith('data:image/jpeg') && url.length <= THUMBNAIL_MAX_CHARS) {
      return url;
    }
  }
  return undefined;
}

export function toBlob(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(`no ${type}`))), type, quality),
  );
}
