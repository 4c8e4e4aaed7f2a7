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
  /** When the service created it, milliseconds since 1970. */
  createdAt?: number;
}

/** The state of a task at the service, reduced to what the extension distinguishes. */
export type Progress = 'pending' | 'done' | 'failed';

/** Which content was refused: what was made, by chance perhaps, or what was sent. */
export type TaskRefusal = 'output-refused' | 'sensitive-content' | 'unsafe-prompt';

export interface TaskResult {
  progress: Progress;
  /** The status as the service sent it, to log and to show: `idle`, `running`, … */
  word: string;
  /** Present exactly when `progress` is `done`. https, or http on loopback. */
  url?: string;
  /** Why it failed, in the service's words. Untrusted: escape it before showing it. */
  message?: string;
  /** The code that came with a failed task. */
  code?: number;
  /** The end is a refusal of content. */
  refusal?: TaskRefusal;
  /** Pending for want of something better: done without a usable link, or a word that nobody knows. */
  odd?: 'no-link' | 'unknown-word';
  /** With `odd`: the beginning of the answer. */
  answer?: string;
  /** Roubles, if the service said (seen, not documented). */
  cost?: number;
  /** When the service created the task, milliseconds since 1970. */
  createdAt?: number;
  model?: string;
  /** As the service repeats it, without the ` --ar 1:1` that it appends. */
  prompt?: string;
  aspectRatio?: AspectRatio;
}

export interface ModelEntry {
  id: string;
  /** Roubles for one generation; absent for models that the service lists without a price. */
  price?: number;
}

export interface Balance {
  /** Roubles, may be negative. */
  balance: number;
  /** Roubles that may be owed. */
  creditLimit?: number;
}

export interface CallOptions {
  /** The raw key. Passed with each call, so that a record's fingerprint and the request belong to the same key. */
  key: string;
  signal?: AbortSignal;
}

/** The HTTP API of the service, typed. Every call rejects with an `ApiError` and with nothing else. */
export interface ApiClient {
  /** Creates a task, which costs money. Never retried by the client: see `getChargeRisk`. */
  create(request: CreateRequest, options: CallOptions): Promise<CreatedTask>;
  /** Gets the state of a task by the service's id. Free of charge, so it can be polled. */
  result(taskId: string, options: CallOptions): Promise<TaskResult>;
  /** Lists the models that the key may use, in the order of the service. */
  models(options: CallOptions): Promise<ModelEntry[]>;
  /** @param wallet whether to get the user's own wallet instead of the organisation's (`useWalletBalance=true`) */
  balance(options: CallOptions, wallet?: boolean): Promise<Balance>;
}

export interface ApiClientOptions {
  fetch: Fetch;
  /** Called before every request, as the setting may change. */
  baseUrl: () => URL;
  now: () => number;
  /** Whether a key may be sent to an origin. Called before every request; absent in tests that have no settings. */
  isKeyFor?: (key: string, origin: string) => Promise<boolean>;
  /** Gets one line for each request to log, without key and prompt. */
  trace?: (line: string) => void;
  /** Overrides for tests of the time limits, milliseconds. */
  timeLimitsMs?: Partial<Record<keyof ApiClient | 'connect', number>>;
}

/** Creates a client that is loaded with its first call: activation needs neither the client nor its schemas. */
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
