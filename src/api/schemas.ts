import * as v from 'valibot';
import { getExcerpt, looksLikeJson, parseAnswer } from './answerText';
import {
  ApiError,
  getKindForCode,
  getKindForStatus,
  getKindForType,
  isDocumentedCode,
  type ApiErrorDetails,
  type ApiErrorKind,
  type InputIssue,
} from './apiError';
import type { HttpResponse } from './request';
import { toDocumentedShape } from './resultShape';
import { isCodeOfRefusal } from './resultWords';

/**
 * Schemas of the responses of the service, which are untrusted until validated.
 *
 * Unknown fields are ignored, so that the service may add some. An optional field of a wrong type counts as absent: a
 * response with the id of a paid task must not be rejected for a malformed date.
 */

/** Seen: 24 hex digits. Accepted, in case that changes: everything that is safe in a URL and a file name. */
export const ServiceTaskId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/));
/** Longer than the longest prompt that is sent. A text that is cut is only ever shown. */
const MAX_TEXT = 10_000;
const text = v.pipe(
  v.string(),
  v.transform((s) => (s.length > MAX_TEXT ? `${s.slice(0, MAX_TEXT)}…` : s)),
);
/** An optional field that counts as absent when it is invalid. */
const lenient = <const S extends v.GenericSchema>(schema: S) => v.fallback(v.optional(schema), undefined);
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
/**
 * Seconds since 1970, in this century. Not 0: the link of a task created in 1970 would have expired in 1970, and a file
 * that is only not there yet would count as gone.
 */
const seconds = v.pipe(v.number(), v.minValue(1_500_000_000), v.maxValue(4_100_000_000));

/** Documented as a number; clients also handle its digits. */
const errorCode = v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,6}$/), v.transform(Number))]);

export const CreateResponse = v.object({
  id: ServiceTaskId,
  model: lenient(text),
  prompt: lenient(text),
  created_at: lenient(seconds),
});

const DocumentedResult = v.object({
  id: lenient(ServiceTaskId),
  code: lenient(v.union([errorCode, text])),
  status: lenient(v.pipe(v.string(), v.maxLength(64))),
  /** Read by `resultLink.ts`. */
  url: v.optional(v.unknown()),
  model: lenient(text),
  prompt: lenient(text),
  created_at: lenient(seconds),
  // Optional extras that public clients recorded; none is documented.
  cost: lenient(amount),
  message: lenient(text),
  error: lenient(
    v.union([
      text,
      v.object({ message: lenient(text), code: lenient(v.union([text, v.number()])), type: lenient(text) }),
    ]),
  ),
});

export type ResultBody = v.InferOutput<typeof DocumentedResult>;

/** A result of this task, also in the shapes of other makers. */
export const getResultSchema = (taskId: string) =>
  v.pipe(
    v.unknown(),
    v.transform((body) => toDocumentedShape(body, taskId)),
    DocumentedResult,
  );

export const ModelsResponse = v.object({
  models: v.array(v.unknown()),
});

/** One entry of the list. An invalid entry is skipped, the others are kept. */
export const ModelResponse = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  price: lenient(amount),
});

export const BalanceResponse = v.object({
  balance: v.pipe(v.number(), v.finite()),
  creditLimit: lenient(v.pipe(v.number(), v.finite())),
  orgId: lenient(text),
});

const IssueResponse = v.object({
  path: lenient(v.union([text, v.array(v.union([text, v.number()]))])),
  expected: lenient(text),
  message: lenient(text),
});

const ErrorResponse = v.object({
  /** Not documented beside an error; a task that was created all the same would be lost without it. */
  id: lenient(ServiceTaskId),
  code: lenient(errorCode),
  /** The makers' codes are words (seen): `OutputVideoSensitiveContentDetected`. */
  reason: lenient(v.pipe(v.string(), v.maxLength(200))),
  message: lenient(text),
  error: lenient(v.union([text, v.object({ message: lenient(text), type: lenient(text), code: lenient(text) })])),
  issues: lenient(v.array(v.unknown())),
  /** Errors in the shape of gRPC have it, and numbers that are not of the service's table. */
  details: lenient(v.array(v.unknown())),
  model: lenient(text),
  status: lenient(text),
  created_at: lenient(seconds),
});
type ErrorResponse = v.InferOutput<typeof ErrorResponse>;

