import * as vscode from 'vscode';
import { Disposable } from '../common/events';
import { escapeCodicons } from '../common/text';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { describeLens } from '../messages/storyboardProblems';
import { findReferencedFile } from '../platform/referencedFiles';
import type { ReadStoryboard } from '../platform/storyboardFiles';
import { getLenses, type Lens } from '../storyboard/lenses';
import { planRun } from '../storyboard/plan';
import type { Problem } from '../storyboard/problem';
import type { ShotTasks } from '../storyboard/shotTasks';
import { isUnfinished, type TaskRecord } from '../tasks/model/taskRecord';
import type { StoryboardDocuments } from './storyboardDocuments';
import type { StoryboardTasks } from './storyboardTasks';

type Services = Pick<ExtensionServices, 'modelCatalog' | 'storyboardRuns' | 'polling'>;

/** Tasks of a run change together. */
const LOOK_AGAIN_MS = 100;
/** Remaining times are told in steps of that. */
const TIMES_EVERY_MS = 5_000;

interface Answer {
  version: number;
  /** Tells answers apart: VS Code is told of those that are different from what it has. */
  signature: string;
  lenses: ShownLens[];
  /** There are remaining times in it. */
  isLive: boolean;
}

/** Words and command come when it is seen: a film of hundreds of shots has many lenses, and a window shows few. */
class ShownLens extends vscode.CodeLens {
  constructor(
    range: vscode.Range,
    readonly lens: Lens,
    readonly read: ReadStoryboard,
    readonly tasks: ShotTasks,
  ) {
    super(range);
  }
}

