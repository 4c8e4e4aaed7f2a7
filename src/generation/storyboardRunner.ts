import * as vscode from 'vscode';
import { sleep, systemClock } from '../common/clock';
import type { ExtensionServices } from '../container';
import { getNewPlace } from '../platform/followStoryboards';
import type { PlanStep, RunPlan } from '../storyboard/plan';
import type { ResolvedShot } from '../storyboard/resolve';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { showError } from '../ui/showError';
import { sendShots, type Run } from './sendShots';
import { tell, toName } from './storyboardMessages';
import { isSameShot, readOrders, type ShotOrder, type StoryboardOrders } from './storyboardOrders';

/** Changes of tasks within this time are looked at once. */
const LOOK_AFTER_MS = 200;

const runners = new WeakMap<ExtensionServices, StoryboardRunner>();

/** Carries on the runs of this window: sends the shots that wait, once what they wait for is there. */
export class StoryboardRunner {
  readonly #services: ExtensionServices;
  readonly #runs: Run[] = [];
  #turn: Promise<void> = Promise.resolve();
  #isLookDue = false;
  #listeners: vscode.Disposable | undefined;

  static of(services: ExtensionServices): StoryboardRunner {
    const runner = runners.get(services) ?? new StoryboardRunner(services);
    runners.set(services, runner);
    return runner;
  }

  constructor(services: ExtensionServices) {
    this.#services = services;
  }

  add(run: Run): void {
    if (run.waiting.length === 0) {
      return;
    }
    this.#runs.push(run);
    this.#announce(run.uri);
    this.#lookSoon();
  }

  /** Gives up what waits, because it is agreed to once more: it is sent once. */
  forget(uri: vscode.Uri, orders: readonly ShotOrder[]): void {
    const isAgain = (old: ShotOrder) => orders.some(({ shot }) => isSameShot(shot, old.shot));
    for (const run of this.#of(uri)) {
      run.waiting = run.waiting.filter((order) => !isAgain(order));
      run.sending = run.sending?.filter((order) => !isAgain(order));
    }
    this.#announce(uri);
  }

  /** Gives up what waits of a storyboard, also what is about to be sent. @returns how many shots that were */
  stop(uri: vscode.Uri): number {
    let count = 0;
    for (const run of this.#of(uri)) {
      count += getOpen(run).length;
      run.isStopped = true;
      run.waiting = [];
      run.sending = undefined;
    }
    this.#announce(uri);
    return count;
  }

