/**
 * Reads the prompts out of a selection of a Markdown file: what is sent is text, without headings, marks, comments and
 * targets of links. Line by line, for a parser of Markdown would weigh more than all of this extension.
 */

export interface Section {
  /** Its heading, which is not sent. */
  title?: string;
  prompt: string;
}

export interface SectionedText {
  /** Each may be a video of its own; empty when there is nothing but headings and the like. */
  sections: Section[];
  /** A line such as `Style: film grain`, which is meant for each of them. */
  style?: string;
  /** Whether anything else than white space is left out: then the user is told. */
  isReduced: boolean;
}

export interface SelectionFacts {
  /** The selection begins with the document, so that front matter may follow. */
  isAtStart: boolean;
  /** It begins in the middle of a line: what looks like a heading there is none. */
  isMidLine: boolean;
}

export type Line =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'item'; text: string }
  | { kind: 'row'; cells: string[] }
  | { kind: 'text' | 'code'; text: string }
  | { kind: 'blank' | 'rule' };

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`{]*)/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/;
const ITEM = /^ {0,3}(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(\S.*)$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** `Scene 1`, `Кадр 2:`, `**Shot 3** –`: in English and Russian, as users name them. */
export const SCENE =
  /^(?:\*\*|__)?((?:scene|shot|clip|frame|take|сцена|кадр|план|шот|эпизод)\s*(?:№|#)?\s*\d+[a-zа-я]?)(?:(?:\*\*|__)?\s*[:.)\u2013\u2014-]+(?:\*\*|__)?\s*|(?:\*\*|__)\s+|(?:\*\*|__)?\s*$)(.*)$/iu;
const STYLE_WORDS = 'global style|shared style|common style|style|common|общий стиль|общее|стиль';
const STYLE = new RegExp(`^[*_]{0,3}(?:${STYLE_WORDS})[*_]{0,3}\\s*[:：][*_]{0,3}\\s*(.*)$`, 'iu');
const STYLE_TITLE = new RegExp(`^[*_]{0,3}(?:${STYLE_WORDS})[*_]{0,3}\\s*[:：]?[*_]{0,3}$`, 'iu');
/** What is in a block of code is a prompt only where the block says no other language. */
const PROSE_CODE = /^(?:|text|txt|plain|plaintext|prompt|markdown|md)$/i;

export function readSections(text: string, facts: SelectionFacts): SectionedText {
  const lines = readLines(text.replace(/\r\n?/g, '\n'), facts);
  const groups = splitGroups(lines);
  const shared = takeStyle(groups);
  const sections = groups.flatMap(({ title, lines: own }): Section[] => {
    const prompt = toPrompt(own);
    return prompt === '' ? [] : [{ ...(title ? { title: toText(title) } : {}), prompt }];
  });
  const sent = [shared ?? '', ...sections.map(({ prompt }) => prompt)].join('');
  return {
    sections,
    ...(shared === undefined ? {} : { style: shared }),
    isReduced: sent.replace(/\s+/g, '') !== text.replace(/\s+/g, ''),
  };
}

/** The text of all headings, for a selection that holds nothing else. */
export function readHeadings(text: string, facts: SelectionFacts): string[] {
  return readLines(text.replace(/\r\n?/g, '\n'), facts).flatMap((line) =>
    line.kind === 'heading' && toText(line.text) !== '' ? [toText(line.text)] : [],
  );
}

/** What each line of Markdown is. Front matter, comments and code of other languages are left out. */
export function readLines(text: string, { isAtStart, isMidLine }: SelectionFacts): Line[] {
  const raw = withoutFrontMatter(text.replace(/^\ufeff/, ''), isAtStart).split('\n');
  const isTableRow = findTableRows(raw);
  const lines: Line[] = [];
  let fence: { mark: string; isProse: boolean } | undefined;
  let isComment = false;
  raw.forEach((whole, index) => {
    if (fence) {
      const trimmed = whole.trim();
      if (trimmed.startsWith(fence.mark) && /^(`+|~+)$/.test(trimmed)) {
        fence = undefined;
      } else if (fence.isProse) {
        lines.push({ kind: 'code', text: whole });
      }
      return;
    }
    const wasComment = isComment;
    const uncommented = removeComments(whole, isComment);
    isComment = uncommented.isOpen;
    const line = uncommented.text.replace(/^ {0,3}(?:> ?)+/, '');
    const isInLine = isMidLine && index === 0;
    const [, mark, language] = (!isInLine && FENCE.exec(line)) || [];
    const [, marks, heading] = (!isInLine && HEADING.exec(line)) || [];
    const [, item] = (!isInLine && !RULE.test(line) && ITEM.exec(line)) || [];
    if (mark !== undefined) {
      fence = { mark, isProse: PROSE_CODE.test(language ?? '') };
    } else if (marks !== undefined) {
      lines.push({ kind: 'heading', level: marks.length, text: heading ?? '' });
    } else if (line.trim() === '') {
      // A line that was nothing but a comment separates nothing.
      lines.push(...(whole.trim() === '' && !wasComment ? [{ kind: 'blank' as const }] : []));
    } else if (!isInLine && isTableRow[index]) {
      lines.push(...(TABLE_RULE.test(line) ? [] : [{ kind: 'row' as const, cells: readCells(line) }]));
    } else if (!isInLine && (RULE.test(line) || SETEXT.test(line))) {
      addUnderline(lines, line.trim());
    } else if (item !== undefined) {
      lines.push({ kind: 'item', text: item });
    } else {
      lines.push({ kind: 'text', text: line });
    }
  });
  return lines;
}

