import * as v from 'valibot';
import {
  BalanceResponse,
  CreateResponse,
  ModelResponse,
  ModelsResponse,
  getResultSchema,
  parseResponse,
  type ResultBody,
} from './schemas';
import { findTaskId, getExcerpt } from './answerText';
import { ASPECT_RATIOS, type AspectRatio } from './aspectRatio';
import { ApiError, isDocumentedCode } from './apiError';
import { readOwnAnswer } from './ownAnswer';
import { sendRequest, type HttpResponse, type HttpRequest } from './request';
import { readResultLink } from './resultLink';
import { getMeaning, getTaskRefusal, isAmbiguousEnd, isCodeOfRefusal, type SaidOfEnd } from './resultWords';
import { isSendableKey } from './sendableKey';
import { findAnothersId } from './taskIdentity';
import type {
  ApiClient,
  ApiClientOptions,
  Balance,
  CallOptions,
  CreatedTask,
  CreateRequest,
  ModelEntry,
  TaskRefusal,
  TaskResult,
} from './apiClient';

const TIME_LIMITS_MS = {
  // Long, because a create that is given up may have been charged.
  create: 120_000,
  result: 30_000,
  models: 30_000,
  balance: 15_000,
  /** To the open connection, for any of them; slow lines take some seconds. */
  connect: 20_000,
};
const MAX_RESPONSE_BYTES = 1024 * 1024;
/** 273 entries took some 40 KB in mid 2026. */
const MAX_MODELS_BYTES = 4 * 1024 * 1024;
const MAX_MODELS = 5_000;
const PROMPT_SUFFIX = new RegExp(`\\s+--ar (${ASPECT_RATIOS.join('|')})$`);

/** Documented: these speak of the key, the id, the account, the load or the address, and so of the question. */
const CODES_OF_THE_QUESTION = new Set([2, 4, 5, 6, 7, 99]);
/** Documented for any call: an internal error, an invalid input. With `failed` they were seen for a task's own end. */
const CODES_OF_EITHER = new Set([1, 3, 500]);

