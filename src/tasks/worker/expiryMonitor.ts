import type { Clock } from '../../common/clock';
import { Disposable, Emitter } from '../../common/events';
import { isDownloadable, type TaskRecord } from '../model/taskRecord';
import type { TaskStore } from '../storage/taskStore';

/** A link with less life than this, and no copy, is worth a warning. */
export const EXPIRY_WARNING_MS = 6 * 60 * 60_000;
/** Timers stand still while the machine sleeps, and links do not live longer for it. */
const LOOK_AGAIN_MS = 10 * 60_000;

/**
 * Warns once, when a video that could not be fetched so far is about to be lost.
 *
 * One timer while there is such a video; none while every video has its copy.
 */
export class ExpiryMonitor extends Disposable {
  readonly #store: TaskStore;
  readonly #clock: Clock;
  readonly #warned = new Set<string>();
  /** Videos without a copy; mostly none. */
  readonly #endangered = new Map<string, number>();
  readonly #didWarn = this._register(new Emitter<TaskRecord>());
  readonly onDidWarn = this.#didWarn.event;
  #timer: unknown;

  constructor(store: TaskStore, clock: Clock) {
    super();
    this.#store = store;
    this.#clock = clock;
    this._register({ dispose: () => clock.clearTimeout(this.#timer) });
    this._register(
      store.onDidChange((changes) => {
        changes.forEach(({ id, after }) => this.#follow(id, after));
        this.#arm();
      }),
    );
  }

  #follow(id: string, record: TaskRecord | undefined): void {
    // Without trouble it has not been tried yet, and the first try comes at once.
    if (record?.result && record.trouble && isDownloadable(record)) {
      this.#endangered.set(id, record.result.expiresAt);
    } else {
      this.#endangered.delete(id);
    }
  }

  #arm(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#clock.now();
    let next = Infinity;
    for (const [id, expiresAt] of this.#endangered) {
      const record = this.#store.get(id);
      if (this.#warned.has(id) || !record) {
        continue;
      }
      if (expiresAt - now <= EXPIRY_WARNING_MS) {
        this.#warned.add(id);
        this.#didWarn.fire(record);
      } else {
        next = Math.min(next, expiresAt - EXPIRY_WARNING_MS - now);
      }
    }
    if (next !== Infinity) {
      this.#timer = this.#clock.setTimeout(() => this.#arm(), Math.min(next, LOOK_AGAIN_MS));
    }
  }
}
