import type { FileHandle } from 'node:fs/promises';
import { BOX_HEADER_BYTES, MAX_BOXES, readBoxHeader } from './mp4Boxes';

/** What a downloaded file is. */
export type Mp4CheckResult =
  | 'video'
  /** Begins like an MP4 and ends too early. */
  | 'cut'
  /** An error page, an empty file, another format. */
  | 'other';

/** How much of a file {@link mayBecomeMp4} looks at. Enough to tell an MP4 from most other things. */
export const BEGINNING_BYTES = BOX_HEADER_BYTES;

/**
 * Whether a file that begins with these bytes can be an MP4.
 *
 * @param beginning as much as has arrived so far, possibly nothing
 */
export function mayBecomeMp4(beginning: Buffer): boolean {
  return 'ftyp'.startsWith(beginning.toString('latin1', 4, BEGINNING_BYTES));
}

/**
 * Checks whether a file is a whole MP4, by its outermost boxes (ISO/IEC 14496-12): `ftyp` first, `moov` and `mdat`
 * present, and every box inside the file. Reads only the headers of the boxes, not the video.
 *
 * @throws errors of the file system
 */
export async function validateMp4(file: FileHandle): Promise<Mp4CheckResult> {
  const { size } = await file.stat();
  if (size === 0) {
    return 'other';
  }
  let hasMovie = false;
  let hasMedia = false;
  // In a fragmented file each `moof` describes the `mdat` that follows it.
  let isMediaDue = false;
  const verdict = (): Mp4CheckResult => (hasMovie && hasMedia && !isMediaDue ? 'video' : 'cut');
  let offset = 0;
  for (let boxes = 0; offset < size && boxes < MAX_BOXES; boxes++) {
    const header = await readBoxHeader(file, offset, size);
    if (boxes === 0 && header?.type !== 'ftyp') {
      return 'other';
    }
    if (!header || !/^[\x20-\x7e\xa9]{4}$/.test(header.type)) {
      // Some writers leave a few bytes behind the last box. They do no harm when the whole video precedes them.
      return verdict();
    }
    const { type, length } = header;
    if (length < BOX_HEADER_BYTES || offset + length > size) {
      return 'cut';
    }
    hasMovie ||= type === 'moov';
    hasMedia ||= type === 'mdat';
    isMediaDue = type === 'moof' || (isMediaDue && type !== 'mdat');
    offset += length;
  }
  return verdict();
}
