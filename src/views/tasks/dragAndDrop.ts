import * as vscode from 'vscode';
import type { ImageArgument } from '../../platform/imageFile';

/**
 * Reads images that were dropped onto the tree: files of the explorer, tabs, images of web pages, files of the system's
 * file manager. In a browser the latter have no URI, so their bytes are read. The data can only be read during the drop.
 */
export async function readDroppedImages(data: vscode.DataTransfer): Promise<ImageArgument[]> {
  const listed = readUriList((await data.get('text/uri-list')?.asString()) ?? '');
  if (listed.length > 0) {
    return listed;
  }
  const files = [...data].flatMap(([, item]) => item.asFile() ?? []);
  return Promise.all(
    files.map(async (file) => ({ picture: file.uri ?? (await file.data()), label: getDroppedLabel(file.name) })),
  );
}

/** Longer URIs are ignored: they are `data:` URLs. */
const MAX_URI_CHARS = 8_192;

/** Reads a list of URIs (RFC 2483): one per line, comments begin with `#`. */
function readUriList(list: string): ImageArgument[] {
  const lines = new Set(list.split(/[\r\n]+/).map((line) => line.trim()));
  return [...lines].flatMap((line) => {
    if (line.length > MAX_URI_CHARS || !/^[a-z][a-z0-9+.-]*:/i.test(line)) {
      return [];
    }
    const uri = vscode.Uri.parse(line);
    return [{ picture: /^https?:/i.test(line) ? line : uri, label: getDroppedLabel(uri.path) }];
  });
}

function getDroppedLabel(path: string): string {
  return (path.split('/').at(-1) || path || '?').slice(0, 200);
}