function withoutFrontMatter(text: string, isAtStart: boolean): string {
  return isAtStart ? text.replace(/^---[ \t]*\n(?:[^]*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)/, '') : text;
}

function removeComments(line: string, isOpen: boolean): { text: string; isOpen: boolean } {
  let text = '';
  let rest = line;
  for (let inside = isOpen; ; inside = !inside) {
    const at = rest.indexOf(inside ? '-->' : '<!--');
    text += inside ? '' : at < 0 ? rest : rest.slice(0, at);
    if (at < 0) {
      return { text, isOpen: inside };
    }
    rest = rest.slice(at + (inside ? 3 : 4));
  }
}

/**
 * `===` below a line makes it a heading. `---` does so too by the letter of Markdown, but most users mean a separator:
 * only below the name of a scene or a few words it is taken for a heading.
 */
function addUnderline(lines: Line[], underline: string): void {
  const above = lines.at(-1);
  const isAlone = lines.at(-2)?.kind !== 'text';
  const isHeading =
    above?.kind === 'text' &&
    isAlone &&
    (underline.startsWith('=') ||
      (/^-+$/.test(underline) &&
        (SCENE.exec(above.text.trim())?.[2] === '' ||
          (!/[.!?…,;]\s*$/u.test(above.text) && (underline.length > 3 || countWords(above.text) < 3)))));
  if (isHeading) {
    lines[lines.length - 1] = { kind: 'heading', level: underline.startsWith('=') ? 1 : 2, text: above.text.trim() };
  } else if (RULE.test(underline)) {
    lines.push({ kind: 'rule' });
  } else {
    lines.push({ kind: 'text', text: underline });
  }
}

function countWords(text: string): number {
  return text.trim().split(/\s+/).length;
}

/** For each line, whether it is a row of a table: of lines with `|` in a row, the second is the rule below the header. */
function findTableRows(raw: readonly string[]): boolean[] {
  let isTable = false;
  return raw.map((line, index) => {
    if (!line.includes('|')) {
      isTable = false;
    } else if (index === 0 || !raw[index - 1]!.includes('|')) {
      const below = raw[index + 1] ?? '';
      isTable = below.includes('|') && TABLE_RULE.test(below);
    }
    return isTable;
  });
}

function readCells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
}

export interface Group {
  title?: string;
  lines: Line[];
  /** What stands beside it in its row of a table. */
  beside?: string[];
}

type Split = (lines: readonly Line[]) => Group[];

/** By headings; or else by named scenes, by separators, by the rows of a table, by the items of a list. */
function splitGroups(lines: readonly Line[]): Group[] {
  const groups = findGroups(lines, [splitByHeadings, splitByScenes, splitByRules, splitByRows, splitByItems]);
  if (groups) {
    return groups;
  }
  const [only] = lines.flatMap((line) => (line.kind === 'heading' ? [line.text] : []));
  return [{ ...(only ? { title: only } : {}), lines: lines.filter(({ kind }) => kind !== 'heading') }];
}

