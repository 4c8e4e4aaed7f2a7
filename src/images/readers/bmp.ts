import type { ImageSize } from './size';

const FILE_HEADER_BYTES = 14;
const OS2_HEADER_BYTES = 12;
const WINDOWS_HEADER_BYTES = [40, 52, 56, 108, 124];
/** Bit depths of each compression that Chromium decodes (seen): none, RLE8, RLE4. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16, 24, 32], 1: [8], 2: [4] };
/** Also with masks, and with masks and alpha. */
const WINDOWS_DEPTHS: typeof DEPTHS = { ...DEPTHS, 3: [16, 32], 6: [16, 32] };
/** Also RLE24. */
const OS2_DEPTHS: typeof DEPTHS = { ...DEPTHS, 4: [24] };

export function isBmp(file: Buffer): boolean {
  return file.toString('latin1', 0, 2) === 'BM';
}

/** Reads the header: that of OS/2 1, which counts in 16 bits, one of OS/2 2, or one of Windows. */
export function readBmp(file: Buffer): ImageSize | undefined {
  const headerBytes = file.readUInt32LE(FILE_HEADER_BYTES);
  if (headerBytes === OS2_HEADER_BYTES) {
    const depth = file.readUInt16LE(24);
    return [1, 4, 8, 24].includes(depth) ? { width: file.readUInt16LE(18), height: file.readUInt16LE(20) } : undefined;
  }
  const isWindows = WINDOWS_HEADER_BYTES.includes(headerBytes);
  const isOs2 = !isWindows && headerBytes >= 16 && headerBytes <= 64 && (headerBytes % 4 === 0 || headerBytes === 42);
  const height = file.readInt32LE(22);
  const depth = file.readUInt16LE(28);
  // The shortest header of OS/2 2 ends before the compression.
  const compression = headerBytes >= 20 ? file.readUInt32LE(30) : 0;
  const depths = isWindows ? WINDOWS_DEPTHS : isOs2 ? OS2_DEPTHS : {};
  const isDrawn = depths[compression]?.includes(depth) === true;
  // A negative height means rows from the top down.
  return isDrawn ? { width: file.readInt32LE(18), height: Math.abs(height) } : undefined;
}
