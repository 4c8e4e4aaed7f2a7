import { readImageContent, type ImageContent } from './content';
import type { DeliveryContext, ImageDelivery } from './deliver';
import { DeliveryError } from './deliveryError';
import { fetchBounded, isPubliclyReachable, fetchAnonymously } from './boundedFetch';
import { IMAGE_MAX_BYTES, validateImage } from '../imageInfo';
import { parseImageUrl } from './imageUrl';
import { isLoopback, parseUrl } from '../../common/url';

const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_QUOTE_CHARS = 200;

type UploadContext = Pick<DeliveryContext, 'fetch' | 'base'>;

/** Uploads the image to an endpoint of the user's own, whose answer says where it can be read. */
export const httpUploadDelivery: ImageDelivery = {
  id: 'http',
  accepts: (image) => image.file !== undefined,
  prepare: async (image, means) => {
    const access = await means.upload();
    const content = await readImageContent(image);
    return { image: await upload(access, means, content, image.label), facts: content.facts };
  },
};

/**
 * Tries an endpoint with a small image: upload, and reading by the link and nothing else. The image may come
 * back in another encoding, as some hosts have it, but not in another size.
 *
 * @returns the link
 * @throws {DeliveryError} what did not work
 */
export async function testUpload(access: UploadAccess, world: UploadContext, content: ImageContent): Promise<string> {
  const link = await upload(access, world, content, 'seedance-test.png');
  const read = await fetchAnonymously(world.fetch, world.base, link, IMAGE_MAX_BYTES);
  if (!isSameSize(read, content)) {
    throw new DeliveryError('other-image', { host: new URL(link).host });
  }
  return link;
}

function isSameSize(read: Uint8Array, { facts: { width, height } }: ImageContent): boolean {
  try {
    const found = validateImage(read);
    return found.width === width && found.height === height;
  } catch {
    return false;
  }
}

async function upload(
  access: UploadAccess,
  { fetch, base }: UploadContext,
  content: ImageContent,
  label: string,
): Promise<string> {
  const { type } = content.facts;
  const name = getUploadFileName(label, type);
  const url = parseUploadUrl(access.url, { name, hash: content.hash, type });
  if (!url) {
    throw new DeliveryError('not-set-up');
  }
  const { body, mime } =
    access.method === 'PUT'
      ? { body: content.bytes, mime: content.facts.mime }
      : await createForm(access.field, name, content);
  const secret = access.headerName === '' ? {} : { [access.headerName]: access.headerValue };
  const answer = await fetchBounded(
    fetch,
    url,
    { method: access.method, headers: { ...secret, 'Content-Type': mime }, body },
    MAX_ANSWER_BYTES,
  );
  const facts = { host: url.host, status: answer.status };
  const text = answer.body.toString('utf8').trim();
  if (answer.status >= 300 && answer.status < 400) {
    throw new DeliveryError('redirected', facts);
  }
  if (answer.status < 200 || answer.status >= 300) {
    throw new DeliveryError('refused', { ...facts, message: hidden(text, access).slice(0, MAX_QUOTE_CHARS) });
  }
  const link = parseImageUrl(linkIn(text, access, url) ?? '');
  if (link === undefined) {
    throw new DeliveryError('no-link', facts);
  }
  if (!isPubliclyReachable(new URL(link), base)) {
    throw new DeliveryError('private-address', { host: new URL(link).host });
  }
  return link;
}

/** A server may repeat what it was sent; its words are shown and logged, and the secret is not. */
function hidden(text: string, { headerValue }: UploadAccess): string {
  return getSecrets(headerValue).reduce((clean, secret) => clean.replaceAll(secret, '[hidden]'), text);
}

