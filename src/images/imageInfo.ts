import { BMP } from 'image-size/types/bmp';
import { GIF } from 'image-size/types/gif';
import { JPG } from 'image-size/types/jpg';
import { PNG } from 'image-size/types/png';
import { TIFF } from 'image-size/types/tiff';
import { WEBP } from 'image-size/types/webp';
import { ImageError } from './imageError';

/** The formats that the model's maker names. By content: a name says nothing. */
const READERS = { png: PNG, jpeg: JPG, webp: WEBP, gif: GIF, bmp: BMP, tiff: TIFF } as const;
export type ImageType = keyof typeof READERS;

/** Limits of the model's maker (api.md, "Images"). */
export const IMAGE_MAX_BYTES = 30 * 1024 * 1024;
export const IMAGE_MIN_SIDE_PX = 300;
export const IMAGE_MAX_SIDE_PX = 6000;
export const IMAGE_MIN_RATIO = 0.4;
export const IMAGE_MAX_RATIO = 2.5;

/**
 * Up to here an image is drawn, to be made smaller: decoded it takes four bytes a pixel, and a few bytes can
 * claim any size. The largest cameras of the trade have some 100 megapixels.
 */
export const DRAWABLE_MAX_BYTES = 100 * 1024 * 1024;
export const DRAWABLE_MAX_SIDE_PX = 30_000;
export const DRAWABLE_MAX_PIXELS = 120_000_000;

/** The size stands near the beginning, behind whatever a camera wrote; only a TIFF may have it at the end. */
const HEAD_BYTES = 4 * 1024 * 1024;
/** EXIF orientations from this on are turned by a quarter. */
const FIRST_TURNED_ORIENTATION = 5;

export interface ImageInfo {
  type: ImageType;
  mime: string;
  bytes: number;
  /** As people see it: EXIF orientation applied. */
  width: number;
  height: number;
}

/**
 * Before a file is read at all.
 *
 * @param most the bytes it may have: `DRAWABLE_MAX_BYTES` where it may still be made smaller
 */
export function checkImageBytes(bytes: number, most = IMAGE_MAX_BYTES): void {
  if (bytes === 0) {
    throw new ImageError('empty', {});
  }
  if (bytes > most) {
    throw new ImageError('too-many-bytes', { bytes });
  }
}

/**
 * What an image is, from its first bytes; nothing is decoded.
 *
 * @throws {ImageError} when the service would not take it as a first frame
 */
export function validateImage(file: Uint8Array): ImageInfo {
  checkImageBytes(file.length);
  const facts = readImageInfo(file);
  const problem = getImageProblem(facts);
  if (problem) {
    throw problem;
  }
  return facts;
}

/**
 * The same for an image that may not be fit yet.
 *
 * @throws {ImageError} when it is no image, or one that nothing can be done about
 */
export function readImageInfo(file: Uint8Array): ImageInfo {
  checkImageBytes(file.length, DRAWABLE_MAX_BYTES);
  const type = getImageType(file);
  const { width, height } = getImageSize(file, type);
  const facts: ImageInfo = { type, mime: `image/${type}`, bytes: file.length, width, height };
  const problem = getImageProblem(facts);
  if (problem && !isFixable(facts)) {
    throw type === 'tiff' ? new ImageError(problem.kind, { ...problem.facts, isTiff: true }) : problem;
  }
  return facts;
}

/** Why the service would not take it; `undefined` when it would. */
export function getImageProblem({ bytes, width, height }: ImageInfo): ImageError | undefined {
  if (Math.min(width, height) < IMAGE_MIN_SIDE_PX) {
    return new ImageError('side-too-short', { width, height });
  }
  if (Math.max(width, height) > IMAGE_MAX_SIDE_PX) {
    return new ImageError('side-too-long', { width, height });
  }
  const ratio = width / height;
  if (ratio < IMAGE_MIN_RATIO || ratio > IMAGE_MAX_RATIO) {
    return new ImageError('ratio', { width, height });
  }
  return bytes > IMAGE_MAX_BYTES ? new ImageError('too-many-bytes', { bytes }) : undefined;
}

/** Whether a page of ours can draw it. Chromium has no TIFF. */
export function isDrawable({ type, bytes, width, height }: ImageInfo): boolean {
  return (
    type !== 'tiff' &&
    bytes <= DRAWABLE_MAX_BYTES &&
    Math.max(width, height) <= DRAWABLE_MAX_SIDE_PX &&
    width * height <= DRAWABLE_MAX_PIXELS
  );
}

/** Whether it becomes fit by being made smaller, cut or padded. Enlarging would only pretend. */
function isFixable(facts: ImageInfo): boolean {
  return Math.min(facts.width, facts.height) >= IMAGE_MIN_SIDE_PX && isDrawable(facts);
}

function getImageType(file: Uint8Array): ImageType {
  for (const [type, reader] of Object.entries(READERS) as [ImageType, (typeof READERS)[ImageType]][]) {
    if (attempt(() => reader.validate(copyOf(file, 64))) === true) {
      return type;
    }
  }
  throw new ImageError('not-an-image', {});
}

function getImageSize(file: Uint8Array, type: ImageType): { width: number; height: number } {
  const size = attempt(() => READERS[type].calculate(copyOf(file, type === 'tiff' ? file.length : HEAD_BYTES)));
  if (!size || !isSide(size.width) || !isSide(size.height)) {
    throw new ImageError('damaged', {});
  }
  const turned = (size.orientation ?? 1) >= FIRST_TURNED_ORIENTATION;
  return turned ? { width: size.height, height: size.width } : { width: size.width, height: size.height };
}

/** The readers look through `.buffer` without a bound: a copy of its own keeps them from reading a neighbour. */
function copyOf(file: Uint8Array, bytes: number): Uint8Array {
  return new Uint8Array(file.subarray(0, bytes));
}

/** A reader throws at whatever it does not expect (RangeError, TypeError): to us that is one answer. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isSide(side: number): boolean {
  return Number.isSafeInteger(side) && side > 0;
}
