import { readImageContent, type ImageContent } from './content';
import { DeliveryError } from './deliveryError';
import { assertReachable, fetchAnonymously, fetchBounded, isPage } from './boundedFetch';
import { IMAGE_MAX_BYTES, validateImage } from '../imageInfo';
import { parseImageUrl } from './imageUrl';
import type { DeliveryContext, ImageDelivery, Upload, UploadAccess } from './types';
import { isLoopback, parseUrl } from '../../common/url';

const MAX_RESPONSE_BYTES = 64 * 1024;
const MAX_QUOTE_CHARS = 200;

type UploadContext = Pick<DeliveryContext, 'fetch' | 'base' | 'lookUp'>;

/** Uploads the image to the user's own endpoint, whose response tells the link. */
export const httpUploadDelivery: ImageDelivery = {
  id: 'http',
  accepts: (image) => image.file !== undefined,
  prepare: async (image, context) => {
    const access = await context.upload();
    const content = await readImageContent(image);
    return { image: await upload(access, context, content, image.label), facts: content.facts };
  },
};

/**
 * Tests the connection to an endpoint with a small image: uploads it and reads it by its link. Some hosts encode images
 * anew, so only the size of the image has to be the same.
 *
 * @returns the link
 * @throws {DeliveryError} for the first step that fails
 */
export async function testUpload(access: UploadAccess, context: UploadContext, content: ImageContent): Promise<string> {
  const link = await upload(access, context, content, 'seedance-test.png');
  const read = await fetchAnonymously(context, link, IMAGE_MAX_BYTES);
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
  context: UploadContext,
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
  const response = await fetchBounded(
    context.fetch,
    url,
    { method: access.method, headers: { ...secret, 'Content-Type': mime }, body },
    MAX_RESPONSE_BYTES,
  );
  const facts = { host: url.host, status: response.status };
  const text = response.body.toString('utf8').trim();
  if (response.status >= 300 && response.status < 400) {
    throw new DeliveryError('redirected', facts);
  }
  if (isPage(response)) {
    throw new DeliveryError('page-answer', facts);
  }
  if (response.status < 200 || response.status >= 300) {
    throw new DeliveryError('refused', { ...facts, message: redactSecrets(text, access).slice(0, MAX_QUOTE_CHARS) });
  }
  const link = parseImageUrl(getLink(text, access, url) ?? '');
  if (link === undefined) {
    throw new DeliveryError('no-link', facts);
  }
  await assertReachable(new URL(link), context);
  return link;
}

/** A server may repeat what it was sent, and its message is shown and logged: remove the secret. */
function redactSecrets(text: string, { headerValue }: UploadAccess): string {
  return getSecrets(headerValue).reduce((clean, secret) => clean.replaceAll(secret, '[hidden]'), text);
}

function getLink(text: string, { linkPointer, method }: UploadAccess, url: URL): string | undefined {
  if (linkPointer === '') {
    // After a PUT, an empty response means that the file can be read from the URL that it was sent to.
    return text === '' && method === 'PUT' ? getUploadedUrl(url) : text;
  }
  try {
    const value = resolvePointer(JSON.parse(text), linkPointer);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Encodes the form with the classes of Node, because node-fetch takes none of those: it gets the bytes. */
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

/** Returns the file name for the upload, with the extension of the actual image type. */
function getUploadFileName(label: string, type: string): string {
  const stem = label
    .replace(/\.[^.]*$/, '')
    .replace(/[\p{C}/\\]/gu, '')
    .slice(0, 100);
  return `${stem || 'image'}.${type}`;
}

/** Values as they are in the settings, not validated. */
export type UploadSettings = Record<keyof Upload, string>;

/** Validates the settings. Returns `undefined` when something is missing or invalid. */
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
 * Whether uploads of different images would have the same URL, so that the second replaces the first. This is about
 * PUT without a link in the response. Only `{hash}` makes a URL unique, and only in what `getUploadedUrl` keeps: file
 * names repeat.
 */
export function urlsCollide({
  url,
  method,
  linkPointer,
}: Pick<UploadSettings, 'url' | 'method' | 'linkPointer'>): boolean {
  const [one, other] = ['1', '2'].map((hash) => getUploadedUrl(parseUploadUrl(url, { hash })));
  return method === 'PUT' && linkPointer === '' && one === other;
}

/** Returns the URL that a file can be read from after a PUT: without the query, which may grant write access. */
export function getUploadedUrl(url: URL | undefined): string | undefined {
  return url && `${url.origin}${url.pathname}`;
}

/**
 * Fills in the placeholders of an upload URL. Returns `undefined` unless it is https, or http on this computer, because
 * a secret header is sent there. For the same reason no placeholder may be part of the host: the name of an image,
 * which anybody may have chosen, would say who gets the secret.
 *
 * @param names values by placeholder; they are percent-encoded
 */
export function parseUploadUrl(text: string, names: Readonly<Record<string, string>> = {}): URL | undefined {
  const url = fillIn(text, names);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
  const hasFixedHost = url?.host === fillIn(text, { name: 'a', hash: 'b', type: 'c' })?.host;
  return url && isSafe && hasFixedHost && !url.username && !url.password ? url : undefined;
}

function fillIn(text: string, names: Readonly<Record<string, string>>): URL | undefined {
  return parseUrl(
    text.trim().replace(/\{(name|hash|type)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? name)),
  );
}

/** A header name (RFC 9110), except for those that control length, connection and host of the request. */
export function isHeaderName(text: string): boolean {
  return (
    /^\s*[\w!#$%&'*+.^`|~-]*\s*$/.test(text) &&
    !/^\s*(host|content-(length|type)|transfer-encoding|connection)\s*$/i.test(text)
  );
}

/** Returns the parts of a header value to redact: a server may repeat the token without its scheme (`Bearer`). */
export function getSecrets(headerValue: string): string[] {
  return [headerValue, ...headerValue.split(/\s+/)]
    .filter((part) => part.length >= 8 || part === headerValue)
    .filter((part) => part !== '');
}

/** Whether a text can be sent as the value of an HTTP header. */
export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}

/** Whether a text is a JSON pointer (RFC 6901). */
export function isPointer(text: string): boolean {
  return /^(\/([^~]|~[01])*)?$/.test(text);
}

/** Resolves a JSON pointer (RFC 6901). Returns `undefined` when nothing is there. */
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
