/** File names from prompts: readable, and valid on every system that the workspace may be opened on. */

const MAX_CHARS = 60;
/** Most file systems stop at 255 bytes; this leaves room for `-999` and an extension. */
const MAX_BYTES = 200;
/** A word boundary is looked for behind this; one long word is cut inside. */
const MIN_CHARS_AT_BOUNDARY = 30;

/** Names of devices on Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const getByteLength = (text: string) => Buffer.byteLength(text, 'utf8');

/**
 * Returns a file name without extension for a prompt: `A cat, jumping!` gives `A-cat-jumping`. Letters and digits of
 * every script are kept; punctuation is not, as shells, URLs or Markdown give some of it a meaning of its own.
 *
 * @param fallback the name for a prompt without any usable character
 */
export function toFileStem(prompt: string, fallback = 'seedance'): string {
  const words = prompt
    // Line breaks and tabs separate words. Other invisible characters (direction overrides, zero-width characters, lone
    // surrogates) could make a name look like another one.
    .replace(/[\s\p{Z}\p{Cc}]+/gu, '-')
    .replace(/\p{C}/gu, '')
    .normalize('NFC')
    .replace(/(?<=\p{L})['’](?=\p{L})/gu, '')
    // Dots and underscores stay within words: `0.5`, `hero_2`. Of the symbols, those of ASCII: `$`, `+`, `<`, `` ` ``.
    .replace(/(?![._])\p{P}|[$+<=>^`|~]/gu, '-')
    .replace(/[._]*-[-._]*/g, '-');
  const stem = trimEnds(cut(trimEnds(words)));
  if (stem === '') {
    // It may hold an id from elsewhere, and is made a name like any other text.
    return fallback === 'seedance' ? fallback : toFileStem(fallback);
  }
  return RESERVED.test(stem) ? `video-${stem}` : stem;
}

/** `01-name` for the first of several that belong together, so that they are listed in their order. */
export function withPosition(stem: string, index: number, count: number): string {
  return count < 2 ? stem : `${String(index + 1).padStart(Math.max(2, String(count).length), '0')}-${stem}`;
}

/** `name`, `name-2`, `name-3`, … */
export function numbered(stem: string, attempt: number): string {
  return attempt <= 1 ? stem : `${stem}-${attempt}`;
}

/** A leading dot hides a file, a leading dash looks like an option, and Windows drops dots at the end. */
function trimEnds(text: string): string {
  return text.replace(/^[-._]+|[-._]+$/g, '');
}

const MIN_SHORT_CHARS = 4;

/** A name that a disk finds too long, three quarters as long; `undefined` when there is hardly anything left. */
export function shorten(stem: string): string | undefined {
  const letters = [...graphemes.segment(stem)].map(({ segment }) => segment);
  const rest = trimEnds(letters.slice(0, Math.floor(letters.length * 0.75)).join(''));
  return rest.length < MIN_SHORT_CHARS ? undefined : rest;
}

function cut(text: string): string {
  let short = '';
  let chars = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (chars === MAX_CHARS || getByteLength(short + segment) > MAX_BYTES) {
      break;
    }
    short += segment;
    chars++;
  }
  if (short === text) {
    return text;
  }
  // Only when the cut fell inside a word.
  const boundary = text[short.length] === '-' ? -1 : short.lastIndexOf('-');
  return boundary >= MIN_CHARS_AT_BOUNDARY ? short.slice(0, boundary) : short;
}
