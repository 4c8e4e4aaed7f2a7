import type { Clock } from '../../../src/common/clock';
import { Random } from '../../emulator/random';
import { PASSING_ERRORS } from '../diskErrors';
import { fail, MemoryDisk } from './disk';

/** A process, or the network. Dead or stopped, nothing of it goes on. */
export interface Actor {
  readonly name: string;
  state: 'runs' | 'stopped' | 'dead';
  /** Ran into an exception that nobody caught. */
  error?: unknown;
}

interface Job {
  readonly actor: Actor;
  readonly run: () => void;
}

interface Timer {
  readonly at: number;
  readonly actor: Actor;
  readonly callback: () => void;
}

interface Watcher {
  readonly actor: Actor;
  readonly folder: string;
  readonly callback: (event: string, name: string) => void;
  onError?: (error: Error) => void;
}

/** More than this at one moment is an endless loop. */
const MAX_STEPS_AT_ONE_TIME = 200_000;
const EPOCH_MS = Date.UTC(2026, 5, 1);

/**
 * One machine, its processes, its disk and its time, all driven by a seed.
 *
 * The code of a process runs until it asks for something: a step on the disk, a message on the network, a
 * timer. Each of those is a job; the machine takes one of the open jobs by chance, lets it happen, and lets
 * the code that waited for it run on. So every order of events that a real machine allows can come, a kill
 * falls between any two steps, and the same seed gives the same run.
 */