/** Headings, scenes, separators and rows of a table, each of which says where a section begins. */
export function splitByMarks(lines: readonly Line[]): Group[] | undefined {
  return findGroups(lines, [splitByHeadings, splitByScenes, splitByRules, splitByRows]);
}

/** By the first way that makes several of it. */
function findGroups(lines: readonly Line[], ways: readonly Split[]): Group[] | undefined {
  for (const split of ways) {
    const groups = split(lines);
    if (groups.filter((group) => !isOnlyStyle(group) && toPrompt(group.lines) !== '').length > 1) {
      return groups;
    }
  }
  return undefined;
}

/** The sections are at the level that has most of them, and those of scenes come before all others. */
function splitByHeadings(lines: readonly Line[]): Group[] {
  const groups: (Group & { level: number })[] = [{ level: 0, lines: [] }];
  for (const line of lines) {
    if (line.kind === 'heading') {
      groups.push({ level: line.level, title: line.text, lines: [] });
    } else {
      groups.at(-1)!.lines.push(line);
    }
  }
  const filled = groups.filter((group) => group.title !== undefined && !isOnlyStyle(group) && toPrompt(group.lines));
  const scenes = filled.filter(({ title }) => SCENE.test(toText(title ?? '')));
  const candidates = scenes.length > 1 ? scenes : filled;
  const counts = new Map<number, number>();
  candidates.forEach(({ level }) => counts.set(level, (counts.get(level) ?? 0) + 1));
  const [[level] = [0]] = [...counts].sort(([a, x], [b, y]) => y - x || a - b);
  const sections: Group[] = [];
  let isOpen = false;
  for (const group of groups) {
    if (candidates.includes(group) && group.level === level) {
      sections.push({ title: group.title!, lines: [...group.lines] });
      isOpen = true;
    } else if (isOnlyStyle(group)) {
      sections.push(group);
    } else if (group.level > level && isOpen) {
      // A heading below a section is a part of it.
      sections.at(-1)!.lines.push(...group.lines);
    } else {
      isOpen = false;
      // Notes before or between the sections; a line of style in them counts all the same.
      const style = group.lines.filter(isStyleLine);
      sections.push(...(style.length > 0 ? [{ title: '', lines: style }] : []));
    }
  }
  return sections;
}

function splitByScenes(lines: readonly Line[]): Group[] {
  const groups: Group[] = [{ lines: [] }];
  for (const line of lines) {
    const [, title, rest = ''] = ('text' in line && line.kind !== 'code' && SCENE.exec(line.text.trim())) || [];
    if (title !== undefined) {
      groups.push({ title, lines: rest === '' ? [] : [{ kind: 'text', text: rest }] });
    } else if (line.kind !== 'heading' && line.kind !== 'rule') {
      groups.at(-1)!.lines.push(line);
    }
  }
  const [before, ...scenes] = groups;
  const style = before!.lines.filter(isStyleLine);
  return scenes.length < 2 ? [] : [...(style.length > 0 ? [{ lines: style }] : []), ...scenes];
}

function splitByRules(lines: readonly Line[]): Group[] {
  const groups: Group[] = [{ lines: [] }];
  for (const line of lines) {
    if (line.kind === 'rule') {
      groups.push({ lines: [] });
    } else if (line.kind === 'heading') {
      groups.at(-1)!.title ??= line.text;
    } else {
      groups.at(-1)!.lines.push(line);
    }
  }
  return groups;
}

