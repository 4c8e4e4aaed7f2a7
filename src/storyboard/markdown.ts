import type { Nodes, PhrasingContent, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter';
import { frontmatter } from 'micromark-extension-frontmatter';
import { MappedText, MappedTextBuilder, type Span } from './mappedText';

/**
 * Reads Markdown into the few kinds of blocks that a storyboard consists of. A heading at the beginning of a line ends
 * everything but a block of code and HTML, so a document is read in sections from heading to heading, and a section that
 * has not changed is not read again: a key costs one of them, however long the film is.
 */

/** An image or a link, with offsets of the whole document. */
export interface Reference extends Span {
  /** As Markdown has it: unescaped, not decoded. */
  url: string;
  /** What is shown of a link. */
  text: string;
  isImage: boolean;
}

export interface ListItem extends Span {
  /** Of its first paragraph, without images. */
  text: MappedText;
  /** Where that paragraph ends. */
  textEnd: number;
  /** Where its first line ends. */
  lineEnd: number;
  references: readonly Reference[];
  /** What it begins with when that is bold. */
  strong?: { text: string; span: Span; /** Where the marks around it end. */ end: number } | undefined;
}

export type Block =
  | ({ kind: 'front-matter'; value: string; valueStart: number } & Span)
  | ({ kind: 'heading'; level: number; text: MappedText } & Span)
  | ({ kind: 'quote'; text: MappedText } & Span)
  | ({ kind: 'paragraph'; text: MappedText } & Span)
  | ({ kind: 'list'; isOrdered: boolean; items: readonly ListItem[] } & Span)
  | ({ kind: 'comment' } & Span)
  /** What follows the heading of a section that was not read. */
  | ({ kind: 'unread'; reason: UnreadReason } & Span)
  | ({ kind: 'other' } & Span);

/** `complex`: with more signs or deeper nesting than anybody writes. */
export type UnreadReason = 'long' | 'complex';

/**
 * The time of the parser grows with the square or the cube of what it is given: 20 KB of `*a_` take it half a minute. So
 * it gets no more than what a shot with the longest prompt, or a large cast, has. In UTF-16.
 */
export const MAX_SECTION_CHARS = 20_000;
/** Of all signs together that begin or end something. */
const MAX_MARKS = 1_000;
/** Quotes and lists in each other, on one line. */
const MAX_DEPTH = 50;
const MAX_HEADING_CHARS = 500;
/** As much as a link may have that is sent. Of an embedded image only the beginning is needed, to say what it is. */
const MAX_DEFINITION_CHARS = 8_500;

/** Blocks with offsets in their section. */
interface Section {
  blocks: readonly Block[];
  /** Code or HTML at its end, which may go on behind the next heading. */
  last?: { start: number; findEnd: (text: string, from: number) => number } | undefined;
}

/** Reads a document again and again, as it is being changed. */
export class MarkdownReader {
  #sections: ReadonlyMap<string, Section> = new Map();
  #definitions: ReadonlyMap<string, Definition> = new Map();
  #count = 0;
  /** What the parser was given: all of it, and the most at once. In UTF-16. */
  readonly parsed = { chars: 0, most: 0 };

  /** All blocks of the document, in its order. */
  read(text: string): Block[] {
    const reading = this.#readSections(text);
    for (let step = reading.next(); ; step = reading.next()) {
      if (step.done) {
        return step.value;
      }
    }
  }

  /** The same in pieces: each step reads one section, and the last gives all blocks. */
  *#readSections(text: string): Generator<void, Block[]> {
    const starts = findSectionStarts(text);
    const definitions = this.#findDefinitions(text);
    const used = new Map<string, Section>();
    const blocks: Block[] = [];
    let start = 0;
    let following = 1;
    let chars = 0;
    do {
      while (starts[following]! <= start) {
        following++;
      }
      const end = starts[following] ?? text.length;
      const own = text.slice(start, end);
      // What follows code or HTML with headings in it belongs to the heading in front of that.
      chars = (starts[following - 1] === start ? 0 : chars) + own.length;
      let section: Section;
      if (chars > MAX_SECTION_CHARS) {
        section = this.#readHead(own, 'long', start === 0);
      } else {
        const named = definitions.size > 0 ? findNamed(own, definitions) : [];
        const key = named.length === 0 ? own : `${own}\0${named.map(({ id }) => id).join(' ')}`;
        section = used.get(key) ?? this.#sections.get(key) ?? this.#readWhole(own, named, start === 0);
        used.set(key, section);
      }
      yield;
      for (const block of section.blocks) {
        blocks.push(moveBlock(block, start));
      }
      const { last } = section;
      const lastEnd = last === undefined ? 0 : last.findEnd(text, start + last.start);
      if (lastEnd > end) {
        const open = blocks.pop()!;
        const kind = isComment(text.slice(open.start, lastEnd)) ? 'comment' : 'other';
        blocks.push(open.kind === 'unread' ? { ...open, end: lastEnd } : { kind, start: open.start, end: lastEnd });
      }
      start = Math.max(end, lastEnd);
    } while (start < text.length);
    this.#sections = used;
    return blocks;
  }

  /** Reads the document ahead in small steps between which others get their turn. `read` is quick afterwards. */
  async warm(text: string, giveTurn: () => Promise<boolean>): Promise<void> {
    const reading = this.#readSections(text);
    for (let step = reading.next(); !step.done; step = reading.next()) {
      if (!(await giveTurn())) {
        return;
      }
    }
  }

  #readWhole(own: string, named: readonly Definition[], isFirst: boolean): Section {
    if (isComplex(own)) {
      return this.#readHead(own, 'complex', isFirst);
    }
    try {
      return this.#readSection(own, named, isFirst);
    } catch {
      // Whatever else the parser, or we, cannot follow: it must not take the rest of the file along.
      return this.#readHead(own, 'complex', isFirst);
    }
  }

  /** Reads the front matter, or the heading, of what is not read. */
  #readHead(own: string, reason: UnreadReason, isFirst: boolean): Section {
    const matter = isFirst ? FRONT_MATTER.exec(own)?.[0] : undefined;
    const line = /^#{1,6}(?=[ \t\r\n]|$)[^\r\n]*/.exec(own)?.[0];
    const rest = { kind: 'unread', reason, start: (matter ?? line)?.length ?? 0, end: own.length } as const;
    const isLong = (matter?.length ?? 0) > 2 * MAX_SECTION_CHARS;
    try {
      const head: Block[] =
        matter !== undefined && isLong
          ? [{ kind: 'front-matter', value: matter.slice(4), valueStart: 4, start: 0, end: matter.length }]
          : [...this.#readSection(matter ?? line?.slice(0, MAX_HEADING_CHARS) ?? '', [], isFirst).blocks];
      return { blocks: [...head, rest], last: findOpen(own, rest.start) };
    } catch {
      return { blocks: [{ ...rest, start: 0 }] };
    }
  }

  #readSection(own: string, named: readonly Definition[], isFirst: boolean): Section {
    // The mark would take part in the first line, and is left out of all offsets.
    const skipped = isFirst && own.startsWith('\ufeff') ? 1 : 0;
    const text = own.slice(skipped);
    // That there is such a name is all that the parser has to know.
    const source = named.length === 0 ? text : `${text}\n\n${named.map(({ label }) => `[${label}]: #`).join('\n')}`;
    const root = this.#parse(source, isFirst);
    const urls = new Map<string, string>();
    for (const node of root.children) {
      if (node.type === 'definition' && !urls.has(node.identifier)) {
        urls.set(node.identifier, node.url);
      }
    }
    for (const { name, url } of named) {
      urls.set(name, url);
    }
    const children = root.children.filter((node) => spanOf(node).start < text.length);
    const reader = new BlockReader(source, urls);
    const blocks = children
      .map((node) => reader.read(node))
      .map((block) => (block.end > text.length ? { ...block, end: text.length } : block));
    const last = children.at(-1);
    const findEnd = last && getEndFinder(last, text);
    return {
      blocks: skipped === 0 ? blocks : blocks.map((block) => moveBlock(block, skipped)),
      ...(last && findEnd ? { last: { start: spanOf(last).start + skipped, findEnd } } : {}),
    };
  }

  #parse(source: string, isFirst: boolean): Root {
    this.parsed.chars += source.length;
    this.parsed.most = Math.max(this.parsed.most, source.length);
    return isFirst
      ? fromMarkdown(source, {
          extensions: [frontmatter(['yaml'])],
          mdastExtensions: [frontmatterFromMarkdown(['yaml'])],
        })
      : fromMarkdown(source);
  }

  /** Lines such as `[desk]: frames/desk.png`, which `![][desk]` of any section may mean, by name. The first counts. */
  #findDefinitions(text: string): ReadonlyMap<string, Definition> {
    const found = new Map<string, Definition>();
    const lines = new Map<string, Definition>();
    for (const [line, label] of text.includes(']:') ? text.matchAll(DEFINITION) : []) {
      const name = normalizeLabel(label!);
      if (found.has(name)) {
        continue;
      }
      const isEmbedded = /^[^\]]*\]:[ \t]*<?data:/i.test(line);
      const read = isEmbedded ? line.slice(0, MAX_EMBEDDED_CHARS) : line;
      const known = lines.get(read) ?? this.#definitions.get(read);
      const definition =
        known ?? (read.length > MAX_DEFINITION_CHARS ? undefined : new Definition(++this.#count, name, label!, read));
      if (definition) {
        lines.set(read, definition);
        found.set(name, definition);
      }
    }
    this.#definitions = lines;
    return found;
  }
}

