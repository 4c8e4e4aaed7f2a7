import { parseModelId } from '../api/models';
import { phrases, wordSet } from './phrases';
import { removal, type PromptContext, type Remark, type TextEdit } from './remark';
import type { Tokens } from './tokens';

/** Where a shot begins. */
export interface Boundary {
  kind: 'label' | 'time' | 'cut';
  first: number;
  last: number;
}

interface Timestamp {
  first: number;
  last: number;
  /** It stands where a label of a shot would stand. */
  isLabel: boolean;
}

const LABELS = wordSet('shot scene кадр сцена 镜头 分镜');
const ORDINALS = wordSet('one two three four five six один два три четыре пять');
const CUTS =
  phrases(`cut to, cut back to, smash cut, jump cut, match cut, hard cut, quick cut to, склейка, резкая склейка,
  монтажная склейка, смена кадра|плана|сцены, следующий кадр, next shot, new shot`);
const CUTS_AFTER_SUBJECT = phrases('cuts to|back|away, then cut|cuts to|back, cut to');
const CUT_SUBJECTS = wordSet('camera scene shot we then video view film and it');
const NOT_CUT_TO = wordSet('size pieces shape length fit measure perfection fill');
const UNIT = /^(s|sec|secs|second|seconds|сек|секунд[а-я]*)$/;
const DASH = /^[-–—~]$/;

export function findBoundaries(tokens: Tokens, timestamps: readonly Timestamp[]): Boundary[] {
  const found: Boundary[] = [];
  const times = new Map(timestamps.filter(({ isLabel }) => isLabel).map((time) => [time.first, time] as const));
  for (let index = 0; index < tokens.length; index++) {
    if (tokens.at(index).zone !== 'text') {
      continue;
    }
    const time = times.get(index);
    const last = time?.last ?? matchLabel(tokens, index) ?? matchCut(tokens, index);
    // A cut from nothing is none.
    if (
      last === undefined ||
      (index === 0 && !time && !LABELS.has(tokens.at(index).word) && !/^[镜分]/.test(tokens.at(index).word))
    ) {
      continue;
    }
    const kind = time
      ? 'time'
      : LABELS.has(tokens.at(index).word) || /^[镜分]/.test(tokens.at(index).word)
        ? 'label'
        : 'cut';
    const before = found.at(-1);
    // "Cut to: Shot 2 (3–5 s)" is one.
    if (before && index - before.last <= 3 && before.kind !== kind) {
      before.last = last;
      before.kind = before.kind === 'cut' ? kind : before.kind;
    } else {
      found.push({ kind, first: index, last });
    }
    index = last;
  }
  const hasLabels = found.some(({ kind }) => kind === 'label');
  return hasLabels ? found.filter(({ kind }) => kind !== 'time') : found;
}

function matchLabel(tokens: Tokens, index: number): number | undefined {
  const { word } = tokens.at(index);
  if (!tokens.isSentenceStart(index)) {
    return undefined;
  }
  let last = index;
  if (LABELS.has(word)) {
    last += tokens.at(index + 1).text === '#' || tokens.at(index + 1).text === '№' ? 2 : 1;
    const number = tokens.at(last);
    if (number.kind !== 'number' && !ORDINALS.has(number.word)) {
      return undefined;
    }
  } else if (!/^(镜头|分镜)\d{1,3}$/.test(word)) {
    return undefined;
  }
  const behind = tokens.at(last + 1);
  return /^[:.–—\-)\](,：*]$/.test(behind.text) || behind.kind === 'break' ? last : undefined;
}

function matchCut(tokens: Tokens, index: number): number | undefined {
  const isStart = tokens.isSentenceStart(index) || tokens.at(index - 1).text === ',';
  const cut = isStart ? CUTS.match(tokens, index) : undefined;
  const verb = CUT_SUBJECTS.has(tokens.at(index - 1).word) ? CUTS_AFTER_SUBJECT.match(tokens, index) : undefined;
  const last =
    cut?.last ?? (tokens.at(index - 1).word === 'and' && tokens.at(index).word === 'cut' ? undefined : verb?.last);
  return last === undefined || NOT_CUT_TO.has(tokens.at(last + 1).word) ? undefined : last;
}

const FIRST = wordSet('first last final первые последние первых последних');
const SMALL = wordSet('two three four five две три четыре пять');
const ORDINAL_SECOND = /^(перв|втор|треть|четверт|пят|шест|седьм|восьм)(ой|ей|ую|ую)$/;

/** Times in the video, as opposed to lengths and clocks. */
export function findTimestamps(tokens: Tokens): Timestamp[] {
  const found: Timestamp[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (tokens.at(index).zone !== 'text') {
      continue;
    }
    const time = matchLabelTime(tokens, index) ?? matchInlineTime(tokens, index);
    if (time) {
      found.push(time);
      index = time.last;
    }
  }
  return found;
}

function isUnit(tokens: Tokens, index: number): boolean {
  const { word, isGlued } = tokens.at(index);
  const behind = tokens.at(index + 1);
  return UNIT.test(word) || (word === 'с' && (isGlued || /^[:).,\]–—-]$/.test(behind.text)));
}

