import type { FileHandle } from 'node:fs/promises';

/** Reads the boxes that an MP4 file consists of (ISO/IEC 14496-12, section 4.2): length, type, content. */

/** Length and type, four bytes each. */
export const BOX_HEADER_BYTES = 8;
/** The length in the eight bytes behind, for a box of 4 GB and more. */
const LARGE_BOX_HEADER_BYTES = 16;
/** A file of a video model has some tens of boxes at one level. Bounds the time that a crafted file can cost. */
export const MAX_BOXES = 10_000;

export interface BoxHeader {
  /** Four characters; of a damaged file any four bytes, as Latin-1. */
  readonly type: string;
  /** Bytes, with the header; smaller than a header where the file is damaged or ends too early. */
  readonly length: number;
  /** Bytes: 8, or 16 of a box that has a length of 64 bits. */
  readonly headerBytes: number;
}

/** The tables of a video of 15 minutes take about 100 KB. */
const MAX_CONTENT_BYTES = 16 * 1024 * 1024;

/** A box within another one that was read already. */
interface Box {
  readonly type: string;
  /** Without the header. */
  readonly content: Buffer;
}

/**
 * Reads the header of the box at `offset`.
 *
 * @param size of the file, bytes: a box without a length reaches up to the end of the file
 * @returns `undefined` where the file ends within the header
 */
export async function readBoxHeader(file: FileHandle, offset: number, size: number): Promise<BoxHeader | undefined> {
  const bytes = Buffer.alloc(LARGE_BOX_HEADER_BYTES);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
  if (bytesRead < BOX_HEADER_BYTES) {
    return undefined;
  }
  const type = bytes.toString('latin1', 4, BOX_HEADER_BYTES);
  const length = bytes.readUInt32BE(0);
  if (length === 1) {
    // The bytes that are missing in a file that ends here are zeros.
    const isComplete = bytesRead === LARGE_BOX_HEADER_BYTES;
    const largeLength = isComplete ? Number(bytes.readBigUInt64BE(BOX_HEADER_BYTES)) : 0;
    return { type, length: largeLength, headerBytes: LARGE_BOX_HEADER_BYTES };
  }
  return { type, length: length === 0 ? size - offset : length, headerBytes: BOX_HEADER_BYTES };
}

/**
 * Reads the content of a box.
 *
 * @returns `undefined` for one that is empty, larger than tables are, or not all there
 */
export async function readBoxContent(
  file: FileHandle,
  offset: number,
  { length, headerBytes }: BoxHeader,
): Promise<Buffer | undefined> {
  const contentBytes = length - headerBytes;
  if (contentBytes <= 0 || contentBytes > MAX_CONTENT_BYTES) {
    return undefined;
  }
  const content = Buffer.alloc(contentBytes);
  const { bytesRead } = await file.read(content, 0, contentBytes, offset + headerBytes);
  return bytesRead === contentBytes ? content : undefined;
}

/** The boxes directly within the content of another one, up to the first that does not fit into it. */
export function listBoxes(parent: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at + BOX_HEADER_BYTES <= parent.length && found.length < MAX_BOXES;) {
    const length = parent.readUInt32BE(at);
    if (length < BOX_HEADER_BYTES || at + length > parent.length) {
      break;
    }
    found.push({
      type: parent.toString('latin1', at + 4, at + BOX_HEADER_BYTES),
      content: parent.subarray(at + BOX_HEADER_BYTES, at + length),
    });
    at += length;
  }
  return found;
}

/** The content of the first box of this type directly within `parent`; `undefined` where there is none. */
export function findBox(parent: Buffer | undefined, type: string): Buffer | undefined {
  return parent && listBoxes(parent).find((box) => box.type === type)?.content;
}
