import { addStyle, cleanPrompt } from '../tasks/model/prompt';
import { isCastHeading, parseShotHeading, type KeyLanguage } from '../storyboard/keys';
import type { DraftShot, StoryboardDraft } from '../storyboard/write';
import {
  isOnlyStyle,
  isStyleLine,
  readLines,
  SCENE,
  splitByMarks,
  takeStyle,
  toText,
  type Group,
  type Line,
  type SelectionFacts,
} from './textSections';

/** A text taken apart for a film. What no shot can take becomes a title or a note: nothing that readers see is left out. */
export interface FilmText {
  title?: string | undefined;
  style?: string | undefined;
  cast: readonly { name: string; description: string }[];
  notes: readonly string[];
  shots: readonly DraftShot[];
}

/**
 * Takes a Markdown text apart: each section below a heading is a shot, and where headings tell nothing, each named scene,
 * row of a table, item of a list or paragraph.
 */
export function readFilmText(text: string, facts: SelectionFacts): FilmText {
  const { cast, lines } = takeCast(readLines(text.replace(/\r\n?/g, '\n'), facts));
  const groups = splitByMarks(lines) ?? splitByBlocks(lines);
  const left = findLeft(lines, groups);
  const style = takeStyle(groups);
  const [first] = left;
  const taken = new Set(groups.flatMap((group) => group.lines));
  const isAhead = first?.kind === 'heading' && lines.indexOf(first) < lines.findIndex((line) => taken.has(line));
  const title = isAhead ? toText(first.text) : undefined;
  return {
    title: title || undefined,
    style,
    cast,
    notes: toNotes(title ? left.slice(1) : left),
    shots: groups.flatMap((group) => toShot(group)),
  };
}

/** Takes any other text apart: into its paragraphs, items of lists, and lines where each is a text of its own. */
export function readPlainFilmText(text: string): FilmText {
  const raw = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n');
  const lines = raw.map((line): Line => {
    const [, item] = PLAIN_ITEM.exec(line) ?? [];
    return line.trim() === ''
      ? { kind: 'blank' }
      : item === undefined
        ? { kind: 'text', text: line.trim() }
        : { kind: 'item', text: item.trim() };
  });
  const isEachAlone = areTextsOfTheirOwn(lines);
  const groups = splitByBlocks(lines, isEachAlone ? () => true : undefined);
  const style = takeStyle(groups);
  return {
    style,
    cast: [],
    notes: toNotes(findLeft(lines, groups)),
    shots: groups.flatMap((group) => toShot(group, (line) => line)),
  };
}

/** Makes one film of several texts, in their order. */
export function createDraftFromTexts(
  texts: readonly FilmText[],
  { language, title }: { language: KeyLanguage; title: string },
): StoryboardDraft {
  const [style, ...others] = new Set(texts.filter(({ shots }) => shots.length > 0).map((text) => text.style));
  const isShared = others.length === 0;
  const notes = texts.flatMap((text, index) => (index > 0 && text.title ? [text.title, ...text.notes] : text.notes));
  return {
    language,
    ...(isShared && style !== undefined ? { settings: { style } } : {}),
    title: texts[0]?.title ?? title,
    notes: notes.join('\n\n') || undefined,
    cast: texts.flatMap(({ cast }) => cast),
    shots: texts.flatMap((text) =>
      isShared ? text.shots : text.shots.map((shot) => ({ ...shot, prompt: addStyle(shot.prompt, text.style) })),
    ),
  };
}

