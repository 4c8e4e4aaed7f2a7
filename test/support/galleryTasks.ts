/** Tasks of several weeks as the gallery meets them: finished with and without copies, failed, in chains, of many models. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { encode } from '../emulator/video/encoder';
import { sizeOf } from '../emulator/video/scene';

const HOUR_MS = 3_600_000;
const SUBJECTS = ['A red fox in the snow', 'A lighthouse in fog', 'A paper boat in the rain', 'A whale in a teacup'];
const MODELS = ['seedance-1-pro-fast-720P-5s', 'seedance-1-5-pro-audio-1080P-5s', 'seedance-2-480P-5s'];
const PRICES = [22, 118, 140];
const RATIOS = ['16:9', '9:16', '1:1'] as const;

/** A video of two seconds that plays everywhere, by its number. */
export function encodeClip(n: number): Promise<Uint8Array> {
  const ar = RATIOS[n % RATIOS.length]!;
  const scene = { prompt: `${SUBJECTS[n % SUBJECTS.length]}`, model: 'gallery', ar, firstFrame: undefined };
  return encode({ ...scene, ...sizeOf(ar, 180), fps: 12, frames: 24 });
}

/** The number of a task is its age: 0 is the newest. Each is three hours older. Every eighth has failed. */
export function galleryRecord(n: number, now: number, account?: string): TaskRecord {
  const at = now - n * 3 * HOUR_MS - 60_000;
  const id = getGalleryId(n);
  const isFailed = n % 8 === 5;
  return {
    format: 1,
    id,
    state: isFailed ? 'failed' : 'done',
    origin: 'generated',
    ...(account === undefined ? {} : { account }),
    request: {
      model: MODELS[n % MODELS.length]!,
      prompt: `${SUBJECTS[n % SUBJECTS.length]}, take ${n}, cinematic, slow camera`,
      aspectRatio: RATIOS[n % RATIOS.length]!,
    },
    quotedPrice: PRICES[n % PRICES.length]!,
    createdAt: at,
    submittedAt: at + 1_000,
    finishedAt: at + 60_000,
    ...(isFailed
      ? { error: { kind: 'never-sent' as const, at } }
      : { localCopy: { file: `${id}.mp4`, bytes: 1, at: at + 61_000 } }),
    saved: [],
  };
}

/** Ids sort by time of creation. */
export function getGalleryId(n: number): string {
  return `g${String(100_000 - n).padStart(6, '0')}`;
}

/** Writes records and the videos of those that have a copy. */
export async function writeGallery(
  storage: string,
  records: readonly TaskRecord[],
  clips: readonly Uint8Array[],
): Promise<void> {
  const [tasks, videos] = [path.join(storage, 'tasks'), path.join(storage, 'videos')];
  await mkdir(tasks, { recursive: true });
  await mkdir(videos, { recursive: true });
  for (const [index, record] of records.entries()) {
    const clip = clips[index % clips.length]!;
    const { localCopy } = record;
    if (localCopy) {
      await writeFile(path.join(videos, localCopy.file), clip);
    }
    const whole = localCopy ? { ...record, localCopy: { ...localCopy, bytes: clip.length } } : record;
    await writeFile(path.join(tasks, `${record.id}.1.json`), JSON.stringify(whole));
  }
}
