import * as v from 'valibot';
import * as vscode from 'vscode';
import type { Credentials } from '../api/credentials';
import { Disposable, Emitter, type Event } from '../common/events';
import { getKeyFingerprint } from '../common/keyFingerprint';
import type { Log } from './log';
import { findBaseUrl, readBaseUrl } from './settings';

const SECRET = 'seedance.apiKey';
/** Apart from the key, which older versions read by itself. */
const ADDRESS = 'seedance.apiKeyAddress';

/** Where the key with this fingerprint may be sent: the origin that it was entered for. */
const KeyAddress = v.object({ origin: v.string(), fingerprint: v.string() });
type KeyAddress = v.InferOutput<typeof KeyAddress>;

/** Whether there is a key: for `when` clauses. Unset until known, a few milliseconds after the start. */
export const HAS_KEY_CONTEXT = 'seedance.hasKey';

/**
 * The API key. It lives in SecretStorage and nowhere else, not even in a field of this object: what another
 * window stores or removes holds here at once.
 *
 * It is given out for the origin that it was entered for and for no other: an address that is being typed into the
 * settings, or was changed by another program, gets it only when the user has said so.
 */
export class ApiKey extends Disposable implements Credentials {
  readonly #secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;
  readonly #log: Pick<Log, 'addSecret' | 'error'>;
  readonly #changed = this._register(new Emitter<void>());
  #isHeldBack = false;
  /** Of a key that the user has just typed, to be checked before it is stored. */
  #trial: KeyAddress | undefined;

  /** Set or removed, here or in another window, or the address of the service is another one. */
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(secrets: vscode.SecretStorage, log: Pick<Log, 'addSecret' | 'error'>) {
    super();
    this.#secrets = secrets;
    this.#log = log;
    const changed = () => {
      this.#publish();
      this.#changed.fire();
    };
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

  /** The key, if it may be sent to the address in the settings. */
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
    await this.#secrets.store(SECRET, key);
  }

  /** The user wants the key to be sent to this origin from now on. */
  async moveTo(origin: string): Promise<void> {
    const key = await this.#read();
    if (key !== undefined) {
      await this.#keepAddress(key, origin);
    }
  }

  async remove(): Promise<void> {
    await this.#secrets.delete(SECRET);
    await this.#secrets.delete(ADDRESS);
  }

  async #read(): Promise<string | undefined> {
    const key = (await this.#secrets.get(SECRET))?.trim();
    if (!key) {
      return undefined;
    }
    this.#log.addSecret(key);
    return key;
  }

  /** A key without one was stored by an older version, which has sent it to the address in the settings already. */
  async #addressOf(key: string): Promise<Partial<KeyAddress>> {
    const text = await this.#secrets.get(ADDRESS);
    const address = parseAddress(text);
    if (address?.fingerprint === getKeyFingerprint(key)) {
      return address;
    }
    const origin = findBaseUrl()?.origin;
    return origin === undefined ? {} : this.#keepAddress(key, origin);
  }

  async #keepAddress(key: string, origin: string): Promise<KeyAddress> {
    const address = { origin, fingerprint: getKeyFingerprint(key) };
    await this.#secrets.store(ADDRESS, JSON.stringify(address));
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
      // No keyring on this machine, for instance. The commands say so when they need the key.
      .catch((error: unknown) => this.#log.error('the key could not be read', error));
  }
}

function parseAddress(text: string | undefined): KeyAddress | undefined {
  try {
    const parsed = v.safeParse(KeyAddress, JSON.parse(text ?? 'null'));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
