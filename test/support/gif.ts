/** Reads a GIF by its specification (https://www.w3.org/Graphics/GIF/spec-gif89a.txt), apart from what writes it. */

export interface DecodedGif {
  width: number;
  height: number;
  /** 0 for ever; `undefined` once. */
  loops: number | undefined;
  frames: { hundredths: number; rgba: Uint8ClampedArray }[];
}

export function decodeGif(file: Uint8Array): DecodedGif {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const text = (at: number, length: number) => String.fromCharCode(...file.subarray(at, at + length));
  if (text(0, 6) !== 'GIF89a') throw new Error('no GIF');
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  const colors = 2 << (file[10]! & 7);
  const palette = file.subarray(13, 13 + 3 * colors);
  const canvas = new Uint8ClampedArray(width * height * 4);
  const gif: DecodedGif = { width, height, loops: undefined, frames: [] };
  let at = 13 + 3 * colors;
  let control = { hundredths: 0, transparent: -1 };
  for (;;) {
    const block = file[at++];
    if (block === 0x3b) return gif;
    if (block === 0x21) {
      const label = file[at++];
      if (label === 0xf9) {
        const flags = file[at + 1]!;
        control = { hundredths: view.getUint16(at + 2, true), transparent: flags & 1 ? file[at + 4]! : -1 };
      } else if (label === 0xff && text(at + 1, 11) === 'NETSCAPE2.0') {
        gif.loops = view.getUint16(at + 14, true);
      }
      at = readBlocks(file, at).end;
    } else if (block === 0x2c) {
      const [x, y, w, h] = [0, 2, 4, 6].map((offset) => view.getUint16(at + offset, true)) as [
        number,
        number,
        number,
        number,
      ];
      if (file[at + 8] !== 0) throw new Error('a palette of its own, or interlaced');
      const { bytes, end } = readBlocks(file, at + 10);
      const indexes = decodeLzw(bytes, file[at + 9]!, w * h);
      at = end;
      for (const [pixel, index] of indexes.entries()) {
        if (index === control.transparent) continue;
        const to = ((y + Math.floor(pixel / w)) * width + x + (pixel % w)) * 4;
        canvas.set([palette[3 * index]!, palette[3 * index + 1]!, palette[3 * index + 2]!, 255], to);
      }
      gif.frames.push({ hundredths: control.hundredths, rgba: canvas.slice() });
    } else {
      throw new Error(`a block ${block} at ${at - 1}`);
    }
  }
}

function readBlocks(file: Uint8Array, start: number): { bytes: Uint8Array; end: number } {
  const parts: number[] = [];
  let at = start;
  for (let length = file[at++]!; length > 0; length = file[at++]!) {
    for (const byte of file.subarray(at, at + length)) parts.push(byte);
    at += length;
  }
  return { bytes: Uint8Array.from(parts), end: at };
}

function decodeLzw(bytes: Uint8Array, minimum: number, count: number): Uint8Array {
  const clear = 1 << minimum;
  const pixels = new Uint8Array(count);
  let filled = 0;
  let table: number[][] = [];
  let width = minimum + 1;
  let previous: number[] | undefined;
  let buffer = 0;
  let bits = 0;
  const reset = () => {
    table = Array.from({ length: clear + 2 }, (_, code) => (code < clear ? [code] : []));
    width = minimum + 1;
    previous = undefined;
  };
  reset();
  for (const byte of bytes) {
    buffer |= byte << bits;
    bits += 8;
    while (bits >= width) {
      const code = buffer & ((1 << width) - 1);
      buffer >>>= width;
      bits -= width;
      if (code === clear) {
        reset();
        continue;
      }
      if (code === clear + 1) {
        if (filled !== count) throw new Error(`${filled} pixels of ${count}`);
        return pixels;
      }
      const entry: number[] | undefined = table[code] ?? (previous && [...previous, previous[0]!]);
      if (!entry) throw new Error(`code ${code} without a string`);
      pixels.set(entry, filled);
      filled += entry.length;
      if (previous && table.length < 4096) {
        table.push([...previous, entry[0]!]);
        if (table.length === 1 << width && width < 12) width += 1;
      }
      previous = entry;
    }
  }
  throw new Error('no end of the picture');
}
