import { isPubliclyReachable } from './address';
import { isLoopback, parseUrl } from './url';

/**
 * A link to a result file as the service gave it; `undefined` when it is not one that we fetch.
 *
 * Hosts vary (seen), so none is required. The answer is hostile until checked: only https, no credentials in it, no
 * address of this computer or its network; plain http only to loopback and only when the service itself is there.
 */
export function parseResultUrl(text: string, base: URL): URL | undefined {
  const url = parseUrl(text);
  if (!url || url.username || url.password) {
    return undefined;
  }
  const ok = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url) && isLoopback(base));
  return ok && isPubliclyReachable(url, base) ? url : undefined;
}

/**
 * Records come from the disk, and may have been imported: a link in them is checked like one from the service.
 *
 * @param base the URL of the API, if the setting has one
 */
export function getPlayableLink(text: string, base: URL | undefined): string | undefined {
  const url = parseUrl(text);
  if (!url || url.username || url.password || !isPubliclyReachable(url, base)) {
    return undefined;
  }
  return url.protocol === 'https:' || (url.protocol === 'http:' && isPlayableLoopback(url)) ? url.href : undefined;
}

/** Not `[::1]`: a page's policy cannot name it, so it could not be played. */
export function isPlayableLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1';
}

/**
 * Whether the URI of an image may be opened without a click, or for a task that came from elsewhere: a plain file of
 * this computer. The address of a share would be called over the network, on Windows with the user's name and
 * password; another scheme belongs to an extension that does whatever it likes with it.
 */
export function isLocalFile(uri: string): boolean {
  try {
    const path = decodeURIComponent(uri);
    return /^file:\/\/\/[^/]/i.test(path) && !path.includes('\\');
  } catch {
    return false;
  }
}
