import type { ImageSize } from './size';

const ANIMATION = 0x02;
const RIFF_HEAD_BYTES = 8;

export function isWebp(file: Buffer): boolean {
  return file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP';
}

/** Reads the size by the rules of libwebp's demuxer. Chromium does not turn a WebP by its EXIF data (seen). */
export function readWebp(file: Buffer): ImageSize | undefined {
  const end = RIFF_HEAD_BYTES + file.readUInt32LE(4);
  const chunks = readChunks(file, end);
  const { value: first } = chunks.next();
  if (!first) {
    return undefined;
  }
  if (first.type !== 'VP8X') {
    return readImage(first);
  }
  const { content } = first;
  const canvas = { width: content.readUIntLE(4, 3) + 1, height: content.readUIntLE(7, 3) + 1 };
  const isAnimated = (content.readUInt8(0) & ANIMATION) !== 0;
  let image: ImageSize | undefined;
  for (const chunk of chunks) {
    if (!chunk) {
      return undefined;
    }
    if (chunk.type === 'ANMF' && (!isAnimated || !isInside(canvas, chunk.content))) {
      return undefined;
    }
    const found = chunk.type === 'ANMF' ? canvas : isAnimated ? undefined : readImage(chunk);
    image ??= found;
  }
  return image?.width === canvas.width && image.height === canvas.height ? canvas : undefined;
}

interface Chunk {
  type: string;
  content: Buffer;
}

/**
 * The chunks up to the end that the file states. The last may be cut, where a part of the file is missing.
 *
 * @yields `undefined` for one that is longer than the file states to be
 */
function* readChunks(file: Buffer, end: number): Generator<Chunk | undefined, undefined> {
  for (let at = 12; at + 8 <= Math.min(end, file.length);) {
    const length = file.readUInt32LE(at + 4);
    const next = at + 8 + length + (length % 2);
    if (next > end) {
      yield undefined;
      return;
    }
    yield { type: file.toString('latin1', at, at + 4), content: file.subarray(at + 8, at + 8 + length) };
    at = next;
  }
}

/** @param content offset and size of a frame of an animation: offsets are counted in twos, sizes from 1 */
function isInside(canvas: ImageSize, content: Buffer): boolean {
  const [x = 0, y = 0, width = 0, height = 0] = [0, 3, 6, 9].map((at) => content.readUIntLE(at, 3));
  return x * 2 + width + 1 <= canvas.width && y * 2 + height + 1 <= canvas.height;
}

function readImage({ type, content }: Chunk): ImageSize | undefined {
  if (type === 'VP8L' && content.readUInt8(0) === 0x2f) {
    const bits = content.readUInt32LE(1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  // A key frame, which begins with a code of its own.
  if (type === 'VP8 ' && (content.readUInt8(0) & 1) === 0 && content.readUIntBE(3, 3) === 0x9d012a) {
    return { width: content.readUInt16LE(6) & 0x3fff, height: content.readUInt16LE(8) & 0x3fff };
  }
  return undefined;
}
