import { open, type FileHandle } from 'node:fs/promises';

/** When the last picture of a film is shown. Seconds, as a player counts them: from what the film begins with. */
export interface LastFrame {
  seconds: number;
  /** How long it stands. Pictures may stand differently long. */
  lasts: number;
}

/** A film of a quarter of an hour has some 100 KB of tables. */
const MAX_MOVIE_BYTES = 16 * 1024 * 1024;
const MAX_BOXES = 10_000;
const HEAD_BYTES = 8;
/** An edit that shows nothing, for as long as it says. */
const EMPTY_EDIT = -1;

/**
 * When the last picture begins, by the film's own tables (ISO/IEC 14496-12: `stts`, `ctts`, `elst`). The duration
 * that a file names does not tell: it may be that of the sound, rounded, or wrong.
 *
 * @returns `undefined` where the tables do not say: a film in fragments, several edits, damage. The player decides then.
 */
export async function readLastFrame(path: string): Promise<LastFrame | undefined> {
  const file = await open(path, 'r');
  try {
    const movie = await readMovie(file);
    return movie && findLastFrame(movie);
  } finally {
    await file.close();
  }
}

async function readMovie(file: FileHandle): Promise<Buffer | undefined> {
  const { size } = await file.stat();
  const head = Buffer.alloc(2 * HEAD_BYTES);
  let at = 0;
  for (let boxes = 0; at + HEAD_BYTES <= size && boxes < MAX_BOXES; boxes++) {
    const { bytesRead } = await file.read(head, 0, head.length, at);
    if (bytesRead < HEAD_BYTES) {
      return undefined;
    }
    const short = head.readUInt32BE(0);
    const length = short === 1 ? Number(head.readBigUInt64BE(HEAD_BYTES)) : short === 0 ? size - at : short;
    if (head.toString('latin1', 4, HEAD_BYTES) === 'moov') {
      const content = length - HEAD_BYTES;
      if (short === 1 || content <= 0 || content > MAX_MOVIE_BYTES || at + length > size) {
        return undefined;
      }
      const movie = Buffer.alloc(content);
      return (await file.read(movie, 0, content, at + HEAD_BYTES)).bytesRead === content ? movie : undefined;
    }
    if (length < HEAD_BYTES) {
      return undefined;
    }
    at += length;
  }
  return undefined;
}

/** @param movie the content of the `moov` box. Never throws, and its time is that of the bytes, whatever they say. */
export function findLastFrame(movie: Buffer): LastFrame | undefined {
  try {
    const track = boxes(movie).find(({ type, content }) => type === 'trak' && isPicture(content))?.content;
    const last = track && lastOf(track, timescaleOf(inside(movie, 'mvhd')));
    const isTime = last && [last.seconds, last.lasts].every(Number.isFinite) && last.seconds >= 0 && last.lasts > 0;
    return isTime ? last : undefined;
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined; // a table that ends too early
    }
    throw error;
  }
}

function isPicture(track: Buffer): boolean {
  return inside(inside(track, 'mdia'), 'hdlr')?.toString('latin1', 8, 12) === 'vide';
}

function lastOf(track: Buffer, movieTimescale: number): LastFrame | undefined {
  const media = inside(track, 'mdia');
  const timescale = timescaleOf(inside(media, 'mdhd'));
  const table = inside(inside(media, 'minf'), 'stbl');
  const edit = editOf(inside(inside(track, 'edts'), 'elst'), timescale, movieTimescale);
  if (!edit) {
    return undefined;
  }
  let last: { at: number; lasts: number } | undefined;
  let usual = 0;
  for (const { first, delta, count } of runsOf(inside(table, 'stts'), inside(table, 'ctts'))) {
    // Some writers let the last picture stand for no time at all.
    usual = delta > 0 ? delta : usual;
    // Within a run each picture is later than the one before it, and the edit may end before the run does.
    const room = delta > 0 ? Math.ceil((edit.end - first) / delta) : count;
    const at = first + (Math.min(count, room) - 1) * delta;
    if (room > 0 && at < edit.end && (!last || at > last.at)) {
      last = { at, lasts: usual };
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

function editOf(list: Buffer | undefined, timescale: number, movieTimescale: number): Edit | undefined {
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
      // No length: up to the end, as files have it that were begun before it was known.
      edit = { start, end: seconds === 0 ? Infinity : start + seconds * timescale };
    }
  }
  return edit && { ...edit, delay };
}

/** Pictures at equal distances: the first is shown at `first`, each other `delta` later. In ticks of the track. */
interface Run {
  first: number;
  delta: number;
  count: number;
}

/** The tables count pictures of equal distance (`stts`) and of equal shift (`ctts`, where some are decoded before they are due). */
function* runsOf(times: Buffer | undefined, shifts: Buffer | undefined): Generator<Run> {
  const entries = times?.readUInt32BE(4) ?? 0;
  const shift = shiftsOf(shifts);
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

/** Gives the shift of the next pictures, and for how many of at most `wanted` it is the same. */
function shiftsOf(table: Buffer | undefined): (wanted: number) => { ticks: number; count: number } {
  const entries = table?.readUInt32BE(4) ?? 0;
  let entry = 0;
  let left = 0;
  let ticks = 0;
  return (wanted) => {
    while (table && left === 0 && entry < entries) {
      left = table.readUInt32BE(8 + entry * 8);
      // Signed in version 1; writers of version 0 put negative ones there, too.
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

/** Ticks a second, behind two times of 32 or 64 bits each. */
function timescaleOf(header: Buffer | undefined): number {
  return header ? header.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12) : NaN;
}

function inside(parent: Buffer | undefined, type: string): Buffer | undefined {
  return parent && boxes(parent).find((box) => box.type === type)?.content;
}

function boxes(parent: Buffer): { type: string; content: Buffer }[] {
  const found = [];
  for (let at = 0; at + HEAD_BYTES <= parent.length && found.length < MAX_BOXES;) {
    const length = parent.readUInt32BE(at);
    if (length < HEAD_BYTES || at + length > parent.length) {
      break;
    }
    found.push({
      type: parent.toString('latin1', at + 4, at + HEAD_BYTES),
      content: parent.subarray(at + HEAD_BYTES, at + length),
    });
    at += length;
  }
  return found;
}
