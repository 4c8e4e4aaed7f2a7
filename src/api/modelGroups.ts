import {
  getFamilyTitle,
  parseModelId,
  RESOLUTIONS,
  type ModelInfo,
  type Resolution,
  type SeedanceModelName,
} from './models';

/**
 * Groups models into the steps in which the user chooses one: family, resolution, duration. Each step offers only what
 * exists in the given list. Prices are roubles for one generation.
 */

type NamedModel = ModelInfo & { name: SeedanceModelName };

export interface FamilyChoice {
  family: string;
  /** `Seedance 1.5 Pro Audio`. */
  title: string;
  audio: boolean;
  /** From small to large. Ids without a resolution are not listed here. */
  resolutions: readonly Resolution[];
  /** The lowest known price in it. */
  fromPrice?: number;
}

export interface ResolutionChoice {
  /** Absent: the id names none, and the service chooses. */
  resolution?: Resolution;
  /** From short to long. */
  seconds: readonly number[];
  fromPrice?: number;
}

export interface DurationChoice {
  /** Absent: the id names none, and the service chooses. */
  seconds?: number;
  id: string;
  price?: number;
}

export interface OtherModel {
  id: string;
  price?: number;
  /** Whether the id begins with the name of a maker of video models. The list has no types, so others may be anything. */
  video: boolean;
}

/** Families with the newest version first; within a version the base model, then its variants. */
export function getFamilies(models: readonly ModelInfo[]): FamilyChoice[] {
  const byFamily = new Map<string, NamedModel[]>();
  for (const model of named(models)) {
    const members = byFamily.get(model.name.family) ?? [];
    members.push(model);
    byFamily.set(model.name.family, members);
  }
  return [...byFamily]
    .sort(([a], [b]) => compareFamilies(a, b))
    .map(([family, members]) => {
      const present = new Set(members.map(({ name }) => name.resolution));
      return {
        family,
        title: getFamilyTitle(family),
        audio: members.some(({ name }) => name.audio),
        resolutions: RESOLUTIONS.filter((resolution) => present.has(resolution)),
        ...lowestPrice(members),
      };
    });
}

/** Resolutions of a family from small to large; last the models that leave the choice to the service. */
export function getResolutions(models: readonly ModelInfo[], family: string): ResolutionChoice[] {
  const members = named(models).filter(({ name }) => name.family === family);
  return [...RESOLUTIONS, undefined].flatMap((resolution) => {
    const fitting = members.filter(({ name }) => name.resolution === resolution);
    if (fitting.length === 0) {
      return [];
    }
    const seconds = fitting.flatMap(({ name }) => name.seconds ?? []).sort((a, b) => a - b);
    return [{ ...(resolution === undefined ? {} : { resolution }), seconds, ...lowestPrice(fitting) }];
  });
}

/** An id has three digits at most. */
const MAX_SECONDS = 1000;

/** Durations from short to long; last the models that leave the choice to the service. */
export function getDurations(
  models: readonly ModelInfo[],
  family: string,
  resolution: Resolution | undefined,
): DurationChoice[] {
  return named(models)
    .filter(({ name }) => name.family === family && name.resolution === resolution)
    .sort((a, b) => (a.name.seconds ?? MAX_SECONDS) - (b.name.seconds ?? MAX_SECONDS))
    .map(({ id, price, name: { seconds } }) => ({
      ...(seconds === undefined ? {} : { seconds }),
      id,
      ...(price === undefined ? {} : { price }),
    }));
}

/** Models of other makers, and Seedance ids that cannot be parsed; video models first, then by id. */
export function getOtherModels(models: readonly ModelInfo[]): OtherModel[] {
  return models
    .filter(({ name }) => name === undefined)
    .map(({ id, price }) => ({ id, ...(price === undefined ? {} : { price }), video: OF_VIDEO_MAKER.test(id) }))
    .sort((a, b) => Number(b.video) - Number(a.video) || compareText(a.id, b.id));
}

/** Sora, Veo, Kling, Hailuo and Wan are seen; the others are assumed, since they make nothing but video. */
const OF_VIDEO_MAKER =
  /^(seedance|sora|veo|kling|hailuo|minimax-video|wan|vidu|pixverse|pika|luma|runway|hunyuan-video|ltx)(?![a-z])/i;

/** Used when nothing was chosen before: resolution and duration of the default model. */
const DEFAULT_CHOICE = { resolution: '1080P', seconds: 5 } as const satisfies Partial<SeedanceModelName>;

/**
 * Returns the model of `family` that is nearest to what was chosen before, so that a change of the family changes no
 * more than necessary: the same resolution, else the nearest, the smaller of two; in it the same duration, else the
 * nearest, the shorter of two. `undefined` when there is no such family.
 */
