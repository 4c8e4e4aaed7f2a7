/** Patterns to redact from stored or logged text: signed URLs (they grant access) and inlined image data. */
export const SIGNED_URLS: readonly [RegExp, string][] = [
  // An inlined image: a file of the user, and megabytes long.
  [/data:[\w.+-]+\/[\w.+-]+(?:;[\w=.-]+)*,[\w+/=%-]*/g, 'data:[hidden]'],
  // A user and a password in a link.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>/?#@]+@/gi, '$1[hidden]@'],
  // Links to results and to buckets are signed: with its query, or with what a sign-in leaves behind #, a link is a ticket.
  [/(https?:\/\/[^\s"'<>?#]+)([?#])[^\s"'<>]+/gi, '$1$2[hidden]'],
];

/** For messages of a service, which may quote the request that it received. */
export function redactSignedUrls(text: string): string {
  return SIGNED_URLS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

/** Patterns of secrets that must not get into a log. */
const PATTERNS: readonly [RegExp, string][] = [
  // A header as Node prints it in an error, or as JSON.
  [/(authorization["']?\s*[:=]\s*["']?)[^\s"',}]+(?:[ \t]+[^\s"',}]+)?/gi, '$1[hidden]'],
  [/\bBearer\s+[\w.~+/=-]+/g, 'Bearer [hidden]'],
  // The rest of a signed header, and the signature in a link to a bucket.
  [/\b((?:X-Amz-)?(?:Signature|Credential)=)[^\s"'&<>,]+/gi, '$1[hidden]'],
  ...SIGNED_URLS,
  // `api_key=…`, `"client_secret": "…"`, by itself or in a form.
  [
    /\b([\w-]{0,40}(?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|pwd|jwt|credential|session[_-]?id)["']?\s*[=:]\s*["']?)[^\s"'&<>,;[]{4,}/gi,
    '$1[hidden]',
  ],
  // The form of the keys of the service (seen), also of one that was never stored here.
  [/\bshds-[\w-]{6,}/g, '[hidden]'],
];

/**
 * Hides secrets in a text that is going to be logged.
 *
 * @param secrets texts to hide wherever they occur, such as the key
 */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, '[hidden]');
  }
  for (const [pattern, replacement] of PATTERNS) {
    clean = clean.replace(pattern, replacement);
  }
  return clean;
}

/** So many words of a text in a row are a quote of it, and no chance. */
const QUOTE_WORDS = 3;

/** Hides in a text what it quotes of another one, such as a prompt: the whole, or some of its words in a row. */
export function hideQuotes(text: string, quoted: string): string {
  const words = quoted.match(/[\p{L}\p{N}]+/gu) ?? [];
  const length = Math.min(QUOTE_WORDS, words.length);
  if (length === 0) {
    return text;
  }
  const toKey = (parts: readonly string[]) => parts.join(' ').toLowerCase();
  const runs = new Set(words.map((_, at) => toKey(words.slice(at, at + length))));
  // JSON may spell a letter as \u0441.
  const plain = text.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const found = [...plain.matchAll(/[\p{L}\p{N}]+/gu)];
  const hidden = new Set<number>();
  for (let at = 0; at + length <= found.length; at++) {
    if (runs.has(toKey(found.slice(at, at + length).map(([word]) => word)))) {
      for (let offset = 0; offset < length; offset++) {
        hidden.add(at + offset);
      }
    }
  }
  let end = 0;
  const parts = [...hidden]
    .sort((a, b) => a - b)
    .map((at) => {
      const { index, 0: word } = found[at]!;
      const before = plain.slice(end, index);
      end = index + word.length;
      return `${before}…`;
    });
  return parts.join('') + plain.slice(end);
}
