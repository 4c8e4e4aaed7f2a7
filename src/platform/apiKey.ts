import * as vscode from 'vscode';
import type { Credentials } from '../api/credentials';
import { Disposable, Emitter, type Event } from '../common/events';
import type { Log } from './log';

const SECRET = 'seedance.apiKey';

/** Whether there is a key: for `when` clauses. Unset until known, a few milliseconds after the start. */
export const HAS_KEY_CONTEXT = 'seedance.hasKey';

/**
 * The API key. It lives in SecretStorage and nowhere else, not even in a field of this object: what another
 * window stores or removes holds here at once.
 */
export class ApiKey extends Disposable implements Credentials {
  readonly #secrets: vscode.SecretStorage;
  readonly #log: Log;
  readonly #changed = this._register(new Emitter<void>());

  /** Set or removed, here or in another window. */
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(secrets: vscode.SecretStorage, log: Log) {
    super();
    this.#secrets = secrets;
    this.#log = log;
    this._register(
      secrets.onDidChange((event) => {
        if (event.key === SECRET) {
          this.#publish();
          this.#changed.fire();
        }
      }),
    );
    this.#publish();
  }

  async get(): Promise<string | undefined> {
    const key = (await this.#secrets.get(SECRET))?.trim();
    if (!key) {
      return undefined;
    }
    this.#log.addSecret(key);
    return key;
  }

  async set(key: string): Promise<void> {
    this.#log.addSecret(key);
    await this.#secrets.store(SECRET, key);
  }

  async remove(): Promise<void> {
    await this.#secrets.delete(SECRET);
  }

  #publish(): void {
    this.get().then(
      (key) => vscode.commands.executeCommand('setContext', HAS_KEY_CONTEXT, key !== undefined),
      // No keyring on this machine, for instance. The commands say so when they need the key.
      (error: unknown) => this.#log.error('the key could not be read', error),
    );
  }
}
