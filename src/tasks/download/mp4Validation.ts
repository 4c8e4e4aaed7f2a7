import type { FileHandle } from 'node:fs/promises';
import { BOX_HEADER_BYTES, MAX_BOXES, readBoxContent, readBoxHeader } from './mp4Boxes';
import { readFragmentEnds, readFragmentOffsets, readMovieFacts, readSegmentIndex, type MovieFacts } from './mp4Tables';

/** What a downloaded file is. */
export type Mp4CheckResult =
  | 'video'
  /** Begins like an MP4 and ends too early. */
  | 'cut'
  /** An error page, an empty file, another format. */
  | 'other';

export interface Mp4Check {
  readonly result: Mp4CheckResult;
  /**
   * Whether tables of the file state how much belongs to it, and all of it is there. A file in fragments need not state
   * how many of them there are: then only its sender knows.
   */
  readonly isProven: boolean;
}

/** Writers round the duration of a film to the end of its longest track, and the sound ends somewhere else. */
const DURATION_TOLERANCE_S = 0.5;

/**
 * Checks whether a file is a whole MP4 (ISO/IEC 14496-12): `ftyp` first, `moov` and `mdat` present, every box inside the
 * file, and all media there that its own tables speak of. Reads the headers of boxes and the tables, not the media.
 *
 * @throws errors of the file system
 */
export async function checkMp4(file: FileHandle): Promise<Mp4Check> {
  const { size } = await file.stat();
  const outline = new Outline(size);
  let offset = 0;
  for (let boxes = 0; offset < size && boxes < MAX_BOXES; boxes++) {
    const header = await readBoxHeader(file, offset, size);
    if (boxes === 0 && header?.type !== 'ftyp') {
      return { result: 'other', isProven: false };
    }
    if (!header || !/^[\x20-\x7e\xa9]{4}$/.test(header.type)) {
      // Some writers leave a few bytes behind the last box. They do no harm when the whole video precedes them.
      break;
    }
    const { type, length } = header;
    if (length < BOX_HEADER_BYTES || offset + length > size) {
      return { result: 'cut', isProven: false };
    }
    const content = TABLES.has(type) ? await readBoxContent(file, offset, header) : undefined;
    outline.add(type, offset, length, content);
    offset += length;
  }
  return size === 0 ? { result: 'other', isProven: false } : outline.check();
}

/** The outermost boxes with tables. */
const TABLES = new Set(['moov', 'moof', 'sidx', 'mfra']);

/** What the outermost boxes of a file say together. */
class Outline {
  readonly #size: number;
  #movie: MovieFacts | undefined;
  #hasMovie = false;
  #hasMedia = false;
  /** Each `moof` describes the `mdat` that follows it. */
  #isMediaDue = false;
  /** Offsets of the fragments. */
  readonly #fragments = new Set<number>();
  /** Seconds. */
  #fragmentsEnd = 0;
  /** Offsets of fragments by an index at the end of the file, which is written last. */
  #indexed: readonly number[] | undefined;
  /** By the indexes that stand before what they index: where it ends, bytes. */
  #segmentsEnd = 0;
  #segments = 0;
  #segmentIndexes = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(type: string, offset: number, length: number, content: Buffer | undefined): void {
    this.#isMediaDue = type === 'moof' || (this.#isMediaDue && type !== 'mdat');
    switch (type) {
      case 'moov':
        this.#hasMovie = true;
        this.#movie ??= content && readMovieFacts(content);
        break;
      case 'mdat':
        this.#hasMedia = true;
        break;
      case 'moof':
        this.#fragments.add(offset);
        if (content && this.#movie) {
          this.#fragmentsEnd = Math.max(this.#fragmentsEnd, ...readFragmentEnds(content, this.#movie));
        }
        break;
      case 'sidx':
        if (content) {
          const { bytes, segments } = readSegmentIndex(content);
          this.#segmentsEnd = Math.max(this.#segmentsEnd, offset + length + bytes);
          this.#segments = Math.max(this.#segments, segments);
          this.#segmentIndexes++;
        }
        break;
      case 'mfra':
        this.#indexed = content && readFragmentOffsets(content);
        break;
    }
  }

  check(): Mp4Check {
    const isWhole = this.#hasMovie && this.#hasMedia && !this.#isMediaDue && this.#hasAllThatIsStated();
    return { result: isWhole ? 'video' : 'cut', isProven: isWhole && this.#isProven() };
  }

  #hasAllThatIsStated(): boolean {
    const { mediaEnd = 0, fragmentsDuration = 0, timescale = 0 } = this.#movie ?? {};
    const seconds = timescale > 0 ? fragmentsDuration / timescale : 0;
    return (
      mediaEnd <= this.#size &&
      this.#segmentsEnd <= this.#size &&
      (this.#indexed ?? []).every((offset) => this.#fragments.has(offset)) &&
      // Where no fragment states its time, the duration proves nothing.
      (this.#fragments.size > 0 && this.#fragmentsEnd === 0
        ? true
        : this.#fragmentsEnd >= seconds - DURATION_TOLERANCE_S)
    );
  }

  #isProven(): boolean {
    const { mediaEnd, fragmentsDuration = 0 } = this.#movie ?? {};
    if (this.#fragments.size === 0) {
      // A film that announces fragments and has none may lack them all.
      return mediaEnd !== undefined && fragmentsDuration === 0;
    }
    return (
      this.#indexed !== undefined ||
      (fragmentsDuration > 0 && this.#fragmentsEnd > 0) ||
      // An index before each fragment speaks of that one only.
      (this.#segmentIndexes === 1 && this.#segments > 1)
    );
  }
}
