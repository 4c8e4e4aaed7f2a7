import { parseDataImage } from './dataImage';
import { createImageFromUrl, parseImageUrl } from './delivery/imageUrl';
import { isImageName } from './imageNames';

/**
 * Finds the image that a text refers to at a position: in Markdown, HTML, or as a bare path or link. The text is
 * untrusted, so it is scanned once from left to right: the time is linear in its length, whatever it contains.
 */

/** A reference to an image, or to a file that may be one. */
interface ImageReference {
  /** Offsets in the text; `end` is exclusive. */
  start: number;
  end: number;
  target: string;
  /** An embedded image, not a link. */
  isImage: boolean;
}

/**
 * CommonMark lets implementations limit the nesting. The limit also keeps unclosed links from being scanned to the end
 * each time.
 */
const MAX_PARENTHESES = 32;
const MAX_LABEL_CHARS = 999;
const MAX_WORD_CHARS = 8192;

/**
 * @param text the paragraph around the position
 * @param at the position: an offset in `text`
 * @param whole reads the document, which may define the `name` of `![alt][name]`
 * @returns a path, link or `data:` URL as written, unescaped; `undefined` when there is none
 */
export function getImageReferenceAt(text: string, at: number, whole: () => string = () => text): string | undefined {
  const references = [...findInMarkdown(text, () => parseDefinitions(whole())), ...findInHtml(text)].filter(
    ({ target, isImage }) => target !== '' && (isImage || hasImageName(target)),
  );
  const here = references.filter(({ start, end }) => start <= at && at <= end);
  // An image may be inside a link: prefer images, then the innermost.
  const nearest = here.sort((a, b) => Number(b.isImage) - Number(a.isImage) || a.end - a.start - (b.end - b.start))[0];
  if (nearest) {
    return nearest.target;
  }
  const word = getWordAt(text, at);
  if (hasImageName(word)) {
    return word;
  }
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const to = text.indexOf('\n', at);
  const inLine = references.filter(
    ({ start, end, isImage }) => isImage && start >= from && end <= (to < 0 ? text.length : to),
  );
  return inLine.length === 1 ? inLine[0]!.target : undefined;
}

