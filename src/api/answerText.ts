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

/** Lines of server-sent events, a call of JavaScript, a guard against inclusion, or several objects in a row (seen). */
const FRAME = /^(?:(?:data|event|id|retry)?:|(?:\/\*\*\/)?\s*[\w$.]{1,100}\s*\(|\)\]\}'|(?:while|for)\s*\(|throw\s|\{)/;

/** The last ones count, and a megabyte of objects takes long to read. */
const MAX_ANSWERS = 500;

/**
 * The objects of an answer that is several, or one with a frame around it, in their order. Text around an object that is
 * no such frame makes it a page.
 */
export function parseAnswers(text: string): unknown[] {
  const plain = trimAnswer(text);
  if (!FRAME.test(plain)) {
    return [];
  }
  const unframed = /^(?:data|event|id|retry)?:/.test(plain) ? plain.replace(/^data: ?/gm, '') : plain;
  const parts: [start: number, end: number][] = [];
  for (let start = unframed.indexOf('{'); start !== -1;) {
    const end = findEndOfObject(unframed, start);
    if (end === undefined) {
      // What is in half of an object is not the answer.
      break;
    }
    parts.push([start, end]);
    start = unframed.indexOf('{', end);
  }
  return parts
    .slice(-MAX_ANSWERS)
    .map(([start, end]) => parseAnswer(unframed.slice(start, end)))
    .filter((value) => value !== undefined);
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
/** Names of the id of a task, compared without case and signs; the later ones where none of the earlier is. */
const ID_FIELDS = [
  ['id', 'taskid', 'uuid', 'generationid', 'task', 'ids'],
  ['jobid', 'videoid', 'predictionid', 'operationid', 'operation', 'mediaid', 'processid', 'genid', 'resultid', 'uid'],
  ['requestid', 'name'],
];
/** Of the last ones only what cannot be a name or a number of something else. */
const WEAK_ID = /^(?=.*\d)[A-Za-z0-9_-]{12,128}$/;
/** What has an id of its own, which is not the task's. */
const OTHERS =
  /^(?:user|owner|author|account|org|organi[sz]ation|project|team|client|customer|model|key|token|error|from|parent)$/i;
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
  const answer = sent
    .reduce(
      (rest, part) =>
        part.length < 8 ? rest : rest.replaceAll(JSON.stringify(part).slice(1, -1), ' ').replaceAll(part, ' '),
      text,
    )
    .replaceAll('&quot;', '"');
  const value = parseAnswer(answer) ?? parseEmbeddedObject(answer);
  const written = new Set([...answer.matchAll(/[:\s[](\d{1,16})(?![\w.])/g)].map(([, digits]) => digits!));
  const named = ID_FIELDS.map((names) => unique(findIds(value, names, written, 0)));
  const isRefused =
    typeof value === 'object' && value !== null && Number((value as { code?: unknown }).code ?? 0) !== 0;
  const weak = isRefused ? [] : (named[2] ?? []).filter((id) => WEAK_ID.test(id));
  const inText = unique(
    [...answer.matchAll(FIELD_IN_TEXT)].map(([, quoted, digits, tagged]) => quoted ?? digits ?? tagged ?? ''),
  );
  const hexes = unique([...answer.matchAll(/(?<![0-9a-z])[0-9a-f]{24}(?![0-9a-z])/gi)].map(([word]) => word));
  const whole = /^[\s"'{<]*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[\s"'}>]*$/i.exec(answer.slice(0, 1_000));
  const ofNow = unique([...named.flat(), ...inText, ...hexes]).filter((id) => isIdOfNow(id, now));
  // Numbers of many digits are read from the text alone; of all else, what is JSON says where it belongs.
  const unread = value === undefined ? inText : inText.filter((id) => /^\d{16,}$/.test(id));
  const best = [ofNow, named[0] ?? [], unread, hexes, named[1] ?? [], weak, whole?.[1] ? [whole[1]] : []].find(
    (ids) => ids.length > 0,
  );
  return best?.length === 1 ? best[0] : undefined;
}

const FIELD_IN_TEXT =
  /(?<![\w-])["']?(?:task_?id|_id|id|uuid)["']?\s*[:=]\s*(?:["']([\w-]{1,128})["']|(\d{1,128})(?![\w.]))|<(?:task_?id|id)>\s*([\w-]{1,128})\s*<\//gi;

const unique = (ids: readonly string[]) => [...new Set(ids)].filter((id) => TASK_ID.test(id));

/** Whether an id has the shape that was seen, and says that the task was made just now. */
export function isIdOfNow(id: string, now: number): boolean {
  return /^[0-9a-f]{24}$/i.test(id) && Math.abs(parseInt(id.slice(0, 8), 16) * 1000 - now) < PLAUSIBLE_AGE_MS;
}

/**
 * A number that JSON read may have lost digits, and one of another form is none: only one that the text has is taken.
 *
 * @param written the whole numbers of the text
 */
function findIds(value: unknown, names: readonly string[], written: ReadonlySet<string>, depth: number): string[] {
  if (typeof value === 'string' && /^\s*[[{]/.test(value) && depth <= MAX_DEPTH) {
    return findIds(parseAnswer(value), names, written, depth + 1);
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
    return [];
  }
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    if (names.includes(name.replace(/[^a-z]/gi, '').toLowerCase())) {
      const ids = toIds(part, written);
      if (ids.length > 0) {
        return ids;
      }
    }
    return OTHERS.test(name) ? [] : findIds(part, names, written, depth + 1);
  });
}

function toIds(value: unknown, written: ReadonlySet<string>): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((part: unknown) => (Array.isArray(part) ? [] : toIds(part, written)));
  }
  if (typeof value === 'object' && value !== null) {
    return toIds((value as { $oid?: unknown }).$oid, written);
  }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value > 0 && written.has(String(value)) ? [String(value)] : [];
  }
  // `tasks/…`, `urn:uuid:…`, `{…}`.
  const plain =
    typeof value === 'string'
      ? value.trim().replace(/^(?:(?:tasks?|jobs?|operations?|videos?|urn|uuid)[/:])+/i, '')
      : '';
  const id = /^\{.*\}$/.test(plain) ? plain.slice(1, -1) : plain;
  return TASK_ID.test(id) ? [id] : [];
}
