import type { AwsV4Signer } from 'aws4fetch';
import { readImageContent, type ImageContent } from './content';
import { DeliveryError, type DeliveryErrorKind } from './deliveryError';
import { assertReachable, fetchAnonymously, fetchBounded, isPage, type BoundedResponse } from './boundedFetch';
import type { Bucket, BucketAccess, DeliveryContext, ImageDelivery } from './types';
import { parseBaseUrl } from '../../common/url';

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_QUOTE_CHARS = 200;

type S3Context = Pick<DeliveryContext, 'fetch' | 'base' | 'lookUp' | 'now'>;

/** Uploads the image unless the bucket has it already, and signs a link that is valid for some hours. */
export const s3Delivery: ImageDelivery = {
  id: 's3',
  accepts: (image) => image.file !== undefined,
  prepare: async (image, context) => {
    const access = await context.bucket();
    await assertReachable(access.address, context);
    const content = await readImageContent(image);
    const client = new BucketClient(access, context);
    // Named by its hash, so that the same image is uploaded once, whatever its files are called.
    const name = `${content.hash}.${content.facts.type}`;
    if (!(await client.has(name, content.bytes.length))) {
      await client.put(name, content);
    }
    return { image: await client.linkTo(name), facts: content.facts };
  },
};

/**
 * Tests the connection to a bucket with a small image: uploads it, reads it by its signed link, deletes it.
 *
 * @throws {DeliveryError} for the first step that fails
 */
export async function testBucket(access: BucketAccess, context: S3Context, content: ImageContent): Promise<void> {
  await assertReachable(access.address, context);
  const client = new BucketClient(access, context);
  const name = `seedance-test-${content.hash.slice(0, 16)}.${content.facts.type}`;
  await client.put(name, content);
  const link = await client.linkTo(name);
  let read: Buffer;
  try {
    read = await fetchAnonymously(context, link, content.bytes.length + MAX_ERROR_BYTES);
  } catch (error) {
    // Clean up, but report why the image could not be read.
    await client.remove(name).catch(() => undefined);
    throw error;
  }
  await client.remove(name);
  if (!read.equals(content.bytes)) {
    throw new DeliveryError('other-image', { host: access.address.host });
  }
}

/** Stores that wanted the bucket in the name of the host, in this session. */
const wantsBucketInHost = new Set<string>();

class BucketClient {
  readonly #access: BucketAccess;
  readonly #context: S3Context;

  constructor(access: BucketAccess, context: S3Context) {
    this.#access = access;
    this.#context = context;
  }

  /**
   * Without the permission to list, AWS answers 403 for a missing object: the upload that follows then tells what is
   * wrong.
   */
  async has(name: string, bytes: number): Promise<boolean> {
    const { status, headers } = await this.#send('HEAD', name);
    return status === 200 && headers.get('content-length') === String(bytes);
  }

  async put(name: string, { bytes, facts, hash }: ImageContent): Promise<void> {
    this.#check(await this.#send('PUT', name, { 'Content-Type': facts.mime, 'X-Amz-Content-Sha256': hash }, bytes));
  }

  async remove(name: string): Promise<void> {
    this.#check(await this.#send('DELETE', name));
  }

