import { clampTime, getStepTarget, type FrameRhythm } from '../preview/time';

/** Arithmetic of films that play in step, in seconds. Does not access the page. */

/** What most models make. Taken for a film whose tables do not tell. */
const USUAL_FRAMES_PER_SECOND = 24;

/** A film among others. */
export interface Film {
  duration: number;
  /** When each frame appears, if the file tells. */
  times?: readonly number[] | undefined;
}

/** Of the whole: that of the longest. */
export function getLength(films: readonly Film[]): number {
  return Math.max(0, ...films.map(({ duration }) => duration));
}

/** Frames a second, on average. */
export function getFramesPerSecond({ times }: Film): number {
  const span = (times?.at(-1) ?? 0) - (times?.[0] ?? 0);
  return times && span > 0 ? (times.length - 1) / span : USUAL_FRAMES_PER_SECOND;
}

/**
 * The film whose time the others follow: the longest, so that there is a time to the end. Of equally long ones the
 * preferred, whose sound is heard: it is never corrected.
 *
 * @returns its index; `undefined` without films
 */
export function getLeader(films: readonly Film[], preferred?: number): number | undefined {
  const length = getLength(films);
  const longest = films.flatMap((film, index) =>
    length - film.duration < 1 / getFramesPerSecond(film) ? [index] : [],
  );
  return longest.find((index) => index === preferred) ?? longest[0];
}

/** Where a film has to stand for the others to be at this position: within its own frame, and at its last one to the end. */
export function getPlace(position: number, film: Film): number {
  const end = clampTime(film.duration, film.duration);
  if (position >= film.duration) {
    return end;
  }
  const rhythm = getRhythm(film);
  // On to the next frame and back: into the one that is shown, and not to its edge.
  const next = getStepTarget(Math.max(0, position), rhythm, 1);
  const place = next === undefined ? end : (getStepTarget(next, rhythm, -1) ?? 0);
  return clampTime(place, film.duration);
}

/**
 * The position one frame on or back: a frame of the film that has the most of them, among those that are not over.
 *
 * @returns `undefined` where there is no such frame
 */
export function getStep(position: number, films: readonly Film[], direction: 1 | -1): number | undefined {
  const steps = films.flatMap((film) => {
    const target = getStepTarget(position, getRhythm(film), direction);
    const isOver = direction > 0 ? target === undefined || target >= film.duration : position >= film.duration;
    return isOver || target === undefined ? [] : [{ target, rate: getFramesPerSecond(film) }];
  });
  const rate = Math.max(...steps.map((step) => step.rate));
  const found = steps.find((step) => step.rate === rate)?.target;
  return found === undefined ? undefined : Math.max(0, found);
}

function getRhythm(film: Film): FrameRhythm {
  return { times: film.times, framesPerSecond: getFramesPerSecond(film) };
}

/** A greater drift is not made good by another speed, which would take too long. */
const MAX_NUDGED_S = 0.3;
/** Of the speed: hardly seen, and hardly heard. */
const MAX_NUDGE = 0.15;
/** The part of a drift that is made good in a second. */
const NUDGE_PER_S = 2;
/** In frames: from how much drift on a film is corrected, and until when. */
const DRIFTED = 1;
const IN_STEP = 0.25;

/** A film that follows, while all play. */
export interface Follower extends Film {
  /** Where it stands. */
  at: number;
  /** It is being corrected by another speed. */
  isNudged: boolean;
}

/** What brings a film back into step: another speed for a while, or a seek. */
export type Correction = { rate: number; isNudged: boolean } | { seek: number };

/**
 * Looks whether a film is in step with its leader.
 *
 * @param rate of the whole
 * @returns `undefined` for a film that is over: it holds its last frame
 */
export function correct(leaderAt: number, rate: number, follower: Follower): Correction | undefined {
  if (leaderAt >= follower.duration) {
    return undefined;
  }
  const drift = follower.at - leaderAt;
  if (Math.abs(drift) > MAX_NUDGED_S * Math.max(1, rate)) {
    return { seek: leaderAt };
  }
  const tolerated = (follower.isNudged ? IN_STEP : DRIFTED) / getFramesPerSecond(follower);
  if (Math.abs(drift) <= tolerated) {
    return { rate, isNudged: false };
  }
  const nudge = Math.min(MAX_NUDGE, Math.max(-MAX_NUDGE, drift * NUDGE_PER_S));
  return { rate: rate * (1 - nudge), isNudged: true };
}
