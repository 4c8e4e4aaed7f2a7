import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClientOptions } from '../../src/api/apiClient';
import { HttpApiClient } from '../../src/api/httpApiClient';
import type { Credentials } from '../../src/api/credentials';
import { Downloader } from '../../src/tasks/download/downloader';
import { SubmissionService, type GenerationIntent } from '../../src/tasks/submission/submissionService';
import type { ProcessIdentity } from '../../src/tasks/worker/processIdentity';
import { WorkerLease } from '../../src/tasks/worker/workerLease';
import { Emitter } from '../../src/common/events';
import { PollingController } from '../../src/tasks/polling/pollingController';
import type { TaskRecord, TaskState } from '../../src/tasks/model/taskRecord';
import { TaskStore } from '../../src/tasks/storage/taskStore';
import { startEmulator, type Emulator, type EmulatorOptions } from '../emulator/emulator';
import { Random } from '../emulator/random';
import { makeMp4 } from './mp4';
import { VirtualClock } from './virtualClock';
import { settled, RecordingFetch } from './recordingFetch';

/** Marked, so that a search for it proves that it is nowhere. */
export const KEY = 'shds-MARKED-5b1f0c77e9d2';

/** A key in a drawer. */
export class FakeCredentials implements Credentials {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #key: string | undefined;

  constructor(key: string | undefined = KEY) {
    this.#key = key;
  }

  get(): Promise<string | undefined> {
    return Promise.resolve(this.#key);
  }

  set(key: string | undefined): void {
    this.#key = key;
    this.#changed.fire();
  }
}

/** Windows by name; one that is not in here has died for certain. */
export class FakeProcessTable {
  readonly #living = new Set<string>();

  start(name: string): ProcessIdentity {
    this.#living.add(name);
    return { name, isPossiblyAlive: (other) => this.#living.has(other) };
  }

  kill(name: string): void {
    this.#living.delete(name);
  }
}

export interface CoreOptions {
  emulator: Emulator;
  /** A new temporary directory unless given; who gives one removes it. */
  directory?: string;
  clock?: VirtualClock;
  town?: FakeProcessTable;
  name?: string;
  keyring?: FakeCredentials;
  seed?: number;
  /** Overrides of the service's time limits, real milliseconds. */
  timeLimitsMs?: ApiClientOptions['timeLimitsMs'];
  /** Instead of the emulator's. */
  baseUrl?: string;
}

/** One window's core: the real parts, on a real disk and real sockets, with a virtual clock and seeded chance. */
export class TestHarness {
  readonly directory: string;
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  readonly town: FakeProcessTable;
  readonly identity: ProcessIdentity;
  readonly keyring: FakeCredentials;
  readonly wire = new RecordingFetch();
  /** Every line that was logged. */
  readonly log: string[] = [];
  readonly store: TaskStore;
  readonly apiClient: HttpApiClient;
  readonly lease: WorkerLease;
  readonly generate: SubmissionService;
  readonly polling: PollingController;
  readonly downloader: Downloader;
  readonly #options: CoreOptions;
  readonly #ownsDirectory: boolean;

  constructor(directory: string, options: CoreOptions) {
    const {
      emulator,
      clock = new VirtualClock(settled),
      town = new FakeProcessTable(),
      name = 'window-1',
      keyring = new FakeCredentials(),
    } = options;
    this.#options = { ...options, clock, town, keyring };
    this.#ownsDirectory = options.directory === undefined;
    this.directory = directory;
    this.emulator = emulator;
    this.clock = clock;
    this.town = town;
    this.identity = town.start(name);
    this.keyring = keyring;
    const chance = new Random(options.seed ?? 1);
    const random = () => chance.next();
    const log = (line: string) => void this.log.push(line);
    const { identity, wire } = this;
    const credentials = keyring;
    this.store = new TaskStore({ directory, clock, random, log });
    this.apiClient = new HttpApiClient({
      fetch: wire.fetch,
      baseUrl: () => new URL(options.baseUrl ?? emulator.baseUrl),
      now: () => clock.now(),
      trace: log,
      timeLimitsMs: { create: 5_000, result: 5_000, models: 5_000, balance: 5_000, ...options.timeLimitsMs },
    });
    const { store, apiClient } = this;
    const lease = (this.lease = new WorkerLease({ directory, clock, identity, log }));
    this.generate = new SubmissionService({ store, apiClient: apiClient, credentials, identity, clock, random, log });
    this.polling = new PollingController({ store, apiClient: apiClient, credentials, lease, clock, random, log });
    this.downloader = new Downloader({ store, fetch: wire.fetch, lease, clock, random, log });
  }

