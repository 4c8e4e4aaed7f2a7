import type { Clock } from '../../common/clock';
import { Disposable, Emitter } from '../../common/events';
import { isDownloadable, type TaskRecord } from '../model/taskRecord';
import type { TaskStore } from '../storage/taskStore';

/** The user is warned when a link expires within this time and the video is not downloaded. */
export const EXPIRY_WARNING_MS = 6 * 60 * 60_000;
/** Timers stand still while the machine sleeps, but links expire all the same. */
const CHECK_AGAIN_MS = 10 * 60_000;

/**
 * Fires once for a video that could not be downloaded so far and whose link is about to expire.
 *
 * Uses one timer while there is such a video, and none while every video is downloaded.
 */
export class ExpiryMonitor extends Disposable {
  readonly #store: TaskStore;
  readonly #clock: Clock;
  readonly #warned = new Set<string>();
  /** When the links of videos expire whose download failed, by record id; mostly none. */
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
    // Without an error there was no attempt so far, and the first one starts at once.
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
      if (expiresAt <= now) {
        // Nobody can hurry any more; the task itself says what became of it.
        this.#warned.add(id);
      } else if (expiresAt - now <= EXPIRY_WARNING_MS) {
        this.#warned.add(id);
        this.#didWarn.fire(record);
      } else {
        next = Math.min(next, expiresAt - EXPIRY_WARNING_MS - now);
      }
    }
    if (next !== Infinity) {
      this.#timer = this.#clock.setTimeout(() => this.#arm(), Math.min(next, CHECK_AGAIN_MS));
    }
  }
}
