import { readdirSync, unlinkSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../common/clock';
import { getErrorCode } from '../../common/fsErrors';
import type { ProcessIdentity } from './processIdentity';
import { Disposable, Emitter } from '../../common/events';

export interface WorkerLeaseOptions {
  /** The store's directory. */
  directory: string;
  clock: Clock;
  identity: ProcessIdentity;
  log?: (message: string) => void;
}

/** How often the holder shows that it lives, and how often the others look. */
const BEAT_MS = 2_000;
/** A holder that showed nothing for this long and this many looks has died or hangs. */
const DEAD_AFTER_MS = 10_000;
const DEAD_AFTER_LOOKS = 4;
/** A holder that could not beat for this long no longer trusts its own lease. */
const TRUST_MS = 8_000;

/**
 * Chooses the one window that asks the service and fetches videos, while there is something to do.
 *
 * The lease is the file `worker/N` with the highest number. A window takes over by making the file of
 * the next number, which succeeds for one only. The holder touches its file; the others watch its time
 * change on *their* monotonic clock, so that no wall clock matters, and look several times, so that
 * a machine that wakes from sleep gives its windows time to beat. A holder that closes removes its file,
 * and one whose process is gone (`Identity`) is replaced at the next look.
 *
 * Two windows may both hold it for a moment (a stopped process that goes on). That is harmless: asking
 * costs nothing, and the store takes each change once.
 */
export class WorkerLease extends Disposable {
  readonly #options: WorkerLeaseOptions;
  readonly #directory: string;
  readonly #reasons = new Set<string>();
  readonly #didChange = this._register(new Emitter<boolean>());
  /** Fires when `held` changes. */
  readonly onDidChange = this.#didChange.event;
  readonly #didLook = this._register(new Emitter<void>());
  /** Fires with each beat of a window that has work but not the lease: a good time to look for changes. */
  readonly onDidCheck = this.#didLook.event;

  #number: number | undefined;
  #renewedAt = 0;
  #seen: { number: number; mtimeMs: number; since: number; looks: number } | undefined;
  #timer: unknown;
  #beating = false;

  constructor(options: WorkerLeaseOptions) {
    super();
    this.#options = options;
    this.#directory = join(options.directory, 'worker');
  }

  /** Whether this window is the one that works. */
  get held(): boolean {
    return this.#number !== undefined && this.#options.clock.monotonic() - this.#renewedAt < TRUST_MS;
  }

  /** Says whether there is work; with none for any reason there is no lease, no timer and no file. */
  setWorkPending(reason: string, wanted: boolean): void {
    if (this.isDisposed || this.#reasons.has(reason) === wanted) {
      return;
    }
    if (wanted) {
      this.#reasons.add(reason);
      if (this.#reasons.size === 1 && this.#timer === undefined && !this.#beating) {
        this.#beatSoon(0);
      }
    } else {
      this.#reasons.delete(reason);
      if (this.#reasons.size === 0) {
        this.#options.clock.clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#seen = undefined;
        this.#release();
      }
    }
  }

  override dispose(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#reasons.clear();
    this.#release();
    super.dispose();
  }

  #beatSoon(ms: number): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#heartbeat();
    }, ms);
  }

  async #heartbeat(): Promise<void> {
    this.#beating = true;
    try {
      await (this.#number === undefined ? this.#tryAcquire() : this.#renew());
    } catch (error) {
      this.#options.log?.(`lease: ${String(error)}`);
    } finally {
      this.#beating = false;
    }
    if (this.#reasons.size === 0) {
      // Nobody wants it any more since the beat began.
      this.#release();
      return;
    }
    if (this.#number === undefined) {
      this.#didLook.fire();
    }
    this.#beatSoon(BEAT_MS);
  }

  async #renew(): Promise<void> {
    const number = this.#number!;
    const now = new Date(this.#options.clock.now());
    try {
      const highest = Math.max(...(await this.#numbers()));
      if (highest !== number) {
        throw new Error(`window ${highest} took over`);
      }
      await utimes(join(this.#directory, String(number)), now, now);
      const wasHeld = this.held;
      this.#renewedAt = this.#options.clock.monotonic();
      if (!wasHeld) {
        // The machine slept, or this process was stopped, and nobody else took over.
        this.#didChange.fire(true);
      }
    } catch (error) {
      if (this.#number === number) {
        this.#number = undefined;
        this.#options.log?.(`lease ${number} lost: ${String(error)}`);
        this.#didChange.fire(false);
      }
    }
  }

  async #tryAcquire(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const numbers = await this.#numbers();
    const highest = Math.max(0, ...numbers);
    if (highest > 0 && !(await this.#isDead(highest))) {
      return;
    }
    const number = highest + 1;
    try {
      await writeFile(join(this.#directory, String(number)), this.#options.identity.name, { flag: 'wx' });
    } catch (error) {
      if (getErrorCode(error) === 'EEXIST') {
        return;
      }
      throw error;
    }
    await Promise.all(numbers.map((old) => unlink(join(this.#directory, String(old))).catch(() => undefined)));
    if (this.isDisposed) {
      unlinkSync(join(this.#directory, String(number)));
      return;
    }
    this.#number = number;
    this.#renewedAt = this.#options.clock.monotonic();
    this.#seen = undefined;
    this.#options.log?.(`lease ${number} taken`);
    this.#didChange.fire(true);
  }

  async #isDead(number: number): Promise<boolean> {
    const path = join(this.#directory, String(number));
    try {
      const owner = await readFile(path, 'utf8');
      // An empty name is one that is being written just now.
      if (owner !== '' && !this.#options.identity.isPossiblyAlive(owner)) {
        return true;
      }
      const { mtimeMs } = await stat(path);
      const now = this.#options.clock.monotonic();
      if (this.#seen?.number !== number || this.#seen.mtimeMs !== mtimeMs) {
        this.#seen = { number, mtimeMs, since: now, looks: 0 };
      }
      this.#seen.looks++;
      return now - this.#seen.since >= DEAD_AFTER_MS && this.#seen.looks >= DEAD_AFTER_LOOKS;
    } catch (error) {
      // Released between the listing and now: the next beat finds out.
      if (getErrorCode(error) === 'ENOENT') {
        return false;
      }
      throw error;
    }
  }

  async #numbers(): Promise<number[]> {
    return numbersIn(await readdir(this.#directory));
  }

  /** Synchronous: the extension host may end right after `dispose`. */
  #release(): void {
    const number = this.#number;
    if (number === undefined) {
      return;
    }
    this.#number = undefined;
    try {
      if (Math.max(...numbersIn(readdirSync(this.#directory))) === number) {
        unlinkSync(join(this.#directory, String(number)));
      }
    } catch (error) {
      this.#options.log?.(`lease ${number}: ${String(error)}`);
    }
    this.#didChange.fire(false);
  }
}

function numbersIn(names: readonly string[]): number[] {
  return names.filter((name) => /^\d{1,15}$/.test(name)).map(Number);
}
