import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClientOptions } from '../../src/api/apiClient';
import { HttpApiClient } from '../../src/api/httpApiClient';
import type { Downloader } from '../../src/tasks/download/downloader';
import type { SubmissionService, GenerationIntent } from '../../src/tasks/submission/submissionService';
import type { ProcessIdentity } from '../../src/tasks/worker/processIdentity';
import type { WorkerLease } from '../../src/tasks/worker/workerLease';
import type { PollingController } from '../../src/tasks/polling/pollingController';
import type { TaskRecord, TaskState } from '../../src/tasks/model/taskRecord';
import type { TaskStore } from '../../src/tasks/storage/taskStore';
import { startEmulator, type Emulator, type EmulatorOptions } from '../emulator/emulator';
import { Random } from '../emulator/random';
import { makeMp4 } from './mp4';
import { VirtualClock } from './clocks';
import { settled, RecordingFetch } from './recordingFetch';
import { FakeCredentials, TestWindow } from './testWindow';

/** Distinctive, so that tests can search files and logs for it. */
export const KEY = 'shds-MARKED-5b1f0c77e9d2';

/** Fake process table: a name that is not registered counts as a dead process. */
export class FakeProcessTable {
  readonly #running = new Set<string>();

  start(name: string): ProcessIdentity {
    this.#running.add(name);
    return { name, isPossiblyAlive: (other) => this.#running.has(other) };
  }

  kill(name: string): void {
    this.#running.delete(name);
  }
}

export interface HarnessOptions {
  emulator: Emulator;
  /** Defaults to a temporary directory, which is removed at the end. A given one is not. */
  directory?: string;
  clock?: VirtualClock;
  processes?: FakeProcessTable;
  name?: string;
  credentials?: FakeCredentials;
  seed?: number;
  /** Overrides of the time limits of the API client, in real milliseconds. */
  timeLimitsMs?: ApiClientOptions['timeLimitsMs'];
  /** Defaults to the one of the emulator. */
  baseUrl?: string;
}

/** The services of one window on a real disk and real sockets, with a virtual clock and seeded randomness. */
export class TestHarness {
  readonly directory: string;
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  readonly processes: FakeProcessTable;
  readonly identity: ProcessIdentity;
  readonly credentials: FakeCredentials;
  readonly requests = new RecordingFetch();
  /** All lines that were logged. */
  readonly log: string[] = [];
  readonly store: TaskStore;
  readonly apiClient: HttpApiClient;
  readonly lease: WorkerLease;
  readonly generate: SubmissionService;
  readonly polling: PollingController;
  readonly downloader: Downloader;
  readonly #window: TestWindow;
  readonly #options: HarnessOptions;
  readonly #ownsDirectory: boolean;

  constructor(directory: string, options: HarnessOptions) {
    const {
      emulator,
      clock = new VirtualClock(settled),
      processes = new FakeProcessTable(),
      name = 'window-1',
      credentials = new FakeCredentials(KEY),
    } = options;
    this.#options = { ...options, clock, processes, credentials };
    this.#ownsDirectory = options.directory === undefined;
    this.directory = directory;
    this.emulator = emulator;
    this.clock = clock;
    this.processes = processes;
    this.identity = processes.start(name);
    this.credentials = credentials;
    const chance = new Random(options.seed ?? 1);
    const random = () => chance.next();
    const log = (line: string) => void this.log.push(line);
    const { fetch } = this.requests;
    this.apiClient = new HttpApiClient({
      fetch,
      baseUrl: () => new URL(options.baseUrl ?? emulator.baseUrl),
      now: () => clock.now(),
      trace: log,
      timeLimitsMs: { create: 5_000, result: 5_000, models: 5_000, balance: 5_000, ...options.timeLimitsMs },
    });
    const { apiClient, identity } = this;
    this.#window = new TestWindow({ directory, clock, random, identity, apiClient, fetch, credentials, log });
    const { store, lease, generate, polling, downloader } = this.#window;
    this.store = store;
    this.lease = lease;
    this.generate = generate;
    this.polling = polling;
    this.downloader = downloader;
  }

  /** Starts the services as the extension does it. */
  async start(): Promise<this> {
    await this.#window.open();
    return this;
  }

  /** Generates one task. */
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

  /** Reads all files below the directory: content by path. */
  async files(): Promise<Map<string, string>> {
    const entries = await readdir(this.directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'latin1')] as const)));
  }

  /** Disposes the services, as when the window is closed. */
  close(): void {
    this.#window.close();
    this.processes.kill(this.identity.name);
  }

  /** Closes the window and opens a new one on the same directory. */
  async reopen(options: Partial<HarnessOptions> = {}): Promise<TestHarness> {
    this.close();
    await this.clock.settle();
    return new TestHarness(this.directory, {
      ...this.#options,
      directory: this.directory,
      name: `${this.identity.name}+`,
      ...options,
    }).start();
  }

  /** Closes the window, and removes its temporary directory. */
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

/** Creates a harness that is not started yet. */
export async function createHarness(options: HarnessOptions): Promise<TestHarness> {
  return new TestHarness(options.directory ?? (await mkdtemp(join(tmpdir(), 'seedance-test-'))), options);
}

export function startClockedEmulator(clock: VirtualClock, options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({ key: KEY, now: () => clock.now(), video: makeMp4(), durations: 40_000, ...options });
}

/** Starts a harness, and an emulator with the same clock. */
export async function startHarness(
  options: Partial<HarnessOptions> & { service?: EmulatorOptions } = {},
): Promise<TestHarness> {
  const clock = options.clock ?? new VirtualClock(settled);
  const emulator = options.emulator ?? (await startClockedEmulator(clock, options.service));
  return (await createHarness({ ...options, clock, emulator })).start();
}

/** Runs a test with a harness and cleans up after it. */
export function withHarness(
  test: (harness: TestHarness) => Promise<void>,
  options: Partial<HarnessOptions> & { service?: EmulatorOptions } = {},
): Mocha.AsyncFunc {
  return async function () {
    this.timeout(TIME_LIMIT_MS);
    const harness = await startHarness(options);
    try {
      await test(harness);
    } finally {
      await harness.end();
      await harness.emulator.close();
    }
  };
}
