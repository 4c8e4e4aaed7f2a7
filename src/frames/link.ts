import { parseUrl } from '../gateway/address';
import type { FrameDelivery, FrameImage } from './delivery';
import { FrameError } from './errors';

const MAX_LINK_CHARS = 8192;

/** A link that the gateway can open by itself; `undefined` for anything else. Credentials in it would be given away. */
export function parseFrameLink(text: string): string | undefined {
  const url = text.length <= MAX_LINK_CHARS ? parseUrl(text.trim()) : undefined;
  if (!url || url.username || url.password || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return undefined;
  }
  return url.href;
}

/** A frame that is a link and nothing else. */
export function imageOfLink(text: string): FrameImage {
  const href = parseFrameLink(text);
  if (href === undefined) {
    throw new FrameError('bad-link', {});
  }
  return { source: href, label: labelOf(href), link: href };
}

/** The image is on the web already. The documented way. */
export const link: FrameDelivery = {
  id: 'link',
  accepts: (image) => image.link !== undefined,
  prepare: (image) => {
    const href = image.link === undefined ? undefined : parseFrameLink(image.link);
    if (href === undefined) {
      return Promise.reject(new FrameError('bad-link', {}));
    }
    return Promise.resolve({ image: href, link: href, facts: image.file?.facts });
  },
};

/** The file's name in it, or the host. */
function labelOf(href: string): string {
  const { pathname, host } = new URL(href);
  const name = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name) || host;
  } catch {
    return name || host;
  }
}
