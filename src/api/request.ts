import type { Readable } from 'node:stream';
import type { RequestInit, Response } from 'node-fetch';
import { parseUrl } from '../common/url';
import { ApiError } from './apiError';
import { parseRetryAfter } from '../common/http';

/**
 * The shape of node-fetch. A parameter everywhere, so that a test can put a fault between us and the
 * network, and so that node-fetch itself is loaded with the first request and not in `activate`.
 */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: URL;
  /** Sent as the raw `Authorization` header, to this URL's origin and nowhere else. */
  key: string;
  /** Sent as JSON. */
  body?: unknown;
  /** From the first byte sent to the last byte read, redirects included, milliseconds. */
  timeLimitMs: number;
  /** A longer answer is refused as unreadable. */
  maxAnswerBytes: number;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  text: string;
  retryAfterMs?: number;
}

const MAX_REDIRECTS = 3;

/**
 * One request with a key, and its answer as text.
 *
 * @throws {ApiError} `not-sent`, `no-answer`, `aborted`, `redirected` or `bad-answer` (too long).
 */
export async function sendRequest(fetch: Fetch, request: HttpRequest, now: () => number): Promise<HttpResponse> {
  const timeLimit = AbortSignal.timeout(request.timeLimitMs);
  const signal = request.signal ? AbortSignal.any([timeLimit, request.signal]) : timeLimit;
  let answered = false;
  try {
    let url = request.url;
    for (let redirects = 0; ; redirects++) {
      // node-fetch 3 destroys the body of a request that is aborted beforehand, and nobody hears its error.
      signal.throwIfAborted();
      const response = await fetch(url.href, {
        method: request.method,
        headers: {
          Authorization: request.key,
          Accept: 'application/json',
          // One that was kept open may be dead by now, and would make a create `unknown` that was never sent.
          Connection: 'close',
          ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        redirect: 'manual',
        signal,
      });
      answered = true;
      const next = redirectTarget(response, url, request);
      if (next === undefined) {
        return await readAnswer(response, request, now);
      }
      discard(response);
      if (redirects === MAX_REDIRECTS) {
        throw new ApiError('redirected', { status: response.status });
      }
      url = next;
    }
  } catch (error) {
    if (error instanceof ApiError) {
      throw error;
    }
    if (request.signal?.aborted) {
      throw new ApiError('aborted', { cause: error });
    }
    // After a redirect the first hop was heard, so "nothing was sent" no longer holds.
    throw new ApiError(!answered && isPreSendError(error) ? 'not-sent' : 'no-answer', { cause: error });
  }
}

/**
 * Where a redirect leads, `undefined` when the answer is none.
 *
 * Followed by hand: the key must not leave the configured origin, and a POST may only be sent again
 * where the status promises that the first one was not carried out (307 and 308, RFC 9110).
 */
function redirectTarget(response: Response, from: URL, request: HttpRequest): URL | undefined {
  const location = response.headers.get('location');
  if (response.status < 300 || response.status >= 400 || location === null) {
    return undefined;
  }
  const target = parseUrl(location, from);
  const keepsMethod = response.status === 307 || response.status === 308;
  if (!target || target.origin !== request.url.origin || (request.method === 'POST' && !keepsMethod)) {
    discard(response);
    throw new ApiError('redirected', { status: response.status });
  }
  return target;
}

async function readAnswer(
  response: Response,
  { key, maxAnswerBytes }: HttpRequest,
  now: () => number,
): Promise<HttpResponse> {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now());
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > maxAnswerBytes) {
      discard(response);
      throw new ApiError('bad-answer', {
        status: response.status,
        serverMessage: `more than ${maxAnswerBytes} bytes`,
      });
    }
    chunks.push(bytes);
  }
  return {
    status: response.status,
    text: withoutKey(Buffer.concat(chunks).toString('utf8'), key),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** So short a text may be part of anything, and is no key that is worth hiding. */
const MIN_KEY_CHARS = 12;

/**
 * A service may repeat the key that it refuses ("Incorrect key provided: …"). Its words go into records and
 * logs, and the key does not.
 */
function withoutKey(text: string, key: string): string {
  if (key.length < MIN_KEY_CHARS) {
    return text;
  }
  const inJson = JSON.stringify(key).slice(1, -1);
  return text.replaceAll(inJson, '[key]').replaceAll(key, '[key]');
}

/** Lets go of an answer that nobody will read; otherwise its socket stays open. */
function discard(response: Response): void {
  (response.body as Readable | null)?.destroy();
}

/** Failures of the name look-up and of the connection itself, by the system call that Node names. */
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
 * Connections are not reused (see `send`), so a stale one is never the cause.
 */
export function isPreSendError(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const { code, syscall, erroredSysCall } = error as NodeJS.ErrnoException & { erroredSysCall?: string };
  const call = syscall ?? erroredSysCall;
  return call === undefined ? code !== undefined && CODES_BEFORE_SENDING.has(code) : SYSCALLS_BEFORE_SENDING.has(call);
}
