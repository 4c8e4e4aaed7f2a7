/**
 * Text from outside (prompts, file names, the service's words) in places of VS Code that read some characters
 * as more than text.
 */

/** In a notification `[label](command:…)` becomes a link that runs a command. Also one line, and not endless. */
export function escapeForNotification(text: string, maxChars = 300): string {
  return oneLine(text, maxChars).replaceAll('](', '] (');
}

/** In a quick pick and in the status bar `$(name)` becomes an icon. */
export function escapeCodicons(text: string, maxChars = 120): string {
  return oneLine(text, maxChars).replaceAll('$(', '\\$(');
}

/** For what is kept, and is made fit for its place where it is shown. */
export function oneLine(text: string, maxChars: number): string {
  // Cut first: a label does not go through a prompt of 8,000 characters.
  const line = text
    .slice(0, maxChars * 4)
    .replace(/[\s\p{Z}\p{Cc}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .trim();
  const chars = [...line];
  return chars.length > maxChars ? `${chars.slice(0, maxChars).join('').trimEnd()}…` : line;
}

/**
 * Text from outside made fit for one place of the screen. Prompts and the service's words are hostile
 * until they went through here: direction overrides, control characters, Markdown, endless lines.
 * Only what is shown is changed; what is copied, saved or sent comes from the record.
 */

/** Characters that are not seen but change how their neighbours are read. */
const INVISIBLE =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const LINE_BREAK = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Without invisible characters, with `\n` as the only line break. */
export function stripControlChars(text: string): string {
  return text.replace(LINE_BREAK, '\n').replace(INVISIBLE, '').replace(LONE_SURROGATE, '\ufffd');
}

/** One line of at most `maxChars`, cut after a word where that loses little. */
export function toSingleLine(text: string, maxChars: number): string {
  // Cut first: a label of 60 characters does not read a prompt of 8,000.
  const line = stripControlChars(text.slice(0, maxChars * 8))
    .replace(/\s+/g, ' ')
    .trim();
  return cut(line, maxChars);
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
