import { Accounts, type Account } from './accounts';
import { catalogue } from './catalogue';
import { Faults } from './faults';
import { Ledger } from './ledger';
import { DEFAULT_BEHAVIOUR, type Behaviour, type StartOptions } from './options';
import { Random } from './random';
import { TaskBook, type NewTask, type Task } from './tasks';

const DEFAULT_KEY = 'shds-emulator-key';

/**
 * Everything that the emulated service knows. It has no sockets, and so outlives them: an emulator
 * that is started with the world of another goes on where that one ended.
 */
export class EmulatorState {
  readonly accounts = new Accounts();
  readonly tasks = new TaskBook();
  readonly ledger = new Ledger();
  readonly faults: Faults;
  readonly behaviour: Behaviour;
  /** The key of the first account. */
  key: string;
  /** Origins as the answers name them; set when the servers listen. */
  filesUrl = '';
  foreignUrl = '';
  readonly #random: Random;
  readonly #clock: () => number;
  #advancedMs = 0;

  constructor(options: StartOptions & Partial<Behaviour>) {
    this.#random = new Random(options.seed ?? 1);
    this.faults = new Faults(this.#random);
    // Not a reference to Date.now: a fake clock replaces that function.
    this.#clock = options.now ?? (() => Date.now());
    this.key = options.key ?? DEFAULT_KEY;
    this.accounts.add(this.key, options.account);
    this.behaviour = { ...DEFAULT_BEHAVIOUR, models: catalogue() };
    for (const name of Object.keys(this.behaviour)) {
      if (name in options) {
        Object.assign(this.behaviour, { [name]: options[name as keyof Behaviour] });
      }
    }
  }

  /** ms since 1970. */
  now(): number {
    return this.#clock() + this.#advancedMs;
  }

  /** The account of the first key. */
  get account(): Account {
    const account = this.accounts.get(this.key);
    if (!account) {
      throw new Error('The first account was removed.');
    }
    return account;
  }

  /** The first account's key becomes `key`; account and tasks stay. */
  setKey(key: string): void {
    this.accounts.changeKey(this.key, key);
    this.key = key;
  }

  /** Moves the service's clock ahead of the real one: tasks get ready, links run out. */
  advance(ms: number): void {
    this.#advancedMs += ms;
  }

  /** The account behind an `Authorization` header, which has to be the bare key. */
  accountOf(authorization: string | undefined): Account | undefined {
    return authorization === undefined ? undefined : this.accounts.get(authorization);
  }

  /** The list price, or `null` for a model without one. */
  priceOf(model: string): number | null {
    return this.behaviour.models.find((entry) => entry.id === model)?.price ?? null;
  }

  /** Makes a task and enters it; charging is the caller's business. */
  makeTask(about: NewTask): Task {
    const createdAtMs = about.createdAtMs ?? this.now();
    return this.tasks.add({
      id:
        Math.floor(createdAtMs / 1000)
          .toString(16)
          .padStart(8, '0') + this.#random.hex(16),
      ar: undefined,
      firstFrame: undefined,
      durationMs: this.#durationMs(about.model),
      price: this.priceOf(about.model),
      fails: false,
      fields: {},
      token: this.#random.hex(12),
      fileVersion: 1,
      link: { number: 0, sinceMs: 0 },
      ...about,
      createdAtMs,
    });
  }

  /** Path of the task's file on the files origin. */
  filePath(task: Task): string {
    return `/predication/${task.token}${task.link.number.toString(16)}/${task.id}_result.mp4`;
  }

  #durationMs(model: string): number {
    const { durations } = this.behaviour;
    if (typeof durations === 'number') {
      return durations;
    }
    if (typeof durations === 'function') {
      return durations(model, this.tasks.size);
    }
    return this.#random.logNormal(durations.medianMs, durations.sigma);
  }
}
