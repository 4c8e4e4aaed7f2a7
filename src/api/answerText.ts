/**
 * Answers as they really come: the text of one, with what servers and those in between put around or into the JSON.
 * Each oddity was seen in public reports about clients of such services.
 */

/** Enough to see what it is; an answer of the service has some 500 characters. */
const MAX_EXCERPT_CHARS = 2_000;
/** What is looked at of a page. */
const MAX_PAGE_CHARS = 20_000;

/**
 * JSON with a byte order mark before it, or with values that JavaScript and Python print and JSON does not know.
 *
 * @returns `undefined` for what is no JSON even so.
 */
export function parseAnswer(text: string): unknown {
  const plain = trimAnswer(text);
  return parseJson(plain) ?? parseJson(withoutOddValues(plain));
}

/** By hand: an expression that looks for blanks at the end takes minutes for a megabyte of them. */
function trimAnswer(text: string): string {
  const isOutside = (at: number) => text[at] === '\0' || text[at]?.trim() === '';
  let start = 0;
  let end = text.length;
  while (start < end && isOutside(start)) {
    start++;
  }
  while (end > start && isOutside(end - 1)) {
    end--;
  }
  return text.slice(start, end);
}

/** An object in the middle of something else: warnings before it, a second answer after it. */
export function parseEmbeddedObject(text: string): unknown {
  for (let start = text.indexOf('{'), tries = 0; start !== -1 && tries < 20; tries++) {
    const end = findEndOfObject(text, start);
    const value = end === undefined ? undefined : parseAnswer(text.slice(start, end));
    if (value !== undefined) {
      return value;
    }
    start = text.indexOf('{', start + 1);
  }
  return undefined;
}

/** Whether somebody meant to send JSON, and not a page for people. */
export function looksLikeJson(text: string): boolean {
  return /^[\s\uFEFF]*[[{]/.test(text);
}

/** The answer for who looks for the reason: as it came where that is short, as text where it is a page. */
export function getExcerpt(text: string): string | undefined {
  const isPage = /^[\s\uFEFF]*</.test(text);
  const plain = (isPage ? withoutMarkup(text.slice(0, MAX_PAGE_CHARS)).replace(/\s+/g, ' ') : text).trim();
  return plain === '' ? undefined : plain.slice(0, MAX_EXCERPT_CHARS);
}

function withoutMarkup(text: string): string {
  return text.replace(/<(script|style)\b[^]*?(?:<\/\1>|$)/gi, ' ').replace(/<[^>]*>?/g, ' ');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Outside of strings `NaN` and the like become null, and a comma before a bracket goes. In one pass, whatever comes. */
function withoutOddValues(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const outside = text.slice(at, quote === -1 ? text.length : quote);
    parts.push(outside.replace(/-?\b(?:NaN|Infinity|undefined|None)\b/g, 'null').replace(/,(?=\s{0,100}[}\]])/g, ''));
    if (quote === -1) {
      break;
    }
    const end = findEndOfString(text, quote);
    parts.push(text.slice(quote, end));
    at = end;
  }
  return parts.join('');
}

/** After the closing quote, or at the end of the text. */
function findEndOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    at += text[at] === '\\' ? 2 : 1;
  }
  return Math.min(at + 1, text.length);
}

function findEndOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = findEndOfString(text, at) - 1;
        break;
      case '{':
        depth++;
        break;
      case '}':
        if (--depth === 0) {
          return at + 1;
        }
        break;
      default:
    }
  }
  return undefined;
}

/** As in `schemas.ts`: safe in a URL and a file name. */
const TASK_ID = /^[A-Za-z0-9_-]{1,128}$/;
const ID_FIELDS = ['id', 'task_id', 'taskId', '_id', 'uuid', 'generation_id'];
const MAX_DEPTH = 4;
/** The first 8 of the 24 hex digits are the time of creation in seconds (seen). */
const PLAUSIBLE_AGE_MS = 24 * 60 * 60_000;

/**
 * The id of the task that an odd answer to an order may be about: deeper than documented, as a number, in JSON with
 * text around it, in half of an answer. It is to be asked about before it is believed.
 *
 * @param sent what was sent and may be repeated in the answer: ids in it are not of the new task
 * @returns `undefined` for none, and for several of which none stands out
 */
export function findTaskId(text: string, now: number, sent: readonly string[] = []): string | undefined {
  const answer = sent.reduce(
    (rest, part) =>
      part.length < 8 ? rest : rest.replaceAll(JSON.stringify(part).slice(1, -1), ' ').replaceAll(part, ' '),
    text.slice(0, 100_000),
  );
  const found = new Set(findIds(parseAnswer(answer) ?? parseEmbeddedObject(answer), 0));
  const field =
    /(?<![\w-])["']?(?:task_?id|_id|id|uuid)["']?\s*[:=]\s*(?:["']([\w-]{1,128})["']|(\d{1,128})(?![\w.]))/gi;
  for (const [, quoted, digits] of answer.matchAll(field)) {
    found.add(quoted ?? digits ?? '');
  }
  for (const [word] of answer.matchAll(/(?<![0-9a-z])[0-9a-f]{24}(?![0-9a-z])/gi)) {
    found.add(word);
  }
  const ids = [...found].filter((id) => TASK_ID.test(id));
  const ofNow = ids.filter((id) => isIdOfNow(id, now));
  const best = ofNow.length > 0 ? ofNow : ids;
  return best.length === 1 ? best[0] : undefined;
}

/** Whether an id has the shape that was seen, and says that the task was made just now. */
export function isIdOfNow(id: string, now: number): boolean {
  return /^[0-9a-f]{24}$/i.test(id) && Math.abs(parseInt(id.slice(0, 8), 16) * 1000 - now) < PLAUSIBLE_AGE_MS;
}

/** A number that JSON read may have lost digits, so only a safe one is taken here; the text has the others. */
function findIds(value: unknown, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
    return [];
  }
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    typeof part === 'object'
      ? findIds(part, depth + 1)
      : ID_FIELDS.includes(name) &&
          (typeof part === 'string' || (typeof part === 'number' && Number.isSafeInteger(part)))
        ? [String(part)]
        : [],
  );
}
