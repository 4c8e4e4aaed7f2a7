import type { Clock } from '../../../src/tasks/clock';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands until a test moves it. */
export class ManualClock implements Clock {
  #monotonic = 1_000;
  #wall: number;
  readonly #timers = new Set<Timer>();

  constructor(wall = Date.UTC(2026, 5, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer: Timer = { at: this.#monotonic + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Somebody sets the wall clock. No timer hears of it. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Lets time pass; work on the disk gets the time that it takes, as if it took none. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await diskIsQuiet();
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        break;
      }
      this.#pass(next.at - this.#monotonic);
      this.#timers.delete(next);
      next.callback();
      await diskIsQuiet();
    }
    this.#pass(end - this.#monotonic);
  }

  /** The machine sleeps, or this process is stopped: time passes, and nothing runs. */
  sleepThrough(ms: number): void {
    this.#pass(ms);
  }

  #pass(ms: number): void {
    this.#monotonic += Math.max(0, ms);
    this.#wall += Math.max(0, ms);
  }
}

/** Resolves when no work on the disk is under way in this process. */
export async function diskIsQuiet(): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')) ? 0 : quiet + 1;
  }
}
