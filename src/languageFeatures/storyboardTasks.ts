import type * as vscode from 'vscode';
import { Disposable } from '../common/events';
import type { ExtensionServices } from '../container';
import { formatRemainingTime } from '../messages/format';
import { findReferencedFile } from '../platform/referencedFiles';
import type { ReadStoryboard } from '../platform/storyboardFiles';
import type { ResolvedShot } from '../storyboard/resolve';
import { ShotTaskIndex } from '../storyboard/shotTaskIndex';
import { getShotTasks, type ShotTasks } from '../storyboard/shotTasks';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { formatState } from '../views/tasks/taskTreeItem';

type Services = Pick<ExtensionServices, 'store' | 'estimates' | 'polling' | 'now'>;

/** The tasks of the storyboards that are open. */
export class StoryboardTasks extends Disposable {
  readonly #services: Services;
  readonly #index: ShotTaskIndex;
  readonly #known = new WeakMap<ReadStoryboard['resolved'], { records: readonly TaskRecord[]; tasks: ShotTasks }>();

  constructor(services: Services) {
    super();
    this.#services = services;
    this.#index = this._register(new ShotTaskIndex(services.store));
  }

  /** Fires with the URIs of the storyboards whose tasks have changed. */
  get onDidChange(): ShotTaskIndex['onDidChange'] {
    return this.#index.onDidChange;
  }

  /** The tasks of a storyboard by its shots, once the list is loaded. `undefined` when it cannot be. */
  async of({ resolved, document }: ReadStoryboard): Promise<ShotTasks | undefined> {
    const { store } = this.#services;
    if (!store.isLoaded) {
      try {
        await store.load();
      } catch {
        // The list says it, and tries again.
        return undefined;
      }
    }
    const uri = document.uri.toString();
    const records = this.#index.of(uri);
    const known = this.#known.get(resolved);
    if (known?.records === records) {
      return known.tasks;
    }
    const tasks = getShotTasks(resolved, records, uri);
    this.#known.set(resolved, { records, tasks });
    return tasks;
  }

  /** How far a task is, with the remaining time where it is known. It changes every few seconds at most. */
  describeState(record: TaskRecord): string {
    const { estimates, polling, store } = this.#services;
    const now = this.#services.now();
    const pauseReason = polling.getPauseReason(record);
    const context = { now, readOnly: store.isReadOnly(record.id), pauseReason };
    const state = formatState(record, context, { withTime: record.state === 'failed' });
    const estimate = pauseReason || record.trouble ? undefined : estimates.of(record, now);
    return estimate && !estimate.isLong ? `${state} · ${formatRemainingTime(estimate)}` : state;
  }
}

/** Whether the video that the file has chosen for a shot is that of a task: one of the places where it was saved. */
export function isChosenTake(document: vscode.Uri, { take }: ResolvedShot, { saved }: TaskRecord): boolean {
  const uri = take && findReferencedFile(document, take.target)?.toString();
  return uri !== undefined && saved.some((place) => place.uri === uri);
}
