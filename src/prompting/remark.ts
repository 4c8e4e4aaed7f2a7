import type { AspectRatio } from '../api/aspectRatio';
import type { ModelInfo } from '../api/models';

/**
 * What is worth telling about a prompt before it is paid for. Rules follow the prompt guides of the model's maker
 * (documented); none of them blocks anything, and each would rather miss something than be wrong.
 */

export const RULES = [
  'negation',
  'flag',
  'seconds',
  'too-many-shots',
  'camera',
  'still-described',
  'silent-model',
  'length',
  'control-characters',
  'person-photo',
  'unknown-name',
] as const;
export type Rule = (typeof RULES)[number];

/** What a prompt is generated with. */
export interface PromptContext {
  model: string;
  aspectRatio: AspectRatio;
  /** Set when there is a first frame. */
  firstFrame?: { /** It may be a photograph: what a camera or a phone writes. */ isPhotograph?: boolean } | undefined;
  /** The models that there are, to name one that fits better; without them none is named. */
  models?: readonly ModelInfo[] | undefined;
  /** The names that `@Name` may stand for. Without them names are not looked at. */
  cast?: readonly string[] | undefined;
}

/** Offsets are those of JavaScript strings, in the text that was checked. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** What would make a remark needless. Only an edit leaves the price as it is. */
export type Fix =
  | { kind: 'edit'; edits: readonly TextEdit[] }
  /** Another model or aspect ratio, and with it another price. */
  | { kind: 'choose'; model: string; aspectRatio: AspectRatio; edits: readonly TextEdit[] }
  /** A video for each shot, and a price for each. */
  | { kind: 'split'; prompts: readonly string[] };

interface RemarkOf<R extends Rule, P> {
  rule: R;
  start: number;
  end: number;
  /** The text between the offsets. */
  excerpt: string;
  params: P;
  fixes: readonly Fix[];
}

export type Remark =
  | RemarkOf<'negation', object>
  | RemarkOf<'flag', { model: string; aspectRatio: AspectRatio }>
  | RemarkOf<'seconds', object>
  | RemarkOf<'too-many-shots', { shots: number; seconds: number; /** That there is time for. */ fitting: number }>
  | RemarkOf<'camera', { first: string; /** One of the two is no movement. */ isStatic: boolean }>
  | RemarkOf<'still-described', object>
  | RemarkOf<'silent-model', { model: string; /** One with sound. */ other?: ModelInfo | undefined }>
  | RemarkOf<'length', { count: number; limit: number; unit: 'words' | 'characters' }>
  | RemarkOf<'control-characters', { count: number }>
  | RemarkOf<'person-photo', { model: string }>
  | RemarkOf<'unknown-name', { names: readonly string[] }>;

/** The text with edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const edit of [...edits].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  }
  return result;
}

/** An edit that removes a part, and with it the blanks that would be left over beside it. */
export function removal(text: string, start: number, end: number): TextEdit {
  let from = start;
  while (from > 0 && ' \t'.includes(text[from - 1]!)) {
    from--;
  }
  // What stands first takes the blanks behind it along, since there are none before it.
  const isFirst = from === 0 || text[from - 1] === '\n';
  let to = end;
  while (isFirst && to < text.length && ' \t'.includes(text[to]!)) {
    to++;
  }
  return { start: from, end: to, text: '' };
}
