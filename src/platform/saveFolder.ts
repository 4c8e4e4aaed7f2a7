/**
 * The setting `saveFolder`, which a workspace may bring with it: its folders, from the workspace folder down.
 *
 * `undefined` for everything that could lead out of the workspace folder on any system: absolute paths, `..`
 * (Windows also takes `.. ` for it), drives and streams, control characters. Links on the disk are checked
 * where the folder is made.
 */
export function parseSaveFolder(text: string): string[] | undefined {
  const trimmed = text.trim();
  if (/^[\\/]|[:*?"<>|\u0000-\u001f\u007f]/.test(trimmed)) {
    return undefined;
  }
  const folders: string[] = [];
  for (const part of trimmed.split(/[\\/]+/)) {
    if (part === '' || part === '.') {
      continue;
    }
    if (/[. ]$/.test(part)) {
      return undefined;
    }
    folders.push(part);
  }
  return folders;
}
