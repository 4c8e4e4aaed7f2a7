import * as vscode from 'vscode';
import { Commands, TASKS_VIEW } from '../constants';
import type { Clock } from '../common/clock';
import type { ApiKey } from '../platform/apiKey';
import type { ExpiryMonitor } from '../tasks/worker/expiryMonitor';
import { Disposable } from '../common/events';
import type { PollingController } from '../tasks/polling/pollingController';
import { isDownloadable, type TaskRecord } from '../tasks/model/taskRecord';
import type { TaskStore } from '../tasks/storage/taskStore';
import { escapeForNotification } from '../common/text';
import { formatDateTime, getTaskLabel } from '../messages/format';

/** What the warnings need. */
export interface WarningOptions {
  store: Pick<TaskStore, 'directory' | 'onDidFindDamage' | 'get'>;
  polling: Pick<PollingController, 'pause' | 'onDidChangePause'>;
  apiKey: Pick<ApiKey, 'onDidChange' | 'getOtherAddress'>;
  expiry: Pick<ExpiryMonitor, 'onDidWarn'>;
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout' | 'monotonic'>;
}

const MAX_NAME_CHARS = 300;
const DAMAGE_SETTLES_MS = 1_000;
/** An address is typed letter by letter. */
const ADDRESS_SETTLES_MS = 5_000;
/** Links that die at about the same time are found one after the other. */
const EXPIRING_SETTLE_MS = 10_000;
/** A list of dying links must not become a list of messages: what comes later waits, and is told of in one. */
const EXPIRING_EVERY_MS = 60 * 60_000;

/**
 * Warns about problems that the user has to solve: a corrupt record, a refused API key, a video that is about to be
 * lost. Each is shown once, in the window that found it, and many of a kind in one message.
 */
export class Warnings extends Disposable {
  readonly #options: WarningOptions;
  #damaged: string[] = [];
  #timer: unknown;
  readonly #expiring = new Set<string>();
  #expiringTimer: unknown;
  #expiringShownAt = -Infinity;
  #addressTimer: unknown;
  #toldAddress: string | undefined;

