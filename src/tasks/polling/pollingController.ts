import type { ApiClient } from '../../api/apiClient';
import { ApiError } from '../../api/apiError';
import { getKeyFingerprint } from '../../common/keyFingerprint';
import type { Clock, Random } from '../../common/clock';
import type { Credentials } from '../../api/credentials';
import { createDurationModel, type DurationModel } from './durationModel';
import type { WorkerLease } from '../worker/workerLease';
import { Disposable, Emitter } from '../../common/events';
import { isPending, type TaskRecord } from '../model/taskRecord';
import { getBackOffMs, getEarliestEndMs, getNextPollDelay } from './pollSchedule';
import type { TaskStore } from '../storage/taskStore';
import { withAccount, withPollResult, toTaskError, withTransientError } from '../model/transitions';

export interface PollingOptions {
  store: TaskStore;
  apiClient: Pick<ApiClient, 'result'>;
  credentials: Credentials;
  lease: WorkerLease;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
}

/** Why a pending task is not asked about: the key was refused, there is none, or it belongs to somebody else. */
export type PauseReason = 'refused-key' | 'no-key' | 'other-key';

/** What is known of a task's questions; in memory only, as it changes with each of them. */
interface PollState {
  /** On the monotonic clock. */
  dueAt: number;
  /** On the monotonic clock: the last question of this window. */
  askedAt: number;
  failures: number;
  /** Wall clock of the last answer that said "not yet". */
  lastPendingAt?: number;
}

const MAX_IN_FLIGHT = 4;
/** At most four questions a second, however many tasks there are. */
const MIN_SPACING_MS = 250;
/** What somebody who comes back looks at is asked about anew when the last answer is older than this. */
const STALE_MS = 2_000;
/** Older than this, a task that is met was left alone by everybody for a while. */
const LONG_AGO_MS = 60_000;
/** One failure is everyday life of a network; the second in a row is worth telling. */
const FAILURES_TO_TELL = 2;

/**
 * Asks the service how the pending tasks are getting on.
 *
 * One loop: a single timer for the task that is due next, rescheduled after each answer. A task has one
 * question under way at most, and when the next one comes follows from how long such tasks took before. With nothing pending there is no timer; in a window that does not hold
 * the lease there is none either. A refused key pauses everything until the key changes.
 */
export class PollingController extends Disposable {
  readonly #options: PollingOptions;
  readonly #pollStates = new Map<string, PollState>();
  readonly #abort = new AbortController();
  readonly #didChangePause = this._register(new Emitter<void>());
  readonly onDidChangePause = this.#didChangePause.event;
  readonly #didChangeHolds = this._register(new Emitter<void>());
  /** Fires when `holdOf` may have changed for any task. */
  readonly onDidChangePauseReason = this.#didChangeHolds.event;

  /** Questions under way, by task. */
  readonly #questions = new Map<string, Promise<void>>();
  #timer: unknown;
  /** On the monotonic clock: the service asked for quiet. */
  #quietUntil = 0;
  #lastQuestionAt = -Infinity;
  #pause: 'invalid-key' | undefined;
  #account: string | undefined;
  /** Whether `#account` is what the credentials last said; `false` until they were read. */
  #accountIsKnown = false;
  /** Tasks made with another key that the service does not know under this one. */
  readonly #otherKeyTasks = new Set<string>();

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

