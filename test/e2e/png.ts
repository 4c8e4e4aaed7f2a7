/** Images for tests. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const GREY = [0x80, 0x80, 0x80] as const;

/**
 * A whole PNG, such as a camera or a painter would save.
 *
 * @param colourAt red, green and blue of a point, each 0 to 255; `x` and `y` from 0 to 1. One colour without
 */
export function png(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly number[] = () => GREY,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits for each of red, green and blue
  const pixels = Buffer.alloc(height * (1 + 3 * width)); // each row begins with 0: no filter
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.set(colourAt(x / width, y / height), y * (1 + 3 * width) + 1 + 3 * x);
    }
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG that says that it is of this size, and holds next to nothing: drawn, it would take all memory. */
export function pngBomb(width: number, height: number): Buffer {
  const small = png(16, 16);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const whole = chunk('IHDR', header);
  return Buffer.concat([small.subarray(0, 8), whole, small.subarray(8 + whole.length)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Four bytes a pixel, rows from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The pixels of a PNG as a browser makes it: 8 bits a channel, with or without transparency, not interlaced. */
export function decodePng(file: Buffer): Picture {
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const [width, height, bits, kind, interlaced] = [
    file.readUInt32BE(16),
    file.readUInt32BE(20),
    file[24],
    file[25],
    file[28],
  ];
  if (file.toString('latin1', 1, 4) !== 'PNG' || bits !== 8 || (kind !== 2 && kind !== 6) || interlaced !== 0)
    throw new Error('This is no PNG of a browser.');
  const channels = kind === 6 ? 4 : 3;
  const stride = width * channels;
  const raw = inflateSync(Buffer.concat(parts));
  const lines = new Uint8Array(stride * height);
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const [here, above] = [y * stride + x, (y - 1) * stride + x];
      const left = x >= channels ? lines[here - channels]! : 0;
      const up = y > 0 ? lines[above]! : 0;
      const corner = y > 0 && x >= channels ? lines[above - channels]! : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0]!;
      lines[here] = raw[y * (stride + 1) + 1 + x]! + guess;
      data[(y * width + Math.floor(x / channels)) * 4 + (x % channels)] = lines[here]!;
    }
  }
  return { width, height, data };
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
