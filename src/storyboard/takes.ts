import { normalizeLabel, normalizeName } from './keys';
import type { ResolvedStoryboard, ShotIdentity } from './resolve';

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
  const ways: ((identity: ShotIdentity) => string | undefined)[] = [
    ({ label, title }) => `${normalizeLabel(label)}\0${normalizeName(title)}`,
    ({ title }) => normalizeName(title) || undefined,
    ({ text }) => text.trim().replace(/\s+/g, ' ') || undefined,
    ({ label }) => normalizeLabel(label) || undefined,
  ];
  const indexes = ways.map((way) => {
    const index = new Map<string, number | undefined>();
    for (const { identity, shot } of shots) {
      const key = way(identity);
      if (key !== undefined) {
        index.set(key, index.has(key) ? undefined : shot.index);
      }
    }
    return index;
  });
  const ofShot = new Map<number, T[]>();
  const withoutShot: T[] = [];
  for (const take of takes) {
    const identity = identify(take);
    let found: number | undefined;
    // The text is looked at only where the names tell nothing: films have hundreds of takes.
    for (let level = 0; level < ways.length && found === undefined; level++) {
      const key = ways[level]!(identity);
      found = key === undefined ? undefined : indexes[level]!.get(key);
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