  /** Why this task waits for a key; `undefined` when it does not. */
  getPauseReason(record: TaskRecord): PauseReason | undefined {
    if (!isPending(record) || this.#options.store.isReadOnly(record.id)) {
      return undefined;
    }
    if (this.#pause) {
      return 'refused-key';
    }
    if (this.#account === undefined) {
      return this.#accountIsKnown ? 'no-key' : undefined;
    }
    const isOthers = record.account !== undefined && record.account !== this.#account;
    // The window that asks finds out whether this key knows the task after all; the others hear by the record.
    return isOthers && (this.#otherKeyTasks.has(record.id) || !this.#options.lease.held) ? 'other-key' : undefined;
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
    this._register(
      lease.onDidChange(() => {
        this.#reschedule();
        this.#didChangeHolds.fire();
      }),
    );
    this._register(lease.onDidCheck(() => void store.rescan()));
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
    const ids = id === undefined ? [...this.#pollStates.keys()] : [id];
    await Promise.all(ids.map((one) => this.#askWhenFree(one)));
  }

  async #askWhenFree(id: string): Promise<void> {
    while (this.#questions.size >= MAX_IN_FLIGHT && !this.#questions.has(id)) {
      await Promise.race(this.#questions.values());
    }
    // The key may have been refused while this one waited its turn.
    if (!this.isDisposed && !this.#pause && this.#options.store.get(id)?.gatewayId !== undefined) {
      await this.#ask(id);
    }
  }

  /**
   * Somebody looks again: a window came back into focus, or a machine woke up. Asks at once about the tasks
   * that may be done by now; this window asks some of them itself even if another one has the lease.
   */
  pollNow(): void {
    const { store, clock, lease } = this.#options;
    if (this.#pause || this.isDisposed) {
      return;
    }
    const now = clock.monotonic();
    const stale = [...this.#pollStates].filter(([id, { askedAt, failures }]) => {
      const record = store.get(id);
      // After a failure the service has asked for patience, or cannot be reached.
      return (
        record && !this.#questions.has(id) && failures === 0 && now - askedAt >= STALE_MS && this.#mayBeDone(record)
      );
    });
    for (const [, asking] of stale) {
      asking.dueAt = Math.min(asking.dueAt, now);
    }
    if (lease.held) {
      this.#reschedule();
    } else if (now >= this.#quietUntil) {
      // Newest first: that is what people wait for.
      const newest = stale
        .map(([id]) => id)
        .sort()
        .reverse();
      newest.slice(0, Math.max(0, MAX_IN_FLIGHT - this.#questions.size)).forEach((id) => void this.#ask(id));
    }
  }

  async #readKey(): Promise<void> {
    let key: string | undefined;
    let isKnown = false;
    try {
      key = await this.#options.credentials.get();
      isKnown = true;
    } catch (error) {
      // No keyring, or a locked one. Its opening is not announced; `checkNow` and a new key are.
      this.#options.log?.(`the key cannot be read: ${String(error)}`);
    }
    if (this.isDisposed) {
      return;
    }
    this.#account = key === undefined ? undefined : getKeyFingerprint(key);
    this.#accountIsKnown = isKnown;
    this.#otherKeyTasks.clear();
    this.#setPause(undefined);
    for (const record of this.#options.store.list()) {
      this.#follow(record.id, record);
    }
    this.#didChangeHolds.fire();
    this.#reschedule();
  }

  #setPause(pause: 'invalid-key' | undefined): void {
    if (this.#pause !== pause) {
      this.#pause = pause;
      this.#didChangePause.fire();
      this.#didChangeHolds.fire();
      this.#reschedule();
    }
  }

  #follow(id: string, record: TaskRecord | undefined): void {
    const wanted =
      record !== undefined &&
      isPending(record) &&
      !this.#options.store.isReadOnly(id) &&
      this.#account !== undefined &&
      // What was made with another key is asked about once: this one may have taken the other's place. If the
      // service then says "record not found" (documented), the task waits for its own key.
      (record.account === this.#account || !this.#otherKeyTasks.has(id));
    const asking = this.#pollStates.get(id);
    if (!wanted) {
      this.#pollStates.delete(id);
    } else if (!asking) {
      this.#pollStates.set(id, {
        dueAt: this.#options.clock.monotonic() + this.#untilFirst(record),
        askedAt: -Infinity,
        failures: 0,
      });
    }
    this.#options.lease.setWorkPending('polling', this.#pollStates.size > 0);
  }

  /** A task that waited while nobody looked is asked about soon, a young one when it may be ready. */
  #untilFirst(record: TaskRecord): number {
    return record.acceptedAt !== undefined && this.#ageOf(record) > LONG_AGO_MS && this.#mayBeDone(record)
      ? 0
      : this.#untilNext(record);
  }

  #untilNext(record: TaskRecord): number {
    return getNextPollDelay(this.#ageOf(record), this.#options.random, this.#durationsOf(record));
  }

