import { ASPECT_RATIOS, type AspectRatio } from '../../api/aspectRatio';
import { formatModelId, parseModelId, type Resolution } from '../../api/models';

/**
 * Flags in a prompt, such as `--dur 10`: the maker of the model reads them (documented), while model, price and the
 * field for the aspect ratio say something else. What is paid for and what comes may then differ.
 */

export type FlagKind = 'aspectRatio' | 'resolution' | 'duration' | 'frames';

export interface PromptFlag {
  kind: FlagKind;
  /** As it stands in the prompt. */
  text: string;
  value: string;
  start: number;
  end: number;
}

/** Long and short names, without signs between the words. `--seed`, `--camerafixed` and others change no price. */
const KINDS: Readonly<Record<string, FlagKind>> = {
  ratio: 'aspectRatio',
  rt: 'aspectRatio',
  ar: 'aspectRatio',
  aspectratio: 'aspectRatio',
  aspect: 'aspectRatio',
  resolution: 'resolution',
  rs: 'resolution',
  res: 'resolution',
  duration: 'duration',
  dur: 'duration',
  frames: 'frames',
  framecount: 'frames',
};

/** Editors and chats make one long dash of two short ones. */
const FLAG = /(?<![^\s([{"'«“])(?:--|[–—―])([a-z]+(?:[-_][a-z]+)?)(?:\s*[=:]\s*|[ \t]+)([^\s,;)\]}"'»”]+)/gi;

export function findFlags(prompt: string): PromptFlag[] {
  return [...prompt.matchAll(FLAG)].flatMap((match) => {
    const kind = KINDS[match[1]!.toLowerCase().replace(/[-_]/g, '')];
    const value = match[2]!.replace(/[.!?…]+$/, '');
    if (kind === undefined || !isValue(kind, value)) {
      return [];
    }
    const text = match[0].slice(0, match[0].length - (match[2]!.length - value.length));
    return [{ kind, text, value, start: match.index, end: match.index + text.length }];
  });
}

/** "— ratio of light to dark" is a sentence. */
function isValue(kind: FlagKind, value: string): boolean {
  switch (kind) {
    case 'aspectRatio':
      return /^\d{1,4}[:x×/]\d{1,4}$|^(?:adaptive|keep_ratio|auto)$/i.test(value);
    case 'resolution':
      return /^\d{3,4}p?$|^[248]k$|^\d{3,4}[x×]\d{3,4}$/i.test(value);
    case 'duration':
      return /^-?\d{1,3}(?:\.\d+)?(?:s|sec|seconds)?$/i.test(value);
    case 'frames':
      return /^\d{1,5}$/.test(value);
  }
}

export interface PaidFor {
  model: string;
  aspectRatio: AspectRatio;
}

/** The flags that say something else than what is paid for. Of a model that nobody knows, length and size are not known. */
export function findContradictions(prompt: string, { model, aspectRatio }: PaidFor): PromptFlag[] {
  const name = parseModelId(model);
  return findFlags(prompt).filter(({ kind, value }) => {
    switch (kind) {
      case 'aspectRatio':
        return toRatio(value) !== aspectRatio;
      case 'resolution':
        return name?.resolution !== undefined && toResolution(value) !== name.resolution.toUpperCase();
      case 'duration':
        return name?.seconds !== undefined && parseFloat(value) !== name.seconds;
      case 'frames':
        return name?.seconds !== undefined;
    }
  });
}

function toRatio(value: string): AspectRatio | undefined {
  const [width, height] = value.split(/[:x×/]/).map(Number);
  return ASPECT_RATIOS.find((ratio) => {
    const [w, h] = ratio.split(':').map(Number);
    return width! * h! === height! * w!;
  });
}

function toResolution(value: string): string {
  const lines = value.split(/[x×]/i).map((part) => parseInt(part, 10));
  return /k$/i.test(value) ? value.toUpperCase() : `${Math.min(...lines)}P`;
}

/**
 * What would have to be chosen for the flags to be right.
 *
 * @param isOffered whether there is such a model
 * @returns `undefined` when nothing that there is fits them
 */
export function fitToFlags(
  flags: readonly PromptFlag[],
  paidFor: PaidFor,
  isOffered: (model: string) => boolean,
): PaidFor | undefined {
  let { aspectRatio } = paidFor;
  const name = parseModelId(paidFor.model);
  const wanted = name && { ...name };
  for (const { kind, value } of flags) {
    if (kind === 'aspectRatio') {
      const ratio = toRatio(value);
      if (ratio === undefined) {
        return undefined;
      }
      aspectRatio = ratio;
    } else if (!wanted || kind === 'frames') {
      return undefined;
    } else if (kind === 'duration') {
      wanted.seconds = parseFloat(value);
    } else {
      wanted.resolution = toResolution(value) as Resolution;
    }
  }
  const changesModel = flags.some(({ kind }) => kind !== 'aspectRatio');
  const model = changesModel && wanted ? formatModelId(wanted) : paidFor.model;
  return changesModel && !isOffered(model) ? undefined : { model, aspectRatio };
}

/** The prompt without these flags, which may be between its words. */
export function removeFlags(prompt: string, flags: readonly PromptFlag[]): string {
  let rest = prompt;
  for (const { start, end } of [...flags].sort((a, b) => b.start - a.start)) {
    const before = rest.slice(0, start).replace(/[ \t]+$/, '');
    const after = rest.slice(end);
    rest = before + (before === '' ? after.trimStart() : after);
  }
  return rest.trim();
}
