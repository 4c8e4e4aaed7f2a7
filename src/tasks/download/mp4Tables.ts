import { findBox, listBoxes } from './mp4Boxes';

/**
 * What the tables of an MP4 file state about how much belongs to it (ISO/IEC 14496-12). Never throw, and take time in
 * proportion to the bytes given, whatever counts the tables state.
 */

/** What the `moov` box states. */
export interface MovieFacts {
  /** Where the last sample ends that the tables place in this file, bytes; `undefined` without such a table. */
  readonly mediaEnd: number | undefined;
  /** Ticks of the movie; 0 where nothing states the duration of all fragments, or there are none. */
  readonly fragmentsDuration: number;
  /** Ticks of the movie a second. */
  readonly timescale: number;
  /** Of each track by its id, what its fragments need to be understood. */
  readonly tracks: ReadonlyMap<number, { readonly timescale: number; readonly sampleDuration: number }>;
}

/** @param movie content of the `moov` box */
export function readMovieFacts(movie: Buffer): MovieFacts {
  const extension = findBox(movie, 'mvex');
  const sampleDurations = new Map(
    listBoxes(extension ?? Buffer.alloc(0))
      .filter(({ type, content }) => type === 'trex' && content.length >= 16)
      .map(({ content }) => [content.readUInt32BE(4), content.readUInt32BE(12)]),
  );
  const tracks = listBoxes(movie)
    .filter(({ type }) => type === 'trak')
    .map(({ content }) => content);
  const ends = tracks.map(getSamplesEnd).filter((end) => end !== undefined);
  return {
    mediaEnd: ends.length > 0 ? Math.max(...ends) : undefined,
    fragmentsDuration: readVersioned(findBox(extension, 'mehd'), 4),
    timescale: readTimescale(findBox(movie, 'mvhd')),
    tracks: new Map(
      tracks.map((track) => {
        const header = findBox(track, 'tkhd');
        const id = readUInt32(header, header?.[0] === 1 ? 20 : 12);
        const timescale = readTimescale(findBox(findBox(track, 'mdia'), 'mdhd'));
        return [id, { timescale, sampleDuration: sampleDurations.get(id) ?? 0 }];
      }),
    ),
  };
}

/**
 * How far a fragment reaches, for each of its tracks.
 *
 * @param fragment content of the `moof` box
 * @returns seconds from the beginning of the film; a track whose time is not stated is left out
 */
export function readFragmentEnds(fragment: Buffer, { tracks }: MovieFacts): number[] {
  return listBoxes(fragment)
    .filter(({ type }) => type === 'traf')
    .flatMap(({ content }) => {
      const header = findBox(content, 'tfhd');
      const begins = findBox(content, 'tfdt');
      const track = tracks.get(readUInt32(header, 4));
      if (!header || !begins || !track || track.timescale === 0) {
        return [];
      }
      const usual = readUsualDuration(header) ?? track.sampleDuration;
      const ticks = listBoxes(content)
        .filter(({ type }) => type === 'trun')
        .reduce((sum, run) => sum + getRunDuration(run.content, usual), readVersioned(begins, 4));
      return [ticks / track.timescale];
    });
}

/**
 * How many bytes an index of segments covers, behind itself.
 *
 * @param index content of a `sidx` box
 */
export function readSegmentIndex(index: Buffer): { bytes: number; segments: number } {
  const isLong = index[0] === 1;
  const offset = readUInt(index, isLong ? 20 : 16, isLong ? 8 : 4);
  const stated = index.length >= 2 ? readUInt16(index, isLong ? 30 : 22) : 0;
  const first = isLong ? 32 : 24;
  const segments = Math.min(stated, Math.max(0, Math.floor((index.length - first) / 12)));
  let bytes = offset;
  for (let at = 0; at < segments; at++) {
    bytes += readUInt32(index, first + at * 12) & 0x7fffffff;
  }
  return { bytes, segments };
}

/**
 * Where the fragments begin that an index at the end of a file names.
 *
 * @param index content of an `mfra` box
 */
export function readFragmentOffsets(index: Buffer): number[] {
  return listBoxes(index)
    .filter(({ type, content }) => type === 'tfra' && content.length >= 16)
    .flatMap(({ content }) => {
      const isLong = content[0] === 1;
      const sizes = content.readUInt32BE(8);
      const numberBytes = ((sizes >> 4) & 3) + ((sizes >> 2) & 3) + (sizes & 3) + 3;
      const entryBytes = (isLong ? 16 : 8) + numberBytes;
      const count = Math.min(content.readUInt32BE(12), Math.floor((content.length - 16) / entryBytes));
      return Array.from({ length: count }, (_, entry) =>
        readUInt(content, 16 + entry * entryBytes + (isLong ? 8 : 4), isLong ? 8 : 4),
      );
    });
}

