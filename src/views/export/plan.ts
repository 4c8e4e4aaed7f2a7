/**
 * Which frames of a video are exported, and how a sheet of them is laid out. Pure, and without VS Code and Node: the page
 * plans, and the host checks what comes of it.
 */

/** What the page knows of the frames of a video. Times are in seconds. */
export interface FrameTimes {
  /** When each frame appears, in the order of display. */
  times: readonly number[];
  /** When the last one ends. */
  end: number;
}

/** A part of a video, both ends belong to it: indexes of `FrameTimes.times`. */
export interface FrameRange {
  first: number;
  last: number;
}

/** A frame to be exported. */
export interface PlannedFrame {
  /** When it appears in the video, and until when it is shown there, seconds. */
  from: number;
  until: number;
  /** For how long it is shown in what is exported, milliseconds. */
  durationMs: number;
}

/** Frames a second that are assumed where the file does not tell when its frames appear. */
const USUAL_FRAMES_PER_SECOND = 24;

/** Frames of equal duration, for a file that does not tell their times. */
export function assumeFrameTimes(seconds: number, maxFrames: number): FrameTimes {
  const wanted = Math.max(1, Math.round(seconds * USUAL_FRAMES_PER_SECOND));
  const count = Math.min(maxFrames, wanted);
  return { times: Array.from({ length: count }, (_, index) => (index * seconds) / count), end: seconds };
}

/** Plans a picture that moves: at most `framesPerSecond`, never more than the video has. */
export function planSteady(video: FrameTimes, range: FrameRange, framesPerSecond: number): PlannedFrame[] {
  const { first, last } = range;
  const from = getStart(video, first);
  const until = getEnd(video, last);
  const own = last - first + 1;
  const count = Math.max(1, Math.min(own, Math.round((until - from) * framesPerSecond)));
  const seconds = (until - from) / count;
  const planned: PlannedFrame[] = [];
  let index = first;
  for (let step = 0; step < count; step++) {
    // A little behind the beginning of the step, where frames often begin too: a rounding error changes nothing then.
    const at = from + (step + 0.1) * seconds;
    while (index < last && getStart(video, index + 1) <= at) {
      index += 1;
    }
    planned.push({ from: getStart(video, index), until: getEnd(video, index), durationMs: seconds * 1000 });
  }
  return planned;
}

/** Plans every n-th frame, each shown until the next one is. */
export function planEvery(video: FrameTimes, { first, last }: FrameRange, every: number): PlannedFrame[] {
  const planned: PlannedFrame[] = [];
  for (let index = first; index <= last; index += every) {
    const from = getStart(video, index);
    const next = index + every <= last ? getStart(video, index + every) : getEnd(video, last);
    planned.push({ from, until: getEnd(video, index), durationMs: (next - from) * 1000 });
  }
  return planned;
}

function getStart({ times }: FrameTimes, index: number): number {
  return times[index] ?? 0;
}

function getEnd({ times, end }: FrameTimes, index: number): number {
  const from = times[index] ?? 0;
  const until = times[index + 1] ?? end;
  // A file may state that it ends before its last frame does.
  return until > from ? until : from + 1 / USUAL_FRAMES_PER_SECOND;
}

/** Runs of frames that stand for all: their sizes tell about how large the whole will be. */
export const SAMPLE_RUNS = 3;
/**
 * How many follow one another in a run where that matters: a GIF needs some until each frame changes as much as the one before
 * it, and in a sheet frames that are alike lie side by side.
 */
export const SAMPLE_RUN_FRAMES = 8;

/** The frames to try out, as runs of frames that follow one another; all of them where there are few. */
export function planSamples(planned: readonly PlannedFrame[], runFrames: number): PlannedFrame[][] {
  if (planned.length <= SAMPLE_RUNS * runFrames) {
    return [[...planned]];
  }
  const room = planned.length - runFrames;
  return Array.from({ length: SAMPLE_RUNS }, (_, run) => {
    const start = Math.round((run * room) / (SAMPLE_RUNS - 1));
    return planned.slice(start, start + runFrames);
  });
}

export interface Pixels {
  width: number;
  height: number;
}

/** Scales a video down to a width, never up. Whole pixels. */
export function fitWidth(video: Pixels, width: number): Pixels {
  const fitted = Math.max(1, Math.min(video.width, Math.round(width)));
  return { width: fitted, height: Math.max(1, Math.round((video.height * fitted) / video.width)) };
}

/** The longest side of a sheet, pixels: what the graphics cards of today take as one texture. */
export const SHEET_MAX_SIDE_PX = 8192;
/** A sheet is drawn at once, with four bytes a pixel. */
const SHEET_MAX_PIXELS = 40_000_000;

/** How frames lie in a sheet: in rows, from the left and the top. */
export interface SheetLayout extends Pixels {
  columns: number;
  rows: number;
}

/** Lays frames out in a sheet that is as square as can be; `undefined` if it would be too large. */
export function planSheet(count: number, frame: Pixels): SheetLayout | undefined {
  const side = Math.sqrt(count * frame.width * frame.height);
  const fitting = Math.floor(SHEET_MAX_SIDE_PX / frame.width);
  const columns = Math.max(1, Math.min(count, fitting, Math.ceil(side / frame.width)));
  const rows = Math.ceil(count / columns);
  const sheet = { columns, rows, width: columns * frame.width, height: rows * frame.height };
  const isFitting =
    Math.max(sheet.width, sheet.height) <= SHEET_MAX_SIDE_PX && sheet.width * sheet.height <= SHEET_MAX_PIXELS;
  return isFitting ? sheet : undefined;
}
