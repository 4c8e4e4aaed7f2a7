import type { Clock } from '../../src/common/clock';
import { nap } from './recordingFetch';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** 2026-05-20 12:00 UTC. */
const START_MS = Date.UTC(2026, 4, 20, 12);
const MINUTE_MS = 60_000;
const MAX_NAPS = 2_000;

/**
 * A clock that stands still while anything real is under way (disk, network), and jumps to the next timer
 * when nothing is. So a test of hours takes milliseconds, and no answer is late because the machine is slow.
 */
export class VirtualClock implements Clock {
  readonly #timers = new Map<number, Timer>();
  readonly #settled: () => Promise<void>;
  #monotonic = 0;
  #wallAhead = START_MS;
  #lastHandle = 0;

  /** @param settled resolves when nothing real is under way any more */
  constructor(settled: () => Promise<void>) {
    this.#settled = settled;
  }

  now(): number {
    return Math.floor(this.#wallAhead + this.#monotonic);
  }

  monotonic(): number {
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

  /** Timers that wait, those of everyone who shares this clock. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Someone sets the wall clock. */
  jump(ms: number): void {
    this.#wallAhead += ms;
  }

  /** The machine sleeps: both clocks go on, and nobody runs. */
  freeze(ms: number): void {
    this.#monotonic += ms;
  }

  /** Lets what is under way end, without letting time pass. */
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
