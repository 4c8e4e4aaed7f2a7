import type * as vscode from 'vscode';
import { MAX_READ_CHARS } from '../tasks/model/prompt';

/** Longer paragraphs are data, such as a log or a table. */
const MAX_PARAGRAPH_LINES = 500;

type Lines = Pick<vscode.TextDocument, 'lineAt' | 'lineCount' | 'languageId'>;

/** What a line is, by the sign that it begins with. */
interface Line {
  /** Lines of one paragraph have the same: that of a comment, a quotation or a plain text. */
  kind: string;
  /** Without signs. */
  text: string;
  /** Begins a paragraph of its own: an item of a list, the first line of a comment. */
  begins?: boolean;
  /** Ends one. */
  ends?: boolean;
  /** No paragraph: a heading, a line across, the fence of code. */
  isApart?: boolean;
}

/** Where `#` is a heading and not a comment, and `*` an item of a list. */
const PROSE = /^(markdown|mdx|plaintext|restructuredtext|asciidoc|latex|org|prompt|chatagent|scminput|quarto|rmd)$/;
const ITEM = /^(?:[-*+•–—]|\(?\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?/;
/** With what documentation puts behind it: `///`, `//!`, `##`. */
const LINE_COMMENT = /^(?:\/\/[/!]*|#+!?|--+|;+|%+|'{1,2}(?!'))\s*/;

/**
 * The paragraph, item of a list, quotation, cell or comment at a position, without the signs that make it one, and in
 * one line: texts and comments are broken for the width of the page.
 *
 * @returns `undefined` when there is no text at the position; `line` is where the paragraph begins
 */
export function readParagraph(document: Lines, at: vscode.Position): { line: number; text: string } | undefined {
  const isProse = PROSE.test(document.languageId);
  const read = (line: number): Line | undefined =>
    line < 0 || line >= document.lineCount
      ? undefined
      : parseLine(document.lineAt(line).text.slice(0, MAX_READ_CHARS + 1), isProse);
  const start = findStart(read, at.line);
  if (start === undefined) {
    return undefined;
  }
  const { text: whole } = document.lineAt(start);
  if (isProse && isTableRow(whole)) {
    return { line: start, text: stripMarkup(readCell(whole, start === at.line ? at.character : 0)) };
  }
  const { kind } = read(start)!;
  const joins = (line: Line | undefined) =>
    line !== undefined && line.kind === kind && line.text !== '' && !line.isApart;
  let first = start;
  while (at.line - first < MAX_PARAGRAPH_LINES && !read(first)!.begins) {
    const before = read(first - 1);
    if (!joins(before) || before!.ends) {
      break;
    }
    first--;
  }
  const texts: string[] = [];
  let chars = 0;
  for (let line = first; line - start < MAX_PARAGRAPH_LINES && chars <= MAX_READ_CHARS; line++) {
    const found = read(line);
    if (!joins(found) || (line > start && found!.begins)) {
      break;
    }
    texts.push(found!.text);
    chars += found!.text.length + 1;
    if (found!.ends) {
      break;
    }
  }
  const text = texts.join(' ');
  return { line: first, text: isProse ? stripMarkup(text) : text };
}

/** A heading names what is below it, so its first paragraph is meant; the same for the first line of a comment. */
function findStart(read: (line: number) => Line | undefined, line: number): number | undefined {
  const here = read(line);
  if (here === undefined || (here.text === '' && !here.isApart && !here.begins)) {
    return undefined;
  }
  for (let next = line; next - line < MAX_PARAGRAPH_LINES; next++) {
    const found = read(next);
    if (found === undefined || (next > line && found.isApart)) {
      return undefined;
    }
    if (found.text !== '' && !found.isApart) {
      return next;
    }
  }
  return undefined;
}

function parseLine(whole: string, isProse: boolean): Line {
  const trimmed = whole.trim();
  const comment = /^<!--+\s*(.*?)\s*(?:--+>)?$/.exec(trimmed);
  if (comment) {
    return { kind: '<!--', text: comment[1]!, begins: true, ends: trimmed.endsWith('-->') };
  }
  return isProse ? parseProse(trimmed) : parseCode(trimmed);
}

function parseProse(trimmed: string): Line {
  if (/^(?:#{1,6}(?:\s|$)|={2,}$|(?:[-*_]\s*){3,}$|```|~~~)/.test(trimmed)) {
    return { kind: '', text: '', isApart: true };
  }
  if (isTableRow(trimmed)) {
    return { kind: '|', text: trimmed, begins: true, ends: true, isApart: /^[|\s:-]+$/.test(trimmed) };
  }
  const quotation = /^(?:>\s?)+/.exec(trimmed)?.[0] ?? '';
  const text = trimmed.slice(quotation.length).trim();
  const item = ITEM.exec(text)?.[0];
  return {
    kind: quotation === '' ? '' : '>',
    text: item === undefined ? text : text.slice(item.length),
    begins: item !== undefined,
  };
}

function parseCode(trimmed: string): Line {
  const block = /^(?:\/\*+!?|\*+(?!\/)(?=\s|$)|\*+\/|"""|''')/.exec(trimmed)?.[0];
  if (block !== undefined || trimmed.endsWith('*/')) {
    const text = trimmed
      .slice(block?.length ?? 0)
      .replace(/\*+\/$|"""$|'''$/, '')
      .trim();
    const isOpening = block !== undefined && !block.startsWith('*');
    const item = ITEM.exec(text)?.[0] ?? '';
    return {
      kind: 'block',
      text: text.slice(item.length),
      begins: isOpening || item !== '',
      ends: trimmed.endsWith('*/') || (isOpening && text !== '' && /("""|''')$/.test(trimmed)),
    };
  }
  const sign = LINE_COMMENT.exec(trimmed)?.[0] ?? '';
  const text = trimmed.slice(sign.length);
  const item = sign === '' ? '' : (ITEM.exec(text)?.[0] ?? '');
  return { kind: sign.trim().slice(0, 2), text: text.slice(item.length), begins: item !== '' };
}

function isTableRow(line: string): boolean {
  return /^\s*\|.*\|\s*$/.test(line);
}

/** The cell at a character. */
function readCell(row: string, character: number): string {
  const from = row.indexOf('|') + 1;
  const cells = row.slice(from, row.lastIndexOf('|')).split(/(?<!\\)\|/);
  let end = from;
  for (const cell of cells) {
    end += cell.length + 1;
    if (character < end) {
      return cell.trim().replaceAll('\\|', '|');
    }
  }
  return cells.at(-1)?.trim() ?? '';
}

/** Without emphasis, code signs and the targets of links; an image is no text. */
function stripMarkup(text: string): string {
  return text
    .replace(/!\[[^\][]{0,999}\]\([^()\s]{0,2000}(?: "[^"]{0,200}")?\)/g, '')
    .replace(/\[([^\][]{1,999})\]\([^()\s]{0,2000}(?: "[^"]{0,200}")?\)/g, '$1')
    .replace(/\*\*|__|~~|`/g, '')
    .replace(/(?<![\p{L}\p{N}\\*])([*_])(?=\S)([^*_]{1,2000})(?<=\S)\1(?![\p{L}\p{N}])/gu, '$2')
    .replace(/ {2,}/g, ' ')
    .trim();
}