const DEFINITION = /^ {0,3}\[((?:[^[\]\\\r\n]|\\.){1,200})\]:[ \t]*\S.*$/gm;
const MAX_EMBEDDED_CHARS = 300;

/** Read when a section names it, and once for all that do. */
class Definition {
  #url: string | undefined;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly label: string,
    private readonly line: string,
  ) {}

  get url(): string {
    if (this.#url === undefined) {
      const [node] = fromMarkdown(this.line).children;
      this.#url = node?.type === 'definition' ? node.url : '';
    }
    return this.#url;
  }
}

/** As CommonMark compares them. */
function normalizeLabel(label: string): string {
  return label
    .replace(/[\t\n\r ]+/g, ' ')
    .trim()
    .toLowerCase()
    .toUpperCase()
    .toLowerCase();
}

/** What of the document's definitions a section names. */
function findNamed(own: string, definitions: ReadonlyMap<string, Definition>): Definition[] {
  const named = new Set<Definition>();
  for (const [, label] of own.matchAll(/\[((?:[^[\]\\]|\\[^]){1,200})(?=\])/g)) {
    const definition = definitions.get(normalizeLabel(label!));
    if (definition) {
      named.add(definition);
    }
  }
  return [...named];
}

/** Whether the parser would need more than its time for a text. */
function isComplex(own: string): boolean {
  let marks = own.match(/[*_[\]`<\\]/g)?.length ?? 0;
  for (const [lead] of own.matchAll(/^[ \t]*(?:(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t\r\n]|$))[ \t]*)+/gm)) {
    const depth = lead.match(/[>*+-]|\d+[.)]/g)?.length ?? 0;
    if (depth > MAX_DEPTH) {
      return true;
    }
    marks += depth;
  }
  return marks > MAX_MARKS;
}

/** A byte order mark is no part of the first line. */
const FRONT_MATTER = /^\ufeff?---[ \t]*(?:\r\n?|\n)(?:[^]*?(?:\r\n?|\n))??---[ \t]*(?:\r\n?|\n|$)/;

function findSectionStarts(text: string): number[] {
  const from = FRONT_MATTER.exec(text)?.[0].length ?? 0;
  const heading = /(?<=^|[\r\n])#{1,6}(?=[ \t\r\n]|$)/g;
  heading.lastIndex = from;
  const starts = [...matchFrom(heading, text)].filter((at) => at > 0);
  return [0, ...starts];
}

function* matchFrom(pattern: RegExp, text: string): Generator<number> {
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    yield match.index;
  }
}

/** Code between fences and HTML end by what they say themselves, whatever headings are in them. */
function getEndFinder(node: RootContent, text: string): ((text: string, from: number) => number) | undefined {
  const own = text.slice(spanOf(node).start, spanOf(node).start + 20);
  if (node.type === 'code') {
    const fence = /^(?:`{3}|~{3})/.exec(own)?.[0];
    return fence === undefined ? undefined : findFenceEnd;
  }
  if (node.type !== 'html') {
    return undefined;
  }
  const [, end] = HTML_ENDS.find(([begin]) => begin.test(own)) ?? [];
  return end
    ? (all, from) => lineAfter(all, matchAt(end, all, from + 2)?.end ?? all.length)
    : (all, from) => matchAt(/(?:\r\n|\r(?!\n)|\n)(?=[ \t]*(?:[\r\n]|$))/g, all, from)?.end ?? all.length;
}

