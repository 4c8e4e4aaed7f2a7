import * as vscode from 'vscode';
import { createTestContent } from '../../images/delivery/content';
import {
  testUpload,
  isHeaderName,
  isPointer,
  urlsCollide,
  parseUpload,
  parseUploadUrl,
  getSecrets,
  type UploadSettings,
} from '../../images/delivery/httpUpload';
import type { UploadAccess } from '../../images/delivery/types';
import { saveDelivery, saveUpload, readUpload, readUploadSettings } from '../../platform/deliverySettings';
import { escapeForNotification } from '../../common/text';
import { createDeliveryContext, getDeliverySecrets } from './deliveryContext';
import type { ExtensionServices } from '../../container';
import { promptForSecret, chooseChangeOrForget, runConnectionTest } from './setupSteps';
import { showInput, BACK, showPick, type InputResult, runSteps, type InputStep } from '../../ui/quickInput';

/** Asks where to upload images and where the response has their link, tests it, and saves it only if that succeeds. */
export async function setUpImageUpload(services: ExtensionServices): Promise<boolean> {
  const secrets = getDeliverySecrets(services);
  const origin = parseUploadUrl(readUpload()?.url ?? '')?.origin;
  const header = origin && (await secrets.getUploadHeader(origin));
  const chosen = (await secrets.has('upload'))
    ? await chooseChangeOrForget(vscode.l10n.t('Set up image upload'), () => secrets.delete('upload'))
    : 'change';
  return chosen === 'change' && new UploadSetup(services, header ?? '').ask();
}

/** The steps of the setup, and what the user has entered so far. */
class UploadSetup {
  readonly #services: ExtensionServices;
  readonly #settings: UploadSettings = readUploadSettings();
  #header: string;

  constructor(services: ExtensionServices, header: string) {
    this.#services = services;
    this.#header = header;
  }

  async ask(): Promise<boolean> {
    if (!(await runSteps(() => this.#steps()))) {
      return false;
    }
    const { host, origin } = parseUploadUrl(this.#settings.url)!;
    const secrets = getDeliverySecrets(this.#services);
    await saveUpload(this.#settings);
    await (this.#settings.headerName === ''
      ? secrets.delete('upload')
      : secrets.storeUploadHeader(origin, this.#header));
    await saveDelivery('http');
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'The upload to {0} works: a small test image was uploaded and read by its link. First frames go there from now on.',
        escapeForNotification(host),
      ),
    );
    return true;
  }

  #steps(): InputStep[] {
    return [
      () => this.#askUrl(),
      () => this.#askMethod(),
      ...(this.#settings.method === 'POST' ? [() => this.#askField()] : []),
      () => this.#askHeaderName(),
      ...(this.#settings.headerName === '' ? [] : [() => this.#askHeader()]),
      () => this.#askPointerAndTest(),
    ];
  }

  async #askUrl(): Promise<InputResult<unknown>> {
    const before = parseUploadUrl(this.#settings.url)?.origin;
    const answer = await this.#ask('url', vscode.l10n.t('Address'), {
      placeholder: 'https://files.example/{hash}.{type}',
      prompt: vscode.l10n.t(
        'Where the image is sent. {0}, {1} and {2} are filled in: name of the file, SHA-256 of its content, its type.',
        '{name}',
        '{hash}',
        '{type}',
      ),
      validate: (text) =>
        parseUploadUrl(text)
          ? undefined
          : vscode.l10n.t('This has to begin with https://, or with http:// and the name of this computer.'),
    });
    if (parseUploadUrl(this.#settings.url)?.origin !== before) {
      // The header belongs to another server.
      this.#header = '';
    }
    return answer;
  }

  async #askMethod(): Promise<InputResult<unknown>> {
    const items = [
      { label: 'PUT', detail: vscode.l10n.t('The body of the request is the image.'), method: 'PUT' },
      { label: 'POST', detail: vscode.l10n.t('The image is a file in a form (multipart/form-data).'), method: 'POST' },
    ];
    const picked = await showPick({
      title: this.#getTitle(vscode.l10n.t('HTTP method')),
      items,
      active: items.find(({ method }) => method === this.#settings.method),
      back: true,
    });
    if (picked !== undefined && picked !== BACK) {
      this.#settings.method = picked.method;
    }
    return picked;
  }

  #askField(): Promise<InputResult<unknown>> {
    return this.#ask('field', vscode.l10n.t('Name of the field'), {
      prompt: vscode.l10n.t('Under which the form holds the file.'),
      validate: (text) => (text.trim() === '' ? vscode.l10n.t('It needs a name, mostly “file”.') : undefined),
    });
  }

  #askHeaderName(): Promise<InputResult<unknown>> {
    return this.#ask('headerName', vscode.l10n.t('Name of the header'), {
      placeholder: 'Authorization',
      prompt: vscode.l10n.t('With which the server lets you in. Empty: none is needed.'),
      validate: (text) => (isHeaderName(text) ? undefined : vscode.l10n.t('This cannot be the name of a header.')),
    });
  }

  async #askHeader(): Promise<InputResult<unknown>> {
    const header = await promptForSecret({
      title: this.#getTitle(this.#settings.headerName),
      value: this.#header,
      prompt: vscode.l10n.t('The whole value, such as “Bearer …”. It is kept in the secret storage of VS Code only.'),
    });
    if (typeof header === 'string') {
      this.#header = header;
      getDeliverySecrets(this.#services).redactInLog(...getSecrets(header));
    }
    return header;
  }

  #askPointerAndTest(): Promise<InputResult<unknown>> {
    return this.#ask('linkPointer', vscode.l10n.t('Where the link is in the answer'), {
      placeholder: '/data/url',
      prompt: vscode.l10n.t(
        'A JSON pointer. Empty: the answer is the link itself. At Enter a small image is uploaded and read.',
      ),
      validate: (text) =>
        !isPointer(text.trim())
          ? vscode.l10n.t('A JSON pointer begins with a slash: /data/url')
          : urlsCollide({ ...this.#settings, linkPointer: text.trim() })
            ? vscode.l10n.t(
                'With PUT and without a pointer the address itself is the link: go back and put {0} into it, or one image would replace another.',
                '{hash}',
              )
            : undefined,
      check: (text) => {
        this.#settings.linkPointer = text.trim();
        return this.#test();
      },
    });
  }

  /** @returns what is wrong, as a message */
  async #test(): Promise<string | undefined> {
    const upload = parseUpload(this.#settings);
    if (!upload) {
      return vscode.l10n.t('Something is missing. Go back and check every answer.');
    }
    const access: UploadAccess = { ...upload, headerValue: upload.headerName === '' ? '' : this.#header };
    return runConnectionTest(this.#services, () =>
      testUpload(access, createDeliveryContext(this.#services), createTestContent()),
    );
  }

  async #ask(
    key: keyof UploadSettings,
    what: string,
    options: {
      placeholder?: string;
      prompt: string;
      validate: (text: string) => string | undefined;
      check?: (text: string) => Promise<string | undefined>;
    },
  ): Promise<InputResult<string>> {
    const answer = await showInput({ title: this.#getTitle(what), value: this.#settings[key], back: true, ...options });
    if (typeof answer === 'string') {
      this.#settings[key] = answer.trim();
    }
    return answer;
  }

  #getTitle(what: string): string {
    return `${vscode.l10n.t('Set up image upload')}: ${what}`;
  }
}
