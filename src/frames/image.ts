import { BMP } from 'image-size/types/bmp';
import { GIF } from 'image-size/types/gif';
import { JPG } from 'image-size/types/jpg';
import { PNG } from 'image-size/types/png';
import { TIFF } from 'image-size/types/tiff';
import { WEBP } from 'image-size/types/webp';
import { FrameError } from './errors';

/** The formats that the model's maker names. By content: a name says nothing. */
const READERS = { png: PNG, jpeg: JPG, webp: WEBP, gif: GIF, bmp: BMP, tiff: TIFF } as const;
export type ImageType = keyof typeof READERS;

/** Limits of the model's maker (api.md, "Images"). */
export const IMAGE_MAX_BYTES = 30 * 1024 * 1024;
export const IMAGE_MIN_SIDE_PX = 300;
export const IMAGE_MAX_SIDE_PX = 6000;
export const IMAGE_MIN_RATIO = 0.4;
export const IMAGE_MAX_RATIO = 2.5;

/** The size stands near the beginning, behind whatever a camera wrote; only a TIFF may have it at the end. */
const HEAD_BYTES = 4 * 1024 * 1024;
/** EXIF orientations from this on are turned by a quarter. */
const FIRST_TURNED_ORIENTATION = 5;

export interface ImageFacts {
  type: ImageType;
  mime: string;
  bytes: number;
  /** As people see it: EXIF orientation applied. */
  width: number;
  height: number;
}

/** Before a file is read at all. */
export function checkImageBytes(bytes: number): void {
  if (bytes === 0) {
    throw new FrameError('empty', {});
  }
  if (bytes > IMAGE_MAX_BYTES) {
    throw new FrameError('too-many-bytes', { bytes });
  }
}

/**
 * What an image is, from its first bytes; nothing is decoded.
 *
 * @throws {FrameError} when the service would not take it as a first frame
 */
export function inspectImage(file: Uint8Array): ImageFacts {
  checkImageBytes(file.length);
  const type = typeOf(file);
  const { width, height } = sizeOf(file, type);
  const facts: ImageFacts = { type, mime: `image/${type}`, bytes: file.length, width, height };
  const shorter = Math.min(width, height);
  const longer = Math.max(width, height);
  if (shorter < IMAGE_MIN_SIDE_PX) {
    throw new FrameError('side-too-short', { width, height });
  }
  if (longer > IMAGE_MAX_SIDE_PX) {
    throw new FrameError('side-too-long', { width, height });
  }
  const ratio = width / height;
  if (ratio < IMAGE_MIN_RATIO || ratio > IMAGE_MAX_RATIO) {
    throw new FrameError('ratio', { width, height });
  }
  return facts;
}

function typeOf(file: Uint8Array): ImageType {
  for (const [type, reader] of Object.entries(READERS) as [ImageType, (typeof READERS)[ImageType]][]) {
    if (attempt(() => reader.validate(copyOf(file, 64))) === true) {
      return type;
    }
  }
  throw new FrameError('not-an-image', {});
}

function sizeOf(file: Uint8Array, type: ImageType): { width: number; height: number } {
  const size = attempt(() => READERS[type].calculate(copyOf(file, type === 'tiff' ? file.length : HEAD_BYTES)));
  if (!size || !isSide(size.width) || !isSide(size.height)) {
    throw new FrameError('damaged', {});
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
