import { readImageContent } from '../delivery/content';
import { DeliveryError } from '../delivery/deliveryError';
import { fetchAnonymously } from '../delivery/boundedFetch';
import type { DeliveryContext, SourceImage } from '../delivery/types';
import { findPublishedCommits } from './gitObjects';
import { readSshHosts } from './sshHosts';
import { KNOWN_RAW_URLS, getRawUrl, type RawUrlTemplates } from './rawUrls';

/**
 * Finds a link to a file that is committed, unchanged and pushed to a public repository. Each link is read as the
 * service would read it and returned only if it gives the same bytes. So private repositories, Git LFS pointers and
 * stale branches give none.
 *
 * @param path of the file on disk
 * @param rawLinks templates for further hosts, or other templates for known ones
 */
export async function findPublishedUrl(
  image: SourceImage,
  path: string,
  git: string,
  rawLinks: RawUrlTemplates,
  context: Pick<DeliveryContext, 'fetch' | 'base' | 'lookUp'>,
): Promise<string | undefined> {
  const { bytes } = await readImageContent(image);
  const table = { ...KNOWN_RAW_URLS, ...rawLinks };
  const resolveHost = await readSshHosts();
  for (const { remote, commit, path: inRepository } of await findPublishedCommits(path, bytes, git)) {
    const link = getRawUrl(remote, commit, inRepository, table, context.base, resolveHost);
    if (link !== undefined && (await givesImage(link))) {
      return link;
    }
  }
  return undefined;

  async function givesImage(link: string): Promise<boolean> {
    try {
      return (await fetchAnonymously(context, link, bytes.length)).equals(bytes);
    } catch (error) {
      if (error instanceof DeliveryError) {
        return false;
      }
      throw error;
    }
  }
}
