/**
 * What can go wrong between us and the service, as one typed error.
 *
 * The service room speaks no human language: the words (what happened, what it means for the money,
 * what to do) are made from `kind` in `platform/errorText.ts`, so that they exist in every language.
 */

/** One row of the service's error table, or one way in which a connection fails. */
export type ApiErrorKind =
  /** Code 2, HTTP 401 or 403: the key is missing, wrong or revoked. */
  | 'invalid-key'
  /** Code 3, HTTP 400, 422 and other 4xx: a field is wrong; `issues` says which. */
  | 'invalid-input'
  /** Code 4: the task is not known to this key. */
  | 'not-found'
  /** Code 5, HTTP 402. */
  | 'insufficient-balance'
  /** Code 6, HTTP 429: asked too often or heavy load; `retryAfterMs` may say for how long. */
  | 'overloaded'
  /** Code 7: the organisation may not use this model. */
  | 'model-forbidden'
  /** Code 99, HTTP 404, 405, 410: no such method, so the base URL is wrong. */
  | 'wrong-address'
  /** Code 1001: repeats may restrict the account, so it is never retried. */
  | 'sensitive-content'
  /** Code 1002: repeats may suspend the account, so it is never retried. */
  | 'unsafe-prompt'
  /** HTTP 413: the request is too big for a proxy, in practice an inlined image. */
  | 'request-too-large'
  /** Codes 1 and 500, HTTP 5xx, and any code we have never heard of. */
  | 'internal'
  /** An answer that cannot be understood: not JSON, wrong types, too large. */
  | 'bad-answer'
  /** A redirect that we do not follow, because the key would leave the configured origin. */
  | 'redirected'
  /** It is certain that no byte of the request was sent: no route, no name, refused, no TLS. */
  | 'not-sent'
  /** The request may have arrived, and no answer came: time limit, reset, cut connection. */
  | 'no-answer'
  /** We gave up ourselves: the window closes, the user cancelled. */
  | 'aborted';

/** One wrong field, as the service tells it with code 3. */
export interface InputIssue {
  /** The field, with dots between its parts: `model`, `images.0`. */
  path: string;
  /** What it may be; for a model all ids joined by ` | `. */
  expected?: string;
  message?: string;
}

export interface ApiErrorDetails {
  /** The service's own code, when it answered with one. */
  code?: number;
  /** The HTTP status, when there was an answer. */
  status?: number;
  /** The service's own words. Hostile until shown as text. */
  serverMessage?: string;
  issues?: InputIssue[];
  /** How long the service asks us to wait, milliseconds. */
  retryAfterMs?: number;
  cause?: unknown;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number | undefined;
  readonly status: number | undefined;
  readonly serverMessage: string | undefined;
  readonly issues: readonly InputIssue[];
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly kind: ApiErrorKind,
    details: ApiErrorDetails = {},
  ) {
    super(describe(kind, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.status = details.status;
    this.serverMessage = details.serverMessage;
    this.issues = details.issues ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** For the log only; people read `platform/errorText.ts`. */
function describe(kind: ApiErrorKind, { code, status, serverMessage, cause }: ApiErrorDetails): string {
  const facts = [
    code === undefined ? undefined : `code ${code}`,
    status === undefined ? undefined : `HTTP ${status}`,
    serverMessage,
    cause instanceof Error ? cause.message : undefined,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? kind : `${kind} (${facts.join(', ')})`;
}

/** Whether a create that ended with this error may have been charged. */
export type ChargeRisk =
  /** Certain: the service refused it, or it never left this machine. */
  | 'none'
  /** The request may have been carried out although we never saw a usable answer. */
  | 'possible';

/**
 * What an error of `create` means for the money.
 *
 * A refusal with a code of the service's table happens before a task is made (documented: the codes
 * are about the request). An internal error, an unreadable answer or no answer says nothing about
 * whether the task exists, and the API has neither a list nor an idempotency key to find out.
 */
export function getChargeRisk(kind: ApiErrorKind): ChargeRisk {
  switch (kind) {
    case 'internal':
    case 'bad-answer':
    case 'no-answer':
    case 'redirected':
    case 'aborted':
      return 'possible';
    case 'invalid-key':
    case 'invalid-input':
    case 'not-found':
    case 'insufficient-balance':
    case 'overloaded':
    case 'model-forbidden':
    case 'wrong-address':
    case 'sensitive-content':
    case 'unsafe-prompt':
    case 'request-too-large':
    case 'not-sent':
      return 'none';
  }
}

/** The documented meaning of a code in the body; an unknown code is an internal error of the service. */
export function getKindForCode(code: number): ApiErrorKind {
  switch (code) {
    case 2:
      return 'invalid-key';
    case 3:
      return 'invalid-input';
    case 4:
      return 'not-found';
    case 5:
      return 'insufficient-balance';
    case 6:
      return 'overloaded';
    case 7:
      return 'model-forbidden';
    case 99:
      return 'wrong-address';
    case 1001:
      return 'sensitive-content';
    case 1002:
      return 'unsafe-prompt';
    default:
      return 'internal';
  }
}

/** What an HTTP status means when the body did not say. Proxies in front of the service answer like this (seen). */
export function getKindForStatus(status: number): ApiErrorKind {
  if (status >= 300 && status < 400) {
    return 'redirected';
  }
  switch (status) {
    case 401:
    case 403:
      return 'invalid-key';
    case 402:
      return 'insufficient-balance';
    case 404:
    case 405:
    case 410:
      return 'wrong-address';
    case 408:
      return 'no-answer';
    case 413:
      return 'request-too-large';
    case 429:
      return 'overloaded';
    default:
      return status >= 400 && status < 500 ? 'invalid-input' : 'internal';
  }
}
