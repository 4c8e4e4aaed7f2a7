import type { Nodes, PhrasingContent, RootContent } from 'mdast';
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
  | ({ kind: 'other' } & Span);

/** Blocks with offsets in their section. */
interface Section {
  blocks: readonly Block[];
  /** What stands open at its end may go on behind the next heading. */
  isOpen: boolean;
}

/** Reads a document again and again, as it is being changed. */
export class MarkdownReader {
  #sections: ReadonlyMap<string, Section> = new Map();

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
    const definitions = findDefinitions(text);
    const used = new Map<string, Section>();
    const blocks: Block[] = [];
    for (let first = 0; first < starts.length;) {
      let section: Section;
      let next = first;
      // What stands open takes the next sections along; twice as many each time, so that no text is read very often.
      for (let count = 1; ; count *= 2) {
        next = Math.min(first + count, starts.length);
        const own = text.slice(starts[first], starts[next] ?? text.length);
        const key = definitions !== '' && own.includes('[') ? `${own}\0${definitions}` : own;
        section = used.get(key) ?? this.#sections.get(key) ?? readSection(own, definitions, first === 0);
        used.set(key, section);
        yield;
        if (!section.isOpen || next === starts.length) {
          break;
        }
      }
      for (const block of section.blocks) {
        blocks.push(moveBlock(block, starts[first]!));
      }
      first = next;
    }
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

/** Lines such as `[desk]: frames/desk.png`, which `![][desk]` of any section may mean. */
function findDefinitions(text: string): string {
  return text.includes(']:')
    ? (text.match(/^ {0,3}\[(?:[^[\]\\\r\n]|\\.){1,200}\]:[ \t]*\S.*$/gm) ?? []).join('\n')
    : '';
}

function readSection(own: string, definitions: string, isFirst: boolean): Section {
  // The mark would take part in the first line, and is left out of all offsets.
  const skipped = isFirst && own.startsWith('\ufeff') ? 1 : 0;
  const text = own.slice(skipped);
  const source = definitions === '' ? text : `${text}\n\n${definitions}`;
  const root = isFirst
    ? fromMarkdown(source, {
        extensions: [frontmatter(['yaml'])],
        mdastExtensions: [frontmatterFromMarkdown(['yaml'])],
      })
    : fromMarkdown(source);
  const urls = new Map<string, string>();
  for (const node of root.children) {
    if (node.type === 'definition') {
      urls.set(node.identifier, node.url);
    }
  }
  const children = root.children.filter((node) => spanOf(node).start < text.length);
  const reader = new BlockReader(source, urls);
  const blocks = children.map((node) => reader.read(node));
  const last = children.at(-1);
  return {
    blocks: skipped === 0 ? blocks : blocks.map((block) => moveBlock(block, skipped)),
    isOpen: last !== undefined && mayGoOn(last, text),
  };
}

/** Whether what comes behind the section may still belong to its last block. */
function mayGoOn(node: RootContent, text: string): boolean {
  const { start, end } = spanOf(node);
  const own = text.slice(start, end);
  if (node.type === 'code') {
    const fence = /^(`{3,}|~{3,})/.exec(own)?.[1];
    const lastLine = /[\r\n][ \t]*([`~]+)[ \t]*$/.exec(own)?.[1];
    const isClosed = end <= text.length && lastLine !== undefined && fence !== undefined && lastLine.startsWith(fence);
    return fence !== undefined && !isClosed;
  }
  if (node.type === 'html') {
    const isClosedComment = own.startsWith('<!--') && own.includes('-->');
    const endsAtBlank =
      !/^<(?:script|pre|style|textarea|[!?])/i.test(own) &&
      /^[ \t]*(?:\r\n|\r(?!\n)|\n)[ \t]*[\r\n]/.test(text.slice(end));
    return !isClosedComment && !endsAtBlank;
  }
  return false;
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
        return { kind: 'front-matter', value: node.value, valueStart: this.#lineAfter(span.start), ...span };
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
        return { kind: /^<!--[^]*-->\s*$/.test(node.value) ? 'comment' : 'other', ...span };
      default:
        return { kind: 'other', ...span };
    }
  }

  #lineAfter(offset: number): number {
    const end = /[^\r\n]*(?:\r\n?|\n)?/y;
    end.lastIndex = offset;
    return offset + (end.exec(this.source)?.[0].length ?? 0);
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
        textEnd: Math.min(span.end, this.#lineAfter(span.start)),
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
