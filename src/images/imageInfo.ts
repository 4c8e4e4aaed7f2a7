import { TIFF } from 'image-size/types/tiff';
import { ImageError } from './imageError';
import { isBmp, readBmp } from './readers/bmp';
import { isGif, readGif } from './readers/gif';
import { isJpeg, readJpeg } from './readers/jpeg';
import { getOtherFormat } from './readers/otherFormats';
import { isPng, readPng } from './readers/png';
import type { ImageSize } from './readers/size';
import { isWebp, readWebp } from './readers/webp';

/**
 * Formats documented by the model's developer. Detected by content, because file names can be wrong. What Chromium
 * draws is accepted, in the size and with the orientation that it draws, and nothing else: what only some programs
 * can open would be paid for, and refused by the service. A test compares each reader with a browser.
 */
const READERS = {
  png: { isType: isPng, read: readPng },
  jpeg: { isType: isJpeg, read: readJpeg },
  webp: { isType: isWebp, read: readWebp },
  gif: { isType: isGif, read: readGif },
  bmp: { isType: isBmp, read: readBmp },
  tiff: { isType: (file: Buffer) => TIFF.validate(new Uint8Array(file.subarray(0, 64))), read: readTiff },
} as const satisfies Readonly<
  Record<string, { isType(file: Buffer): boolean; read(file: Buffer): ImageSize | undefined }>
>;
export type ImageType = keyof typeof READERS;

/** Limits documented by the model's developer. */
export const IMAGE_MAX_BYTES = 30 * 1024 * 1024;
export const IMAGE_MIN_SIDE_PX = 300;
export const IMAGE_MAX_SIDE_PX = 6000;
export const IMAGE_MIN_RATIO = 0.4;
export const IMAGE_MAX_RATIO = 2.5;

/**
 * Limits for images that the cropper draws to make them smaller. A decoded image takes four bytes a pixel, and a small
 * file can claim any size. The largest cameras on the market have some 100 megapixels.
 */
export const DRAWABLE_MAX_BYTES = 100 * 1024 * 1024;
export const DRAWABLE_MAX_SIDE_PX = 30_000;
export const DRAWABLE_MAX_PIXELS = 120_000_000;

/** EXIF orientations from this one on are rotated by 90° or 270°. */
const FIRST_TURNED_ORIENTATION = 5;

/** Type and size of an image, from its header. */
export interface ImageInfo {
  type: ImageType;
  mime: string;
  bytes: number;
  /** In pixels, with the EXIF orientation applied. */
  width: number;
  height: number;
}

/**
 * Checks the size of a file before it is read.
 *
 * @param most the limit in bytes: `DRAWABLE_MAX_BYTES` where the cropper can still make the image smaller
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
 * Reads type and size of an image from its header, without decoding it.
 *
 * @throws {ImageError} when the service would not accept it as a first frame
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
 * Like `validateImage`, but also accepts images that the cropper can fix.
 *
 * @throws {ImageError} when it is not an image, or one that the cropper cannot fix
 */
export function readImageInfo(file: Uint8Array): ImageInfo {
  checkImageBytes(file.length, DRAWABLE_MAX_BYTES);
  const content = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const type = getImageType(content);
  const { width, height } = getImageSize(content, type);
  const facts: ImageInfo = { type, mime: `image/${type}`, bytes: file.length, width, height };
  const problem = getImageProblem(facts);
  if (problem && !isFixable(facts)) {
    throw type === 'tiff' ? new ImageError(problem.kind, { ...problem.facts, isTiff: true }) : problem;
  }
  return facts;
}

/** Returns why the service would not accept the image, or `undefined` when it would. */
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

/** Whether a webview can draw the image. Chromium does not decode TIFF. */
export function isDrawable({ type, bytes, width, height }: ImageInfo): boolean {
  return (
    type !== 'tiff' &&
    bytes <= DRAWABLE_MAX_BYTES &&
    Math.max(width, height) <= DRAWABLE_MAX_SIDE_PX &&
    width * height <= DRAWABLE_MAX_PIXELS
  );
}

/**
 * Whether scaling down, cropping or padding makes the image acceptable. Small images are not enlarged, which would add
 * no detail.
 */
function isFixable(facts: ImageInfo): boolean {
  return Math.min(facts.width, facts.height) >= IMAGE_MIN_SIDE_PX && isDrawable(facts);
}

function getImageType(file: Buffer): ImageType {
  for (const type of Object.keys(READERS) as ImageType[]) {
    if (tryRead(() => READERS[type].isType(file)) === true) {
      return type;
    }
  }
  throw new ImageError('not-an-image', { format: getOtherFormat(file) });
}

function getImageSize(file: Buffer, type: ImageType): ImageSize {
  const size = tryRead(() => READERS[type].read(file));
  if (!size || !isSide(size.width) || !isSide(size.height)) {
    throw new ImageError('damaged', {});
  }
  return size;
}

/** Chromium does not decode TIFF, so no other reader has to be followed. */
function readTiff(file: Buffer): ImageSize {
  // Copied, because the library reads `.buffer` without regard to offset and length.
  const { width, height, orientation = 1 } = TIFF.calculate(new Uint8Array(file));
  return orientation >= FIRST_TURNED_ORIENTATION ? { width: height, height: width } : { width, height };
}

/** A file that ends too early gives a RangeError, and the library throws others for data that it does not expect. */
function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isSide(side: number): boolean {
  return Number.isSafeInteger(side) && side > 0;
}