  constructor(options: WarningOptions) {
    super();
    this.#options = options;
    this._register(options.store.onDidFindDamage((names) => this.#onDamage(names)));
    this._register(options.polling.onDidChangePause(() => void this.#onPauseChanged()));
    this._register(options.expiry.onDidWarn((record) => this.#onExpiring(record)));
    this._register(options.apiKey.onDidChange(() => this.#onKeyChanged()));
    this._register({ dispose: () => options.clock.clearTimeout(this.#addressTimer) });
    this._register({ dispose: () => options.clock.clearTimeout(this.#timer) });
    this._register({ dispose: () => options.clock.clearTimeout(this.#expiringTimer) });
  }

  /** Collects corrupt records for a moment, so that one message covers all that a start finds. */
  #onDamage(names: readonly string[]): void {
    this.#damaged.push(...names);
    if (this.#damaged.length === names.length) {
      this.#timer = this.#options.clock.setTimeout(() => void this.#showDamage(), DAMAGE_SETTLES_MS);
    }
  }

  async #showDamage(): Promise<void> {
    const names = this.#damaged;
    this.#damaged = [];
    const showFolder = vscode.l10n.t('Show folder');
    const showLog = vscode.l10n.t('Show log');
    const chosen = await vscode.window.showWarningMessage(
      vscode.l10n.t(
        'Seedance could not read some of its task records and set them aside, undeleted, in the folder “damaged”. Records: {0}. The other tasks are not affected. A paid task among them can be followed again by its ID with “Add task by ID”.',
        names.length,
      ),
      showFolder,
      showLog,
    );
    if (chosen === showFolder) {
      const folder = vscode.Uri.joinPath(vscode.Uri.file(this.#options.store.directory), 'damaged');
      await vscode.commands.executeCommand('revealFileInOS', folder);
    } else if (chosen === showLog) {
      await vscode.commands.executeCommand(Commands.showLog);
    }
  }

  async #onPauseChanged(): Promise<void> {
    if (this.#options.polling.pause !== 'invalid-key') {
      return;
    }
    const setKey = vscode.l10n.t('Set API key');
    const chosen = await vscode.window.showWarningMessage(
      vscode.l10n.t(
        'The service refused the API key, so Seedance has stopped asking about your tasks. They go on at the service, and nothing is lost or charged again. Set a valid key and everything goes on.',
      ),
      setKey,
    );
    if (chosen === setKey) {
      await vscode.commands.executeCommand(Commands.setApiKey);
    }
  }

  #onKeyChanged(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#addressTimer);
    this.#addressTimer = clock.setTimeout(() => void this.#showOtherAddress(), ADDRESS_SETTLES_MS);
  }

  async #showOtherAddress(): Promise<void> {
    // Without a keyring there is no key to send.
    const other = await this.#options.apiKey.getOtherAddress().catch(() => undefined);
    if (other?.to === this.#toldAddress) {
      return;
    }
    this.#toldAddress = other?.to;
    if (!other) {
      return;
    }
    const decide = vscode.l10n.t('Decide…');
    const openSettings = vscode.l10n.t('Open settings');
    const chosen = await vscode.window.showWarningMessage(
      vscode.l10n.t(
        'The setting seedance.apiBaseUrl now names {0}. The API key was entered for {1} and is not sent elsewhere until you say so; tasks on their way wait.',
        other.to,
        other.from,
      ),
      decide,
      openSettings,
    );
    if (chosen === decide) {
      // It needs the key, and asks whether it may be sent there.
      await vscode.commands.executeCommand(Commands.showBalance);
    } else if (chosen === openSettings) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'seedance.apiBaseUrl');
    }
  }

  #onExpiring({ id }: TaskRecord): void {
    const { clock } = this.#options;
    this.#expiring.add(id);
    const quietFor = this.#expiringShownAt + EXPIRING_EVERY_MS - clock.monotonic();
    this.#expiringTimer ??= clock.setTimeout(
      () => this.#showExpiring(),
      Math.max(EXPIRING_SETTLE_MS, Number.isFinite(quietFor) ? quietFor : 0),
    );
  }

  #showExpiring(): void {
    const { store, clock } = this.#options;
    this.#expiringTimer = undefined;
    // Some may have been fetched or removed meanwhile.
    const records = [...this.#expiring].flatMap((id) => store.get(id) ?? []).filter(isDownloadable);
    this.#expiring.clear();
    const [only] = records;
    if (only) {
      this.#expiringShownAt = clock.monotonic();
      void (records.length === 1 ? showExpiring(only) : showSeveralExpiring(records));
    }
  }
}

async function showExpiring(record: TaskRecord): Promise<void> {
  const tryNow = vscode.l10n.t('Try now');
  const preview = vscode.l10n.t('Preview');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'The video “{0}” could not be fetched so far, and the service need not keep it after {1}. It is paid for and may be lost then. Seedance keeps trying.',
      escapeForNotification(getTaskLabel(record, MAX_NAME_CHARS)),
      formatDateTime(record.result?.expiresAt ?? 0),
    ),
    tryNow,
    preview,
  );
  if (chosen === tryNow) {
    await vscode.commands.executeCommand(Commands.check, record.id);
  } else if (chosen === preview) {
    await vscode.commands.executeCommand(Commands.preview, record.id);
  }
}

async function showSeveralExpiring(records: readonly TaskRecord[]): Promise<void> {
  const show = vscode.l10n.t('Show');
  const first = Math.min(...records.map(({ result }) => result?.expiresAt ?? Infinity));
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Videos that could not be fetched so far: {0}. The service need not keep the first of them after {1}. They are paid for and may be lost then. Seedance keeps trying.',
      records.length,
      formatDateTime(first),
    ),
    show,
  );
  if (chosen === show) {
    await vscode.commands.executeCommand(`${TASKS_VIEW}.focus`);
  }
}
