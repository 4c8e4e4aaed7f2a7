import type { FileHandle } from 'node:fs/promises';
import type { VideoType } from '../model/taskRecord';

/** How much of a file tells what it is. A stream of packets is known by several of them. */
export const BEGINNING_BYTES = 1024;

/** Major brands of still pictures in boxes like those of an MP4 (ISO/IEC 23008-12). */
const STILL_BRANDS: ReadonlySet<string> = new Set(['avif', 'heic', 'heix', 'mif1']);

/** What a file begins with, its bytes as Latin-1. The first that fits counts. */
const BEGINNINGS: readonly [VideoType, RegExp][] = [
  ['webm', /^\x1aE\xdf\xa3.{1,60}?B\x82.{1,8}?webm/s],
  ['mkv', /^\x1aE\xdf\xa3/],
  ['avi', /^RIFF.{4}AVI /s],
  // With the flag that it moves.
  ['webp', /^RIFF.{4}WEBPVP8X.{4}[\x02\x06\n\x0e\x12\x16\x1a\x1e"&*.26:>]/s],
  ['gif', /^GIF8[79]a/],
  ['png', /^\x89PNG\r\n\x1a\n.*acTL/s],
  // Packets of 188 bytes; cameras and discs put four more before each.
  ['ts', /^G.{187}G.{187}G.{187}G/s],
  ['ts', /^.{4}G.{191}G.{191}G.{191}G/s],
  ['mpg', /^\0\0\x01[\xba\xb3]/],
  ['flv', /^FLV\x01/],
  // What has only sound names its codec here, too.
  ['ogv', /^OggS(?!.*(?:\x01vorbis|OpusHead|Speex {3}|\x7fFLAC))|^OggS.*(?:\x80theora|BBCD|OVP80)/s],
  ['wmv', /^0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel/],
];

/**
 * What a file is that begins with these bytes, whatever its sender calls it.
 *
 * @param beginning `BEGINNING_BYTES`, or all of a shorter file
 * @returns `undefined` for what is no video: a page, a message, a still picture
 */
export function recognizeVideo(beginning: Buffer): VideoType | undefined {
  const text = beginning.toString('latin1', 0, BEGINNING_BYTES);
  if (text.startsWith('ftyp', 4)) {
    const brand = text.slice(8, 12);
    return brand === 'qt  ' ? 'mov' : brand === 'avis' ? 'avif' : STILL_BRANDS.has(brand) ? undefined : 'mp4';
  }
  return BEGINNINGS.find(([, pattern]) => pattern.test(text))?.[0];
}

/** @throws errors of the file system */
export async function readBeginning(file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc(BEGINNING_BYTES);
  const { bytesRead } = await file.read(bytes, 0, BEGINNING_BYTES, 0);
  return bytes.subarray(0, bytesRead);
}
