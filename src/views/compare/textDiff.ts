import { diffArrays } from 'diff';
import type { DiffPart } from './protocol';

/**
 * More changed words than this are no longer looked for one by one: nobody reads such a diff, and its cost grows with the
 * square of the changes.
 */
const MAX_CHANGES = 400;

/** Scripts without blanks between words: each character is one. */
const UNSPACED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}';

/**
 * A word of any script, or a mark, with the white space that follows. The library's own words are Latin, and those of
 * `Intl.Segmenter` take seconds in long texts (measured).
 */
const WORD = new RegExp(`(?:[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}_])+|[^])\\s*`, 'gu');

/**
 * What differs between two texts, word by word, whatever their script. White space makes no difference.
 *
 * @returns the pieces in the order of reading; those that are not removed are `after`, white space aside
 */
export function diffTexts(before: string, after: string): DiffPart[] {
  const changes = diffArrays(before.match(WORD) ?? [], after.match(WORD) ?? [], {
    comparator: (one, other) => one.trimEnd() === other.trimEnd(),
    maxEditLength: MAX_CHANGES,
  });
  return changes
    ? changes.flatMap(({ value, added, removed }) =>
        toParts(value.join(''), added ? 'inserted' : removed ? 'removed' : undefined),
      )
    : diffWhole(before, after);
}

/** The same where a change of any part is one of the whole: a price, a ratio. */
export function diffWhole(before: string, after: string): DiffPart[] {
  return before === after ? [{ text: after }] : [...toParts(`${before} `, 'removed'), ...toParts(after, 'inserted')];
}

/** What stands between a change and the next word is not marked. */
function toParts(text: string, change: DiffPart['change']): DiffPart[] {
  const marked = change ? text.trimEnd() : '';
  const rest = text.slice(marked.length);
  return [...(change && marked !== '' ? [{ text: marked, change }] : []), ...(rest === '' ? [] : [{ text: rest }])];
}
