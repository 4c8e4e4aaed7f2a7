import { bytesAnswer, jsonAnswer, openAiError, proxyPage, textAnswer, type Answer } from './answer';
import { refusal } from './codes';
import type { Misfortune, Route } from './faults';
import { makeOdd } from './oddities';
import { Random } from './random';

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

const WRONG_FIELDS: Readonly<Record<Route, Readonly<Record<string, unknown>>>> = {
  create: { id: 12345, model: null, prompt: [], created_at: 'yesterday', status: { word: 'idle' }, url: false },
  result: { id: 12345, model: null, prompt: [], created_at: 'yesterday', status: { word: 'done' }, url: 42 },
  models: { models: { id: 'seedance-1-pro-1080P-5s' } },
  balance: { orgId: 7, balance: 'plenty', creditLimit: null },
  file: {},
  other: { code: 'ninety-nine' },
};

/**
 * Does the service do its work (make the task, say) although `fault` strikes? See {@link Misfortune}.
 */
export function isServed(fault: Misfortune | undefined): boolean {
  switch (fault?.kind) {
    case 'resetBeforeRead':
    case 'resetBeforeCharge':
    case 'dropConnection':
    case 'rateLimit':
    case 'redirect':
      return false;
    case 'httpError':
    case 'code':
    case 'hang':
      return fault.afterCharge === true;
    default:
      return true;
  }
}

/** Where a request is, for redirects. */
export interface Whereabouts {
  readonly route: Route;
  /** Path and query as requested. */
  readonly url: string;
  readonly foreignUrl: string;
}

/** The answer that `fault` puts in place of the service's own, or `undefined` if it leaves that alone. */
export function replacement(fault: Misfortune | undefined, where: Whereabouts): Answer | undefined {
  switch (fault?.kind) {
    case 'rateLimit': {
      const answer = fault.html
        ? proxyPage(429, 'Too Many Requests')
        : openAiError(429, 'rate_limit_error', 'Too many requests');
      return withRetryAfter(answer, fault.retryAfter);
    }
    case 'httpError':
      return withRetryAfter(errorPage(fault.status, fault.body ?? 'html'), fault.retryAfter);
    case 'code':
      return merged(refusal(fault.code, fault.message, fault.issues), fault.fields ?? {});
    case 'redirect': {
      const page = proxyPage(fault.status, 'Moved');
      return { ...page, headers: { ...page.headers, location: destination(fault.to, where) } };
    }
    default:
      return undefined;
  }
}

/** What `fault` makes of the service's own answer. */
export function spoiled(answer: Answer, fault: Misfortune | undefined, route: Route): Answer {
  switch (fault?.kind) {
    case 'brokenJson':
      return textAnswer(answer.status, 'application/json', Buffer.from(answer.body).toString().slice(0, -2) + ',,');
    case 'unusual':
      if (fault.text !== undefined) {
        return textAnswer(fault.status ?? answer.status, 'application/json', fault.text);
      }
      return { ...merged(answer, fault.fields ?? {}), status: fault.status ?? answer.status };
    case 'wrongTypes':
      return merged(answer, fault.fields ?? WRONG_FIELDS[route]);
    case 'odd':
      return makeOdd(answer, randomOf(fault), route);
    case 'emptyBody':
      return bytesAnswer(answer.status, { 'content-type': 'application/json' }, new Uint8Array());
    case 'doneWithoutUrl':
      return merged(answer, { url: null });
    default:
      return answer;
  }
}

const randoms = new WeakMap<object, Random>();

function randomOf(fault: Misfortune & { kind: 'odd' }): Random {
  const random = randoms.get(fault) ?? new Random(fault.seed);
  randoms.set(fault, random);
  return random;
}

function merged(answer: Answer, fields: Readonly<Record<string, unknown>>): Answer {
  const original = JSON.parse(Buffer.from(answer.body).toString()) as object;
  return jsonAnswer(answer.status, { ...original, ...fields });
}

function errorPage(status: number, body: 'html' | 'openai' | 'empty'): Answer {
  const reason = REASONS[status] ?? 'Error';
  switch (body) {
    case 'html':
      return proxyPage(status, reason);
    case 'openai':
      return openAiError(status, status === 401 ? 'unauthorized_request_error' : 'api_error', reason);
    case 'empty':
      return bytesAnswer(status, {}, new Uint8Array());
  }
}

function withRetryAfter(answer: Answer, retryAfter: number | string | undefined): Answer {
  return retryAfter === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfter) } };
}

function destination(to: string, { url, foreignUrl }: Whereabouts): string {
  switch (to) {
    case 'same':
      return `${url}${url.includes('?') ? '&' : '?'}redirected=1`;
    case 'foreign':
      return foreignUrl + url;
    default:
      return to;
  }
}
