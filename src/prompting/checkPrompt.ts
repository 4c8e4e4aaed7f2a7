import { findContradictions, fitToFlags } from '../tasks/model/promptFlags';
import { cleanPrompt } from '../tasks/model/prompt';
import { findCameraConflicts } from './camera';
import { findNegations } from './negation';
import { applyEdits, removal, type Fix, type PromptContext, type Remark, type TextEdit } from './remark';
import { findBoundaries, findSeconds, findTimestamps, findTooManyShots } from './shots';
import { findSilentSounds } from './sound';
import { findStillDescription } from './still';
import { Tokens } from './tokens';

/** Of UTF-16: all that can be sent (`MAX_PROMPT_CHARS`). Of a longer text only so much is read. */
export const MAX_CHECKED_CHARS = 16_000;

export interface CheckedPrompt {
  /** In the order of the text. */
  remarks: readonly Remark[];
  /** How often a word was looked at: what checking costs, on every machine. */
  steps: number;
}

/** What is worth telling about a prompt before it is paid for. Pure, and quick for any text. */
export function checkPrompt(text: string, context: PromptContext): readonly Remark[] {
  return checkWithSteps(text, context).remarks;
}

/** Whether a text is longer than the model reads it, and nothing else: for what was put together from parts. */
export function checkLength(text: string, { model }: Pick<PromptContext, 'model'>): readonly Remark[] {
  return isSeedance(model) ? findLength(new Tokens(text.slice(0, MAX_CHECKED_CHARS))) : [];
}

/** The rules are those of Seedance: nothing is known about how other models read a prompt. */
function isSeedance(model: string): boolean {
  return /^seedance\b/i.test(model);
}

export function checkWithSteps(text: string, context: PromptContext): CheckedPrompt {
  const read = text.slice(0, MAX_CHECKED_CHARS);
  const tokens = new Tokens(read);
  const timestamps = findTimestamps(tokens);
  const boundaries = findBoundaries(tokens, timestamps);
  const remarks = [
    ...(isSeedance(context.model)
      ? [
          ...findNegations(tokens),
          ...findSeconds(tokens, timestamps, context),
          ...findTooManyShots(tokens, boundaries, context),
          ...findCameraConflicts(tokens, boundaries),
          ...findStillDescription(tokens, context),
          ...findSilentSounds(tokens, context),
          ...findLength(tokens),
          ...findPersonPhoto(context),
        ]
      : []),
    ...findFlagRemarks(read, context),
    ...findControlCharacters(read),
    ...findUnknownNames(tokens, context),
  ];
  return { remarks: remarks.sort((a, b) => a.start - b.start || a.end - b.end), steps: tokens.steps };
}

/** Applies each edit that a remark offers, one after the other, since two may touch the same comma. Never another price. */
export function fixAll(text: string, context: PromptContext): string {
  let fixed = text;
  for (let round = 0; round < MAX_FIXES; round++) {
    const edits = checkPrompt(fixed, context)
      .map(getEdits)
      .find((found) => found !== undefined);
    if (!edits) {
      return fixed;
    }
    fixed = applyEdits(fixed, edits);
  }
  return fixed;
}

const MAX_FIXES = 200;

/** The edit that a remark offers, if it does. */
export function getEdits({ fixes }: Remark): readonly TextEdit[] | undefined {
  return fixes.find((fix) => fix.kind === 'edit')?.edits;
}

function findFlagRemarks(text: string, context: PromptContext): Remark[] {
  const { model, aspectRatio, models } = context;
  return findContradictions(text, { model, aspectRatio }).map((flag): Remark => {
    const edits = [removal(text, flag.start, flag.end)];
    const fitting =
      models && fitToFlags([flag], { model, aspectRatio }, (id) => models.some((known) => known.id === id));
    const fixes: Fix[] = [
      ...(applyEdits(text, edits).trim() === '' ? [] : [{ kind: 'edit', edits } as const]),
      ...(fitting ? [{ kind: 'choose', ...fitting, edits: [] } as const] : []),
    ];
    return {
      rule: 'flag',
      start: flag.start,
      end: flag.end,
      excerpt: flag.text,
      params: { model, aspectRatio },
      fixes,
    };
  });
}

