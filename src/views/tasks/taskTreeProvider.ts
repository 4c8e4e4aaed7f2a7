import * as vscode from 'vscode';
import { Commands, TASKS_VIEW } from '../../constants';
import { systemClock, type Clock } from '../../common/clock';
import type { Downloader } from '../../tasks/download/downloader';
import type { RemainingTimeEstimates } from '../../tasks/polling/remainingTime';
import { Disposable } from '../../common/events';
import type { PollingController } from '../../tasks/polling/pollingController';
import { isUnfinished, type TaskRecord } from '../../tasks/model/taskRecord';
import type { TaskChange, TaskStore } from '../../tasks/storage/taskStore';
import { readDroppedImages } from './dragAndDrop';
import { msUntilTextChange } from './elapsed';
import type * as Layouts from './taskTreeLayout';
import type * as Texts from './taskTreeItem';

/** Loaded with the first rows. */
type Lazy = typeof Texts & typeof Layouts;

/** A row that is a task. Commands from menus get it, and need nothing but the id. */
export interface TaskElement {
  readonly id: string;
}

/** A row that holds older tasks, so that a long history costs nothing until it is opened. */
interface OlderElement {
  readonly page: Layouts.Page;
}

/** A row that holds the takes of a chain, while they are shown together. */
interface ChainElement {
  readonly chain: string;
}

type Element = TaskElement | OlderElement | ChainElement;

export interface TaskTreeOptions {
  store: Pick<TaskStore, 'load' | 'isLoaded' | 'list' | 'get' | 'isReadOnly' | 'onDidChange' | 'onDidLoad'>;
  downloader: Pick<Downloader, 'onDidProgress' | 'progressOf'>;
  polling: Pick<PollingController, 'pause' | 'getPauseReason' | 'onDidChangePauseReason'>;
  /** Absent: nobody says how long tasks take. */
  estimates?: Pick<RemainingTimeEstimates, 'of'>;
  clock?: Clock;
  /** Where it is remembered whether chains are shown together. */
  memory: Pick<vscode.Memento, 'get' | 'update'>;
}

const GROUPED = 'seedance.chainsGrouped';

/** Rows refreshed by one tick of the clock. With more on their way, they take turns. */
const MAX_ROWS_PER_TICK = 100;

/**
 * The tree `seedance.tasks`. Reads the store, draws, executes commands.
 *
 * Time: while the view is visible and something in it changes with time, exactly one timer is armed,
 * for the moment of the next change: each second while a task is on its way, each minute while a link
 * without a copy runs out. Otherwise there is none. A tick refreshes rows whose text differs from
 * what they show, and nothing else.
 */
export class TaskTreeDataProvider extends Disposable implements vscode.TreeDataProvider<Element> {
  readonly #options: TaskTreeOptions;
  readonly #clock: Clock;
  readonly #view: vscode.TreeView<Element>;
  /** As package.json names the view, in the user's language. */
  readonly #title: string;
  readonly #changed = this._register(new vscode.EventEmitter<Element[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  /** VS Code knows rows by identity. */
  readonly #elements = new Map<string, TaskElement>();
  readonly #pages = new Map<string, OlderElement>();
  readonly #chains = new Map<string, ChainElement>();
  /** What a row shows now, by task, for the rows that were drawn; and the same by chain. */
  readonly #shown = new Map<string, string>();
  readonly #shownChains = new Map<string, string>();
  readonly #unfinished = new Set<string>();
  /** Tasks whose text changes with time; `#unfinished` and links without a copy. */
  readonly #live = new Set<string>();
  /** Bytes of each task's local copy, and their sum. */
  readonly #copies = new Map<string, number>();
  #localCopyBytes = 0;
  #presentation: Lazy | undefined;
  /** Of the list as it is; made anew when a task has come or gone. */
  #layout: Layouts.Layout | undefined;
  /** Tasks that go on from the video of another. */
  readonly #continued = new Set<string>();
  #hasChains = false;
  #isGrouped: boolean;
  #timer: unknown;
  #turn = 0;
  #hasTasks: boolean | undefined;
  #failure: string | undefined;
  /** The root has shown tasks; the rest of a long list then waits until all of it is read. */
  #rowsDrawn = false;
  #whenFirst: (() => void) | undefined;

