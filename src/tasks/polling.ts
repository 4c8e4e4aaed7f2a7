import type { Gateway } from '../gateway/client';
import { GatewayError } from '../gateway/errors';
import { fingerprintOf } from './account';
import type { Clock, Random } from './clock';
import type { Credentials } from './credentials';
import type { WorkerLease } from './lease';
import { Disposable, Emitter } from './lifecycle';
import { isPending, type TaskRecord } from './record';
import { backOffMs, nextQuestionMs } from './schedule';
import type { TaskStore } from './store';
import { progressed, toTaskError, troubled } from './transitions';

export interface PollingOptions {
  store: TaskStore;
  gateway: Pick<Gateway, 'result'>;
  credentials: Credentials;
  lease: WorkerLease;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
}

/** What is known of a task's questions; in memory only, as it changes with each of them. */
interface Asking {
  /** On the monotonic clock. */
  dueAt: number;
  failures: number;
  /** Wall clock of the last answer that said "not yet". */
  lastPendingAt?: number;
  inFlight?: Promise<void>;
}

const MAX_IN_FLIGHT = 4;
/** At most four questions a second, however many tasks there are. */
const MIN_SPACING_MS = 250;
/** One failure is everyday life of a network; the second in a row is worth telling. */
const FAILURES_TO_TELL = 2;

/**
 * Asks the gateway how the pending tasks are getting on.
 *
 * One loop: a single timer for the task that is due next, rescheduled after each answer. A task has one
 * question under way at most. With nothing pending there is no timer; in a window that does not hold
 * the lease there is none either. A refused key pauses everything until the key changes.
 */
export class PollingController extends Disposable {
  readonly #options: PollingOptions;
  readonly #asking = new Map<string, Asking>();
  readonly #abort = new AbortController();
  readonly #didChangePause = this._register(new Emitter<void>());
  readonly onDidChangePause = this.#didChangePause.event;

  #timer: unknown;
  #inFlight = 0;
  /** On the monotonic clock: the service asked for quiet. */
  #quietUntil = 0;
  #lastQuestionAt = -Infinity;
  #pause: 'invalid-key' | undefined;
  #account: string | undefined;

