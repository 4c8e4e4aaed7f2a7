import { normalizeLabel, normalizeName } from './keys';
import type { ResolvedShot, ResolvedStoryboard, ShotIdentity } from './resolve';

export interface MatchedTakes<T> {
  /** By the index of the shot, in the order in which they were given. */
  ofShot: ReadonlyMap<number, readonly T[]>;
  /** What matches no shot. To be shown, never hidden. */
  withoutShot: readonly T[];
}

/**
 * Finds the shot of each take, also when shots were moved, renumbered or renamed since: by label and title, then by title,
 * then by the text that was sent, then by label. What several shots share tells nothing.
 *
 * @param identify what the take's shot was when it was generated
 */
export function matchTakes<T>(
  { shots }: Pick<ResolvedStoryboard, 'shots'>,
  takes: readonly T[],
  identify: (take: T) => ShotIdentity,
): MatchedTakes<T> {
  const indexes: (ReadonlyMap<string, number | undefined> | undefined)[] = [];
  const findBy = (level: number, key: string): number | undefined =>
    (indexes[level] ??= createIndex(shots, level)).get(key);
  const ofShot = new Map<number, T[]>();
  const withoutShot: T[] = [];
  for (const take of takes) {
    const identity = identify(take);
    let found: number | undefined;
    // The text is looked at only where the names tell nothing: films have hundreds of takes.
    for (let level = 0; level < WAYS.length && found === undefined; level++) {
      const key = getKey(identity, level);
      found = key === undefined ? undefined : findBy(level, key);
    }
    if (found === undefined) {
      withoutShot.push(take);
    } else {
      const list = ofShot.get(found);
      if (list) {
        list.push(take);
      } else {
        ofShot.set(found, [take]);
      }
    }
  }
  return { ofShot, withoutShot };
}

/** What a shot and its takes have in common, the surest first. */
const WAYS: readonly ((identity: ShotIdentity) => string | undefined)[] = [
  // Without a title a number alone tells less than the text: another shot has it as soon as one is put in before.
  ({ label, title }) => (title.trim() === '' ? undefined : `${normalizeLabel(label)}\0${normalizeName(title)}`),
  ({ title }) => normalizeName(title) || undefined,
  ({ text }) => text.trim().replace(/\s+/g, ' ') || undefined,
  ({ label }) => normalizeLabel(label) || undefined,
];

/** Of identities that are given again: those of takes are the same with each key that is typed. */
const KEYS = new WeakMap<ShotIdentity, (string | undefined)[]>();

function getKey(identity: ShotIdentity, level: number): string | undefined {
  let keys = KEYS.get(identity);
  if (!keys) {
    KEYS.set(identity, (keys = []));
  }
  if (!(level in keys)) {
    keys[level] = WAYS[level]!(identity);
  }
  return keys[level];
}

/** The shots by one of the ways. What several share leads to none. */
function createIndex(
  shots: readonly Pick<ResolvedShot, 'identity' | 'shot'>[],
  level: number,
): ReadonlyMap<string, number | undefined> {
  const index = new Map<string, number | undefined>();
  for (const { identity, shot } of shots) {
    const key = WAYS[level]!(identity);
    if (key !== undefined) {
      index.set(key, index.has(key) ? undefined : shot.index);
    }
  }
  return index;
}