function linkIn(text: string, { linkPointer, method }: UploadAccess, url: URL): string | undefined {
  if (linkPointer === '') {
    // Whoever puts a file to an address finds it there, unless the answer says otherwise.
    return text === '' && method === 'PUT' ? getUploadedUrl(url) : text;
  }
  try {
    const value = resolvePointer(JSON.parse(text), linkPointer);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Node's own classes write the form; node-fetch gets its bytes. */
async function createForm(
  field: string,
  name: string,
  { bytes, facts }: ImageContent,
): Promise<{ body: Buffer; mime: string }> {
  const form = new FormData();
  form.append(field, new Blob([bytes], { type: facts.mime }), name);
  const written = new Response(form);
  return { body: Buffer.from(await written.arrayBuffer()), mime: written.headers.get('content-type') ?? '' };
}

/** The type by content, whatever the file was called. */
function getUploadFileName(label: string, type: string): string {
  const stem = label
    .replace(/\.[^.]*$/, '')
    .replace(/[\p{C}/\\]/gu, '')
    .slice(0, 100);
  return `${stem || 'image'}.${type}`;
}

/** An endpoint of the user's own, as the settings say it; checked. */
export interface Upload {
  /** May hold `{name}`, `{hash}` and `{type}`; has to hold `{hash}` before any `?` or `#` where the address is the link. */
  url: string;
  method: 'PUT' | 'POST';
  /** Of the file in a multipart form; for POST only. */
  field: string;
  /** Empty: none is sent. */
  headerName: string;
  /** RFC 6901; empty: the answer itself is the link. */
  linkPointer: string;
}

export interface UploadAccess extends Upload {
  headerValue: string;
}

export type UploadSettings = Record<keyof Upload, string>;

/** `undefined` where something is missing or cannot be. */
export function parseUpload({ url, method, field, headerName, linkPointer }: UploadSettings): Upload | undefined {
  const isFit =
    parseUploadUrl(url) &&
    (method === 'PUT' || method === 'POST') &&
    isHeaderName(headerName) &&
    isPointer(linkPointer) &&
    !urlsCollide({ url, method, linkPointer });
  return isFit
    ? { url: url.trim(), method, field: field.trim() || 'file', headerName: headerName.trim(), linkPointer }
    : undefined;
}

/**
 * Whether one image would take the place of another: what is put to an address is read there, so each image needs
 * one of its own. A name is none: two images may have the same. Neither is what `linkOfUpload` leaves out.
 */
export function urlsCollide({
  url,
  method,
  linkPointer,
}: Pick<UploadSettings, 'url' | 'method' | 'linkPointer'>): boolean {
  const [one, other] = ['1', '2'].map((hash) => getUploadedUrl(parseUploadUrl(url, { hash })));
  return method === 'PUT' && linkPointer === '' && one === other;
}

/** Where what was put to an address is read. Without the query, which may let the user write there. */
export function getUploadedUrl(url: URL | undefined): string | undefined {
  return url && `${url.origin}${url.pathname}`;
}

/**
 * The address with its names filled in. https, or http to this computer: a secret header goes there.
 *
 * @param names by their names in braces; the text is put in for use in a URL
 */
export function parseUploadUrl(text: string, names: Readonly<Record<string, string>> = {}): URL | undefined {
  const filled = text
    .trim()
    .replace(/\{(name|hash|type)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? name));
  const url = parseUrl(filled);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
  return url && isSafe && !url.username && !url.password ? url : undefined;
}

/** RFC 9110. Not the names that say where a message ends or to whom it goes. */
export function isHeaderName(text: string): boolean {
  return (
    /^\s*[\w!#$%&'*+.^`|~-]*\s*$/.test(text) &&
    !/^\s*(host|content-(length|type)|transfer-encoding|connection)\s*$/i.test(text)
  );
}

/** What must not be shown of a header's value: a server may repeat the token without the word before it. */
export function getSecrets(headerValue: string): string[] {
  return [headerValue, ...headerValue.split(/\s+/)]
    .filter((part) => part.length >= 8 || part === headerValue)
    .filter((part) => part !== '');
}

export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}

export function isPointer(text: string): boolean {
  return /^(\/([^~]|~[01])*)?$/.test(text);
}

/** RFC 6901; `undefined` where nothing is. */
export function resolvePointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
