/** Why an image cannot be a first frame. User-facing text lives in `messages/imageErrors.ts`. */
export type ImageErrorKind =
  | 'empty'
  | 'too-many-bytes'
  /** By its content, none of the formats that the service accepts. */
  | 'not-an-image'
  /** Begins like an image, but Chromium would not draw it: a part is missing, or it is of a rare kind. */
  | 'damaged'
  | 'side-too-short'
  | 'side-too-long'
  | 'ratio'
  /** Deleted, a folder, or no permission. */
  | 'unreadable'
  /**
   * A symbolic link in the workspace, or beside the document that names it, that leads out of it: the author of the
   * workspace or the document, not the user, chose that file.
   */
  | 'leads-outside'
  /** Not an http(s) link that the service can open. */
  | 'bad-link'
  /** The link opens a web page about the image; `link` is that of the image itself, where it is known. */
  | 'page-link'
  /** The link held a signature or a key, so it was not kept with the task. */
  | 'secret-link';

/** Details of an image error, for its message. */
export interface ImageErrorFacts {
  bytes?: number;
  width?: number;
  height?: number;
  /** Cropping or scaling would fix it, but Chromium, which our webviews run in, cannot decode TIFF. */
  isTiff?: boolean;
  /** Name of an image format that the service does not take, such as HEIC. */
  format?: string | undefined;
  /** Real path of the file. */
  path?: string;
  /** A document names the file, so it might also be in that one's folder. */
  isNamed?: boolean;
  link?: string | undefined;
  cause?: unknown;
}

/** An image cannot be used as a first frame. Thrown before anything is sent to the API. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly kind: ImageErrorKind,
    readonly facts: ImageErrorFacts,
  ) {
    super(`first frame: ${kind}`, facts.cause === undefined ? undefined : { cause: facts.cause });
  }
}
