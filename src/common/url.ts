/** Where requests may go. The key goes to one origin, and only over a connection that nobody can read. */

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** `URL.parse` came with Node 22.1; the oldest VS Code that we run in has Node 20. */
export function parseUrl(text: string, base?: URL): URL | undefined {
  return URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
}

export function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname);
}

/**
 * The base URL of the service from the setting `seedance.apiBaseUrl`.
 *
 * Gives `undefined` for anything but https, or http to a loopback address (tests, a local proxy):
 * the key would travel in the clear. The path never ends in a slash.
 */
export function parseBaseUrl(text: string): URL | undefined {
  const url = parseUrl(text.trim());
  if (!url || url.username || url.password || url.search || url.hash) {
    return undefined;
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    return undefined;
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/**
 * A link to a result file as the service gave it; `undefined` when it is not one that we fetch.
 *
 * Hosts vary (seen), so none is required. The answer is hostile until checked: only https, no
 * credentials in it; plain http only to loopback and only when the service itself is there.
 */
export function parseResultUrl(text: string, base: URL): URL | undefined {
  const url = parseUrl(text);
  if (!url || url.username || url.password) {
    return undefined;
  }
  const ok = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url) && isLoopback(base));
  return ok ? url : undefined;
}

/** Records come from the disk: a link in them is checked like one from the service. */
export function getPlayableLink(url: string): string | undefined {
  const link = parseUrl(url);
  const ok = link?.protocol === 'https:' || (link?.protocol === 'http:' && isPlayableLoopback(link));
  return ok ? link?.href : undefined;
}

/** Not `[::1]`: a page's policy cannot name it, so it could not be played. */
export function isPlayableLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1';
}