  async linkTo(name: string): Promise<string> {
    const url = this.#urlOf(name);
    url.searchParams.set('X-Amz-Expires', String(Math.round(this.#access.linkHours * 3600)));
    return (await this.#sign('GET', url, {}, true)).url.href;
  }

  async #send(
    method: string,
    name: string,
    headers: Record<string, string> = {},
    body?: Buffer,
  ): Promise<BoundedResponse> {
    const answer = await this.#sendOnce(method, name, headers, body);
    const { address, addressInHost } = this.#access;
    if (!addressInHost || wantsBucketInHost.has(address.origin) || !isAboutHost(answer)) {
      return answer;
    }
    await assertReachable(addressInHost, this.#context);
    wantsBucketInHost.add(address.origin);
    return this.#sendOnce(method, name, headers, body);
  }

  async #sendOnce(
    method: string,
    name: string,
    headers: Record<string, string>,
    body?: Buffer,
  ): Promise<BoundedResponse> {
    const signed = await this.#sign(method, this.#urlOf(name), headers, false);
    return fetchBounded(
      this.#context.fetch,
      signed.url,
      { method, headers: Object.fromEntries(signed.headers), ...(body === undefined ? {} : { body }) },
      MAX_ERROR_BYTES,
    );
  }

  async #sign(
    method: string,
    url: URL,
    headers: Record<string, string>,
    signQuery: boolean,
  ): ReturnType<AwsV4Signer['sign']> {
    // Loaded with the first upload, because most users have no bucket.
    const { AwsV4Signer } = await import('aws4fetch');
    const { region, keys } = this.#access;
    const datetime = new Date(this.#context.now()).toISOString().replace(/[:-]|\.\d{3}/g, '');
    return new AwsV4Signer({
      method,
      url: url.href,
      headers,
      service: 's3',
      region,
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
      datetime,
      signQuery,
    }).sign();
  }

  #urlOf(name: string): URL {
    const { address, addressInHost, prefix } = this.#access;
    const url = new URL((wantsBucketInHost.has(address.origin) ? addressInHost : undefined) ?? address);
    const path = `${prefix}${name}`.split('/').map(encodeURIComponent).join('/');
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
    return url;
  }

  #check(answer: BoundedResponse): void {
    const { status, body } = answer;
    if (status >= 200 && status < 300) {
      if (isPage(answer)) {
        // What has answered has not stored anything.
        throw new DeliveryError('page-answer', { host: this.#access.address.host, status });
      }
      return;
    }
    const xml = body.toString('utf8');
    const code = getXmlField(xml, 'Code');
    const facts = {
      host: this.#access.address.host,
      status,
      code,
      message: getXmlField(xml, 'Message'),
      region: getXmlField(xml, 'Region'),
    };
    throw new DeliveryError(isAboutHost(answer) ? 'bucket-in-host' : getErrorKind(status, code), facts);
  }
}

/** Codes of Alibaba Cloud, Tencent Cloud and Volcengine (documented), and the words of others. */
function isAboutHost({ status, body }: BoundedResponse): boolean {
  if (status < 300) {
    return false;
  }
  const xml = body.toString('utf8');
  return (
    /^(?:SecondLevelDomainForbidden|PathStyleDomainForbidden|InvalidPathAccess|PathStyleAccessNotSupported|VirtualHostDomainRequired)$/.test(
      getXmlField(xml, 'Code') ?? '',
    ) || /virtual[- ]?host|path[- ]style/i.test(getXmlField(xml, 'Message') ?? '')
  );
}

/** Error codes as documented by AWS; other servers use the same. */
const KINDS: Record<string, DeliveryErrorKind> = {
  AccessDenied: 'denied',
  AllAccessDisabled: 'denied',
  NoSuchBucket: 'no-bucket',
  InvalidAccessKeyId: 'unknown-key',
  Unauthorized: 'unknown-key',
  SignatureDoesNotMatch: 'wrong-secret',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  ExpiredToken: 'expired-keys',
  ExpiredTokenException: 'expired-keys',
  TokenRefreshRequired: 'expired-keys',
  SecurityTokenExpired: 'expired-keys',
  InvalidToken: 'needs-token',
  InvalidTokenId: 'needs-token',
  InvalidSecurityToken: 'needs-token',
  InvalidSecurity: 'needs-token',
  MissingSecurityToken: 'needs-token',
  AuthorizationHeaderMalformed: 'wrong-region',
  PermanentRedirect: 'wrong-region',
  TemporaryRedirect: 'wrong-region',
  IllegalLocationConstraintException: 'wrong-region',
};

function getErrorKind(status: number, code: string | undefined): DeliveryErrorKind {
  const known = code !== undefined && Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  return (
    known ?? (status >= 300 && status < 400 ? 'redirected' : status === 401 || status === 403 ? 'denied' : 'refused')
  );
}

/**
 * Reads a field of the flat XML in which S3 servers report errors. The value is only ever shown as text, so no XML
 * parser is needed.
 */
function getXmlField(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]{1,${MAX_QUOTE_CHARS}})`).exec(xml)?.[1]?.trim();
}

/** Values as they are in the settings, not validated. */
export interface BucketSettings {
  endpoint: string;
  region: string;
  bucket: string;
  prefix: string;
  linkHours: number;
}

export const DEFAULT_LINK_HOURS = 48;

/** Signatures of version 4 are valid for seven days at most (documented by AWS). */
export const MAX_LINK_HOURS = 7 * 24;

/** Validates the settings. Returns `undefined` when something is missing or invalid. */
export function parseBucket({ endpoint, region, bucket, prefix, linkHours }: BucketSettings): Bucket | undefined {
  const address = isBucketName(bucket) ? getBucketAddress(endpoint, bucket) : undefined;
  const path = parsePrefix(prefix);
  if (!address || path === undefined || !isRegion(region)) {
    return undefined;
  }
  const hours = Number.isFinite(linkHours) ? Math.min(Math.max(linkHours, 1), MAX_LINK_HOURS) : DEFAULT_LINK_HOURS;
  const addressInHost = getAddressInHost(endpoint, bucket);
  return {
    address,
    ...(addressInHost ? { addressInHost } : {}),
    region: region.trim(),
    prefix: path,
    linkHours: hours,
  };
}

/**
 * Returns the URL of a bucket: https, or http on this computer, like the base URL of the API. The bucket is the first
 * segment of the path, which AWS, Yandex Object Storage, R2 and MinIO all accept. For servers that need it in the host
 * name, the endpoint has a placeholder: `https://{bucket}.storage.example`.
 */
function getBucketAddress(endpoint: string, bucket: string): URL | undefined {
  const inHost = endpoint.includes('{bucket}');
  const url = parseBaseUrl(endpoint.replace('{bucket}', bucket));
  if (url && !inHost) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${bucket}`;
  }
  return url;
}

function getAddressInHost(endpoint: string, bucket: string): URL | undefined {
  const url = endpoint.includes('{bucket}') ? undefined : parseBaseUrl(endpoint);
  // Neither addresses of numbers nor this computer have names below them; a dot in the bucket is in no certificate.
  if (!url || !/\.[a-z]/i.test(url.hostname) || bucket.includes('.')) {
    return undefined;
  }
  url.hostname = `${bucket}.${url.hostname}`;
  return url;
}

/** Whether a text is a valid endpoint: see `getBucketAddress`. */
export function isEndpoint(text: string): boolean {
  return getBucketAddress(text, 'bucket') !== undefined;
}

/** The naming rules of AWS, which other servers share. */
export function isBucketName(text: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text);
}

export function isRegion(text: string): boolean {
  return /^\s*[a-z0-9-]{2,40}\s*$/i.test(text);
}

/**
 * Normalizes a prefix to `a/b/`. Returns `undefined` for segments that a server or proxy would resolve to another path.
 */
export function parsePrefix(text: string): string | undefined {
  const parts = text
    .trim()
    .split('/')
    .filter((part) => part !== '');
  const isFit = text.length <= 200 && parts.every((part) => part !== '.' && part !== '..' && !/[\p{C}\\]/u.test(part));
  return isFit ? parts.map((part) => `${part}/`).join('') : undefined;
}
