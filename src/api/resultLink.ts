import { parseResultUrl } from '../common/link';
import { isLoopback, parseUrl } from '../common/url';

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
    const link = toUrl(unescape(text.trim()), base);
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
    return value.trim() === '' || value.length > 16_384 ? [] : [value];
  }
  if (typeof value !== 'object' || value === null || depth > 2) {
    return [];
  }
  const parts: unknown[] = Array.isArray(value) ? value.slice(0, 10) : [(value as { url?: unknown }).url];
  return parts.flatMap((part) => findTexts(part, depth + 1));
}

function toUrl(text: string, base: URL): URL | undefined {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text) || text.startsWith('/')) {
    return parseUrl(text, base);
  }
  // `host.example/a.mp4`, and nothing that could be another scheme.
  return /^(?:[\w-]+\.)+[a-z\d-]{2,}(?::\d+)?\//i.test(text) ? parseUrl(`${base.protocol}//${text}`) : undefined;
}
