import { open, type FileHandle } from 'node:fs/promises';
import { findBox, listBoxes, MAX_BOXES, readBoxContent, readBoxHeader } from './mp4Boxes';

/** The last frame of a video. Times are in seconds, as a player counts them: from the start of the presentation. */
export interface LastFrame {
  /** When the frame appears. */
  seconds: number;
  /** How long the frame is shown. Frames may have different durations. */
  lasts: number;
}

/** A quarter of an hour at 60 frames per second. The list is sent to the page. */
const MAX_FRAMES = 60 * 60 * 15;

/** The media time of an edit that shows nothing for its duration (ISO/IEC 14496-12, `elst`). */
const EMPTY_EDIT = -1;

/**
 * Finds the last frame by the tables of the file (ISO/IEC 14496-12: `stts`, `ctts`, `elst`). The duration that the
 * file states cannot be used: it may be that of the sound, rounded, or wrong.
 *
 * @param path of an MP4 file
 * @returns `undefined` where the tables do not tell: a fragmented file, several edits, damage. The player decides then.
 * @throws errors of the file system
 */
export async function readLastFrame(path: string): Promise<LastFrame | undefined> {
  return findLastFrame((await readTables(path)) ?? Buffer.alloc(0));
}

/**
 * Reads when each frame appears, in seconds, in the order of display.
 *
 * @param path of an MP4 file
 * @returns `undefined` where the tables do not tell, or for very many frames. The player measures their rate then.
 * @throws errors of the file system
 */
export async function readFrameTimes(path: string): Promise<number[] | undefined> {
  return findFrameTimes((await readTables(path)) ?? Buffer.alloc(0));
}

/** Reads the tables of an MP4 file; `undefined` when it has none. */
export async function readTables(path: string): Promise<Buffer | undefined> {
  const file = await open(path, 'r');
  try {
    return await readMovie(file);
  } finally {
    await file.close();
  }
}

/** Reads the content of the `moov` box, which holds the tables. */
async function readMovie(file: FileHandle): Promise<Buffer | undefined> {
  const { size } = await file.stat();
  let offset = 0;
  for (let boxes = 0; offset < size && boxes < MAX_BOXES; boxes++) {
    const header = await readBoxHeader(file, offset, size);
    if (!header || header.length < header.headerBytes) {
      return undefined;
    }
    if (header.type === 'moov') {
      return await readBoxContent(file, offset, header);
    }
    offset += header.length;
  }
  return undefined;
}

/**
 * Like {@link readLastFrame}, for a file whose tables were read already. Never throws, and takes time in proportion to
 * the bytes given, whatever counts the tables state.
 *
 * @param movie the content of the `moov` box
 */
export function findLastFrame(movie: Buffer): LastFrame | undefined {
  return readTrack(movie, (track) => {
    const last = getLastFrame(track);
    const isTime = last && [last.seconds, last.lasts].every(Number.isFinite) && last.seconds >= 0 && last.lasts > 0;
    return isTime ? last : undefined;
  });
}

/** Like {@link readFrameTimes}, for tables that were read already. Never throws. */
export function findFrameTimes(movie: Buffer): number[] | undefined {
  return readTrack(movie, ({ edit, timescale, runs }) => {
    const times: number[] = [];
    for (const { first, delta, count } of runs) {
      if (times.length + count > MAX_FRAMES) {
        return undefined;
      }
      for (let index = 0; index < count; index++) {
        const at = first + index * delta;
        // The frame that is being shown when the edit begins is shown from then on.
        if (at + delta > edit.start && at < edit.end) {
          times.push((Math.max(at, edit.start) - edit.start) / timescale + edit.delay);
        }
      }
    }
    // Of frames at the same time only one is seen.
    const sorted = [...new Set(times)].sort((one, other) => one - other);
    return sorted.length > 0 && sorted.every(Number.isFinite) ? sorted : undefined;
  });
}

/** What the tables of a video track say. Times are in ticks of the track. */
interface Track {
  timescale: number;
  edit: Edit;
  runs: Iterable<Run>;
}

function readTrack<T>(movie: Buffer, read: (track: Track) => T | undefined): T | undefined {
  try {
    const track = listBoxes(movie).find(({ type, content }) => type === 'trak' && isVideoTrack(content))?.content;
    const media = findBox(track, 'mdia');
    const timescale = getTimescale(findBox(media, 'mdhd'));
    const table = findBox(findBox(media, 'minf'), 'stbl');
    const movieTimescale = getTimescale(findBox(movie, 'mvhd'));
    const edit = parseEdit(findBox(findBox(track, 'edts'), 'elst'), timescale, movieTimescale);
    return edit && read({ timescale, edit, runs: readRuns(findBox(table, 'stts'), findBox(table, 'ctts')) });
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined; // a table that ends too early
    }
    throw error;
  }
}

