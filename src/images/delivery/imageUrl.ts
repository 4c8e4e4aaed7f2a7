import { parseUrl } from '../../common/url';
import { ImageError } from '../imageError';
import { assertReachable } from './boundedFetch';
import { findImagePage } from './imagePage';
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

/** @throws {ImageError} `page-link` for what opens a web page about an image, as far as its address shows */
export function assertNoPage(href: string): void {
  const page = findImagePage(href);
  if (page) {
    throw new ImageError('page-link', { link: page.raw });
  }
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
    assertNoPage(href);
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