  #mayBeDone(record: TaskRecord): boolean {
    const durations = this.#durationsOf(record);
    return !durations || this.#ageOf(record) >= getEarliestEndMs(durations);
  }

  #ageOf({ acceptedAt, createdAt }: TaskRecord): number {
    return Math.max(0, this.#options.clock.now() - (acceptedAt ?? createdAt));
  }

  #durationsOf({ request }: TaskRecord): DurationModel | undefined {
    return createDurationModel(this.#options.store.list(), request.model);
  }

  #reschedule(): void {
    const { clock, lease } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.isDisposed || this.#pause || !lease.held || this.#questions.size >= MAX_IN_FLIGHT) {
      return;
    }
    let next: [string, PollState] | undefined;
    for (const candidate of this.#pollStates) {
      if (!this.#questions.has(candidate[0]) && (!next || candidate[1].dueAt < next[1].dueAt)) {
        next = candidate;
      }
    }
    if (!next) {
      return;
    }
    const [id, { dueAt }] = next;
    const at = Math.max(dueAt, this.#quietUntil, this.#lastQuestionAt + MIN_SPACING_MS);
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = undefined;
        // The lease may have been lost while the machine slept.
        if (this.#options.lease.held) {
          void this.#ask(id);
        }
        this.#reschedule();
      },
      Math.max(0, at - clock.monotonic()),
    );
  }

  /** One question at a time for a task; a second one joins the first. */
  #ask(id: string): Promise<void> {
    const underWay = this.#questions.get(id);
    if (underWay) {
      return underWay;
    }
    // A task that is not pending (an expired one) may be asked about by hand.
    const asking = this.#pollStates.get(id) ?? { dueAt: 0, askedAt: -Infinity, failures: 0 };
    const question = this.#askOnce(id, asking).finally(() => {
      this.#questions.delete(id);
      this.#reschedule();
    });
    this.#questions.set(id, question);
    return question;
  }

  async #askOnce(id: string, asking: PollState): Promise<void> {
    const { store, apiClient: apiClient, credentials, clock, log } = this.#options;
    asking.askedAt = this.#lastQuestionAt = clock.monotonic();
    let account: string | undefined;
    try {
      const key = await credentials.get();
      const record = store.get(id);
      if (key === undefined || record?.gatewayId === undefined) {
        return;
      }
      account = getKeyFingerprint(key);
      const result = await apiClient.result(record.gatewayId, { key, signal: this.#abort.signal });
      const now = clock.now();
      asking.failures = 0;
      if (result.progress === 'pending') {
        asking.lastPendingAt = now;
      }
      asking.dueAt = clock.monotonic() + this.#untilNext(record);
      const change = withPollResult(result, now, asking.lastPendingAt);
      const known = withAccount(account);
      await store.update(id, (current) => known(change(current)));
    } catch (error) {
      await this.#failed(id, asking, error, account).catch((e: unknown) => log?.(`task ${id}: ${String(e)}`));
    }
  }

  async #failed(id: string, asking: PollState, error: unknown, account: string | undefined): Promise<void> {
    const { store, clock, random, log } = this.#options;
    if (this.isDisposed || (error instanceof ApiError && error.kind === 'aborted')) {
      return;
    }
    const record = store.get(id);
    if (record?.account !== undefined && record.account !== account && isUnknownId(error)) {
      if (account === this.#account) {
        this.#otherKeyTasks.add(id);
        this.#follow(id, record);
        this.#didChangeHolds.fire();
      }
      return;
    }
    asking.failures++;
    const wait = getBackOffMs(asking.failures, random);
    asking.dueAt = clock.monotonic() + wait;
    log?.(`task ${id}: ${String(error)}; again in ${Math.round(wait / 1000)} s`);
    if (!(error instanceof ApiError)) {
      return;
    }
    if (error.kind === 'invalid-key') {
      this.#setPause('invalid-key');
      return;
    }
    if (error.kind === 'overloaded') {
      // The longest of what several answers ask for.
      this.#quietUntil = Math.max(this.#quietUntil, clock.monotonic() + Math.max(wait, error.retryAfterMs ?? 0));
    } else if (error.retryAfterMs !== undefined) {
      asking.dueAt = clock.monotonic() + Math.max(wait, error.retryAfterMs);
    }
    if (asking.failures >= FAILURES_TO_TELL) {
      await store.update(id, withTransientError(toTaskError(error, clock.now())));
    }
  }
}

/** Which of the two the service answers for an id that is not this key's is not documented for every id. */
function isUnknownId(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === 'not-found' || error.kind === 'invalid-input');
}
