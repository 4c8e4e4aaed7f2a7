import { readContent } from './content';
import type { DeliveryMeans, FrameImage } from './delivery';
import { DeliveryError } from './deliveryError';
import { readAsService } from './exchange';
import { publicationsOf } from './git';
import { KNOWN_RAW_LINKS, rawLinkOf, type RawLinks } from './rawLinks';

/**
 * A link under which a file is on the web already, because it is committed, unchanged and pushed to a public
 * repository. Tried before it is given: read as the service would read it, it is this very image. So a private
 * repository, a pointer of Git LFS or a stale branch give none.
 *
 * @param path of the file on disk
 * @param rawLinks further hosts, or other links for known ones
 */
export async function publishedLink(
  image: FrameImage,
  path: string,
  git: string,
  rawLinks: RawLinks,
  { fetch, base }: Pick<DeliveryMeans, 'fetch' | 'base'>,
): Promise<string | undefined> {
  const { bytes } = await readContent(image);
  const table = { ...KNOWN_RAW_LINKS, ...rawLinks };
  for (const { remote, commit, path: inRepository } of await publicationsOf(path, bytes, git)) {
    const link = rawLinkOf(remote, commit, inRepository, table, base);
    if (link !== undefined && (await isThere(link))) {
      return link;
    }
  }
  return undefined;

  async function isThere(link: string): Promise<boolean> {
    try {
      return (await readAsService(fetch, base, link, bytes.length)).equals(bytes);
    } catch (error) {
      if (error instanceof DeliveryError) {
        return false;
      }
      throw error;
    }
  }
}
