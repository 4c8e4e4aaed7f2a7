import { readImageContent } from '../delivery/content';
import type { DeliveryContext, SourceImage } from '../delivery/deliver';
import { DeliveryError } from '../delivery/deliveryError';
import { fetchAnonymously } from '../delivery/boundedFetch';
import { findPublishedCommits } from './gitObjects';
import { KNOWN_RAW_URLS, getRawUrl, type RawUrlTemplates } from './rawUrls';

/**
 * A link under which a file is on the web already, because it is committed, unchanged and pushed to a public
 * repository. Tried before it is given: read as the service would read it, it is this very image. So a private
 * repository, a pointer of Git LFS or a stale branch give none.
 *
 * @param path of the file on disk
 * @param rawLinks further hosts, or other links for known ones
 */
export async function findPublishedUrl(
  image: SourceImage,
  path: string,
  git: string,
  rawLinks: RawUrlTemplates,
  { fetch, base }: Pick<DeliveryContext, 'fetch' | 'base'>,
): Promise<string | undefined> {
  const { bytes } = await readImageContent(image);
  const table = { ...KNOWN_RAW_URLS, ...rawLinks };
  for (const { remote, commit, path: inRepository } of await findPublishedCommits(path, bytes, git)) {
    const link = getRawUrl(remote, commit, inRepository, table, base);
    if (link !== undefined && (await isThere(link))) {
      return link;
    }
  }
  return undefined;

  async function isThere(link: string): Promise<boolean> {
    try {
      return (await fetchAnonymously(fetch, base, link, bytes.length)).equals(bytes);
    } catch (error) {
      if (error instanceof DeliveryError) {
        return false;
      }
      throw error;
    }
  }
}