/** The kinds of HTML that CommonMark has, but for that which ends at an empty line. */
const HTML_ENDS: readonly (readonly [RegExp, RegExp])[] = [
  [/^<(?:script|pre|style|textarea)(?=[\s>]|$)/i, /<\/(?:script|pre|style|textarea)>/gi],
  [/^<!--/, /-->/g],
  [/^<\?/, /\?>/g],
  [/^<!\[CDATA\[/, /\]\]>/g],
  [/^<![a-z]/i, />/g],
];

/** Code or a comment that begins in a text that is not read, and may go on behind it: the headings in it are none. */
function findOpen(own: string, from: number): Section['last'] {
  const begin = /(?<=[\r\n]) {0,3}(?:(?=`{3}(?!`*[^`\r\n]*`)|~{3})|(?=<!--))/g;
  begin.lastIndex = from;
  for (let match = begin.exec(own); match; match = begin.exec(own)) {
    const start = match.index + match[0].length;
    const findEnd = own[start] === '<' ? findCommentEnd : findFenceEnd;
    const end = findEnd(own, start);
    if (end >= own.length) {
      return { start, findEnd };
    }
    begin.lastIndex = end;
  }
  return undefined;
}

function findCommentEnd(text: string, from: number): number {
  return lineAfter(text, matchAt(/-->/g, text, from + 2)?.end ?? text.length);
}