/** Calls the service over HTTP. Loaded by `createLazyApiClient`. */
export class HttpApiClient implements ApiClient {
  readonly #options: ApiClientOptions;
  readonly #timeLimitsMs: typeof TIME_LIMITS_MS;
  /** Calls for which a proxy responded to a POST with 405; the documented GET is used from then on. */
  readonly #getOnly = new Set<string>();

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#timeLimitsMs = { ...TIME_LIMITS_MS, ...options.timeLimitsMs };
  }

  async create(request: CreateRequest, { key, signal }: CallOptions): Promise<CreatedTask> {
    let response: HttpResponse | undefined;
    try {
      response = await this.#send('create', {
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
        maxResponseBytes: MAX_RESPONSE_BYTES,
        isSentOnce: true,
        ...(signal ? { signal } : {}),
      });
      const { id, created_at } = parseResponse(response, CreateResponse);
      return { id, ...(created_at === undefined ? {} : { createdAt: created_at * 1000 }) };
    } catch (error) {
      throw error instanceof ApiError
        ? this.#withTaskId(error, response?.text ?? error.answer, response?.taskId, request)
        : error;
    }
  }

  /** A response that could not be used may still name the task that was made, and paid for. */
  #withTaskId(
    error: ApiError,
    text: string | undefined,
    inHeaders: string | undefined,
    { prompt, image }: CreateRequest,
  ): ApiError {
    const inText = text === undefined ? undefined : findTaskId(text, this.#options.now(), [prompt, image ?? '']);
    const taskId = error.taskId ?? inText ?? inHeaders;
    const excerpt = text === undefined ? undefined : getExcerpt(text);
    return new ApiError(error.kind, {
      ...error.details,
      ...(taskId === undefined ? {} : { taskId }),
      ...(excerpt === undefined ? {} : { answer: excerpt }),
    });
  }

  async result(taskId: string, options: CallOptions): Promise<TaskResult> {
    const base = this.#options.baseUrl();
    const response = await this.#sendPostOrGet(
      'result',
      '/media/result',
      { task_id: taskId },
      options,
      MAX_RESPONSE_BYTES,
    );
    const schema = getResultSchema(taskId);
    const parseRefusal = (body: unknown) => {
      const { success, output } = v.safeParse(schema, body);
      return success && isAboutTask(output, taskId, response, base) ? output : undefined;
    };
    const told = parseResponse(response, schema, parseRefusal, readOwnAnswer(response.text, taskId));
    if (!isAboutTask(told, taskId, response, base)) {
      const serverMessage = getMessage(told);
      throw told.status !== undefined && isAmbiguousEnd(told.status)
        ? new ApiError('internal', {
            status: response.status,
            ...(serverMessage === undefined ? {} : { serverMessage }),
          })
        : new ApiError('bad-answer', { ...toDetails(response), detail: 'status: none, and no link' });
    }
    return toResult(told, taskId, response, base);
  }

  async models(options: CallOptions): Promise<ModelEntry[]> {
    const response = await this.#sendPostOrGet('models', '/media/models', undefined, options, MAX_MODELS_BYTES);
    const { models } = parseResponse(response, ModelsResponse);
    return models.slice(0, MAX_MODELS).flatMap((candidate) => {
      const { success, output } = v.safeParse(ModelResponse, candidate);
      return success ? [{ id: output.id, ...(output.price === undefined ? {} : { price: output.price }) }] : [];
    });
  }

  async balance({ key, signal }: CallOptions, wallet = false): Promise<Balance> {
    const response = await this.#send('balance', {
      method: 'GET',
      url: this.#url('/balance', wallet ? { useWalletBalance: 'true' } : {}),
      key,
      timeLimitMs: this.#timeLimitsMs.balance,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      ...(signal ? { signal } : {}),
    });
    const { balance, creditLimit } = parseResponse(response, BalanceResponse);
    return { balance, ...(creditLimit === undefined ? {} : { creditLimit }) };
  }

  /** The service accepts both methods (`result` documented, `models` seen). Tries POST first, and GET if a proxy refuses it. */
  async #sendPostOrGet(
    name: 'result' | 'models',
    path: string,
    parameters: Record<string, string> | undefined,
    { key, signal }: CallOptions,
    maxResponseBytes: number,
  ): Promise<HttpResponse> {
    const common = { key, timeLimitMs: this.#timeLimitsMs[name], maxResponseBytes, ...(signal ? { signal } : {}) };
    if (!this.#getOnly.has(name)) {
      const response = await this.#send(name, {
        ...common,
        method: 'POST',
        url: this.#url(path),
        body: parameters ?? {},
      });
      if (response.status !== 405) {
        return response;
      }
      this.#getOnly.add(name);
    }
    const response = await this.#send(name, { ...common, method: 'GET', url: this.#url(path, parameters) });
    if (response.status === 405) {
      // What refused the one was not there for long, and refuses the other now.
      this.#getOnly.delete(name);
    }
    return response;
  }

  async #send(name: keyof ApiClient, request: Omit<HttpRequest, 'connectLimitMs'>): Promise<HttpResponse> {
    const { fetch, now, trace } = this.#options;
    if (!isSendableKey(request.key)) {
      // A header cannot carry it, so it cannot be a key; node-fetch would throw an untyped error.
      throw new ApiError('invalid-key');
    }
    if (this.#options.isKeyFor && !(await this.#options.isKeyFor(request.key, request.url.origin))) {
      throw new ApiError('wrong-address', { detail: 'the key was entered for another address, and is not sent' });
    }
    const startedAt = now();
    try {
      const response = await sendRequest(fetch, { ...request, connectLimitMs: this.#timeLimitsMs.connect }, now);
      trace?.(
        `${request.method} ${name}: HTTP ${response.status}, ${response.text.length} characters, ${now() - startedAt} ms`,
      );
      return response;
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

function toDetails({ status, text }: HttpResponse): { status: number; answer?: string } {
  const answer = getExcerpt(text);
  return { status, ...(answer === undefined ? {} : { answer }) };
}

function getMessage({ message, error }: ResultBody): string | undefined {
  return message ?? (typeof error === 'string' ? error : error?.message);
}

/**
 * Whether an answer is about the task at all, and not the page of something in between in the words of one. A code 0 is
 * the service's; an id may be one of a request, and one of the same kind as ours is another task's.
 */
function isOfTask(told: ResultBody, taskId: string): boolean {
  const { code, id, model, created_at, prompt } = told;
  if (findAnothersId(told, taskId) !== undefined) {
    return false;
  }
  return code === 0 || id === taskId || [model, created_at, prompt].some((field) => field !== undefined);
}

function getRefusal(told: ResultBody, taskId: string): TaskRefusal | undefined {
  const { code, error } = told;
  if (findAnothersId(told, taskId) !== undefined || (typeof code === 'number' && CODES_OF_THE_QUESTION.has(code))) {
    return undefined;
  }
  const details = typeof error === 'object' ? [error.code, error.type].map((part) => part?.toString()) : [];
  return getTaskRefusal(
    typeof code === 'number' ? code : undefined,
    [typeof code === 'string' ? code : undefined, ...details, getMessage(told)],
    whatIsSaidOfEnd(told, taskId),
  );
}

function whatIsSaidOfEnd(told: ResultBody, taskId: string): SaidOfEnd {
  const { code, status, error } = told;
  const isOurs = isOfTask(told, taskId);
  const hasCode = typeof code === 'string' ? isCodeOfRefusal(code) : code !== undefined && code !== 0;
  if (status !== undefined) {
    return getMeaning(status) === 'failed' && (isOurs || hasCode) ? 'over' : 'goes-on';
  }
  if (hasCode || (typeof error === 'object' && (error.type ?? error.code) !== undefined)) {
    return 'error';
  }
  return !isOurs ? 'goes-on' : error === undefined ? 'nothing' : 'error';
}

/**
 * Whether an answer speaks of the task. An error of the question says nothing about it: the task goes on and is paid
 * for, and to ask for ever is cheaper than to lose it.
 */
function isAboutTask(told: ResultBody, taskId: string, { status }: HttpResponse, base: URL): boolean {
  if (readResultLink(told.url, base) || getRefusal(told, taskId)) {
    return true;
  }
  const { code, status: word } = told;
  const hasError = code !== undefined && code !== 0;
  if (word === undefined || (hasError && getMeaning(word) !== 'failed')) {
    return false;
  }
  // An error code together with a final status is a failed task, not a failed request (seen).
  if (
    typeof code === 'number' &&
    (CODES_OF_THE_QUESTION.has(code) || (CODES_OF_EITHER.has(code) && isAmbiguousEnd(word)))
  ) {
    return false;
  }
  // `{"status": "error"}` with HTTP 500, or the end of who knows what, is an error page in JSON.
  const isOthers = findAnothersId(told, taskId) !== undefined;
  // A gateway repeats its status as a code, also with HTTP 200.
  const isOwnCode = hasError && typeof code === 'number' && (isDocumentedCode(code) || code < 400 || code > 599);
  const isOurs = (isOwnCode && !isOthers) || isOfTask(told, taskId);
  return getMeaning(word) !== 'failed' || (isOurs && !(isAmbiguousEnd(word) && status >= 500));
}

function toResult(told: ResultBody, taskId: string, answer: HttpResponse, base: URL): TaskResult {
  const word = told.status?.trim() ?? '';
  const message = getMessage(told);
  const ratio = told.prompt === undefined ? undefined : PROMPT_SUFFIX.exec(told.prompt)?.[1];
  const common = {
    word,
    ...(message === undefined ? {} : { message }),
    ...(told.cost === undefined ? {} : { cost: told.cost }),
    ...(told.created_at === undefined ? {} : { createdAt: told.created_at * 1000 }),
    ...(told.model === undefined ? {} : { model: told.model }),
    ...(told.prompt === undefined ? {} : { prompt: told.prompt.replace(PROMPT_SUFFIX, '') }),
    ...(ratio === undefined ? {} : { aspectRatio: ratio as AspectRatio }),
  };
  const url = readResultLink(told.url, base);
  if (url) {
    // Whatever its word: makers have words of their own for it (seen).
    return { ...common, progress: 'done', url: url.href };
  }
  const refusal = getRefusal(told, taskId);
  const meaning = getMeaning(word);
  if (refusal || meaning === 'failed') {
    const isNumber = typeof told.code === 'number' && told.code !== 0;
    return {
      ...common,
      progress: 'failed',
      ...(isNumber ? { code: told.code as number } : {}),
      ...(refusal ? { refusal } : {}),
    };
  }
  const excerpt = getExcerpt(answer.text);
  // `done` with `url: null` was seen; the link comes with a later answer.
  const odd = meaning === 'done' ? 'no-link' : meaning === 'unknown' ? 'unknown-word' : undefined;
  return {
    ...common,
    progress: 'pending',
    ...(odd ? { odd } : {}),
    ...(odd && excerpt !== undefined ? { answer: excerpt } : {}),
  };
}
