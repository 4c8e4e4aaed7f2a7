import * as vscode from 'vscode';
import { escapeForNotification } from '../common/text';
import { sleep, systemClock } from '../common/clock';
import { isSameDay } from '../common/days';
import { sha256Hex } from '../common/sha256';
import type { ExtensionServices } from '../container';
import type { DeliveryId } from '../images/delivery/deliver';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { describeImageError } from '../messages/imageErrors';
import { describeProblem } from '../messages/storyboardProblems';
import { readImageFile } from '../platform/imageFile';
import { StoryboardReader } from '../storyboard/parse';
import type { PlanStep, RunPlan } from '../storyboard/plan';
import type { ResolvedShot } from '../storyboard/resolve';
import type { ShotTasks } from '../storyboard/shotTasks';
import type { BudgetCheck } from '../tasks/spending/budget';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { describeFailure, ImageDeliveryFailedError, showError, UserFacingError } from '../ui/showError';
import { BACK } from '../ui/quickInput';
import { askAboutBudget, confirmBudget } from './confirmBudget';
import { confirmStoryboard } from './confirmStoryboard';
import { chooseDeliveryAhead, chooseDeliveryForAll } from './delivery/deliveryPicker';
import { isImageFile, type SelectedFrame } from './generationRequest';
import { findTakeOf, readOrders, type ShotOrder, type StoryboardOrders, type WantedShots } from './storyboardOrders';
import { submitAll } from './submitGeneration';

/** Changes of tasks within this time are looked at once. */
const LOOK_AFTER_MS = 200;

/**
 * Asks once for everything, and sends what can be sent. What waits for the last frame of another shot is sent as soon as
 * that is there, for as long as this window lives.
 *
 * @returns the tasks that were ordered at once; `undefined` when the user gave up, or nothing is missing
 * @throws {UserFacingError} when nothing can be sent, with why
 */
export async function runStoryboard(
  services: ExtensionServices,
  document: vscode.TextDocument,
  wanted: WantedShots = {},
): Promise<TaskRecord[] | undefined> {
  const agreed = await agree(services, document, wanted);
  if (!agreed) {
    return undefined;
  }
  const { read, delivery, budget } = agreed;
  const waiting = read.orders.filter(({ isWaiting }) => isWaiting);
  const run: Run = {
    uri: document.uri,
    reader: new StoryboardReader(),
    waiting,
    delivery,
    budget: budget && { check: budget, at: services.now() },
    again: wanted.again,
  };
  // What waits already, and is agreed to once more, is sent once.
  StoryboardRunner.of(services).forget(document.uri, read.orders);
  const ready = read.orders.filter(({ isWaiting }) => !isWaiting);
  const records = ready.length === 0 ? [] : await send(services, run, ready, read.tasks);
  if (records !== undefined) {
    StoryboardRunner.of(services).add(run);
  }
  return records;
}

/** What a user has agreed to, and what has become of it. */
interface Run {
  uri: vscode.Uri;
  /** Where the storyboard was before it was renamed: its tasks follow in their own time. */
  formerUri?: vscode.Uri | undefined;
  waiting: readonly ShotOrder[];
  /** How images get to the service; `undefined` when none is sent. */
  delivery: DeliveryId | undefined;
  /** What the user has agreed to beyond the daily budget, and when: it grows by what this run has spent since. */
  budget: { check: BudgetCheck; at: number } | undefined;
  /** Of its file: sections that are as they were are not read again. */
  reader: StoryboardReader;
  /** What is being sent: its last frames are being taken. */
  sending?: readonly ShotOrder[] | undefined;
  /** The user has stopped it. */
  isStopped?: boolean | undefined;
  /** What one more take was wanted of. */
  again: WantedShots['again'];
}

async function agree(
  services: ExtensionServices,
  document: vscode.TextDocument,
  wanted: WantedShots,
): Promise<{ read: StoryboardOrders; delivery: DeliveryId | undefined; budget: BudgetCheck | undefined } | undefined> {
  for (let isOtherWay = false; ;) {
    // Anew each time: the file may have been changed while the user chose a way for the images.
    const read = await readOrders(services, document, wanted);
    assertSendable(read, wanted);
    await requireApiKey(services);
    const delivery = await chooseWay(services, read.orders, isOtherWay);
    if (delivery === BACK) {
      return undefined;
    }
    const answer = await confirmStoryboard(services, read, delivery.way);
    if (answer === undefined) {
      return undefined;
    }
    if (answer === 'delivery') {
      isOtherWay = true;
      continue;
    }
    const { goOn, agreed } = await confirmBudget(services, read.orders);
    return goOn ? { read, delivery: delivery.way, budget: agreed } : undefined;
  }
}