function findFenceEnd(text: string, from: number): number {
  const sign = text[from]!;
  let length = 0;
  while (text[from + length] === sign) {
    length++;
  }
  const fence = /(?<=[\r\n]) {0,3}(`{3,}|~{3,})[ \t]*(?=[\r\n]|$)/g;
  fence.lastIndex = from + length;
  for (let match = fence.exec(text); match; match = fence.exec(text)) {
    if (match[1]!.startsWith(sign) && match[1]!.length >= length) {
      return lineAfter(text, match.index);
    }
  }
  return text.length;
}

function matchAt(pattern: RegExp, text: string, from: number): { end: number } | undefined {
  const own = new RegExp(pattern);
  own.lastIndex = from;
  const match = own.exec(text);
  return match ? { end: match.index + match[0].length } : undefined;
}

/** Where the line after a place begins. */
function lineAfter(text: string, offset: number): number {
  const end = /[^\r\n]*(?:\r\n?|\n)?/y;
  end.lastIndex = offset;
  return offset + (end.exec(text)?.[0].length ?? 0);
}

function isComment(html: string): boolean {
  return /^<!--[^]*-->\s*$/.test(html);
}

function spanOf(node: Nodes): Span {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

class BlockReader {
  constructor(
    private readonly source: string,
    private readonly urls: ReadonlyMap<string, string>,
  ) {}

  read(node: RootContent): Block {
    const span = spanOf(node);
    switch (node.type) {
      case 'yaml':
        return { kind: 'front-matter', value: node.value, valueStart: lineAfter(this.source, span.start), ...span };
      case 'heading':
        return { kind: 'heading', level: node.depth, text: this.#readInline(node.children).text, ...span };
      case 'blockquote':
        return { kind: 'quote', text: this.#readText([node]), ...span };
      case 'paragraph':
        return { kind: 'paragraph', text: this.#readText([node]), ...span };
      case 'list':
        return {
          kind: 'list',
          isOrdered: node.ordered === true,
          items: node.children.map((item) => this.#readItem(item)),
          ...span,
        };
      case 'html':
        return { kind: isComment(node.value) ? 'comment' : 'other', ...span };
      default:
        return { kind: 'other', ...span };
    }
  }

  #findLineEnd(offset: number): number {
    const end = /[\r\n]/g;
    end.lastIndex = offset;
    return end.exec(this.source)?.index ?? this.source.length;
  }

  #readItem(item: Nodes & { type: 'listItem' }): ListItem {
    const [first] = item.children;
    const span = spanOf(item);
    if (first?.type !== 'paragraph') {
      return {
        ...span,
        text: MappedText.EMPTY,
        textEnd: Math.min(span.end, lineAfter(this.source, span.start)),
        lineEnd: this.#findLineEnd(span.start),
        references: [],
      };
    }
    const { text, references } = this.#readInline(first.children);
    const bold = first.children.find((node) => node.type !== 'text' || node.value.trim() !== '');
    const strong = bold?.type === 'strong' ? this.#readInline(bold.children).text : undefined;
    const strongSpan = strong?.span;
    return {
      ...span,
      text,
      textEnd: spanOf(first).end,
      lineEnd: this.#findLineEnd(span.start),
      references,
      ...(bold && strong && strongSpan
        ? { strong: { text: strong.text, span: strongSpan, end: spanOf(bold).end } }
        : {}),
    };
  }

  /** What of these blocks is a prompt: no code, no tables, no images, no HTML. Paragraphs stand apart by an empty line. */
  #readText(nodes: readonly RootContent[]): MappedText {
    const builder = new MappedTextBuilder();
    this.#addBlocks(nodes, builder);
    return builder.build().trim();
  }

  #addBlocks(nodes: readonly RootContent[], builder: MappedTextBuilder): void {
    for (const node of nodes) {
      if (node.type === 'paragraph' || node.type === 'heading') {
        const { end } = spanOf(node);
        const table = node.type === 'paragraph' ? this.#findTable(spanOf(node)) : undefined;
        this.#addBlock(builder, '\n\n', (inner) => this.#addInline(node.children, inner, [], table ?? end));
      } else if (node.type === 'blockquote') {
        this.#addBlocks(node.children, builder);
      } else if (node.type === 'list') {
        node.children.forEach((item, index) =>
          this.#addBlock(builder, index === 0 ? '\n\n' : '\n', (inner) => this.#addBlocks(item.children, inner)),
        );
      }
    }
  }

  #addBlock(builder: MappedTextBuilder, separator: string, add: (builder: MappedTextBuilder) => void): void {
    const inner = new MappedTextBuilder();
    add(inner);
    const built = inner.build().trim();
    if (built.text !== '') {
      builder.pushUnwritten(builder.text === '' ? '' : separator);
      built.addTo(builder);
    }
  }

  /** Where a table begins in a paragraph, as renderers of tables see it: a row, and below it a rule with as many cells. */
  #findTable({ start, end }: Span): number | undefined {
    const own = this.source.slice(start, end);
    if (!own.includes('|')) {
      return undefined;
    }
    let offset = start;
    let before: { offset: number; line: string } | undefined;
    for (const line of own.split(/(?<=\r\n|\r(?!\n)|\n)/)) {
      if (
        before?.line.includes('|') &&
        line.includes('-') &&
        /^[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/.test(line)
      ) {
        return before.offset;
      }
      before = { offset, line };
      offset += line.length;
    }
    return undefined;
  }

  #readInline(nodes: readonly PhrasingContent[]): { text: MappedText; references: Reference[] } {
    const builder = new MappedTextBuilder();
    const references: Reference[] = [];
    this.#addInline(nodes, builder, references, Infinity);
    return { text: builder.build(), references };
  }

  /** @param end what begins behind it is not text */
  #addInline(
    nodes: readonly PhrasingContent[],
    builder: MappedTextBuilder,
    references: Reference[],
    end: number,
  ): void {
    for (const node of nodes) {
      const span = spanOf(node);
      if (span.start >= end) {
        return;
      }
      switch (node.type) {
        case 'text':
          this.#addText(node.value, span, builder, end);
          break;
        case 'inlineCode':
          this.#addCode(node.value, span, builder);
          break;
        case 'break':
          builder.push('\n', span.start, span.end - span.start);
          break;
        case 'html':
          if (/^<br\b/i.test(node.value)) {
            builder.push('\n', span.start, span.end - span.start);
          }
          break;
        case 'image':
          references.push({ url: node.url, text: node.alt ?? '', isImage: true, ...span });
          break;
        case 'imageReference':
          references.push({
            url: this.urls.get(node.identifier) ?? '',
            text: node.alt ?? '',
            isImage: true,
            ...span,
          });
          break;
        case 'link':
        case 'linkReference': {
          const before = builder.text.length;
          this.#addInline(node.children, builder, references, end);
          const url = node.type === 'link' ? node.url : (this.urls.get(node.identifier) ?? '');
          references.push({ url, text: builder.text.slice(before), isImage: false, ...span });
          break;
        }
        case 'emphasis':
        case 'strong':
        case 'delete':
          this.#addInline(node.children, builder, references, end);
          break;
        default:
          break;
      }
    }
  }

  #addCode(value: string, { start, end }: Span, builder: MappedTextBuilder): void {
    const at = this.source.slice(start, end).indexOf(value);
    if (at >= 0) {
      builder.push(value, start + at, value.length);
    } else {
      builder.push(value.replace(/\s+/g, ' '), start, end - start);
    }
  }

  /** Follows a text through its source, where characters are escaped and lines begin with marks. */
  #addText(value: string, { start, end }: Span, builder: MappedTextBuilder, limit: number): void {
    const { source } = this;
    let at = start;
    // An image that is left out leaves one blank, not two.
    let index = /(?:^|\s)$/.test(builder.text) ? value.length - value.replace(/^[ \t]+/, '').length : 0;
    at += index;
    while (index < value.length && at < limit) {
      const char = value[index]!;
      if (char === '\n' || char === '\r') {
        index += char === '\r' && value[index + 1] === '\n' ? 1 : 0;
        const eol = /[ \t]*(?:\r\n?|\n)[ \t>]*/y;
        eol.lastIndex = at;
        const length = eol.exec(source)?.[0].length ?? 1;
        // A line is broken for the reader of the file. Languages without blanks get none.
        const isGlued = UNSPACED.test(builder.text.at(-1) ?? '') && UNSPACED.test(value[index + 1] ?? '');
        if (!isGlued) {
          builder.pushUnwritten(' ');
        }
        at += length;
        index++;
        continue;
      }
      const written = source[at];
      const isEncoded =
        (char === '&' && /^&(?:amp|#0*38|#x0*26);/i.test(source.slice(at, at + 12))) ||
        (char === '\\' && source[at + 1] === '\\');
      if ((written === char && !isEncoded) || (written === '\0' && char === '\ufffd')) {
        builder.push(char, at, 1);
        at++;
      } else if (written === '\\' && source[at + 1] === char) {
        builder.push(char, at, 2);
        at += 2;
      } else {
        const entity = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z\d]{1,31});/iy;
        entity.lastIndex = at;
        const length = entity.exec(source)?.[0].length;
        const isPair = /[\udc00-\udfff]/.test(value[index + 1] ?? '') && /[\ud800-\udbff]/.test(char);
        const decoded = isPair ? value.slice(index, index + 2) : char;
        if (length === undefined || at >= end) {
          // What cannot be followed is still the text, and stands where this text does.
          builder.push(value.slice(index), Math.min(at, end), Math.max(0, end - at));
          return;
        }
        builder.push(decoded, at, length);
        at += length;
        index += decoded.length - 1;
      }
      index++;
    }
  }
}

/** Chinese, Japanese, and the punctuation between them. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

function moveBlock(block: Block, by: number): Block {
  if (by === 0) {
    return block;
  }
  const span = { start: block.start + by, end: block.end + by };
  switch (block.kind) {
    case 'front-matter':
      return { ...block, ...span, valueStart: block.valueStart + by };
    case 'heading':
      return { ...block, ...span, text: block.text.movedBy(by) };
    case 'quote':
    case 'paragraph':
      return { ...block, ...span, text: block.text.movedBy(by) };
    case 'list':
      return { ...block, ...span, items: block.items.map((item) => moveItem(item, by)) };
    default:
      return { ...block, ...span };
  }
}

function moveItem({ strong, ...item }: ListItem, by: number): ListItem {
  return {
    ...item,
    start: item.start + by,
    end: item.end + by,
    textEnd: item.textEnd + by,
    lineEnd: item.lineEnd + by,
    text: item.text.movedBy(by),
    references: item.references.map((one) => ({ ...one, start: one.start + by, end: one.end + by })),
    ...(strong
      ? {
          strong: {
            text: strong.text,
            span: { start: strong.span.start + by, end: strong.span.end + by },
            end: strong.end + by,
          },
        }
      : {}),
  };
}
