import * as vscode from 'vscode';
import { Commands, TASKS_VIEW } from '../constants';
import type { Clock } from '../common/clock';
import { Disposable } from '../common/events';
import type { PromptTakes } from '../tasks/model/promptTakes';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { TaskChange, TaskStore } from '../tasks/storage/taskStore';
import { escapeForNotification } from '../common/text';
import { formatTaskName } from '../messages/format';
import { readSettings } from '../platform/settings';

/** The tasks that this workspace waits for, newest last. The tree shows also those that no longer fit in here. */
const AWAITED = 'seedance.awaitedTasks';
const MAX_AWAITED = 200;
/** Of takes that are put side by side. */
const COMPARED_AT_MOST = 4;
/** VS Code hides a message after 15 to 20 s in a focused window, without an event (known from its source). */
const MESSAGE_LIFE_MS = 20_000;

/**
 * Notifies the user that a video is ready, or has failed.
 *
 * Several windows share the store, and only the one whose workspace started the task notifies. The tasks are kept in
 * the workspace state, which survives a reload and belongs to no other window. If the workspace is closed, there is no
 * notification; the tree and its badge show the task in every window.
 *
 * The first load is silent: only a task that finishes while the window is open counts. One message at a time: what
 * finishes while a message is visible follows in one message after it, whether the user answers it or not.
 */
export class TaskNotifier extends Disposable {
  readonly #state: vscode.Memento;
  readonly #store: Pick<TaskStore, 'onDidChange' | 'get'>;
  readonly #clock: Clock;
  readonly #takes: Pick<PromptTakes, 'takeOf' | 'takesOf'>;
  #waiting: string[] = [];
  #showing = false;
  /** Since when the message is visible in a focused window, on the monotonic clock. */
  #shownSince: number | undefined;
  #resume: (() => void) | undefined;
  #timer: unknown;

  constructor(
    store: Pick<TaskStore, 'onDidChange' | 'get'>,
    workspaceState: vscode.Memento,
    clock: Clock,
    takes: Pick<PromptTakes, 'takeOf' | 'takesOf'>,
  ) {
    super();
    this.#store = store;
    this.#takes = takes;
    this.#state = workspaceState;
    this.#clock = clock;
    this._register(store.onDidChange((changes) => this.#onTasksChanged(changes)));
    this._register(vscode.window.onDidChangeWindowState(() => this.#onWindowStateChanged()));
    this._register({ dispose: () => this.#cancelResume() });
  }

  /** Notifies in this workspace when a task ends. */
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

  /** VS Code hides no message of a window without focus, and starts its timer again when the focus returns. */
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

  /** Shows the next message once VS Code has hidden the current one. */
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
        await Promise.race([
          records.length === 1 && only
            ? showOne(only, formatTaskName(only, this.#takes), this.#getComparable(only))
            : showSeveral(records),
          unanswered,
        ]);
        this.#cancelResume();
      }
    } finally {
      this.#showing = false;
    }
  }

  /** The newest takes of the same prompt that have a video, with this one; none where it is the only one. */
  #getComparable({ id }: TaskRecord): readonly string[] {
    const takes = this.#takes.takesOf(id).filter((take) => this.#store.get(take)?.state === 'done');
    return takes.length > 1 ? takes.slice(-COMPARED_AT_MOST) : [];
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
 * A video counts as ready once there is a local copy to play. If the download fails, the user is still notified: when
 * the download reports an error, or when the link expires.
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

async function showOne(record: TaskRecord, name: string, comparable: readonly string[]): Promise<void> {
  if (record.state === 'done') {
    const preview = vscode.l10n.t('Preview');
    const save = vscode.l10n.t('Save');
    const compare = vscode.l10n.t('Compare');
    const buttons = comparable.includes(record.id) ? [preview, compare, save] : [preview, save];
    const choice = await vscode.window.showInformationMessage(vscode.l10n.t('Video ready: {0}', name), ...buttons);
    if (choice === compare) {
      await vscode.commands.executeCommand(Commands.compare, record.id, comparable);
    } else if (choice !== undefined) {
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
  // The first one is highlighted: never what leads to a paid task.
  const buttons = !action
    ? [details]
    : action.command === Commands.again
      ? [details, action.title]
      : [action.title, details];
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
