import { sleep, type Clock, type Random } from '../../common/clock';
import { isSameDay } from '../../common/days';
import { StoreError } from '../model/errors';
import { awaitingConsent } from '../model/transitions';
import type { ChargeableTask, TaskRecord } from '../model/taskRecord';
import type { ProcessIdentity } from '../worker/processIdentity';
import { TaskStore } from '../storage/taskStore';
import { checkBudget, type BudgetCheck } from './budget';
import type { Limit } from './limit';
import { getCommittedToday, type Sum } from './spending';

/** What orders, and how the daily budget is held to it. */
export interface Spender {
  /** Roubles a day, 0 for none; read anew for each look, for it may be changed meanwhile. */
  readonly dailyBudget: () => Limit;
  /** Asks the user about what does not fit. @returns whether the user agrees */
  readonly ask: (check: BudgetCheck) => Promise<boolean>;
  /** What the user has agreed to already, a moment ago. */
  readonly agreed?: BudgetCheck | undefined;
  /** Fingerprint of the key that the price was listed for, when nobody has looked at it. */
  readonly account?: string | undefined;
  /** The order is on the disk, and counts for everyone who looks. */
  readonly onReserved?: (() => void) | undefined;
}

export interface ReservationsOptions {
  store: TaskStore;
  identity: ProcessIdentity;
  clock: Clock;
  random: Random;
}

/** The usual contention is over in a fraction of this: who has the oldest draft goes first. Then the user decides. */
const CONTENTION_LIMIT_MS = 5_000;
const CONTENTION_PAUSE_MS = 60;
const CONTENTION_PAUSE_MAX_MS = 500;

/**
 * The daily budget across windows: the drafts are the reservation.
 *
 * Looking at what was spent and then ordering would let two windows, or two calls, spend the same rest. So an order
 * writes its drafts first, looks at everything that is on the disk after that, and only then sends, asks or withdraws.
 * Of two that write and look at the same time, at least one sees the other. When both do, neither would fit, though
 * one could: so the younger one lets go of its reservation for a moment (`awaitsConsent`), and reserves and looks again.
 */
export class Reservations {
  readonly #options: ReservationsOptions;

  constructor(options: ReservationsOptions) {
    this.#options = options;
  }

