import { Emitter } from '../common/events';

/** What “Copy as Markdown” has put on the clipboard, and the ids of its tasks. */
export interface CopiedVideos {
  text: string;
  ids: readonly string[];
}

let copied: CopiedVideos | undefined;
const didCopy = new Emitter<void>();
/** Fires with each “Copy as Markdown” of this window. */
export const onDidCopyVideos = didCopy.event;

/** Tells what is on the clipboard now: pasted, it is written as the document there wants it. */
export function noteCopiedVideos(videos: CopiedVideos): void {
  copied = videos;
  didCopy.fire();
}

/** What was copied last in this window; something else may be on the clipboard by now. */
export function getCopiedVideos(): CopiedVideos | undefined {
  return copied;
}
