import * as v from 'valibot';
import { getExcerpt, looksLikeJson, parseAnswer } from './answerText';
import { ApiError, getKindForCode, getKindForStatus, type ApiErrorDetails, type InputIssue } from './apiError';
import type { HttpResponse } from './request';
import { toDocumentedShape } from './resultShape';

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

/** Also in the shapes of other makers. */
export const ResultResponse = v.pipe(v.unknown(), v.transform(toDocumentedShape), DocumentedResult);

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
  reason: lenient(v.pipe(v.string(), v.regex(/^(?:In|Out)put[A-Z]\w{3,100}$/))),
  message: lenient(text),
  error: lenient(v.union([text, v.object({ message: lenient(text), type: lenient(text) })])),
  issues: lenient(v.array(v.unknown())),
});
type ErrorResponse = v.InferOutput<typeof ErrorResponse>;

/**
 * Parses a response: the body first, then the HTTP status.
 *
 * Documented: the media API responds with HTTP 200 and puts the error into `code`. Seen: other statuses with a `code`,
 * and errors in the form of OpenAI's API. A status counts with a body of the service only: firewalls, proxies and servers
 * in front of it respond with pages and statuses of their own (seen), which say nothing about key, task or money.
 *
 * @param parseRefusal may accept a response with an error code: a failed task is reported like that (seen)
 * @throws {ApiError} the error that the service reported, or `bad-answer`
 */
export function parseResponse<const S extends v.GenericSchema>(
  response: HttpResponse,
  schema: S,
  parseRefusal?: (body: unknown) => v.InferOutput<S> | undefined,
): v.InferOutput<S> {
  const { status } = response;
  const body = parseAnswer(response.text);
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
  const { code, id } = error.output;
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
  if (parsed.success && (code === 0 || isSuccess(status))) {
    return parsed.output;
  }
  const taken = isOwnBody(error.output) ? parseRefusal?.(body) : undefined;
  if (taken !== undefined) {
    return taken;
  }
  if (!isSuccess(status)) {
    if (!isOwnBody(error.output)) {
      throw toWayError(response, id === undefined ? facts : { ...facts, taskId: id });
    }
    throw new ApiError(getKindForStatus(status), details);
  }
  if (error.output.error !== undefined) {
    throw new ApiError(getKindOfOpenAiError(error.output), details);
  }
  throw new ApiError('bad-answer', {
    ...facts,
    ...(id === undefined ? {} : { taskId: id }),
    detail: describeIssues(parsed.issues),
  });
}

const isSuccess = (status: number) => status >= 200 && status < 300;

/** JSON may come from a gateway in front, too. The service's has a code, the shape of OpenAI, or a task. */
function isOwnBody({ code, reason, error, id }: ErrorResponse): boolean {
  const isOpenAi = typeof error === 'object' && (error.message ?? error.type) !== undefined;
  return (code ?? reason ?? id) !== undefined || isOpenAi;
}

function withReason(body: unknown): unknown {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? { ...body, reason: (body as { code?: unknown }).code }
    : body;
}

/** Not the service's body: what it says is about the way there. */
function toWayError(response: HttpResponse, facts: ApiErrorDetails): ApiError {
  const { status, text } = response;
  if (status === 407 || status === 511) {
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

/** `{"error": {"type": "unauthorized_request_error"}}` with HTTP 200; the type is all there is to go by. */
function getKindOfOpenAiError({ error }: ErrorResponse) {
  const type = typeof error === 'object' ? (error.type ?? '') : '';
  return /unauthorized|authentication|permission/.test(type) ? 'invalid-key' : 'internal';
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
