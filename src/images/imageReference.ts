import { createImageFromUrl, parseImageUrl } from './delivery/imageUrl';

/**
 * Which image a text speaks of at a place: Markdown, HTML, or a bare path or link. The text is somebody's, so it is
 * read once from left to right: whatever it holds, the time grows with its length only.
 */

/** A mention of an image, or of what may be one. */
interface ImageReference {
  /** Where it is in the text; `end` is behind it. */
  start: number;
  end: number;
  target: string;
  /** Shown in place, and not merely linked to. */
  isImage: boolean;
}

const IMAGE_NAME = /\.(?:png|jpe?g|webp|bmp|tiff?|gif)$/i;
/** CommonMark lets an implementation stop here. It also keeps an unclosed link from being read to the end each time. */
const MAX_PARENTHESES = 32;
const MAX_LABEL_CHARS = 999;
const MAX_WORD_CHARS = 8192;

/**
 * @param text the lines around the place, up to blank ones
 * @param at the place: an offset in `text`
 * @param whole the document, for what `![alt][name]` is defined as
 * @returns a path, link or `data:` URL as it stands there, with its escapes taken out; `undefined` when there is none
 */
export function getImageReferenceAt(text: string, at: number, whole: string = text): string | undefined {
  const findImageReferences = [...markdownMentions(text, () => definitionsIn(whole)), ...htmlMentions(text)].filter(
    ({ target, isImage }) => target !== '' && (isImage || isImageName(target)),
  );
  const here = findImageReferences.filter(({ start, end }) => start <= at && at <= end);
  // An image in a link: what is nearest to the place is meant.
  const nearest = here.sort((a, b) => Number(b.isImage) - Number(a.isImage) || a.end - a.start - (b.end - b.start))[0];
  if (nearest) {
    return nearest.target;
  }
  const word = wordAt(text, at);
  if (isImageName(word)) {
    return word;
  }
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const to = text.indexOf('\n', at);
  const inLine = findImageReferences.filter(
    ({ start, end, isImage }) => isImage && start >= from && end <= (to < 0 ? text.length : to),
  );
  return inLine.length === 1 ? inLine[0]!.target : undefined;
}

function isImageName(target: string): boolean {
  return IMAGE_NAME.test(target.slice(0, MAX_WORD_CHARS).split(/[?#]/, 1)[0]!) && target.length <= MAX_WORD_CHARS;
}

/** `![alt](target "title")`, `![alt][name]`, `![name]`, and the same without the mark. */
function markdownMentions(text: string, definitions: () => ReadonlyMap<string, string>): ImageReference[] {
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
      const inline = text[at + 1] === '(' ? inlineTarget(text, at + 2) : undefined;
      if (inline) {
        found.push({ start, isImage, ...inline });
        // The target's own brackets are none of the text.
        at = inline.end - 1;
        continue;
      }
      const named = text[at + 1] === '[' ? labelEnd(text, at + 2) : undefined;
      const name = (named === undefined ? '' : text.slice(at + 2, named)) || label(text, bracket + 1, at);
      defined ??= definitions();
      const target = defined.get(normalLabel(name));
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

/** Where a `[name]` ends, if it is one. */
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

/** Upper and lower case and the kind of white space make no difference. */
function normalLabel(name: string): string {
  return name.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** From behind `(`: target, perhaps a title, `)`. */
function inlineTarget(text: string, from: number): { target: string; end: number } | undefined {
  const destination = destinationAt(text, skipSpace(text, from));
  if (!destination) {
    return undefined;
  }
  let at = skipSpace(text, destination.end);
  if (at > destination.end) {
    at = skipSpace(text, titleEnd(text, at));
  }
  return text[at] === ')' ? { target: destination.target, end: at + 1 } : undefined;
}

/** `<a path with spaces>`, or what ends at white space or at a bracket that closes more than it opened. */
function destinationAt(text: string, from: number): { target: string; end: number } | undefined {
  if (text[from] === '<') {
    for (let at = from + 1; at < text.length && text[at] !== '\n' && text[at] !== '<'; at++) {
      if (text[at] === '\\') {
        at++;
      } else if (text[at] === '>') {
        return { target: unescaped(text.slice(from + 1, at)), end: at + 1 };
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
  return { target: unescaped(text.slice(from, at)), end: at };
}

/** Behind a title in quotes or brackets; where there is none, the place itself. */
function titleEnd(text: string, from: number): number {
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

/** `[name]: target`, each on a line of its own; the first of a name counts. */
function definitionsIn(whole: string): Map<string, string> {
  const found = new Map<string, string>();
  for (let from = 0; from < whole.length;) {
    const newline = whole.indexOf('\n', from);
    const to = newline < 0 ? whole.length : newline;
    const start = skipBlanks(whole, from);
    const end = whole[start] === '[' ? labelEnd(whole, start + 1) : undefined;
    if (end !== undefined && end < to && whole[end + 1] === ':') {
      const destination = destinationAt(whole, skipBlanks(whole, end + 2));
      const name = normalLabel(whole.slice(start + 1, end));
      if (destination && name !== '' && !found.has(name)) {
        found.set(name, destination.target);
      }
    }
    from = to + 1;
  }
  return found;
}

/** `<img src="…">`, on one line or several. */
function htmlMentions(text: string): ImageReference[] {
  const found: ImageReference[] = [];
  const tag = /<img(?=[\s/])/gi;
  for (let match = tag.exec(text); match; match = tag.exec(text)) {
    const start = match.index;
    const { source, end } = imgTag(text, start + '<img'.length);
    if (source !== undefined) {
      found.push({ start, end, target: decodeEntities(source).trim(), isImage: true });
    }
    tag.lastIndex = Math.max(end, tag.lastIndex);
  }
  return found;
}

/** Reads attributes up to `>`, or to the next `<` where a tag is not closed. */
function imgTag(text: string, from: number): { source: string | undefined; end: number } {
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
    const value = attributeValue(text, skipSpace(text, equals + 1));
    if (name === 'src') {
      source ??= value.text;
    }
    at = value.end;
  }
  return { source, end: text[at] === '>' ? at + 1 : at };
}

function attributeValue(text: string, from: number): { text: string; end: number } {
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

/** What stands between white space, quotes and brackets: a bare link, a path in a style sheet. */
function wordAt(text: string, at: number): string {
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

function unescaped(text: string): string {
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

/** What a reference to an image leads to. */
export type ImageTarget =
  | { kind: 'link'; href: string; label: string }
  | { kind: 'data'; bytes: Uint8Array }
  | { kind: 'file'; uri: string }
  /** With `/` between its parts and its escapes taken out; it may lead anywhere. */
  | { kind: 'path'; path: string; isFromRoot: boolean };

const DATA_IMAGE = /^data:image\/[a-z0-9.+-]{1,40};base64,/i;

/** Two letters at least: one is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * @param target as a Markdown or HTML text has it
 * @returns `undefined` for what is no image: a command, a script, a link with a password
 */
export function parseImageTarget(target: string): ImageTarget | undefined {
  const data = DATA_IMAGE.exec(target.slice(0, 100));
  if (data) {
    const bytes = Buffer.from(target.slice(data[0].length), 'base64');
    return bytes.length === 0 ? undefined : { kind: 'data', bytes };
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
    // A per cent sign that is one.
    return path;
  }
}
