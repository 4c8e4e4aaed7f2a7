import type { AspectRatio } from '../../api/aspectRatio';
import type { ApiClient, TaskResult } from '../../api/apiClient';
import { isIdOfNow } from '../../api/answerText';
import { getChargeRisk, ApiError } from '../../api/apiError';
import { getKeyFingerprint } from '../../common/keyFingerprint';
import { cleanAnswer } from '../../common/cleanAnswer';
import { sleep, type Clock } from '../../common/clock';
import { isSameDay } from '../../common/days';
import { Turns } from '../../common/turns';
import type { Credentials } from '../../api/credentials';
import { NoKeyError, StoreError } from '../model/errors';
import type { ProcessIdentity } from '../worker/processIdentity';
import { Disposable } from '../../common/events';
import type {
  BalanceComparison,
  FirstFrame,
  TaskError,
  TaskErrorKind,
  TaskRecord,
  TaskShot,
} from '../model/taskRecord';
import { getBackOffMs } from '../polling/pollSchedule';
import type { BudgetCheck } from '../spending/budget';
import type { Limit } from '../spending/limit';
import type { Reservations, Spender } from '../spending/reservations';
import type { Sum } from '../spending/spending';
import type { TaskStore } from '../storage/taskStore';
import * as transitions from '../model/transitions';
import { compareBalances } from './compareBalances';
import type { ShotIntent } from './shotClaims';

/** A first frame that the service can read, thanks to an image delivery (`images/delivery/`). */
export interface DeliveredFrame {
  /** What is sent to the service: a link, or a `data:` URL. */
  image: string;
  /** What is stored with the task. */
  firstFrame: FirstFrame;
}

/** What the user confirmed: one video, and the price that was shown. */
export interface GenerationIntent {
  model: string;
  prompt: string;
  aspectRatio?: AspectRatio;
  frame?: DeliveredFrame;
  /** Roubles. */
  quotedPrice?: number;
  /** The shot of a storyboard that it is for: no other window sends one for it at the same time (`shotClaims.ts`). */
  shot?: ShotIntent;
}

export interface SubmissionServiceOptions {
  store: TaskStore;
  apiClient: Pick<ApiClient, 'create' | 'result' | 'balance'>;
  credentials: Credentials;
  identity: ProcessIdentity;
  clock: Clock;
  random: () => number;
  log?: (message: string) => void;
}

/** A window that closes has no time to wait for its disk, and an id is worth a few tries all the same. */
const MAX_FAILURES_WHILE_CLOSING = 3;

/** Delays of the retries when no byte was sent, for example after a failed name lookup. */
const RESEND_AFTER_MS = [1_000, 3_000];
/** Longer than a create can take, whose time limit is two minutes: its window does not wait for it any more. */
const SUBMITTING_LIFE_MS = 150_000;
/** A draft waits for those before it, each up to the time limit of a create. */
const DRAFT_LIFE_MS = 30 * 60_000;
/** How soon a window notices that another one has died with an order: as soon as the user may look at it. */
const LOOK_AGAIN_MS = 5_000;

/** An intent that is on the disk. */
interface Draft {
  record: TaskRecord;
  intent: GenerationIntent;
}

/** Between questions about an id of which it is not known whose it is. */
const ID_AGAIN_MS = 60_000;

/** An older balance says little about an order: the account may be used by other programs. */
const BALANCE_AGE_MAX_MS = 15 * 60_000;
/** A lost answer often means a lost connection, so the balance is asked for again. Only for a hint, so not for ever. */
const BALANCE_TRIES = 10;

/** What came with these was not understood, so that the log is the place to look for the task. */
const UNREADABLE: ReadonlySet<string> = new Set(['bad-answer', 'in-between', 'no-answer', 'redirected']);

/** What is kept of a shot: without what was known when it was agreed to. */
function getShot({ shot }: GenerationIntent): TaskShot | undefined {
  return shot && { document: shot.document, label: shot.label, title: shot.title };
}

interface Refusal {
  intent: GenerationIntent;
  error: TaskError;
}

