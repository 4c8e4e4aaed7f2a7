import type { AspectRatio, Task } from '../tasks';

/** What a video shows and how large it is. Two tasks with equal scenes have the same video. */
export interface Scene {
  readonly prompt: string;
  readonly model: string;
  readonly ar: AspectRatio;
  /** About the first frame, such as `640x360 PNG`. */
  readonly firstFrame: string | undefined;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** How many frames there are; the last is `frames - 1`. */
  readonly frames: number;
}

const DEFAULT_SECONDS = 5;

/** Seconds of video, as the model id says: the 5 of `seedance-1-pro-1080P-5s`. */
export function secondsOf(model: string): number {
  return Number(/-(\d+)s$/.exec(model)?.[1] ?? DEFAULT_SECONDS);
}

/**
 * Width and height in pixels for an aspect ratio.
 * @param shortSidePx taken to the nearest multiple that keeps the ratio exact and both sides even
 */
export function sizeOf(ar: AspectRatio, shortSidePx: number): { width: number; height: number } {
  const [across = 1, down = 1] = ar.split(':').map(Number);
  const unit = 2 * Math.max(1, Math.round(shortSidePx / Math.min(across, down) / 2));
  return { width: across * unit, height: down * unit };
}

/** The scene of a task's video. */
export function sceneOf(
  task: Pick<Task, 'prompt' | 'model' | 'ar' | 'firstFrame'>,
  { shortSidePx, fps }: { shortSidePx: number; fps: number },
): Scene {
  const ar = task.ar ?? '16:9';
  return {
    prompt: task.prompt,
    model: task.model,
    ar,
    firstFrame: task.firstFrame?.note,
    ...sizeOf(ar, shortSidePx),
    fps,
    frames: Math.round(secondsOf(task.model) * fps),
  };
}
