import type { Tokens } from './tokens';

/**
 * Phrases as data. Words of a phrase stand apart by blanks; `a|b` is either, `stem*` begins so, `?` before a word means
 * that it may be missing, `#` is a number, and a sign stands for itself.
 */

interface Step {
  words: ReadonlySet<string>;
  stems: readonly string[];
  isNumber: boolean;
  isOptional: boolean;
}

interface Phrase<T> {
  steps: readonly Step[];
  value: T;
}

const STEM_CHARS = 3;

export class Phrases<T> {
  readonly #byWord = new Map<string, Phrase<T>[]>();
  readonly #byStem = new Map<string, Phrase<T>[]>();

  constructor(entries: Iterable<readonly [pattern: string, value: T]>) {
    for (const [pattern, value] of entries) {
      const phrase = { steps: pattern.split(' ').map(parseStep), value };
      const first = phrase.steps[0]!;
      for (const word of first.words) {
        push(this.#byWord, word, phrase);
      }
      for (const stem of first.stems) {
        push(this.#byStem, stem.slice(0, STEM_CHARS), phrase);
      }
    }
  }

  /** The longest phrase that begins at a token, and the token that it ends with. */
  match(tokens: Tokens, index: number): { value: T; last: number } | undefined {
    const { word } = tokens.at(index);
    let best: { value: T; last: number } | undefined;
    for (const phrases of [this.#byWord.get(word), this.#byStem.get(word.slice(0, STEM_CHARS))]) {
      for (const { steps, value } of phrases ?? []) {
        const last = matchSteps(tokens, index, steps);
        if (last !== undefined && (best === undefined || last > best.last)) {
          best = { value, last };
        }
      }
    }
    return best;
  }
}

function matchSteps(tokens: Tokens, index: number, steps: readonly Step[]): number | undefined {
  let at = index;
  for (const { words, stems, isNumber, isOptional } of steps) {
    const { word, kind } = tokens.at(at);
    if (words.has(word) || (isNumber && kind === 'number') || stems.some((stem) => word.startsWith(stem))) {
      at++;
    } else if (!isOptional) {
      return undefined;
    }
  }
  return at - 1;
}

function parseStep(text: string): Step {
  const isOptional = text.length > 1 && text.startsWith('?');
  const parts = (isOptional ? text.slice(1) : text).replace(/ё/g, 'е').split('|');
  const isStem = (part: string) => part.length > STEM_CHARS && part.endsWith('*');
  return {
    words: new Set(parts.filter((part) => part !== '#' && !isStem(part))),
    stems: parts.filter(isStem).map((part) => part.slice(0, -1)),
    isNumber: parts.includes('#'),
    isOptional,
  };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) {
    list.push(value);
  } else {
    map.set(key, [value]);
  }
}

/** For phrases that all mean the same. */
export function phrases(text: string): Phrases<true> {
  return new Phrases(lines(text).map((line) => [line, true] as const));
}

/** Phrases apart by line breaks or commas. */
export function lines(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.replace(/ё/g, 'е').trim().split(/\s+/));
}
