/** What reading comes to while a disk or a network is in trouble, or too much is open. */
export const PASSING_ERRORS = ['EIO', 'EBUSY', 'EACCES', 'EMFILE', 'ESTALE', 'EPERM'] as const;
/** What disks without hard links answer. */
export const NO_LINK_ERRORS = ['ENOTSUP', 'EPERM', 'ENOSYS', 'EISDIR', 'EMLINK', 'EXDEV', 'EACCES', 'EINVAL'] as const;
/** What disks answer that cannot flush. */
export const FLUSH_ERRORS = ['EINVAL', 'ENOTSUP', 'EPERM', 'EBADF', 'EISDIR'] as const;
