import type { CropLimits, CropModel } from '../../views/cropper/protocol';

/** Where the crop frame is, and what comes out of it: arithmetic in pixels of the image. Pure: knows no page. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** One of `nw ne sw se`. */
export type Corner = `${'n' | 's'}${'w' | 'e'}`;

export function moveFrame(frame: Rect, dx: number, dy: number, image: Size): Rect {
  return {
    ...frame,
    x: clamp(frame.x + dx, 0, image.width - frame.width),
    y: clamp(frame.y + dy, 0, image.height - frame.height),
  };
}

/**
 * Gives the frame a width. The point of it at `anchor`, 0 to 1 from left and top, stays where it is.
 *
 * @param ratio width by height, which the frame keeps
 */
export function resizeFrame(
  frame: Rect,
  width: number,
  anchor: { readonly x: number; readonly y: number },
  { image, ratio, minSide }: { image: Size; ratio: number; minSide: number },
): Rect {
  const fixedX = frame.x + frame.width * anchor.x;
  const fixedY = frame.y + frame.height * anchor.y;
  const most = Math.min(getRoom(fixedX, anchor.x, image.width), getRoom(fixedY, anchor.y, image.height) * ratio);
  const least = Math.min(most, minSide * Math.max(1, ratio));
  const newWidth = clamp(width, least, most);
  const newHeight = Math.min(image.height, newWidth / ratio);
  return {
    x: clamp(fixedX - newWidth * anchor.x, 0, image.width - newWidth),
    y: clamp(fixedY - newHeight * anchor.y, 0, image.height - newHeight),
    width: newWidth,
    height: newHeight,
  };
}

/** How long a side may grow before it leaves the image on either side of the point that stays. */
function getRoom(fixed: number, at: number, side: number): number {
  return Math.min(at > 0 ? fixed / at : Infinity, at < 1 ? (side - fixed) / (1 - at) : Infinity);
}

/** The width of a frame whose corner was dragged: the direction in which the pointer has gone further decides. */
export function getDraggedWidth(frame: Size, corner: Corner, dx: number, dy: number): number {
  const wider = corner.endsWith('e') ? dx : -dx;
  const higher = (corner.startsWith('s') ? dy : -dy) * (frame.width / frame.height);
  return frame.width + (Math.abs(wider) > Math.abs(higher) ? wider : higher);
}

/** The point that stays while this corner is dragged: the opposite one. */
export function getAnchor(corner: Corner): { x: number; y: number } {
  return { x: corner.endsWith('e') ? 0 : 1, y: corner.startsWith('s') ? 0 : 1 };
}

/** In whole pixels, inside the image and the ratios that the service takes. */
export function roundFrame(frame: Rect, image: Size, { minRatio, maxRatio }: CropLimits): Rect {
  const roundedWidth = clamp(Math.round(frame.width), 1, image.width);
  const roundedHeight = clamp(Math.round(frame.height), 1, image.height);
  const width = Math.min(roundedWidth, Math.floor(roundedHeight * maxRatio));
  const height = Math.min(roundedHeight, Math.floor(width / minRatio));
  return {
    x: clamp(Math.round(frame.x), 0, image.width - width),
    y: clamp(Math.round(frame.y), 0, image.height - height),
    width,
    height,
  };
}

/** As large as the service takes it, and no larger than it is. */
export function getResultSize(area: Size, { maxSide }: CropLimits): Size {
  const scale = Math.min(1, maxSide / Math.max(area.width, area.height));
  return { width: Math.round(area.width * scale), height: Math.round(area.height * scale) };
}

/** The place of an image in the middle of a padded area. */
export function getPaddedPlace(area: Size, { width, height }: Pick<CropModel, 'width' | 'height'>): Rect {
  return { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