function isVideoTrack(track: Buffer): boolean {
  return findBox(findBox(track, 'mdia'), 'hdlr')?.toString('latin1', 8, 12) === 'vide';
}

function getLastFrame({ timescale, edit, runs }: Track): LastFrame | undefined {
  let last: { at: number; lasts: number } | undefined;
  let usualDuration = 0;
  for (const { first, delta, count } of runs) {
    // Some writers give the last frame no duration at all.
    usualDuration = delta > 0 ? delta : usualDuration;
    // Within a run each frame is later than the one before it, and the edit may end before the run does.
    const shown = delta > 0 ? Math.ceil((edit.end - first) / delta) : count;
    const at = first + (Math.min(count, shown) - 1) * delta;
    if (shown > 0 && at < edit.end && (!last || at > last.at)) {
      last = { at, lasts: usualDuration };
    }
  }
  return last && { seconds: (last.at - edit.start) / timescale + edit.delay, lasts: last.lasts / timescale };
}

/** Which part of a track is shown, in ticks of the track; `delay` is in seconds. */
interface Edit {
  start: number;
  end: number;
  delay: number;
}

function parseEdit(list: Buffer | undefined, timescale: number, movieTimescale: number): Edit | undefined {
  if (!list) {
    return { start: 0, end: Infinity, delay: 0 };
  }
  const isLong = list.readUInt8(0) === 1;
  const entryBytes = isLong ? 20 : 12;
  const count = list.readUInt32BE(4);
  let delay = 0;
  let edit: Omit<Edit, 'delay'> | undefined;
  for (let entry = 0; entry < count; entry++) {
    const at = 8 + entry * entryBytes;
    const seconds = (isLong ? Number(list.readBigUInt64BE(at)) : list.readUInt32BE(at)) / movieTimescale;
    const start = isLong ? Number(list.readBigInt64BE(at + 8)) : list.readInt32BE(at + 4);
    if (start === EMPTY_EDIT && !edit) {
      delay += seconds;
    } else if (start < 0 || edit) {
      return undefined;
    } else {
      // No duration means up to the end: the writer began the file before it knew the duration.
      edit = { start, end: seconds === 0 ? Infinity : start + seconds * timescale };
    }
  }
  return edit && { ...edit, delay };
}

/** Frames at equal distances: the first is shown at `first`, each following one `delta` later. In ticks of the track. */
interface Run {
  first: number;
  delta: number;
  count: number;
}

/**
 * Joins the two tables of frame times: `stts` counts frames of equal duration in decoding order, `ctts` counts frames of
 * equal shift between decoding and display.
 */
function* readRuns(times: Buffer | undefined, shifts: Buffer | undefined): Generator<Run> {
  const entries = times?.readUInt32BE(4) ?? 0;
  const shift = createShiftReader(shifts);
  let decoded = 0;
  for (let entry = 0; times && entry < entries; entry++) {
    let count = times.readUInt32BE(8 + entry * 8);
    const delta = times.readUInt32BE(12 + entry * 8);
    while (count > 0) {
      const { ticks, count: taken } = shift(count);
      yield { first: decoded + ticks, delta, count: taken };
      decoded += taken * delta;
      count -= taken;
    }
  }
}

/** Returns a function that reads the shift of the next frames, and for how many of at most `wanted` it is the same. */
function createShiftReader(table: Buffer | undefined): (wanted: number) => { ticks: number; count: number } {
  const entries = table?.readUInt32BE(4) ?? 0;
  let entry = 0;
  let left = 0;
  let ticks = 0;
  return (wanted) => {
    while (table && left === 0 && entry < entries) {
      left = table.readUInt32BE(8 + entry * 8);
      // Signed in version 1 only, but writers of version 0 store negative shifts as well.
      ticks = table.readInt32BE(12 + entry * 8);
      entry += 1;
    }
    if (left === 0) {
      return { ticks: 0, count: wanted };
    }
    const count = Math.min(wanted, left);
    left -= count;
    return { ticks, count };
  };
}

/** Ticks per second. In both headers (`mvhd`, `mdhd`) it follows two times of 32 or 64 bits each. */
function getTimescale(header: Buffer | undefined): number {
  return header ? header.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12) : NaN;
}
