import type { AwsV4Signer } from 'aws4fetch';
import type { BucketAccess } from './bucket';
import { readContent, type Content } from './content';
import type { DeliveryMeans, FrameDelivery } from './delivery';
import { DeliveryError, type DeliveryErrorKind } from './deliveryError';
import { exchange, isWithinReach, readAsService, type Answer } from './exchange';

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_QUOTE_CHARS = 200;

type World = Pick<DeliveryMeans, 'fetch' | 'base' | 'now'>;

/** Uploads the image unless the bucket has it already, and gives a link that works for some hours without keys. */
export const s3: FrameDelivery = {
  id: 's3',
  accepts: (image) => image.file !== undefined,
  prepare: async (image, means) => {
    const access = await means.bucket();
    const content = await readContent(image);
    const client = new BucketClient(access, means);
    // By its content: the same image is uploaded once, whatever its files are called.
    const name = `${content.hash}.${content.facts.type}`;
    if (!(await client.has(name, content.bytes.length))) {
      await client.put(name, content);
    }
    return { image: await client.linkTo(name), facts: content.facts };
  },
};

/**
 * Tries a bucket with a small image: upload, reading by the link and nothing else, removal.
 *
 * @throws {DeliveryError} what did not work
 */
export async function tryBucket(access: BucketAccess, world: World, content: Content): Promise<void> {
  const client = new BucketClient(access, world);
  const name = `seedance-test-${content.hash.slice(0, 16)}.${content.facts.type}`;
  await client.put(name, content);
  const link = await client.linkTo(name);
  let read: Buffer;
  try {
    read = await readAsService(world.fetch, world.base, link, content.bytes.length + MAX_ERROR_BYTES);
  } catch (error) {
    // Not left behind; why it could not be read is what matters.
    await client.remove(name).catch(() => undefined);
    throw error;
  }
  await client.remove(name);
  if (!read.equals(content.bytes)) {
    throw new DeliveryError('other-image', { host: access.address.host });
  }
}

class BucketClient {
  readonly #access: BucketAccess;
  readonly #world: World;

  constructor(access: BucketAccess, world: World) {
    this.#access = access;
    this.#world = world;
    if (!isWithinReach(access.address, world.base)) {
      throw new DeliveryError('private-address', { host: access.address.host });
    }
  }

  /** Keys that may not list get 403 for what is not there (AWS): then it is uploaded, and that answer counts. */
  async has(name: string, bytes: number): Promise<boolean> {
    const { status, headers } = await this.#send('HEAD', name);
    return status === 200 && headers.get('content-length') === String(bytes);
  }

  async put(name: string, { bytes, facts, hash }: Content): Promise<void> {
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

  async #send(method: string, name: string, headers: Record<string, string> = {}, body?: Buffer): Promise<Answer> {
    const signed = await this.#sign(method, this.#urlOf(name), headers, false);
    return exchange(
      this.#world.fetch,
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
    // Read with the first upload; most people have no bucket.
    const { AwsV4Signer } = await import('aws4fetch');
    const { region, keys } = this.#access;
    const datetime = new Date(this.#world.now()).toISOString().replace(/[:-]|\.\d{3}/g, '');
    return new AwsV4Signer({
      method,
      url: url.href,
      headers,
      service: 's3',
      region,
      ...keys,
      datetime,
      signQuery,
    }).sign();
  }

  #urlOf(name: string): URL {
    const { address, prefix } = this.#access;
    const url = new URL(address);
    const path = `${prefix}${name}`.split('/').map(encodeURIComponent).join('/');
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
    return url;
  }

  #check({ status, body }: Answer): void {
    if (status >= 200 && status < 300) {
      return;
    }
    const xml = body.toString('utf8');
    const code = fieldOf(xml, 'Code');
    const facts = {
      host: this.#access.address.host,
      status,
      code,
      message: fieldOf(xml, 'Message'),
      region: fieldOf(xml, 'Region'),
    };
    throw new DeliveryError(kindOf(status, code), facts);
  }
}

/** Names of errors as AWS documents them; the others use the same. */
const KINDS: Record<string, DeliveryErrorKind> = {
  AccessDenied: 'denied',
  AllAccessDisabled: 'denied',
  NoSuchBucket: 'no-bucket',
  InvalidAccessKeyId: 'unknown-key',
  Unauthorized: 'unknown-key',
  SignatureDoesNotMatch: 'wrong-secret',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  AuthorizationHeaderMalformed: 'wrong-region',
  PermanentRedirect: 'wrong-region',
  TemporaryRedirect: 'wrong-region',
  IllegalLocationConstraintException: 'wrong-region',
};

function kindOf(status: number, code: string | undefined): DeliveryErrorKind {
  const known = code !== undefined && Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  return (
    known ?? (status >= 300 && status < 400 ? 'redirected' : status === 401 || status === 403 ? 'denied' : 'refused')
  );
}

/** One field of the flat XML in which such servers tell errors. Looked at, not parsed: it only becomes text. */
function fieldOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]{1,${MAX_QUOTE_CHARS}})`).exec(xml)?.[1]?.trim();
}