/** @throws {UserFacingError} when there is nothing to send, with why */
function assertSendable(
  { plan: { blockers, steps }, orders, unusable }: StoryboardOrders,
  { only }: WantedShots,
): void {
  const [blocker] = blockers;
  if (blocker) {
    throw new UserFacingError(
      `${escapeForNotification(describeProblem(blocker), 400)} ${vscode.l10n.t('Nothing was sent.')}`,
    );
  }
  if (orders.length > 0) {
    return;
  }
  if (unusable.length > 0) {
    const reasons = unusable.slice(0, 3).map(({ shot, why }) => `${toName(shot)}: ${why}`);
    throw new UserFacingError(`${vscode.l10n.t('Nothing was sent.')} ${reasons.join(' ')}`);
  }
  const looked = only === undefined ? steps : steps.slice(only, only + 1);
  if (looked.length === 0) {
    throw new UserFacingError(
      vscode.l10n.t('The storyboard has no shots yet: a shot is a heading such as “Shot 1: Late night”.'),
    );
  }
  const stuck = looked.filter(({ state }) => state.kind === 'stuck');
  if (stuck.length > 0) {
    throw new UserFacingError(
      `${vscode.l10n.t('Nothing was sent.')} ${stuck
        .slice(0, 3)
        .map((step) => `${escapeForNotification(step.shot.identity.label, 60)}: ${describeStuck(step, steps)}`)
        .join(' ')}`,
    );
  }
  throw new UserFacingError(
    looked.some(({ state }) => state.kind === 'underway')
      ? vscode.l10n.t('Nothing is missing: what has no take yet is being generated.')
      : vscode.l10n.t('Nothing is missing: each shot has a take.'),
  );
}

function describeStuck({ state }: PlanStep, steps: readonly PlanStep[]): string {
  if (state.kind !== 'stuck') {
    return '';
  }
  const source = escapeForNotification(steps[state.on ?? -1]?.shot.identity.label ?? '', 60);
  switch (state.reason) {
    case 'no-prompt':
      return vscode.l10n.t('The shot has no prompt yet.');
    case 'problem':
      return vscode.l10n.t('Something is wrong with it: see the problems of the file.');
    case 'unknown':
      return vscode.l10n.t(
        'It may have been sent and charged, so it is not sent again. Its task in the list says what can be done.',
      );
    case 'failed':
      return vscode.l10n.t('It failed.');
    case 'refused':
      return vscode.l10n.t('The service refused this text. Change it: repeating it may get the account suspended.');
    case 'source':
      return vscode.l10n.t('It begins with the last frame of {0}, which has no take.', source);
  }
}

/** How images get to the service, asked about before everything else: never in the middle of a run. */
async function chooseWay(
  services: ExtensionServices,
  orders: readonly ShotOrder[],
  isOther: boolean,
): Promise<{ way: DeliveryId | undefined } | typeof BACK> {
  if (orders.some(({ source }) => source !== undefined)) {
    const way = await chooseDeliveryAhead(services, { ask: isOther });
    return typeof way === 'string' ? { way } : BACK;
  }
  const files = orders.flatMap(({ image }) => (image && isImageFile(image) ? [image] : []));
  if (files.length === 0) {
    return { way: undefined };
  }
  const chosen = await chooseDeliveryForAll(services, files, { ask: isOther });
  if (!Array.isArray(chosen)) {
    return BACK;
  }
  for (const [index, { image }] of chosen.entries()) {
    orders.filter((order) => order.image === files[index]).forEach((order) => (order.image = image));
  }
  return { way: chosen[0]?.delivery };
}

/**
 * Takes the last frames that are there, and sends.
 *
 * @param confirmLater of a run that goes on by itself: what is still wanted once the frames are taken, which takes a while
 * @returns `undefined` when the user did not agree to a question about the budget, or images cannot be delivered: then
 * nothing more of this run is sent
 */
async function send(
  services: ExtensionServices,
  run: Run,
  orders: readonly ShotOrder[],
  tasks: ShotTasks,
  confirmLater?: () => Promise<readonly ShotOrder[]>,
): Promise<TaskRecord[] | undefined> {
  const ready: ShotOrder[] = [];
  for (const order of orders) {
    try {
      const image = order.source ? await takeLastFrame(services, run.uri, order.source, tasks) : order.image;
      await assertUnchanged(image);
      const frames: SelectedFrame[] = image
        ? [{ image, delivery: isImageFile(image) && run.delivery !== undefined ? run.delivery : 'link' }]
        : [];
      ready.push({ ...order, request: order.request.with({ frames }) });
    } catch (error) {
      services.log.warn(`${order.shot.identity.label}: ${String(error)}`);
      tell(run.uri, [`${toName(order.shot)}: ${describeFailure(error, services.now())}`]);
    }
  }
  const still = await confirmLater?.();
  const wanted = still ? ready.filter(({ shot }) => still.some((order) => isSameShot(order.shot, shot))) : ready;
  if (wanted.length === 0) {
    return [];
  }
  // What was agreed to for one day says nothing about the next.
  const budget = run.budget && isSameDay(run.budget.at, services.now()) ? run.budget : undefined;
  const ask = confirmLater && ((check: BudgetCheck) => askInNotification(services, run.uri, check, wanted));
  try {
    const records = await submitAll(services, wanted, {
      ...(budget === undefined ? {} : { agreed: budget.check }),
      ...(ask === undefined ? {} : { ask }),
    });
    run.budget = records && budget && { ...budget, check: addSpent(budget.check, records) };
    return records;
  } catch (error) {
    if (!(error instanceof ImageDeliveryFailedError)) {
      throw error;
    }
    tell(run.uri, [error.message, vscode.l10n.t('Run the storyboard again to choose another way for images.')]);
    return undefined;
  }
}

