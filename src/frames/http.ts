import { readContent, type Content } from './content';
import type { DeliveryMeans, FrameDelivery } from './delivery';
import { DeliveryError } from './deliveryError';
import { exchange, isWithinReach, readAsService } from './exchange';
import { IMAGE_MAX_BYTES, inspectImage } from './image';
import { parseFrameLink } from './link';
import { linkOfUpload, parseUploadUrl, resolvePointer, secretsIn, type UploadAccess } from './upload';

const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_QUOTE_CHARS = 200;

type World = Pick<DeliveryMeans, 'fetch' | 'base'>;

/** Uploads the image to an endpoint of the person's own, whose answer says where it can be read. */
export const http: FrameDelivery = {
  id: 'http',
  accepts: (image) => image.file !== undefined,
  prepare: async (image, means) => {
    const access = await means.upload();
    const content = await readContent(image);
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
export async function tryUpload(access: UploadAccess, world: World, content: Content): Promise<string> {
  const link = await upload(access, world, content, 'seedance-test.png');
  const read = await readAsService(world.fetch, world.base, link, IMAGE_MAX_BYTES);
  if (!isSameSize(read, content)) {
    throw new DeliveryError('other-image', { host: new URL(link).host });
  }
  return link;
}

function isSameSize(read: Uint8Array, { facts: { width, height } }: Content): boolean {
  try {
    const found = inspectImage(read);
    return found.width === width && found.height === height;
  } catch {
    return false;
  }
}

async function upload(access: UploadAccess, { fetch, base }: World, content: Content, label: string): Promise<string> {
  const { type } = content.facts;
  const name = fileNameOf(label, type);
  const url = parseUploadUrl(access.url, { name, hash: content.hash, type });
  if (!url) {
    throw new DeliveryError('not-set-up');
  }
  const { body, mime } =
    access.method === 'PUT'
      ? { body: content.bytes, mime: content.facts.mime }
      : await formOf(access.field, name, content);
  const secret = access.headerName === '' ? {} : { [access.headerName]: access.headerValue };
  const answer = await exchange(
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
  const link = parseFrameLink(linkIn(text, access, url) ?? '');
  if (link === undefined) {
    throw new DeliveryError('no-link', facts);
  }
  if (!isWithinReach(new URL(link), base)) {
    throw new DeliveryError('private-address', { host: new URL(link).host });
  }
  return link;
}

/** A server may repeat what it was sent; its words are shown and logged, and the secret is not. */
function hidden(text: string, { headerValue }: UploadAccess): string {
  return secretsIn(headerValue).reduce((clean, secret) => clean.replaceAll(secret, '[hidden]'), text);
}

function linkIn(text: string, { linkPointer, method }: UploadAccess, url: URL): string | undefined {
  if (linkPointer === '') {
    // Whoever puts a file to an address finds it there, unless the answer says otherwise.
    return text === '' && method === 'PUT' ? linkOfUpload(url) : text;
  }
  try {
    const value = resolvePointer(JSON.parse(text), linkPointer);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Node's own classes write the form; node-fetch gets its bytes. */
async function formOf(field: string, name: string, { bytes, facts }: Content): Promise<{ body: Buffer; mime: string }> {
  const form = new FormData();
  form.append(field, new Blob([bytes], { type: facts.mime }), name);
  const written = new Response(form);
  return { body: Buffer.from(await written.arrayBuffer()), mime: written.headers.get('content-type') ?? '' };
}

/** The type by content, whatever the file was called. */
function fileNameOf(label: string, type: string): string {
  const stem = label
    .replace(/\.[^.]*$/, '')
    .replace(/[\p{C}/\\]/gu, '')
    .slice(0, 100);
  return `${stem || 'image'}.${type}`;
}
