/** Why an image cannot be a first frame. The words are made in `platform/frameText.ts`. */
export type ImageErrorKind =
  | 'empty'
  | 'too-many-bytes'
  /** None of the formats that the service takes, whatever the file's name says. */
  | 'not-an-image'
  /** The beginning is right, and no size can be found. */
  | 'damaged'
  | 'side-too-short'
  | 'side-too-long'
  | 'ratio'
  /** Gone, a folder, or no permission. */
  | 'unreadable'
  /** A symbolic link inside the workspace that leads to a file outside of it: whoever made the workspace chose that file. */
  | 'leads-outside'
  /** Not an http(s) link that the service could open. */
  | 'bad-link';

export interface ImageErrorFacts {
  bytes?: number;
  width?: number;
  height?: number;
  /** It would be fit if it were smaller or of another shape, but no page of ours can draw it. */
  isTiff?: boolean;
  /** Where the file really is. */
  path?: string;
  cause?: unknown;
}

export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly kind: ImageErrorKind,
    readonly facts: ImageErrorFacts,
  ) {
    super(`first frame: ${kind}`, facts.cause === undefined ? undefined : { cause: facts.cause });
  }
}