/** Documented: of a longer text details are dropped. */
const MAX_WORDS = 1_000;
const MAX_HAN = 500;

function findLength(tokens: Tokens): Remark[] {
  let words = 0;
  let han = 0;
  let start: number | undefined;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens.at(index);
    if (token.kind !== 'word') {
      continue;
    }
    const signs = token.text.match(/\p{Script=Han}/gu)?.length ?? 0;
    han += signs;
    words += signs === 0 ? 1 : 0;
    if (words > MAX_WORDS || han > MAX_HAN) {
      start ??= token.start;
    }
  }
  if (start === undefined) {
    return [];
  }
  const end = tokens.at(tokens.length - 1).end;
  const params =
    words > MAX_WORDS
      ? ({ count: words, limit: MAX_WORDS, unit: 'words' } as const)
      : ({ count: han, limit: MAX_HAN, unit: 'characters' } as const);
  return [{ rule: 'length', start, end, excerpt: tokens.text.slice(start, end), params, fixes: [] }];
}

/** What `cleanPrompt` drops before a prompt is sent, but for the blanks around it. */
function findControlCharacters(text: string): Remark[] {
  const clean = cleanPrompt(text);
  const edits: TextEdit[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (sign === clean[kept] || (clean[kept] === '\n' && /[\r\v\f\u0085\u2028\u2029]/.test(sign))) {
      kept++;
    } else if (/[\S\ufeff]/.test(sign)) {
      const last = edits.at(-1);
      if (last?.end === at) {
        last.end++;
      } else {
        edits.push({ start: at, end: at + 1, text: '' });
      }
    }
  }
  const [first] = edits;
  if (!first) {
    return [];
  }
  const { start, end } = first;
  return [
    {
      rule: 'control-characters',
      start,
      end,
      excerpt: text.slice(start, end),
      params: { count: edits.reduce((sum, edit) => sum + edit.end - edit.start, 0) },
      fixes: [{ kind: 'edit', edits }],
    },
  ];
}

/** Seen and documented: Seedance 2 refuses photographs of real people. */
function findPersonPhoto({ model, firstFrame }: PromptContext): Remark[] {
  return firstFrame?.isPhotograph === true && /^seedance-2\b/.test(model)
    ? [{ rule: 'person-photo', start: 0, end: 0, excerpt: '', params: { model }, fixes: [] }]
    : [];
}

/** References to what is sent along, as public tools write them. */
const REFERENCE = /^(image|img|video|audio|картинка|图|图片)\d*$/;

function findUnknownNames(tokens: Tokens, { cast }: PromptContext): Remark[] {
  if (!cast) {
    return [];
  }
  const known = new Set(cast.map((name) => name.toLowerCase()));
  const remarks: Remark[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const sign = tokens.at(index);
    const name = tokens.at(index + 1);
    const isName = sign.text === '@' && !(sign.isGlued && /^[\p{L}\p{N}]/u.test(tokens.at(index - 1).text));
    if (!isName || name.kind !== 'word' || !name.isGlued || sign.zone === 'code' || REFERENCE.test(name.word)) {
      continue;
    }
    const spoken = name.text.toLowerCase().replace(/['’]s$/, '');
    const isKnown = [...known].some((full) => {
      const written = tokens.text.slice(name.start, name.start + full.length).toLowerCase();
      return written === full && !/^[\p{L}\p{N}]/u.test(tokens.text.slice(name.start + full.length));
    });
    if (!isKnown) {
      const nearest = cast.find((full) => isNear(full.toLowerCase(), spoken));
      const end = name.start + spoken.length;
      const fixes: Fix[] =
        nearest === undefined ? [] : [{ kind: 'edit', edits: [{ start: name.start, end, text: nearest }] }];
      const excerpt = tokens.text.slice(sign.start, end);
      remarks.push({ rule: 'unknown-name', start: sign.start, end, excerpt, params: { names: cast }, fixes });
    }
  }
  return remarks;
}

/** One letter more, less or other, or two exchanged. */
function isNear(a: string, b: string): boolean {
  let head = 0;
  while (head < a.length && a[head] === b[head]) {
    head++;
  }
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) {
    tail++;
  }
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const isSwapped = left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
  return Math.max(left.length, right.length) <= 1 || isSwapped;
}
