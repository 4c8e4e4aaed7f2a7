/** A film whose pictures carry their number in black and white squares, with any times of its frames. */
import { createRequire } from 'node:module';
import type * as H264 from 'h264-mp4-encoder';
import { withSyncTable } from '../emulator/video/sync';

// Its types are those of an ES module, but what is shipped is CommonJS without readable names.
const { createH264MP4Encoder } = createRequire(import.meta.url)('h264-mp4-encoder') as typeof H264;

export const BITS = 8;
const SQUARE_PX = 32;
const WIDTH = BITS * SQUARE_PX;
const GROUP = 12;

export interface FilmTimes {
  /** Ticks per second of the track. */
  timescale: number;
  /** How many ticks each frame is shown. */
  lasts: readonly number[];
  /** Edits of the track: how many ticks each lasts, and where it begins, -1 for nothing. */
  edits?: readonly { lasts: number; start: number }[];
  /** Degrees to turn by, in the matrix of the track. */
  turned?: 90;
}

/** Encodes pictures that show their number, from 0. */
export async function encodeNumbers(frames: number): Promise<Buffer> {
  const encoder = await createH264MP4Encoder();
  try {
    Object.assign(encoder, { width: WIDTH, height: SQUARE_PX, frameRate: 25, speed: 10, groupOfPictures: GROUP });
    encoder.quantizationParameter = 20;
    encoder.initialize();
    for (let index = 0; index < frames; index++) {
      const picture = new Uint8Array(WIDTH * SQUARE_PX * 4);
      for (let pixel = 0; pixel < WIDTH * SQUARE_PX; pixel++) {
        const bit = Math.floor((pixel % WIDTH) / SQUARE_PX);
        picture.fill((index >> bit) & 1 ? 255 : 0, pixel * 4, pixel * 4 + 4);
      }
      encoder.addFrameRgba(picture);
    }
    encoder.finalize();
    return withSyncTable(encoder.FS.readFile(encoder.outputFilename), frames, GROUP);
  } finally {
    encoder.delete();
  }
}

/** The same pictures, shown at other times. */
export function retime(film: Buffer, { timescale, lasts, edits, turned }: FilmTimes): Buffer {
  const total = lasts.reduce((sum, ticks) => sum + ticks, 0);
  const shown = edits ? edits.reduce((sum, edit) => sum + edit.lasts, 0) : total;
  return rewrite(film, (type, content) => {
    switch (type) {
      case 'mvhd':
        return patch(content, [12, timescale], [16, shown]);
      case 'mdhd':
        return patch(content, [12, timescale], [16, total]);
      case 'tkhd':
        return patch(
          content,
          [20, shown],
          ...(turned
            ? ([
                [40, 0],
                [44, 0x10000],
                [52, -0x10000],
                [56, 0],
                [64, SQUARE_PX * 0x10000],
              ] as const)
            : []),
        );
      case 'stts':
        return words(0, lasts.length, ...lasts.flatMap((ticks) => [1, ticks]));
      case 'ctts':
      case 'edts':
        return undefined;
      case 'mdia': {
        const list = edits?.flatMap((edit) => [edit.lasts, edit.start, 0x10000]);
        return list && { before: box('edts', box('elst', words(0, list.length / 3, ...list))) };
      }
      default:
        return content;
    }
  });
}

const PARENTS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

/** Replaces the content of boxes, drops those for which there is none, or puts a box before one. */
function rewrite(
  boxes: Buffer,
  change: (type: string, content: Buffer) => Buffer | { before: Buffer } | undefined,
): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < boxes.length;) {
    const length = boxes.readUInt32BE(at) || boxes.length - at;
    const type = boxes.toString('latin1', at + 4, at + 8);
    const content = boxes.subarray(at + 8, at + length);
    at += length;
    if (!PARENTS.has(type)) {
      const changed = change(type, content);
      if (changed instanceof Buffer) parts.push(box(type, changed));
      continue;
    }
    const changed = type === 'mdia' ? change(type, content) : undefined;
    if (changed && 'before' in changed) parts.push(changed.before);
    parts.push(box(type, rewrite(content, change)));
  }
  return Buffer.concat(parts);
}

function patch(content: Buffer, ...values: readonly (readonly [at: number, value: number])[]): Buffer {
  const patched = Buffer.from(content);
  for (const [at, value] of values) patched.writeInt32BE(value | 0, at);
  return patched;
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeInt32BE(value | 0, index * 4));
  return bytes;
}

function box(type: string, content: Buffer): Buffer {
  const head = words(content.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}
