import * as vscode from 'vscode';
import type { Credentials } from '../api/credentials';
import { Disposable, Emitter, type Event } from '../common/events';
import type { Log } from './log';

const SECRET = 'seedance.apiKey';

/** Context key for `when` clauses: whether an API key is stored. Not set in the first milliseconds after the start. */
export const HAS_KEY_CONTEXT = 'seedance.hasKey';

/**
 * The API key. Stored in `SecretStorage` only and not cached in this object, so that changes of other windows take
 * effect immediately.
 */
export class ApiKey extends Disposable implements Credentials {
  readonly #secrets: vscode.SecretStorage;
  readonly #log: Log;
  readonly #changed = this._register(new Emitter<void>());

  /** Fires when the key is set or removed, in this or another window. */
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(secrets: vscode.SecretStorage, log: Log) {
    super();
    this.#secrets = secrets;
    this.#log = log;
    this._register(
      secrets.onDidChange((event) => {
        if (event.key === SECRET) {
          this.#updateContextKey();
          this.#changed.fire();
        }
      }),
    );
    this.#updateContextKey();
  }

  /** Returns the key, and redacts it in the log. Rejects if the secret storage is not available. */
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

  #updateContextKey(): void {
    this.get().then(
      (key) => vscode.commands.executeCommand('setContext', HAS_KEY_CONTEXT, key !== undefined),
      // For example, the system has no keyring. Commands report it when they need the key.
      (error: unknown) => this.#log.error('the key could not be read', error),
    );
  }
}
