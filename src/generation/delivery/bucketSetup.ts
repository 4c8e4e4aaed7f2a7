import * as vscode from 'vscode';
import {
  isBucketName,
  isEndpoint,
  isRegion,
  parseBucket,
  parsePrefix,
  type BucketSettings,
  testBucket,
} from '../../images/delivery/s3';
import type { BucketAccess, BucketKeys } from '../../images/delivery/types';
import { createTestContent } from '../../images/delivery/content';
import { saveBucket, saveDelivery, readBucket, readBucketSettings } from '../../platform/deliverySettings';
import { DeliveryError } from '../../images/delivery/deliveryError';
import { escapeForNotification } from '../../common/text';
import { createDeliveryContext, getDeliverySecrets } from './deliveryContext';
import type { ExtensionServices } from '../../container';
import { promptForSecret, chooseChangeOrForget, runConnectionTest } from './setupSteps';
import { showInput, BACK, showPick, type InputResult, runSteps, type InputStep } from '../../ui/quickInput';

interface Provider {
  name: string;
  /** `{region}` is replaced by the region; the user replaces a text in `<>`. */
  endpoint: string;
  region: string;
  steps: readonly ('region' | 'endpoint')[];
}

const PROVIDERS: readonly Provider[] = [
  { name: 'Yandex Object Storage', endpoint: 'https://storage.yandexcloud.net', region: 'ru-central1', steps: [] },
  { name: 'Amazon S3', endpoint: 'https://s3.{region}.amazonaws.com', region: 'eu-central-1', steps: ['region'] },
  {
    name: 'Cloudflare R2',
    endpoint: 'https://<account>.r2.cloudflarestorage.com',
    region: 'auto',
    steps: ['endpoint'],
  },
  { name: 'MinIO', endpoint: 'https://', region: 'us-east-1', steps: ['endpoint', 'region'] },
];

/** Asks for the bucket and its keys, tests them, and saves them only if the test succeeds. */
export async function setUpImageBucket(services: ExtensionServices): Promise<boolean> {
  const secrets = getDeliverySecrets(services);
  const current = readBucket();
  const keys = current && (await secrets.getBucketKeys(current.address.origin));
  const chosen = (await secrets.has('bucket'))
    ? await chooseChangeOrForget(vscode.l10n.t('Set up image bucket'), () => secrets.delete('bucket'))
    : 'change';
  return chosen === 'change' && new BucketSetup(services, keys).ask();
}

/** The steps of the setup, and what the user has entered so far. */
class BucketSetup {
  readonly #services: ExtensionServices;
  readonly #settings: BucketSettings = readBucketSettings();
  readonly #keys: BucketKeys;
  /** The origin that the keys belong to. */
  #origin: string | undefined;
  /** The server took the keys for temporary ones. */
  #wantsToken = false;
  #provider: Provider | undefined;

  constructor(services: ExtensionServices, keys: BucketKeys = { accessKeyId: '', secretAccessKey: '' }) {
    this.#services = services;
    this.#keys = { ...keys };
    this.#origin = parseBucket(this.#settings)?.address.origin;
    const { endpoint, region } = this.#settings;
    this.#provider =
      endpoint === ''
        ? undefined
        : (PROVIDERS.find((known) => known.endpoint.replace('{region}', region) === endpoint) ?? PROVIDERS.at(-1));
  }

