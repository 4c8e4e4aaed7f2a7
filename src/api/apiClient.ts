import type { AspectRatio } from './aspectRatio';
import type { Fetch } from '../common/http';

export interface CreateRequest {
  model: string;
  prompt: string;
  aspectRatio?: AspectRatio;
  /** A link that the service can read, or a `data:` URL (not documented). One at most: the first frame. */
  image?: string;
}

export interface CreatedTask {
  id: string;
  /** When the service made it, milliseconds. */
  createdAt?: number;
}

/** What a task is doing, in the three words that matter. */
export type Progress = 'pending' | 'done' | 'failed';

export interface TaskResult {
  progress: Progress;
  /** The service's own word, for the log and for people: `idle`, `running`, … */
  word: string;
  /** There exactly when `progress` is `done`. https, or http on loopback. */
  url?: string;
  /** Why it failed, in the service's words. Hostile until shown as text. */
  message?: string;
  /** The code that came with a failed task. */
  code?: number;
  /** Roubles, when the service says (seen, not documented). */
  cost?: number;
  /** When the service made the task, milliseconds. */
  createdAt?: number;
  model?: string;
  /** As the service repeats it, without the ` --ar 1:1` that it appends. */
  prompt?: string;
  aspectRatio?: AspectRatio;
}

export interface ModelEntry {
  id: string;
  /** Roubles for one generation; the service names none for some. */
  price?: number;
}

export interface Balance {
  /** Roubles, may be negative. */
  balance: number;
  /** Roubles that may be owed. */
  creditLimit?: number;
}

export interface CallOptions {
  /** The raw key. Per call, so that a record's fingerprint and the request speak of the same key. */
  key: string;
  signal?: AbortSignal;
}

/**
 * The HTTP API, typed. Every call fails with an `ApiError` and with nothing else.
 *
 * `create` costs money and is never repeated in here; `result` costs nothing and may be asked for ever.
 */
export interface ApiClient {
  create(request: CreateRequest, options: CallOptions): Promise<CreatedTask>;
  result(taskId: string, options: CallOptions): Promise<TaskResult>;
  models(options: CallOptions): Promise<ModelEntry[]>;
  /** @param wallet the personal wallet instead of the organisation's (`useWalletBalance=true`). */
  balance(options: CallOptions, wallet?: boolean): Promise<Balance>;
}

export interface ApiClientOptions {
  fetch: Fetch;
  /** Asked before every request: the setting may change. */
  baseUrl: () => URL;
  now: () => number;
  /** For the log: one line a request, no key, no prompt. */
  trace?: (line: string) => void;
  /** Overrides for tests of the time limits, milliseconds. */
  timeLimitsMs?: Partial<Record<keyof ApiClient, number>>;
}

/** The service, loaded with its first call: the client and its schemas are not needed to start up. */
export function createLazyApiClient(options: ApiClientOptions): ApiClient {
  let loading: Promise<ApiClient> | undefined;
  const load = () => (loading ??= import('./httpApiClient').then(({ HttpApiClient }) => new HttpApiClient(options)));
  return {
    create: async (...args) => (await load()).create(...args),
    result: async (...args) => (await load()).result(...args),
    models: async (...args) => (await load()).models(...args),
    balance: async (...args) => (await load()).balance(...args),
  };
}