/** Seconds of a clip: `0:04`, `00:04`, or a number that no clip is longer than. */
function isTime(tokens: Tokens, index: number, needsClock: boolean): boolean {
  const { word, kind } = tokens.at(index);
  return kind === 'number' && (/^0{1,2}:[0-5]\d(:\d\d)?$/.test(word) || (!needsClock && /^\d{1,2}(\.\d)?$/.test(word)));
}

/** `0–3 s:`, `[0:03-0:05]`, `3s:` where a sentence or line begins, or in brackets. */
function matchLabelTime(tokens: Tokens, index: number): Timestamp | undefined {
  if (!tokens.isSentenceStart(index) || !isTime(tokens, index, false)) {
    return undefined;
  }
  const bracket = /^[[({【]$/.test(tokens.at(index - 1).text);
  let at = index;
  let hasUnit = tokens.at(index).word.includes(':');
  const skipUnit = () => {
    if (isUnit(tokens, at + 1)) {
      at++;
      hasUnit = true;
    }
  };
  skipUnit();
  let isRange = false;
  if ((DASH.test(tokens.at(at + 1).text) || tokens.at(at + 1).word === 'to') && isTime(tokens, at + 2, false)) {
    at += 2;
    isRange = true;
    hasUnit ||= tokens.at(at).word.includes(':');
    skipUnit();
  }
  const behind = tokens.at(at + 1);
  const isOpen = bracket
    ? /^[\])}】]$/.test(behind.text)
    : /^[:–—：-]$/.test(behind.text) || (isRange && (/^[,.]$/.test(behind.text) || /^0/.test(tokens.at(index).word)));
  if (!hasUnit || !isOpen) {
    return undefined;
  }
  return {
    first: bracket ? index - 1 : index,
    last: bracket || /^[:–—：-]$/.test(behind.text) ? at + 1 : at,
    isLabel: true,
  };
}

function matchInlineTime(tokens: Tokens, index: number): Timestamp | undefined {
  const { word } = tokens.at(index);
  const inline = (last: number): Timestamp => ({ first: index, last, isLabel: false });
  let at = index + 1;
  switch (word) {
    case 'at':
    case 'after':
    case 'around': {
      if (UNIT.test(tokens.at(at).word) && isTime(tokens, at + 1, false) && !tokens.at(at + 2).isGlued) {
        return inline(at + 1);
      }
      if (tokens.at(at).word === 'the') {
        at++;
      }
      const isClock = /^0:\d\d$/.test(tokens.at(at).word);
      if (isClock && !/^(am|pm)$/.test(tokens.at(at + 1).word)) {
        return inline(at);
      }
      if (!isTime(tokens, at, false)) {
        return undefined;
      }
      const unit = tokens.at(at + 1).text === '-' ? at + 2 : at + 1;
      if (!isUnit(tokens, unit)) {
        return undefined;
      }
      const isMark = tokens.at(unit + 1).word === 'mark';
      return word !== 'after' || tokens.isClauseStart(index) ? inline(isMark ? unit + 1 : unit) : undefined;
    }
    case 'from':
    case 'between': {
      const middle = isUnit(tokens, at + 1) ? at + 2 : at + 1;
      const isRange =
        isTime(tokens, at, false) && (/^(to|and)$/.test(tokens.at(middle).word) || DASH.test(tokens.at(middle).text));
      return isRange &&
        isTime(tokens, middle + 1, false) &&
        (isUnit(tokens, middle + 2) || tokens.at(middle + 1).word.includes(':'))
        ? inline(isUnit(tokens, middle + 2) ? middle + 2 : middle + 1)
        : undefined;
    }
    case 'с':
    case 'от': {
      const skip = tokens.at(at + 1).text === '-' ? 3 : isUnit(tokens, at + 1) ? 2 : 1;
      const isRange = isTime(tokens, at, false) && /^(по|до)$/.test(tokens.at(at + skip).word);
      const second = at + skip + 1;
      const unit = tokens.at(second + 1).text === '-' ? second + 3 : second + 1;
      return isRange && isTime(tokens, second, false) && UNIT.test(tokens.at(unit).word) ? inline(unit) : undefined;
    }
    case 'на':
    case 'к': {
      if (ORDINAL_SECOND.test(tokens.at(at).word) && /^секунд[еу]$/.test(tokens.at(at + 1).word)) {
        return inline(at + 1);
      }
      const unit = tokens.at(at + 1).text === '-' ? at + 3 : at + 1;
      return isTime(tokens, at, false) && /^секунде$/.test(tokens.at(unit).word) ? inline(unit) : undefined;
    }
    case 'in':
    case 'during':
    case 'for':
    case 'over':
    case 'в': {
      if (tokens.at(at).word === 'the') {
        at++;
      }
      const isPart = FIRST.has(tokens.at(at).word);
      const isCount = isTime(tokens, at + 1, false) || SMALL.has(tokens.at(at + 1).word);
      return isPart && isCount && isUnit(tokens, at + 2) && !/^(of|on)$/.test(tokens.at(at + 3).word)
        ? inline(at + 2)
        : undefined;
    }
    case 'second':
    case 'seconds':
    case 'секунда':
    case 'секунды': {
      if (!tokens.isSentenceStart(index) || !isTime(tokens, at, false)) {
        return undefined;
      }
      const isRange = DASH.test(tokens.at(at + 1).text) && isTime(tokens, at + 2, false);
      const last = isRange ? at + 2 : at;
      return /^[:–—-]$/.test(tokens.at(last + 1).text) ? { first: index, last: last + 1, isLabel: true } : undefined;
    }
    default:
      return undefined;
  }
}

