import * as v from 'valibot';
import type * as vscode from 'vscode';
import type { BucketKeys } from '../images/delivery/types';
import { getSecrets } from '../images/delivery/httpUpload';
import type { Log } from './log';

const BUCKET = 'seedance.bucketKeys';
const UPLOAD = 'seedance.uploadHeader';

/** Secrets are stored with the origin that the user entered them for, and are only returned for that origin. */
const StoredKeys = v.object({ origin: v.string(), accessKeyId: v.string(), secretAccessKey: v.string() });
const StoredHeader = v.object({ origin: v.string(), value: v.string() });

const getSecretName = (what: 'bucket' | 'upload') => (what === 'bucket' ? BUCKET : UPLOAD);

type SecretStore = Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;

/** The keys of the bucket and the header of the upload endpoint. Stored in `SecretStorage` only. */
export class DeliverySecrets {
  readonly #secrets: SecretStore;
  readonly #log: Pick<Log, 'addSecret'>;

  constructor(secrets: SecretStore, log: Pick<Log, 'addSecret'>) {
    this.#secrets = secrets;
    this.#log = log;
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
    const { accessKeyId, secretAccessKey } = stored;
    this.redactInLog(accessKeyId, secretAccessKey);
    return { accessKeyId, secretAccessKey };
  }

  async storeBucketKeys(origin: string, keys: BucketKeys): Promise<void> {
    await this.#secrets.store(BUCKET, JSON.stringify({ origin, ...keys }));
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
    await this.#secrets.store(UPLOAD, JSON.stringify({ origin, value }));
  }

  /** Whether a secret is stored, for any origin. */
  async has(what: 'bucket' | 'upload'): Promise<boolean> {
    return (await this.#secrets.get(getSecretName(what)).then(undefined, () => undefined)) !== undefined;
  }

  async delete(what: 'bucket' | 'upload'): Promise<void> {
    await this.#secrets.delete(getSecretName(what));
  }

  /** Redacts secrets in the log from now on. Call it before a secret is used for the first time, also for a test. */
  redactInLog(...secrets: string[]): void {
    for (const secret of secrets) {
      this.#log.addSecret(secret);
    }
  }

  async #read<T>(name: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    try {
      const parsed = v.safeParse(schema, JSON.parse((await this.#secrets.get(name)) ?? 'null'));
      return parsed.success ? parsed.output : undefined;
    } catch {
      // Invalid JSON, or no secret storage: the user is asked for the secrets again.
      return undefined;
    }
  }
}
