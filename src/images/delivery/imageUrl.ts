import { parseUrl } from '../../common/url';
import type { ImageDelivery, SourceImage } from './deliver';
import { ImageError } from '../imageError';

const MAX_LINK_CHARS = 8192;

/** A link that the service can open by itself; `undefined` for anything else. Credentials in it would be given away. */
export function parseImageUrl(text: string): string | undefined {
  const url = text.length <= MAX_LINK_CHARS ? parseUrl(text.trim()) : undefined;
  if (!url || url.username || url.password || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return undefined;
  }
  return url.href;
}

/** A frame that is a link and nothing else. */
export function createImageFromUrl(text: string): SourceImage {
  const href = parseImageUrl(text);
  if (href === undefined) {
    throw new ImageError('bad-link', {});
  }
  return { source: href, label: getUrlLabel(href), link: href };
}

/** The image is on the web already. The documented way. */
export const imageUrlDelivery: ImageDelivery = {
  id: 'link',
  accepts: (image) => image.link !== undefined,
  prepare: (image) => {
    const href = image.link === undefined ? undefined : parseImageUrl(image.link);
    if (href === undefined) {
      return Promise.reject(new ImageError('bad-link', {}));
    }
    return Promise.resolve({ image: href, link: href, facts: image.file?.facts });
  },
};

/** The file's name in it, or the host. */
function getUrlLabel(href: string): string {
  const { pathname, host } = new URL(href);
  const name = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name) || host;
  } catch {
    return name || host;
  }
}
