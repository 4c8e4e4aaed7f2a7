import { isTurned } from './orientation';
import type { ImageSize } from './size';

/**
 * Markers (ITU T.81, table B.1). Of the frames, Chromium decodes baseline, extended and progressive ones, with Huffman
 * or arithmetic coding; not lossless and hierarchical ones (seen).
 */
const FRAMES = new Set([0xc0, 0xc1, 0xc2, 0xc9, 0xca]);
const OTHER_FRAMES = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc8, 0xcb, 0xcd, 0xce, 0xcf]);
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
/** Tables, comments and data of applications, which are skipped: DHT, DAC, DQT, DNL, DRI, APPn, COM. */
const isSkipped = (marker: number) =>
  [0xc4, 0xcc, 0xdb, 0xdc, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);
/** TEM and RSTn have no content. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

const EXIF = 'Exif\0';
/** The name, its end and a byte to fill up. */
const EXIF_HEAD_BYTES = 6;

export function isJpeg(file: Buffer): boolean {
  return file.length >= 3 && file.readUIntBE(0, 3) === 0xffd8ff;
}

/**
 * Reads the segments up to the first scan, as libjpeg does: bytes between segments are skipped, and before a marker
 * there may be any number of 0xff.
 */
export function readJpeg(file: Buffer): ImageSize | undefined {
  let size: (ImageSize & { components: number }) | undefined;
  let exif: Buffer | undefined;
  let at = 2;
  for (;;) {
    at = file.indexOf(0xff, at);
    while (at >= 0 && file[at] === 0xff) {
      at += 1;
    }
    const marker = file[at];
    if (at < 0 || marker === undefined) {
      return undefined;
    }
    at += 1;
    if (marker === 0 || isBare(marker)) {
      continue;
    }
    if (marker === SOI || marker === EOI || OTHER_FRAMES.has(marker)) {
      return undefined;
    }
    const length = file.readUInt16BE(at);
    const content = file.subarray(at + 2, at + length);
    if (marker === SOS) {
      return size && isScanHeader(content, size.components) ? applyExif(size, exif) : undefined;
    }
    if (FRAMES.has(marker)) {
      // A second frame, or one that cannot be decoded, makes the file useless.
      size = size ? undefined : readFrame(content);
      if (!size) {
        return undefined;
      }
    } else if (!isSkipped(marker)) {
      return undefined;
    } else if (marker === APP1 && content.length > EXIF_HEAD_BYTES && content.toString('latin1', 0, 5) === EXIF) {
      // The first counts, even if it says nothing about the orientation.
      exif ??= content.subarray(EXIF_HEAD_BYTES);
    }
    at += Math.max(2, length);
  }
}

/** @param content precision, height, width, number of components, and three bytes for each of them */
function readFrame(content: Buffer): (ImageSize & { components: number }) | undefined {
  const components = content.readUInt8(5);
  const isDecoded = content.readUInt8(0) === 8 && [1, 3, 4].includes(components);
  // A height of 0 would be stated behind the scan (DNL), which Chromium does not read.
  const size = { width: content.readUInt16BE(3), height: content.readUInt16BE(1), components };
  return isDecoded && content.length === 6 + components * 3 ? size : undefined;
}

function isScanHeader(content: Buffer, components: number): boolean {
  const count = content.readUInt8(0);
  return count >= 1 && count <= components && content.length === 4 + count * 2;
}

function applyExif({ width, height }: ImageSize, exif: Buffer | undefined): ImageSize {
  return exif && isTurned(exif) ? { width: height, height: width } : { width, height };
}