export class Machine {
  readonly random: Random;
  readonly disk: MemoryDisk;
  readonly network: Actor = { name: 'network', state: 'runs' };
  /** A listing of a long folder takes several steps, and what happens in between may be missed. */
  slowListings = false;
  /** As on some network disks. */
  reportsChanges = true;
  /** The share of reads of this disk that fail, for a moment. */
  readTrouble = 0;
  /** What this disk answers to `link`. */
  noLinks: string | undefined;
  /** As NFS may: the link is made, and the answer says that it was not. */
  losesLinkAnswers = false;
  /** What this disk answers to `fsync`, and to opening a folder for it. */
  readonly flushing: { file?: string; folder?: string; opensNoFolder?: string } = {};
  /** The share of writes and copies that stall in the middle. */
  stalls = 0;
  /** How often each folder was listed. */
  readonly listings = new Map<string, number>();
  /** How often each fault happened. */
  readonly faults: Record<string, number> = {};
  /** Told of each name that comes or goes. */
  onName: MemoryDisk['onName'];
  /** Whose code runs. */
  current: Actor = this.network;
  /** Of the world, ms from the start. */
  time = 0;
  wallAhead = EPOCH_MS;
  bootedAt = -1_000_000;
  steps = 0;
  #jobs: Job[] = [];
  #timers: Timer[] = [];
  #watchers: Watcher[] = [];
  #stepsAtThisTime = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.disk = new MemoryDisk({ now: () => this.wall(), random: () => this.random.next() });
    this.disk.onName = (folder, name, gone) => {
      this.onName?.(folder, name, gone);
      for (const watcher of this.#watchers) {
        if (watcher.folder === folder) {
          this.#jobs.push({ actor: watcher.actor, run: () => watcher.callback('rename', name) });
        }
      }
    };
  }

  wall(): number {
    return Math.floor(this.time + this.wallAhead);
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  upTo(n: number): number {
    return Math.floor(this.random.next() * n);
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.upTo(items.length)];
  }

  /** One step of the running code that others may come before, and a kill may prevent. */
  job<T>(work: () => T, actor = this.current): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({
        actor,
        run: () => {
          try {
            resolve(work());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
      });
    });
  }

  setTimeout(callback: () => void, ms: number, actor = this.current): Timer {
    // As Node does it: never at once.
    const timer: Timer = { at: this.time + Math.max(1, ms), actor, callback };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    const at = this.#timers.indexOf(timer as Timer);
    if (at >= 0) {
      this.#timers.splice(at, 1);
    }
  }

  clockOf(actor: Actor): Clock {
    return {
      now: () => this.wall(),
      monotonic: () => this.time - this.bootedAt,
      uptime: () => this.time - this.bootedAt,
      setTimeout: (callback, ms) => this.setTimeout(callback, ms, actor),
      clearTimeout: (timer) => this.clearTimeout(timer),
    };
  }

  watch(
    folder: string,
    callback: Watcher['callback'],
  ): { close(): void; on(event: string, listener: (error: Error) => void): void } {
    if (!this.reportsChanges) {
      throw new Error('ENOSYS: changes are not reported');
    }
    const watcher: Watcher = { actor: this.current, folder, callback };
    this.#watchers.push(watcher);
    return {
      close: () => void (this.#watchers = this.#watchers.filter((other) => other !== watcher)),
      on: (_event, listener) => {
        watcher.onError = listener;
      },
    };
  }

  /** Watchers end with an error, as when the system runs out of them. */
  failWatchers(): void {
    const failing = this.#watchers;
    this.#watchers = [];
    for (const { actor, onError } of failing) {
      this.#count('a watcher fails');
      this.#jobs.push({ actor, run: () => onError?.(fail('ENOSPC', 'watch', '')) });
    }
  }

  /** @throws what a read comes to while the disk is in trouble. Of the code that runs, not of the one that reckons. */
  maybeFail(call: string, path: string): void {
    if (call !== '' && this.readTrouble > 0 && this.chance(this.readTrouble)) {
      // Nobody can tell a folder that may not be opened for a moment from one that may never be. The latter cannot be
      // flushed, and what is written there is not kept through a power cut for certain.
      const codes = PASSING_ERRORS.filter((code) => call !== 'opendir' || (code !== 'EACCES' && code !== 'EPERM'));
      const code = this.pick(codes)!;
      this.#count(`${call} fails with ${code}`);
      throw fail(code, call, path);
    }
  }

  async maybeStall(): Promise<void> {
    if (this.stalls > 0 && this.chance(this.stalls)) {
      this.#count('a write stalls');
      const ms = this.pick([100, 160, 1_000, 5_000, 60_000])!;
      const actor = this.current;
      await new Promise<void>((resolve) => this.setTimeout(resolve, ms, actor));
    }
  }

  #count(fault: string): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
  }

  /** SIGKILL: nothing of it goes on. */
  kill(actor: Actor): void {
    actor.state = 'dead';
    this.#jobs = this.#jobs.filter((job) => job.actor !== actor);
    this.#timers = this.#timers.filter((timer) => timer.actor !== actor);
    this.#watchers = this.#watchers.filter((watcher) => watcher.actor !== actor);
  }

  /** Runs code of an actor until it waits. */
  async run<T>(actor: Actor, code: () => T): Promise<T> {
    const before = this.current;
    this.current = actor;
    try {
      return code();
    } finally {
      await untilAllWait();
      this.current = before;
    }
  }

  /** Lets one thing happen. `false` when nothing is left, or nothing before `limit`. */
  async step(limit = Infinity): Promise<boolean> {
    this.steps++;
    if (++this.#stepsAtThisTime > MAX_STEPS_AT_ONE_TIME) {
      throw new Error('an endless loop');
    }
    const running = this.#jobs.filter(({ actor }) => actor.state === 'runs');
    const next = this.#nextTimer();
    // The disk may be slow: sometimes a timer comes before what is open.
    const late = next !== undefined && next.at <= limit && next.at - this.time < 20_000 && this.chance(0.01);
    const job = late ? undefined : running[this.upTo(running.length)];
    if (job) {
      this.#jobs.splice(this.#jobs.indexOf(job), 1);
      await this.run(job.actor, job.run);
      return true;
    }
    if (!next || next.at > limit) {
      return false;
    }
    if (next.at > this.time) {
      this.time = next.at;
      this.#stepsAtThisTime = 0;
    }
    this.clearTimeout(next);
    await this.run(next.actor, next.callback);
    return true;
  }

  /** Lets this much time pass. */
  async pass(ms: number): Promise<void> {
    const limit = this.time + ms;
    while (await this.step(limit));
    this.time = limit;
    this.#stepsAtThisTime = 0;
  }

  #nextTimer(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.actor.state === 'runs' && (!next || timer.at < next.at)) {
        next = timer;
      }
    }
    return next;
  }
}

/** After all microtasks and ticks, those included that they make: streams go on by ticks. */
const untilAllWait = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let machine: Machine | undefined;

export function setMachine(next: Machine): void {
  machine = next;
}

export function theMachine(): Machine {
  if (!machine) {
    throw new Error('no machine');
  }
  return machine;
}