  #of(uri: vscode.Uri): Run[] {
    const key = uri.toString();
    return this.#runs.filter((run) => run.uri.toString() === key);
  }

  #listen(): vscode.Disposable {
    const { store } = this.#services;
    const { workspace } = vscode;
    return vscode.Disposable.from(
      store.onDidChange((changes) => {
        if (changes.some(isNews)) {
          this.#lookSoon();
        }
      }),
      // What was wrong with the file may be right again.
      workspace.onDidSaveTextDocument(({ uri }) => {
        if (this.#runs.some((run) => run.uri.path === uri.path)) {
          this.#lookSoon();
        }
      }),
      workspace.onDidDeleteFiles(() => this.#lookSoon()),
      workspace.onDidRenameFiles(({ files }) => {
        for (const run of this.#runs) {
          const place = getNewPlace(run.uri.toString(), files);
          if (place !== undefined) {
            run.formerUri = run.uri;
            run.uri = vscode.Uri.parse(place);
            this.#announce(run.formerUri);
            this.#announce(run.uri);
          }
        }
        this.#lookSoon();
      }),
    );
  }

  #lookSoon(): void {
    if (this.#isLookDue) {
      return;
    }
    this.#isLookDue = true;
    this.#turn = this.#turn.then(async () => {
      await sleep(systemClock, LOOK_AFTER_MS);
      this.#isLookDue = false;
      for (const run of [...this.#runs]) {
        try {
          await this.#goOn(run);
        } catch (error) {
          // Nothing of it was sent, or its tasks say what has become of it.
          run.waiting = [];
          showError(this.#services, 'storyboard run', error);
        }
        this.#announce(run.uri);
      }
    });
  }

  async #goOn(run: Run): Promise<void> {
    if (run.waiting.length === 0) {
      return;
    }
    this.#followSaved(run);
    if (run.formerUri && this.#hasTasksOf(run.formerUri)) {
      // Without them the shots that others wait for would look as if they were missing.
      return;
    }
    run.formerUri = undefined;
    const document = await open(run.uri);
    if (!document) {
      const names = run.waiting.map(({ shot }) => toName(shot)).join(', ');
      run.waiting = [];
      tell(run.uri, [vscode.l10n.t('The storyboard is gone, so what waited was not sent: {0}.', names)]);
      return;
    }
    const read = await this.#read(run, document, run.waiting);
    if (read.plan.blockers.length > 0) {
      // It goes on once the file can be read again.
      return;
    }
    const before = run.waiting;
    const { ready, waiting, given } = sortOut(before, read);
    run.waiting = waiting;
    run.sending = ready;
    if (given.length > 0) {
      tell(run.uri, given);
    }
    const records =
      ready.length === 0
        ? []
        : await sendShots(this.#services, run, ready, read.tasks, () => this.#lookAgain(run, document));
    run.sending = undefined;
    if (records === undefined) {
      const names = run.waiting.map(({ shot }) => toName(shot)).join(', ');
      run.waiting = [];
      if (names !== '') {
        tell(run.uri, [vscode.l10n.t('What waited was not sent either: {0}.', names)]);
      }
    }
    if (run.waiting.length < before.length && run.waiting.length > 0) {
      // One that waited for another that was given up.
      this.#lookSoon();
    }
  }

  #read(run: Run, document: vscode.TextDocument, orders: readonly ShotOrder[]): Promise<StoryboardOrders> {
    const isOne = (shot: ResolvedShot) => orders.some((order) => isSameShot(order.shot, shot));
    return readOrders(
      this.#services,
      document,
      {
        again: (shot) => run.again?.(shot) === true && isOne(shot),
        keepsFailed: (shot) => !isOne(shot),
      },
      // What waits begins with a last frame, and has no image of its own.
      { reader: run.reader, withImages: false },
    );
  }

  /** Taking frames takes a while: what was stopped, changed or begun elsewhere meanwhile is not sent. */
  async #lookAgain(run: Run, document: vscode.TextDocument): Promise<readonly ShotOrder[]> {
    const sending = run.sending ?? [];
    if (run.isStopped || sending.length === 0) {
      return [];
    }
    const read = await this.#read(run, document, sending);
    if (read.plan.blockers.length > 0) {
      run.waiting = [...run.waiting, ...sending];
      return [];
    }
    const { ready, waiting, given } = sortOut(sending, read);
    run.waiting = [...run.waiting, ...waiting];
    if (given.length > 0) {
      tell(run.uri, given);
    }
    return run.isStopped ? [] : ready;
  }

  /** A draft that is saved is another document, at the path that it was meant for. */
  #followSaved(run: Run): void {
    const { textDocuments } = vscode.workspace;
    const isOpen = textDocuments.some(({ uri }) => uri.toString() === run.uri.toString());
    const saved = textDocuments.find(({ uri }) => uri.scheme !== 'untitled' && uri.path === run.uri.path);
    if (run.uri.scheme === 'untitled' && !isOpen && saved) {
      run.formerUri = run.uri;
      run.uri = saved.uri;
      this.#announce(run.formerUri);
    }
  }

  #hasTasksOf(uri: vscode.Uri): boolean {
    const { store } = this.#services;
    const document = uri.toString();
    return store.list().some(({ id, shot }) => shot?.document === document && !store.isReadOnly(id));
  }

  #announce(uri: vscode.Uri): void {
    const key = uri.toString();
    for (let at = this.#runs.length - 1; at >= 0; at--) {
      if (getOpen(this.#runs[at]!).length === 0) {
        this.#runs.splice(at, 1);
      }
    }
    this.#services.storyboardRuns.setWaiting(
      key,
      this.#runs
        .filter((run) => run.uri.toString() === key)
        .flatMap(getOpen)
        .map(({ shot, source }) => ({
          label: shot.identity.label,
          title: shot.identity.title,
          source: source?.identity.label ?? '',
        })),
    );
    if (this.#runs.length === 0) {
      this.#listeners?.dispose();
      this.#listeners = undefined;
    } else {
      this.#listeners ??= this.#listen();
    }
  }
}