/**
 * Whether an intent would be refused like an earlier one: there is no valid key and no money for it either, and repeating
 * what did not pass the safety check may suspend the account (documented).
 */
function wouldRepeat({ intent, error }: Refusal, next: GenerationIntent): boolean {
  switch (error.kind) {
    case 'invalid-key':
    case 'key-unreadable':
    case 'insufficient-balance':
      return true;
    case 'unsafe-prompt':
      return next.prompt === intent.prompt;
    case 'sensitive-content':
      return next.prompt === intent.prompt || (next.frame !== undefined && next.frame.image === intent.frame?.image);
    default:
      return false;
  }
}

function isUnknownId(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === 'not-found' || error.kind === 'invalid-input');
}

/**
 * Turns intents into tasks, each sent at most once.
 *
 * The intent is on the disk before its request is sent, so that a crash leaves a trace. It is sent again only if it is
 * certain that no byte of the request was sent. Every outcome that does not prove a refusal leads to `unknown`: the task
 * may exist and be charged, and the user decides what to do.
 */
export class SubmissionService extends Disposable {
  readonly #options: SubmissionServiceOptions;
  readonly #abort = new AbortController();
  readonly #adding = new Map<string, Promise<void>>();
  /** Of the daily budget. Loaded with the first order. */
  #reservations: Promise<Reservations> | undefined;
  /** One order of this window after the other: from the first draft to its reservation, a question included. */
  readonly #turns = new Turns();
  /** Of orders that no user started, from their questions to their reservations. */
  readonly unattended = new Turns();
  /** Intents of other windows, and since when, on the monotonic clock: a wall clock may be set back by hours. */
  readonly #seenSince = new Map<string, { submittedAt: number | undefined; at: number }>();
  /** Ids of lost answers that the service does not know. */
  readonly #settledIds = new Set<string>();
  /** When they were asked about, on the monotonic clock. */
  readonly #idsAskedAt = new Map<string, number>();
  /** The last balance that the service told, by account; when it was asked, also on the monotonic clock. */
  readonly #balances = new Map<string, { before: number; beforeAt: number; askedAt: number }>();
  /** Comparisons on their way, by record id. */
  readonly #comparisons = new Map<string, Promise<void>>();
  /** How often the balance was asked for after a lost answer, by record id. */
  readonly #balanceTries = new Map<string, number>();
  #lookAgainAt = 0;
  #lookAgain: unknown;

