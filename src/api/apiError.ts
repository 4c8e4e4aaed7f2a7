/**
 * What can go wrong in a call of the API, as one typed error.
 *
 * Errors carry a machine-readable `kind`. User-facing text (what happened, what it means for the money, what to do)
 * lives in `messages/taskErrors.ts`, so that it can be localized.
 */

/** One row of the service's error table, or one way in which a connection fails. */
export type ApiErrorKind =
  /** Code 2, HTTP 401 or 403 with a body of the service: the key is missing, wrong or revoked. */
  | 'invalid-key'
  /** Code 3, HTTP 400, 422 and other 4xx: a field is wrong; `issues` says which. */
  | 'invalid-input'
  /** Code 4: the task is not known to this key. */
  | 'not-found'
  /** Code 5, HTTP 402. */
  | 'insufficient-balance'
  /** Code 6, HTTP 429: too many requests or heavy load; `retryAfterMs` may say how long to wait. */
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
  /** Codes 1 and 500, HTTP 5xx, and every unknown code. */
  | 'internal'
  /** A response that cannot be understood: not JSON, wrong types, too large. */
  | 'bad-answer'
  /** Not the service answered but what is in between: a firewall, a login page, a server in front of it. */
  | 'in-between'
  /** A proxy answered for itself and let nothing through: HTTP 407 and 511, or no to a CONNECT. */
  | 'proxy-refused'
  /** A redirect that we do not follow, because the key would leave the configured origin. */
  | 'redirected'
  /** The secret storage of the system does not give the key out now; nothing was sent. Whether there is one is not known. */
  | 'key-unreadable'
  /** It is certain that no byte of the request was sent: no route, no name, refused, no TLS. */
  | 'not-sent'
  /** The request may have arrived, and no response came: time limit, reset, cut connection. */
  | 'no-answer'
  /** Aborted on this side: the window closes, or the user cancelled. */
  | 'aborted';

/** One invalid field, as the service reports it with code 3. */
export interface InputIssue {
  /** The field, with dots between its parts: `model`, `images.0`. */
  path: string;
  /** What it may be; for a model all ids joined by ` | `. */
  expected?: string;
  message?: string;
}

export interface ApiErrorDetails {
  /** The code in the body of the response, if there was one. */
  code?: number;
  /** The HTTP status, if there was a response. */
  status?: number;
  /** The service's message. Untrusted: escape it before showing it. It may quote the prompt, so it is not logged. */
  serverMessage?: string;
  /** What is wrong with the response, in our own words, for the log. */
  detail?: string;
  issues?: InputIssue[];
  /** How long the service asks to wait, milliseconds. */
  retryAfterMs?: number;
  /** An id that came beside the error. It may name a task that was made and paid for, whatever the rest says. */
  taskId?: string;
  /** The beginning of an answer that could not be used, without the key. Hostile until shown as text. */
  answer?: string;
  cause?: unknown;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number | undefined;
  readonly status: number | undefined;
  readonly serverMessage: string | undefined;
  readonly issues: readonly InputIssue[];
  readonly retryAfterMs: number | undefined;
  readonly taskId: string | undefined;
  readonly answer: string | undefined;

  constructor(
    readonly kind: ApiErrorKind,
    readonly details: ApiErrorDetails = {},
  ) {
    super(describe(kind, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.status = details.status;
    this.serverMessage = details.serverMessage;
    this.issues = details.issues ?? [];
    this.retryAfterMs = details.retryAfterMs;
    this.taskId = details.taskId;
    this.answer = details.answer;
  }
}

/** For the log only, without the service's message; `messages/taskErrors.ts` has the texts for the user. */
function describe(kind: ApiErrorKind, { code, status, detail, cause }: ApiErrorDetails): string {
  const facts = [
    code === undefined ? undefined : `code ${code}`,
    status === undefined ? undefined : `HTTP ${status}`,
    detail,
    cause instanceof Error ? cause.message : undefined,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? kind : `${kind} (${facts.join(', ')})`;
}

/** Whether a create that ended with this error may have been charged. */
export type ChargeRisk =
  /** Certainly not charged: the service refused the request, or it never left this machine. */
  | 'none'
  /** The service may have carried out the request although no usable response arrived. */
  | 'possible';

/**
 * Returns what an error of `create` means for the money.
 *
 * The service refuses a request with a code of its table before it creates a task (documented: the codes are about the
 * request). An internal error, an unreadable response or none proves nothing about whether the task exists, and the API
 * has neither a list of tasks nor an idempotency key to find out.
 */
export function getChargeRisk(kind: ApiErrorKind): ChargeRisk {
  switch (kind) {
    case 'internal':
    case 'bad-answer':
    case 'no-answer':
    case 'redirected':
    case 'aborted':
    // Whether it passed the request on before it answered is not known.
    case 'in-between':
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
    case 'proxy-refused':
    case 'key-unreadable':
      return 'none';
  }
}

/** Returns the documented meaning of a code in the body; an unknown code is an internal error of the service. */
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

/** Documented; any other number is an error of the service that it has not told of, or of something in between. */
export function isDocumentedCode(code: number): boolean {
  return code === 1 || code === 500 || getKindForCode(code) !== 'internal';
}

/**
 * Returns what the `type` of an error in the shape of OpenAI says by itself: also with HTTP 200 (seen), and where a
 * gateway put a status of its own.
 */
export function getKindForType(type: string): ApiErrorKind | undefined {
  if (/unauthorized|authentication|permission/.test(type)) {
    return 'invalid-key';
  }
  if (/^insufficient_/.test(type)) {
    return 'insufficient-balance';
  }
  return /rate_limit|overloaded/.test(type) ? 'overloaded' : undefined;
}

/** Returns what an HTTP status means where the body is the service's own and has no code. */
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