function hasImageName(target: string): boolean {
  return isImageName(target.slice(0, MAX_WORD_CHARS).split(/[?#]/, 1)[0]!) && target.length <= MAX_WORD_CHARS;
}

/** Finds `![alt](target "title")`, `![alt][name]`, `![name]`, and the same without `!`. */
function findInMarkdown(text: string, definitions: () => ReadonlyMap<string, string>): ImageReference[] {
  const found: ImageReference[] = [];
  const open: number[] = [];
  let defined: ReadonlyMap<string, string> | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') {
      at++;
    } else if (char === '[') {
      open.push(at);
    } else if (char === ']') {
      const bracket = open.pop();
      if (bracket === undefined) {
        continue;
      }
      const isImage = text[bracket - 1] === '!' && text[bracket - 2] !== '\\';
      const start = isImage ? bracket - 1 : bracket;
      const inline = text[at + 1] === '(' ? readInlineTarget(text, at + 2) : undefined;
      if (inline) {
        found.push({ start, isImage, ...inline });
        // Skip brackets inside the target.
        at = inline.end - 1;
        continue;
      }
      const named = text[at + 1] === '[' ? labelEnd(text, at + 2) : undefined;
      const name = (named === undefined ? '' : text.slice(at + 2, named)) || label(text, bracket + 1, at);
      defined ??= definitions();
      const target = defined.get(normalizeLabel(name));
      if (target !== undefined) {
        found.push({ start, end: named === undefined ? at + 1 : named + 1, target, isImage });
      }
    }
  }
  return found;
}

function label(text: string, from: number, to: number): string {
  return to - from > MAX_LABEL_CHARS ? '' : text.slice(from, to);
}

/** Returns the offset of the `]` that ends a `[name]`, if it is one. */
function labelEnd(text: string, from: number): number | undefined {
  for (let at = from; at < text.length && at - from <= MAX_LABEL_CHARS; at++) {
    if (text[at] === ']') {
      return at;
    }
    if (text[at] === '[') {
      return undefined;
    }
  }
  return undefined;
}

/** Labels match regardless of case and of the kind of white space. */
function normalizeLabel(name: string): string {
  return name.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Reads what follows `(`: target, optional title, `)`. */
function readInlineTarget(text: string, from: number): { target: string; end: number } | undefined {
  const destination = readDestination(text, skipSpace(text, from));
  if (!destination) {
    return undefined;
  }
  let at = skipSpace(text, destination.end);
  if (at > destination.end) {
    at = skipSpace(text, skipTitle(text, at));
  }
  return text[at] === ')' ? { target: destination.target, end: at + 1 } : undefined;
}

/** Reads `<a path with spaces>`, or a target that ends at white space or at an unbalanced `)`. */
function readDestination(text: string, from: number): { target: string; end: number } | undefined {
  if (text[from] === '<') {
    for (let at = from + 1; at < text.length && text[at] !== '\n' && text[at] !== '<'; at++) {
      if (text[at] === '\\') {
        at++;
      } else if (text[at] === '>') {
        return { target: unescapeMarkdown(text.slice(from + 1, at)), end: at + 1 };
      }
    }
    return undefined;
  }
  let at = from;
  for (let depth = 0; at < text.length && !isSpace(text[at]); at++) {
    if (text[at] === '\\' && isPunctuation(text[at + 1])) {
      at++;
    } else if (text[at] === '(' && ++depth > MAX_PARENTHESES) {
      return undefined;
    } else if (text[at] === ')' && --depth < 0) {
      break;
    }
  }
  return { target: unescapeMarkdown(text.slice(from, at)), end: at };
}

/** Returns the offset after a title in quotes or parentheses, or `from` when there is none. */
function skipTitle(text: string, from: number): number {
  const quote = text[from];
  const closing = quote === '"' || quote === "'" ? quote : quote === '(' ? ')' : undefined;
  for (let at = from + 1; closing !== undefined && at < text.length; at++) {
    if (text[at] === '\\') {
      at++;
    } else if (text[at] === closing) {
      return at + 1;
    } else if (text[at] === '(' && closing === ')') {
      break;
    }
  }
  return from;
}

/** Reads all `[name]: target` lines. The first definition of a name wins. */
function parseDefinitions(whole: string): Map<string, string> {
  const found = new Map<string, string>();
  for (let from = 0; from < whole.length;) {
    const newline = whole.indexOf('\n', from);
    const to = newline < 0 ? whole.length : newline;
    const start = skipBlanks(whole, from);
    const end = whole[start] === '[' ? labelEnd(whole, start + 1) : undefined;
    if (end !== undefined && end < to && whole[end + 1] === ':') {
      const destination = readDestination(whole, skipBlanks(whole, end + 2));
      const name = normalizeLabel(whole.slice(start + 1, end));
      if (destination && name !== '' && !found.has(name)) {
        found.set(name, destination.target);
      }
    }
    from = to + 1;
  }
  return found;
}

/** Finds `<img src="…">`, which may span several lines. */
function findInHtml(text: string): ImageReference[] {
  const found: ImageReference[] = [];
  const tag = /<img(?=[\s/])/gi;
  for (let match = tag.exec(text); match; match = tag.exec(text)) {
    const start = match.index;
    const { source, end } = readImgTag(text, start + '<img'.length);
    if (source !== undefined) {
      found.push({ start, end, target: decodeEntities(source).trim(), isImage: true });
    }
    tag.lastIndex = Math.max(end, tag.lastIndex);
  }
  return found;
}

/** Reads attributes up to `>`, or up to the next `<` when the tag is not closed. */
function readImgTag(text: string, from: number): { source: string | undefined; end: number } {
  let source: string | undefined;
  let at = from;
  while (at < text.length && text[at] !== '>' && text[at] !== '<') {
    if (isSpace(text[at]) || text[at] === '/') {
      at++;
      continue;
    }
    const nameStart = at;
    while (at < text.length && !isSpace(text[at]) && !'=><'.includes(text[at]!)) {
      at++;
    }
    const name = text.slice(nameStart, at).toLowerCase();
    const equals = skipSpace(text, at);
    if (text[equals] !== '=') {
      at = Math.max(at, nameStart + 1);
      continue;
    }
    const value = readAttributeValue(text, skipSpace(text, equals + 1));
    if (name === 'src') {
      source ??= value.text;
    }
    at = value.end;
  }
  return { source, end: text[at] === '>' ? at + 1 : at };
}

function readAttributeValue(text: string, from: number): { text: string; end: number } {
  const quote = text[from];
  if (quote === '"' || quote === "'") {
    const closing = text.indexOf(quote, from + 1);
    const end = closing < 0 ? text.length : closing;
    return { text: text.slice(from + 1, end), end: Math.min(end + 1, text.length) };
  }
  let end = from;
  while (end < text.length && !isSpace(text[end]) && text[end] !== '>' && text[end] !== '<') {
    end++;
  }
  return { text: text.slice(from, end), end };
}

/** Returns the word at a position, between white space, quotes and brackets: a bare link, a path in a style sheet. */
function getWordAt(text: string, at: number): string {
  const isEdge = (char: string | undefined) => char === undefined || isSpace(char) || '<>"\'()[]{}|`'.includes(char);
  let start = at;
  while (start > 0 && at - start <= MAX_WORD_CHARS && !isEdge(text[start - 1])) {
    start--;
  }
  let end = at;
  while (end - at <= MAX_WORD_CHARS && !isEdge(text[end])) {
    end++;
  }
  return text.slice(start, end).replace(/[.,;:!?]$/, '');
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text[at])) {
    at++;
  }
  return at;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') {
    at++;
  }
  return at;
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r' || char === '\f' || char === '\v';
}

