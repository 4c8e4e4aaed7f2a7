/** Times of a video and of its frames. Pure: knows no page. */

/** A second for a short clip, five for a long one. */
const SHORT_CLIP_S = 20;
const SHORT_JUMP_S = 1;
const LONG_JUMP_S = 5;

/** `m:ss`, from an hour on `h:mm:ss`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** With tenths: clips last some seconds. */
export function formatPosition(seconds: number): string {
  return `${formatClock(seconds)}.${Math.floor((Math.max(0, seconds) % 1) * 10)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** The time of the next or the previous frame: its middle, for at its edge rounding would show either of two. */
export function getStepTarget(currentTime: number, framesPerSecond: number, direction: 1 | -1): number {
  // Times are rounded to microseconds: what lies just before a frame is that frame.
  const frame = Math.floor(currentTime * framesPerSecond + 0.001);
  return (frame + direction + 0.5) / framesPerSecond;
}

export function getJumpTarget(currentTime: number, duration: number, direction: 1 | -1): number {
  return currentTime + direction * (duration <= SHORT_CLIP_S ? SHORT_JUMP_S : LONG_JUMP_S);
}

/** Inside the video; at its very end a player shows nothing. */
export function clampTime(seconds: number, duration: number): number {
  return Math.min(Math.max(0, seconds), Math.max(0, duration - 0.001));
}

/** What is told of a frame that was shown: a part of `VideoFrameCallbackMetadata`. */
export interface ShownFrame {
  mediaTime: number;
  presentedFrames: number;
}

/**
 * The frame rate by the distance of two frames, between 11 and 121 a second.
 *
 * @returns undefined when a frame between them was dropped, or the player was sent elsewhere
 */
export function measureFrameRate(before: ShownFrame, after: ShownFrame): number | undefined {
  const seconds = after.mediaTime - before.mediaTime;
  const isNext = after.presentedFrames - before.presentedFrames === 1;
  return isNext && seconds > 1 / 121 && seconds < 1 / 11 ? Math.round(100 / seconds) / 100 : undefined;
}
