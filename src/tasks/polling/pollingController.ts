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
import {
  toOddError,
  toTaskError,
  withAccount,
  withLastAnswer,
  withPollResult,
  withTransientError,
} from '../model/transitions';

export interface PollingOptions {
  store: TaskStore;
  apiClient: Pick<ApiClient, 'result'>;
  credentials: Credentials;
  lease: WorkerLease;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
}

/**
 * Why a pending task is not polled: the key was refused, there is none, it cannot be read now, it was entered for another
 * address, or the task was created with another key.
 */
export type PauseReason = 'refused-key' | 'no-key' | 'unreadable-key' | 'other-address' | 'other-key';

/** The state of polling one task. Kept in memory only, as it changes with each poll. */
interface PollState {
  /** On the monotonic clock. */
  dueAt: number;
  /** On the monotonic clock: the last poll of this window. */
  polledAt: number;
  failures: number;
  /** On the monotonic clock: since when no answer made sense. */
  oddSince?: number | undefined;
  /** Wall clock of the last result that was pending. */
  lastPendingAt?: number;
}

const MAX_IN_FLIGHT = 4;
/** At most four polls a second, however many tasks there are. */
const MIN_SPACING_MS = 250;
/** When the user returns to a window, tasks are polled whose last result is older than this. */
const STALE_MS = 2_000;
/** A task that is older than this when it is first seen was not polled by any window for a while. */
const LONG_AGO_MS = 60_000;
/** Single failures are normal in a network. From the second in a row on, the user sees the error. */
const FAILURES_TO_RECORD = 2;
/** An answer that makes no sense may be followed by one that does: a link comes some moments after its word (seen). */
const ODD_TO_TELL_MS = 10 * 60_000;
/** What makes no sense is asked about again after a tenth of the time for which it made none, up to this. */
const ODD_SHARE = 0.1;
const ODD_MAX_MS = 60 * 60_000;
/** The window gets the focus back also when the user closes the dialog of a keyring, which must not open it again. */
const KEY_AGAIN_MS = 5_000;
/** For so long after it has named a link the service would only name it once more. */
const LINK_KNOWN_MS = 60_000;
/** An expired video is asked about when the user looks, this often at most and for so long after its end. */
const EXPIRED_AGAIN_MS = 60 * 60_000;
const EXPIRED_ASKED_FOR_MS = 7 * 24 * 60 * 60_000;

/**
 * Polls the pending tasks, with a single timer for the task that is due next.
 *
 * There is at most one request for a task at a time. How long to wait for the next one follows from how long such tasks
 * took before. There is no timer when nothing is pending, or when another window holds the lease. A refused key pauses
 * polling until the key changes.
 */
export class PollingController extends Disposable {
  readonly #options: PollingOptions;
  readonly #pollStates = new Map<string, PollState>();
  readonly #abort = new AbortController();
  readonly #didChangePause = this._register(new Emitter<void>());
  readonly onDidChangePause = this.#didChangePause.event;
  readonly #didChangePauseReason = this._register(new Emitter<void>());
  /** Fires when `getPauseReason` may have changed for any task. */
  readonly onDidChangePauseReason = this.#didChangePauseReason.event;

  /** Requests in flight, by record id. */
  readonly #polls = new Map<string, Promise<void>>();
  #timer: unknown;
  /** On the monotonic clock: the service asked not to be called until then. */
  #quietUntil = 0;
  #lastPollAt = -Infinity;
  #pause: 'invalid-key' | undefined;
  #account: string | undefined;
  /** Whether the credentials could be read; `false` until then. */
  #accountIsKnown = false;
  /** How often in a row the credentials could not be read. */
  #keyFailures = 0;
  #keyTimer: unknown;
  /** On the monotonic clock: when the credentials were last read, or could not be. */
  #keyReadAt = -Infinity;
  /** The last reading of the credentials: an earlier one that ends later tells what was there before. */
  #keyReading: Promise<void> | undefined;
  /** Tasks that were created with another key and that the service does not know under this one. */
  readonly #otherKeyTasks = new Set<string>();
  /** On the monotonic clock: when the service last named the link of a video that is not here. */
  readonly #linkNamedAt = new Map<string, number>();
  /** On the monotonic clock: when this window asked by itself about a video whose link had died. */
  readonly #expiredAskedAt = new Map<string, number>();

