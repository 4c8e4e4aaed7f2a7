import { sleep, type Clock } from '../../common/clock';
import { StoreError } from '../model/errors';
import type { TaskRecord, TaskShot } from '../model/taskRecord';
import type { TaskStore } from '../storage/taskStore';
import type { ProcessIdentity } from '../worker/processIdentity';

/** A shot that is to be sent once, however many windows run the same storyboard. */
export interface ShotIntent extends TaskShot {
  /**
   * Ids of the records of this storyboard that the user knew of when agreeing: what is beside them is another's. Absent
   * for one more take that the user has asked for: that is sent whatever else there is.
   */
  known?: readonly string[] | undefined;
}

/** A draft of this process, with what it was agreed to be. */
interface ShotDraft {
  record: TaskRecord;
  intent: { shot?: ShotIntent | undefined };
}

export interface ShotClaimsOptions {
  store: TaskStore;
  identity: ProcessIdentity;
  clock: Clock;
}

/** A window that is asking its user about the budget may take longer: then it has the shot. */
const CONTENTION_LIMIT_MS = 5_000;
const CONTENTION_PAUSE_MS = 60;

/**
 * Lets only one of several windows send a shot: the drafts are the claims, as they are the reservations of the budget.
 *
 * Each window writes its draft first and looks at everything that is on the disk after that. Of two that do so at the same
 * time, at least one sees the other. Which of them has looked already is not known, so the younger draft always gives way,
 * and the older one waits until the younger is gone, or has been sent after all.
 */
export class ShotClaims {
  readonly #options: ShotClaimsOptions;

  constructor(options: ShotClaimsOptions) {
    this.#options = options;
  }

  /**
   * @param drafts on the disk, not sent; those without a shot are left alone
   * @param giveUp takes a draft back. At once, and not with the others at the end: of two windows each may have the older
   * draft of one shot, and would wait for the other.
   * @returns by the id of a draft that must not be sent: the record of another window that has its shot
   * @throws {StoreError} when it cannot be known what others have; nothing may be sent then
   */
  async claim(
    drafts: readonly ShotDraft[],
    giveUp: (id: string, winner: TaskRecord) => Promise<void>,
  ): Promise<ReadonlyMap<string, TaskRecord>> {
    const { clock } = this.#options;
    const taken = new Map<string, TaskRecord>();
    const own = new Set(drafts.map(({ record }) => record.id));
    for (const endsAt = clock.monotonic() + CONTENTION_LIMIT_MS; ;) {
      const isKnown = await this.#findOut();
      const isOver = clock.monotonic() >= endsAt;
      let isOpen = !isKnown;
      for (const { record, intent } of drafts) {
        const { shot } = intent;
        if (shot?.known && !taken.has(record.id)) {
          const rivals = this.#findRivals(shot, new Set([...own, ...shot.known]));
          const winner = rivals.find(({ id, state }) => isOver || state !== 'draft' || id < record.id);
          if (winner) {
            taken.set(record.id, winner);
            await giveUp(record.id, winner);
          } else {
            isOpen ||= rivals.length > 0;
          }
        }
      }
      if (!isOpen) {
        return taken;
      }
      if (isOver && !isKnown) {
        throw new StoreError('storage');
      }
      await sleep(clock, CONTENTION_PAUSE_MS);
    }
  }

  #findRivals(shot: ShotIntent, known: ReadonlySet<string>): TaskRecord[] {
    const { store, identity } = this.#options;
    return store.list().filter(({ id, state, sender, shot: other }) => {
      // A draft whose window has died is never sent.
      const isLeft = state === 'draft' && sender !== undefined && !identity.isPossiblyAlive(sender);
      return other && !known.has(id) && state !== 'failed' && !isLeft && isSameShot(shot, other);
    });
  }

  /** Reads what other windows wrote. @returns whether all is known */
  async #findOut(): Promise<boolean> {
    const { store } = this.#options;
    // Twice: listing a folder can miss a name that changes meanwhile (see `RevisionFiles`).
    return (await store.rescan()) && (await store.rescan());
  }
}

/** What one window calls by another title, or another number, may be the same shot: better asked for again than paid twice. */
function isSameShot(a: TaskShot, b: TaskShot): boolean {
  return a.document === b.document && (a.label === b.label || (a.title !== '' && a.title === b.title));
}
