/** What “Copy as Markdown” has put on the clipboard, and the ids of its tasks. */
export interface CopiedVideos {
  text: string;
  ids: readonly string[];
}

let copied: CopiedVideos | undefined;

/** Tells what is on the clipboard now: pasted, it is written as the document there wants it. */
export function noteCopiedVideos(videos: CopiedVideos): void {
  copied = videos;
}

/** What was copied last in this window; something else may be on the clipboard by now. */
export function getCopiedVideos(): CopiedVideos | undefined {
  return copied;
}
