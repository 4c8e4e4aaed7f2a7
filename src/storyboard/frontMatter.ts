import { isAlias, isMap, isScalar, parseDocument, type Node } from 'yaml';
import { findFileKey, type FileKey } from './keys';
import type { Span } from './mappedText';

export interface FileSetting {
  key: FileKey;
  /** As it is written. */
  name: string;
  nameSpan: Span;
  /** Trimmed; `undefined` when it is no text, such as a list. */
  value: string | undefined;
  span: Span;
}

export interface FrontMatter {
  /** All of it, with the lines around it. */
  span: Span;
  /** Where its text begins, and where the last line of it ends. */
  inner: Span;
  /** The first of each key. Other keys are the author's. */
  settings: readonly FileSetting[];
  /** Where YAML cannot be read. Nothing of it counts then. */
  errors: readonly Span[];
  /** Keys that are there more than once, after the first. */
  repeated: readonly FileSetting[];
}

/** More is no head of a text, and reading YAML takes its time. */
const MAX_CHARS = 20_000;

export function readFrontMatter(value: string, start: number, span: Span): FrontMatter {
  const inner = { start, end: start + value.length };
  const failed = (errors: Span[]): FrontMatter => ({ span, inner, settings: [], errors, repeated: [] });
  if (value.length > MAX_CHARS) {
    return failed([inner]);
  }
  const document = parseDocument(value, {
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: false,
    // Nothing of a tag is worth more than its text.
    schema: 'failsafe',
  });
  if (document.errors.length > 0) {
    return failed(document.errors.map(({ pos: [from, to] }) => clamp({ start: from + start, end: to + start }, inner)));
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === '')) {
    return failed([]);
  }
  if (!isMap(contents)) {
    return failed([inner]);
  }
  const settings: FileSetting[] = [];
  const repeated: FileSetting[] = [];
  for (const pair of contents.items) {
    const name = isScalar(pair.key) ? pair.key : undefined;
    const key = typeof name?.value === 'string' ? findFileKey(name.value) : undefined;
    if (name && key !== undefined) {
      const nameSpan = rangeOf(name, start) ?? inner;
      const node = pair.value as Node | null;
      const text = isAlias(node) ? node.resolve(document) : node;
      const found: FileSetting = {
        key,
        name: String(name.value),
        nameSpan,
        value:
          text === null
            ? ''
            : isScalar<unknown>(text)
              ? typeof text.value === 'string'
                ? text.value.trim()
                : ''
              : undefined,
        span: clamp((node && rangeOf(node, start)) ?? { start: nameSpan.end, end: nameSpan.end }, inner),
      };
      (settings.some((one) => one.key === key) ? repeated : settings).push(found);
    }
  }
  return { span, inner, settings, errors: [], repeated };
}

/** Without the blanks behind a value. */
function rangeOf({ range }: Node, start: number): Span | undefined {
  return range ? { start: range[0] + start, end: range[1] + start } : undefined;
}

function clamp({ start, end }: Span, { start: least, end: most }: Span): Span {
  const from = Math.min(Math.max(start, least), most);
  return { start: from, end: Math.max(from, Math.min(end, most)) };
}