/** What a run has spent itself was agreed to with the rest of it. */
function addSpent(budget: BudgetCheck, records: readonly TaskRecord[]): BudgetCheck {
  const { today } = budget;
  const charged = records.filter(({ gatewayId, state }) => gatewayId !== undefined || state === 'unknown');
  const roubles = charged.reduce((sum, { quotedPrice = 0 }) => sum + quotedPrice, today.roubles);
  const unpriced = charged.filter(({ quotedPrice = 0 }) => quotedPrice === 0).length + today.unpriced;
  return { ...budget, today: { ...today, roubles, unpriced } };
}

/**
 * Nobody waits for this question, and a dialog would take the key press that is meant for the text: a message leads to it.
 */
async function askInNotification(
  services: ExtensionServices,
  uri: vscode.Uri,
  check: BudgetCheck,
  orders: readonly ShotOrder[],
): Promise<boolean> {
  const look = vscode.l10n.t('Look…');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      '{0}: the next shots would go past the daily budget. Nothing is sent before you agree: {1}.',
      getFileName(uri),
      orders.map(({ shot }) => toName(shot)).join(', '),
    ),
    look,
  );
  return choice === look && askAboutBudget(services, check, orders);
}

/** @throws {UserFacingError} when the file is another than the one that was asked about */
async function assertUnchanged(image: SourceImage | undefined): Promise<void> {
  const { file } = image ?? {};
  if (file?.hash !== undefined && sha256Hex(await file.read()) !== file.hash) {
    throw new UserFacingError(
      vscode.l10n.t('its image was changed after you had been asked, so it was not sent. Run the storyboard again.'),
    );
  }
}

/** @throws when the frame cannot be had, with why */
async function takeLastFrame(
  services: ExtensionServices,
  document: vscode.Uri,
  source: ResolvedShot,
  tasks: ShotTasks,
): Promise<SourceImage> {
  const take = findTakeOf(services, document, source, tasks);
  if (!take) {
    throw new UserFacingError(
      vscode.l10n.t(
        'the take of {0} was not generated here, so its last frame cannot be taken. Choose another take, or save that frame as an image and name it as the first frame.',
        toName(source),
      ),
    );
  }
  const { picture, label, from, thumbnail } = await services.frames.takeLastFrame(take.id);
  try {
    const image = await readImageFile(vscode.Uri.file(await services.imageStore.put(picture as Uint8Array)));
    return { ...image, label, from, thumbnail };
  } catch (error) {
    throw error instanceof ImageError ? new UserFacingError(describeImageError(error)) : error;
  }
}

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
      count += run.waiting.length + (run.sending?.length ?? 0);
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
      workspace.onDidSaveTextDocument(() => this.#lookSoon()),
      workspace.onDidDeleteFiles(() => this.#lookSoon()),
      workspace.onDidRenameFiles(({ files }) => {
        for (const run of this.#runs) {
          const moved = files.find(({ oldUri }) => isInside(oldUri, run.uri));
          if (moved) {
            const before = run.uri;
            run.formerUri = before;
            run.uri = moved.newUri.with({ path: moved.newUri.path + run.uri.path.slice(moved.oldUri.path.length) });
            this.#announce(before);
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
        : await send(this.#services, run, ready, read.tasks, () => this.#lookAgain(run, document));
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
      if (this.#runs[at]!.waiting.length === 0) {
        this.#runs.splice(at, 1);
      }
    }
    this.#services.storyboardRuns.setWaiting(
      key,
      this.#runs
        .filter((run) => run.uri.toString() === key)
        .flatMap(({ waiting }) => waiting)
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

function isSameShot(a: ResolvedShot, b: ResolvedShot): boolean {
  return a.identity.label === b.identity.label && a.identity.title === b.identity.title;
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

function isInside(folder: vscode.Uri, uri: vscode.Uri): boolean {
  return uri.toString() === folder.toString() || uri.toString().startsWith(`${folder.toString()}/`);
}

function toName({ identity: { label, title } }: ResolvedShot): string {
  return escapeForNotification(title === '' ? label : `${label}: ${title}`, 80);
}

function getFileName(uri: vscode.Uri): string {
  return escapeForNotification(uri.path.split('/').at(-1) ?? '', 60);
}

function tell(uri: vscode.Uri, sentences: readonly string[]): void {
  const openIt = vscode.l10n.t('Open storyboard');
  const name = getFileName(uri);
  void vscode.window.showWarningMessage(`${name}: ${sentences.join(' ')}`, openIt).then((choice) => {
    if (choice === openIt) {
      void vscode.window.showTextDocument(uri);
    }
  });
}
