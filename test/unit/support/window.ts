import { fingerprintOf } from '../../../src/tasks/account';
import type { Clock, Random } from '../../../src/tasks/clock';
import type { Credentials } from '../../../src/tasks/credentials';
import { Downloader } from '../../../src/tasks/download';
import { GenerateService } from '../../../src/tasks/generate';
import type { Identity } from '../../../src/tasks/identity';
import { WorkerLease } from '../../../src/tasks/lease';
import { Emitter } from '../../../src/tasks/lifecycle';
import { PollingController } from '../../../src/tasks/polling';
import { TaskStore } from '../../../src/tasks/store';
import type { Gateway } from '../../../src/gateway/client';
import type { Fetch } from '../../../src/gateway/http';

/** A key that a test can change. */
export class Keyring implements Credentials {
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
    return this.#key === undefined ? undefined : fingerprintOf(this.#key);
  }
}

export interface WindowParts {
  directory: string;
  clock: Clock;
  random: Random;
  identity: Identity;
  gateway: Gateway;
  fetch: Fetch;
  credentials: Credentials;
  log?: (message: string) => void;
}

/** The whole core, joined as one VS Code window joins it. */
export class Window {
  readonly store: TaskStore;
  readonly lease: WorkerLease;
  readonly generate: GenerateService;
  readonly polling: PollingController;
  readonly downloader: Downloader;

  constructor(parts: WindowParts) {
    this.store = new TaskStore(parts);
    this.lease = new WorkerLease(parts);
    this.generate = new GenerateService({ ...parts, store: this.store });
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
