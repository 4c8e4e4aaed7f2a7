import * as v from 'valibot';
import { ApiError, getKindForCode, getKindForStatus, type InputIssue } from './apiError';
import type { HttpResponse } from './request';

/**
 * The bodies of the service, checked before anything believes them.
 *
 * Unknown fields are ignored, so that the service may add some. A field that we can do without falls
 * back to absent when its type is wrong: an answer that names a paid task is never thrown away for
 * a malformed date.
 */

/** Seen: 24 hex digits. Accepted: whatever is safe in a URL and a file name, should that change. */
const TaskId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/));
/** Longer than the longest prompt that we send; what is cut is only ever shown. */
const MAX_TEXT = 10_000;
const text = v.pipe(
  v.string(),
  v.transform((s) => (s.length > MAX_TEXT ? `${s.slice(0, MAX_TEXT)}…` : s)),
);
/** A field that is used when it makes sense and ignored when it does not. */
const lenient = <const S extends v.GenericSchema>(schema: S) => v.fallback(v.optional(schema), undefined);
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
/**
 * A time in this century, seconds. Not 0: a task made in 1970 would have a link that died in 1970, and then
 * a file that is only not there yet would pass for one that is gone.
 */
const seconds = v.pipe(v.number(), v.minValue(1_500_000_000), v.maxValue(4_100_000_000));

export const CreateResponse = v.object({
  id: TaskId,
  model: lenient(text),
  prompt: lenient(text),
  created_at: lenient(seconds),
});

export const ResultResponse = v.object({
  status: v.pipe(v.string(), v.maxLength(64)),
  url: v.nullish(v.pipe(v.string(), v.maxLength(16_384))),
  model: lenient(text),
  prompt: lenient(text),
  created_at: lenient(seconds),
  // Optional extras that public clients recorded; none is documented.
  cost: lenient(amount),
  message: lenient(text),
  error: lenient(v.union([text, v.object({ message: text })])),
});

export const ModelsResponse = v.object({
  models: v.array(v.unknown()),
});

/** One entry of the list; an entry that is not even this is left out, the others stay. */
export const ModelResponse = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  price: lenient(amount),
});

export const BalanceResponse = v.object({
  balance: v.pipe(v.number(), v.finite()),
  creditLimit: lenient(v.pipe(v.number(), v.finite())),
  orgId: lenient(text),
});

const IssueAnswer = v.object({
  path: lenient(v.union([text, v.array(v.union([text, v.number()]))])),
  expected: lenient(text),
  message: lenient(text),
});

const ErrorAnswer = v.object({
  code: lenient(v.number()),
  message: lenient(text),
  error: lenient(v.union([text, v.object({ message: lenient(text), type: lenient(text) })])),
  issues: lenient(v.array(v.unknown())),
});
type ErrorAnswer = v.InferOutput<typeof ErrorAnswer>;

/**
 * Reads an answer: the body first, then the HTTP status.
 *
 * Documented: the media API answers HTTP 200 and puts the error into `code`. Seen: other statuses with
 * a `code`, and proxies in front that answer with HTML or in the shape of OpenAI.
 *
 * @param refusal May take over an answer with an error code; a failed task comes like that (seen).
 * @throws {ApiError}
 */
export function parseResponse<const S extends v.GenericSchema>(
  answer: HttpResponse,
  schema: S,
  refusal?: (body: unknown) => v.InferOutput<S> | undefined,
): v.InferOutput<S> {
  const { status } = answer;
  const body = parseJson(answer.text);
  const told = v.safeParse(ErrorAnswer, body);
  const facts = {
    status,
    ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
  };
  if (told.success) {
    const { code } = told.output;
    const serverMessage = getMessage(told.output);
    const details = { ...facts, ...(serverMessage === undefined ? {} : { serverMessage }) };
    if (code !== undefined && code !== 0) {
      const taken = refusal?.(body);
      if (taken !== undefined) {
        return taken;
      }
      throw new ApiError(getKindForCode(code), { ...details, code, issues: getIssues(told.output) });
    }
    const parsed = v.safeParse(schema, body);
    if (parsed.success && (code === 0 || isSuccess(status))) {
      return parsed.output;
    }
    if (!isSuccess(status)) {
      throw new ApiError(getKindForStatus(status), details);
    }
    if (told.output.error !== undefined) {
      throw new ApiError(kindOfOpenAiError(told.output), details);
    }
    throw new ApiError('bad-answer', { ...facts, serverMessage: whatIsWrong(parsed.issues) });
  }
  if (isSuccess(status)) {
    throw new ApiError('bad-answer', { ...facts, serverMessage: 'not a JSON object' });
  }
  throw new ApiError(getKindForStatus(status), facts);
}

const isSuccess = (status: number) => status >= 200 && status < 300;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function getMessage({ message, error }: ErrorAnswer): string | undefined {
  return message ?? (typeof error === 'string' ? error : error?.message);
}

/** `{"error": {"type": "unauthorized_request_error"}}` with HTTP 200; the type is all there is to go by. */
function kindOfOpenAiError({ error }: ErrorAnswer) {
  const type = typeof error === 'object' ? (error.type ?? '') : '';
  return /unauthorized|authentication|permission/.test(type) ? 'invalid-key' : 'internal';
}

function getIssues({ issues = [] }: ErrorAnswer): InputIssue[] {
  return issues.slice(0, 20).flatMap((candidate) => {
    const { success, output } = v.safeParse(IssueAnswer, candidate);
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

function whatIsWrong(issues: readonly v.BaseIssue<unknown>[] | undefined): string {
  const first = issues?.[0];
  return first ? `${v.getDotPath(first) ?? 'answer'}: ${first.message}`.slice(0, 200) : 'unreadable';
}
