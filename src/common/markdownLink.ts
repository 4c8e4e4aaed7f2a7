/** Links as Markdown writes them. */

/** @param target a path, relative or not, with `/` and not encoded */
export function formatLink(title: string, target: string): string {
  return `[${escapeLabel(title)}](${encodePath(target)})`;
}

/** Letters of all languages stay readable. What ends a link, or means something in one, is encoded. */
export function encodePath(target: string): string {
  // A name with a colon before the first slash would be a scheme.
  const relative = /^[^/]*:/.test(target) ? `./${target}` : target;
  return relative
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/[\p{Cc}\s%?#<>[\]{}"`\\^|&]/gu, encodeURIComponent)
    .replace(/['()]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

/** A prompt may have been written to be more than text: nothing of it is a mark. */
function escapeLabel(text: string): string {
  return text.replace(/[\\`*_[\]<>&!|~$#{}]/g, '\\$&');
}
