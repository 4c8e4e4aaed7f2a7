import type { Clock } from '../../src/common/clock';

export interface FakeClock extends Clock {
  advance(ms: number): void;
  /** Timers that wait. */
  readonly armed: number;
  /** In how many milliseconds the first of them rings. */
  readonly nextMs: number;
}

/** A clock that stands still until it is told to go on. */
export function withFakeTimers(start: number): FakeClock {
  let now = start;
  let nextHandle = 0;
  const timers = new Map<number, { at: number; ring: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    setTimeout: (ring, ms) => {
      timers.set(++nextHandle, { at: now + ms, ring });
      return nextHandle;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    advance: (ms) => {
      now += ms;
      for (const [handle, { at, ring }] of [...timers]) {
        if (at <= now) {
          timers.delete(handle);
          ring();
        }
      }
    },
    get armed() {
      return timers.size;
    },
    get nextMs() {
      return Math.min(...[...timers.values()].map(({ at }) => at - now));
    },
  };
}
