/** Which URLs requests may go to. The key is sent to one origin only, and only over an encrypted connection. */

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Like `URL.parse`, which came with Node 22.1; the oldest supported VS Code has Node 20. */
export function parseUrl(text: string, base?: URL): URL | undefined {
  return URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
}

export function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname);
}

/**
 * Parses the base URL of the service from the setting `seedance.apiBaseUrl`.
 *
 * @returns a URL whose path does not end in a slash; `undefined` for anything but https, or http to a loopback address
 * (tests, a local proxy), as the key would be sent in the clear
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
