import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import type { Clock, Random } from '../../src/common/clock';
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

/** A key that a test can change. */
export class WindowCredentials implements Credentials {
  readonly #didChange = new Emitter<void>();
  readonly onDidChange = this.#didChange.event;
  #key: string | undefined;

  constructor(key?: string) {
    this.#key = key;
  }

  get(): Promise<string | undefined> {
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

export interface WindowParts {
  directory: string;
  clock: Clock;
  random: Random;
  identity: ProcessIdentity;
  apiClient: ApiClient;
  fetch: Fetch;
  credentials: Credentials;
  log?: (message: string) => void;
}

/** The whole core, joined as one VS Code window joins it. */
export class Window {
  readonly store: TaskStore;
  readonly lease: WorkerLease;
  readonly generate: SubmissionService;
  readonly polling: PollingController;
  readonly downloader: Downloader;

  constructor(parts: WindowParts) {
    this.store = new TaskStore(parts);
    this.lease = new WorkerLease(parts);
    this.generate = new SubmissionService({ ...parts, store: this.store });
    this.polling = new PollingController({ ...parts, store: this.store, lease: this.lease });
    this.downloader = new Downloader({ ...parts, store: this.store, lease: this.lease });
  }

  async open(): Promise<void> {
    this.polling.start();
    this.downloader.start();
    await this.store.load();
    await this.generate.recover();
  }

  close(): void {
    for (const part of [this.downloader, this.polling, this.generate, this.lease, this.store]) {
      part.dispose();
    }
  }
}