function isPunctuation(char: string | undefined): boolean {
  return char !== undefined && /[!-/:-@[-`{-~]/.test(char);
}

function unescapeMarkdown(text: string): string {
  return decodeEntities(text.replace(/\\([!-/:-@[-`{-~])/g, '$1'));
}

const ENTITIES: Record<string, string> = {
  amp: '&',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  '#39': "'",
  '#34': '"',
  '#38': '&',
};

function decodeEntities(text: string): string {
  return text.replace(/&(amp|quot|apos|lt|gt|#39|#34|#38);/g, (_, name: string) => ENTITIES[name]!);
}

/** The parsed target of an image reference. */
export type ImageTarget =
  | { kind: 'link'; href: string; label: string }
  | { kind: 'data'; bytes: Uint8Array }
  /** Inside the cell of a notebook. */
  | { kind: 'attachment'; name: string }
  | { kind: 'file'; uri: string }
  /** Decoded, with `/` as separator. Untrusted: it may contain `..`. */
  | { kind: 'path'; path: string; isFromRoot: boolean };

/** At least two letters, because one is a drive letter of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * @param target as written in Markdown or HTML
 * @returns `undefined` for what cannot be an image: a command, a script, a link with a password
 */
export function parseImageTarget(target: string): ImageTarget | undefined {
  const bytes = parseDataImage(target);
  if (bytes) {
    return { kind: 'data', bytes };
  }
  const text = target.startsWith('//') ? `https:${target}` : target;
  const scheme = SCHEME.exec(text)?.[0].toLowerCase();
  switch (scheme) {
    case undefined:
      return getPath(text);
    case 'http:':
    case 'https:': {
      const href = parseImageUrl(text);
      return href === undefined ? undefined : { kind: 'link', href, label: createImageFromUrl(href).label };
    }
    case 'file:':
      return { kind: 'file', uri: text };
    case 'attachment:':
      return { kind: 'attachment', name: decodePercent(text.slice('attachment:'.length)) };
    default:
      return undefined;
  }
}

function getPath(text: string): ImageTarget | undefined {
  const [encoded = ''] = text.split(/[?#]/, 1);
  const path = decodePercent(encoded).replaceAll('\\', '/');
  return path === '' || path.includes('\0') ? undefined : { kind: 'path', path, isFromRoot: path.startsWith('/') };
}

function decodePercent(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A literal percent sign.
    return path;
  }
}