  /** As the extension does it when it wakes up. */
  async start(): Promise<this> {
    this.polling.start();
    this.downloader.start();
    await this.store.load();
    await this.generate.recover();
    return this;
  }

  /** One task, from an intent. */
  async make(intent: Partial<GenerationIntent> = {}): Promise<TaskRecord> {
    const [record] = await this.run(this.generate.generate([{ ...INTENT, ...intent }]));
    return record!;
  }

  /** Lets time pass until `promise` settles. */
  async run<T>(promise: Promise<T>, what?: string): Promise<T> {
    let ended = false;
    const end = () => void (ended = true);
    promise.then(end, end);
    await this.clock.until(() => ended, what);
    return promise;
  }

  get(id: string): TaskRecord {
    const record = this.store.get(id);
    if (!record) {
      throw new Error(`no record ${id}`);
    }
    return record;
  }

  /** Lets time pass until the record is in one of these states; for `done`, until its video is here. */
  async until(id: string, ...states: TaskState[]): Promise<TaskRecord> {
    const reached = () => {
      const { state, localCopy } = this.get(id);
      return states.includes(state) && (state !== 'done' || localCopy !== undefined);
    };
    await this.clock.until(reached, `task ${id} to be ${states.join(' or ')}`);
    return this.get(id);
  }

  /** Text of every file under the directory, by name. */
  async files(): Promise<Map<string, string>> {
    const entries = await readdir(this.directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'latin1')] as const)));
  }

  /** The window closes in good order. */
  close(): void {
    for (const part of [this.downloader, this.polling, this.generate, this.lease, this.store]) {
      part.dispose();
    }
    this.town.kill(this.identity.name);
  }

  /** A new window on the same directory, after this one was closed. */
  async reopen(options: Partial<CoreOptions> = {}): Promise<TestHarness> {
    this.close();
    await this.clock.settle();
    return new TestHarness(this.directory, {
      ...this.#options,
      directory: this.directory,
      name: `${this.identity.name}+`,
      ...options,
    }).start();
  }

  /** Closes it, and removes its directory if it made one. */
  async end(): Promise<void> {
    this.close();
    await this.clock.settle();
    if (this.#ownsDirectory) {
      await rm(this.directory, { recursive: true, force: true });
    }
  }
}

/** Most take a tenth of a second, on a machine that has nothing else to do. */
const TIME_LIMIT_MS = 30_000;

export const INTENT: GenerationIntent = { model: 'seedance-1-pro-480P-2s', prompt: 'a cat', quotedPrice: 12 };

/** A core that is not started yet. */
export async function buildCore(options: CoreOptions): Promise<TestHarness> {
  return new TestHarness(options.directory ?? (await mkdtemp(join(tmpdir(), 'seedance-core-'))), options);
}

export function startClockedEmulator(clock: VirtualClock, options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({ key: KEY, now: () => clock.now(), video: makeMp4(), durations: 40_000, ...options });
}

/** A started core and an emulator that lives by the same clock. */
export async function startCore(
  options: Partial<CoreOptions> & { service?: EmulatorOptions } = {},
): Promise<TestHarness> {
  const clock = options.clock ?? new VirtualClock(settled);
  const emulator = options.emulator ?? (await startClockedEmulator(clock, options.service));
  return (await buildCore({ ...options, clock, emulator })).start();
}

/** Runs a test with a core and cleans up behind it. */
export function withCore(
  test: (core: TestHarness) => Promise<void>,
  options: Partial<CoreOptions> & { service?: EmulatorOptions } = {},
): Mocha.AsyncFunc {
  return async function () {
    this.timeout(TIME_LIMIT_MS);
    const core = await startCore(options);
    try {
      await test(core);
    } finally {
      await core.end();
      await core.emulator.close();
    }
  };
}
