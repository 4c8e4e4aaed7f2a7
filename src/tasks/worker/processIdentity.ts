import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';

/**
 * Who is at work: a window's extension host. Written beside what only a living process may hold, so
 * that another one can tell a dead owner from a slow one.
 */
export interface ProcessIdentity {
  readonly name: string;
  /** `false` only when it is certain that the process behind `name` has ended. */
  isPossiblyAlive(name: string): boolean;
}

export function getProcessIdentity(): ProcessIdentity {
  const host = hostname();
  const name = `${host}:${process.pid}:${randomBytes(6).toString('hex')}`;
  return {
    name,
    isPossiblyAlive(other) {
      const [otherHost, pid] = other.split(':');
      // The storage may be on a disk that several machines share: of theirs we cannot know.
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