export function findSeconds(tokens: Tokens, timestamps: readonly Timestamp[], { model }: PromptContext): Remark[] {
  const [first] = timestamps;
  // Documented: Seedance 2.5 reads whole seconds.
  const [, major = 0, minor = 0] = /^seedance-(\d+)(?:-(\d+)(?=-|$))?/.exec(model)?.map(Number) ?? [];
  if (!first || major > 2 || (major === 2 && minor >= 5)) {
    return [];
  }
  const { start } = tokens.at(first.first);
  const { end } = tokens.at(first.last);
  const edits = getEdits(tokens, timestamps);
  return [
    {
      rule: 'seconds',
      start,
      end,
      excerpt: tokens.text.slice(start, end),
      params: {},
      fixes: edits === undefined ? [] : [{ kind: 'edit', edits }],
    },
  ];
}

/** Numbers instead of seconds where they are labels, "then" where a sentence begins, nothing elsewhere. */
function getEdits(tokens: Tokens, timestamps: readonly Timestamp[]): TextEdit[] | undefined {
  const labels = timestamps.filter(({ isLabel }) => isLabel);
  let shot = 0;
  const edits = timestamps.map(({ first, last, isLabel }): TextEdit => {
    const { start } = tokens.at(first);
    const { end } = tokens.at(last);
    if (isLabel && (labels.length === 1 || isBesideLabel(tokens, first, last))) {
      return removal(tokens.text, start, end);
    }
    if (isLabel) {
      shot++;
      return { start, end, text: `Shot ${shot}:` };
    }
    if (!tokens.isSentenceStart(first)) {
      return removal(tokens.text, start, end);
    }
    const then = /^[а-я]/i.test(tokens.at(first).text) ? 'Затем' : 'Then';
    const isCapital = /^\p{Lu}/u.test(tokens.at(first).text);
    return { start, end, text: isCapital ? then : then.toLowerCase() };
  });
  const rest = edits.reduce((sum, { start, end, text }) => sum + text.length - (end - start), tokens.text.length);
  return rest < 1 ? undefined : edits;
}

function isBesideLabel(tokens: Tokens, first: number, last: number): boolean {
  return [first - 2, first - 3].some((at) => LABELS.has(tokens.at(at).word)) || LABELS.has(tokens.at(last + 1).word);
}

/** Assumed: a shot needs about four seconds. */
const SECONDS_PER_SHOT = 4;

export function findTooManyShots(tokens: Tokens, boundaries: readonly Boundary[], { model }: PromptContext): Remark[] {
  const seconds = parseModelId(model)?.seconds;
  const labelled = boundaries.filter(({ kind }) => kind !== 'cut').length;
  const shots = Math.max(1, labelled) + boundaries.length - labelled;
  const fitting = Math.max(1, Math.round((seconds ?? 0) / SECONDS_PER_SHOT));
  const second = boundaries[labelled > 0 && boundaries[0]?.kind !== 'cut' ? 1 : 0];
  if (seconds === undefined || shots <= fitting || !second) {
    return [];
  }
  const { start } = tokens.at(second.first);
  const { end } = tokens.at(second.last);
  const prompts = split(tokens, boundaries);
  return [
    {
      rule: 'too-many-shots',
      start,
      end,
      excerpt: tokens.text.slice(start, end),
      params: { shots, seconds, fitting },
      fixes: prompts.length > 1 ? [{ kind: 'split', prompts }] : [],
    },
  ];
}

/** A prompt for each shot. What stands before the first label (a style, say) is for all of them. */
function split(tokens: Tokens, boundaries: readonly Boundary[]): string[] {
  const { text } = tokens;
  const startOf = (index: number) => {
    let at = tokens.at(boundaries[index]!.last).end;
    while (at < text.length && /[\s:.)\]–—-]/.test(text[at]!)) {
      at++;
    }
    return at;
  };
  const ends = boundaries.map((_, index) => {
    const next = boundaries[index + 1];
    return next ? tokens.at(next.first).start : text.length;
  });
  const before = text.slice(0, tokens.at(boundaries[0]!.first).start).replace(/[\s[(]{1,9}$/, '');
  const parts = boundaries.map((_, index) =>
    text.slice(startOf(index), Math.max(startOf(index), ends[index]!)).replace(/[\s,[(]{1,9}$/, ''),
  );
  const isStyle = boundaries[0]!.kind !== 'cut';
  const prompts = isStyle ? parts.map((part) => [before, part].filter(Boolean).join(' ')) : [before, ...parts];
  return prompts.filter((prompt) => prompt.trim() !== '');
}
