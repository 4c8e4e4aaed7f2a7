/**
 * Longer prompts are rejected instead of being paid for and cut. The service documents no limit; this one is assumed: the
 * maker of the model recommends at most 1,000 English words, about 6,000 characters.
 */
export const MAX_PROMPT_CHARS = 8_000;

/** Of UTF-16, with blanks and what is dropped: more of a text is never read. */
export const MAX_READ_CHARS = 200_000;

export type PromptCheck =
  { ok: true; prompt: string } | { ok: false; reason: 'empty' | 'too-long'; /** In code points. */ length: number };

/** Of a terminal: colours, titles, moves of the cursor. With what follows the escape, which is no text either. */
const TERMINAL = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]/g;
const LINE_BREAK = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/** A selection may split a surrogate pair. Half of one is no valid text, and JSON would send it. */
const HALF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** England and the like: a black flag, the letters of its region as invisible tags, and their end. */
const FLAG_TAGS = /(?<=\u{1f3f4}[\u{e0020}-\u{e007e}]{0,10})[\u{e0020}-\u{e007f}]/u;
/** Joiners belong to emoji and to scripts that are written with them. Between other letters they are noise of a web page. */
const JOINERS =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]|(?![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Han}])[\p{L}\p{M}])[\u200c\u200d]/u;
/**
 * Not seen, and changes how its neighbours are read: direction overrides, spaces without a width, byte order marks, NUL.
 * The signs before Arabic, Syriac and Kaithi numbers are seen, and characters that are too new to be known are text.
 */
const INVISIBLE =
  /(?![\n\t\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}]/gu;

/** The text as a reader sees it: what was copied from a PDF, a web page or a terminal brings more along. */
export function cleanPrompt(text: string): string {
  const plain = text.replace(TERMINAL, '').replace(LINE_BREAK, '\n').replace(HALF_PAIR, '');
  return plain
    .replace(INVISIBLE, (char, at: number) => {
      const upTo = plain.slice(Math.max(0, at - 24), at + char.length);
      const isNeeded = char === '\u200c' || char === '\u200d' ? endsWith(JOINERS, upTo) : endsWith(FLAG_TAGS, upTo);
      return isNeeded ? char : '';
    })
    .trim();
}

function endsWith(pattern: RegExp, text: string): boolean {
  return new RegExp(`(?:${pattern.source})$`, 'u').test(text);
}

/** Returns the prompt to send for a text that the user selected or typed, or why there is none. */
export function checkPrompt(text: string): PromptCheck {
  if (text.length > MAX_READ_CHARS) {
    // Nothing that is done with a text of tens of megabytes is quick, and it cannot be sent anyway.
    return { ok: false, reason: 'too-long', length: text.length };
  }
  const prompt = cleanPrompt(text);
  // Invisible characters alone are no prompt.
  if (!/[^\s\p{Cc}\p{Cf}]/u.test(prompt)) {
    return { ok: false, reason: 'empty', length: 0 };
  }
  const length = [...prompt].length;
  return length > MAX_PROMPT_CHARS ? { ok: false, reason: 'too-long', length } : { ok: true, prompt };
}

/** Adds what is meant for each video at the end of a prompt. */
export function addStyle(prompt: string, style: string | undefined): string {
  return style === undefined ? prompt : `${/[.!?…:;,]["”»)]?$/u.test(prompt) ? prompt : `${prompt}.`} ${style}`;
}
