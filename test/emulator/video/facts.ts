/** What an MP4 file says of itself. */
export interface Mp4Facts {
  /** Of the `ftyp` box, such as `mp42`. */
  readonly brand: string;
  readonly seconds: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Pictures in the track. */
  readonly frames: number;
  /** Pictures at which a player may start, counted from 1. */
  readonly keyFrames: readonly number[];
  /** Codec, such as `avc1` for H.264. */
  readonly codec: string;
}

const HEAD_BYTES = 8;

/**
 * Reads the facts of an MP4 file with one video track.
 * @throws when a box that every player needs is missing or cut off
 */
export function mp4Facts(file: Uint8Array): Mp4Facts {
  const all = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const movie = box(all, 'moov');
  const track = box(movie, 'trak');
  const table = box(box(box(track, 'mdia'), 'minf'), 'stbl');
  const header = box(movie, 'mvhd');
  const keys = box(table, 'stss');
  // Version 0 of the boxes, with 32-bit times; the flags are a full box's first four bytes.
  const timescale = header.readUInt32BE(12);
  const size = box(track, 'tkhd').subarray(-8);
  box(all, 'mdat');
  return {
    brand: box(all, 'ftyp').toString('latin1', 0, 4),
    seconds: header.readUInt32BE(16) / timescale,
    width: size.readUInt32BE(0) / 0x1_0000,
    height: size.readUInt32BE(4) / 0x1_0000,
    frames: box(table, 'stsz').readUInt32BE(8),
    keyFrames: Array.from({ length: keys.readUInt32BE(4) }, (_, index) => keys.readUInt32BE(8 + 4 * index)),
    codec: box(table, 'stsd').toString('latin1', 12, 16),
  };
}

/** The payload of the first box of a type. */
function box(parent: Buffer, type: string): Buffer {
  for (let at = 0; at + HEAD_BYTES <= parent.length;) {
    const length = parent.readUInt32BE(at);
    if (length < HEAD_BYTES || at + length > parent.length) {
      throw new Error(`The file is cut off at byte ${at} of a box.`);
    }
    if (parent.toString('latin1', at + 4, at + HEAD_BYTES) === type) {
      return parent.subarray(at + HEAD_BYTES, at + length);
    }
    at += length;
  }
  throw new Error(`There is no ${type} box.`);
}
