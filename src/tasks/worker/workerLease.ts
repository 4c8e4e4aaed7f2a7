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

/** How often the holder renews its lease, and how often the other windows check it. */
const HEARTBEAT_MS = 2_000;
/** A holder that did not renew its lease for so long, and for so many checks, has ended or hangs. */
const DEAD_AFTER_MS = 10_000;
const DEAD_AFTER_CHECKS = 4;
/** A holder that could not renew its lease for so long does not rely on it any more. */
const TRUST_MS = 8_000;

/**
 * Chooses the one window that polls the service and downloads videos, while there is work.
 *
 * The lease is the file `worker/N` with the highest number. A window takes over by creating the file of the next number,
 * which succeeds for one window only. The holder touches its file. The others measure on *their* monotonic clock how long
 * its time has not changed, so that no wall clock matters, and check several times, so that after a sleep of the machine
 * its windows have time for a heartbeat. A holder that closes deletes its file, and one whose process has ended
 * (`ProcessIdentity`) is replaced at the next check.
 *
 * Two windows may hold the lease for a moment (a suspended process that resumes). That is harmless: polling is free, and
 * the store applies each change once.
 */
export class WorkerLease extends Disposable {
  readonly #options: WorkerLeaseOptions;
  readonly #directory: string;
  readonly #pendingKinds = new Set<string>();
  readonly #didChange = this._register(new Emitter<boolean>());
  /** Fires when `held` changes. */
  readonly onDidChange = this.#didChange.event;
  readonly #didBeat = this._register(new Emitter<void>());
  /** Fires with each heartbeat of a window that has work, with or without the lease: a good time to look for changes. */
  readonly onDidBeat = this.#didBeat.event;

  #number: number | undefined;
  #renewedAt = 0;
  #seen: { number: number; mtimeMs: number; since: number; checks: number } | undefined;
  #timer: unknown;
  #isBeating = false;

  constructor(options: WorkerLeaseOptions) {
    super();
    this.#options = options;
    this.#directory = join(options.directory, 'worker');
  }

  /** Whether this window holds the lease. */
  get held(): boolean {
    return this.#number !== undefined && this.#options.clock.monotonic() - this.#renewedAt < TRUST_MS;
  }

  /** Sets whether there is work of one kind. While there is none of any kind, there is no lease, no timer and no file. */
  setWorkPending(kind: string, isPending: boolean): void {
    if (this.isDisposed || this.#pendingKinds.has(kind) === isPending) {
      return;
    }
    if (isPending) {
      this.#pendingKinds.add(kind);
      if (this.#pendingKinds.size === 1 && this.#timer === undefined && !this.#isBeating) {
        this.#scheduleHeartbeat(0);
      }
    } else {
      this.#pendingKinds.delete(kind);
      if (this.#pendingKinds.size === 0) {
        this.#options.clock.clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#seen = undefined;
        this.#release();
      }
    }
  }

  override dispose(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#pendingKinds.clear();
    this.#release();
    super.dispose();
  }

  #scheduleHeartbeat(ms: number): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#heartbeat();
    }, ms);
  }

  async #heartbeat(): Promise<void> {
    this.#isBeating = true;
    try {
      await (this.#number === undefined ? this.#tryAcquire() : this.#renew());
    } catch (error) {
      this.#options.log?.(`lease: ${String(error)}`);
    } finally {
      this.#isBeating = false;
    }
    if (this.#pendingKinds.size === 0) {
      // The work ended during the heartbeat.
      this.#release();
      return;
    }
    this.#didBeat.fire();
    this.#scheduleHeartbeat(HEARTBEAT_MS);
  }

  async #renew(): Promise<void> {
    const number = this.#number!;
    let loss: string | undefined;
    try {
      const highest = Math.max(0, ...(await this.#listNumbers()));
      loss = highest === number ? undefined : highest > number ? `window ${highest} took over` : 'its file is gone';
      if (loss === undefined) {
        await this.#touch(number);
        const wasHeld = this.held;
        this.#renewedAt = this.#options.clock.monotonic();
        if (!wasHeld) {
          // The machine slept, or this process was suspended, and no other window took over.
          this.#didChange.fire(true);
        }
        return;
      }
    } catch (error) {
      // A disk that does not answer for a moment says nothing about who holds the lease.
      this.#options.log?.(`lease ${number} not renewed: ${String(error)}`);
      loss = getErrorCode(error) === 'ENOENT' ? 'its file is gone' : this.held ? undefined : 'not renewed for long';
    }
    if (loss !== undefined && this.#number === number) {
      this.#number = undefined;
      this.#options.log?.(`lease ${number} lost: ${loss}`);
      this.#didChange.fire(false);
    }
  }

  /** Changes the time of the lease's file. */
  async #touch(number: number): Promise<void> {
    const path = join(this.#directory, String(number));
    const now = new Date(this.#options.clock.now());
    try {
      await utimes(path, now, now);
    } catch (error) {
      if (getErrorCode(error) === 'ENOENT') {
        throw error;
      }
      // Some network disks let nobody set a time; writing sets it, too. `r+`: not a file that was removed.
      await writeFile(path, this.#options.identity.name, { flag: 'r+' });
    }
  }

  async #tryAcquire(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const numbers = await this.#listNumbers();
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
      // An empty name is just being written.
      if (owner !== '' && !this.#options.identity.isPossiblyAlive(owner)) {
        return true;
      }
      const { mtimeMs } = await stat(path);
      const now = this.#options.clock.monotonic();
      if (this.#seen?.number !== number || this.#seen.mtimeMs !== mtimeMs) {
        this.#seen = { number, mtimeMs, since: now, checks: 0 };
      }
      this.#seen.checks++;
      return now - this.#seen.since >= DEAD_AFTER_MS && this.#seen.checks >= DEAD_AFTER_CHECKS;
    } catch (error) {
      // Released between the listing and now: the next check finds out.
      if (getErrorCode(error) === 'ENOENT') {
        return false;
      }
      throw error;
    }
  }

  async #listNumbers(): Promise<number[]> {
    return parseNumbers(await readdir(this.#directory));
  }

  /** Synchronous: the extension host may end right after `dispose`. */
  #release(): void {
    const number = this.#number;
    if (number === undefined) {
      return;
    }
    this.#number = undefined;
    try {
      if (Math.max(...parseNumbers(readdirSync(this.#directory))) === number) {
        unlinkSync(join(this.#directory, String(number)));
      }
    } catch (error) {
      this.#options.log?.(`lease ${number}: ${String(error)}`);
    }
    this.#didChange.fire(false);
  }
}

function parseNumbers(names: readonly string[]): number[] {
  return names.filter((name) => /^\d{1,15}$/.test(name)).map(Number);
}
