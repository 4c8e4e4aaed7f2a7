import { parseResultUrl } from '../common/link';
import { isLoopback, parseUrl } from '../common/url';
import { parseAnswer } from './answerText';

/** A page before it is unescaped has `&amp;`, also in the links of some answers (seen in public reports). */
const unescape = (text: string) => text.replaceAll('&amp;', '&');

/**
 * The link of a result, as a browser would take it: without a scheme, relative to the service, with a user and a
 * password, with http where https is to be tried first. In every case it is checked like any other.
 *
 * @param value `url` as it came: a text, a list of them, or an object with one
 */
export function readResultLink(value: unknown, base: URL): URL | undefined {
  for (const text of findTexts(value)) {
    const link = toUrl(unwrap(unescape(text.trim())), base);
    if (!link) {
      continue;
    }
    const { username, password } = link;
    link.username = link.password = '';
    if (link.protocol === 'http:' && !isLoopback(link) && link.port === '') {
      link.protocol = 'https:';
    }
    const checked = parseResultUrl(link.href, base);
    if (checked) {
      // The downloader sends them as a browser does, to this origin only.
      checked.username = username;
      checked.password = password;
      return checked;
    }
  }
  return undefined;
}

function findTexts(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') {
    const list = /^\s*(?:\[\s*["[{]|\{)/.test(value) && value.length <= 16_384 ? parseAnswer(value) : undefined;
    if (list !== undefined && depth <= 2) {
      return findTexts(list, depth + 1);
    }
    return value.trim() === '' || value.length > 16_384 ? [] : [value];
  }
  if (typeof value !== 'object' || value === null || depth > 2) {
    return [];
  }
  const parts: unknown[] = Array.isArray(value) ? value.slice(0, 10) : [(value as { url?: unknown }).url];
  return parts.flatMap((part) => findTexts(part, depth + 1));
}

/**
 * The link in what people and programs put around one: quotes, brackets, markdown, escapes of JSON or of a query, a full
 * stop, a second link. What is a link as it stands and has no blank in it is only freed of its end.
 */
function unwrap(text: string): string {
  let plain = text.replaceAll('\\/', '/').replaceAll('\\u0026', '&');
  if (/^https?%3a%2f%2f/i.test(plain)) {
    try {
      plain = decodeURIComponent(plain);
    } catch {
      return plain;
    }
  }
  const inner =
    /^\[[^\]]{0,200}\]\((\S+)\)$/.exec(plain)?.[1] ??
    withoutQuotes(plain) ??
    /^(https?:\/\/\S+)\s[^]*https?:\/\//i.exec(plain)?.[1] ??
    plain;
  return inner.replace(/[.,;]$/, '').replace(/^(https?:)\/(?=[^/])/i, '$1//');
}

const OPENING = '"\'`<«‹“‘([{';
const CLOSING = '"\'`>»›”’)]}';

/** By hand: an expression for it takes quadratic time for a text of brackets. */
function withoutQuotes(text: string): string | undefined {
  let start = 0;
  while (start < text.length && OPENING.includes(text.charAt(start))) {
    start++;
  }
  let end = text.length;
  while (end > start && CLOSING.includes(text.charAt(end - 1))) {
    end--;
  }
  const inner = text.slice(start, end).trim();
  return start > 0 && end < text.length && /^[^\s"'`<>«»‹›“”‘’]+$/.test(inner) ? inner : undefined;
}

function toUrl(text: string, base: URL): URL | undefined {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text) || text.startsWith('/')) {
    return parseUrl(text, base);
  }
  // `host.example/a.mp4`, and nothing that could be another scheme.
  return /^(?:[\p{L}\p{N}_-]+\.)+[\p{L}\p{N}-]{2,}(?::\d+)?\//iu.test(text)
    ? parseUrl(`${base.protocol}//${text}`)
    : undefined;
}
