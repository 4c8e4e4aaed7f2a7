/** What is conspicuous about the prompts of several selections, before each of them is paid for. */
export interface RelatedPrompts {
  /** Each text once, in their order. */
  distinct: readonly string[];
  /** How many say the same as another one, each group counted whole: 3 of "a, b, a, a". */
  equal: number;
  /** Why they look like pieces of a text and not like prompts; `undefined` when they do not. */
  fragments?: 'cut-words' | 'pieces' | 'few-words' | undefined;
  /** All as one text, as it stands in the document. */
  joined: string;
}

/** A selected text, and what stands on both sides of it in its lines. */
export interface SelectedText {
  text: string;
  before: string;
  after: string;
  /** Its lines in the document. */
  start: number;
  end: number;
}

const MAX_FEW_WORDS = 2;
/** Scripts without blanks between words: nothing is known of what is cut there. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const SENTENCE_END = /[.!?…。！？;:]["”»)]?$/u;

/**
 * Looks at the texts of several selections: equal ones would be paid twice, and a column that goes through the words of
 * a paragraph would be paid for every line. Whole lines and whole sentences are never called fragments, but for the
 * lines of one sentence that is broken over them.
 *
 * @param selected in the order of the document, none of them blank
 */
export function relatePrompts(selected: readonly SelectedText[]): RelatedPrompts {
  const keys = selected.map(({ text }) => toKey(text));
  const counts = new Map<string, number>();
  keys.forEach((key) => counts.set(key, (counts.get(key) ?? 0) + 1));
  const distinct = selected.filter((_, index) => keys.indexOf(keys[index]!) === index).map(({ text }) => text);
  return {
    distinct,
    equal: [...counts.values()].reduce((sum, count) => sum + (count > 1 ? count : 0), 0),
    fragments: selected.length < 2 ? undefined : getFragments(selected),
    joined: join(selected),
  };
}

/** Case, white space and the mark at the end make no other prompt. */
function toKey(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[.。]$/, '')
    .toLocaleLowerCase();
}

function getFragments(selected: readonly SelectedText[]): RelatedPrompts['fragments'] {
  if (selected.some(cutsWord)) {
    return 'cut-words';
  }
  if (isOneSentence(selected)) {
    return 'pieces';
  }
  // A list of single words, each a whole line, is what the user has written: only parts of lines are pieces.
  return selected.every((one) => !isWholeLine(one) && !UNSPACED.test(one.text) && countWords(one.text) <= MAX_FEW_WORDS)
    ? 'few-words'
    : undefined;
}

function cutsWord({ text, before, after }: SelectedText): boolean {
  const isCut = (left: string, right: string) => /[\p{L}\p{N}]$/u.test(left) && /^[\p{L}\p{N}]/u.test(right);
  return !UNSPACED.test(text) && (isCut(before, text) || isCut(text, after));
}

/**
 * Whether each line goes on with the sentence of the one above: it does not end there, and the next one begins small.
 * A blank line between them, or marks of a list before them, keep them apart. Lines without any mark of a sentence are a
 * list that is written so: of a sentence the first begins large and the last ends it, or commas lead on.
 */
function isOneSentence(selected: readonly SelectedText[]): boolean {
  const texts = selected.map(({ text }) => text.trim());
  const isWhole = /^["“«(]?\p{Lu}/u.test(texts[0] ?? '') && SENTENCE_END.test(texts.at(-1) ?? '');
  const isLedOn = texts.slice(0, -1).every((text) => text.endsWith(','));
  return (
    (isWhole || isLedOn) &&
    selected.slice(1).every((next, index) => {
      const last = selected[index]!;
      const isNextLine = next.start === last.end || next.start === last.end + 1;
      return (
        isNextLine &&
        !SENTENCE_END.test(last.text.trim()) &&
        /^\s*\p{Ll}/u.test(next.text) &&
        !/^\s*(?:[-*+•]|\d+[.)])/.test(next.before)
      );
    })
  );
}

function isWholeLine({ before, after }: SelectedText): boolean {
  return !/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after);
}

function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu)?.length ?? 0;
}

function join(selected: readonly SelectedText[]): string {
  return selected.map(({ text }) => text.trim()).join(' ');
}
