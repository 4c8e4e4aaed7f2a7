import * as vscode from 'vscode';
import { ApiError } from '../api/apiError';
import type { Clock } from '../common/clock';
import type { Credentials } from '../api/credentials';
import { Disposable, Emitter, type Event } from '../common/events';
import { getKeyFingerprint } from '../common/keyFingerprint';
import type { Log } from './log';
import { SecretReader, withLimit, WRITE_LIMIT_MS } from './secretReader';
import { findBaseUrl, readBaseUrl } from './settings';

const SECRET = 'seedance.apiKey';
/** Apart from the key, which older versions read by itself. */
const ADDRESS = 'seedance.apiKeyAddress';

/** Where the key with this fingerprint may be sent: the origin that it was entered for. */
interface KeyAddress {
  origin: string;
  fingerprint: string;
}
/** With that of the key before, which stays the key if the new one cannot be stored. */
interface StoredAddress extends KeyAddress {
  previous?: KeyAddress | undefined;
}

/** Whether there is a key: for `when` clauses. Unset until known, a few milliseconds after the start. */
export const HAS_KEY_CONTEXT = 'seedance.hasKey';
/** Whether the secret storage last failed or did not answer, so that nobody knows whether there is a key. */
export const KEY_UNREADABLE_CONTEXT = 'seedance.keyUnreadable';

/**
 * The API key. It lives in SecretStorage and nowhere else, not even in a field of this object: what another
 * window stores or removes holds here at once.
 *
 * It is given out for the origin that it was entered for and for no other: an address that is being typed into the
 * settings, or was changed by another program, gets it only when the user has said so.
 *
 * A keyring that is locked at the start can be opened later. So every call reads anew, a failure is an error and never
 * "no key", and nothing is written because something could not be read.
 */
export class ApiKey extends Disposable implements Credentials {
  readonly #secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;
  readonly #log: Pick<Log, 'addSecret' | 'error'>;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> | undefined;
  readonly #reader: SecretReader;
  readonly #changed = this._register(new Emitter<void>());
  #isHeldBack = false;
  #isUnreadable = false;
  /** Of a key of an older version, where the secret storage does not take its address. */
  #adopted: KeyAddress | undefined;
  /** Of a key that the user has just typed, to be checked before it is stored. */
  #trial: KeyAddress | undefined;

  /**
   * Set or removed, here or in another window, or the address of the service is another one, or the key can be read
   * again.
   */
  readonly onDidChange: Event<void> = this.#changed.event;
  readonly #readabilityChanged = this._register(new Emitter<void>());
  /** Fires when `isUnreadable` has changed. */
  readonly onDidChangeReadability: Event<void> = this.#readabilityChanged.event;

