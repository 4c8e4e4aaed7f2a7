/** One entry of `/media/models`. Prices are in roubles; some models are listed without one. */
export interface CatalogueEntry {
  id: string;
  price?: number;
  /** Whatever else the service says about a model; a client has to bear fields that it never saw. */
  [extra: string]: unknown;
}

type PriceRow = readonly number[];

interface Family {
  readonly name: string;
  readonly seconds: readonly number[];
  /** Resolution → price for each of `seconds`. */
  readonly prices: Readonly<Record<string, PriceRow>>;
}

const SEEDANCE: readonly Family[] = [
  {
    name: 'seedance-1-pro',
    seconds: [2, 5, 10, 12],
    prices: { '480P': [12, 30, 60, 72], '720P': [22.4, 56, 112, 135], '1080P': [50, 122, 244, 290] },
  },
  {
    name: 'seedance-1-pro-fast',
    seconds: [2, 5, 10, 12],
    prices: { '480P': [4, 10, 20, 24], '720P': [8.8, 22, 44, 52.8], '1080P': [19.6, 49, 98, 117.6] },
  },
  {
    name: 'seedance-1-lite',
    seconds: [2, 5, 10, 12],
    prices: { '480P': [6.8, 17, 34, 40.8], '720P': [16.4, 41, 82, 98.4], '1080P': [35.2, 88, 176, 211.2] },
  },
  {
    name: 'seedance-1-5-pro',
    seconds: [5, 10],
    prices: { '480P': [15, 30], '720P': [28, 56], '1080P': [58, 116] },
  },
  {
    name: 'seedance-1-5-pro-audio',
    seconds: [5, 10],
    prices: { '480P': [30, 60], '720P': [56, 112], '1080P': [118, 236] },
  },
  {
    name: 'seedance-2',
    seconds: [5, 8, 10, 12, 15],
    prices: {
      '480P': [140, 224, 280, 338, 420],
      '720P': [302, 484, 605, 725, 908],
      '1080P': [408, 652.8, 816, 979, 1224],
      '4K': [1560, 2496, 3120, 3744, 4680],
    },
  },
  {
    name: 'seedance-2-fast',
    seconds: [5, 10, 12],
    prices: { '480P': [112, 225, 270], '720P': [242, 484, 580] },
  },
  {
    name: 'seedance-2-mini',
    seconds: [5, 10, 12, 15],
    prices: { '480P': [48, 92, 115.2, 144], '720P': [102.6, 205, 246, 307.5] },
  },
];

/** Entries that no family's table gives: bare ids, one odd size, and other makers' models. */
const OTHERS: readonly CatalogueEntry[] = [
  { id: 'seedance-2-mini-4K-15s', price: 307.5 },
  { id: 'seedance-2', price: 140 },
  { id: 'seedance-2-mini', price: 36 },
  { id: 'sora-2-1280x720-8s', price: 160 },
  { id: 'veo-3-1-fast', price: 96, modelration: 1.2 },
  { id: 'kling-2-5-turbo-pro-5s', price: 70, price_input: 0 },
  { id: 'hailuo-02-768P-6s', price: 56 },
  { id: 'wan-2-5-720P-5s' },
  { id: 'gpt-image-1-high', price_input: 0.0008 },
  { id: 'suno-v5', tags: ['music'], beta: true },
];

/** All models that the service offers, in the order in which it lists them. */
export function catalogue(): CatalogueEntry[] {
  const seedance = SEEDANCE.flatMap((family) =>
    Object.entries(family.prices).flatMap(([resolution, prices]) =>
      family.seconds.flatMap((seconds, index) => {
        const price = prices[index];
        return price === undefined ? [] : [{ id: `${family.name}-${resolution}-${seconds}s`, price }];
      }),
    ),
  );
  return [...seedance, ...OTHERS.map((entry) => ({ ...entry }))];
}
