import { isLoopback, parseUrl } from '../gateway/address';

/** An endpoint of the person's own, as the settings say it; checked. */
export interface Upload {
  /** May hold `{name}`, `{hash}` and `{type}`; has to hold `{hash}` before any `?` or `#` where the address is the link. */
  url: string;
  method: 'PUT' | 'POST';
  /** Of the file in a multipart form; for POST only. */
  field: string;
  /** Empty: none is sent. */
  headerName: string;
  /** RFC 6901; empty: the answer itself is the link. */
  linkPointer: string;
}

export interface UploadAccess extends Upload {
  headerValue: string;
}

export type UploadSettings = Record<keyof Upload, string>;

/** `undefined` where something is missing or cannot be. */
export function parseUpload({ url, method, field, headerName, linkPointer }: UploadSettings): Upload | undefined {
  const isFit =
    parseUploadUrl(url) &&
    (method === 'PUT' || method === 'POST') &&
    isHeaderName(headerName) &&
    isPointer(linkPointer) &&
    !mixesImages({ url, method, linkPointer });
  return isFit
    ? { url: url.trim(), method, field: field.trim() || 'file', headerName: headerName.trim(), linkPointer }
    : undefined;
}

/**
 * Whether one image would take the place of another: what is put to an address is read there, so each image needs
 * one of its own. A name is none: two images may have the same. Neither is what `linkOfUpload` leaves out.
 */
export function mixesImages({
  url,
  method,
  linkPointer,
}: Pick<UploadSettings, 'url' | 'method' | 'linkPointer'>): boolean {
  const [one, other] = ['1', '2'].map((hash) => linkOfUpload(parseUploadUrl(url, { hash })));
  return method === 'PUT' && linkPointer === '' && one === other;
}

/** Where what was put to an address is read. Without the query, which may let the person write there. */
export function linkOfUpload(url: URL | undefined): string | undefined {
  return url && `${url.origin}${url.pathname}`;
}

/**
 * The address with its names filled in. https, or http to this computer: a secret header goes there.
 *
 * @param names by their names in braces; the text is put in for use in a URL
 */
export function parseUploadUrl(text: string, names: Readonly<Record<string, string>> = {}): URL | undefined {
  const filled = text
    .trim()
    .replace(/\{(name|hash|type)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? name));
  const url = parseUrl(filled);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
  return url && isSafe && !url.username && !url.password ? url : undefined;
}

/** RFC 9110. Not the names that say where a message ends or to whom it goes. */
export function isHeaderName(text: string): boolean {
  return (
    /^\s*[\w!#$%&'*+.^`|~-]*\s*$/.test(text) &&
    !/^\s*(host|content-(length|type)|transfer-encoding|connection)\s*$/i.test(text)
  );
}

/** What must not be shown of a header's value: a server may repeat the token without the word before it. */
export function secretsIn(headerValue: string): string[] {
  return [headerValue, ...headerValue.split(/\s+/)]
    .filter((part) => part.length >= 8 || part === headerValue)
    .filter((part) => part !== '');
}

export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}

export function isPointer(text: string): boolean {
  return /^(\/([^~]|~[01])*)?$/.test(text);
}

/** RFC 6901; `undefined` where nothing is. */
export function resolvePointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
