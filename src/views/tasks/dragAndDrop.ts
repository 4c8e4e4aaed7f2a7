import * as vscode from 'vscode';
import type { ImageArgument } from '../../platform/imageFile';

/**
 * What was dropped onto the tasks: rows of the explorer, tabs, a picture of a web page, files of the system's own
 * windows. In a browser those have no address: then it is their bytes. It can be read only while it is dropped.
 */
export async function readDroppedImages(data: vscode.DataTransfer): Promise<ImageArgument[]> {
  const pictures = readUriList((await data.get('text/uri-list')?.asString()) ?? '');
  if (pictures.length > 0) {
    return pictures;
  }
  const files = [...data].flatMap(([, item]) => item.asFile() ?? []);
  return Promise.all(
    files.map(async (file) => ({ picture: file.uri ?? (await file.data()), label: getDroppedLabel(file.name) })),
  );
}

/** Longer ones lead nowhere; a `data:` URL of an image is one. */
const MAX_URI_CHARS = 8_192;

/** RFC 2483: one address a line, comments begin with `#`. */
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
