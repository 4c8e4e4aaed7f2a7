/** The last frame of a video could not be taken. Nothing was sent. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  constructor(
    readonly kind:
      /** There is no local copy, and the video could not be fetched; `cause` says why. */
      | 'no-copy'
      /** VS Code cannot decode the video. */
      | 'cannot-play'
      /** The page that draws it did not load, or was closed before it was done. */
      | 'no-page'
      /** The page does not answer: it is hidden, or the machine is busy. */
      | 'timeout',
    options?: ErrorOptions,
  ) {
    super(options?.cause instanceof Error ? `${kind}: ${options.cause.message}` : kind, options);
  }
}
