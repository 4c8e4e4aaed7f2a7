import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type BrotliOptions,
  type ZlibOptions,
} from 'node:zlib';
import { parseAnswer } from './answerText';

/** Compressed twice by two servers on the way (seen); more is no answer. */
const MAX_LAYERS = 3;

/**
 * The text of an answer by what its bytes are, not by what its headers say: `Content-Encoding` on plain text, none on
 * compressed, checksums that are wrong, an end that is missing or has something after it (all seen). An answer that is
 * thrown away for that may be the only one with the id of a paid task.
 *
 * @param encoding the header, for what has no mark of its own
 */
export function decodeAnswer(
  bytes: Buffer,
  encoding: string | null,
  maxBytes: number,
): { text: string; isTooLong: boolean } {
  let plain = bytes;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const unpacked = unpack(plain, encoding, maxBytes);
    if (unpacked === 'too-long') {
      return { text: '', isTooLong: true };
    }
    if (!unpacked) {
      break;
    }
    plain = unpacked;
  }
  return { text: toText(plain), isTooLong: false };
}

function unpack(bytes: Buffer, encoding: string | null, maxOutputLength: number): Buffer | 'too-long' | undefined {
  const options: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength };
  const brotli: BrotliOptions = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength };
  const tries: (() => Buffer)[] = [];
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    // The raw stream in it ends by itself: neither checksum nor what comes after is looked at.
    tries.push(
      () => gunzipSync(bytes, options),
      () => inflateRawSync(bytes.subarray(findEndOfGzipHeader(bytes)), options),
    );
  } else if (bytes[0] === 0x78 && ((bytes[0] << 8) | (bytes[1] ?? 0)) % 31 === 0) {
    tries.push(
      () => inflateSync(bytes, options),
      () => inflateRawSync(bytes.subarray(2), options),
    );
  } else if (/deflate|br/i.test(encoding ?? '') && parseAnswer(toText(bytes)) === undefined) {
    tries.push(
      /br/i.test(encoding ?? '') ? () => brotliDecompressSync(bytes, brotli) : () => inflateRawSync(bytes, options),
    );
  }
  for (const attempt of tries) {
    try {
      const unpacked = attempt();
      return unpacked.length > 0 ? unpacked : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        return 'too-long';
      }
    }
  }
  return undefined;
}

/** RFC 1952: ten bytes, then what the flags say. */
function findEndOfGzipHeader(bytes: Buffer): number {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & 4) {
    at += 2 + (bytes[at] ?? 0) + ((bytes[at + 1] ?? 0) << 8);
  }
  for (const flag of [8, 16]) {
    if (flags & flag) {
      at = bytes.indexOf(0, at) + 1 || bytes.length;
    }
  }
  return flags & 2 ? at + 2 : at;
}

/** UTF-8, or UTF-16 and UTF-32 by their mark, or by the zeros that the first characters of JSON have there. */
function toText(bytes: Buffer): string {
  const [a = 1, b = 1, c = 1, d = 1] = bytes;
  if (a !== 0 && b === 0 && c === 0 && d === 0) {
    return fromUtf32(bytes, (at) => bytes.readUInt32LE(at));
  }
  if (a === 0xff && b === 0xfe) {
    return c === 0 && d === 0 ? fromUtf32(bytes, (at) => bytes.readUInt32LE(at)) : bytes.toString('utf16le');
  }
  if (a === 0 && b === 0 && (d !== 0 || c !== 0)) {
    return fromUtf32(bytes, (at) => bytes.readUInt32BE(at));
  }
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && c === 0 && d !== 0)) {
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  }
  return a !== 0 && b === 0 && c !== 0 && d === 0 ? bytes.toString('utf16le') : bytes.toString('utf8');
}

function fromUtf32(bytes: Buffer, read: (at: number) => number): string {
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = read(at);
    parts.push(point > 0x10ffff ? '\uFFFD' : String.fromCodePoint(point));
  }
  return parts.join('');
}
