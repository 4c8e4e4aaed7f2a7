import { crc32 } from 'node:zlib';
import { isTurned } from './orientation';
import type { ImageSize } from './size';

const SIGNATURE = '\x89PNG\r\n\x1a\n';
const HEADER_BYTES = 13;
const MAX_CHUNK_BYTES = 0x7fffffff;
/** Bit depths of each colour type (PNG, 11.2.1). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

export function isPng(file: Buffer): boolean {
  return file.toString('latin1', 0, SIGNATURE.length) === SIGNATURE;
}

/**
 * Reads the chunks up to the data. What stands before the header makes a file no PNG for browsers: text of careless
 * tools, or `CgBI`, which Xcode writes for iPhones.
 */
export function readPng(file: Buffer): ImageSize | undefined {
  let at = SIGNATURE.length;
  let size: ImageSize | undefined;
  let exif: Buffer | undefined;
  for (;;) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (length > MAX_CHUNK_BYTES) {
      return undefined;
    }
    const content = file.subarray(at + 8, at + 8 + length);
    if (type === 'IDAT') {
      return size && exif && isTurned(exif) ? { width: size.height, height: size.width } : size;
    }
    const isHeader = type === 'IHDR';
    if (isHeader !== (size === undefined)) {
      return undefined; // a chunk before the header, or a second header
    }
    const checksum = file.readUInt32BE(at + 8 + length);
    // Only what matters is checked: text may be long.
    const isWhole = () => crc32(file.subarray(at + 4, at + 8 + length)) === checksum;
    if (isHeader) {
      size = isWhole() ? readHeader(content) : undefined;
      if (!size) {
        return undefined;
      }
    } else if (type === 'eXIf') {
      exif ??= isWhole() ? content : undefined;
    } else if (isCritical(type) && !(type === 'PLTE' && length % 3 === 0 && isWhole())) {
      return undefined; // a decoder that does not know a critical chunk cannot know what the image looks like
    }
    at += 12 + length;
  }
}

/** A capital letter at its start makes a chunk critical: that is one bit (PNG, 5.4). */
function isCritical(type: string): boolean {
  return (type.charCodeAt(0) & 0x20) === 0;
}

function readHeader(content: Buffer): ImageSize | undefined {
  const [depth = 0, color = 0, compression, filter, interlacing = 0] = content.subarray(8);
  const isKnown = DEPTHS[color]?.includes(depth) === true && compression === 0 && filter === 0 && interlacing <= 1;
  return content.length === HEADER_BYTES && isKnown
    ? { width: content.readUInt32BE(0), height: content.readUInt32BE(4) }
    : undefined;
}