/** What is not sent yet. */
function getOpen({ sending = [], waiting }: Run): readonly ShotOrder[] {
  return [...sending, ...waiting];
}

/** What has become of shots that waited, by the file and the tasks as they are now. */
function sortOut(
  waiting: readonly ShotOrder[],
  { plan, orders, tasks }: StoryboardOrders,
): { ready: ShotOrder[]; waiting: ShotOrder[]; /** Why others will not be sent. */ given: string[] } {
  const ready: ShotOrder[] = [];
  const rest: ShotOrder[] = [];
  const given: string[] = [];
  for (const order of waiting) {
    const step = plan.steps.find(({ shot }) => isSameShot(shot, order.shot));
    if (!step) {
      given.push(vscode.l10n.t('{0} is no longer in the storyboard and was not sent.', toName(order.shot)));
      continue;
    }
    if (tasks.of(step.shot.shot.index).some(({ id, state }) => state !== 'failed' && !order.known?.includes(id))) {
      // Another run or another window was faster.
      continue;
    }
    const { state } = step;
    switch (state.kind) {
      case 'send': {
        const now = orders.find(({ shot }) => shot === step.shot);
        if (now && isAsAgreed(now, order)) {
          // Known is what is known now, under the name that the file has now: another window may begin it since.
          ready.push({ ...order, request: now.request, known: now.known, source: now.source });
        } else {
          given.push(
            vscode.l10n.t(
              '{0} was changed while it waited, so it was not sent. Run the storyboard again to send it as it is now.',
              toName(order.shot),
            ),
          );
        }
        break;
      }
      case 'wait':
        // Whether it was changed is looked at when it can be sent: until then its author may be writing.
        if (isComing(state.on, plan, waiting)) {
          rest.push(order);
        } else {
          given.push(getGivenUp(order));
        }
        break;
      case 'stuck':
        if (mayComeRight(step, plan)) {
          rest.push(order);
        } else {
          given.push(getGivenUp(order));
        }
        break;
      case 'done':
      case 'underway':
      case 'skipped':
        break;
    }
  }
  return { ready, waiting: rest, given };
}

function getGivenUp({ shot, source }: ShotOrder): string {
  return vscode.l10n.t(
    '{0} was not sent, because {1} has no take. Run the storyboard again to send both.',
    toName(shot),
    source ? toName(source) : '',
  );
}

/** Whether a shot that others wait for is on its way, or will be sent by the same run. */
function isComing(on: number, { steps }: RunPlan, waiting: readonly ShotOrder[]): boolean {
  const step = steps[on];
  return (
    step?.state.kind === 'underway' ||
    step?.state.kind === 'done' ||
    (step !== undefined && waiting.some(({ shot }) => isSameShot(shot, step.shot)))
  );
}

/** What may have been charged may be found after all, and what is wrong in the file is being written. */
function mayComeRight({ state }: PlanStep, { steps }: RunPlan): boolean {
  if (state.kind !== 'stuck') {
    return false;
  }
  const root = state.on === undefined ? state : steps[state.on]?.state;
  return (
    root?.kind === 'stuck' && (root.reason === 'unknown' || root.reason === 'problem' || root.reason === 'no-prompt')
  );
}

/** Whether a change of a task may let a run go on. Others come several times a second. */
function isNews({ before, after }: { before?: TaskRecord | undefined; after?: TaskRecord | undefined }): boolean {
  return (
    (after ?? before)?.shot !== undefined &&
    (before?.state !== after?.state ||
      before?.localCopy !== after?.localCopy ||
      before?.shot?.document !== after?.shot?.document)
  );
}

/** Whether what would be sent now is what the user has agreed to, at the same price. */
function isAsAgreed(now: ShotOrder, agreed: ShotOrder): boolean {
  return (
    now.shot.prompt === agreed.shot.prompt &&
    now.shot.model === agreed.shot.model &&
    now.shot.ratio === agreed.shot.ratio &&
    now.price === agreed.price &&
    now.source !== undefined &&
    agreed.source !== undefined &&
    isSameShot(now.source, agreed.source)
  );
}

async function open(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  if (uri.scheme === 'untitled') {
    // VS Code would make an empty one.
    return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  }
  try {
    // Deleted, it may still be open.
    await vscode.workspace.fs.stat(uri);
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
}
