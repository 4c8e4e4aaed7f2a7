import * as v from 'valibot';
import type * as vscode from 'vscode';
import type { BucketKeys } from '../images/delivery/types';
import { getSecrets } from '../images/delivery/httpUpload';
import type { Log } from './log';

const BUCKET = 'seedance.bucketKeys';
const UPLOAD = 'seedance.uploadHeader';

/** Each is stored with the origin that it was given for, and is given out for no other. */
const StoredKeys = v.object({ origin: v.string(), accessKeyId: v.string(), secretAccessKey: v.string() });
const StoredHeader = v.object({ origin: v.string(), value: v.string() });

const getSecretName = (what: 'bucket' | 'upload') => (what === 'bucket' ? BUCKET : UPLOAD);

type SecretStore = Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;

/** The keys of the bucket and the secret header of the upload endpoint. In SecretStorage and nowhere else. */
export class DeliverySecrets {
  readonly #secrets: SecretStore;
  readonly #log: Pick<Log, 'addSecret'>;

  constructor(secrets: SecretStore, log: Pick<Log, 'addSecret'>) {
    this.#secrets = secrets;
    this.#log = log;
  }

  /** @param origin where they are about to be used */
  async bucketKeys(origin: string): Promise<BucketKeys | undefined> {
    const stored = await this.#read(BUCKET, StoredKeys);
    if (stored?.origin !== origin) {
      return undefined;
    }
    const { accessKeyId, secretAccessKey } = stored;
    this.hide(accessKeyId, secretAccessKey);
    return { accessKeyId, secretAccessKey };
  }

  async keepBucketKeys(origin: string, keys: BucketKeys): Promise<void> {
    await this.#secrets.store(BUCKET, JSON.stringify({ origin, ...keys }));
  }

  async uploadHeader(origin: string): Promise<string | undefined> {
    const stored = await this.#read(UPLOAD, StoredHeader);
    if (stored?.origin !== origin) {
      return undefined;
    }
    this.hide(...getSecrets(stored.value));
    return stored.value;
  }

  async keepUploadHeader(origin: string, value: string): Promise<void> {
    await this.#secrets.store(UPLOAD, JSON.stringify({ origin, value }));
  }

  /** Whatever it was given for. */
  async has(what: 'bucket' | 'upload'): Promise<boolean> {
    return (await this.#secrets.get(getSecretName(what)).then(undefined, () => undefined)) !== undefined;
  }

  async forget(what: 'bucket' | 'upload'): Promise<void> {
    await this.#secrets.delete(getSecretName(what));
  }

  /** Before one is used for the first time, for a trial too: from then on the log shows it nowhere. */
  hide(...secrets: string[]): void {
    for (const secret of secrets) {
      this.#log.addSecret(secret);
    }
  }

  async #read<T>(name: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    try {
      const parsed = v.safeParse(schema, JSON.parse((await this.#secrets.get(name)) ?? 'null'));
      return parsed.success ? parsed.output : undefined;
    } catch {
      // Not what we wrote, or no keyring: as if there were none, and the user is asked.
      return undefined;
    }
  }
}
