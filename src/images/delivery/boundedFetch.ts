import type { RequestInit, Response } from 'node-fetch';
import { followRedirects, readBody, RedirectError, type Fetch } from '../../common/http';
import { isLoopback } from '../../common/url';
import { DeliveryError } from './deliveryError';

/** Long enough for an image of 30 MB over a slow connection. */
const TIME_LIMIT_MS = 5 * 60_000;
const MAX_REDIRECTS = 5;

/** A response whose body has been read. */
export interface BoundedResponse {
  status: number;
  headers: Response['headers'];
  body: Buffer;
}

/**
 * Sends one request and reads the whole response, up to `maxBytes`. Redirects are not followed, so that neither image
 * nor secret are sent to an address that the user did not configure.
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
    return await readBounded(response, url, maxBytes);
  } catch (error) {
    throw error instanceof DeliveryError ? error : new DeliveryError('no-answer', { host: url.host, cause: error });
  }
}

async function readBounded(response: Response, { host }: URL, maxBytes: number): Promise<BoundedResponse> {
  const { status, headers } = response;
  const body = await readBody(response, maxBytes);
  if (!body) {
    throw new DeliveryError('answer-too-long', { host, status });
  }
  return { status, headers, body };
}

/**
 * Whether the service can reach a URL. Loopback and private addresses count only when the API itself is on this
 * computer: in tests, or behind a local proxy.
 */
export function isPubliclyReachable(url: URL, base: URL): boolean {
  return isLoopback(base) || !PRIVATE_HOST.test(url.hostname);
}

const PRIVATE_HOST =
  /^(localhost|.*\.(local|localhost|internal)|(127|10)(\.\d+){3}|(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d+){2}|0\.0\.0\.0|\[(::1?|f[cd].*|fe80.*|::ffff:.*)\])$/;

/**
 * Reads a link as the service will: without credentials, following redirects over https only.
 *
 * @throws {DeliveryError} `no-answer`, `answer-too-long`, `private-address`, `unreadable-link`
 */
export async function fetchAnonymously(fetch: Fetch, base: URL, link: string, maxBytes: number): Promise<Buffer> {
  let url = new URL(link);
  const assertReachable = () => {
    if (!isPubliclyReachable(url, base)) {
      throw new DeliveryError('private-address', { host: url.host });
    }
  };
  assertReachable();
  try {
    const response = await followRedirects(
      fetch,
      url,
      { headers: { Accept: 'image/*' }, signal: AbortSignal.timeout(TIME_LIMIT_MS) },
      (target) => {
        if (target.protocol !== 'https:' && !(isLoopback(target) && isLoopback(base))) {
          return false;
        }
        url = target;
        assertReachable();
        return true;
      },
      MAX_REDIRECTS,
    );
    const { status, body } = await readBounded(response, url, maxBytes);
    if (status !== 200) {
      throw new DeliveryError('unreadable-link', { host: url.host, status });
    }
    return body;
  } catch (error) {
    if (error instanceof DeliveryError) {
      throw error;
    }
    throw error instanceof RedirectError
      ? new DeliveryError('unreadable-link', { host: url.host, status: error.status })
      : new DeliveryError('no-answer', { host: url.host, cause: error });
  }
}