/**
 * Parses a response: the body first, then the HTTP status.
 *
 * Documented: the media API responds with HTTP 200 and puts the error into `code`. Seen: other statuses with a `code`,
 * and errors in the form of OpenAI's API. A status counts with a body of the service only: firewalls, proxies and servers
 * in front of it respond with pages and statuses of their own (seen), which say nothing about key, task or money.
 *
 * @param parseRefusal may accept a response with an error: a failed task is reported like that (seen). What it does not
 *   accept of such a response is no answer, whatever the schema says
 * @param body what was read of the text, where that is not all of it
 * @throws {ApiError} the error that the service reported, or `bad-answer`
 */
export function parseResponse<const S extends v.GenericSchema>(
  response: HttpResponse,
  schema: S,
  parseRefusal?: (body: unknown) => v.InferOutput<S> | undefined,
  body: unknown = parseAnswer(response.text),
): v.InferOutput<S> {
  const { status } = response;
  const error = v.safeParse(ErrorResponse, withReason(body));
  const excerpt = getExcerpt(response.text);
  const facts = {
    status,
    ...(response.retryAfterMs === undefined ? {} : { retryAfterMs: response.retryAfterMs }),
    ...(excerpt === undefined ? {} : { answer: excerpt }),
  };
  if (!error.success) {
    throw toWayError(response, facts);
  }
  const { id } = error.output;
  const code = isCodeOfGateway(error.output, status) ? undefined : error.output.code;
  const isOwn = isOwnBody({ ...error.output, code }, response);
  const wayFacts = id === undefined ? facts : { ...facts, taskId: id };
  if (isLoginOfProxy(status) && code !== 0) {
    throw toWayError(response, wayFacts);
  }
  const serverMessage = getMessage(error.output);
  const details = {
    ...facts,
    ...(serverMessage === undefined ? {} : { serverMessage }),
    ...(id === undefined ? {} : { taskId: id }),
  };
  if (code !== undefined && code !== 0) {
    const taken = parseRefusal?.(body);
    if (taken !== undefined) {
      return taken;
    }
    throw new ApiError(getKindForCode(code), { ...details, code, issues: getIssues(error.output) });
  }
  const parsed = v.safeParse(schema, body);
  const isGatewayError = code !== error.output.code;
  const isTaken = parsed.success && (code === 0 || isSuccess(status)) && !isGatewayError;
  if (isTaken && (getOpenAiType(error.output) === undefined || !parseRefusal)) {
    return parsed.output;
  }
  const taken = isOwn ? parseRefusal?.(body) : undefined;
  if (taken !== undefined) {
    return taken;
  }
  if (!isOwn && (!isSuccess(status) || isGatewayError)) {
    throw toWayError(response, wayFacts);
  }
  const kind = getKindForOwn({ ...error.output, code }, status);
  if (kind !== undefined) {
    throw new ApiError(kind, details);
  }
  if (!isSuccess(status)) {
    throw toWayError(response, wayFacts);
  }
  throw new ApiError('bad-answer', {
    ...facts,
    ...(id === undefined ? {} : { taskId: id }),
    detail: describeIssues(parsed.issues),
  });
}

const isSuccess = (status: number) => status >= 200 && status < 300;

const isLoginOfProxy = (status: number) => status === 407 || status === 511;

/**
 * JSON may come from a gateway in front, too. The service's has a code of its table, the shape of OpenAI with a type of
 * such errors, a maker's word for refused content, or a task. An id alone is none: each request may have one.
 */
