import type { ImageSize } from './size';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const HAS_COLORS = 0x80;
const HEADER_BYTES = 13;

export function isGif(file: Buffer): boolean {
  return /^GIF8[79]a$/.test(file.toString('latin1', 0, 6));
}

/**
 * Reads the size of the screen, which grows where the first frame reaches over it: careless tools write a screen of no
 * size, or of another image (seen in Chromium).
 */
export function readGif(file: Buffer): ImageSize | undefined {
  const screen = { width: file.readUInt16LE(6), height: file.readUInt16LE(8) };
  const flags = file.readUInt8(10);
  let at = HEADER_BYTES + ((flags & HAS_COLORS) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  while (file.readUInt8(at) === EXTENSION) {
    // A label, and then blocks that begin with their length, up to an empty one.
    at += 2;
    while (file.readUInt8(at) > 0) {
      at += file.readUInt8(at) + 1;
    }
    at += 1;
  }
  switch (file.readUInt8(at)) {
    case IMAGE: {
      const [x = 0, y = 0, width = 0, height = 0] = [1, 3, 5, 7].map((offset) => file.readUInt16LE(at + offset));
      return { width: Math.max(screen.width, x + width), height: Math.max(screen.height, y + height) };
    }
    case TRAILER:
      return screen;
    default:
      return undefined;
  }
}