/** Columns that say something about a shot, and not what is seen. */
const BESIDE =
  /^(?:#|№|n|no\.?|id|shot|scene|frame|кадр|сцена|номер|план|title|name|название|duration|length|seconds?|sec|time|длительность|время|сек\.?|model|модель|price|цена|notes?|заметки|status|статус|ratio|формат)$/iu;
const PROMPT_COLUMN = /^(?:prompt|промпт|промт)$/iu;
const NUMBER_COLUMN = /^(?:#|№|n|no\.?)$/iu;
const TITLE_COLUMN = /^(?:title|name|название)$/iu;

function splitByRows(lines: readonly Line[]): Group[] {
  const [header, ...rows] = lines.flatMap((line) => (line.kind === 'row' ? [line.cells] : []));
  if (header === undefined) {
    return [];
  }
  const style = lines.filter(isStyleLine);
  const named = header.findIndex((name) => PROMPT_COLUMN.test(toText(name)));
  const isSeen = (column: number) => (named < 0 ? !BESIDE.test(toText(header[column] ?? '')) : column === named);
  return [
    ...(style.length > 0 ? [{ lines: style }] : []),
    ...rows.map((cells): Group => {
      const isText = (cell: string, column: number) => isSeen(column) && /\p{L}/u.test(cell);
      const title = cells.find((_, column) => TITLE_COLUMN.test(toText(header[column] ?? '')));
      return {
        ...(title ? { title } : {}),
        lines: [{ kind: 'text', text: cells.filter(isText).join(', ') }],
        beside: cells.flatMap((cell, column) =>
          isText(cell, column) || cell === title || toText(cell) === '' || NUMBER_COLUMN.test(header[column] ?? '')
            ? []
            : [[header[column] ?? '', cell].map(toText).filter(Boolean).join(': ')],
        ),
      };
    }),
  ];
}

/** Only where the list is all there is, but for a line that announces it. */
function splitByItems(lines: readonly Line[]): Group[] {
  const groups: Group[] = [{ lines: [] }];
  for (const line of lines) {
    if (line.kind === 'item') {
      groups.push({ lines: [line] });
    } else if (line.kind !== 'heading') {
      groups.at(-1)!.lines.push(line);
    }
  }
  const [before, ...items] = groups;
  const style = before!.lines.filter(isStyleLine);
  const text = before!.lines.filter((line) => 'text' in line && !isStyleLine(line));
  const announces = text.length === 0 || (text.length === 1 && 'text' in text[0]! && /:\s*$/.test(text[0].text));
  return announces ? [...(style.length > 0 ? [{ lines: style }] : []), ...items] : [];
}

export function isStyleLine(line: Line): boolean {
  return (line.kind === 'text' || line.kind === 'item') && STYLE.test(line.text.trim());
}

export function isOnlyStyle({ title, lines }: Group): boolean {
  const filled = lines.filter(({ kind }) => kind !== 'blank' && kind !== 'rule');
  const isNamed = title !== undefined && STYLE_TITLE.test(title.trim());
  return filled.length > 0 && (isNamed || filled.every(isStyleLine));
}

/**
 * Takes what is meant for all videos out of the sections: what stands by itself, or in the first section while no other
 * has a line of its own.
 */
export function takeStyle(groups: Group[]): string | undefined {
  const alone = groups.filter(isOnlyStyle);
  const rest = groups.filter((group) => !alone.includes(group) && toPrompt(group.lines) !== '');
  const styles = alone.map(({ lines }) => toPrompt(lines.map(toStyleText)));
  alone.forEach((group) => (group.lines = []));
  const [first, ...others] = rest;
  if (first && others.length > 0 && !others.some(({ lines }) => lines.some(isStyleLine))) {
    styles.push(toPrompt(first.lines.filter(isStyleLine).map(toStyleText)));
    first.lines = first.lines.filter((line) => !isStyleLine(line));
  }
  const style = styles.filter((one) => one !== '').join(' ');
  return style === '' ? undefined : style;
}

function toStyleText(line: Line): Line {
  return 'text' in line ? { kind: 'text', text: STYLE.exec(line.text.trim())?.[1] ?? line.text } : line;
}

/** A block of code is the prompt only where there is no other text. */
export function toPrompt(lines: readonly Line[]): string {
  const hasText = lines.some((line) => line.kind !== 'code' && 'text' in line && toText(line.text) !== '');
  return lines
    .flatMap((line) => {
      switch (line.kind) {
        case 'code':
          return hasText ? [] : [line.text];
        case 'text':
        case 'item':
          return [toText(line.text)];
        case 'blank':
        case 'rule':
          return [''];
        default:
          return [];
      }
    })
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** What a reader sees of a line. */
export function toText(line: string): string {
  return line
    .replace(/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?/g, '')
    .replace(/(?<!\\)\[([^\][]+)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])/g, '$1')
    .replace(/<(?:https?:|mailto:)[^>\s]*>/gi, '')
    .replace(/<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?>/gi, '')
    .replace(/(`+)(.+?)\1/g, '$2')
    .replace(/(\*\*\*|\*\*|\*|~~)(?=\S)(.+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}_])(__|_)(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}_])/gu, '$2')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/[ \t]+$/, '');
}
