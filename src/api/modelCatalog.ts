import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BUILT_IN_MODELS, toModels, type ModelInfo } from './models';
import type { ApiClient, ModelEntry } from './apiClient';
import { ApiError } from './apiError';
import { replaceFileAtomically } from '../common/atomicFile';
import { getKeyFingerprint } from '../common/keyFingerprint';
import type { Clock } from '../common/clock';
import { Disposable, Emitter, type Event } from '../common/events';

/** A list older than this is fetched again when it is next needed. */
export const CATALOG_FRESH_MS = 24 * 60 * 60_000;
/** After a failure no request is sent for so long, or for as long as `Retry-After` says, unless the user asks for one. */
export const CATALOG_RETRY_MS = 60_000;
const CACHE_FORMAT = 1;
const MAX_ENTRIES = 5_000;
const MAX_ID_CHARS = 200;

/** Why a price is not one that money may be spent on without a question. */
export type PriceDoubt =
  /** The service lists none, or there is no key to ask with. */
  | 'unknown'
  /** No video is free, so it is a mistake, or means something else. */
  | 'zero'
  /** From the table of this version: nobody has asked the service yet. */
  | 'built-in'
  /** Another key may have other prices. */
  | 'other-key'
  /** So may another address. */
  | 'other-address'
  /** Older than `CATALOG_FRESH_MS`, or from the future of a clock that was wrong. */
  | 'stale';

/** The price of a model, and how far it can be trusted. */
export interface Quote {
  /** Roubles; `undefined` when unknown. */
  price: number | undefined;
  /** Fingerprint of the key that it holds for; `undefined` without a key. */
  account: string | undefined;
  doubt?: PriceDoubt;
  /** When the service listed it, milliseconds since 1970; absent when it did not. */
  listedAt?: number;
}

export interface ModelCatalogOptions {
  apiClient: Pick<ApiClient, 'models'>;
  credentials: { get(): Promise<string | undefined> };
  /** Where the service is: a list belongs to an address. */
  address?: () => string | undefined;
  /** Holds the cache file; created on demand. Windows may share it. */
  directory: string;
  clock: Pick<Clock, 'now'>;
  /** Gets one line to log for a cache that cannot be read or written. */
  trace?: (line: string) => void;
}

export interface KnownModels {
  readonly models: readonly ModelInfo[];
  /** `live`: as the service listed them at `fetchedAt`, milliseconds since 1970. */
  readonly source: 'live' | 'built-in';
  readonly fetchedAt?: number;
}

/**
 * The service's models and prices: the live list, or the built-in table as long as there is none.
 *
 * The live list is used as a whole: a model that is not in it, or has no price in it, has an unknown price, even if the
 * built-in table has one. A list that is old, because the service is down, is still better than the table; `fetchedAt`
 * says how old it is.
 *
 * Fetching the list requires a key, and an organisation may not be allowed to use all models (documented), so a list
 * belongs to a key. The cache file is optional: without it everything works, with one more request.
 */
export class ModelCatalog extends Disposable {
  readonly #options: ModelCatalogOptions;
  readonly #path: string;
  readonly #onDidChange = this._register(new Emitter<void>());
  /** Fires when models or prices are different from before, not when they were merely confirmed. */
  readonly onDidChange: Event<void> = this.#onDidChange.event;

  #isCacheRead = false;
  #live: LiveList | undefined;
  #known: KnownModels = { models: BUILT_IN_MODELS, source: 'built-in' };
  #prices: ReadonlyMap<string, number> | undefined;
  #fetching: { account: string; aborter: AbortController; outcome: Promise<RefreshOutcome> } | undefined;
  #failure: { account: string; error: ApiError; until: number; at: number } | undefined;

  constructor(options: ModelCatalogOptions) {
    super();
    this.#options = options;
    this.#path = join(options.directory, 'models.json');
  }

  /** Returns what is known now, without a request; the same object until something changes. Never throws. */
  current(): KnownModels {
    if (!this.#isCacheRead) {
      // Synchronous, once, about 20 KB: the caller draws the result and would otherwise show other prices first.
      this.#takeCache(() => readFileSync(this.#path, 'utf8'));
    }
    return this.#known;
  }