const PLAIN_ITEM = /^\s*(?:[-*+•–—]|\(?\d{1,3}[.)])[ \t]+(\S.*)$/;
/** Letters that have no case count as large. */
const BEGINS_SENTENCE = /^["'«“„(\[]*(?!\p{Ll})[\p{L}\p{N}@]/u;
const ENDS_SENTENCE = /[.!?…。！？]["'»”)\]]*$/u;

/** Lines without an empty one between them: not those of one text that is broken for the width of the page. */
function areTextsOfTheirOwn(lines: readonly Line[]): boolean {
  const filled = lines.slice(
    lines.findIndex(({ kind }) => kind !== 'blank'),
    lines.findLastIndex(({ kind }) => kind !== 'blank') + 1,
  );
  const texts = filled.flatMap((line) => (line.kind === 'text' ? [line.text] : []));
  const ends = texts.filter((text) => ENDS_SENTENCE.test(text)).length;
  return (
    texts.length === filled.length &&
    texts.every((text) => BEGINS_SENTENCE.test(text)) &&
    (ends === 0 || ends === texts.length)
  );
}

/** Each paragraph and each item, with the lines and indented paragraphs that belong to it. */
function splitByBlocks(lines: readonly Line[], begins: (line: Line) => boolean = () => false): Group[] {
  const groups: Group[] = [];
  let open: Group | undefined;
  let isItem = false;
  let isBlank = false;
  const start = (line: Line) => {
    open = { lines: [line] };
    groups.push(open);
    isItem = line.kind === 'item';
  };
  lines.forEach((line, index) => {
    if (line.kind === 'blank') {
      isBlank = true;
      return;
    }
    const isHeader = line.kind === 'row' && lines[index - 1]?.kind !== 'row' && lines[index + 1]?.kind === 'row';
    if (line.kind === 'heading' || line.kind === 'rule' || isHeader) {
      open = undefined;
    } else if (line.kind === 'item' || line.kind === 'row' || !open || begins(line)) {
      start(line);
    } else if (!isBlank || (isItem && line.kind === 'text' && /^\s{2}/.test(line.text))) {
      open.lines.push(...(isBlank ? [lines[index - 1]!] : []), line);
    } else {
      start(line);
    }
    isBlank = false;
  });
  // What announces a list is a note.
  return groups.filter(({ lines: own }, index) => {
    const [only, ...more] = own;
    const isAnnouncement = only?.kind === 'text' && more.length === 0 && /[:：]\s*$/.test(only.text);
    return !isAnnouncement || groups[index + 1]?.lines[0]?.kind !== 'item' || isStyleLine(only);
  });
}

function takeCast(lines: readonly Line[]): { cast: { name: string; description: string }[]; lines: Line[] } {
  const start = lines.findIndex((line) => line.kind === 'heading' && isCastHeading(toText(line.text)));
  const heading = lines[start];
  if (heading?.kind !== 'heading') {
    return { cast: [], lines: [...lines] };
  }
  const after = lines.findIndex(
    (line, index) => index > start && line.kind === 'heading' && line.level <= heading.level,
  );
  const end = after < 0 ? lines.length : after;
  const members = lines.slice(start + 1, end).flatMap((line) => {
    const [, name, description] = (line.kind === 'item' && CAST_MEMBER.exec(line.text)) || [];
    return name === undefined
      ? []
      : [{ line, name: toText(name).trim(), description: toText(description ?? '').trim() }];
  });
  if (members.length === 0) {
    return { cast: [], lines: [...lines] };
  }
  const taken = new Set<Line>([heading, ...members.map(({ line }) => line)]);
  return {
    cast: members.map(({ name, description }) => ({ name, description })),
    lines: lines.filter((line) => !taken.has(line)),
  };
}

const CAST_MEMBER = /^(?:\*\*|__)(.{1,100}?)[:：]?(?:\*\*|__)\s*[:：\u2013\u2014-]?\s*(.*)$/;

/** What readers see of a text and no group has taken. */
function findLeft(lines: readonly Line[], groups: readonly Group[]): (Line & { text: string })[] {
  const taken = new Set(groups.flatMap((group) => group.lines));
  const titles = new Set(groups.flatMap(({ title }) => title ?? []));
  return lines.filter((line): line is Line & { text: string } => {
    if (!('text' in line) || taken.has(line)) {
      return false;
    }
    const [, scene] = (line.kind !== 'code' && SCENE.exec(line.text.trim())) || [];
    const isTitle = titles.has(line.text) || (scene !== undefined && titles.has(scene));
    return !isTitle && !isStyleLine(line) && toText(line.text).trim() !== '';
  });
}

function toNotes(left: readonly (Line & { text: string })[]): string[] {
  return left.map((line) => (line.kind === 'code' ? line.text : toText(line.text)).trim());
}

function toShot(group: Group, read = toText): DraftShot[] {
  if (isOnlyStyle(group)) {
    return [];
  }
  const { paragraphs, code } = readBlocks(group.lines, read);
  const prompt = cleanPrompt((paragraphs.length > 0 ? paragraphs : [code.join('\n')]).join('\n\n'));
  const notes = [...(group.beside ?? []), ...(paragraphs.length > 0 ? code : [])];
  const title = withoutLabel(toText(group.title ?? ''));
  if (prompt === '') {
    return [];
  }
  return [{ ...(title ? { title } : {}), prompt, ...(notes.length > 0 ? { notes: notes.join('\n') } : {}) }];
}

/** Lines of a paragraph are one text: where they break is for the reader of the file. Items of a list stay apart. */
function readBlocks(lines: readonly Line[], read: (line: string) => string): { paragraphs: string[]; code: string[] } {
  const paragraphs: string[] = [];
  const code: string[] = [];
  let isOpen = false;
  let isList = false;
  for (const line of lines) {
    const text = 'text' in line ? read(line.text).trim() : line.kind === 'row' ? line.cells.map(read).join(', ') : '';
    if (line.kind === 'code') {
      code.push(line.text);
    }
    if (line.kind === 'code' || text === '') {
      isOpen = false;
    } else if (line.kind === 'item' ? isOpen || isList : isOpen) {
      paragraphs.push(`${paragraphs.pop()!}${line.kind === 'item' ? '\n' : ' '}${text}`);
      isList ||= line.kind === 'item';
    } else {
      paragraphs.push(text);
      isOpen = true;
      isList = line.kind === 'item';
    }
    isOpen ||= line.kind === 'item';
  }
  return { paragraphs, code: code.some((line) => line.trim() !== '') ? code : [] };
}

/** The shots get labels of their own. */
function withoutLabel(title: string): string {
  const parsed = parseShotHeading(title);
  return (parsed ? title.slice(parsed.titleStart) : (SCENE.exec(title)?.[2] ?? title)).trim();
}
