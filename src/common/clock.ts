import { uptime } from 'node:os';

/** Time as a parameter, so that tests and the simulation can use clocks of their own. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. Jumps when the user or the network sets it. */
  now(): number;
  /** Never goes backwards, milliseconds from an arbitrary start. For intervals. */
  monotonic(): number;
  /** Milliseconds since the machine was started, the same in all its processes. Its accuracy is a second or so. */
  uptime(): number;
  /** The timer does not keep the process alive. */
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1000,
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clock.clearTimeout(handle);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const handle = clock.setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** A number in [0, 1), like `Math.random`. */
export type Random = () => number;