export function getNearestModel(
  models: readonly ModelInfo[],
  family: string,
  wanted: Pick<SeedanceModelName, 'resolution' | 'seconds'> = DEFAULT_CHOICE,
): ModelInfo | undefined {
  return getLeast(
    named(models).filter(({ name }) => name.family === family),
    ({ name }) => getDistances(name, wanted),
  );
}

function getDistances(
  { resolution, seconds }: Pick<SeedanceModelName, 'resolution' | 'seconds'>,
  wanted: Pick<SeedanceModelName, 'resolution' | 'seconds'>,
): number[] {
  return [
    distance(resolution, wanted.resolution, DEFAULT_CHOICE.resolution, (r) => RESOLUTIONS.indexOf(r)),
    distance(seconds, wanted.seconds, DEFAULT_CHOICE.seconds, (s) => s),
  ];
}

/**
 * Returns the model to propose instead of one that is not offered any more. Of its family, the nearest. Without the
 * family, one with sound or without like it, the nearest in resolution and duration, and of those the cheapest, for
 * nobody should pay more because something was taken away. Of another maker, the one whose id has most in common.
 *
 * @returns `undefined` when nothing offered has anything to do with it
 */
export function getSubstitute(models: readonly ModelInfo[], id: string): ModelInfo | undefined {
  const wanted = parseModelId(id);
  if (wanted === undefined) {
    return getMostAlike(models, id);
  }
  const inFamily = getNearestModel(models, wanted.family, wanted);
  if (inFamily) {
    return inFamily;
  }
  return getLeast(named(models), ({ name, price }) => [
    name.audio === wanted.audio ? 0 : 1,
    ...getDistances(name, wanted),
    price ?? Infinity,
  ]);
}

function getMostAlike(models: readonly ModelInfo[], id: string): ModelInfo | undefined {
  const words = id.toLowerCase().split('-');
  const countCommon = (other: string) => {
    const differs = other
      .toLowerCase()
      .split('-')
      .findIndex((word, index) => word !== words[index]);
    return differs < 0 ? words.length : differs;
  };
  const alike = models.filter((model) => countCommon(model.id) > 0);
  return getLeast(alike, (model) => [-countCommon(model.id), model.price ?? Infinity]);
}

function getLeast<T extends ModelInfo>(models: readonly T[], getRank: (model: T) => number[]): T | undefined {
  let least: { model: T; rank: number[] } | undefined;
  for (const model of models) {
    const rank = getRank(model);
    if (least === undefined || isBefore(rank, least.rank)) {
      least = { model, rank };
    }
  }
  return least?.model;
}

/** How far apart two values are. Below is nearer than as far above; a bare id is near to nothing but a bare id. */
function distance<T>(value: T | undefined, wanted: T | undefined, usual: T, scale: (value: T) => number): number {
  if (value === wanted) {
    return 0;
  }
  if (value === undefined) {
    return Infinity;
  }
  const step = scale(value) - scale(wanted ?? usual);
  // Never 0, so that an exact hit stays ahead when the usual stands in for nothing wanted.
  return step > 0 ? step + 0.75 : 0.25 - step;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((value, position) => value !== b[position]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
}

function named(models: readonly ModelInfo[]): NamedModel[] {
  return models.filter((model): model is NamedModel => model.name !== undefined);
}

function lowestPrice(models: readonly ModelInfo[]): { fromPrice?: number } {
  const prices = models.flatMap(({ price }) => price ?? []);
  return prices.length === 0 ? {} : { fromPrice: Math.min(...prices) };
}

/** Variants in the order in which they are offered; unknown ones follow, by name. */
const VARIANTS = ['', 'pro', 'pro-audio', 'pro-fast', 'fast', 'lite', 'mini'];

function compareFamilies(a: string, b: string): number {
  const [x, y] = [splitFamily(a), splitFamily(b)];
  return y.major - x.major || y.minor - x.minor || getRank(x.variant) - getRank(y.variant) || compareText(a, b);
}

/** `seedance-1-5-pro` → version 1.5, `pro`. */
function splitFamily(family: string): { major: number; minor: number; variant: string } {
  const [, major = '0', minor = '0', variant = ''] = /^seedance(?:-(\d+))?(?:-(\d+))?(?:-(.*))?$/.exec(family) ?? [];
  return { major: Number(major), minor: Number(minor), variant };
}

function getRank(variant: string): number {
  const rank = VARIANTS.indexOf(variant);
  return rank < 0 ? VARIANTS.length : rank;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