  /** Roubles; `undefined` when unknown. */
  priceOf(model: string): number | undefined {
    const { models } = this.current();
    this.#prices ??= new Map(models.flatMap(({ id, price }) => (price === undefined ? [] : [[id, price] as const])));
    return this.#prices.get(model);
  }

  /**
   * The price of a model for who does not look at it before it is spent. Asks the service first when the list is older
   * than a day. Never throws.
   */
  async quote(model: string): Promise<Quote> {
    await this.refresh();
    const key = await this.#key();
    const account = key === undefined ? undefined : getKeyFingerprint(key);
    const price = this.priceOf(model);
    const doubt = this.#doubt(price, account);
    const listedAt = this.#live?.fetchedAt;
    return {
      price,
      account,
      ...(doubt === undefined ? {} : { doubt }),
      ...(listedAt === undefined ? {} : { listedAt }),
    };
  }

  #doubt(price: number | undefined, account: string | undefined): PriceDoubt | undefined {
    const live = this.#live;
    if (price === undefined || account === undefined) {
      return 'unknown';
    }
    if (price === 0) {
      return 'zero';
    }
    if (live === undefined) {
      return 'built-in';
    }
    if (live.account !== account) {
      return 'other-key';
    }
    if (live.address !== this.#options.address?.()) {
      return 'other-address';
    }
    return this.#isFresh(account) ? undefined : 'stale';
  }

  /**
   * Fetches the list if it is older than a day or belongs to another key or address, or with `force`. Calls made meanwhile
   * share the request. Never throws; does nothing without a key.
   */
  async refresh({ force = false }: { force?: boolean } = {}): Promise<RefreshOutcome> {
    const key = await this.#key();
    if (key === undefined || this.isDisposed) {
      return {};
    }
    const account = getKeyFingerprint(key);
    this.current();
    if (!force && !this.#isFresh(account)) {
      // Another window may have fetched it since.
      await this.#takeNewerCache(account);
    }
    if (this.isDisposed || (!force && this.#isFresh(account))) {
      return {};
    }
    const failure = this.#failure;
    if (!force && failure?.account === account && isBetween(this.#options.clock.now(), failure.at, failure.until)) {
      return { error: failure.error };
    }
    return this.#fetch(key, account);
  }

  override dispose(): void {
    this.#fetching?.aborter.abort();
    super.dispose();
  }

  async #key(): Promise<string | undefined> {
    try {
      return await this.#options.credentials.get();
    } catch (error) {
      // A system without a keyring. Commands that need the key report that to the user.
      this.#options.trace?.(`models: no key, ${getMessage(error)}`);
      return undefined;
    }
  }

  #isFresh(account: string): boolean {
    // A time in the future is a clock that was wrong; it must not keep a list alive for years.
    const live = this.#live;
    return (
      live?.account === account &&
      live.address === this.#options.address?.() &&
      isBetween(this.#options.clock.now(), live.fetchedAt, live.fetchedAt + CATALOG_FRESH_MS)
    );
  }

  #fetch(key: string, account: string): Promise<RefreshOutcome> {
    if (this.#fetching?.account === account) {
      return this.#fetching.outcome;
    }
    // The key was changed while the list of the old one is being fetched: that list is not needed any more.
    this.#fetching?.aborter.abort();
    const aborter = new AbortController();
    const outcome = this.#fetchList(key, account, aborter.signal).finally(() => {
      if (this.#fetching?.aborter === aborter) {
        this.#fetching = undefined;
      }
    });
    this.#fetching = { account, aborter, outcome };
    return outcome;
  }

  async #fetchList(key: string, account: string, signal: AbortSignal): Promise<RefreshOutcome> {
    const { apiClient, clock } = this.#options;
    const address = this.#options.address?.();
    try {
      const entries = await apiClient.models({ key, signal });
      if (signal.aborted) {
        return {};
      }
      if (toModels(entries).length === 0) {
        // A list of nothing leaves nothing to choose from; it is a fault and not a catalogue.
        throw new ApiError('bad-answer', { detail: 'models: none that can be read' });
      }
      const live = { account, fetchedAt: clock.now(), entries, ...(address === undefined ? {} : { address }) };
      this.#failure = undefined;
      this.#take(live);
      await this.#writeCache(live);
      return {};
    } catch (cause) {
      if (signal.aborted) {
        return {};
      }
      const error = cause instanceof ApiError ? cause : new ApiError('internal', { cause });
      const at = clock.now();
      this.#failure = { account, error, at, until: at + Math.max(CATALOG_RETRY_MS, error.retryAfterMs ?? 0) };
      if (this.#live !== undefined && this.#live.account !== account) {
        this.#take(undefined);
      }
      return { error };
    }
  }

  /** From now on this is what is known. */
  #take(live: LiveList | undefined): void {
    const before = this.#known;
    const models = live === undefined ? BUILT_IN_MODELS : toModels(live.entries);
    const same = before.source === (live === undefined ? 'built-in' : 'live') && sameModels(before.models, models);
    this.#live = live;
    this.#known = {
      models: same ? before.models : models,
      ...(live === undefined ? { source: 'built-in' } : { source: 'live', fetchedAt: live.fetchedAt }),
    };
    if (!same) {
      this.#prices = undefined;
      this.#onDidChange.fire();
    }
  }

  #takeCache(read: () => string): void {
    this.#isCacheRead = true;
    try {
      const live = parseCache(read());
      // Nothing was read from the catalog so far, so this is no change.
      this.#live = live;
      this.#known = { models: toModels(live.entries), source: 'live', fetchedAt: live.fetchedAt };
    } catch (error) {
      this.#traceUnreadable(error);
    }
  }

  async #takeNewerCache(account: string): Promise<void> {
    try {
      const live = parseCache(await readFile(this.#path, 'utf8'));
      const isNewer = this.#live?.account !== account || live.fetchedAt > this.#live.fetchedAt;
      if (live.account === account && isNewer && live.fetchedAt <= this.#options.clock.now() && !this.isDisposed) {
        this.#take(live);
      }
    } catch (error) {
      this.#traceUnreadable(error);
    }
  }

  #traceUnreadable(error: unknown): void {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      this.#options.trace?.(`models: cache not used, ${getMessage(error)}`);
    }
  }

  async #writeCache(live: LiveList): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await replaceFileAtomically(this.#path, `${JSON.stringify({ format: CACHE_FORMAT, ...live })}\n`);
    } catch (error) {
      this.#options.trace?.(`models: cache not written, ${getMessage(error)}`);
    }
  }
}

