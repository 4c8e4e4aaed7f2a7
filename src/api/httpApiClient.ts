import * as v from 'valibot';
import { parseResultUrl } from '../common/url';
import {
  BalanceResponse,
  CreateResponse,
  ModelResponse,
  ModelsResponse,
  parseResponse,
  ResultResponse,
} from './schemas';
import { ASPECT_RATIOS, type AspectRatio } from './aspectRatio';
import { ApiError } from './apiError';
import { sendRequest, type HttpResponse, type HttpRequest } from './request';
import { isSendableKey } from './sendableKey';
import type {
  ApiClient,
  ApiClientOptions,
  Balance,
  CallOptions,
  CreatedTask,
  CreateRequest,
  ModelEntry,
  TaskResult,
} from './apiClient';

const TIME_LIMITS_MS = {
  // Long: a create that we stop waiting for may have been charged.
  create: 120_000,
  result: 30_000,
  models: 30_000,
  balance: 15_000,
};
const MAX_ANSWER_BYTES = 1024 * 1024;
/** 273 entries took some 40 KB in mid 2026. */
const MAX_MODELS_BYTES = 4 * 1024 * 1024;
const MAX_MODELS = 5_000;
const PROMPT_SUFFIX = new RegExp(`\\s+--ar (${ASPECT_RATIOS.join('|')})$`);

// Words that clients of the service have seen or handle; only `idle` and `done` are documented. Any
// other word is taken as "still pending": a wrong "failed" would lose a paid video.
const DONE_WORDS = new Set(['done', 'success', 'completed', 'succeeded']);
const FAILED_WORDS = new Set(['failed', 'error', 'fail', 'cancelled', 'canceled']);

