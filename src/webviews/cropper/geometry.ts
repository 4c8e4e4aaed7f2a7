import type { CropLimits, CropModel } from '../../views/cropper/protocol';

/** Arithmetic of the crop frame and the result, in pixels of the image. Does not access the page. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** A corner of the crop frame: `nw`, `ne`, `sw` or `se`. */
export type Corner = `${'n' | 's'}${'w' | 'e'}`;

export function moveFrame(frame: Rect, dx: number, dy: number, image: Size): Rect {
  return {
    ...frame,
    x: clamp(frame.x + dx, 0, image.width - frame.width),
    y: clamp(frame.y + dy, 0, image.height - frame.height),
  };
}

/**
 * Resizes the frame. Its point at `anchor`, 0 to 1 from the left and the top, keeps its position.
 *
 * @param ratio width divided by height, which the frame keeps
 */
export function resizeFrame(
  frame: Rect,
  width: number,
  anchor: { readonly x: number; readonly y: number },
  { image, ratio, minSide }: { image: Size; ratio: number; minSide: number },
): Rect {
  const fixedX = frame.x + frame.width * anchor.x;
  const fixedY = frame.y + frame.height * anchor.y;
  const most = Math.min(
    getMaxLength(fixedX, anchor.x, image.width),
    getMaxLength(fixedY, anchor.y, image.height) * ratio,
  );
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

/** Returns the maximum length of a side around the fixed point, within the image. */
function getMaxLength(fixed: number, at: number, side: number): number {
  return Math.min(at > 0 ? fixed / at : Infinity, at < 1 ? (side - fixed) / (1 - at) : Infinity);
}

/** Returns the width of the frame after a corner was dragged. The direction with the longer distance decides. */
export function getDraggedWidth(frame: Size, corner: Corner, dx: number, dy: number): number {
  const wider = corner.endsWith('e') ? dx : -dx;
  const higher = (corner.startsWith('s') ? dy : -dy) * (frame.width / frame.height);
  return frame.width + (Math.abs(wider) > Math.abs(higher) ? wider : higher);
}

/** Returns the point that keeps its position while a corner is dragged: the opposite corner. */
export function getAnchor(corner: Corner): { x: number; y: number } {
  return { x: corner.endsWith('e') ? 0 : 1, y: corner.startsWith('s') ? 0 : 1 };
}

/** Rounds the frame to whole pixels inside the image, within the ratios that the service accepts. */
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

/** Returns the size of the result: scaled down to the limit of the service, never enlarged. */
export function getResultSize(area: Size, { maxSide }: CropLimits): Size {
  const scale = Math.min(1, maxSide / Math.max(area.width, area.height));
  return { width: Math.round(area.width * scale), height: Math.round(area.height * scale) };
}

/** Returns the position of an image in the center of a padded area. */
export function getPaddedPlace(area: Size, { width, height }: Pick<CropModel, 'width' | 'height'>): Rect {
  return { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