  async ask(): Promise<boolean> {
    if (!(await runSteps(() => this.#steps()))) {
      return false;
    }
    const { address } = this.#access()!;
    await saveBucket(this.#settings);
    await getDeliverySecrets(this.#services).storeBucketKeys(address.origin, this.#keys);
    await saveDelivery('s3');
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'The bucket {0} works: an image was uploaded, read by its link and deleted. First frames go there from now on.',
        escapeForNotification(this.#settings.bucket),
      ),
    );
    return true;
  }

  #steps(): InputStep[] {
    const optional = { endpoint: () => this.#askEndpoint(), region: () => this.#askRegion() };
    return [
      () => this.#askProvider(),
      ...(this.#provider?.steps ?? []).map((name) => optional[name]),
      () => this.#askBucket(),
      () => this.#askPrefix(),
      () => this.#askKeyId(),
      ...(this.#isTemporary() ? [() => this.#askSessionToken()] : []),
      () => this.#askSecretAndTest(),
    ];
  }

  async #askProvider(): Promise<InputResult<unknown>> {
    const items = PROVIDERS.map((provider) => ({
      label: provider.name === 'MinIO' ? vscode.l10n.t('MinIO or another S3-compatible storage') : provider.name,
      provider,
    }));
    const picked = await showPick({
      title: this.#title,
      placeholder: vscode.l10n.t('Where is the bucket? It may be private: the service gets links that expire.'),
      items,
      active: items.find(({ provider }) => provider === this.#provider),
      back: true,
    });
    if (picked !== undefined && picked !== BACK && picked.provider !== this.#provider) {
      this.#provider = picked.provider;
      this.#settings.region = picked.provider.region;
      this.#fillEndpoint();
    }
    return picked;
  }

  #fillEndpoint(): void {
    this.#settings.endpoint = this.#provider!.endpoint.replace('{region}', this.#settings.region);
  }

  async #askEndpoint(): Promise<InputResult<unknown>> {
    const endpoint = await this.#askText(vscode.l10n.t('Endpoint'), this.#settings.endpoint, {
      placeholder: 'https://storage.example',
      prompt: vscode.l10n.t(
        'The address of the storage, without the bucket. With {0} in it the bucket goes there instead of into the path.',
        '{bucket}',
      ),
      validate: (text) =>
        isEndpoint(text.trim())
          ? undefined
          : vscode.l10n.t('This has to begin with https://, or with http:// and the name of this computer.'),
    });
    if (typeof endpoint === 'string') {
      this.#settings.endpoint = endpoint;
    }
    return endpoint;
  }

  async #askRegion(): Promise<InputResult<unknown>> {
    const region = await this.#askText(vscode.l10n.t('Region'), this.#settings.region, {
      prompt: vscode.l10n.t('As the provider names it. MinIO has us-east-1 unless somebody changed it.'),
      validate: (text) =>
        isRegion(text) ? undefined : vscode.l10n.t('A region has Latin letters, digits and hyphens only.'),
    });
    if (typeof region === 'string') {
      this.#settings.region = region;
      if (this.#provider?.endpoint.includes('{region}')) {
        this.#fillEndpoint();
      }
    }
    return region;
  }

  async #askBucket(): Promise<InputResult<unknown>> {
    const bucket = await this.#askText(vscode.l10n.t('Bucket'), this.#settings.bucket, {
      prompt: vscode.l10n.t('The name of the bucket. It has to exist.'),
      validate: (text) =>
        isBucketName(text.trim())
          ? undefined
          : vscode.l10n.t('A bucket has 3 to 63 small Latin letters, digits, hyphens and dots in its name.'),
    });
    if (typeof bucket === 'string') {
      this.#settings.bucket = bucket;
    }
    return bucket;
  }

  async #askPrefix(): Promise<InputResult<unknown>> {
    const prefix = await this.#askText(vscode.l10n.t('Folder in the bucket'), this.#settings.prefix, {
      prompt: vscode.l10n.t(
        'For the images of Seedance. May be empty. Nothing is ever deleted there but the test image: a lifecycle rule can do that.',
      ),
      validate: (text) =>
        parsePrefix(text) === undefined ? vscode.l10n.t('This cannot be the name of a folder.') : undefined,
    });
    if (typeof prefix === 'string') {
      this.#settings.prefix = prefix;
    }
    return prefix;
  }

  async #askKeyId(): Promise<InputResult<unknown>> {
    const origin = parseBucket(this.#settings)?.address.origin;
    if (origin !== this.#origin) {
      // The keys belong to another server: provider, endpoint, region and bucket can each change the origin.
      this.#origin = origin;
      Object.assign(this.#keys, { accessKeyId: '', secretAccessKey: '' });
      delete this.#keys.sessionToken;
    }
    const id = await promptForSecret({
      title: this.#getTitle(vscode.l10n.t('Access key ID')),
      value: this.#keys.accessKeyId,
      prompt: vscode.l10n.t(
        'Of a key that may write, read and delete objects in this bucket, and nothing else. It is kept in the secret storage of VS Code only.',
      ),
    });
    if (typeof id === 'string') {
      if (id !== this.#keys.accessKeyId) {
        delete this.#keys.sessionToken;
      }
      this.#keys.accessKeyId = id;
    }
    return id;
  }

  /** AWS begins the ids of temporary keys like this (documented); others are known by the answer of their server. */
  #isTemporary(): boolean {
    return this.#wantsToken || this.#keys.sessionToken !== undefined || /^(?:ASIA|STS\.)/.test(this.#keys.accessKeyId);
  }

  async #askSessionToken(): Promise<InputResult<unknown>> {
    const token = await promptForSecret({
      title: this.#getTitle(vscode.l10n.t('Session token')),
      value: this.#keys.sessionToken ?? '',
      prompt: vscode.l10n.t('Temporary keys have one, and end with it: then they have to be given anew.'),
    });
    if (typeof token === 'string') {
      this.#keys.sessionToken = token;
    }
    return token;
  }

  async #askSecretAndTest(): Promise<InputResult<unknown>> {
    const secret = await promptForSecret({
      title: this.#getTitle(vscode.l10n.t('Secret access key')),
      value: this.#keys.secretAccessKey,
      prompt: vscode.l10n.t('At Enter the bucket is tried: a small image is uploaded, read by a link and deleted.'),
      check: (text) => {
        this.#keys.secretAccessKey = text;
        return this.#test();
      },
    });
    if (typeof secret === 'string') {
      this.#keys.secretAccessKey = secret;
    }
    return secret;
  }

  /** @returns what is wrong, as a message */
  async #test(): Promise<string | undefined> {
    const access = this.#access();
    if (!access) {
      return vscode.l10n.t('Something is missing. Go back and check every answer.');
    }
    const { accessKeyId, secretAccessKey, sessionToken } = access.keys;
    const secrets = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
    getDeliverySecrets(this.#services).redactInLog(...secrets);
    return runConnectionTest(this.#services, () =>
      testBucket(access, createDeliveryContext(this.#services), createTestContent()).catch((error: unknown) => {
        // The step for it is there from now on, one step back.
        this.#wantsToken ||= error instanceof DeliveryError && error.kind === 'needs-token';
        throw error;
      }),
    );
  }

  #access(): BucketAccess | undefined {
    const bucket = parseBucket(this.#settings);
    return bucket && { ...bucket, keys: this.#keys };
  }

  async #askText(
    what: string,
    value: string,
    options: { placeholder?: string; prompt: string; validate: (text: string) => string | undefined },
  ): Promise<InputResult<string>> {
    const answer = await showInput({ title: this.#getTitle(what), value, back: true, ...options });
    return typeof answer === 'string' ? answer.trim() : answer;
  }

  get #title(): string {
    return vscode.l10n.t('Set up image bucket');
  }

  #getTitle(what: string): string {
    return `${this.#title}: ${what}`;
  }
}
