/** Images of any size up to where their pixels begin: enough for code that does not decode them. */
import { crc32 } from 'node:zlib';

const ascii = (text: string) => [...Buffer.from(text, 'latin1')];
const be16 = (n: number) => [(n >> 8) & 255, n & 255];
const be32 = (n: number) => [...be16(n >>> 16), ...be16(n)];
const le16 = (n: number) => [n & 255, (n >> 8) & 255];
const le24 = (n: number) => [...le16(n), (n >> 16) & 255];
const le32 = (n: number) => [...le16(n), ...le16(n >>> 16)];

export function png(width: number, height: number): Uint8Array {
  const header = [...ascii('IHDR'), ...be32(width), ...be32(height), 8, 6, 0, 0, 0];
  return new Uint8Array([
    0x89,
    ...ascii('PNG\r\n\x1a\n'),
    ...be32(13),
    ...header,
    ...be32(crc32(Buffer.from(header))),
    ...be32(0),
    ...ascii('IDAT'),
  ]);
}

export function gif(width: number, height: number): Uint8Array {
  return new Uint8Array([
    ...ascii('GIF89a'),
    ...le16(width),
    ...le16(height),
    0,
    0,
    0,
    0x2c,
    ...[0, 0, width, height].flatMap(le16),
    0,
  ]);
}

export function bmp(width: number, height: number): Uint8Array {
  return new Uint8Array([
    ...ascii('BM'),
    ...le32(54),
    ...le32(0),
    ...le32(54),
    ...le32(40),
    ...le32(width),
    ...le32(height),
    ...le16(1),
    ...le16(24),
    ...le32(0),
  ]);
}

export function webp(width: number, height: number): Uint8Array {
  const image = [0x2f, ...le32((width - 1) | ((height - 1) << 14)), 0];
  return new Uint8Array([
    ...ascii('RIFF'),
    ...le32(4 + 18 + 8 + image.length),
    ...ascii('WEBPVP8X'),
    ...le32(10),
    0,
    0,
    0,
    0,
    ...le24(width - 1),
    ...le24(height - 1),
    ...ascii('VP8L'),
    ...le32(image.length),
    ...image,
  ]);
}

export function jpeg(width: number, height: number, { orientation }: { orientation?: number } = {}): Uint8Array {
  const app0 = [0xff, 0xe0, ...be16(16), ...ascii('JFIF\0'), 1, 1, 0, ...be16(1), ...be16(1), 0, 0];
  const tags = [...be16(1), ...be16(0x0112), ...be16(3), ...be32(1), ...be16(orientation ?? 1), 0, 0, ...be32(0)];
  const exif = [...ascii('Exif\0\0'), ...ascii('MM'), ...be16(42), ...be32(8), ...tags];
  const app1 = orientation === undefined ? [] : [0xff, 0xe1, ...be16(exif.length + 2), ...exif];
  const sof = [0xff, 0xc0, ...be16(17), 8, ...be16(height), ...be16(width), 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1];
  const scan = [0xff, 0xda, ...be16(12), 3, 1, 0, 2, 0, 3, 0, 0, 63, 0];
  return new Uint8Array([0xff, 0xd8, ...app0, ...app1, ...sof, ...scan]);
}

export function tiff(width: number, height: number): Uint8Array {
  const entry = (tag: number, value: number) => [...le16(tag), ...le16(4), ...le32(1), ...le32(value)];
  return new Uint8Array([
    ...ascii('II'),
    ...le16(42),
    ...le32(8),
    ...le16(3),
    ...entry(256, width),
    ...entry(257, height),
    ...entry(259, 1),
    ...le32(0),
    ...le32(0),
    ...le32(0),
    ...le32(0),
  ]);
}
