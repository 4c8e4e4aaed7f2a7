import type { FileHandle } from 'node:fs/promises';
import type { VideoType } from '../model/taskRecord';
import { checkMp4, type Mp4Check } from './mp4Validation';
import { checkStructure } from './otherStructures';
import { readBeginning, recognizeVideo } from './videoType';

/** What a file is, in what it is in. */
export interface VideoCheck extends Mp4Check {
  /** `undefined` for what is no video. */
  readonly type?: VideoType | undefined;
}

/**
 * Checks whether a file is a whole video of one of the types that we keep.
 *
 * @throws errors of the file system
 */
export async function checkVideo(file: FileHandle): Promise<VideoCheck> {
  const type = recognizeVideo(await readBeginning(file));
  switch (type) {
    case undefined:
      return { result: 'other', isProven: false };
    case 'mp4':
    case 'mov':
    case 'avif':
      return { ...(await checkMp4(file)), type };
    default:
      return { ...(await checkStructure(file, type)), type };
  }
}
