import type { FileHandle } from 'node:fs/promises';
import type { VideoType } from '../model/taskRecord';
import type { Mp4Check } from './mp4Validation';

/**
 * Whether videos of other types than MP4 are whole, by what they say of their own length. They come rarely, and other
 * writers are laxer than those of MP4: only what is certainly cut is refused, and where nothing is proven, the sender has
 * to say that this was all.
 */

const CUT: Mp4Check = { result: 'cut', isProven: false };
const NO_VIDEO: Mp4Check = { result: 'other', isProven: false };
const UNPROVEN: Mp4Check = { result: 'video', isProven: false };
const PROVEN: Mp4Check = { result: 'video', isProven: true };

/** Elements that are looked at, so that a crafted file costs little time. */
const MAX_ELEMENTS = 100_000;
const WINDOW_BYTES = 64 * 1024;
const PACKET_BYTES = [188, 192];

/** One element of a file. */
interface Element {
  /** Where the next one begins. */
  end: number;
  /** The file says that nothing follows. */
  isLast?: boolean;
}

/** Reads the element at an offset; `undefined` where there is none that is known. */
type ReadElement = (at: number) => Promise<Element | undefined>;

/** The file ends within the element. */
const BEYOND: Element = { end: Infinity };

/** Reads a file forwards in large pieces. */
class FileWindow {
  readonly size: number;
  readonly #file: FileHandle;
  readonly #bytes = Buffer.alloc(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** @returns fewer bytes at the end of the file */
  async read(at: number, bytes: number): Promise<Buffer> {
    if (at < this.#start || at + bytes > this.#start + this.#length) {
      this.#start = at;
      this.#length = (await this.#file.read(this.#bytes, 0, WINDOW_BYTES, at)).bytesRead;
    }
    return this.#bytes.subarray(at - this.#start, Math.min(at - this.#start + bytes, this.#length));
  }

  /** @returns `undefined` where the file ends within these bytes */
  async readWhole(at: number, bytes: number): Promise<Buffer | undefined> {
    const read = await this.read(at, bytes);
    return read.length === bytes ? read : undefined;
  }
}

/**
 * Checks a video that is no MP4, as far as its type allows it.
 *
 * @throws errors of the file system
 */
export async function checkStructure(file: FileHandle, type: VideoType): Promise<Mp4Check> {
  const { size } = await file.stat();
  const window = new FileWindow(file, size);
  switch (type) {
    case 'webm':
    case 'mkv':
      return checkMatroska(window);
    case 'avi':
    case 'webp':
      return walk(size, 0, readRiff(window), PROVEN);
    case 'gif':
      return checkGif(window);
    case 'png':
      return walk(size, 8, readPngChunk(window), CUT);
    case 'flv':
      // A header, and after it and after each tag the length of the one before.
      return walk(size, ((await window.readWhole(5, 4))?.readUInt32BE() ?? 0) + 4, readFlvTag(window), UNPROVEN);
    case 'ogv':
      return walk(size, 0, readOggPage(window), UNPROVEN);
    case 'wmv':
      return walk(size, 0, readAsfObject(window), UNPROVEN);
    case 'ts':
      return PACKET_BYTES.some((bytes) => size % bytes === 0) ? UNPROVEN : CUT;
    default:
      return UNPROVEN;
  }
}

/** @param atEnd what the file is when it ends where an element ends, and none said that it is the last one */
async function walk(size: number, start: number, readElement: ReadElement, atEnd: Mp4Check): Promise<Mp4Check> {
  let at = start;
  for (let count = 0; at < size; count++) {
    const element = count < MAX_ELEMENTS ? await readElement(at) : undefined;
    if (!element) {
      return UNPROVEN;
    }
    if (element.end > size) {
      return CUT;
    }
    if (element.isLast) {
      return PROVEN;
    }
    at = element.end;
  }
  return at === size ? atEnd : CUT;
}

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
/** EBML header, SeekHead, Info, Tracks, Cues, Chapters, Tags, Attachments, Void, CRC-32. */
const LEVEL_1 = [
  0x1a45dfa3, 0x114d9b74, 0x1549a966, 0x1654ae6b, 0x1c53bb6b, 0x1043a770, 0x1254c367, 0x1941a469, 0xec, 0xbf,
];
/** Timestamp, SimpleBlock, BlockGroup, Position, PrevSize, SilentTracks. */
const IN_CLUSTER = [0xe7, 0xa3, 0xa0, 0xa7, 0xab, 0x5854];
const KNOWN: ReadonlySet<number> = new Set([SEGMENT, CLUSTER, ...LEVEL_1, ...IN_CLUSTER]);

