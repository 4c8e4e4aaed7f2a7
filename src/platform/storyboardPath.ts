import { parseSaveFolder } from './workspaceFiles';

/** What the names of storyboards end with. */
export const STORYBOARD_ENDING = '.storyboard.md';

/**
 * The path of a storyboard that the user typed, as the names of folders and file.
 *
 * @returns `undefined` for what is no name, or leads out of the folder
 */
export function parseStoryboardPath(text: string): string[] | undefined {
  const parts = parseSaveFolder(text);
  const name = parts?.at(-1);
  if (!parts || name === undefined || /[\\/]\s*$/.test(text)) {
    return undefined;
  }
  const whole = toStoryboardPath(name);
  return whole === STORYBOARD_ENDING ? undefined : [...parts.slice(0, -1), whole];
}

/** With the ending that makes a file a storyboard. */
export function toStoryboardPath(path: string): string {
  return path.endsWith(STORYBOARD_ENDING) ? path : path.replace(/(?:\.storyboard)?(?:\.md)?$/i, STORYBOARD_ENDING);
}
