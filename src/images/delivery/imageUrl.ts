import { parseUrl } from '../../common/url';
import { ImageError } from '../imageError';
import { assertReachable } from './boundedFetch';
import type { ImageDelivery, SourceImage } from './types';

const MAX_LINK_CHARS = 8192;

/**
 * Parses an http(s) link. Returns `undefined` for anything else, and for links with credentials, which the service
 * would see.
 */
export function parseImageUrl(text: string): string | undefined {
  const url = text.length <= MAX_LINK_CHARS ? parseUrl(text.trim()) : undefined;
  if (!url || url.username || url.password || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return undefined;
  }
  return url.href;
}

/** Creates an image that has a link and no file. */
export function createImageFromUrl(text: string): SourceImage {
  const href = parseImageUrl(text);
  if (href === undefined) {
    throw new ImageError('bad-link', {});
  }
  return { source: href, label: getUrlLabel(href), link: href };
}

/** Passes on the link of an image that is on the web already: the method that the service documents. */
export const imageUrlDelivery: ImageDelivery = {
  id: 'link',
  accepts: (image) => image.link !== undefined,
  prepare: async (image, context) => {
    const href = image.link === undefined ? undefined : parseImageUrl(image.link);
    if (href === undefined) {
      throw new ImageError('bad-link', {});
    }
    await assertReachable(new URL(href), context);
    return { image: href, link: href, facts: image.file?.facts };
  },
};

/** Returns the file name in the URL, or its host. */
function getUrlLabel(href: string): string {
  const { pathname, host } = new URL(href);
  const name = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name) || host;
  } catch {
    return name || host;
  }
}
