import { imageSize } from 'image-size';

const FETCH_TIMEOUT_MS = 5_000;
const DATA_URL = /^data:(image\/[\w.+-]+)?(;base64)?,(.*)$/s;

/** What the maker of the model takes, as image-size names it. */
const TYPES: ReadonlySet<string> = new Set(['jpg', 'png', 'webp', 'bmp', 'tiff', 'gif']);

/** What is wrong with an image, in the service's terms. */
export class ImageProblem extends Error {
  constructor(
    readonly expected: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * What can be said of the image behind `link`, such as `640x360 PNG`.
 * @param fetchLinks look behind http links too; otherwise their host is all that is known
 * @throws ImageProblem
 */
export async function describeImage(link: string, acceptDataUrls: boolean, fetchLinks: boolean): Promise<string> {
  if (link.startsWith('data:')) {
    if (!acceptDataUrls) {
      throw new ImageProblem('url', 'Invalid url');
    }
    return describeBytes(dataUrlBytes(link));
  }
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ImageProblem('url', 'Invalid url');
  }
  return fetchLinks ? describeBytes(await download(url)) : url.host;
}

function dataUrlBytes(link: string): Uint8Array {
  const [, , base64, data] = DATA_URL.exec(link) ?? [];
  if (data === undefined) {
    throw new ImageProblem('image', 'The data URL is not an image');
  }
  return base64 ? Buffer.from(data, 'base64') : Buffer.from(decodeURIComponent(data), 'latin1');
}

async function download(url: URL): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { credentials: 'omit', signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (response.status === 200) {
      return new Uint8Array(await response.arrayBuffer());
    }
  } catch {
    // The service does not say why it could not read an image.
  }
  throw new ImageProblem('image', 'The image could not be downloaded');
}

function describeBytes(bytes: Uint8Array): string {
  try {
    const { width, height, type = '' } = imageSize(bytes);
    if (TYPES.has(type)) {
      return `${width}x${height} ${type.toUpperCase()}`;
    }
  } catch {
    // Said below.
  }
  throw new ImageProblem('image', 'The file is not an image');
}
