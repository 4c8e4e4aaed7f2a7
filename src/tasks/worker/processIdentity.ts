import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';

/**
 * Identifies the extension host process of a window. Written to what only a running process may own, so that another
 * process can tell an owner that has ended from one that is slow.
 */
export interface ProcessIdentity {
  readonly name: string;
  /** `false` only when it is certain that the process behind `name` has ended. */
  isPossiblyAlive(name: string): boolean;
}

/** Returns the identity of this process; another one with each call, so call it once. */
export function getProcessIdentity(): ProcessIdentity {
  const host = hostname();
  const name = `${host}:${process.pid}:${randomBytes(6).toString('hex')}`;
  return {
    name,
    isPossiblyAlive(other) {
      const [otherHost, pid] = other.split(':');
      // The storage may be on a disk that several machines share. Processes of other machines cannot be checked.
      if (otherHost !== host || !/^\d+$/.test(pid ?? '')) {
        return true;
      }
      if (Number(pid) === process.pid) {
        return other === name;
      }
      try {
        process.kill(Number(pid), 0);
        return true;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM';
      }
    },
  };
}
