import * as vscode from 'vscode';
import { parseDataImage } from '../../images/dataImage';
import { isImageName } from '../../images/imageNames';
import type { ImageArgument } from '../../platform/imageFile';

/**
 * Reads images that were dropped onto the tree: files of the explorer, tabs, images of web pages, files of the system's
 * file manager. In a browser the latter have no URI, so their bytes are read. The data can only be read during the drop.
 */
export async function readDroppedImages(data: vscode.DataTransfer): Promise<ImageArgument[]> {
  // All is asked for before the first wait, as the data is gone after the drop.
  const files = [...data].flatMap(([type, item]) => {
    const file = item.asFile();
    return file ? [{ file, isImage: /^image\//i.test(type) || isImageName(file.name) }] : [];
  });
  const [list = '', html = ''] = await Promise.all([
    data.get('text/uri-list')?.asString(),
    data.get('text/html')?.asString(),
  ]);
  const listed = readUriList(list);
  const isOfWeb = listed.every(({ picture }) => typeof picture === 'string');
  // An image of a web page comes with its link, its page and, mostly, its bytes: these are what the user sees.
  const images = isOfWeb ? files.filter(({ isImage }) => isImage) : [];
  const isBytes = images.length > 0 && images.length >= listed.length;
  if (listed.length > 0 && !isBytes) {
    return listed.some(({ picture }) => picture instanceof vscode.Uri) ? listed : (readInlined(html) ?? listed);
  }
  const read = await Promise.all(
    (isBytes ? images : files).map(async ({ file }) => ({
      picture: file.uri ?? (await file.data()),
      label: getDroppedLabel(file.name),
    })),
  );
  // Where the browser hands out no bytes, the file is empty.
  const isWhole = read.every(({ picture }) => picture instanceof vscode.Uri || picture.length > 0);
  return read.length > 0 && isWhole
    ? read
    : listed.length > 0
      ? listed
      : (readInlined(list) ?? readInlined(html) ?? readLinked(html) ?? read);
}

const MAX_INLINED_CHARS = 45 * 1024 * 1024;

/** An image whose address is its content. */
function readInlined(text: string): ImageArgument[] | undefined {
  const start = text.length <= MAX_INLINED_CHARS ? text.search(/data:image\//i) : -1;
  const url = start < 0 ? '' : (/^[^\s"'<>]*/.exec(text.slice(start))?.[0] ?? '');
  const bytes = parseDataImage(url);
  return bytes && [{ picture: bytes, label: getDroppedLabel('image') }];
}

/** The link of an image in HTML: mail programs and documents hand out nothing else. */
function readLinked(html: string): ImageArgument[] | undefined {
  const tag = /<img\s[^<>]*/i.exec(html.slice(0, MAX_INLINED_CHARS))?.[0] ?? '';
  const link = /\ssrc\s*=\s*["']?(https?:[^"'\s]+)/i.exec(tag.slice(0, 2 * MAX_URI_CHARS))?.[1];
  return link === undefined ? undefined : readUriList(link.replaceAll('&amp;', '&'));
}

/** Longer URIs are ignored: they are `data:` URLs. */
const MAX_URI_CHARS = 8_192;

/** Reads a list of URIs (RFC 2483): one per line, comments begin with `#`. */
function readUriList(list: string): ImageArgument[] {
  const lines = new Set(list.split(/[\r\n]+/).map((line) => line.trim()));
  return [...lines].flatMap((line) => {
    if (line.length > MAX_URI_CHARS || !/^(?!data:)[a-z][a-z0-9+.-]*:/i.test(line)) {
      return [];
    }
    const uri = vscode.Uri.parse(line);
    return [{ picture: /^https?:/i.test(line) ? line : uri, label: getDroppedLabel(uri.path) }];
  });
}

function getDroppedLabel(path: string): string {
  return (path.split('/').at(-1) || path || '?').slice(0, 200);
}
