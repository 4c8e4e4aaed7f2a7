/**
 * Text from outside (prompts, file names, the service's messages) made safe for one place of VS Code. It is hostile
 * until it went through here: direction overrides, control characters, links, icons, Markdown, endless lines.
 * Only what is shown is changed; what is copied, saved or sent comes from the record.
 */

const LINE_BREAK = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

/** Half of a pair: shown as a replacement character, as text that was damaged. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Characters that are not seen, or change how their neighbours are read: all of the category "other" (control, format,
 * private use, unassigned). Readers need some of them: the joiners, which emoji, Persian and Indic scripts are written
 * with, and the signs that stand before Arabic, Syriac and Kaithi numbers, which are seen.
 */
const INVISIBLE = /(?![\n\t\u200c\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])\p{C}/gu;

/** Without invisible characters, with `\n` as the only line break. */
export function stripControlChars(text: string): string {
  return text.replace(LINE_BREAK, '\n').replace(LONE_SURROGATE, '\ufffd').replace(INVISIBLE, '');
}

/** One line of at most `maxChars` characters, cut after a word where that loses little. */
export function toSingleLine(text: string, maxChars: number): string {
  // Cut first: a label of 60 characters does not read a prompt of 8,000. A control character separates words.
  const line = stripControlChars(text.slice(0, maxChars * 8).replace(/[\s\p{Z}\p{Cc}]+/gu, ' ')).trim();
  return cut(line, maxChars);
}

/** The first line that says something, of at most `maxChars` characters. */
export function getFirstLine(text: string, maxChars: number): string {
  for (const line of stripControlChars(text.trimStart().slice(0, maxChars * 8)).split('\n')) {
    const shown = toSingleLine(line, maxChars);
    if (shown !== '') {
      return shown;
    }
  }
  return '';
}

/** At most `maxLines` lines and `maxChars` characters. */
export function truncate(text: string, maxChars: number, maxLines: number): string {
  const lines = stripControlChars(text.slice(0, maxChars * 2))
    .trim()
    .replace(/\n{3,}/g, '\n\n')
    .split('\n');
  const shown = lines.slice(0, maxLines).join('\n');
  return lines.length > maxLines ? `${cut(shown, maxChars - 1).replace(/…$/, '')}…` : cut(shown, maxChars);
}

/** For a notification, where `[label](command:…)` becomes a link that runs a command. One line. */
export function escapeForNotification(text: string, maxChars = 300): string {
  return toSingleLine(text, maxChars).replaceAll('](', '] (');
}

/** For a quick pick or the status bar, where `$(name)` becomes an icon. One line. */
export function escapeCodicons(text: string, maxChars = 120): string {
  return toSingleLine(text, maxChars).replaceAll('$(', '\\$(');
}

function cut(text: string, maxChars: number): string {
  const characters = Array.from(text);
  if (characters.length <= maxChars) {
    return text;
  }
  const head = characters.slice(0, maxChars - 1).join('');
  const atWord = head.replace(/\s+\S*$/, '');
  // A text without spaces (Chinese, one long word) is cut where it is.
  return `${(atWord.length >= head.length * 0.6 ? atWord : head).trimEnd()}…`;
}

/**
 * Markdown that shows exactly this text: no links (not even bare addresses), images, code, headings,
 * entities or HTML. CommonMark lets every ASCII punctuation mark be escaped, so all are.
 */
export function escapeMarkdown(text: string): string {
  return (
    stripControlChars(text)
      .split('\n')
      // Leading white space would be code, trailing white space a line break.
      .map((line) =>
        line
          .trim()
          .replace(/[ \t]+/g, ' ')
          .replace(/[!-/:-@[-`{-~]/g, '\\$&'),
      )
      .join('\n')
      .replace(/\n{2,}/g, '\n\n')
      .replace(/([^\n])\n(?!\n)/g, '$1  \n')
  );
}

/** A pattern that finds exactly this text. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
