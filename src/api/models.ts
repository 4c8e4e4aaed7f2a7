import type { ModelEntry } from './apiClient';

/**
 * Models and their prices: how to parse ids, and the built-in table for when the service cannot be reached.
 *
 * The service lists ids and prices, but no titles and no types (seen). Everything that a user chooses by is parsed from
 * the id: `seedance-1-pro-fast-720P-10s` is family × resolution × duration, and whether there is sound follows from the
 * family. An id that cannot be parsed is a model all the same, shown by its id.
 *
 * Prices are roubles for one generation (assumed: the service names no currency).
 */

/** As written in ids, `P` in upper case (seen); from small to large. */
export const RESOLUTIONS = ['480P', '720P', '1080P', '4K'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export interface SeedanceModelName {
  /** The id without resolution and duration: `seedance-1-5-pro-audio`. */
  family: string;
  /** Absent in bare ids such as `seedance-2`: the service chooses. The same for `seconds`. */
  resolution?: Resolution;
  /** Length of the video. */
  seconds?: number;
  /** Whether its videos have sound. Follows from the family. */
  audio: boolean;
}

export interface ModelInfo {
  id: string;
  /** Roubles; absent if the service lists none, which means unknown and not free. */
  price?: number;
  /** Absent for models of other makers, and for a Seedance id of an unknown form. */
  name?: SeedanceModelName;
}

/** A family consists of words and numbers. `720p` or `05s` are neither, so such an id is not parsed. */
const SEEDANCE_ID = /^(seedance(?:-(?:[a-z]+[0-9]*|[0-9]+))+?)(?:-(480P|720P|1080P|4K))?(?:-([1-9][0-9]{0,2})s)?$/;
/** Documented: 1.5-audio and 2 have a sound track, Seedance 1 has none. An unknown family is assumed to have none. */
const WITH_SOUND = /^seedance-2(-|$)|-audio$/;

/** Parses an id. `formatModelId` returns the same id again. `undefined` when the id cannot be parsed. */
export function parseModelId(id: string): SeedanceModelName | undefined {
  const [, family, resolution, seconds] = SEEDANCE_ID.exec(id) ?? [];
  if (family === undefined) {
    return undefined;
  }
  return {
    family,
    ...(resolution === undefined ? {} : { resolution: resolution as Resolution }),
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    audio: WITH_SOUND.test(family),
  };
}

export function formatModelId({ family, resolution, seconds }: SeedanceModelName): string {
  return [family, resolution, seconds === undefined ? undefined : `${seconds}s`]
    .filter((part) => part !== undefined)
    .join('-');
}

/** `seedance-1-5-pro-audio` → `Seedance 1.5 Pro Audio`: a version's numbers belong together. */
export function getFamilyTitle(family: string): string {
  return family
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
    .replace(/(?<=\b\d+) (?=\d+\b)/g, '.');
}

/**
 * `Seedance 1 Pro Fast · 720P · 10 s`. The same in every language but for the unit.
 *
 * @param withUnit the duration in the reader's language
 */
export function getDisplayName(
  name: SeedanceModelName,
  withUnit: (seconds: number) => string = (seconds) => `${seconds} s`,
): string {
  return [getFamilyTitle(name.family), name.resolution, name.seconds === undefined ? undefined : withUnit(name.seconds)]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** Returns the title of a model to show to the user: its display name, or the id if it cannot be parsed. */
export function getModelTitle(id: string, withUnit?: (seconds: number) => string): string {
  const name = parseModelId(id);
  return name === undefined ? id : getDisplayName(name, withUnit);
}

function toModelInfo({ id, price }: ModelEntry): ModelInfo {
  const name = parseModelId(id);
  return { id, ...(price === undefined ? {} : { price }), ...(name === undefined ? {} : { name }) };
}

/** An id is shown in menus and sent back to the service: no invisible characters, none that change the direction of text. */
const UNFIT_ID = /^\s|\s$|[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Converts the list of the service: in its order, each id once, with its own price or none.
 *
 * Of an id that is listed twice the higher price counts: the price shown before paying must not be too low.
 */
export function toModels(entries: readonly ModelEntry[]): ModelInfo[] {
  const models = new Map<string, ModelInfo>();
  for (const entry of entries) {
    const before = models.get(entry.id)?.price ?? -1;
    if (!UNFIT_ID.test(entry.id) && (!models.has(entry.id) || (entry.price ?? -1) > before)) {
      models.set(entry.id, toModelInfo(entry));
    }
  }
  return [...models.values()];
}

/**
 * Parses the models that the service lists when it refuses one: code 3, `expected` with all ids joined by ` | `
 * (documented).
 *
 * @param getPrice returns the price of a model in roubles, if known
 */
export function parseExpectedModels(expected: string, getPrice: (id: string) => number | undefined): ModelInfo[] {
  const ids = expected.split('|').map((id) => id.trim());
  // A text that was cut for its length (`schemas.ts`) ends in the middle of an id.
  const whole = expected.endsWith('…') ? ids.slice(0, -1) : ids;
  return toModels(
    whole
      .filter((id) => id !== '' && id.length <= MAX_ID_CHARS)
      .map((id) => {
        const price = getPrice(id);
        return { id, ...(price === undefined ? {} : { price }) };
      }),
  );
}

/** As in `schemas.ts`; the longest id seen has 30. */
const MAX_ID_CHARS = 200;

/** Prices by resolution, each row in the order of `seconds`. */
interface Rows {
  family: string;
  seconds: readonly number[];
  prices: Partial<Record<Resolution, readonly number[]>>;
}

/** As the service listed them in mid 2026 (seen). They change, so the live list takes precedence. */
const ROWS: readonly Rows[] = [
  {
    family: 'seedance-1-pro',
    seconds: [2, 5, 10, 12],
    prices: { '480P': [12, 30, 60, 72], '720P': [22.4, 56, 112, 135], '1080P': [50, 122, 244, 290] },
  },
  {
    family: 'seedance-1-pro-fast',
    seconds: [2, 5, 10, 12],
    prices: { '480P': [4, 10, 20, 24], '720P': [8.8, 22, 44, 52.8], '1080P': [19.6, 49, 98, 117.6] },
  },
  {
    family: 'seedance-1-lite',
    seconds: [2, 5, 10, 12],
    prices: { '480P': [6.8, 17, 34, 40.8], '720P': [16.4, 41, 82, 98.4], '1080P': [35.2, 88, 176, 211.2] },
  },
  {
    family: 'seedance-1-5-pro',
    seconds: [5, 10],
    prices: { '480P': [15, 30], '720P': [28, 56], '1080P': [58, 116] },
  },
  {
    family: 'seedance-1-5-pro-audio',
    seconds: [5, 10],
    prices: { '480P': [30, 60], '720P': [56, 112], '1080P': [118, 236] },
  },
  {
    family: 'seedance-2',
    seconds: [5, 8, 10, 12, 15],
    prices: {
      '480P': [140, 224, 280, 338, 420],
      '720P': [302, 484, 605, 725, 908],
      '1080P': [408, 652.8, 816, 979, 1224],
      '4K': [1560, 2496, 3120, 3744, 4680],
    },
  },
  {
    family: 'seedance-2-fast',
    seconds: [5, 10, 12],
    prices: { '480P': [112, 225, 270], '720P': [242, 484, 580] },
  },
  {
    family: 'seedance-2-mini',
    seconds: [5, 10, 12, 15],
    prices: { '480P': [48, 92, 115.2, 144], '720P': [102.6, 205, 246, 307.5] },
  },
];

const SINGLE: readonly ModelEntry[] = [
  { id: 'seedance-2-mini-4K-15s', price: 307.5 },
  { id: 'seedance-2', price: 140 },
  { id: 'seedance-2-mini', price: 36 },
];

/** The Seedance models and prices to use until the list of the service has been fetched. */
export const BUILT_IN_MODELS: readonly ModelInfo[] = toModels([
  ...ROWS.flatMap(({ family, seconds, prices }) =>
    Object.entries(prices).flatMap(([resolution, row]) =>
      row.map((price, column) => ({ id: `${family}-${resolution}-${seconds[column]}s`, price })),
    ),
  ),
  ...SINGLE,
]);
