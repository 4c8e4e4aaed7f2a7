import * as v from 'valibot';
import type * as vscode from 'vscode';
import type { Clock } from '../common/clock';
import { DeliveryError } from '../images/delivery/deliveryError';
import type { BucketKeys } from '../images/delivery/types';
import { getSecrets } from '../images/delivery/httpUpload';
import type { Log } from './log';
import { SecretReader, withLimit, WRITE_LIMIT_MS } from './secretReader';

const BUCKET = 'seedance.bucketKeys';
const UPLOAD = 'seedance.uploadHeader';

/** Secrets are stored with the origin that the user entered them for, and are only returned for that origin. */
const StoredKeys = v.object({
  origin: v.string(),
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
  sessionToken: v.optional(v.string()),
});
const StoredHeader = v.object({ origin: v.string(), value: v.string() });

const getSecretName = (what: 'bucket' | 'upload') => (what === 'bucket' ? BUCKET : UPLOAD);

type SecretStore = Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;

/**
 * The keys of the bucket and the header of the upload endpoint. Stored in `SecretStorage` only. When that fails or does
 * not answer, every call throws a `DeliveryError` of kind `secret-unreadable`: the user must not take it for "not set up"
 * and enter everything again.
 */
export class DeliverySecrets {
  readonly #secrets: SecretStore;
  readonly #log: Pick<Log, 'addSecret'>;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> | undefined;
  readonly #reader: SecretReader;

  constructor(secrets: SecretStore, log: Pick<Log, 'addSecret'>, clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>) {
    this.#secrets = secrets;
    this.#log = log;
    this.#clock = clock;
    this.#reader = new SecretReader({ secrets, ...(clock ? { clock } : {}) });
  }

  /**
   * Returns the keys of the bucket, if the user entered them for this origin.
   *
   * @param origin of the URL that they are about to be used for
   */
  async getBucketKeys(origin: string): Promise<BucketKeys | undefined> {
    const stored = await this.#read(BUCKET, StoredKeys);
    if (stored?.origin !== origin) {
      return undefined;
    }
    const { accessKeyId, secretAccessKey, sessionToken } = stored;
    this.redactInLog(accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken]));
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  }

  async storeBucketKeys(origin: string, keys: BucketKeys): Promise<void> {
    await this.#write(() => this.#secrets.store(BUCKET, JSON.stringify({ origin, ...keys })));
  }

  /** Returns the value of the upload header, if the user entered it for this origin. */
  async getUploadHeader(origin: string): Promise<string | undefined> {
    const stored = await this.#read(UPLOAD, StoredHeader);
    if (stored?.origin !== origin) {
      return undefined;
    }
    this.redactInLog(...getSecrets(stored.value));
    return stored.value;
  }

  async storeUploadHeader(origin: string, value: string): Promise<void> {
    await this.#write(() => this.#secrets.store(UPLOAD, JSON.stringify({ origin, value })));
  }

  /** Whether a secret is stored, for any origin. */
  async has(what: 'bucket' | 'upload'): Promise<boolean> {
    return (await this.#readText(getSecretName(what))) !== undefined;
  }

  async delete(what: 'bucket' | 'upload'): Promise<void> {
    await this.#write(() => this.#secrets.delete(getSecretName(what)));
  }

  /** Redacts secrets in the log from now on. Call it before a secret is used for the first time, also for a test. */
  redactInLog(...secrets: string[]): void {
    for (const secret of secrets) {
      this.#log.addSecret(secret);
    }
  }

  async #read<T>(name: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    const text = await this.#readText(name);
    try {
      const parsed = v.safeParse(schema, JSON.parse(text ?? 'null'));
      return parsed.success ? parsed.output : undefined;
    } catch {
      // Invalid JSON: the user is asked for the secrets again.
      return undefined;
    }
  }

  async #readText(name: string): Promise<string | undefined> {
    try {
      return await this.#reader.read(name);
    } catch (cause) {
      throw new DeliveryError('secret-unreadable', { cause });
    }
  }

  async #write(write: () => Thenable<void>): Promise<void> {
    try {
      await withLimit(write, WRITE_LIMIT_MS, this.#clock);
    } catch (cause) {
      throw new DeliveryError('secret-unreadable', { cause });
    } finally {
      this.#reader.outdate();
    }
  }
}
