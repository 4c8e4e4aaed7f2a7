/** Whether the disk, or the user's quota on it, is full. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(getErrorCode(error) ?? '');
}

/**
 * Whether an error says that there is nothing at a path. No other error does: a disk that fails for a moment, a share
 * that is offline and a folder that we may not read say nothing about their files.
 */
export function isNotFound(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(getErrorCode(error) ?? '');
}

/** Other file systems of VS Code wrap the error and leave its code in the message. */
export function isNameTooLong(error: unknown): boolean {
  return getErrorCode(error) === 'ENAMETOOLONG' || (error instanceof Error && /\bENAMETOOLONG\b/.test(error.message));
}

/**
 * What a disk answers that cannot flush a file or a folder: EINVAL and ENOTSUP from network and shared folders, EPERM
 * and EACCES where a folder may be written in and not opened, EISDIR and EBADF where folders cannot be opened at all.
 */
const CANNOT_FLUSH = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'ENOTTY',
  'EPERM',
  'EACCES',
  'EBADF',
  'EISDIR',
]);

/** Whether the disk does not flush at all, so that nothing is wrong with what was written. */
export function isFlushUnsupported(error: unknown): boolean {
  return CANNOT_FLUSH.has(getErrorCode(error) ?? '');
}

/** Errors that come and go with the load of the machine or the network, and say nothing about the file. */
const PASSING = new Set([
  'EIO',
  'EBUSY',
  'EMFILE',
  'ENFILE',
  'ESTALE',
  'EAGAIN',
  'EINTR',
  'ETIMEDOUT',
  'ENOMEM',
  'ENOBUFS',
]);

/** Whether the same call may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(getErrorCode(error) ?? '');
}

/** The `code` of a system error, such as `ENOENT`. */
export function getErrorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