export class HttpApiClient implements ApiClient {
  readonly #options: ApiClientOptions;
  readonly #timeLimitsMs: typeof TIME_LIMITS_MS;
  /** A proxy answered 405 to a POST of `result` or `models`; the documented GET is used from then on. */
  readonly #getOnly = new Set<string>();

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#timeLimitsMs = { ...TIME_LIMITS_MS, ...options.timeLimitsMs };
  }

  async create(request: CreateRequest, { key, signal }: CallOptions): Promise<CreatedTask> {
    const answer = await this.#send('create', {
      method: 'POST',
      url: this.#url('/media/create'),
      key,
      body: {
        model: request.model,
        prompt: request.prompt,
        ...(request.aspectRatio === undefined ? {} : { ar: request.aspectRatio }),
        ...(request.image === undefined ? {} : { images: [request.image] }),
      },
      timeLimitMs: this.#timeLimitsMs.create,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      ...(signal ? { signal } : {}),
    });
    const { id, created_at } = parseResponse(answer, CreateResponse);
    return { id, ...(created_at === undefined ? {} : { createdAt: created_at * 1000 }) };
  }

  async result(taskId: string, options: CallOptions): Promise<TaskResult> {
    const base = this.#options.baseUrl();
    const answer = await this.#sendPostOrGet('result', '/media/result', { task_id: taskId }, options, MAX_ANSWER_BYTES);
    let code: number | undefined;
    const told = parseResponse(answer, ResultResponse, (body) => {
      // An error code together with a final status is a failed task, not a failed request (seen).
      const failed = v.safeParse(v.object({ ...ResultResponse.entries, code: v.number() }), body);
      if (failed.success && FAILED_WORDS.has(failed.output.status.toLowerCase())) {
        code = failed.output.code;
        return failed.output;
      }
      return undefined;
    });
    return toResult(told, code, base);
  }

  async models(options: CallOptions): Promise<ModelEntry[]> {
    const answer = await this.#sendPostOrGet('models', '/media/models', undefined, options, MAX_MODELS_BYTES);
    const { models } = parseResponse(answer, ModelsResponse);
    return models.slice(0, MAX_MODELS).flatMap((candidate) => {
      const { success, output } = v.safeParse(ModelResponse, candidate);
      return success ? [{ id: output.id, ...(output.price === undefined ? {} : { price: output.price }) }] : [];
    });
  }

  async balance({ key, signal }: CallOptions, wallet = false): Promise<Balance> {
    const answer = await this.#send('balance', {
      method: 'GET',
      url: this.#url('/balance', wallet ? { useWalletBalance: 'true' } : {}),
      key,
      timeLimitMs: this.#timeLimitsMs.balance,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      ...(signal ? { signal } : {}),
    });
    const { balance, creditLimit } = parseResponse(answer, BalanceResponse);
    return { balance, ...(creditLimit === undefined ? {} : { creditLimit }) };
  }

  /** Both calls are documented (result) or seen (models) with both methods; POST first, GET when a proxy refuses it. */
  async #sendPostOrGet(
    name: 'result' | 'models',
    path: string,
    parameters: Record<string, string> | undefined,
    { key, signal }: CallOptions,
    maxAnswerBytes: number,
  ): Promise<HttpResponse> {
    const common = { key, timeLimitMs: this.#timeLimitsMs[name], maxAnswerBytes, ...(signal ? { signal } : {}) };
    if (!this.#getOnly.has(name)) {
      const answer = await this.#send(name, {
        ...common,
        method: 'POST',
        url: this.#url(path),
        body: parameters ?? {},
      });
      if (answer.status !== 405) {
        return answer;
      }
      this.#getOnly.add(name);
    }
    return this.#send(name, { ...common, method: 'GET', url: this.#url(path, parameters) });
  }

  async #send(name: keyof typeof TIME_LIMITS_MS, request: HttpRequest): Promise<HttpResponse> {
    const { fetch, now, trace } = this.#options;
    if (!isSendableKey(request.key)) {
      // A header cannot carry it, so it cannot be a key; node-fetch would throw an untyped error.
      throw new ApiError('invalid-key');
    }
    const startedAt = now();
    try {
      const answer = await sendRequest(fetch, request, now);
      trace?.(
        `${request.method} ${name}: HTTP ${answer.status}, ${answer.text.length} characters, ${now() - startedAt} ms`,
      );
      return answer;
    } catch (error) {
      trace?.(
        `${request.method} ${name}: ${error instanceof Error ? error.message : String(error)}, ${now() - startedAt} ms`,
      );
      throw error;
    }
  }

  #url(path: string, query: Record<string, string> = {}): URL {
    const url = new URL(this.#options.baseUrl());
    url.pathname += path;
    url.search = new URLSearchParams(query).toString();
    return url;
  }
}

function toResult(told: v.InferOutput<typeof ResultResponse>, code: number | undefined, base: URL): TaskResult {
  const word = told.status.toLowerCase();
  const message = told.message ?? (typeof told.error === 'string' ? told.error : told.error?.message);
  const ratio = told.prompt === undefined ? undefined : PROMPT_SUFFIX.exec(told.prompt)?.[1];
  const common = {
    word: told.status,
    ...(message === undefined ? {} : { message }),
    ...(told.cost === undefined ? {} : { cost: told.cost }),
    ...(told.created_at === undefined ? {} : { createdAt: told.created_at * 1000 }),
    ...(told.model === undefined ? {} : { model: told.model }),
    ...(told.prompt === undefined ? {} : { prompt: told.prompt.replace(PROMPT_SUFFIX, '') }),
    ...(ratio === undefined ? {} : { aspectRatio: ratio as AspectRatio }),
  };
  if (FAILED_WORDS.has(word)) {
    return { ...common, progress: 'failed', ...(code === undefined ? {} : { code }) };
  }
  // `done` with `url: null` was seen; the link comes with a later answer.
  if (!DONE_WORDS.has(word) || !told.url) {
    return { ...common, progress: 'pending' };
  }
  const url = parseResultUrl(told.url, base);
  if (!url) {
    throw new ApiError('bad-answer', { serverMessage: 'url: not a link to a result' });
  }
  return { ...common, progress: 'done', url: url.href };
}
