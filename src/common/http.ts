import type { Readable } from 'node:stream';
import type { RequestInit, Response } from 'node-fetch';
import { parseUrl } from './url';

/**
 * The shape of node-fetch. A parameter everywhere, so that a test can inject network faults, and so that
 * node-fetch itself is loaded with the first request and not in `activate`.
 */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** A redirect that is not followed: not allowed, not a URL, or one too many. Its body is discarded. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
  constructor(readonly status: number) {
    super(`redirected (HTTP ${status})`);
  }
}

/**
 * Fetches a URL and follows redirects by hand, so that none leads to where the caller does not want to go.
 *
 * @param isAllowed whether to follow a redirect to `target`; may throw an error of its own.
 * @returns the first response that is not a redirect.
 * @throws {RedirectError} and what `fetch` and `isAllowed` throw.
 */
export async function followRedirects(
  fetch: Fetch,
  url: URL,
  init: RequestInit,
  isAllowed: (target: URL, from: URL, status: number) => boolean,
  maxRedirects: number,
): Promise<Response> {
  for (let from = url, redirects = 0; ; redirects++) {
    const response = await fetch(from.href, { ...init, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) {
      return response;
    }
    discardBody(response);
    const target = parseUrl(location, from);
    if (!target || redirects === maxRedirects || !isAllowed(target, from, response.status)) {
      throw new RedirectError(response.status);
    }
    from = target;
  }
}

/** @returns the whole body; `undefined` when it is longer than `maxBytes`. */
export async function readBody(response: Response, maxBytes: number): Promise<Buffer | undefined> {
  const { bytes, isTooLong, failure } = await readAvailable(response, maxBytes);
  if (failure !== undefined) {
    throw failure;
  }
  return isTooLong ? undefined : bytes;
}

/** What came of a body, and why it is not the whole one. Never throws. */
export interface AvailableBody {
  bytes: Buffer;
  /** Longer than the limit, and cut there. */
  isTooLong: boolean;
  /** The connection or the reader ended it. */
  failure?: Error;
}

export async function readAvailable(response: Response, maxBytes: number): Promise<AvailableBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      const bytes = Buffer.from(chunk as Uint8Array);
      length += bytes.length;
      chunks.push(bytes);
      if (length > maxBytes) {
        discardBody(response);
        return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), isTooLong: true };
      }
    }
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    return { bytes: Buffer.concat(chunks), isTooLong: false, failure };
  }
  return { bytes: Buffer.concat(chunks), isTooLong: false };
}

/** Releases a response whose body is not read; otherwise its socket stays open. */
export function discardBody(response: Response): void {
  (response.body as Readable | null)?.destroy();
}

/** Upper limit for `Retry-After`. Polling again costs nothing. */
const RETRY_AFTER_MAX_MS = 60 * 60_000;

/** `Retry-After` in seconds or as a date, in milliseconds from now; `undefined` when absent or not a time. */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) {
    return undefined;
  }
  const ms = /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
