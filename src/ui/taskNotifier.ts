import * as vscode from 'vscode';
import { Commands, TASKS_VIEW } from '../constants';
import type { Clock } from '../common/clock';
import { Disposable } from '../common/events';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { TaskChange, TaskStore } from '../tasks/storage/taskStore';
import { escapeForNotification } from '../common/text';
import { readSettings } from '../platform/settings';

/** What this workspace is waiting for, newest last. More are not remembered: they show in the tree all the same. */
const AWAITED = 'seedance.awaitedTasks';
const MAX_AWAITED = 200;
const MAX_NAME_CHARS = 60;
/** VS Code puts a message away after 15 to 20 s in a focused window, and tells nobody (from its source). */
const MESSAGE_LIFE_MS = 20_000;

/**
 * Says that a video is ready, or has failed.
 *
 * Several windows follow the same store, and one of them should speak: the one whose workspace asked for the
 * video. That is kept in the workspace's own state, so it holds after a reload, and no other window knows of
 * it. If the workspace is closed nobody speaks; the tree and its badge show it in every window.
 *
 * First load is silent: only a change seen now, from "on its way" to an end, is told. One message at a time:
 * what finishes while one is on the screen is told together after it, be it answered or not.
 */
export class TaskNotifier extends Disposable {
  readonly #state: vscode.Memento;
  readonly #store: Pick<TaskStore, 'onDidChange' | 'get'>;
  readonly #clock: Clock;
  #waiting: string[] = [];
  #showing = false;
  /** Since when the message on the screen has been seen, on the monotonic clock. */
  #shownSince: number | undefined;
  #resume: (() => void) | undefined;
  #timer: unknown;

  constructor(store: Pick<TaskStore, 'onDidChange' | 'get'>, workspaceState: vscode.Memento, clock: Clock) {
    super();
    this.#store = store;
    this.#state = workspaceState;
    this.#clock = clock;
    this._register(store.onDidChange((changes) => this.#onTasksChanged(changes)));
    this._register(vscode.window.onDidChangeWindowState(() => this.#onWindowStateChanged()));
    this._register({ dispose: () => this.#cancelResume() });
  }

  /** The user asked for this task in this workspace. */
  watchTask(id: string): void {
    const awaited = this.#watchedTasks();
    if (!awaited.includes(id)) {
      this.#remember([...awaited, id].slice(-MAX_AWAITED));
    }
  }

  #onTasksChanged(changes: readonly TaskChange[]): void {
    const awaited = new Set(this.#watchedTasks());
    const before = awaited.size;
    for (const change of changes) {
      if (!awaited.has(change.id)) {
        continue;
      }
      if (!change.after) {
        awaited.delete(change.id);
      } else if (change.before && hasJustEnded(change.before, change.after)) {
        awaited.delete(change.id);
        this.#waiting.push(change.id);
      }
    }
    if (awaited.size !== before) {
      this.#remember([...awaited]);
    }
    if (this.#waiting.length > 0 && !this.#showing) {
      void this.#showWaiting();
    }
    this.#scheduleResume();
  }

  /** The user looks at this window, or away: then VS Code puts nothing away, and begins again when they are back. */
  #onWindowStateChanged(): void {
    const age = this.#clock.monotonic() - (this.#shownSince ?? Infinity);
    if (vscode.window.state.focused) {
      this.#shownSince ??= this.#clock.monotonic();
    } else if (age < MESSAGE_LIFE_MS) {
      this.#shownSince = undefined;
      this.#cancelResume();
    }
    this.#scheduleResume();
  }

  /** Something waits for a message that has been put away, or will be. */
  #scheduleResume(): void {
    if (this.#showing && this.#waiting.length > 0 && this.#shownSince !== undefined && this.#timer === undefined) {
      const left = this.#shownSince + MESSAGE_LIFE_MS - this.#clock.monotonic();
      this.#timer = this.#clock.setTimeout(() => this.#resume?.(), Math.max(0, left));
    }
  }

  #cancelResume(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #showWaiting(): Promise<void> {
    this.#showing = true;
    try {
      while (this.#waiting.length > 0 && !this.isDisposed) {
        const ids = this.#waiting;
        this.#waiting = [];
        const records = ids.flatMap((id) => this.#store.get(id) ?? []);
        if (!readSettings().notifyWhenDone || records.length === 0) {
          continue;
        }
        const [only] = records;
        this.#shownSince = vscode.window.state.focused ? this.#clock.monotonic() : undefined;
        const unanswered = new Promise<void>((resolve) => (this.#resume = resolve));
        await Promise.race([records.length === 1 && only ? showOne(only) : showSeveral(records), unanswered]);
        this.#cancelResume();
      }
    } finally {
      this.#showing = false;
    }
  }

  #watchedTasks(): string[] {
    const stored: unknown = this.#state.get(AWAITED);
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
  }

  #remember(ids: string[]): void {
    void this.#state.update(AWAITED, ids);
  }
}

/**
 * Told once there is something to watch at once: the local copy, if it comes. A done task whose copy fails to
 * come is still told, by its expiry or by the trouble that it has got.
 */
function hasJustEnded(before: TaskRecord, after: TaskRecord): boolean {
  return !isEnded(before) && isEnded(after);
}

function isEnded({ state, localCopy, trouble }: TaskRecord): boolean {
  return (
    state === 'failed' ||
    state === 'expired' ||
    (state === 'done' && (localCopy !== undefined || trouble !== undefined))
  );
}

async function showOne(record: TaskRecord): Promise<void> {
  const name = getTaskName(record);
  if (record.state === 'done') {
    const preview = vscode.l10n.t('Preview');
    const save = vscode.l10n.t('Save');
    const choice = await vscode.window.showInformationMessage(vscode.l10n.t('Video ready: {0}', name), preview, save);
    if (choice !== undefined) {
      await vscode.commands.executeCommand(choice === save ? Commands.save : Commands.preview, record.id);
    }
    return;
  }
  const { describeTaskError } = await import('../messages/taskErrors');
  const { what, money, action } = describeTaskError(
    record.error ?? { kind: 'task-failed', at: record.createdAt },
    record,
  );
  const details = vscode.l10n.t('Details');
  const buttons = action ? [action.title, details] : [details];
  const choice = await vscode.window.showWarningMessage(
    `${vscode.l10n.t('No video: {0}.', name)} ${escapeForNotification(what)} ${money}`,
    ...buttons,
  );
  if (choice === details) {
    await vscode.commands.executeCommand(Commands.preview, record.id);
  } else if (choice !== undefined && action) {
    await vscode.commands.executeCommand(action.command, ...(action.arguments ?? []));
  }
}

async function showSeveral(records: readonly TaskRecord[]): Promise<void> {
  const ready = records.filter(({ state }) => state === 'done').length;
  const failed = records.length - ready;
  const show = vscode.l10n.t('Show');
  const text =
    failed === 0
      ? vscode.l10n.t('Videos ready: {0}', ready)
      : vscode.l10n.t('Videos ready: {0}, failed: {1}', ready, failed);
  if ((await vscode.window.showInformationMessage(text, show)) === show) {
    await vscode.commands.executeCommand(`${TASKS_VIEW}.focus`);
  }
}

/** The first prompt of the prompt, in quotation marks; without one, the id. */
function getTaskName({ request, gatewayId, id }: TaskRecord): string {
  const prompt = escapeForNotification(request.prompt, MAX_NAME_CHARS);
  return prompt === '' ? (gatewayId ?? id) : vscode.l10n.t('“{0}”', prompt);
}
