import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';
import {
  formatModelId,
  parseModelId,
  RESOLUTIONS,
  type ModelInfo,
  type Resolution,
  type SeedanceModelName,
} from '../api/models';
import { addStyle, cleanPrompt, MAX_PROMPT_CHARS } from '../tasks/model/prompt';
import { parseYesNo } from './keys';
import { CastNames } from './names';
import { findFileSetting, findSetting, ShotNames, type Shot, type ShotSearch, type Storyboard } from './parse';
import { TextMemory } from './textMemory';

/** What stands in where a storyboard says nothing, and what there is to choose from. */
export interface StoryboardContext {
  /** The settings of the user for this file. */
  defaults: { model: string; aspectRatio: AspectRatio };
  models: readonly ModelInfo[];
}

/** What a shot is known by when it is moved, renumbered or renamed. */
export interface ShotIdentity {
  /** `Shot 2`, in a scene `Scene 1 / Shot 2`. */
  label: string;
  title: string;
  /** That is sent. */
  text: string;
}

/** A shot with everything that is needed to generate it. */
export interface ResolvedShot {
  shot: Shot;
  identity: ShotIdentity;
  model: string;
  ratio: AspectRatio;
  /** Of the video, where the model's id tells. */
  seconds?: number | undefined;
  /** The text that is sent; empty when the shot has none. What `isTooLong` is never sent, and is as it is written here. */
  prompt: string;
  /** With cast and style it is longer than anything that can be sent, and nobody has to make or read it. In UTF-16. */
  isTooLong?: { length: number } | undefined;
  /** As it is written: a path, a link. */
  firstFrame?: string | undefined;
  /** The shot whose last frame it begins with: its index. */
  continues?: number | undefined;
  /** What `continue` says, and what it means. */
  continuation?: { name: string; found: ShotSearch } | undefined;
  /** The chosen take, as it is written. */
  take?: { label: string; target: string } | undefined;
  /** Seconds, for the film. */
  in?: number | undefined;
  out?: number | undefined;
  isSkipped: boolean;
}

export interface ResolvedStoryboard {
  storyboard: Storyboard;
  shots: readonly ResolvedShot[];
  names: CastNames;
  /** All prompts together, with cast and style, would be more than `MAX_SENT_CHARS`. */
  isTooMuch: boolean;
  style?: string | undefined;
  /** Where takes are saved, if the file says. Not validated: see `parseSaveFolder`. */
  folder?: string | undefined;
  /** Of the file, or of the user's settings. */
  model: string;
  ratio: AspectRatio;
}

/** Of one prompt: far more than can be sent, whatever is dropped from it. In UTF-16. */
const MAX_EXPANDED_CHARS = 4 * MAX_PROMPT_CHARS;
/** Of a film: a cast that is described at length would fill the memory with thousands of short shots. In UTF-16. */
export const MAX_SENT_CHARS = 3_000_000;

/** What was made of prompts, so that a key costs one of them and not three hundred. */
export class PromptMemory {
  #added = '';
  #last: ReadonlyMap<string, string> = new Map();
  #now = new Map<string, string>();

  /** Begins a reading. What the last one did not ask for is forgotten, and all when cast or style have changed. */
  turn(cast: Storyboard['cast'], style: string | undefined): void {
    const added = [style ?? '', ...cast.map(({ name, description }) => `${name}\0${description.text}`)].join('\0\0');
    this.#last = added === this.#added ? this.#now : new Map();
    this.#added = added;
    this.#now = new Map();
  }

  of(text: string, expand: (text: string) => string): string {
    const sent = this.#now.get(text) ?? this.#last.get(text) ?? expand(text);
    this.#now.set(text, sent);
    return sent;
  }
}