/** Where the last sample of a track ends, bytes; `undefined` where the tables place none in this file. */
function getSamplesEnd(track: Buffer): number | undefined {
  const information = findBox(findBox(track, 'mdia'), 'minf');
  const table = findBox(information, 'stbl');
  const offsets = readChunkOffsets(table);
  const sizes = readSampleSizes(table);
  const chunks = findBox(table, 'stsc');
  if (offsets.length === 0 || !sizes || !chunks || isElsewhere(findBox(findBox(information, 'dinf'), 'dref'))) {
    return undefined;
  }
  const entries = Math.min(readUInt32(chunks, 4), Math.floor((chunks.length - 8) / 12));
  let end: number | undefined;
  let sample = 0;
  let entry = -1;
  for (const [chunk, offset] of offsets.entries()) {
    while (entry + 1 < entries && chunks.readUInt32BE(8 + (entry + 1) * 12) <= chunk + 1) {
      entry++;
    }
    const count = entry < 0 ? 0 : chunks.readUInt32BE(12 + entry * 12);
    const bytes = sizes.sum(sample, count);
    sample += count;
    if (bytes > 0) {
      end = Math.max(end ?? 0, offset + bytes);
    }
  }
  return end;
}

function readChunkOffsets(table: Buffer | undefined): number[] {
  const short = findBox(table, 'stco');
  const offsets = short ?? findBox(table, 'co64');
  const bytes = short ? 4 : 8;
  const count = offsets ? Math.min(readUInt32(offsets, 4), Math.floor((offsets.length - 8) / bytes)) : 0;
  return Array.from({ length: count }, (_, chunk) => readUInt(offsets, 8 + chunk * bytes, bytes));
}

interface SampleSizes {
  /** Bytes of `count` samples from `first` on; what is behind the table counts nothing. */
  sum(first: number, count: number): number;
}

function readSampleSizes(table: Buffer | undefined): SampleSizes | undefined {
  const sizes = findBox(table, 'stsz');
  const size = readUInt32(sizes, 4);
  const stated = readUInt32(sizes, 8);
  if (!sizes) {
    return undefined; // `stz2`, of which no writer of videos makes use
  }
  if (size > 0) {
    return { sum: (first, count) => size * Math.max(0, Math.min(count, stated - first)) };
  }
  const samples = Math.min(stated, Math.floor((sizes.length - 12) / 4));
  return {
    sum: (first, count) => {
      let bytes = 0;
      for (let sample = first; sample < Math.min(first + count, samples); sample++) {
        bytes += sizes.readUInt32BE(12 + sample * 4);
      }
      return bytes;
    },
  };
}

/** Whether the samples are in another file, by the first data reference. */
function isElsewhere(references: Buffer | undefined): boolean {
  const first = references && listBoxes(references.subarray(8))[0];
  return first !== undefined && first.content.length >= 4 && (first.content.readUInt32BE(0) & 1) === 0;
}

/** Ticks of a sample that the fragment states for all its samples. */
function readUsualDuration(header: Buffer): number | undefined {
  const flags = readUInt32(header, 0);
  const at = 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0);
  return flags & 0x08 ? readUInt32(header, at) : undefined;
}

function getRunDuration(run: Buffer, usual: number): number {
  const flags = readUInt32(run, 0);
  const count = readUInt32(run, 4);
  if (!(flags & 0x100)) {
    return count * usual;
  }
  const first = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  const entryBytes = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  let ticks = 0;
  for (let sample = 0; sample < count && first + (sample + 1) * entryBytes <= run.length; sample++) {
    ticks += run.readUInt32BE(first + sample * entryBytes);
  }
  return ticks;
}

/** Ticks a second: in `mvhd` and `mdhd` it follows two times of 32 or 64 bits. */
function readTimescale(header: Buffer | undefined): number {
  return readUInt32(header, header?.[0] === 1 ? 20 : 12);
}

/** A number of 64 bits in version 1 of a box, of 32 bits in version 0; 0 where there is none. */
function readVersioned(box: Buffer | undefined, at: number): number {
  return readUInt(box, at, box?.[0] === 1 ? 8 : 4);
}

function readUInt32(box: Buffer | undefined, at: number): number {
  return readUInt(box, at, 4);
}

function readUInt16(box: Buffer, at: number): number {
  return at + 2 <= box.length ? box.readUInt16BE(at) : 0;
}

/** 0 where the box ends before. */
function readUInt(box: Buffer | undefined, at: number, bytes: number): number {
  if (!box || at + bytes > box.length) {
    return 0;
  }
  return bytes === 8 ? Number(box.readBigUInt64BE(at)) : box.readUInt32BE(at);
}
