import { createGuardedFetch } from '../../src/common/address';
import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import type { Clock, Random } from '../../src/common/clock';
import { ApiError } from '../../src/api/apiError';
import type { Credentials } from '../../src/api/credentials';
import { Downloader } from '../../src/tasks/download/downloader';
import { SubmissionService } from '../../src/tasks/submission/submissionService';
import type { ProcessIdentity } from '../../src/tasks/worker/processIdentity';
import { WorkerLease } from '../../src/tasks/worker/workerLease';
import { Emitter } from '../../src/common/events';
import { PollingController } from '../../src/tasks/polling/pollingController';
import { TaskStore } from '../../src/tasks/storage/taskStore';
import type { ApiClient } from '../../src/api/apiClient';
import type { Fetch } from '../../src/common/http';

/** In-memory `Credentials` whose key a test can change. */
export class FakeCredentials implements Credentials {
  readonly #didChange = new Emitter<void>();
  readonly onDidChange = this.#didChange.event;
  #key: string | undefined;
  /** How many of the next calls fail, as with a keyring that is locked. */
  failures = 0;
  reads = 0;

  constructor(key?: string) {
    this.#key = key;
  }

  get(): Promise<string | undefined> {
    this.reads++;
    if (this.failures > 0) {
      this.failures--;
      return Promise.reject(new ApiError('key-unreadable'));
    }
    return Promise.resolve(this.#key);
  }

  set(key: string | undefined): void {
    this.#key = key;
    this.#didChange.fire();
  }

  get account(): string | undefined {
    return this.#key === undefined ? undefined : getKeyFingerprint(this.#key);
  }
}

/** Of a documentation network would be private, so it is one that exists. Nothing is sent there. */
const PUBLIC_ADDRESS = '93.184.215.14';

export interface TestWindowOptions {
  directory: string;
  clock: Clock;
  random: Random;
  identity: ProcessIdentity;
  apiClient: ApiClient;
  fetch: Fetch;
  credentials: Credentials;
  log?: (message: string) => void;
}

/** The services of one window, created and started as the extension does it, without VS Code. */
export class TestWindow {
  readonly store: TaskStore;
  readonly lease: WorkerLease;
  readonly generate: SubmissionService;
  readonly polling: PollingController;
  readonly downloader: Downloader;

  constructor(options: TestWindowOptions) {
    this.store = new TaskStore(options);
    this.lease = new WorkerLease(options);
    this.generate = new SubmissionService({ ...options, store: this.store });
    this.polling = new PollingController({ ...options, store: this.store, lease: this.lease });
    // The emulated service is on this computer, and so are its files. No name is looked up: that would be the network of
    // the machine that runs the tests, and would take real time where the clock is simulated.
    const fetch = createGuardedFetch(
      options.fetch,
      () => new URL('http://127.0.0.1'),
      () => Promise.resolve([PUBLIC_ADDRESS]),
    );
    this.downloader = new Downloader({
      ...options,
      fetch,
      store: this.store,
      lease: this.lease,
      refreshLink: (id, deadSince) => this.polling.refreshLink(id, deadSince),
    });
  }

  async open(): Promise<void> {
    this.polling.start();
    this.downloader.start();
    const recovered = new Promise<void>((resolve) => {
      // Also where the disk lets the tasks be loaded only later.
      this.store.onDidLoad(() => void this.generate.recover().finally(resolve));
    });
    await this.store.load();
    await recovered;
  }

  close(): void {
    for (const service of [this.downloader, this.polling, this.generate, this.lease, this.store]) {
      service.dispose();
    }
  }
}