function isOwnBody(body: ErrorResponse, answer: HttpResponse): boolean {
  const { code, error, id, model, status, created_at } = body;
  if (code !== undefined || getReason(body, answer.status) !== undefined) {
    return true;
  }
  if (answer.wantsOtherLogin) {
    return false;
  }
  return (
    getOpenAiType(body) !== undefined || (id !== undefined && (error ?? model ?? status ?? created_at) !== undefined)
  );
}

/** Documented types end in `_error`; `insufficient_quota` is OpenAI's. Others are of who stands in between. */
function getOpenAiType({ error }: ErrorResponse): string | undefined {
  const type = typeof error === 'object' ? error.type : undefined;
  return type !== undefined && /_error$|^insufficient_/.test(type) ? type : undefined;
}

/** The status as a number again, the shape of gRPC, or no to the sender with a number that the service does not have. */
function isCodeOfGateway({ code, details }: ErrorResponse, status: number): boolean {
  if (code === undefined || code === 0) {
    return false;
  }
  return details !== undefined || (!isDocumentedCode(code) && (code === status || status === 401 || status === 403));
}

/**
 * What the error in a body says, or the status of an answer that is the service's for certain. A task with a status that
 * speaks of key or money was passed on by something that speaks for itself.
 */
function getKindForOwn(body: ErrorResponse, status: number): ApiErrorKind | undefined {
  const type = getOpenAiType(body);
  const byType = type === undefined ? undefined : getKindForType(type);
  if (byType !== undefined) {
    return byType;
  }
  if (getReason(body, status) !== undefined) {
    return 'sensitive-content';
  }
  if (isSuccess(status)) {
    return type?.startsWith('invalid_request') ? 'invalid-input' : body.error === undefined ? undefined : 'internal';
  }
  return type === undefined && body.code === undefined && status < 500 ? undefined : getKindForStatus(status);
}

/** A maker's word for refused content. With 401 and 403 it is a firewall's. */
function getReason({ reason, error }: ErrorResponse, status: number): string | undefined {
  const words = typeof error === 'object' ? [reason, error.code] : [reason, error];
  return status === 401 || status === 403
    ? undefined
    : words.find((word) => word !== undefined && isCodeOfRefusal(word));
}

function withReason(body: unknown): unknown {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? { ...body, reason: (body as { code?: unknown }).code }
    : body;
}

/** Not the service's body: what it says is about the way there. */
function toWayError(response: HttpResponse, facts: ApiErrorDetails): ApiError {
  const { status, text } = response;
  if (isLoginOfProxy(status)) {
    // Sent by what asks for a login before it lets anything through (RFC 9110, RFC 6585).
    return new ApiError('proxy-refused', facts);
  }
  if (status >= 300 && status < 400) {
    return new ApiError('redirected', facts);
  }
  if (isSuccess(status) && (text.trim() === '' || looksLikeJson(text) || parseAnswer(text) !== undefined)) {
    return new ApiError('bad-answer', { ...facts, detail: 'not a JSON object' });
  }
  return new ApiError('in-between', facts);
}

function getMessage({ message, error }: ErrorResponse): string | undefined {
  return message ?? (typeof error === 'string' ? error : error?.message);
}

function getIssues({ issues = [] }: ErrorResponse): InputIssue[] {
  return issues.slice(0, 20).flatMap((candidate) => {
    const { success, output } = v.safeParse(IssueResponse, candidate);
    if (!success) {
      return [];
    }
    const path = Array.isArray(output.path) ? output.path.join('.') : (output.path ?? '');
    return [
      {
        path,
        ...(output.expected === undefined ? {} : { expected: output.expected }),
        ...(output.message === undefined ? {} : { message: output.message }),
      },
    ];
  });
}

/** Not with the message of the issue, which quotes the value. */
function describeIssues(issues: readonly v.BaseIssue<unknown>[] | undefined): string {
  const first = issues?.[0];
  return first ? `${v.getDotPath(first) ?? 'answer'}: not a valid ${first.type}`.slice(0, 200) : 'unreadable';
}
