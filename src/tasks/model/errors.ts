import { isDiskFull } from '../../common/fsErrors';
import type { TaskErrorKind } from './taskRecord';

/** The extension's own storage failed. Nothing that was announced is lost. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly kind:
      | 'disk-full'
      /** Cannot be written or read: permissions, a read-only disk, a broken one. */
      | 'storage'
      /** The record was removed, here or in another window. */
      | 'gone'
      /** The record belongs to a newer version of the extension and is left as it is. */
      | 'newer-format',
    options?: ErrorOptions,
  ) {
    super(options?.cause instanceof Error ? `${kind}: ${options.cause.message}` : kind, options);
  }

  static from(cause: unknown): StoreError {
    return cause instanceof StoreError ? cause : new StoreError(isDiskFull(cause) ? 'disk-full' : 'storage', { cause });
  }
}

/** There is no key to ask with. */
export class NoKeyError extends Error {
  override readonly name = 'NoKeyError';
}

/** A video could not be fetched this time. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  constructor(
    readonly kind: TaskErrorKind,
    /** `retryAfterMs`: the server asked to be left alone for so long. */
    readonly details: {
      status?: number | undefined;
      message?: string | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(details.message ?? kind, { cause: details.cause });
  }
}
