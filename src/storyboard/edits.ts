import { formatLink } from '../common/markdownLink';
import type { TextEdit } from '../prompting/remark';
import { nameOfShotKey, type ShotKey } from './keys';
import type { Span } from './mappedText';
import { findSetting, type Shot, type Storyboard } from './parse';

/**
 * Edits of what a person has written. Each touches its own line and leaves all others as they are; offsets are those of
 * the text that the storyboard was read from.
 */

/** Writes a setting of a shot: in the line that it has, or in a new one below the others. */
export function setSetting(text: string, storyboard: Storyboard, shot: Shot, key: ShotKey, value: string): TextEdit {
  const setting = findSetting(shot, key);
  if (setting) {
    const isAfterColon = setting.span.start === setting.span.end && !/[ \t]/.test(text[setting.span.start - 1] ?? '');
    return { ...setting.span, text: isAfterColon ? ` ${value}` : value };
  }
  const { eol, language } = storyboard;
  const line = `${nameOfShotKey(key, language)}: ${value}`;
  const last = shot.settings.at(-1);
  if (last) {
    const lineStart = findLineStart(text, last.item.start);
    const lead = text.slice(lineStart, last.item.start);
    const marker = /^(?:[-*+]|\d{1,9}[.)])[ \t]*/.exec(text.slice(last.item.start))?.[0] ?? '- ';
    const at = last.item.end;
    return { start: at, end: at, text: `${eol}${lead}${marker}${line}` };
  }
  const at = findLineEnd(text, shot.heading.end);
  const below = /^(?:\r\n?|\n)([^\r\n]*)/.exec(text.slice(at, at + 200))?.[1] ?? '';
  // A list takes the next line of a text for its own, unless one is left empty.
  const isJoined = below.trim() !== '' && !/^ {0,3}(?:>|#|[-*+] |```|~~~)/.test(below);
  const marker = /^ {0,3}([-*+]) /.exec(below)?.[1] ?? '-';
  return { start: at, end: at, text: `${eol}${marker} ${line}${isJoined ? eol : ''}` };
}

/** Chooses a take: writes the `take` line of a shot. */
export function setTake(
  text: string,
  storyboard: Storyboard,
  shot: Shot,
  take: { /** `take 2`. */ label: string; /** From the folder of the document, with `/`, not encoded. */ path: string },
): TextEdit {
  return setSetting(text, storyboard, shot, 'take', formatLink(take.label, take.path));
}

/** Takes a bullet away, with its line. */
export function removeItem(text: string, item: Span): TextEdit {
  return { start: findLineStart(text, item.start), end: findNextLine(text, item.end), text: '' };
}

/** Adds a name to the cast, or a cast to the storyboard: in front of the first shot. */
export function addToCast(
  text: string,
  { cast, castSection, shots, language, eol }: Storyboard,
  name: string,
): TextEdit {
  const bullet = `**${name}**: `;
  const last = cast.at(-1);
  if (last) {
    const lead = text.slice(findLineStart(text, last.item.start), last.item.start);
    const marker = /^(?:[-*+]|\d{1,9}[.)])[ \t]*/.exec(text.slice(last.item.start))?.[0] ?? '- ';
    return { start: last.item.end, end: last.item.end, text: `${eol}${lead}${marker}${bullet}` };
  }
  if (castSection) {
    const at = findLineEnd(text, castSection.end);
    return { start: at, end: at, text: `${eol}${eol}- ${bullet}` };
  }
  const first = shots[0];
  const at = first ? findLineStart(text, first.heading.start) : text.length;
  const heading = `${'#'.repeat(first?.heading.level ?? 2)} ${language === 'ru' ? 'Герои' : 'Cast'}`;
  return { start: at, end: at, text: `${heading}${eol}- ${bullet}${eol}${eol}` };
}

function findLineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
}

function findLineEnd(text: string, offset: number): number {
  const end = /[\r\n]/g;
  end.lastIndex = offset;
  return end.exec(text)?.index ?? text.length;
}

function findNextLine(text: string, offset: number): number {
  const end = findLineEnd(text, offset);
  return end + (/^(?:\r\n?|\n)/.exec(text.slice(end, end + 2))?.[0].length ?? 0);
}
