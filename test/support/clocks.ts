/** All clocks of the tests: virtual, stopped, fast and manual. */
import type { Clock } from '../../src/common/clock';
import { nap, settled } from './recordingFetch';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** 2026-05-20 12:00 UTC. */
const START_MS = Date.UTC(2026, 4, 20, 12);
const MINUTE_MS = 60_000;
const MAX_NAPS = 2_000;

/**
 * A clock that stands still while disk or network requests are in flight, and otherwise jumps to the next timer. So a
 * test of hours takes milliseconds, and no response is late because the machine is slow.
 */
export class VirtualClock implements Clock {
  readonly #timers = new Map<number, Timer>();
  readonly #settled: () => Promise<void>;
  #monotonic = 0;
  #wallAhead = START_MS;
  #lastHandle = 0;

  /** @param settled resolves when no disk or network request is in flight */
  constructor(settled: () => Promise<void>) {
    this.#settled = settled;
  }

  now(): number {
    return Math.floor(this.#wallAhead + this.#monotonic);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  uptime(): number {
    return this.#monotonic;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const handle = ++this.#lastHandle;
    this.#timers.set(handle, { at: this.#monotonic + Math.max(0, ms), callback });
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  /** Number of pending timers, of everything that shares this clock. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Changes the wall clock only, as when the user sets it. */
  jump(ms: number): void {
    this.#wallAhead += ms;
  }

  /** Moves both clocks without running timers, as when the machine sleeps. */
  freeze(ms: number): void {
    this.#monotonic += ms;
  }

  /** Waits for requests in flight, without letting time pass. */
  settle(): Promise<void> {
    return this.#settled();
  }

  /**
   * Lets time pass until `condition` holds.
   *
   * @throws when it does not hold after `limitMs`, or when nothing is left that could bring it about
   */
  async until(condition: () => boolean, what = 'what the test waits for', limitMs = 30 * MINUTE_MS): Promise<void> {
    const limit = this.#monotonic + limitMs;
    for (;;) {
      await this.#settled();
      if (condition()) {
        return;
      }
      // A module that is being loaded is neither disk nor network to us.
      for (let naps = 0; this.#timers.size === 0 && naps < MAX_NAPS && !condition(); naps++) {
        await nap();
      }
      if (this.#timers.size === 0 && condition()) {
        return;
      }
      if (!this.#step(limit)) {
        throw new Error(`${what}: has not come about in ${limitMs / 1000} s, ${this.#timers.size} timers left`);
      }
    }
  }

  /** Lets this much time pass. */
  async pass(ms: number): Promise<void> {
    const limit = this.#monotonic + ms;
    do {
      await this.#settled();
    } while (this.#step(limit));
    this.#monotonic = limit;
    await this.#settled();
  }

  /** Goes to the next timer and runs it, with all that are due at the same time. */
  #step(limit: number): boolean {
    const next = Math.min(...[...this.#timers.values()].map(({ at }) => at));
    if (next > limit) {
      return false;
    }
    this.#monotonic = Math.max(this.#monotonic, next);
    const due = [...this.#timers]
      .filter(([, { at }]) => at <= this.#monotonic)
      .sort(([a, x], [b, y]) => x.at - y.at || a - b);
    for (const [handle, { callback }] of due) {
      // One that ran before may have cleared it.
      if (this.#timers.delete(handle)) {
        callback();
      }
    }
    return due.length > 0;
  }
}

/** A virtual clock that shows the current time and does not move, so that no timer fires. */
export function stoppedClock(): VirtualClock {
  const clock = new VirtualClock(settled);
  clock.jump(Date.now() - clock.now());
  return clock;
}

/** A clock that runs faster than real time. Processes that get the same start show the same time. */
export class FastClock implements Clock {
  readonly #speed: number;
  readonly #startedAt: number;

  constructor({ speed, startedAt }: { speed: number; startedAt: number }) {
    this.#speed = speed;
    this.#startedAt = startedAt;
  }

  now(): number {
    return this.#startedAt + (Date.now() - this.#startedAt) * this.#speed;
  }

  monotonic(): number {
    return performance.now() * this.#speed;
  }

  uptime(): number {
    return this.now() - this.#startedAt;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    return setTimeout(callback, ms / this.#speed).unref();
  }

  clearTimeout(handle: unknown): void {
    clearTimeout(handle as NodeJS.Timeout);
  }
}

export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Number of pending timers. */
  readonly armed: number;
  /** Milliseconds until the first of them is due. */
  readonly nextMs: number;
}

/** A clock that only moves when a test calls `advance`. */
export function createManualClock(start: number): ManualClock {
  let now = start;
  let nextHandle = 0;
  const timers = new Map<number, { at: number; ring: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    uptime: () => now,
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