/** @param memory of earlier readings of the same file */
export function resolveStoryboard(
  storyboard: Storyboard,
  { defaults, models }: StoryboardContext,
  memory = new PromptMemory(),
): ResolvedStoryboard {
  const fileValue = (key: 'model' | 'ratio' | 'style' | 'folder') =>
    findFileSetting(storyboard, key)?.value || undefined;
  const model = fileValue('model') ?? defaults.model;
  const ratio = parseRatio(fileValue('ratio')) ?? defaults.aspectRatio;
  const style = fileValue('style');
  const folder = fileValue('folder');
  const names = new CastNames(storyboard.cast);
  const shotNames = new ShotNames(storyboard.shots);
  const ids = new Set(models.map(({ id }) => id));
  memory.turn(storyboard.cast, style);
  let sum = 0;
  const toSent = (text: string) => cleanPrompt(addStyle(names.expand(text), style));
  const shots = storyboard.shots.map((shot): ResolvedShot => {
    const value = (key: Parameters<typeof findSetting>[1]) => findSetting(shot, key)?.value || undefined;
    const chosen = chooseModel(value('model') ?? model, value('duration'), value('resolution'), ids);
    const written = shot.prompt.text;
    const length = written === '' ? 0 : names.measure(written) + (style?.length ?? 0);
    const isTooLong = length > MAX_EXPANDED_CHARS;
    sum += isTooLong ? 0 : length;
    const prompt = written === '' || isTooLong || sum > MAX_SENT_CHARS ? written : memory.of(written, toSent);
    const frame = findSetting(shot, 'firstFrame');
    const firstFrame = frame && (frame.reference?.url || frame.value || undefined);
    const take = findSetting(shot, 'take');
    const target = take && (take.reference?.url || take.value);
    const from = value('continue');
    const found = from === undefined ? undefined : shotNames.find(from, shot.group);
    const [start, end] = [parseSeconds(value('in')), parseSeconds(value('out'))];
    const seconds = readModelId(chosen)?.seconds;
    const skip = findSetting(shot, 'skip');
    return {
      shot,
      identity: {
        label: shot.group === undefined ? shot.label : `${shot.group} / ${shot.label}`,
        title: shot.title,
        text: prompt,
      },
      model: chosen,
      ratio: parseRatio(value('ratio')) ?? ratio,
      ...(seconds === undefined ? {} : { seconds }),
      prompt,
      ...(isTooLong ? { isTooLong: { length } } : {}),
      ...(firstFrame === undefined ? {} : { firstFrame }),
      ...(from === undefined ? {} : { continuation: { name: from, found } }),
      ...(found && 'shot' in found ? { continues: found.shot.index } : {}),
      ...(take && target ? { take: { label: take.value, target } } : {}),
      ...(start === undefined ? {} : { in: start }),
      ...(end === undefined ? {} : { out: end }),
      isSkipped: skip !== undefined && parseYesNo(skip.value) === true,
    };
  });
  return {
    storyboard,
    shots,
    names,
    isTooMuch: sum > MAX_SENT_CHARS,
    model,
    ratio,
    ...(style === undefined ? {} : { style }),
    ...(folder === undefined ? {} : { folder }),
  };
}

const modelNames = new TextMemory(parseModelId);

/** As `parseModelId`, for the few models that all shots of a film share. */
export function readModelId(id: string): SeedanceModelName | undefined {
  return modelNames.of(id);
}

/** A choice within the family of a model. What there is not is left for the check to tell. */
function chooseModel(
  id: string,
  duration: string | undefined,
  resolution: string | undefined,
  ids: ReadonlySet<string>,
): string {
  const name = readModelId(id);
  if (!name || (duration === undefined && resolution === undefined)) {
    return id;
  }
  const seconds = parseSeconds(duration) ?? name.seconds;
  const lines = parseResolution(resolution) ?? name.resolution;
  const chosen = formatModelId({
    family: name.family,
    audio: name.audio,
    ...(lines === undefined ? {} : { resolution: lines }),
    ...(seconds === undefined ? {} : { seconds }),
  });
  return ids.has(chosen) ? chosen : id;
}

export function parseRatio(value: string | undefined): AspectRatio | undefined {
  return ASPECT_RATIOS.find((ratio) => ratio === value?.replace(/\s/g, ''));
}

export function parseResolution(value: string | undefined): Resolution | undefined {
  const name = value?.replace(/\s/g, '').toUpperCase().replace('К', 'K').replace('Р', 'P');
  return RESOLUTIONS.find((one) => one === name || one === `${name}P`);
}

const SECONDS = /^(?:(\d{1,3}):)?(\d{1,4}(?:[.,]\d{1,3})?)\s*(?:s|sec\.?|seconds?|с|сек\.?|секунд[аы]?)?$/i;

/** `5`, `2.5 s`, `0:03`. */
export function parseSeconds(value: string | undefined): number | undefined {
  const match = SECONDS.exec(value?.trim() ?? '');
  return match ? Number(match[1] ?? 0) * 60 + Number(match[2]!.replace(',', '.')) : undefined;
}