export interface RefreshOutcome {
  /** Why there is no newer list; what was known before still is. */
  error?: ApiError;
}

/** As fetched and as cached. Names are read out of the ids again, so that a newer version reads them its own way. */
interface LiveList {
  /** Fingerprint of the key that it was asked for with. */
  account: string;
  /** Where it was asked for; absent in a cache of an earlier version. */
  address?: string;
  fetchedAt: number;
  entries: ModelEntry[];
}

/**
 * By hand: the schema library is not worth loading at startup for a file of our own.
 *
 * @throws when the file is damaged or of another format; it is rewritten with the next list.
 */
function parseCache(text: string): LiveList {
  const { format, account, address, fetchedAt, entries } = JSON.parse(text) as Partial<Record<string, unknown>>;
  const isWhole =
    format === CACHE_FORMAT &&
    typeof account === 'string' &&
    (address === undefined || typeof address === 'string') &&
    isAmount(fetchedAt) &&
    Array.isArray(entries) &&
    entries.length > 0 &&
    entries.length <= MAX_ENTRIES;
  if (!isWhole || !entries.every(isEntry)) {
    throw new Error('not a list of models');
  }
  return {
    account,
    fetchedAt,
    entries: entries.map(({ id, price }) => ({ id, ...(price === undefined ? {} : { price }) })),
    ...(address === undefined ? {} : { address }),
  };
}

function isEntry(value: unknown): value is ModelEntry {
  const { id, price } = (value ?? {}) as Record<keyof ModelEntry, unknown>;
  return typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARS && (price === undefined || isAmount(price));
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function sameModels(a: readonly ModelInfo[], b: readonly ModelInfo[]): boolean {
  return a.length === b.length && a.every(({ id, price }, index) => b[index]?.id === id && b[index].price === price);
}

function isBetween(value: number, from: number, before: number): boolean {
  return value >= from && value < before;
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