/** What stands over the shots and the title of a storyboard: what can be done, and how far it is. */
export class StoryboardLenses extends Disposable implements vscode.CodeLensProvider<ShownLens> {
  readonly #documents: StoryboardDocuments;
  readonly #tasks: StoryboardTasks;
  readonly #services: Services;
  readonly #didChange = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#didChange.event;
  readonly #answers = new Map<vscode.TextDocument, Answer>();
  readonly #touched = new Set<vscode.TextDocument>();
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #timesTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(documents: StoryboardDocuments, tasks: StoryboardTasks, services: Services) {
    super();
    this.#documents = documents;
    this.#tasks = tasks;
    this.#services = services;
    const lookAtAll = () => this.#lookSoon((uri) => uri !== '');
    this._register(
      tasks.onDidChange((changed) => (changed === 'all' ? lookAtAll() : this.#lookSoon((uri) => changed.has(uri)))),
    );
    this._register(services.storyboardRuns.onDidChange((changed) => this.#lookSoon((uri) => uri === changed)));
    this._register(services.polling.onDidChangePauseReason(lookAtAll));
    // Without a change of the text: other models, other settings, a picture that has gone.
    this._register(documents.onDidCheck(({ read: { document } }) => this.#lookSoon((_, one) => one === document)));
    this._register(documents.onDidClose((document) => this.#answers.delete(document)));
    this._register({
      dispose: () => {
        clearTimeout(this.#lookTimer);
        clearTimeout(this.#timesTimer);
      },
    });
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<ShownLens[] | undefined> {
    const answer = await this.#answer(document);
    if (!answer) {
      return undefined;
    }
    this.#answers.set(document, answer);
    this.#armTimes();
    return answer.lenses;
  }

  resolveCodeLens(shown: ShownLens): ShownLens {
    const { lens, read, tasks } = shown;
    shown.command = { title: this.#getTitle(lens, tasks), ...this.#getCommand(lens, read, tasks) };
    return shown;
  }

  async #answer(document: vscode.TextDocument): Promise<Answer | undefined> {
    const { version } = document;
    const checked = await this.#documents.check(document);
    const tasks = checked && (await this.#tasks.of(checked.read));
    if (!checked || !tasks || document.version !== version) {
      // VS Code keeps what it shows, and asks again after the change.
      return undefined;
    }
    const { read, problems } = checked;
    const known = this.#answers.get(document);
    const lenses = this.#getLenses(read, problems, tasks);
    const facts = lenses.map((lens) => {
      // The takes are in the commands: another one is another answer, also where the words are the same.
      const own = 'shot' in lens ? tasks.of(lens.shot).map(({ id, state }) => `${id} ${state}`) : [];
      return `${JSON.stringify(lens)} ${own.join(' ')} ${this.#describeState(lens, tasks)}`;
    });
    const signature = facts.join('\n');
    if (known?.version === version && known.signature === signature) {
      return known;
    }
    return {
      version,
      signature,
      isLive: lenses.some(({ kind }) => kind === 'underway'),
      lenses: lenses.map((lens) => {
        const { line } = document.positionAt(lens.at);
        return new ShownLens(new vscode.Range(line, 0, line, 0), lens, read, tasks);
      }),
    };
  }

  #getLenses({ document, resolved }: ReadStoryboard, problems: readonly Problem[], tasks: ShotTasks): Lens[] {
    const { modelCatalog, storyboardRuns } = this.#services;
    const priceOf = (model: string) => modelCatalog.priceOf(model);
    const plan = planRun({ resolved, problems, progressOf: ({ shot }) => tasks.progressOf(shot.index), priceOf });
    return getLenses({
      plan,
      problems,
      priceOf,
      titleAt: resolved.storyboard.title?.start ?? 0,
      takesOf: (shot) => finishedOf(tasks, shot).length,
      isUnderway: (shot) => tasks.of(shot).some(isUnfinished),
      hasFailed: (shot) => tasks.progressOf(shot) === 'failed',
      looseTakes: tasks.withoutShot.length,
      waiting: storyboardRuns.waitingOf(document.uri.toString()),
      isReadOnly: vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) === false,
    });
  }

  #getTitle(lens: Lens, tasks: ShotTasks): string {
    return escapeCodicons(describeLens(lens, this.#describeState(lens, tasks)), MAX_TITLE_CHARS);
  }

  #describeState(lens: Lens, tasks: ShotTasks): string {
    const record = 'shot' in lens ? findTold(lens, tasks) : undefined;
    return record ? this.#tasks.describeState(record) : '';
  }

  #getCommand(
    lens: Lens,
    { document, resolved }: ReadStoryboard,
    tasks: ShotTasks,
  ): { command: string; arguments?: unknown[] } {
    const uri = document.uri.toString();
    const shotOf = (index: number) => {
      const { label, title } = resolved.shots[index]!.identity;
      return { uri, label, title };
    };
    const goTo = (offset: number | undefined) =>
      offset === undefined
        ? NOTHING
        : {
            command: 'editor.action.goToLocations',
            arguments: [
              document.uri,
              document.positionAt(lens.at),
              [new vscode.Location(document.uri, document.positionAt(offset))],
              'goto',
              '',
            ],
          };
    switch (lens.kind) {
      case 'generate-missing':
      case 'go-on':
        return { command: Commands.runStoryboard, arguments: [uri] };
      case 'stop':
        return { command: Commands.stopStoryboard, arguments: [uri] };
      case 'generate':
      case 'another':
      case 'generate-chain':
        return { command: Commands.generateShot, arguments: [shotOf(lens.shot)] };
      case 'loose-takes':
        return { command: Commands.showLooseTakes, arguments: [uri] };
      case 'underway':
      case 'failed': {
        const record = findTold(lens, tasks);
        return record ? { command: Commands.preview, arguments: [record.id] } : NOTHING;
      }
      case 'stuck': {
        const record = lens.reason === 'source' ? undefined : findTold(lens, tasks);
        return record ? { command: Commands.preview, arguments: [record.id] } : goTo(lens.sourceAt);
      }
      case 'takes': {
        const finished = finishedOf(tasks, lens.shot);
        if (finished.length > 1) {
          return { command: Commands.chooseTake, arguments: [shotOf(lens.shot)] };
        }
        const file = findReferencedFile(document.uri, resolved.shots[lens.shot]?.take?.target ?? '');
        const shown = finished[0]?.id ?? file;
        return shown === undefined ? NOTHING : { command: Commands.preview, arguments: [shown] };
      }
      case 'compare': {
        const ids = finishedOf(tasks, lens.shot).map(({ id }) => id);
        return { command: Commands.compare, arguments: [ids[0], ids] };
      }
      case 'run':
      case 'waits':
      case 'continues':
        return goTo(lens.sourceAt);
    }
  }

  /** Looks whether VS Code should ask again for the documents that it has asked for. */
  #lookSoon(isMeant: (uri: string, document: vscode.TextDocument) => boolean): void {
    for (const document of this.#answers.keys()) {
      if (isMeant(document.uri.toString(), document)) {
        this.#touched.add(document);
      }
    }
    if (this.#touched.size > 0) {
      this.#lookTimer ??= setTimeout(() => void this.#look(), LOOK_AGAIN_MS);
    }
  }

  async #look(): Promise<void> {
    const touched = [...this.#touched];
    this.#touched.clear();
    this.#lookTimer = undefined;
    for (const document of touched) {
      const known = this.#answers.get(document);
      // After a change of the text VS Code asks by itself.
      const answer = known?.version === document.version ? await this.#answer(document) : undefined;
      if (answer && answer !== known && !this.isDisposed) {
        this.#didChange.fire();
        return;
      }
    }
  }

  /** Remaining times go on by themselves where they are seen. */
  #armTimes(): void {
    if ([...this.#answers.values()].some(({ isLive }) => isLive)) {
      this.#timesTimer ??= setTimeout(() => {
        this.#timesTimer = undefined;
        const seen = new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
        this.#lookSoon((_, document) => seen.has(document) && this.#answers.get(document)?.isLive === true);
        this.#armTimes();
      }, TIMES_EVERY_MS);
    }
  }
}

/** A lens that says something and does nothing. */
const NOTHING = { command: '' };
const MAX_TITLE_CHARS = 200;

function finishedOf(tasks: ShotTasks, shot: number): TaskRecord[] {
  return tasks.of(shot).filter(({ state }) => state === 'done');
}

/** The task that a lens tells about. */
function findTold(lens: Lens & { shot: number }, tasks: ShotTasks): TaskRecord | undefined {
  const own = tasks.of(lens.shot);
  switch (lens.kind) {
    case 'underway':
      return own.findLast(isUnfinished);
    case 'failed':
      return own.at(-1);
    case 'stuck':
      return lens.reason === 'refused' ? own.at(-1) : own.findLast(({ state }) => state === lens.reason);
    default:
      return undefined;
  }
}
