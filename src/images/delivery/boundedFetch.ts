import type { Readable } from 'node:stream';
import type { RequestInit, Response } from 'node-fetch';
import { isLoopback, parseUrl } from '../../common/url';
import type { Fetch } from '../../api/request';
import { DeliveryError } from './deliveryError';

/** An image of 30 MB over a slow line. */
const TIME_LIMIT_MS = 5 * 60_000;
const MAX_REDIRECTS = 5;

export interface BoundedResponse {
  status: number;
  headers: Response['headers'];
  body: Buffer;
}

/**
 * One request and its whole answer. Redirects are not followed: neither image nor secret go to an address
 * that the user did not name.
 *
 * @throws {DeliveryError} `no-answer`, `answer-too-long`
 */
export async function fetchBounded(
  fetch: Fetch,
  url: URL,
  init: RequestInit,
  maxBytes: number,
): Promise<BoundedResponse> {
  try {
    const response = await fetch(url.href, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      const bytes = Buffer.from(chunk as Uint8Array);
      length += bytes.length;
      if (length > maxBytes) {
        (response.body as Readable).destroy();
        throw new DeliveryError('answer-too-long', { host: url.host, status: response.status });
      }
      chunks.push(bytes);
    }
    return { status: response.status, headers: response.headers, body: Buffer.concat(chunks) };
  } catch (error) {
    throw error instanceof DeliveryError ? error : new DeliveryError('no-answer', { host: url.host, cause: error });
  }
}

/** What lies on this computer can be read only by a service that does too: a test, somebody's proxy. */
export function isPubliclyReachable(url: URL, base: URL): boolean {
  return isLoopback(base) || !PRIVATE_HOST.test(url.hostname);
}

const PRIVATE_HOST =
  /^(localhost|.*\.(local|localhost|internal)|(127|10)(\.\d+){3}|(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d+){2}|0\.0\.0\.0|\[(::1?|f[cd].*|fe80.*|::ffff:.*)\])$/;

/**
 * Reads a link as the service will: with nothing but the link, and redirects followed over https only.
 *
 * @throws {DeliveryError} `no-answer`, `answer-too-long`, `private-address`, `unreadable-link`
 */
export async function fetchAnonymously(fetch: Fetch, base: URL, link: string, maxBytes: number): Promise<Buffer> {
  let url = new URL(link);
  for (let redirects = 0; ; redirects++) {
    if (!isPubliclyReachable(url, base)) {
      throw new DeliveryError('private-address', { host: url.host });
    }
    const { status, headers, body } = await fetchBounded(fetch, url, { headers: { Accept: 'image/*' } }, maxBytes);
    if (status === 200) {
      return body;
    }
    const location = status >= 300 && status < 400 ? headers.get('location') : null;
    const next = location === null ? undefined : parseUrl(location, url);
    const isSafe = next?.protocol === 'https:' || (next !== undefined && isLoopback(next) && isLoopback(base));
    if (!next || !isSafe || redirects === MAX_REDIRECTS) {
      throw new DeliveryError('unreadable-link', { host: url.host, status });
    }
    url = next;
  }
}