  constructor(options: TaskTreeOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { store, downloader, polling } = options;
    this.#view = this._register(
      vscode.window.createTreeView<Element>(TASKS_VIEW, {
        treeDataProvider: this,
        canSelectMany: true,
        dragAndDropController: { dragMimeTypes: [], dropMimeTypes: ['text/uri-list', 'files'], handleDrop },
      }),
    );
    this.#title = this.#view.title ?? '';
    this.#isGrouped = options.memory.get(GROUPED) === true;
    if (this.#isGrouped) {
      void this.#setContext('chainsGrouped', true);
    }
    this._register(store.onDidLoad(() => this.#loaded()));
    this._register(store.onDidChange((changes) => this.#storeChanged(changes)));
    this._register(downloader.onDidProgress(({ id }) => this.#refreshIfDifferent([id])));
    this._register(polling.onDidChangePauseReason(() => this.#pauseReasonsChanged()));
    this._register(this.#view.onDidChangeVisibility(() => this.#visibilityChanged()));
    this._register({ dispose: () => this.#stopTimer() });
  }

  // --- TreeDataProvider

  async getChildren(element?: Element): Promise<Element[]> {
    if (element !== undefined) {
      return 'page' in element
        ? (this.#currentLayout()?.below(element.page) ?? []).map((row) => this.#toElement(row))
        : 'chain' in element
          ? (this.#currentLayout()?.takesOf(element.chain) ?? []).map((id) => this.#toElement(id))
          : [];
    }
    await Promise.all([this.#loadLazy(), this.#firstRecords()]);
    this.#updateTitle();
    const rows = (this.#currentLayout()?.root ?? []).map((row) => this.#toElement(row));
    this.#rowsDrawn = rows.length > 0;
    this.#arm();
    return rows;
  }

  /** Words, icons and chains are loaded with the first rows, not in `activate`. */
  async #loadLazy(): Promise<void> {
    const [texts, layouts] = await Promise.all([import('./taskTreeItem'), import('./taskTreeLayout')]);
    this.#presentation ??= { ...texts, ...layouts };
  }

  /** Waits for the newest records only: the store announces them before it has read the rest. */
  async #firstRecords(): Promise<void> {
    const { store } = this.#options;
    const load = store.load().then(
      () => this.#setFailure(undefined),
      // The log has the error. The view must not look as if there were no tasks.
      () =>
        this.#setFailure(
          vscode.l10n.t(
            'The list of tasks could not be read from the disk. Nothing was deleted. “Refresh” tries again; “Show log” has the details.',
          ),
        ),
    );
    if (store.list().length === 0) {
      await Promise.race([load, new Promise<void>((resolve) => (this.#whenFirst = resolve))]);
    }
  }

  #setFailure(failure: string | undefined): void {
    this.#failure = failure;
    this.#updateMessage();
  }

  getTreeItem(element: Element): vscode.TreeItem {
    const presentation = this.#presentation;
    if (presentation && 'page' in element) {
      return presentation.createPageItem(element.page, this.#currentLayout()?.newestOf(element.page));
    }
    if (presentation && 'chain' in element) {
      const facts = this.#getChainFacts(element.chain);
      if (facts) {
        const item = presentation.createChainItem(element.chain, facts);
        this.#shownChains.set(element.chain, String(item.description));
        return item;
      }
    }
    const record = this.#getRecord(element);
    if (!presentation || !record) {
      // Removed a moment ago; the refresh of the list is under way.
      return new vscode.TreeItem('');
    }
    const item = presentation.createTaskItem(record, this.#getContext(record));
    this.#shown.set(record.id, String(item.description));
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, element: Element): vscode.TreeItem {
    const record = this.#getRecord(element);
    if (record && this.#presentation) {
      item.tooltip = this.#presentation.getTooltip(record, this.#getContext(record));
    }
    return item;
  }

  getParent(element: Element): Element | undefined {
    const layout = this.#currentLayout();
    const chain = 'id' in element ? layout?.groupOf(element.id) : undefined;
    if (chain !== undefined) {
      return this.#toElement({ chain });
    }
    const page = layout?.pageAbove('page' in element ? element.page : 'id' in element ? element.id : element);
    return page && this.#toElement(page);
  }

  // --- for commands

  /** Shows and selects a task, without taking the focus. Opens a hidden view only with `open`. */
  async reveal(id: string, { open = false }: { open?: boolean } = {}): Promise<void> {
    if ((this.#view.visible || open) && this.#options.store.get(id)) {
      // VS Code asks for the rows above it, which depend on the chains.
      await this.#loadLazy();
      await this.#view.reveal(this.#toElement(id), { select: true, focus: false });
    }
  }

  /** Draws everything anew. */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** Shows the takes of a chain below one row, or each where its time puts it. What is selected stays in sight. */
  async groupChains(isGrouped: boolean): Promise<void> {
    if (isGrouped === this.#isGrouped) {
      return;
    }
    const [selected] = this.selection;
    this.#isGrouped = isGrouped;
    this.#forgetLayout();
    this.refresh();
    await Promise.all([this.#options.memory.update(GROUPED, isGrouped), this.#setContext('chainsGrouped', isGrouped)]);
    if (selected !== undefined) {
      await this.reveal(selected);
    }
  }

  /** The tasks that are selected, for commands started by a key. */
  get selection(): readonly string[] {
    return this.#view.selection.flatMap((element) => ('id' in element ? [element.id] : []));
  }

  // --- changes

  #loaded(): void {
    this.#unfinished.clear();
    this.#live.clear();
    this.#copies.clear();
    this.#continued.clear();
    this.#forgetLayout();
    this.#localCopyBytes = 0;
    for (const record of this.#options.store.list()) {
      this.#track(record);
    }
    this.#updateFrame();
    this.#changed.fire(undefined);
  }

  #storeChanged(changes: readonly TaskChange[]): void {
    const touched: Element[] = [];
    let otherRows = false;
    for (const { id, before, after } of changes) {
      if (after) {
        this.#track(after);
      } else {
        this.#forget(id);
      }
      otherRows ||= !before || !after;
      const element = this.#elements.get(id);
      if (element && this.#shown.has(id)) {
        touched.push(element);
      }
    }
    if (otherRows) {
      this.#forgetLayout();
    }
    this.#updateFrame();
    this.#whenFirst?.();
    if (otherRows) {
      if (this.#options.store.isLoaded || !this.#rowsDrawn) {
        this.#changed.fire(undefined);
      }
    } else {
      touched.push(...this.#differentChains());
      if (touched.length > 0) {
        this.#changed.fire(touched);
      }
    }
  }

  #track(record: TaskRecord): void {
    const { id } = record;
    toggle(this.#unfinished, id, isUnfinished(record));
    toggle(this.#live, id, msUntilTextChange(record, this.#clock.now()) !== undefined);
    toggle(this.#continued, id, record.request.firstFrame?.from !== undefined);
    this.#countLocalCopyBytes(id, record.localCopy?.bytes ?? 0);
  }

  #countLocalCopyBytes(id: string, bytes: number): void {
    this.#localCopyBytes += bytes - (this.#copies.get(id) ?? 0);
    if (bytes === 0) {
      this.#copies.delete(id);
    } else {
      this.#copies.set(id, bytes);
    }
  }

  #forget(id: string): void {
    this.#unfinished.delete(id);
    this.#live.delete(id);
    this.#continued.delete(id);
    this.#countLocalCopyBytes(id, 0);
    this.#elements.delete(id);
    this.#shown.delete(id);
  }

  #pauseReasonsChanged(): void {
    this.#updateMessage();
    this.#refreshIfDifferent(this.#unfinished);
  }

  #visibilityChanged(): void {
    if (this.#view.visible) {
      // The clock stood still while nobody looked.
      this.#refreshIfDifferent(this.#live);
    }
    this.#arm();
  }

  // --- the frame around the rows

  #updateFrame(): void {
    const hasTasks = this.#options.store.list().length > 0;
    if (hasTasks !== this.#hasTasks) {
      this.#hasTasks = hasTasks;
      void this.#setContext('hasTasks', hasTasks);
    }
    const hasChains = this.#continued.size > 0;
    if (hasChains !== this.#hasChains) {
      this.#hasChains = hasChains;
      void this.#setContext('hasChains', hasChains);
    }
    const running = this.#unfinished.size;
    if ((this.#view.badge?.value ?? 0) !== running) {
      this.#view.badge =
        running === 0 ? undefined : { value: running, tooltip: vscode.l10n.t('Videos on their way: {0}', running) };
    }
    this.#updateMessage();
    this.#updateTitle();
    this.#arm();
  }

  #setContext(key: string, value: boolean): Thenable<unknown> {
    return vscode.commands.executeCommand('setContext', `seedance.${key}`, value);
  }

  #updateTitle(): void {
    // Before the first rows there are no words yet, and nobody looks.
    const title = this.#presentation?.getTitleWithSize(this.#title, this.#localCopyBytes);
    if (title !== undefined && title !== this.#view.title) {
      this.#view.title = title;
    }
  }

  #updateMessage(): void {
    const paused = this.#options.polling.pause !== undefined && this.#unfinished.size > 0;
    const message =
      this.#failure ??
      (paused
        ? vscode.l10n.t(
            'The service refused the API key. The tasks wait and nothing is lost; they go on as soon as you set another key.',
          )
        : undefined);
    if (this.#view.message !== message) {
      // `undefined` takes the message away, which the type of VS Code does not tell.
      (this.#view as { message: string | undefined }).message = message;
    }
  }

  // --- the clock

  #arm(): void {
    this.#stopTimer();
    if (!this.#view.visible || this.isDisposed) {
      return;
    }
    const now = this.#clock.now();
    let soonest = Infinity;
    for (const id of this.#live) {
      const record = this.#options.store.get(id);
      const ms = record && msUntilTextChange(record, now);
      if (ms === undefined) {
        this.#live.delete(id);
      } else if (ms < soonest) {
        soonest = ms;
      }
      if (soonest <= 1000) {
        // All that count seconds are refreshed together, so that rows do not twinkle one by one.
        soonest = 1000;
        break;
      }
    }
    if (soonest !== Infinity) {
      this.#timer = this.#clock.setTimeout(() => this.#tick(), soonest);
    }
  }

  #tick(): void {
    const live = [...this.#live];
    if (live.length <= MAX_ROWS_PER_TICK) {
      this.#refreshIfDifferent(live);
    } else {
      const start = (this.#turn++ * MAX_ROWS_PER_TICK) % live.length;
      this.#refreshIfDifferent([...live, ...live].slice(start, start + MAX_ROWS_PER_TICK));
    }
    this.#arm();
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #refreshIfDifferent(ids: Iterable<string>): void {
    const different: Element[] = [];
    for (const id of ids) {
      const shown = this.#shown.get(id);
      const record = shown === undefined ? undefined : this.#options.store.get(id);
      if (record && this.#presentation?.formatState(record, this.#getContext(record)) !== shown) {
        different.push(this.#toElement(id));
      }
    }
    different.push(...this.#differentChains());
    if (different.length > 0) {
      this.#changed.fire(different);
    }
  }

  /** Rows of chains that no longer say what they would. Their words do not count seconds: they change seldom. */
  #differentChains(): Element[] {
    return [...this.#shownChains].flatMap(([chain, shown]) => {
      const facts = this.#getChainFacts(chain);
      return facts && this.#presentation?.formatChain(facts) !== shown ? [this.#toElement({ chain })] : [];
    });
  }

  // --- rows

  #currentLayout(): Layouts.Layout | undefined {
    return (this.#layout ??= this.#presentation?.createLayout(this.#options.store.list(), this.#isGrouped, (id) =>
      this.#options.store.get(id),
    ));
  }

  #forgetLayout(): void {
    this.#layout = undefined;
    this.#shownChains.clear();
  }

  #getRecord(element: Element): TaskRecord | undefined {
    return 'id' in element ? this.#options.store.get(element.id) : undefined;
  }

  #getChainFacts(chain: string): Layouts.ChainFacts | undefined {
    const facts = this.#currentLayout()?.chainFacts(chain);
    return facts && { ...facts, context: this.#getContext(facts.newest) };
  }

  #getContext(record: TaskRecord): Layouts.TaskViewContext {
    const { id } = record;
    return {
      // Nobody looks for chains where there are none.
      take: this.#continued.size > 0 ? this.#currentLayout()?.takeFacts(id) : undefined,
      now: this.#clock.now(),
      readOnly: this.#options.store.isReadOnly(id),
      estimate: this.#options.estimates?.of(record, this.#clock.now()),
      progress: this.#options.downloader.progressOf(id),
      hold: this.#options.polling.getPauseReason(record),
    };
  }

  #toElement(row: Layouts.Row | Layouts.Page): Element {
    if (typeof row === 'string') {
      return known(this.#elements, row, () => ({ id: row }));
    }
    return 'chain' in row
      ? known(this.#chains, row.chain, () => row)
      : known(this.#pages, `${row.level}-${row.index}`, () => ({ page: row }));
  }
}

/** Images are dropped anywhere onto the view: each becomes the first frame of a new task. */
async function handleDrop(_target: unknown, data: vscode.DataTransfer): Promise<void> {
  const pictures = await readDroppedImages(data);
  if (pictures.length > 0) {
    vscode.commands.executeCommand(Commands.useAsFirstFrame, pictures).then(undefined, () => undefined);
  }
}

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function toggle(set: Set<string>, id: string, holds: boolean): void {
  if (holds) {
    set.add(id);
  } else {
    set.delete(id);
  }
}
