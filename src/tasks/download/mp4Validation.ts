import type { FileHandle } from 'node:fs/promises';

/** What a downloaded file turned out to be. */
export type Mp4CheckResult =
  | 'video'
  /** Begins like an MP4 and ends too early. */
  | 'cut'
  /** An error page, an empty file, another format. */
  | 'other';

/** More boxes than this at the top level is no file of a video model. */
const MAX_BOXES = 10_000;

/** Enough to tell most other things from an MP4. */
export const BEGINNING_BYTES = 8;

/** Whether what begins like this, with fewer bytes or more, can still become an MP4. */
export function mayBecomeMp4(beginning: Buffer): boolean {
  return 'ftyp'.startsWith(beginning.toString('latin1', 4, BEGINNING_BYTES));
}

/**
 * Whether a file is a whole MP4, by its outermost boxes (ISO/IEC 14496-12): `ftyp` first, a `moov`, and
 * every box inside the file. Reads some bytes a box, not the video.
 */
export async function validateMp4(file: FileHandle): Promise<Mp4CheckResult> {
  const { size } = await file.stat();
  if (size === 0) {
    return 'other';
  }
  const header = Buffer.alloc(16);
  let hasMovie = false;
  let hasMedia = false;
  // Of a fragmented file: each `moof` describes the `mdat` behind it.
  let isMediaDue = false;
  const verdict = (): Mp4CheckResult => (hasMovie && hasMedia && !isMediaDue ? 'video' : 'cut');
  let offset = 0;
  for (let boxes = 0; offset < size && boxes < MAX_BOXES; boxes++) {
    const { bytesRead } = await file.read(header, 0, 16, offset);
    const type = header.toString('latin1', 4, 8);
    if (boxes === 0 && (bytesRead < 8 || type !== 'ftyp')) {
      return 'other';
    }
    if (bytesRead < 8 || !/^[\x20-\x7e\xa9]{4}$/.test(type)) {
      // Some writers leave a few bytes behind the last box. With the whole film before them, that is no harm.
      return verdict();
    }
    let length = header.readUInt32BE(0);
    if (length === 1) {
      if (bytesRead < 16) {
        return 'cut';
      }
      length = Number(header.readBigUInt64BE(8));
    } else if (length === 0) {
      length = size - offset; // the last box, up to the end
    }
    if (length < 8 || offset + length > size) {
      return 'cut';
    }
    hasMovie ||= type === 'moov';
    hasMedia ||= type === 'mdat';
    isMediaDue = type === 'moof' || (isMediaDue && type !== 'mdat');
    offset += length;
  }
  return verdict();
}