  constructor(options: SubmissionServiceOptions) {
    super();
    this.#options = options;
    this._register(
      options.store.onDidChange((changes) => {
        // Windows are opened, and die, long after this one was.
        if (changes.some(({ after }) => after && this.#isOfAnother(after))) {
          this.#lookAgainSoon();
        }
      }),
    );
    this._register({ dispose: () => options.clock.clearTimeout(this.#lookAgain) });
    // Ends only the waiting. A create in flight is not aborted: its response has the id of a paid task.
    this._register({ dispose: () => this.#abort.abort() });
  }

  /**
   * Writes every intent, holds them against the daily budget, then sends them one after the other.
   *
   * @param onAccepted called for each task as soon as it has an id
   * @param onRefused called for each refusal with the full error; a record keeps only the first issues of a long list
   * @param spender whom the daily budget is held against; without one there is none
   * @returns the records in the order of the intents; their states say what happened. For a shot of a storyboard that
   * another window sends at this moment it is the other's record.
   * @throws {NoKeyError} when nothing was written or sent
   * @throws {StoreError} when an intent could not be written; then nothing was sent
   */
  async generate(
    intents: readonly GenerationIntent[],
    onAccepted?: (record: TaskRecord) => void,
    onRefused?: (id: string, error: ApiError) => void,
    spender?: Spender,
  ): Promise<TaskRecord[]> {
    const { store, credentials, clock } = this.#options;
    const key = await credentials.get();
    if (key === undefined) {
      throw new NoKeyError();
    }
    let reservedAt: number | undefined;
    const { written, drafts, taken } = await this.#turns.next(async () => {
      const written = await this.#writeDrafts(intents, key);
      const taken = await this.#claimShots(written);
      const drafts = written.filter(({ record }) => !taken.has(record.id));
      reservedAt = spender && drafts.length > 0 ? await this.#reserve(drafts, spender, key) : clock.now();
      return { written, drafts, taken };
    });
    const refusals: Refusal[] = [];
    for (const [index, { record, intent }] of drafts.entries()) {
      const refusal = refusals.find((earlier) => wouldRepeat(earlier, intent));
      if (refusal) {
        await this.#withdraw([record.id], refusal.error);
      } else if (!this.isDisposed) {
        // What was reserved yesterday is not today's.
        let at = clock.now();
        while (spender && reservedAt !== undefined && !isSameDay(at, reservedAt)) {
          reservedAt = await this.#turns.next(() => this.#reserve(drafts.slice(index), spender, key));
          at = clock.now();
        }
        const after = reservedAt === undefined ? undefined : await this.#submit(record.id, intent, key, at, onRefused);
        if (after?.state === 'failed' && after.error) {
          refusals.push({ intent, error: after.error });
        }
        if (after?.gatewayId !== undefined) {
          onAccepted?.(after);
        }
      }
      // Else the window closes: `recover` settles the draft. A request that is sent now might be cut off.
    }
    return written.map(({ record }) => taken.get(record.id) ?? store.get(record.id) ?? record);
  }

  /**
   * Gives the shots of storyboards up that another window has begun meanwhile.
   *
   * @returns by the id of a draft that is gone: the other's record
   * @throws {StoreError} when it cannot be known; all drafts are withdrawn then
   */
  async #claimShots(drafts: readonly Draft[]): Promise<ReadonlyMap<string, TaskRecord>> {
    if (drafts.every(({ intent }) => intent.shot?.known === undefined)) {
      return new Map();
    }
    const { store, clock, log } = this.#options;
    const { ShotClaims } = await import('./shotClaims');
    try {
      return await new ShotClaims(this.#options).claim(drafts, async (id, { id: winner }) => {
        log?.(`task ${id} is not sent: ${winner} is for the same shot`);
        // Not ours any more, whether or not it can be removed: as it is withdrawn first, it is never sent.
        await this.#withdraw([id], { kind: 'never-sent', at: clock.now() });
        // A slow disk may take its time, in which another window sees it, and its user may do something with it.
        const isUntouched = ({ state, saved }: TaskRecord) => state === 'failed' && saved.length === 0;
        await store.remove(id, isUntouched).catch((error: unknown) => log?.(String(error)));
      });
    } catch (error) {
      await this.#withdraw(
        drafts.map(({ record }) => record.id),
        { kind: 'storage', at: clock.now() },
      );
      throw error;
    }
  }

  /**
   * Looks at the daily budget without a reservation, so that a user can be asked before anything is uploaded or written.
   *
   * @param planned roubles for all that is about to be ordered; `undefined` when unknown
   * @returns what has to be asked about; `undefined` when it fits
   */
  async checkBudget(planned: number | undefined, budget: Limit): Promise<BudgetCheck | undefined> {
    return (await this.#loadReservations()).look(planned, budget);
  }

  /** What today took so far, as the daily budget counts it. */
  async getToday(): Promise<Sum & { isKnown: boolean }> {
    return (await this.#loadReservations()).getToday();
  }

  /**
   * Remembers a balance that the service has told: the last one before an order is what the balance after a lost answer
   * is compared with.
   *
   * @param ageMs how long ago it was asked for; orders since then may or may not be in it
   */
  noteBalance(key: string, roubles: number, ageMs: number): void {
    const { clock } = this.#options;
    this.#balances.set(getKeyFingerprint(key), {
      before: roubles,
      beforeAt: clock.now() - ageMs,
      askedAt: clock.monotonic() - ageMs,
    });
  }

  #getBalance(key: string): BalanceComparison | undefined {
    const known = this.#balances.get(getKeyFingerprint(key));
    return known && this.#options.clock.monotonic() - known.askedAt <= BALANCE_AGE_MAX_MS
      ? { before: known.before, beforeAt: known.beforeAt }
      : undefined;
  }

