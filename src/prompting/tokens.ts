/**
 * A prompt as words, numbers and signs. All rules read it by `Tokens.at`, which counts: a test holds that checking takes
 * a number of steps in proportion to the text, whatever it says. The few expressions here have no part that could match
 * the same characters in two ways.
 */

export interface Token {
  kind: 'word' | 'number' | 'mark' | 'break' | 'none';
  /** In lower case, with straight apostrophes and without the dots of `ё`. */
  word: string;
  text: string;
  start: number;
  end: number;
  /** Directly behind the token before. */
  isGlued: boolean;
  /** What is said or written in the picture, or program text: not what the prompt itself says. */
  zone: 'text' | 'speech' | 'quote' | 'code';
}

const NONE: Token = { kind: 'none', word: '', text: '', start: 0, end: 0, isGlued: false, zone: 'text' };

const TOKEN =
  /[\p{L}\p{M}][\p{L}\p{M}\p{N}_]*(?:['’\-‑][\p{L}\p{N}][\p{L}\p{M}\p{N}_]*)*|\d+(?:[.:]\d+)*|\n|[^\s\p{L}\p{M}\d]/gu;

export class Tokens {
  readonly text: string;
  readonly #tokens: readonly Token[];
  /** How often a token was looked at. */
  steps = 0;

  constructor(text: string) {
    this.text = text;
    const zones = findZones(text);
    let before = -1;
    let zone = 0;
    this.#tokens = Array.from(text.matchAll(TOKEN), (match): Token => {
      const [found] = match;
      const start = match.index;
      const end = start + found.length;
      while (zone < zones.length && zones[zone]!.end <= start) {
        zone++;
      }
      const within = zones[zone];
      const isGlued = start === before;
      before = end;
      return {
        kind: found === '\n' ? 'break' : /^[\p{L}\p{M}]/u.test(found) ? 'word' : /^\d/.test(found) ? 'number' : 'mark',
        word: found.toLowerCase().replace(/’/g, "'").replace(/‑/g, '-').replace(/ё/g, 'е'),
        text: found,
        start,
        end,
        isGlued,
        zone: within && start >= within.start ? within.zone : 'text',
      };
    });
  }

  get length(): number {
    return this.#tokens.length;
  }

  /** Before the first and behind the last token there is nothing. */
  at(index: number): Token {
    this.steps++;
    return this.#tokens[index] ?? NONE;
  }

  /** The text from one token up to another, both with it. */
  slice(first: number, last: number): string {
    return this.text.slice(this.at(first).start, this.at(last).end);
  }

  /** Nothing, a new line or a sign stands before. */
  isClauseStart(index: number): boolean {
    return ['none', 'break', 'mark'].includes(this.at(index - 1).kind);
  }

  /** A sentence or line begins: nothing, a new line, or a sign that ends a sentence, opens a bracket or makes a list. */
  isSentenceStart(index: number): boolean {
    const before = this.at(index - 1);
    return before.kind === 'none' || before.kind === 'break' || /^[.!?…;:[({<|•*#>。！？；：【]$/u.test(before.text);
  }

  isClauseEnd(index: number): boolean {
    return ['none', 'break', 'mark'].includes(this.at(index + 1).kind);
  }
}

interface Zone {
  start: number;
  end: number;
  zone: 'speech' | 'quote' | 'code';
}

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  '“': '”"',
  '„': '“”"',
  '«': '»',
  '「': '」',
  '『': '』',
  '‘': '’',
  "'": "'",
  '`': '`',
};

/** What only programs are written with. */
const CODE = /[=!]=|=>|\(\)|<\/|&&|\|\|/;

/** Quotations, dialogue that dashes begin, and code. In order, and apart from each other. */
function findZones(text: string): Zone[] {
  const zones: Zone[] = [];
  const isJson = /^\s*[{[]/.test(text.slice(0, 200)) && /"\s{0,4}:/.test(text);
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('\n', at);
    const lineEnd = next < 0 ? text.length : next;
    if (text.startsWith('```', at)) {
      const fence = text.indexOf('\n```', lineEnd);
      const end = fence < 0 ? text.length : fence + 4;
      zones.push({ start: at, end, zone: 'code' });
      at = end;
      continue;
    }
    const line = text.slice(at, lineEnd);
    if (!isJson && CODE.test(line)) {
      zones.push({ start: at, end: lineEnd, zone: 'code' });
    } else {
      findQuotes(line, at, isJson, zones);
    }
    at = lineEnd + 1;
  }
  return zones;
}

function findQuotes(line: string, offset: number, isJson: boolean, zones: Zone[]): void {
  // A closing sign that is not there is looked for once.
  const missing = new Set<string>();
  for (let at = 0; at < line.length; at++) {
    const sign = line[at]!;
    const before = at === 0 ? ' ' : line[at - 1]!;
    if ((sign === '—' || sign === '–') && startsSpeech(line, at)) {
      zones.push({ start: offset + at, end: offset + line.length, zone: 'speech' });
      return;
    }
    const closing = CLOSING[sign];
    if (
      closing === undefined ||
      missing.has(sign) ||
      (isJson && sign === '"') ||
      // An inch, and an apostrophe.
      (sign === '"' && /\d/.test(before)) ||
      ((sign === "'" || sign === '‘') && /[\p{L}\p{N}]/u.test(before))
    ) {
      continue;
    }
    const end = findClosing(line, at + 1, closing);
    if (end < 0) {
      missing.add(sign);
      continue;
    }
    zones.push({ start: offset + at, end: offset + end + 1, zone: sign === '`' ? 'code' : 'quote' });
    at = end;
  }
}

/** Russian dialogue: a dash that begins a line, or stands behind a colon. */
function startsSpeech(line: string, at: number): boolean {
  const before = line.slice(Math.max(0, at - 8), at).trimEnd();
  return (before === '' && at < 8) || before.endsWith(':');
}

function findClosing(line: string, from: number, closing: string): number {
  for (let at = from; at < line.length; at++) {
    const isApostrophe = /['’]/.test(closing) && /[\p{L}\p{N}]/u.test(line[at + 1] ?? '');
    if (closing.includes(line[at]!) && !isApostrophe) {
      return at;
    }
  }
  return -1;
}