  constructor(
    secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete' | 'onDidChange'>,
    log: Pick<Log, 'addSecret' | 'error'>,
    clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>,
  ) {
    super();
    this.#secrets = secrets;
    this.#log = log;
    this.#clock = clock;
    const changed = () => {
      this.#reader.outdate();
      this.#publish();
      this.#changed.fire();
    };
    this.#reader = new SecretReader({
      secrets,
      ...(clock ? { clock } : {}),
      onLateAnswer: () => (this.isDisposed ? undefined : changed()),
    });
    this._register(secrets.onDidChange(({ key }) => (key === SECRET || key === ADDRESS ? changed() : undefined)));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) =>
        event.affectsConfiguration('seedance.apiBaseUrl') ? changed() : undefined,
      ),
    );
    this.#publish();
  }

  /** There is a key, and it was last asked for while the setting named another address than its own. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** The secret storage last failed or did not answer. What it holds is there all the same. */
  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  /**
   * The key, if it may be sent to the address in the settings.
   *
   * @throws {ApiError} of kind `key-unreadable`
   */
  async get(): Promise<string | undefined> {
    const key = await this.#read();
    const origin = findBaseUrl()?.origin;
    // Without an address that may get a key there is nobody to send it to; the request says what is wrong.
    const isFree = key !== undefined && (origin === undefined || (await this.#addressOf(key)).origin === origin);
    this.#isHeldBack = key !== undefined && !isFree;
    return isFree ? key : undefined;
  }

  /** The origins, when there is a key that was entered for another one than that in the settings. */
  async getOtherAddress(): Promise<{ from: string; to: string } | undefined> {
    const key = await this.#read();
    const to = findBaseUrl()?.origin;
    const from = key === undefined ? undefined : (await this.#addressOf(key)).origin;
    return from === undefined || to === undefined || from === to ? undefined : { from, to };
  }

  /** Asked before each request, because the setting may have changed since the key was read. */
  async isFor(key: string, origin: string): Promise<boolean> {
    const fingerprint = getKeyFingerprint(key);
    if (this.#trial?.fingerprint === fingerprint && this.#trial.origin === origin) {
      return true;
    }
    return key === (await this.#read()) && (await this.#addressOf(key)).origin === origin;
  }

  /** The user has typed this key for the address in the settings: it may be tried there. */
  tryOut(key: string): void {
    this.#log.addSecret(key);
    this.#trial = { origin: readBaseUrl().origin, fingerprint: getKeyFingerprint(key) };
  }

  /** Stores a key for the address in the settings. */
  async set(key: string): Promise<void> {
    this.#log.addSecret(key);
    // Before the key, which would else be taken for one without an address.
    await this.#keepAddress(key, readBaseUrl().origin);
    await this.#write(() => this.#secrets.store(SECRET, key));
  }

  /** The user wants the key to be sent to this origin from now on. */
  async moveTo(origin: string): Promise<void> {
    const key = await this.#read();
    if (key !== undefined) {
      await this.#keepAddress(key, origin);
    }
  }

  async remove(): Promise<void> {
    await this.#write(() => this.#secrets.delete(SECRET));
    await this.#write(() => this.#secrets.delete(ADDRESS));
    this.#adopted = undefined;
  }

  async #read(): Promise<string | undefined> {
    const key = (await this.#readSecret(SECRET))?.trim();
    if (!key) {
      return undefined;
    }
    this.#log.addSecret(key);
    return key;
  }

  async #readSecret(name: string): Promise<string | undefined> {
    try {
      const value = await this.#reader.read(name);
      this.#setUnreadable(undefined);
      return value;
    } catch (cause) {
      this.#setUnreadable(cause);
      throw new ApiError('key-unreadable', { cause });
    }
  }

  #setUnreadable(cause: unknown): void {
    const isUnreadable = cause !== undefined;
    if (this.isDisposed || isUnreadable === this.#isUnreadable) {
      return;
    }
    this.#isUnreadable = isUnreadable;
    if (isUnreadable) {
      this.#log.error('the key cannot be read now', cause);
    }
    void vscode.commands.executeCommand('setContext', KEY_UNREADABLE_CONTEXT, isUnreadable);
    this.#readabilityChanged.fire();
    if (!isUnreadable) {
      this.#publish();
      this.#changed.fire();
    }
  }

  /** @throws {SecretStorageError} */
  async #write(write: () => Thenable<void>): Promise<void> {
    try {
      await withLimit(write, WRITE_LIMIT_MS, this.#clock);
    } finally {
      // Also after an error: it may have been written.
      this.#reader.outdate();
    }
  }

  /** A key without one was stored by an older version, which has sent it to the address in the settings already. */
  async #addressOf(key: string): Promise<Partial<KeyAddress>> {
    const fingerprint = getKeyFingerprint(key);
    const known = findAddress(parseAddress(await this.#readSecret(ADDRESS)), fingerprint);
    if (known) {
      return known;
    }
    const origin = findBaseUrl()?.origin;
    if (this.#adopted?.fingerprint === fingerprint || origin === undefined) {
      return this.#adopted?.fingerprint === fingerprint ? this.#adopted : {};
    }
    this.#adopted = { origin, fingerprint };
    try {
      return await this.#keepAddress(key, origin);
    } catch (error) {
      // The key can be read, and its address is known for as long as this window lives.
      this.#log.error('the address of the key could not be stored', error);
      return this.#adopted;
    }
  }

  async #keepAddress(key: string, origin: string): Promise<KeyAddress> {
    const address: StoredAddress = { origin, fingerprint: getKeyFingerprint(key) };
    const before = parseAddress(await this.#readSecret(ADDRESS));
    const previous = before?.fingerprint === address.fingerprint ? before.previous : before;
    const text = JSON.stringify({
      ...address,
      ...(previous ? { previous: { origin: previous.origin, fingerprint: previous.fingerprint } } : {}),
    });
    await this.#write(() => this.#secrets.store(ADDRESS, text));
    return address;
  }

  #publish(): void {
    this.#read()
      .then(async (key) => {
        if (key !== undefined) {
          await this.#addressOf(key);
        }
        return vscode.commands.executeCommand('setContext', HAS_KEY_CONTEXT, key !== undefined);
      })
      // It is logged, and the commands say so when they need the key.
      .catch(() => undefined);
  }
}

function findAddress(stored: StoredAddress | undefined, fingerprint: string): KeyAddress | undefined {
  return stored?.fingerprint === fingerprint
    ? stored
    : stored?.previous?.fingerprint === fingerprint
      ? stored.previous
      : undefined;
}

/** Checked by hand: the schema library is not worth loading at startup for four texts of our own. */
function parseAddress(text: string | undefined): StoredAddress | undefined {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
  if (!isKeyAddress(stored)) {
    return undefined;
  }
  const { origin, fingerprint } = stored;
  const { previous } = stored as { previous?: unknown };
  return { origin, fingerprint, ...(isKeyAddress(previous) && { previous }) };
}

function isKeyAddress(value: unknown): value is KeyAddress {
  const { origin, fingerprint } = (value ?? {}) as Record<keyof KeyAddress, unknown>;
  return typeof origin === 'string' && typeof fingerprint === 'string';
}
