import * as vscode from 'vscode';
import { Disposable } from '../common/events';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { TaskStore } from '../tasks/storage/taskStore';

/** What the user has done, for `onContext` of the walkthrough in package.json: a click alone ticks nothing. */
const STEPS = {
  'seedance.hasOrdered': ({ origin, gatewayId }: TaskRecord) => origin === 'generated' && gatewayId !== undefined,
  'seedance.hasSaved': ({ saved }: TaskRecord) => saved.length > 0,
};

/** Ticks steps of the walkthrough. None is unticked: VS Code remembers them. */
export class WalkthroughSteps extends Disposable {
  readonly #left = new Map(Object.entries(STEPS));

  constructor(store: Pick<TaskStore, 'list' | 'onDidLoad' | 'onDidChange'>) {
    super();
    this._register(store.onDidLoad(() => this.#look(store.list())));
    this._register(store.onDidChange((changes) => this.#look(changes.flatMap(({ after }) => after ?? []))));
  }

  #look(records: readonly TaskRecord[]): void {
    for (const [step, isDone] of [...this.#left]) {
      if (records.some(isDone)) {
        this.#left.delete(step);
        void vscode.commands.executeCommand('setContext', step, true);
      }
    }
  }
}