  constructor(options: PollingOptions) {
    super();
    this.#options = options;
    this._register({ dispose: () => this.#abort.abort() });
    this._register({ dispose: () => options.clock.clearTimeout(this.#timer) });
  }

  /** Why nobody asks at the moment: the key was refused. Ends when the key changes, or with `checkNow`. */
  get pause(): 'invalid-key' | undefined {
    return this.#pause;
  }

  /** Begins to follow the store; loads nothing itself. */
  start(): void {
    const { store, credentials, lease } = this.#options;
    this._register(
      store.onDidChange((changes) => {
        for (const { id, after } of changes) {
          this.#follow(id, after);
        }
        this.#reschedule();
      }),
    );
    this._register(credentials.onDidChange(() => void this.#readKey()));
    this._register(lease.onDidChange(() => this.#reschedule()));
    this._register(lease.onDidLook(() => void store.rescan()));
    void this.#readKey();
  }

  /**
   * Asks at once, in this window, whoever holds the lease and also during a pause.
   *
   * @param id one task; absent: all that are pending.
   * @returns when the answers are in the records. Never throws: what went wrong is in the records too.
   */
  async checkNow(id?: string): Promise<void> {
    this.#setPause(undefined);
    this.#quietUntil = 0;
    if (id !== undefined) {
      const record = this.#options.store.get(id);
      if (record?.gatewayId !== undefined) {
        await this.#ask(id);
      }
      return;
    }
    const ids = [...this.#asking.keys()];
    while (ids.length > 0 && !this.isDisposed && !this.#pause) {
      await Promise.all(ids.splice(0, MAX_IN_FLIGHT).map((pending) => this.#ask(pending)));
    }
  }

  async #readKey(): Promise<void> {
    const key = await this.#options.credentials.get();
    if (this.isDisposed) {
      return;
    }
    this.#account = key === undefined ? undefined : fingerprintOf(key);
    this.#setPause(undefined);
    for (const record of this.#options.store.list()) {
      this.#follow(record.id, record);
    }
    this.#reschedule();
  }

  #setPause(pause: 'invalid-key' | undefined): void {
    if (this.#pause !== pause) {
      this.#pause = pause;
      this.#didChangePause.fire();
      this.#reschedule();
    }
  }

  #follow(id: string, record: TaskRecord | undefined): void {
    const wanted =
      record !== undefined &&
      isPending(record) &&
      !this.#options.store.isReadOnly(id) &&
      // With another key the gateway would say "record not found" (documented), and that is not true.
      this.#account !== undefined &&
      (record.account === undefined || record.account === this.#account);
    const asking = this.#asking.get(id);
    if (!wanted) {
      this.#asking.delete(id);
    } else if (!asking) {
      this.#asking.set(id, { dueAt: this.#options.clock.monotonic() + this.#untilNext(record), failures: 0 });
    }
    this.#options.lease.want('polling', this.#asking.size > 0);
  }

  /** A task that waited while nobody looked is asked about soon, a young one when it may be ready. */
  #untilNext(record: TaskRecord): number {
    const { clock, random } = this.#options;
    const age = Math.max(0, clock.now() - (record.acceptedAt ?? record.createdAt));
    return record.acceptedAt !== undefined && age > 60_000 ? 0 : nextQuestionMs(age, random);
  }

  #reschedule(): void {
    const { clock, lease } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.isDisposed || this.#pause || !lease.held || this.#inFlight >= MAX_IN_FLIGHT) {
      return;
    }
    let next: [string, Asking] | undefined;
    for (const candidate of this.#asking) {
      if (!candidate[1].inFlight && (!next || candidate[1].dueAt < next[1].dueAt)) {
        next = candidate;
      }
    }
    if (!next) {
      return;
    }
    const [id, { dueAt }] = next;
    const at = Math.max(dueAt, this.#quietUntil, this.#lastQuestionAt + MIN_SPACING_MS);
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined;
      // The lease may have been lost while the machine slept.
      if (this.#options.lease.held) {
        void this.#ask(id);
      }
      this.#reschedule();
    }, Math.max(0, at - clock.monotonic()));
  }

  /** One question at a time for a task; a second one joins the first. */
  #ask(id: string): Promise<void> {
    // A task that is not pending (an expired one) may be asked about by hand.
    const asking = this.#asking.get(id) ?? { dueAt: 0, failures: 0 };
    asking.inFlight ??= this.#askOnce(id, asking).finally(() => {
      delete asking.inFlight;
      this.#inFlight--;
      this.#reschedule();
    });
    return asking.inFlight;
  }

  async #askOnce(id: string, asking: Asking): Promise<void> {
    const { store, gateway, credentials, clock, random, log } = this.#options;
    this.#inFlight++;
    this.#lastQuestionAt = clock.monotonic();
    try {
      const key = await credentials.get();
      const record = store.get(id);
      if (key === undefined || record?.gatewayId === undefined) {
        return;
      }
      const result = await gateway.result(record.gatewayId, { key, signal: this.#abort.signal });
      const now = clock.now();
      asking.failures = 0;
      if (result.progress === 'pending') {
        asking.lastPendingAt = now;
      }
      asking.dueAt = clock.monotonic() + nextQuestionMs(Math.max(0, now - (record.acceptedAt ?? record.createdAt)), random);
      await store.update(id, progressed(result, now, asking.lastPendingAt));
    } catch (error) {
      await this.#failed(id, asking, error).catch((e: unknown) => log?.(`task ${id}: ${String(e)}`));
    }
  }

  async #failed(id: string, asking: Asking, error: unknown): Promise<void> {
    const { store, clock, random, log } = this.#options;
    if (this.isDisposed || (error instanceof GatewayError && error.kind === 'aborted')) {
      return;
    }
    asking.failures++;
    const wait = backOffMs(asking.failures, random);
    asking.dueAt = clock.monotonic() + wait;
    log?.(`task ${id}: ${String(error)}; again in ${Math.round(wait / 1000)} s`);
    if (!(error instanceof GatewayError)) {
      return;
    }
    if (error.kind === 'invalid-key') {
      this.#setPause('invalid-key');
      return;
    }
    if (error.kind === 'overloaded') {
      this.#quietUntil = clock.monotonic() + Math.max(wait, error.retryAfterMs ?? 0);
    } else if (error.retryAfterMs !== undefined) {
      asking.dueAt = clock.monotonic() + Math.max(wait, error.retryAfterMs);
    }
    if (asking.failures >= FAILURES_TO_TELL) {
      await store.update(id, troubled(toTaskError(error, clock.now())));
    }
  }
}
