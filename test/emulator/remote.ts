import type { Account } from './accounts';
import type { TaskChange } from './control';
import type { Fault, FaultSpec } from './faults';
import { Ledger, type Entry } from './ledger';
import type { BehaviourPatch } from './options';
import type { Task } from './tasks';

/** Where an emulator of another process listens, and its clock in ms since 1970. */
export interface About {
  baseUrl: string;
  filesUrl: string;
  foreignUrl: string;
  key: string;
  now: number;
}

/** An emulator that runs in another process, by way of its control server. */
export class RemoteEmulator {
  constructor(readonly controlUrl: string) {}

  about(): Promise<About> {
    return this.#ask('GET', '/');
  }

  /** A copy of the ledger as it stands now. */
  async ledger(): Promise<Ledger> {
    const { entries } = await this.#ask<{ entries: Entry[] }>('GET', '/ledger');
    return new Ledger(entries);
  }

  clearLedger(): Promise<unknown> {
    return this.#ask('DELETE', '/ledger');
  }

  tasks(): Promise<Task[]> {
    return this.#ask('GET', '/tasks');
  }

  changeTask(change: TaskChange): Promise<Task> {
    return this.#ask('POST', '/tasks', change);
  }

  /** Answers the numbers of the faults. */
  addFaults(...specs: FaultSpec[]): Promise<number[]> {
    return this.#ask('POST', '/faults', specs);
  }

  faults(): Promise<Fault[]> {
    return this.#ask('GET', '/faults');
  }

  clearFaults(): Promise<unknown> {
    return this.#ask('DELETE', '/faults');
  }

  advance(ms: number): Promise<unknown> {
    return this.#ask('POST', '/clock/advance', { ms });
  }

  behave(patch: BehaviourPatch): Promise<unknown> {
    return this.#ask('POST', '/options', patch);
  }

  setKey(key: string): Promise<unknown> {
    return this.#ask('POST', '/key', { key });
  }

  changeAccount(change: Partial<Account>): Promise<Account> {
    return this.#ask('POST', '/account', change);
  }

  /** An outage of API and files; the controls stay. */
  stop(): Promise<unknown> {
    return this.#ask('POST', '/stop');
  }

  start(): Promise<unknown> {
    return this.#ask('POST', '/start');
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.controlUrl + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${await response.text()}`);
    }
    return (await response.json()) as T;
  }
}
