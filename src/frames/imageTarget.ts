import { imageOfLink, parseFrameLink } from './link';

/** What a reference to an image leads to. */
export type ImageTarget =
  | { kind: 'link'; href: string; label: string }
  | { kind: 'data'; bytes: Uint8Array }
  | { kind: 'file'; uri: string }
  /** With `/` between its parts and its escapes taken out; it may lead anywhere. */
  | { kind: 'path'; path: string; isFromRoot: boolean };

const DATA_IMAGE = /^data:image\/[a-z0-9.+-]{1,40};base64,/i;
/** Two letters at least: one is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * @param target as a Markdown or HTML text has it
 * @returns `undefined` for what is no image: a command, a script, a link with a password
 */
export function parseImageTarget(target: string): ImageTarget | undefined {
  const data = DATA_IMAGE.exec(target.slice(0, 100));
  if (data) {
    const bytes = Buffer.from(target.slice(data[0].length), 'base64');
    return bytes.length === 0 ? undefined : { kind: 'data', bytes };
  }
  const text = target.startsWith('//') ? `https:${target}` : target;
  const scheme = SCHEME.exec(text)?.[0].toLowerCase();
  switch (scheme) {
    case undefined:
      return pathOf(text);
    case 'http:':
    case 'https:': {
      const href = parseFrameLink(text);
      return href === undefined ? undefined : { kind: 'link', href, label: imageOfLink(href).label };
    }
    case 'file:':
      return { kind: 'file', uri: text };
    default:
      return undefined;
  }
}

function pathOf(text: string): ImageTarget | undefined {
  const [encoded = ''] = text.split(/[?#]/, 1);
  const path = decoded(encoded).replaceAll('\\', '/');
  return path === '' || path.includes('\0') ? undefined : { kind: 'path', path, isFromRoot: path.startsWith('/') };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A per cent sign that is one.
    return path;
  }
}
