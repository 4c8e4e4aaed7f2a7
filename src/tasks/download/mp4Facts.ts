import { findBox, listBoxes } from './mp4Boxes';
import { findFrameTimes, readTables } from './mp4LastFrame';

/** What the tables of a video file state about its picture and sound. What they do not state is left out. */
export interface VideoFacts {
  /** Pixels. */
  width?: number;
  height?: number;
  /** On average. */
  framesPerSecond?: number;
  /** As it is called: `H.264`. */
  codec?: string;
  /** `undefined` for a file without sound. */
  sound: { codec: string; channels: number } | undefined;
}

/** Four characters of a sample entry (`stsd`), by the registry of MP4. */
const CODECS: Readonly<Record<string, string>> = {
  avc1: 'H.264',
  avc3: 'H.264',
  hvc1: 'H.265',
  hev1: 'H.265',
  vp09: 'VP9',
  av01: 'AV1',
  mp4v: 'MPEG-4',
  mp4a: 'AAC',
  Opus: 'Opus',
  fLaC: 'FLAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
};

/**
 * @returns `undefined` for a file without tables
 * @throws errors of the file system
 */
export async function readVideoFacts(path: string): Promise<VideoFacts | undefined> {
  const movie = await readTables(path);
  return movie && findVideoFacts(movie);
}

/**
 * Like {@link readVideoFacts}, for tables that were read already. Never throws.
 *
 * @param movie the content of the `moov` box
 */
export function findVideoFacts(movie: Buffer): VideoFacts {
  const picture = findEntry(movie, 'vide');
  const sound = findEntry(movie, 'soun');
  const times = findFrameTimes(movie) ?? [];
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  // Both follow the same fields of 24 bytes, 16 of a sound (ISO/IEC 14496-12, 12.1.3 and 12.2.3).
  const width = picture && picture.content.length >= 28 ? picture.content.readUInt16BE(24) : 0;
  const height = picture && picture.content.length >= 28 ? picture.content.readUInt16BE(26) : 0;
  return {
    ...(width > 0 && height > 0 ? { width, height } : {}),
    ...(last > first ? { framesPerSecond: (times.length - 1) / (last - first) } : {}),
    ...(picture ? { codec: getCodec(picture.type) } : {}),
    sound: sound && {
      codec: getCodec(sound.type),
      channels: sound.content.length >= 18 ? sound.content.readUInt16BE(16) : 0,
    },
  };
}

function findEntry(movie: Buffer, handler: string): { type: string; content: Buffer } | undefined {
  for (const { type, content } of listBoxes(movie)) {
    const media = type === 'trak' ? findBox(content, 'mdia') : undefined;
    if (media && findBox(media, 'hdlr')?.toString('latin1', 8, 12) === handler) {
      const entries = findBox(findBox(findBox(media, 'minf'), 'stbl'), 'stsd');
      return entries && listBoxes(entries.subarray(8))[0];
    }
  }
  return undefined;
}

/** An unknown one by its four characters, as far as they are letters and digits: the file may hold anything there. */
function getCodec(type: string): string {
  return Object.hasOwn(CODECS, type) ? CODECS[type]! : type.replace(/[^A-Za-z0-9-]/g, '');
}
