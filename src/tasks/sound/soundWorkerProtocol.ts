/** What the worker thread that decodes one sound is given, and what it answers. */

export interface SoundJob {
  /** Paths of the video, and of the decoder as brotli-compressed WebAssembly. */
  video: string;
  decoder: string;
}

export type SoundAnswer =
  /** A whole WAV file. */
  | { wav: Uint8Array<ArrayBuffer> }
  /** Why there is none, for the log. */
  | { problem: string };