  /**
   * Looks without a reservation.
   *
   * @param planned roubles for all that is about to be ordered; `undefined` when unknown
   */
  async look(planned: number | undefined, budget: Limit): Promise<BudgetCheck | undefined> {
    if (budget === 0) {
      return undefined;
    }
    const isTodayKnown = await this.#findOut();
    return checkBudget(this.#records(), planned, budget, this.#options.clock.now(), isTodayKnown);
  }

  /** What today took so far, with what may have been charged, also by other windows; `isKnown` unless a task is unreadable. */
  async getToday(): Promise<Sum & { isKnown: boolean }> {
    const isKnown = await this.#findOut();
    return { ...getCommittedToday(this.#records(), this.#options.clock.now()), isKnown };
  }

  /**
   * Holds drafts against the budget, and asks if they do not fit.
   *
   * @returns the time of the look, which holds for its day; `undefined` when the user did not agree, or a draft is
   * none any more: the user has removed it.
   * @throws {StoreError} when that cannot be written; nothing may be sent then.
   */
  async reserve(drafts: readonly TaskRecord[], spender: Spender, account: string): Promise<number | undefined> {
    const { clock, random } = this.#options;
    const ids = drafts.map(({ id }) => id);
    const endsAt = clock.monotonic() + CONTENTION_LIMIT_MS;
    for (let { agreed } = spender, pauseMs = CONTENTION_PAUSE_MS; ;) {
      const { at, check, isContended, isOldest } = await this.#check(drafts, spender, account);
      if (!check || (agreed && covers(agreed, check))) {
        return at;
      }
      if (isContended && clock.monotonic() < endsAt) {
        if (isOldest) {
          await sleep(clock, CONTENTION_PAUSE_MS);
          continue;
        }
        await this.#await(ids, true);
        await sleep(clock, pauseMs * (1 + random()));
        pauseMs = Math.min(2 * pauseMs, CONTENTION_PAUSE_MAX_MS);
      } else {
        // Which cannot be written on a full disk: then they go on counting while the question is open.
        await this.#await(ids, true).catch(() => false);
        if (!(await spender.ask(check))) {
          return undefined;
        }
        agreed = check;
      }
      if (!(await this.#await(ids, false))) {
        return undefined;
      }
    }
  }

  async #check(drafts: readonly TaskRecord[], { dailyBudget, account: listedFor }: Spender, account: string) {
    const { clock, identity } = this.#options;
    const budget = dailyBudget();
    const isTodayKnown = budget === 0 || (await this.#findOut());
    const at = clock.now();
    const planned = getPlanned(drafts);
    const own = new Set(drafts.map(({ id }) => id));
    const isOther = (record: ChargeableTask & { id?: string }) => record.id === undefined || !own.has(record.id);
    const others = this.#records().filter(isOther);
    const isRival = ({ id, state, awaitsConsent, sender }: Rival) =>
      id !== undefined && state === 'draft' && !awaitsConsent && sender !== identity.name && this.#isAlive(sender);
    const rivals = others.filter(isRival) as Rival[];
    const look = (records: readonly ChargeableTask[]) => checkBudget(records, planned, budget, at, isTodayKnown);
    if (listedFor !== undefined && listedFor !== account) {
      // Whether or not there is a budget: the price that nobody has looked at is none.
      const today = getCommittedToday(others, at);
      return { at, check: { budget, today, unknown: 'key' } satisfies BudgetCheck, isContended: false, isOldest: true };
    }
    return {
      at,
      check: look(others),
      isContended: rivals.length > 0 && look(others.filter((record) => !isRival(record))) === undefined,
      isOldest: rivals.every(({ id = '' }) => id > (drafts[0]?.id ?? '')),
    };
  }

  #records(): (ChargeableTask & Rival)[] {
    const { store } = this.#options;
    // A draft that was removed is never sent.
    return [...store.list(), ...store.removed().filter(({ state }) => state !== 'draft')];
  }

  /** A window that died lets go of nothing; its drafts count until they are withdrawn (`recover`). */
  #isAlive(sender: string | undefined): boolean {
    return sender === undefined || this.#options.identity.isPossiblyAlive(sender);
  }

  /** Reads what other windows wrote. @returns whether all of today is known */
  async #findOut(): Promise<boolean> {
    const { store, clock } = this.#options;
    try {
      await store.load();
    } catch {
      return false;
    }
    // Twice: listing a folder can miss a name that changes meanwhile (see `RevisionFiles`).
    const isKnown = (await store.rescan()) && (await store.rescan());
    const now = clock.now();
    const isOfToday = (at: number) => isSameDay(at, now) || at > now;
    return (
      isKnown &&
      !store.damaged.some((name) => isOfToday(TaskStore.getIdTime(name))) &&
      // What a newer version wrote may not tell what it cost.
      !store
        .list()
        .some(
          ({ id, quotedPrice }) =>
            store.isReadOnly(id) && quotedPrice === undefined && isOfToday(TaskStore.getIdTime(id)),
        )
    );
  }

  /** @returns whether all of them are drafts still */
  async #await(ids: readonly string[], awaitsConsent: boolean): Promise<boolean> {
    const records = await Promise.all(
      ids.map((id) =>
        this.#options.store.update(id, awaitingConsent(awaitsConsent)).catch((error: unknown) => {
          if (StoreError.from(error).kind === 'gone') {
            return undefined;
          }
          throw error;
        }),
      ),
    );
    return records.every((record) => record?.state === 'draft' && Boolean(record.awaitsConsent) === awaitsConsent);
  }
}

type Rival = ChargeableTask & { id?: string; sender?: string | undefined };

/** Roubles for all of them; `undefined` when one has no price, or 0, which is none. */
function getPlanned(drafts: readonly TaskRecord[]): number | undefined {
  return drafts.every(({ quotedPrice = 0 }) => quotedPrice > 0)
    ? drafts.reduce((sum, { quotedPrice = 0 }) => sum + quotedPrice, 0)
    : undefined;
}

/** Whether a user who agreed to one has thereby agreed to the other: the same unknown, and no more spent since. */
function covers(agreed: BudgetCheck, check: BudgetCheck): boolean {
  return (
    agreed.budget === check.budget &&
    (check.unknown === undefined || check.unknown === agreed.unknown) &&
    check.today.unpriced <= agreed.today.unpriced &&
    check.today.roubles <= agreed.today.roubles
  );
}
