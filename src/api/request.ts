import type { RequestInit, Response } from 'node-fetch';
import {
  discardBody,
  followRedirects,
  parseRetryAfter,
  readAvailable,
  RedirectError,
  type Fetch,
} from '../common/http';
import { decodeAnswer } from './answerBytes';
import { parseAnswer, parseAnswers } from './answerText';
import { ApiError } from './apiError';
import { WatchedBody } from './watchedBody';

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: URL;
  /** Sent as the raw `Authorization` header, to this URL's origin and nowhere else. */
  key: string;
  /** Sent as JSON. */
  body?: unknown;
  /** From the first byte sent to the last byte read, redirects included, milliseconds. */
  timeLimitMs: number;
  /** To the open connection, milliseconds: shorter, for until then nothing was sent and all can be tried again. */
  connectLimitMs: number;
  /** A longer response is rejected with `bad-answer`. */
  maxResponseBytes: number;
  /**
   * For a request that costs money: it is sent once. A redirect is a response like any other then, also where its status
   * promises that nothing was carried out (307 and 308, RFC 9110): proxies do not keep that promise (assumed).
   */
  isSentOnce?: boolean;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  text: string;
  retryAfterMs?: number;
  /** It asks for a login of another kind than a key: so asks a firewall, a proxy or a portal, and not the service. */
  wantsOtherLogin?: boolean;
  /** The id of a task that the headers name. To be asked about before it is believed. */
  taskId?: string;
}

const MAX_REDIRECTS = 3;

/**
 * Sends one request with a key, and reads the response as text, whatever its status.
 *
 * @throws {ApiError} `not-sent`, `no-answer`, `aborted`, `redirected` or `bad-answer` (too long).
 */