/** RFC 8794 and 9559. What was recorded live does not say how long it is. */
async function checkMatroska(window: FileWindow): Promise<Mp4Check> {
  let isLive = false;
  const check = await walk(
    window.size,
    0,
    async (at) => {
      const head = await window.read(at, 12);
      const idBytes = getVariableBytes(head[0]);
      const headBytes = idBytes + getVariableBytes(head[idBytes]);
      if (idBytes > 4 || !KNOWN.has(head.length < idBytes ? SEGMENT : head.readUIntBE(0, idBytes))) {
        return undefined;
      }
      if (head.length < headBytes) {
        return BEYOND;
      }
      const length = readVariableLength(head.subarray(idBytes, headBytes));
      isLive ||= length === undefined;
      return { end: at + headBytes + (length ?? 0) };
    },
    PROVEN,
  );
  return isLive && check.isProven ? UNPROVEN : check;
}

/** By the first bit that is set, 1 to 8; 9 where there is none. */
const getVariableBytes = (first = 0): number => Math.clz32(first) - 23;

/** @returns `undefined` for a length that is not known, of which all bits are set */
function readVariableLength(bytes: Buffer): number | undefined {
  const bits = 7 * bytes.length;
  const value = BigInt(`0x${bytes.toString('hex')}`) & ((1n << BigInt(bits)) - 1n);
  return value === (1n << BigInt(bits)) - 1n ? undefined : Number(value);
}

/** A film of more than a gigabyte has several of them. Who writes a stream leaves the length out. */
const readRiff =
  (window: FileWindow): ReadElement =>
  async (at) => {
    const bytes = await window.readWhole(at, 8);
    const length = bytes?.readUInt32LE(4) ?? 0;
    return bytes?.toString('latin1', 0, 4) === 'RIFF' && length > 0 && length < 0xffff_fff0
      ? { end: at + 8 + length }
      : undefined;
  };

const readPngChunk =
  (window: FileWindow): ReadElement =>
  async (at) => {
    const bytes = await window.readWhole(at, 8);
    return bytes ? { end: at + 12 + bytes.readUInt32BE(), isLast: bytes.toString('latin1', 4) === 'IEND' } : BEYOND;
  };

const readFlvTag =
  (window: FileWindow): ReadElement =>
  async (at) => {
    const bytes = await window.readWhole(at, 4);
    if (!bytes) {
      return BEYOND;
    }
    // Sound, picture, script.
    return [8, 9, 18].includes(bytes[0]! & 0x1f) ? { end: at + 11 + bytes.readUIntBE(1, 3) + 4 } : undefined;
  };

const readOggPage =
  (window: FileWindow): ReadElement =>
  async (at) => {
    const head = await window.readWhole(at, 27);
    if (!head) {
      return BEYOND;
    }
    if (head.toString('latin1', 0, 4) !== 'OggS') {
      return undefined;
    }
    const segments = head[26]!;
    const lengths = await window.readWhole(at + 27, segments);
    return lengths ? { end: at + 27 + segments + lengths.reduce((sum, length) => sum + length, 0) } : BEYOND;
  };

const readAsfObject =
  (window: FileWindow): ReadElement =>
  async (at) => {
    const head = await window.readWhole(at, 24);
    const length = Number(head?.readBigUInt64LE(16) ?? Infinity);
    return length >= 24 ? { end: at + length } : undefined;
  };

/** A table of colours, where the flags say that there is one. */
const getColourBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** GIF89a, appendix B. */
async function checkGif(window: FileWindow): Promise<Mp4Check> {
  let pictures = 0;
  const flags = (await window.readWhole(10, 1))?.[0] ?? 0;
  const check = await walk(
    window.size,
    13 + getColourBytes(flags),
    async (at) => {
      const head = await window.read(at, 10);
      switch (head[0]) {
        case 0x3b:
          return { end: at + 1, isLast: true };
        case 0x21:
          return skipBlocks(window, at + 2);
        case 0x2c:
          pictures++;
          return skipBlocks(window, at + 11 + getColourBytes(head[9] ?? 0));
        default:
          return undefined;
      }
    },
    CUT,
  );
  return check.isProven && pictures < 2 ? NO_VIDEO : check;
}

/** Blocks of up to 255 bytes, after an empty one of which nothing follows. */
async function skipBlocks(window: FileWindow, start: number): Promise<Element> {
  for (let at = start; ;) {
    const [length] = await window.read(at, 1);
    if (length === undefined) {
      return BEYOND;
    }
    at += 1 + length;
    if (length === 0) {
      return { end: at };
    }
  }
}
