import { isDiskFull } from '../../common/fsErrors';
import type { TaskErrorKind } from './taskRecord';

/** The extension's storage failed. No change that was reported before is lost. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly kind:
      | 'disk-full'
      /** Cannot be written or read: permissions, a read-only or a broken disk. */
      | 'storage'
      /** The record was removed, here or in another window. */
      | 'gone'
      /** The record was written by a newer version of the extension and is not changed. */
      | 'newer-format',
    options?: ErrorOptions,
  ) {
    super(options?.cause instanceof Error ? `${kind}: ${options.cause.message}` : kind, options);
  }

  static from(cause: unknown): StoreError {
    return cause instanceof StoreError ? cause : new StoreError(isDiskFull(cause) ? 'disk-full' : 'storage', { cause });
  }
}

/** The user has not set an API key. */
export class NoKeyError extends Error {
  override readonly name = 'NoKeyError';
}

/** An attempt to download a video failed. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  constructor(
    readonly kind: TaskErrorKind,
    /**
     * `retryAfterMs`: how long the server asked to wait. `answer`: the beginning of a text that came in place of a video.
     * Hostile until cleaned.
     */
    readonly details: {
      status?: number | undefined;
      message?: string | undefined;
      answer?: string | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(details.message ?? kind, { cause: details.cause });
  }
}