  /**
   * Asks about tasks whose answer was lost: whether the service knows an id that came beside an error, and the balance,
   * as far as it was known before. Free, and sends no order.
   *
   * @throws {NoKeyError | ApiError | StoreError} the balance could not be compared
   */
  async checkUnknown(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const gatewayId = this.#options.store.get(id)?.error?.taskId;
      if (gatewayId !== undefined) {
        this.#settledIds.delete(gatewayId);
        this.#idsAskedAt.delete(gatewayId);
      }
    }
    await this.#askAboutLostIds();
    await this.#compareBalances(ids);
  }

  /** Resolves when a comparison of the balance that is on its way for this task has ended, one way or another. */
  async whenCompared(id: string): Promise<void> {
    await this.#comparisons.get(id);
  }

  async #compareBalances(ids: readonly string[]): Promise<void> {
    const key = await this.#options.credentials.get();
    if (key === undefined) {
      throw new NoKeyError();
    }
    await compareBalances(this.#options, ids, { key, signal: this.#abort.signal });
  }

  /** Compares what no window has compared yet. Never throws: it is a hint. */
  async #compareUncompared(): Promise<void> {
    const ids = this.#options.store
      .list()
      .filter(({ id, state, balance }) => {
        const isUncompared = state === 'unknown' && balance !== undefined && balance.after === undefined;
        return isUncompared && !this.#comparisons.has(id) && (this.#balanceTries.get(id) ?? 0) < BALANCE_TRIES;
      })
      .map(({ id }) => id);
    if (ids.length === 0 || this.isDisposed) {
      return;
    }
    const comparing = this.#compareBalances(ids).catch((error: unknown) => {
      this.#options.log?.(`balance after a lost answer: ${String(error)}`);
      this.#lookAgainSoon(ID_AGAIN_MS);
    });
    for (const id of ids) {
      this.#balanceTries.set(id, (this.#balanceTries.get(id) ?? 0) + 1);
      this.#comparisons.set(id, comparing);
    }
    await comparing;
    ids.forEach((id) => this.#comparisons.delete(id));
  }

  #loadReservations(): Promise<Reservations> {
    this.#reservations ??= import('../spending/reservations').then(
      ({ Reservations }) => new Reservations(this.#options),
    );
    return this.#reservations;
  }

  /** @returns when; `undefined` when the drafts were withdrawn, because the user did not agree to spend more. */
  async #reserve(drafts: readonly Draft[], spender: Spender, key: string): Promise<number | undefined> {
    const records = drafts.map(({ record }) => record);
    const withdraw = (kind: TaskErrorKind) =>
      // Their prompts stay in the list, and they take nothing of the budget any more.
      this.#withdraw(
        records.map(({ id }) => id),
        { kind, at: this.#options.clock.now() },
      );
    let at: number | undefined;
    try {
      at = await (await this.#loadReservations()).reserve(records, spender, getKeyFingerprint(key));
    } catch (error) {
      await withdraw(error instanceof StoreError && error.kind === 'disk-full' ? 'disk-full' : 'storage');
      throw error;
    }
    if (at === undefined) {
      await withdraw('not-confirmed');
    }
    spender.onReserved?.();
    return at;
  }

  /** @throws {StoreError} one could not be written; those before it are withdrawn. */
  async #writeDrafts(intents: readonly GenerationIntent[], key: string): Promise<Draft[]> {
    const { store, identity, clock } = this.#options;
    const drafts: Draft[] = [];
    for (const intent of intents) {
      const at = clock.now();
      try {
        const record = await store.create(
          transitions.createDraft({
            id: store.newId(at),
            request: {
              model: intent.model,
              prompt: intent.prompt,
              aspectRatio: intent.aspectRatio,
              firstFrame: intent.frame?.firstFrame,
            },
            account: getKeyFingerprint(key),
            sender: identity.name,
            ...(intent.quotedPrice === undefined ? {} : { quotedPrice: intent.quotedPrice }),
            shot: getShot(intent),
            at,
          }),
        );
        drafts.push({ record, intent });
      } catch (error) {
        await this.#withdraw(
          drafts.map(({ record }) => record.id),
          { kind: 'never-sent', at },
        );
        throw error;
      }
    }
    return drafts;
  }

  /**
   * Adds a task that was created elsewhere by the service's id, or sets the id of a record in state `unknown` (`bindTo`).
   *
   * Requests the task first, so that a wrong id is reported at once. For an id that has a record already, returns that
   * record unchanged.
   *
   * @param options.keepAnyway adds it although the service could not be reached or did not know it
   * @throws {NoKeyError | ApiError | StoreError} when nothing was stored
   */
  async add(gatewayId: string, options: { bindTo?: string; keepAnyway?: boolean } = {}): Promise<TaskRecord> {
    // One call after the other for the same id, so that it is added once.
    const earlier = this.#adding.get(gatewayId);
    const adding = (earlier ?? Promise.resolve()).then(() => this.#add(gatewayId, options));
    const settled = adding.then(
      () => undefined,
      () => undefined,
    );
    this.#adding.set(gatewayId, settled);
    try {
      return await adding;
    } finally {
      if (this.#adding.get(gatewayId) === settled) {
        this.#adding.delete(gatewayId);
      }
    }
  }

  async #add(gatewayId: string, options: { bindTo?: string; keepAnyway?: boolean }): Promise<TaskRecord> {
    const { store, apiClient, credentials, clock } = this.#options;
    await store.load();
    const followed = store.findByGatewayId(gatewayId);
    if (followed) {
      return followed;
    }
    const key = await credentials.get();
    if (key === undefined) {
      throw new NoKeyError();
    }
    const result = options.keepAnyway
      ? undefined
      : await apiClient.result(gatewayId, { key, signal: this.#abort.signal });
    const at = clock.now();
    const createdAt = result?.createdAt;
    let record: TaskRecord | undefined;
    if (options.bindTo !== undefined) {
      const accepted = transitions.accepted({
        gatewayId,
        at,
        ...(createdAt === undefined ? {} : { serverCreatedAt: createdAt }),
      });
      record = await store.update(options.bindTo, accepted).catch((error: unknown) => {
        if (error instanceof StoreError && (error.kind === 'gone' || error.kind === 'newer-format')) {
          return undefined;
        }
        throw error;
      });
    }
    // A record that has got another id meanwhile, from a late response, keeps it: this is another task then. So it is where
    // the record was removed or taken over by a newer version meanwhile.
    if (record?.gatewayId !== gatewayId) {
      record = await store.create(
        transitions.createAdded({
          id: store.newId(at),
          gatewayId,
          account: getKeyFingerprint(key),
          at: Math.min(at, createdAt ?? at),
        }),
      );
    }
    return result ? store.update(record.id, transitions.withPollResult(result, at)) : record;
  }

  /**
   * Settles intents whose window has ended: a draft was never sent, a submission may have been.
   *
   * Any window may do it, and a wrong guess does no harm: a sender that is alive after all does not send a withdrawn
   * draft, and its response repairs a submission that was taken for lost.
   */
  async recover(): Promise<void> {
    const { store, identity, clock, log } = this.#options;
    clock.clearTimeout(this.#lookAgain);
    this.#lookAgain = undefined;
    const now = clock.now();
    const others = store.list().filter((record) => this.#isOfAnother(record));
    this.#keepSeen(others);
    for (const { id, state, sender, createdAt, submittedAt, awaitsConsent } of others) {
      const seenFor = clock.monotonic() - (this.#seenSince.get(id)?.at ?? Infinity);
      const age = Math.max(now - (state === 'draft' ? createdAt : (submittedAt ?? createdAt)), seenFor);
      // A question may stay open for as long as its window lives.
      const tooOld = !awaitsConsent && age > (state === 'draft' ? DRAFT_LIFE_MS : SUBMITTING_LIFE_MS);
      if (tooOld || sender === undefined || !identity.isPossiblyAlive(sender)) {
        log?.(`task ${id}: its window ended while it was ${state}`);
        await store
          .update(id, transitions.abandoned(now))
          .catch((error: unknown) => log?.(`task ${id}: ${String(error)}`));
      }
    }
    if (store.list().some((record) => this.#isOfAnother(record))) {
      this.#lookAgainSoon();
    }
    await this.#askAboutLostIds();
    await this.#compareUncompared();
  }

  /** Ids that came beside an error and could not be asked about, or whose window died before it did. */
  async #askAboutLostIds(): Promise<void> {
    const { store, apiClient, credentials, clock, log } = this.#options;
    for (const { id, state, error } of store.list()) {
      const gatewayId = state === 'unknown' ? error?.taskId : undefined;
      if (gatewayId === undefined || error === undefined || this.#settledIds.has(gatewayId) || this.isDisposed) {
        continue;
      }
      const now = clock.monotonic();
      if (now - (this.#idsAskedAt.get(gatewayId) ?? -Infinity) < ID_AGAIN_MS) {
        this.#lookAgainSoon(ID_AGAIN_MS);
        continue;
      }
      this.#idsAskedAt.set(gatewayId, now);
      try {
        const key = await credentials.get();
        if (key === undefined) {
          continue;
        }
        const result = await apiClient.result(gatewayId, { key, signal: this.#abort.signal });
        const accepted = transitions.accepted({ gatewayId, at: clock.now() });
        const told = transitions.withPollResult(result, clock.now());
        await store.update(id, (record) => told(accepted(record)));
      } catch (cause) {
        log?.(`task ${id}: is it ${gatewayId}? ${String(cause)}`);
        if (isUnknownId(cause)) {
          this.#settledIds.add(gatewayId);
        } else if (!(cause instanceof ApiError && cause.kind === 'invalid-key')) {
          this.#lookAgainSoon(ID_AGAIN_MS);
        }
      }
    }
  }

  /** Whether another window, a living or a dead one, has to send it or waits for its answer. */
  #isOfAnother({ id, state, sender }: TaskRecord): boolean {
    const { store, identity } = this.#options;
    return (state === 'draft' || state === 'submitting') && sender !== identity.name && !store.isReadOnly(id);
  }

  #keepSeen(others: readonly TaskRecord[]): void {
    const seen = new Map(this.#seenSince);
    this.#seenSince.clear();
    for (const { id, submittedAt } of others) {
      const earlier = seen.get(id);
      const isSame = earlier !== undefined && earlier.submittedAt === submittedAt;
      this.#seenSince.set(id, isSame ? earlier : { submittedAt, at: this.#options.clock.monotonic() });
    }
  }

  #lookAgainSoon(ms = LOOK_AGAIN_MS): void {
    const { clock } = this.#options;
    const at = clock.monotonic() + ms;
    if (this.isDisposed || (this.#lookAgain !== undefined && this.#lookAgainAt <= at)) {
      return;
    }
    clock.clearTimeout(this.#lookAgain);
    this.#lookAgainAt = at;
    this.#lookAgain = clock.setTimeout(() => void this.recover(), ms);
  }

  async #submit(
    id: string,
    intent: GenerationIntent,
    key: string,
    at: number,
    onRefused: ((id: string, error: ApiError) => void) | undefined,
  ): Promise<TaskRecord | undefined> {
    const { store, apiClient, clock, log } = this.#options;
    try {
      const record = await store.update(id, transitions.submitting(at, this.#getBalance(key)));
      if (record.state !== 'submitting') {
        // Withdrawn by a window that took this process for ended.
        return record;
      }
    } catch (error) {
      // Not on the disk, so not sent.
      log?.(`task ${id} was not sent: ${String(error)}`);
      return this.#settle(
        id,
        transitions.refused({
          kind: StoreError.from(error).kind === 'disk-full' ? 'disk-full' : 'storage',
          at: clock.now(),
        }),
      );
    }
    if (this.isDisposed) {
      return this.#settle(id, transitions.refused({ kind: 'never-sent', at: clock.now() }));
    }
    for (let attempt = 0; ; attempt++) {
      try {
        const { id: gatewayId, createdAt } = await apiClient.create(
          {
            model: intent.model,
            prompt: intent.prompt,
            ...(intent.aspectRatio === undefined ? {} : { aspectRatio: intent.aspectRatio }),
            ...(intent.frame === undefined ? {} : { image: intent.frame.image }),
          },
          { key },
        );
        // The id is worth money: log it before anything else can go wrong.
        log?.(`task ${id} is ${gatewayId} at the service`);
        return await this.#keepId(id, intent, key, gatewayId, createdAt);
      } catch (error) {
        const failure = error instanceof ApiError ? error : new ApiError('no-answer', { cause: error });
        log?.(`task ${id}: create: ${failure.message}`);
        if (failure.answer !== undefined && UNREADABLE.has(failure.kind)) {
          // All that there is to find the task by. Its prompt belongs into no log.
          log?.(`task ${id}: the answer was: ${cleanAnswer(failure.answer, intent.prompt)}`);
        }
        const again = failure.kind === 'not-sent' ? RESEND_AFTER_MS[attempt] : undefined;
        if (again !== undefined && !this.isDisposed) {
          await sleep(clock, again, this.#abort.signal);
          // A new day has a budget of its own, and nobody has looked at it.
          if (isSameDay(clock.now(), at) && (await this.#isStillWanted(id))) {
            continue;
          }
        }
        const taskError = transitions.toTaskError(failure, clock.now());
        const isRefusal = getChargeRisk(failure.kind) === 'none';
        // A key that is refused has made no task.
        if (failure.taskId !== undefined && failure.kind !== 'invalid-key') {
          log?.(`task ${id} may be ${failure.taskId} at the service`);
          await this.#settle(id, transitions.answerLost(taskError));
          this.#idsAskedAt.set(failure.taskId, clock.monotonic());
          const found = await this.#confirm(id, intent, key, failure.taskId, isRefusal);
          if (found) {
            return found;
          }
        }
        const change = isRefusal ? transitions.refused(taskError) : transitions.answerLost(taskError);
        if (isRefusal) {
          onRefused?.(id, failure);
        }
        const settled = await this.#settle(id, change);
        // Not awaited: the orders after this one wait for no hint.
        void this.#compareUncompared();
        return settled;
      }
    }
  }

  /** Keeps the service's id of an order, whatever has become of its record meanwhile: the task was made, and paid for. */
  async #keepId(
    id: string,
    intent: GenerationIntent,
    key: string,
    gatewayId: string,
    serverCreatedAt: number | undefined,
  ): Promise<TaskRecord | undefined> {
    const { store, clock, identity, log } = this.#options;
    const accepted = transitions.accepted({
      gatewayId,
      at: clock.now(),
      ...(serverCreatedAt === undefined ? {} : { serverCreatedAt }),
    });
    const record = await this.#settle(id, accepted);
    const known = record?.gatewayId === gatewayId ? record : store.findByGatewayId(gatewayId);
    if (known) {
      return known;
    }
    if (store.removed().some((removed) => removed.gatewayId === gatewayId)) {
      // Another window knew the id, and there the user removed the task.
      return undefined;
    }
    const current = store.get(id);
    if (current && current.gatewayId === undefined && !store.isReadOnly(id)) {
      // This window closes, and the disk fails. The id may be in the record all the same, as a write that fails can have
      // happened: another record of the same task would show it twice.
      log?.(`task ${gatewayId} could not be kept before the window closed; add it by its id if it is missing`);
      return undefined;
    }
    // Removed by the user, taken over by a newer version, or given another id by hand. Under the old name where that is
    // free: what the removed record may have cost is then not counted a second time.
    const at = clock.now();
    const name = store.get(id) ? store.newId(at) : id;
    log?.(`task ${gatewayId} is followed as ${name}: the record of its order is no longer its own`);
    const create = (as: string) =>
      store.create(
        accepted(
          transitions.createDraft({
            id: as,
            request: {
              model: intent.model,
              prompt: intent.prompt,
              aspectRatio: intent.aspectRatio,
              firstFrame: intent.frame?.firstFrame,
            },
            account: getKeyFingerprint(key),
            sender: identity.name,
            ...(intent.quotedPrice === undefined ? {} : { quotedPrice: intent.quotedPrice }),
            shot: getShot(intent),
            at,
          }),
        ),
      );
    return this.#persist(
      gatewayId,
      async (failures) =>
        store.findByGatewayId(gatewayId) ?? (await create(failures === 0 ? name : store.newId(clock.now()))),
    );
  }

  /**
   * An id that came with an answer that is none: the service is asked whether it knows it, and whatever it says then is
   * believed. An id that cannot be asked about for now is followed like any other, unless it came with a refusal and does
   * not look like one of this moment: then the order stays unknown.
   *
   * @returns `undefined` when the service does not know it.
   */
  async #confirm(
    id: string,
    intent: GenerationIntent,
    key: string,
    gatewayId: string,
    isRefusal: boolean,
  ): Promise<TaskRecord | undefined> {
    const { apiClient, clock, log } = this.#options;
    const followed = this.#options.store.findByGatewayId(gatewayId);
    if (followed && followed.id !== id) {
      // An earlier one: the answer speaks of it too, as of the video that the first frame is from.
      return undefined;
    }
    let result: TaskResult | undefined;
    for (const wait of [0, ...RESEND_AFTER_MS]) {
      await sleep(clock, wait, this.#abort.signal);
      try {
        result = await apiClient.result(gatewayId, { key, signal: this.#abort.signal });
        break;
      } catch (error) {
        log?.(`task ${id}: is it ${gatewayId}? ${String(error)}`);
        // Just made, it may not be known everywhere yet.
        if (isUnknownId(error) && wait === RESEND_AFTER_MS.at(-1)) {
          return undefined;
        }
      }
    }
    if (!result && isRefusal && !isIdOfNow(gatewayId, clock.now())) {
      // It may be anybody's, and it may have been charged: not known, until it can be asked about.
      this.#lookAgainSoon(ID_AGAIN_MS);
      return this.#options.store.get(id);
    }
    const record = await this.#keepId(id, intent, key, gatewayId, result?.createdAt);
    return record && result ? this.#settle(record.id, transitions.withPollResult(result, clock.now())) : record;
  }

  /**
   * Whether an intent that could not be sent may be sent now. Checked on the disk: the user may have removed it in any
   * window, or a window that took this process for ended may have offered to send it again.
   */
  async #isStillWanted(id: string): Promise<boolean> {
    const { store, clock } = this.#options;
    if (this.isDisposed) {
      return false;
    }
    try {
      const record = await store.update(id, transitions.submittingAgain(clock.now()));
      return record.state === 'submitting' && !this.isDisposed;
    } catch {
      return false;
    }
  }

  /** Writes what became of a request; `undefined` when the record is no longer ours to write. */
  #settle(id: string, change: transitions.Change): Promise<TaskRecord | undefined> {
    return this.#persist(id, () => this.#options.store.update(id, change));
  }

  /** Writes for as long as it takes: the disk may be full, the task is paid for. */
  async #persist(id: string, write: (failures: number) => Promise<TaskRecord>): Promise<TaskRecord | undefined> {
    const { clock, random, log } = this.#options;
    let failuresWhileClosing = 0;
    for (let failures = 0; ;) {
      try {
        return await write(failures);
      } catch (error) {
        log?.(`task ${id} could not be written: ${String(error)}`);
        const kind = StoreError.from(error).kind;
        if (
          kind === 'gone' ||
          kind === 'newer-format' ||
          (this.isDisposed && ++failuresWhileClosing > MAX_FAILURES_WHILE_CLOSING)
        ) {
          return undefined;
        }
        failures++;
        await sleep(clock, getBackOffMs(failures, random), this.#abort.signal);
      }
    }
  }

  async #withdraw(ids: readonly string[], error: TaskError): Promise<void> {
    for (const id of ids) {
      const change = transitions.refused(error);
      await this.#options.store.update(id, change).catch((cause: unknown) => {
        this.#options.log?.(`task ${id}: ${String(cause)}`);
        // It stays a draft for now, which is never sent. Should this window close before, `recover` settles it.
        void this.#settle(id, change);
      });
    }
  }
}