  constructor(options: PollingOptions) {
    super();
    this.#options = options;
    this._register({ dispose: () => this.#abort.abort() });
    this._register({ dispose: () => options.clock.clearTimeout(this.#timer) });
    this._register({ dispose: () => options.clock.clearTimeout(this.#keyTimer) });
  }

  /** Set while polling is paused because the key was refused. Ends when the key changes, or with `checkNow`. */
  get pause(): 'invalid-key' | undefined {
    return this.#pause;
  }

  /** Whether this window polls for all. */
  get isWorker(): boolean {
    return this.#options.lease.held;
  }

  /** Returns why this task is not polled; `undefined` when it is, or when it is not pending. */
  getPauseReason(record: TaskRecord): PauseReason | undefined {
    if (!isPending(record) || this.#options.store.isReadOnly(record.id)) {
      return undefined;
    }
    if (this.#pause) {
      return 'refused-key';
    }
    if (this.#account === undefined) {
      if (!this.#accountIsKnown) {
        return this.#keyFailures > 0 ? 'unreadable-key' : undefined;
      }
      return this.#options.credentials.isHeldBack ? 'other-address' : 'no-key';
    }
    const isOthers = record.account !== undefined && record.account !== this.#account;
    // The window that polls finds out whether the service knows the task under this key; others see it in the record.
    return isOthers && (this.#otherKeyTasks.has(record.id) || !this.#options.lease.held) ? 'other-key' : undefined;
  }

  /** When this window asks about a task next, wall clock; `undefined` when it does not, or another one does. */
  getNextTryAt(id: string): number | undefined {
    const { clock, lease } = this.#options;
    const pollState = this.#pollStates.get(id);
    if (!pollState || !lease.held || this.#pause || this.#polls.has(id)) {
      return undefined;
    }
    return clock.now() + Math.max(0, Math.max(pollState.dueAt, this.#quietUntil) - clock.monotonic());
  }

  /** Starts to follow the store. Does not load it. */
  start(): void {
    const { store, credentials, lease } = this.#options;
    this._register(
      store.onDidChange((changes) => {
        for (const { id, after } of changes) {
          this.#follow(id, after);
        }
        this.#reschedule();
        this.#armKeyTimer();
      }),
    );
    this._register(credentials.onDidChange(() => void this.#readKey()));
    this._register(
      lease.onDidChange(() => {
        this.#reschedule();
        this.#didChangePauseReason.fire();
      }),
    );
    // Tasks of other windows are work of ours, also where no file event tells of them.
    this._register(lease.onDidBeat(() => void store.look()));
    void this.#readKey();
  }

  /**
   * Polls at once, in this window, whether or not it holds the lease, and also during a pause.
   *
   * @param id of one record; without it all pending tasks are polled
   * @returns when the results are in the records. Never throws: errors are in the records too.
   */
  async checkNow(id?: string): Promise<void> {
    if (this.#account === undefined) {
      // The keyring may have been opened since, and no event tells of that.
      await this.#readKey();
    }
    this.#setPause(undefined);
    this.#quietUntil = 0;
    const ids = id === undefined ? [...this.#pollStates.keys()] : [id];
    await Promise.all(ids.map((one) => this.#pollWhenFree(one)));
  }

  /**
   * Asks for the link of a video whose link is dead, if the service may be asked now: not during a pause, without a key,
   * while it wants to be left alone, or when it has named the dead link just now.
   *
   * @param deadSince on the monotonic clock: when the link was found dead
   * @returns when the answer is in the record: whether the service has named a link since then. Never throws.
   */
  async refreshLink(id: string, deadSince: number): Promise<boolean> {
    const { store, clock } = this.#options;
    const record = store.get(id);
    const isOurs = record?.account === undefined || record.account === this.#account;
    const namedAt = () => this.#linkNamedAt.get(id) ?? -Infinity;
    const isKnown = namedAt() > deadSince && clock.monotonic() - namedAt() < LINK_KNOWN_MS;
    if (
      record &&
      isOurs &&
      this.#account !== undefined &&
      !store.isReadOnly(id) &&
      clock.monotonic() >= this.#quietUntil &&
      !isKnown
    ) {
      // By the answer to this question alone: the clock may not have moved since the last one.
      this.#linkNamedAt.delete(id);
      await this.#pollWhenFree(id);
      return this.#linkNamedAt.has(id);
    }
    return namedAt() > deadSince;
  }

  async #pollWhenFree(id: string): Promise<void> {
    while (this.#polls.size >= MAX_IN_FLIGHT && !this.#polls.has(id)) {
      await Promise.race(this.#polls.values());
    }
    // The key may have been refused while this task waited.
    if (!this.isDisposed && !this.#pause && this.#options.store.get(id)?.gatewayId !== undefined) {
      await this.#poll(id);
    }
  }

  /**
   * Called when the user returns: a window got the focus, or the machine woke up. Polls the tasks at once that may be done
   * by now; this window polls some of them itself even if another one holds the lease.
   */
  pollNow(): void {
    const { store, clock, lease } = this.#options;
    if (this.#pause || this.isDisposed) {
      return;
    }
    const now = clock.monotonic();
    if (this.#account === undefined) {
      if (now - this.#keyReadAt >= KEY_AGAIN_MS) {
        void this.#readKey();
      }
      return;
    }
    this.#askAboutExpired(now);
    const stale = [...this.#pollStates].filter(([id, { polledAt, failures }]) => {
      const record = store.get(id);
      // After a failure the service is overloaded or cannot be reached.
      return record && !this.#polls.has(id) && failures === 0 && now - polledAt >= STALE_MS && this.#mayBeDone(record);
    });
    for (const [, pollState] of stale) {
      pollState.dueAt = Math.min(pollState.dueAt, now);
    }
    if (lease.held) {
      this.#reschedule();
    } else if (now >= this.#quietUntil) {
      // Newest first: that is what the user waits for.
      const newest = stale
        .map(([id]) => id)
        .sort()
        .reverse();
      newest.slice(0, Math.max(0, MAX_IN_FLIGHT - this.#polls.size)).forEach((id) => void this.#poll(id));
    }
  }

  /** The service may have a fresh link, or the old one may work again: a store that was down, a clock that was wrong. */
  #askAboutExpired(now: number): void {
    const { store, clock } = this.#options;
    if (now < this.#quietUntil) {
      return;
    }
    const expired = store
      .list()
      .filter(
        (record) =>
          record.state === 'expired' &&
          record.gatewayId !== undefined &&
          !store.isReadOnly(record.id) &&
          (record.account === undefined || record.account === this.#account) &&
          Math.abs(clock.now() - (record.result?.expiresAt ?? 0)) < EXPIRED_ASKED_FOR_MS &&
          now - (this.#expiredAskedAt.get(record.id) ?? -Infinity) >= EXPIRED_AGAIN_MS,
      );
    for (const { id } of expired.slice(0, Math.max(0, MAX_IN_FLIGHT - this.#polls.size))) {
      this.#expiredAskedAt.set(id, now);
      void this.#poll(id);
    }
  }

  #readKey(): Promise<void> {
    const reading: Promise<void> = this.#readKeyFor(() => this.#keyReading === reading);
    this.#keyReading = reading;
    return reading;
  }

  /** @param isLast whether no later reading has begun, which knows better */
  async #readKeyFor(isLast: () => boolean): Promise<void> {
    let key: string | undefined;
    let failure: unknown;
    try {
      key = await this.#options.credentials.get();
    } catch (error) {
      failure = error;
    }
    if (this.isDisposed || !isLast()) {
      return;
    }
    this.#keyReadAt = this.#options.clock.monotonic();
    if (failure !== undefined) {
      this.#onKeyUnreadable(failure);
      return;
    }
    const account = key === undefined ? undefined : getKeyFingerprint(key);
    if (account !== this.#account || !this.#accountIsKnown) {
      this.#otherKeyTasks.clear();
    }
    this.#account = account;
    this.#accountIsKnown = true;
    this.#keyFailures = 0;
    this.#setPause(undefined);
    this.#onAccountChanged();
  }

  /** A keyring that is locked. What it holds is there all the same, so this says nothing about the key. */
  #onKeyUnreadable(cause: unknown): void {
    this.#keyFailures++;
    this.#keyReadAt = this.#options.clock.monotonic();
    this.#options.log?.(`the key cannot be read now: ${String(cause)}`);
    this.#account = undefined;
    this.#accountIsKnown = false;
    this.#onAccountChanged();
  }

  #onAccountChanged(): void {
    for (const record of this.#options.store.list()) {
      this.#follow(record.id, record);
    }
    this.#didChangePauseReason.fire();
    this.#reschedule();
    this.#options.clock.clearTimeout(this.#keyTimer);
    this.#keyTimer = undefined;
    this.#armKeyTimer();
  }

  /** No event tells when a keyring is opened. It is asked again ever more rarely, as it may ask the user each time. */
  #armKeyTimer(): void {
    const { clock, random, store } = this.#options;
    const isNeeded =
      !this.isDisposed &&
      this.#keyFailures > 0 &&
      store.list().some((record) => isPending(record) && !store.isReadOnly(record.id));
    if (!isNeeded || this.#keyTimer !== undefined) {
      return;
    }
    this.#keyTimer = clock.setTimeout(
      () => {
        this.#keyTimer = undefined;
        void this.#readKey();
      },
      getBackOffMs(this.#keyFailures, random),
    );
  }

  #setPause(pause: 'invalid-key' | undefined): void {
    if (this.#pause !== pause) {
      this.#pause = pause;
      this.#didChangePause.fire();
      this.#didChangePauseReason.fire();
      this.#reschedule();
    }
  }

  #follow(id: string, record: TaskRecord | undefined): void {
    const wanted =
      record !== undefined &&
      isPending(record) &&
      !this.#options.store.isReadOnly(id) &&
      this.#account !== undefined &&
      // A task that was created with another key is polled once, as this key may have replaced the other one. If the
      // service responds "record not found" (documented), the task waits for its own key.
      (record.account === this.#account || !this.#otherKeyTasks.has(id));
    if (record?.localCopy !== undefined || record === undefined) {
      this.#linkNamedAt.delete(id);
    }
    const pollState = this.#pollStates.get(id);
    if (!wanted) {
      this.#pollStates.delete(id);
    } else if (!pollState) {
      this.#pollStates.set(id, {
        dueAt: this.#options.clock.monotonic() + this.#getFirstDelay(record),
        polledAt: -Infinity,
        failures: 0,
      });
    }
    this.#options.lease.setWorkPending('polling', this.#pollStates.size > 0);
  }

  /** A task that no window has polled for a while is polled soon, a young one when it may be done. */
  #getFirstDelay(record: TaskRecord): number {
    return record.acceptedAt !== undefined && this.#getAge(record) > LONG_AGO_MS && this.#mayBeDone(record)
      ? 0
      : this.#getNextDelay(record);
  }

  #getNextDelay(record: TaskRecord): number {
    return getNextPollDelay(this.#getAge(record), this.#options.random, this.#getDurations(record));
  }

  #mayBeDone(record: TaskRecord): boolean {
    const durations = this.#getDurations(record);
    return !durations || this.#getAge(record) >= getEarliestEndMs(durations);
  }

  #getAge({ acceptedAt, createdAt }: TaskRecord): number {
    return Math.max(0, this.#options.clock.now() - (acceptedAt ?? createdAt));
  }

  #getDurations({ request }: TaskRecord): DurationModel | undefined {
    return createDurationModel(this.#options.store.list(), request.model);
  }

  #reschedule(): void {
    const { clock, lease } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.isDisposed || this.#pause || !lease.held || this.#polls.size >= MAX_IN_FLIGHT) {
      return;
    }
    let next: [string, PollState] | undefined;
    for (const candidate of this.#pollStates) {
      if (!this.#polls.has(candidate[0]) && (!next || candidate[1].dueAt < next[1].dueAt)) {
        next = candidate;
      }
    }
    if (!next) {
      return;
    }
    const [id, { dueAt }] = next;
    const at = Math.max(dueAt, this.#quietUntil, this.#lastPollAt + MIN_SPACING_MS);
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = undefined;
        // The lease may have been lost while the machine slept.
        if (this.#options.lease.held) {
          void this.#poll(id);
        }
        this.#reschedule();
      },
      Math.max(0, at - clock.monotonic()),
    );
  }

  /** Sends one request at a time for a task; a second call joins the first. */
  #poll(id: string): Promise<void> {
    const inFlight = this.#polls.get(id);
    if (inFlight) {
      return inFlight;
    }
    // The user may check a task that is not pending (an expired one).
    const pollState = this.#pollStates.get(id) ?? { dueAt: 0, polledAt: -Infinity, failures: 0 };
    const poll = this.#sendPoll(id, pollState).finally(() => {
      this.#polls.delete(id);
      this.#reschedule();
    });
    this.#polls.set(id, poll);
    return poll;
  }

  async #sendPoll(id: string, pollState: PollState): Promise<void> {
    const { store, apiClient, credentials, clock, log } = this.#options;
    pollState.polledAt = this.#lastPollAt = clock.monotonic();
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
      pollState.failures = 0;
      if (result.progress === 'done') {
        this.#linkNamedAt.set(id, clock.monotonic());
      }
      if (result.progress === 'pending') {
        pollState.lastPendingAt = now;
      }
      const oddForMs = this.#countOdd(pollState, result.odd !== undefined);
      pollState.dueAt = clock.monotonic() + Math.max(this.#getNextDelay(record), getOddDelay(oddForMs));
      // Only the user asks about a failed task.
      const change = withPollResult(result, now, pollState.lastPendingAt, record.state === 'failed');
      const known = withAccount(account);
      const told = oddForMs >= ODD_TO_TELL_MS ? withTransientError(toOddError(result, now)) : undefined;
      await store.update(id, (current) => {
        const next = withLastAnswer(result.answer, now)(known(change(current)));
        return told ? told(next) : next;
      });
    } catch (error) {
      await this.#handleFailure(id, pollState, error, account).catch((e: unknown) => log?.(`task ${id}: ${String(e)}`));
    }
  }

  /** Returns for how long the answers about a task have made no sense, milliseconds. */
  #countOdd(pollState: PollState, isOdd: boolean): number {
    const now = this.#options.clock.monotonic();
    pollState.oddSince = isOdd ? (pollState.oddSince ?? now) : undefined;
    return now - (pollState.oddSince ?? now);
  }

  async #handleFailure(id: string, pollState: PollState, error: unknown, account: string | undefined): Promise<void> {
    const { store, clock, random, log } = this.#options;
    if (this.isDisposed || (error instanceof ApiError && error.kind === 'aborted')) {
      return;
    }
    const record = store.get(id);
    if (record?.account !== undefined && record.account !== account && isUnknownId(error)) {
      if (account === this.#account) {
        this.#otherKeyTasks.add(id);
        this.#follow(id, record);
        this.#didChangePauseReason.fire();
      }
      return;
    }
    pollState.failures++;
    const oddForMs = this.#countOdd(pollState, error instanceof ApiError && error.kind === 'bad-answer');
    const wait = Math.max(getBackOffMs(pollState.failures, random), getOddDelay(oddForMs));
    pollState.dueAt = clock.monotonic() + wait;
    log?.(`task ${id}: ${String(error)}; again in ${Math.round(wait / 1000)} s`);
    if (!(error instanceof ApiError)) {
      return;
    }
    if (error.kind === 'invalid-key') {
      this.#setPause('invalid-key');
      return;
    }
    if (error.kind === 'key-unreadable') {
      this.#onKeyUnreadable(error);
      return;
    }
    // A server in front that limits the rate does so for all questions.
    if (error.kind === 'overloaded' || (error.kind === 'in-between' && error.status === 429)) {
      // The longest time that several responses ask for.
      this.#quietUntil = Math.max(this.#quietUntil, clock.monotonic() + Math.max(wait, error.retryAfterMs ?? 0));
    } else if (error.retryAfterMs !== undefined) {
      pollState.dueAt = clock.monotonic() + Math.max(wait, error.retryAfterMs);
    }
    const told = toTaskError(error, clock.now());
    const isTold = pollState.failures >= FAILURES_TO_RECORD;
    if (isTold || told.answer !== undefined) {
      const keepAnswer = withLastAnswer(told.answer, told.at);
      await store.update(id, (current) => keepAnswer(isTold ? withTransientError(told)(current) : current));
    }
  }
}

function getOddDelay(oddForMs: number): number {
  return Math.min(oddForMs * ODD_SHARE, ODD_MAX_MS);
}

/** The documentation does not say for every id which of the two the service reports when it belongs to another key. */
function isUnknownId(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === 'not-found' || error.kind === 'invalid-input');
}
