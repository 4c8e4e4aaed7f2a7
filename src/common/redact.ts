/** What must not be kept with a task or shown, whoever repeats it: it opens something, or is somebody's file. */
export const SIGNED_URLS: readonly [RegExp, string][] = [
  // An inlined image: someone's file, and megabytes long.
  [/data:[\w.+-]+\/[\w.+-]+(?:;[\w=.-]+)*,[\w+/=%-]*/g, 'data:[hidden]'],
  // Links to results and to buckets are signed: with its query a link is a ticket.
  [/(https?:\/\/[^\s"'<>?#]+)\?[^\s"'<>]+/g, '$1?[hidden]'],
];

/** The words of a service that may have quoted what it was sent. */
export function redactSignedUrls(text: string): string {
  return SIGNED_URLS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

/** What never belongs into a log, whatever text it comes in. */
const PATTERNS: readonly [RegExp, string][] = [
  // A header as Node prints it in an error, or as JSON.
  [/(authorization["']?\s*[:=]\s*["']?)[^\s"',}]+(?:[ \t]+[^\s"',}]+)?/gi, '$1[hidden]'],
  [/\bBearer\s+[\w.~+/=-]+/g, 'Bearer [hidden]'],
  // The rest of a signed header, and what makes a link to a bucket a ticket.
  [/\b((?:X-Amz-)?(?:Signature|Credential)=)[^\s"'&<>,]+/gi, '$1[hidden]'],
  ...SIGNED_URLS,
  // The shape of this service's keys (seen), also of one that was never stored here.
  [/\bshds-[\w-]{6,}/g, '[hidden]'],
];

/** @param secrets texts to hide wherever they are, such as the key */
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
