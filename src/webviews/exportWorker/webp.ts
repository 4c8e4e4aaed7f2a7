import type { Pixels } from '../../views/export/plan';

/**
 * Joins pictures to an animated WebP. The browser encodes the pictures, but writes no animation; the container is small:
 * https://developers.google.com/speed/webp/docs/riff_container
 */

const ANIMATION = 0x02;
/** Frames do not blend with what is behind them: each is whole. */
const NO_BLENDING = 0x02;
const MAX_DURATION_MS = 0xff_ffff;
/** What holds the picture of a file with one: lossy, lossless, and the transparency of a lossy one. */
const PICTURE_CHUNKS = ['VP8 ', 'VP8L', 'ALPH'];

export class WebpWriter {
  readonly #size: Pixels;
  readonly #loops: boolean;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #elapsedMs = 0;

  constructor(size: Pixels, { loops }: { loops: boolean }) {
    this.#size = size;
    this.#loops = loops;
  }

  /** So far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param file a WebP of one picture, of the size of the animation */
  add(file: Uint8Array, durationMs: number): void {
    const { width, height } = this.#size;
    const from = Math.round(this.#elapsedMs);
    this.#elapsedMs += durationMs;
    const header = new Uint8Array(16);
    writeUint24(header, 6, width - 1);
    writeUint24(header, 9, height - 1);
    writeUint24(header, 12, Math.min(MAX_DURATION_MS, Math.round(this.#elapsedMs) - from));
    header[15] = NO_BLENDING;
    this.#push(createChunk('ANMF', header, ...findPicture(file)));
  }

  finish(): Uint8Array<ArrayBuffer> {
    const { width, height } = this.#size;
    const extended = new Uint8Array(10);
    extended[0] = ANIMATION;
    writeUint24(extended, 4, width - 1);
    writeUint24(extended, 7, height - 1);
    // Background colour, and the number of loops: 0 for ever.
    const animation = new Uint8Array(6);
    animation[4] = this.#loops ? 0 : 1;
    const form = new TextEncoder().encode('WEBP');
    return createChunk('RIFF', form, createChunk('VP8X', extended), createChunk('ANIM', animation), ...this.#chunks);
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }
}

/** The chunks of a file that hold its picture, with their headers. */
function findPicture(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 12; at + 8 <= file.length;) {
    const type = String.fromCharCode(...file.subarray(at, at + 4));
    const length = 8 + view.getUint32(at + 4, true);
    const padded = length + (length & 1);
    if (PICTURE_CHUNKS.includes(type)) {
      found.push(file.subarray(at, at + padded));
    }
    at += padded;
  }
  if (found.length === 0) {
    throw new Error('no picture in the WebP');
  }
  return found;
}

function createChunk(type: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const chunk = new Uint8Array(8 + length + (length & 1));
  chunk.set(new TextEncoder().encode(type));
  new DataView(chunk.buffer).setUint32(4, length, true);
  let at = 8;
  for (const part of parts) {
    chunk.set(part, at);
    at += part.length;
  }
  return chunk;
}

function writeUint24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >> 8) & 0xff;
  bytes[at + 2] = (value >> 16) & 0xff;
}
