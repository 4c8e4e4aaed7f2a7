/** Arithmetic of times and frames of a video, in seconds. Does not access the page. */

/** Arrow keys jump one second in videos up to this length, and five seconds in longer ones. */
const SHORT_CLIP_S = 20;
const SHORT_JUMP_S = 1;
const LONG_JUMP_S = 5;

/** Formats a time as `m:ss`, from one hour on as `h:mm:ss`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Formats a position with tenths of a second, because most videos are only some seconds long. */
export function formatPosition(seconds: number): string {
  return `${formatClock(seconds)}.${Math.floor((Math.max(0, seconds) % 1) * 10)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Players round times to microseconds, so a time just before a frame belongs to that frame. */
const ROUNDING_S = 0.0005;

/**
 * Where in a frame a step ends: not at its start, because rounding might show the frame before, and before its middle.
 * Chromium rounds to the ticks of the file, and from the middle of a frame of one tick it goes on to a key frame (seen).
 */
const INTO_FRAME = 0.25;

/** What is known about the frames of a video. */
export interface FrameRhythm {
  /** When each frame appears, in seconds, if the file tells. */
  times?: readonly number[] | undefined;
  /** The shortest distance of two frames that was seen. */
  framesPerSecond: number;
}

/**
 * Returns a time at which the next or the previous frame is shown.
 *
 * @param at when the visible frame appears, or any time during it
 * @returns `undefined` if the file names no such frame
 */
export function getStepTarget(
  at: number,
  { times, framesPerSecond }: FrameRhythm,
  direction: 1 | -1,
): number | undefined {
  if (!times) {
    const frame = Math.floor(at * framesPerSecond + 0.001);
    return (frame + direction + INTO_FRAME) / framesPerSecond;
  }
  const next = times.findIndex((time) => time > at + ROUNDING_S);
  const index = (next < 0 ? times.length : next) - 1 + direction;
  const start = times[index];
  if (start === undefined) {
    return undefined;
  }
  // The last frame has no next one, and may be shown for less time than the one before it.
  const lasts = (times[index + 1] ?? start + (start - (times[index - 1] ?? start)) / 2) - start;
  return start + lasts * INTO_FRAME;
}

/** Returns when the frame appeared that is visible at a time; that time itself if the file does not tell. */
export function getFrameStart(at: number, times: readonly number[] | undefined): number {
  return times?.findLast((time) => time <= at + ROUNDING_S) ?? at;
}

export function getJumpTarget(currentTime: number, duration: number, direction: 1 | -1): number {
  return currentTime + direction * (duration <= SHORT_CLIP_S ? SHORT_JUMP_S : LONG_JUMP_S);
}

/** Limits a time to the video. Ends shortly before its end, where players show nothing. */
export function clampTime(seconds: number, duration: number): number {
  return Math.min(Math.max(0, seconds), Math.max(0, duration - 0.001));
}

/** The part of `VideoFrameCallbackMetadata` that is used here. */
export interface ShownFrame {
  mediaTime: number;
  presentedFrames: number;
}

/**
 * Measures the frame rate by the distance of two frames. Accepts 11 to 121 frames per second.
 *
 * @returns `undefined` if a frame between them was dropped, or after a seek
 */
export function measureFrameRate(before: ShownFrame, after: ShownFrame): number | undefined {
  const seconds = after.mediaTime - before.mediaTime;
  const isNext = after.presentedFrames - before.presentedFrames === 1;
  return isNext && seconds > 1 / 121 && seconds < 1 / 11 ? Math.round(100 / seconds) / 100 : undefined;
}
