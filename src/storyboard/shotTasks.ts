import { stripControlChars } from '../common/text';
import {
  isNeverSent,
  isUnfinished,
  SHOT_TEXT_MAX_CHARS,
  type TaskRecord,
  type TaskShot,
} from '../tasks/model/taskRecord';
import type { ShotProgress } from './plan';
import type { ResolvedStoryboard, ShotIdentity } from './resolve';
import { matchTakes } from './takes';

/** The tasks of a storyboard, by its shots as they are now. */
export interface ShotTasks {
  /** By the index of a shot, the oldest first, whatever became of them. */
  of: (shot: number) => readonly TaskRecord[];
  /** Those of shots that are no longer in the file. To be shown, never hidden. */
  readonly withoutShot: readonly TaskRecord[];
  progressOf: (shot: number) => ShotProgress;
  /** The newest that has a video; what counts where the file chooses none. */
  newestDone: (shot: number) => TaskRecord | undefined;
}

/**
 * @param records of all tasks
 * @param document URI of the storyboard
 */
export function getShotTasks(
  resolved: Pick<ResolvedStoryboard, 'shots'>,
  records: readonly TaskRecord[],
  document: string,
): ShotTasks {
  const own = records.filter(({ shot }) => shot?.document === document);
  // Ids sort by time of creation.
  own.sort((a, b) => (a.id < b.id ? -1 : 1));
  const { ofShot, withoutShot } = matchTakes(resolved, own, getIdentity);
  const of = (shot: number) => ofShot.get(shot) ?? [];
  return {
    of,
    withoutShot,
    progressOf: (shot) => getShotProgress(of(shot), resolved.shots[shot]?.identity.text),
    newestDone: (shot) => of(shot).findLast(({ state }) => state === 'done'),
  };
}

/** What is kept with the task that is generated for a shot. */
export function toTaskShot(document: string, { label, title }: ShotIdentity): TaskShot {
  return { document, label: toKept(label), title: toKept(title) };
}

function toKept(text: string): string {
  return stripControlChars(text).slice(0, SHOT_TEXT_MAX_CHARS);
}

/** Records are never changed, only replaced. */
const IDENTITIES = new WeakMap<TaskRecord, ShotIdentity>();

function getIdentity(record: TaskRecord): ShotIdentity {
  const known = IDENTITIES.get(record);
  if (known) {
    return known;
  }
  const { shot, request } = record;
  const identity = { label: shot?.label ?? '', title: shot?.title ?? '', text: request.prompt };
  IDENTITIES.set(record, identity);
  return identity;
}

/**
 * How far a shot is, by its tasks, the oldest first.
 *
 * @param text that would be sent now, where it is known: what was refused is refused for its text
 */
export function getShotProgress(tasks: readonly TaskRecord[], text?: string): ShotProgress {
  if (tasks.some(({ state }) => state === 'done')) {
    return 'done';
  }
  if (tasks.some(isUnfinished)) {
    return 'underway';
  }
  if (tasks.some(({ state }) => state === 'unknown')) {
    return 'unknown';
  }
  // A video that has expired is there no more, and what was never sent has not been tried.
  const last = tasks.at(-1);
  if (last?.state !== 'failed' || isNeverSent(last.error)) {
    return 'missing';
  }
  // What is said of sensitive content may be about the first frame, which is another by now.
  const isAboutText = last.error?.kind === 'sensitive-content' && last.request.firstFrame === undefined;
  const isRefused = last.error?.kind === 'unsafe-prompt' || isAboutText;
  return isRefused && last.request.prompt === text ? 'refused' : 'failed';
}
