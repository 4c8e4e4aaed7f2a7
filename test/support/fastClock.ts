import type { Clock } from '../../src/common/clock';

/** A clock that runs faster than time, the same in every process that is given the same start. */
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

  setTimeout(callback: () => void, ms: number): unknown {
    return setTimeout(callback, ms / this.#speed).unref();
  }

  clearTimeout(handle: unknown): void {
    clearTimeout(handle as NodeJS.Timeout);
  }
}