export async function sendRequest(fetch: Fetch, request: HttpRequest, now: () => number): Promise<HttpResponse> {
  const timeLimit = AbortSignal.timeout(request.timeLimitMs);
  const signal = request.signal ? AbortSignal.any([timeLimit, request.signal]) : timeLimit;
  let hasResponse = false;
  let watched: WatchedBody | undefined;
  const connectLimit = new AbortController();
  const observedFetch: Fetch = async (url, init = {}) => {
    // node-fetch 3 destroys the body of a request that is aborted beforehand, and nothing handles its error.
    signal.throwIfAborted();
    watched = typeof init.body === 'string' ? new WatchedBody(init.body, new URL(url)) : undefined;
    const timer = setTimeout(() => watched?.wasSent === false && connectLimit.abort(), request.connectLimitMs);
    try {
      const response = await fetch(url, {
        ...init,
        ...(watched && {
          body: watched,
          headers: { ...(init.headers as Record<string, string>), 'Content-Length': String(watched.byteLength) },
        }),
        signal: AbortSignal.any([signal, connectLimit.signal]),
      });
      if (watched?.isTunnelRefused && !response.ok) {
        discardBody(response);
        throw new ApiError('proxy-refused', { status: response.status, detail: 'an answer to CONNECT' });
      }
      hasResponse = true;
      return response;
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    const init: RequestInit = {
      method: request.method,
      headers: {
        Authorization: request.key,
        Accept: 'application/json',
        'Accept-Encoding': 'gzip, deflate',
        // A connection that was kept open may be closed by now, and a create that was never sent would become `unknown`.
        Connection: 'close',
        ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      // Unpacked here: node-fetch throws away what is not packed as its header says.
      compress: false,
      signal,
    };
    const response = request.isSentOnce
      ? await observedFetch(request.url.href, { ...init, redirect: 'manual' })
      : await followRedirects(
          observedFetch,
          request.url,
          init,
          (target, _from, status) => isRedirectAllowed(target, status, request),
          MAX_REDIRECTS,
        );
    return await readResponse(response, request, now);
  } catch (error) {
    if (request.signal?.aborted && !(error instanceof ApiError && error.kind !== 'no-answer')) {
      throw new ApiError('aborted', { cause: error });
    }
    if (error instanceof ApiError) {
      throw error;
    }
    if (error instanceof RedirectError) {
      throw new ApiError('redirected', { status: error.status });
    }
    const wasSent = watched?.wasSent ?? !isPreSendError(error);
    // After a redirect the first request was received, so "nothing was sent" no longer holds.
    throw new ApiError(!hasResponse && !wasSent ? 'not-sent' : 'no-answer', { cause: error });
  }
}

/**
 * The key must not leave the configured origin, and a POST may only be sent again where the status promises
 * that the first one was not carried out (307 and 308, RFC 9110).
 */
function isRedirectAllowed(target: URL, status: number, { method, url }: HttpRequest): boolean {
  return target.origin === url.origin && (method === 'GET' || status === 307 || status === 308);
}

async function readResponse(
  response: Response,
  { key, maxResponseBytes }: HttpRequest,
  now: () => number,
): Promise<HttpResponse> {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now());
  const { bytes, isTooLong, failure } = await readAvailable(response, maxResponseBytes);
  const decoded = decodeAnswer(bytes, response.headers.get('content-encoding'), maxResponseBytes);
  const text = redactKey(decoded.text, key);
  const { status } = response;
  if (isTooLong || decoded.isTooLong) {
    throw new ApiError('bad-answer', { status, detail: `more than ${maxResponseBytes} bytes`, answer: text });
  }
  // The end of the stream is broken, or never came. A whole object says all that there is to say.
  const isWhole = failure === undefined || isObject(parseAnswer(text)) || parseAnswers(text).length > 0;
  if (!isWhole) {
    throw new ApiError('no-answer', { status, cause: failure, ...(text === '' ? {} : { answer: text }) });
  }
  const taskId = findTaskIdInHeaders(response.headers.get('x-task-id'), response.headers.get('location'));
  const challenge = response.headers.get('www-authenticate');
  return {
    status,
    text,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(challenge === null || /\b(?:bearer|api-?key)\b/i.test(challenge) ? {} : { wantsOtherLogin: true }),
    ...(taskId === undefined ? {} : { taskId }),
  };
}

/** `X-Task-Id`, or where the new task is to be asked about: `/tasks/…`, `?task_id=…`. */
function findTaskIdInHeaders(named: string | null, location: string | null): string | undefined {
  if (named !== null && /^[\w-]{1,128}$/.test(named)) {
    return named;
  }
  const place =
    /[?&]task_?id=([\w-]{1,128})(?:&|#|$)/i.exec(location ?? '') ??
    /\/(?:tasks?|results?|jobs?|operations?|predictions?|generations?|videos?)\/([\w-]{8,128})\/?(?:[?#]|$)/i.exec(
      location ?? '',
    );
  return place?.[1];
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** A shorter text could occur anywhere by chance, and is not a real key. */
const MIN_KEY_CHARS = 12;

/**
 * Removes the key from a response: a service may repeat the key that it refuses ("Incorrect key provided: …"), and its
 * messages are stored in records and logs.
 */
function redactKey(text: string, key: string): string {
  if (key.length < MIN_KEY_CHARS) {
    return text;
  }
  const inJson = JSON.stringify(key).slice(1, -1);
  return text.replaceAll(inJson, '[key]').replaceAll(key, '[key]');
}

/** Where the socket was not seen: failures of the name look-up and of the connection itself, by the system call that Node names. */
const SYSCALLS_BEFORE_SENDING = new Set(['getaddrinfo', 'connect']);

/** For errors that name no system call: several addresses were tried, or the handshake failed. */
const CODES_BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * Whether an error proves that no byte of the request left this machine.
 *
 * Node names the system call that failed (node-fetch copies it as `erroredSysCall`); a certificate is
 * refused before the first byte of HTTP. A reset, an end of stream or a time limit proves nothing.
 * Connections are not reused (see `sendRequest`), so a stale one is never the cause.
 */
export function isPreSendError(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const { code, syscall, erroredSysCall } = error as NodeJS.ErrnoException & { erroredSysCall?: string };
  const call = syscall ?? erroredSysCall;
  return call === undefined ? code !== undefined && CODES_BEFORE_SENDING.has(code) : SYSCALLS_BEFORE_SENDING.has(call);
}
