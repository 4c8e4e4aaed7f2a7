import { GIFEncoder, quantize } from 'gifenc/dist/gifenc.esm.js';
import type { Pixels } from '../../views/export/plan';

/** Index of what is left as it is. */
const TRANSPARENT = 255;
const MAX_COLORS = 255;
/**
 * How much a channel of a pixel may differ from what is shown, before it is drawn again: what a codec changes from frame
 * to frame where nothing moves. Larger, and slow gradients leave marks; smaller, and the file is twice as large.
 */
const TOLERANCE = 11;
/** How far the dither moves a channel up or down: half of the usual distance between two colours of the palette. */
const DITHER = 4;
/** Pixels that the palette is made of: more take longer and change nothing. */
const PALETTE_PIXELS = 120_000;

/** Of a run of frames, those whose sizes stand for the rest: the first ones change less than all that follow. */
const SETTLED_FRAMES = 3;

/** The threshold matrix of Bayer, 4 × 4: always the same at the same place, so that what does not move does not flicker. */
const BAYER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5].map((rank) => ((rank + 0.5) / 8 - 1) * DITHER);

/** Up to 255 colours for all frames of a GIF, and which of them is the nearest. */
export class Palette {
  readonly colors: [red: number, green: number, blue: number][];
  /** By the upper five, six and five bits of the channels; -1 for what nobody has asked yet. */
  readonly #nearest = new Int16Array(65_536).fill(-1);

  /** @param frames RGBA, from all over the video */
  constructor(frames: readonly Uint8ClampedArray[]) {
    this.colors = quantize(samplePixels(frames), MAX_COLORS, { format: 'rgb565' }).map(([red, green, blue]) => [
      red,
      green,
      blue,
    ]);
  }

  /** The index of the nearest colour; the channels are 0 to 255. */
  find(red: number, green: number, blue: number): number {
    const key = ((red & 0xf8) << 8) | ((green & 0xfc) << 3) | (blue >> 3);
    let index = this.#nearest[key]!;
    if (index < 0) {
      index = this.#search(red, green, blue);
      this.#nearest[key] = index;
    }
    return index;
  }

  #search(red: number, green: number, blue: number): number {
    let best = 0;
    let least = Infinity;
    for (const [index, color] of this.colors.entries()) {
      // The eye tells shades of green best, and of blue least.
      const distance = 3 * (color[0] - red) ** 2 + 4 * (color[1] - green) ** 2 + 2 * (color[2] - blue) ** 2;
      if (distance < least) {
        least = distance;
        best = index;
      }
    }
    return best;
  }
}

/** Pixels at equal distances of all frames. */
function samplePixels(frames: readonly Uint8ClampedArray[]): Uint8ClampedArray {
  const all = frames.reduce((sum, { length }) => sum + length / 4, 0);
  // Odd, so that not the same columns are taken of each row.
  const step = Math.max(1, Math.floor(all / PALETTE_PIXELS)) | 1;
  const sampled = new Uint8ClampedArray(frames.reduce((sum, { length }) => sum + Math.ceil(length / 4 / step) * 4, 0));
  let at = 0;
  for (const frame of frames) {
    for (let from = 0; from < frame.length; from += 4 * step) {
      sampled.set(frame.subarray(from, from + 4), at);
      at += 4;
    }
  }
  return sampled;
}

/** Writes an animated GIF with one palette, of which each frame draws only what differs from what is shown. */
export class GifWriter {
  readonly #size: Pixels;
  readonly #palette: Palette;
  readonly #loops: boolean;
  readonly #encoder = GIFEncoder({ initialCapacity: 1 << 20 });
  /** The colour of each pixel when it was last drawn, RGBA. */
  #shown: Uint8ClampedArray | undefined;
  readonly #indexes: Uint8Array;
  #elapsedMs = 0;

  constructor(size: Pixels, { palette, loops }: { palette: Palette; loops: boolean }) {
    this.#size = size;
    this.#palette = palette;
    this.#loops = loops;
    this.#indexes = new Uint8Array(size.width * size.height);
  }

  /** So far. */
  get bytes(): number {
    return this.#encoder.bytesView().length;
  }

  /** @param rgba of the size of the GIF */
  add(rgba: Uint8ClampedArray, durationMs: number): void {
    const { width, height } = this.#size;
    const isFirst = this.#shown === undefined;
    this.#draw(rgba);
    // A GIF counts hundredths of a second: what is rounded off one frame goes to the next.
    const from = Math.round(this.#elapsedMs / 10);
    this.#elapsedMs += durationMs;
    this.#encoder.writeFrame(this.#indexes, width, height, {
      ...(isFirst ? { palette: this.#palette.colors, repeat: this.#loops ? 0 : -1 } : {}),
      transparent: !isFirst,
      transparentIndex: isFirst ? 0 : TRANSPARENT,
      // Browsers take less than two hundredths for ten.
      delay: Math.max(2, Math.round(this.#elapsedMs / 10) - from) * 10,
      dispose: 1,
    });
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#encoder.finish();
    return this.#encoder.bytes();
  }

  #draw(rgba: Uint8ClampedArray): void {
    const { width } = this.#size;
    const indexes = this.#indexes;
    const palette = this.#palette;
    const shown = (this.#shown ??= new Uint8ClampedArray(rgba.length));
    // Alpha 0: never drawn.
    for (let pixel = 0, at = 0; at < rgba.length; pixel++, at += 4) {
      const red = rgba[at]!;
      const green = rgba[at + 1]!;
      const blue = rgba[at + 2]!;
      if (
        shown[at + 3] === 255 &&
        Math.abs(red - shown[at]!) <= TOLERANCE &&
        Math.abs(green - shown[at + 1]!) <= TOLERANCE &&
        Math.abs(blue - shown[at + 2]!) <= TOLERANCE
      ) {
        indexes[pixel] = TRANSPARENT;
        continue;
      }
      shown[at] = red;
      shown[at + 1] = green;
      shown[at + 2] = blue;
      shown[at + 3] = 255;
      const x = pixel % width;
      const y = (pixel - x) / width;
      const dither = BAYER[(y & 3) * 4 + (x & 3)]!;
      indexes[pixel] = palette.find(clamp(red + dither), clamp(green + dither), clamp(blue + dither));
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value | 0;
}

/**
 * Tells about how many bytes a GIF will have: by the first frame, and by how much each of those adds that follow it.
 *
 * @param runs frames that follow one another, RGBA, from all over the video; if there is one of all frames, it is exact
 */
export function estimateGif(
  runs: readonly (readonly Uint8ClampedArray[])[],
  { size, count, palette: colors }: { size: Pixels; count: number; palette: Palette },
): number {
  const firsts: number[] = [];
  const settled: number[] = [];
  for (const run of runs) {
    const gif = new GifWriter(size, { palette: colors, loops: true });
    const sizes: number[] = [];
    for (const frame of run) {
      const before = gif.bytes;
      gif.add(frame, 100);
      sizes.push(gif.bytes - before);
    }
    if (run.length === count) {
      return gif.bytes;
    }
    firsts.push(sizes[0] ?? 0);
    settled.push(...sizes.slice(-SETTLED_FRAMES));
  }
  return getMean(firsts) + getMean(settled) * (count - 1);
}

/** Of none, 0. */
export function getMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
