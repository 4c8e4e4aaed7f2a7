import type { RequestInit, Response } from 'node-fetch';
import { createGuardedFetch, leadsToPublicAddress, PrivateAddressError } from '../../common/address';
import { followRedirects, readBody, RedirectError, type Fetch } from '../../common/http';
import { isLoopback } from '../../common/url';
import { DeliveryError } from './deliveryError';
import type { DeliveryContext } from './types';

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

/** Whether an answer is for people. XML is an answer of a store. */
export function isPage({ headers, body }: BoundedResponse): boolean {
  const text = body.subarray(0, 1_000).toString('utf8').trim();
  return (
    text !== '' &&
    (/^(?:text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '') ||
      /^\uFEFF?<(?:!doctype html|html|head|body|title|meta|script|div|center|h1)\b/i.test(text))
  );
}

/**
 * Before anything is uploaded or paid for: the service could not read an image in this computer or its network.
 *
 * @throws {DeliveryError} `private-address`
 */
export async function assertReachable(url: URL, { base, lookUp }: Reach): Promise<void> {
  if (!(await leadsToPublicAddress(url, base, lookUp))) {
    throw new DeliveryError('private-address', { host: url.host });
  }
}

export type Reach = Pick<DeliveryContext, 'base' | 'lookUp'>;

/**
 * Reads a link as the service will: without credentials, following redirects over https only.
 *
 * @throws {DeliveryError} `no-answer`, `answer-too-long`, `private-address`, `unreadable-link`
 */
export async function fetchAnonymously(
  { fetch, base, lookUp }: Reach & Pick<DeliveryContext, 'fetch'>,
  link: string,
  maxBytes: number,
): Promise<Buffer> {
  let url = new URL(link);
  try {
    const response = await followRedirects(
      createGuardedFetch(fetch, () => base, lookUp),
      url,
      { headers: { Accept: 'image/*' }, signal: AbortSignal.timeout(TIME_LIMIT_MS) },
      (target) => {
        if (target.protocol !== 'https:' && !(isLoopback(target) && isLoopback(base))) {
          return false;
        }
        url = target;
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
    if (error instanceof PrivateAddressError) {
      throw new DeliveryError('private-address', { host: error.host });
    }
    throw error instanceof RedirectError
      ? new DeliveryError('unreadable-link', { host: url.host, status: error.status })
      : new DeliveryError('no-answer', { host: url.host, cause: error });
  }
}
