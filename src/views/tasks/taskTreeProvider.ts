import * as vscode from 'vscode';
import { Commands, TASK_ROWS_MIME, TASKS_VIEW } from '../../constants';
import { systemClock, type Clock } from '../../common/clock';
import type { Downloader } from '../../tasks/download/downloader';
import type { RemainingTimeEstimates } from '../../tasks/polling/remainingTime';
import { Disposable } from '../../common/events';
import type { PollingController } from '../../tasks/polling/pollingController';
import type { PromptTakes } from '../../tasks/model/promptTakes';
import { isUnfinished, type TaskRecord } from '../../tasks/model/taskRecord';
import type { PosterStore } from '../../tasks/storage/posterStore';
import type { TaskChange, TaskStore } from '../../tasks/storage/taskStore';
import { readDroppedImages } from './dragAndDrop';
import { msUntilTextChange } from './elapsed';
import type * as GroupModule from './groupRows';
import type * as LayoutModule from './taskTreeLayout';
import type * as RowModule from './taskTreeRows';

/** Modules that are loaded with the first rows. */
type LazyModules = typeof RowModule;

/** A row that is a task. Menus pass it to commands, which only use the id. */
export interface TaskElement {
  readonly id: string;
}

/** A row that contains older tasks, so that a long history costs nothing until the user expands it. */
interface OlderElement {
  readonly page: LayoutModule.Page;
}

/** Groups are rows while chains or films are grouped. */
type Element = TaskElement | OlderElement | GroupModule.GroupRow;

/** What the tree needs. */
export interface TaskTreeOptions {
  store: Pick<TaskStore, 'load' | 'isLoaded' | 'list' | 'get' | 'isReadOnly' | 'onDidChange' | 'onDidLoad'>;
  /** Absent: everything can be read, and nobody needs to look for what other windows do. */
  disk?: Pick<TaskStore, 'unreadable' | 'onDidChangeUnreadable' | 'keepLooking'>;
  downloader: Pick<Downloader, 'onDidProgress' | 'getProgress'>;
  polling: Pick<PollingController, 'pause' | 'getPauseReason' | 'onDidChangePauseReason'>;
  /** Without it, tooltips show no posters. */
  posters?: Pick<PosterStore, 'read'> | undefined;
  /** Without it, rows show elapsed instead of remaining times. */
  estimates?: Pick<RemainingTimeEstimates, 'of'>;
  /** Without it, rows do not say when what failed is tried again. */
  nextTryAt?: ((record: TaskRecord) => number | undefined) | undefined;
  /** Without it, rows do not tell tasks of one prompt apart. */
  takes?: Pick<PromptTakes, 'takeOf' | 'takesOf'> | undefined;
  clock?: Clock;
  /** Stores whether chains are grouped. */
  memory: Pick<vscode.Memento, 'get' | 'update'>;
}

/** The key in `memory`: of chains and films. Until the user has chosen, films are grouped and chains are not. */
const GROUPED = 'seedance.chainsGrouped';

/** The most rows that one tick of the timer refreshes. If there are more, they take turns. */
const MAX_ROWS_PER_TICK = 100;

/** How often rows that show an age are looked at while the view is seen. Ages are minutes at least. */
const AGES_EVERY_MS = 60_000;

/**
 * Provides the tree view `seedance.tasks`: reads the store, creates rows, executes commands. Never writes the store.
 *
 * One timer is armed while the view is visible and contains text that changes with time: each second while a task is
 * generated, each minute while a link without a local copy expires. Otherwise no timer is armed. A tick refreshes only
 * the rows whose text has changed.
 */
export class TaskTreeDataProvider extends Disposable implements vscode.TreeDataProvider<Element> {
  readonly #options: TaskTreeOptions;
  readonly #clock: Clock;
  readonly #view: vscode.TreeView<Element>;
  /** The localized name of the view from package.json. */
  readonly #title: string;
  readonly #changed = this._register(new vscode.EventEmitter<Element[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  /** The rows by id: VS Code compares elements by identity. */
  readonly #elements = new Map<string, TaskElement>();
  readonly #pages = new Map<string, OlderElement>();
  /** The text that each drawn row shows, by the id of its task. */
  readonly #shown = new Map<string, string>();
  readonly #unfinished = new Set<string>();
  /** Tasks whose text changes with time: unfinished ones, and those with a link but without a local copy. */
  readonly #live = new Set<string>();
  /** Tasks and chains whose drawn rows show their age. */
  readonly #aging = new Set<string>();
  /** Bytes of each task's local copy; `#localCopyBytes` is their sum. */
  readonly #copies = new Map<string, number>();
  #localCopyBytes = 0;
  #modules: LazyModules | undefined;
  #groups: GroupModule.GroupRows | undefined;
  /** Created again after a task was added or removed. */
  #layout: LayoutModule.Layout | undefined;
  /** Tasks that continue the video of another task. */
  readonly #continued = new Set<string>();
  /** Tasks that were generated for a shot of a storyboard. */
  readonly #ofShots = new Set<string>();
  #hasGroups = false;
  #showsGroups = false;
  /** What the user chose for chains and films; `undefined` before that. */
  #isGrouped: boolean | undefined;
  #timer: unknown;
  #tickCount = 0;
  /** When rows that show an age are looked at again. */
  #nextAgingAt = 0;
  #hasTasks: boolean | undefined;
  #failure: string | undefined;
  /** Whether the root has shown tasks. The rest of a long list is then added once, when all of it is loaded. */
  #hasDrawnRows = false;
  #onFirstRecords: (() => void) | undefined;

  constructor(options: TaskTreeOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { store, disk, downloader, polling } = options;
    this.#view = this._register(
      vscode.window.createTreeView<Element>(TASKS_VIEW, {
        treeDataProvider: this,
        canSelectMany: true,
        dragAndDropController: {
          dragMimeTypes: [TASK_ROWS_MIME],
          dropMimeTypes: ['text/uri-list', 'text/html', 'files'],
          handleDrag: (rows, data) => {
            // For documents: `registerVideoDrops` takes them there.
            data.set(TASK_ROWS_MIME, new vscode.DataTransferItem(this.#getIds(rows).join('\n')));
          },
          handleDrop,
        },
      }),
    );
    this.#title = this.#view.title ?? '';
    const grouped: unknown = options.memory.get(GROUPED);
    this.#isGrouped = typeof grouped === 'boolean' ? grouped : undefined;
    this.#updateGroupContext();
    this._register(store.onDidLoad(() => this.#onLoaded()));
    this._register(store.onDidChange((changes) => this.#onStoreChanged(changes)));
    if (disk) {
      this._register(disk.onDidChangeUnreadable(() => this.#updateMessage()));
      this._register({ dispose: () => disk.keepLooking('tree', false) });
      disk.keepLooking('tree', this.#view.visible);
    }
    this._register(downloader.onDidProgress(({ id }) => this.#refreshIfDifferent([id])));
    this._register(polling.onDidChangePauseReason(() => this.#onPauseReasonsChanged()));
    this._register(this.#view.onDidChangeVisibility(() => this.#onVisibilityChanged()));
    this._register({ dispose: () => this.#stopTimer() });
  }

  // --- TreeDataProvider

  async getChildren(element?: Element): Promise<Element[]> {
    if (element !== undefined) {
      const rows =
        'page' in element
          ? this.#currentLayout()?.below(element.page)
          : 'id' in element
            ? undefined
            : this.#groups?.below(element);
      return (rows ?? []).map((row) => this.#toElement(row));
    }
    await Promise.all([this.#loadLazy(), this.#firstRecords()]);
    this.#updateTitle();
    const rows = (this.#currentLayout()?.root ?? []).map((row) => this.#toElement(row));
    this.#hasDrawnRows = rows.length > 0;
    this.#arm();
    return rows;
  }

  /** Loads what rows need. Not done in `activate`, to keep the start of VS Code fast. */
  async #loadLazy(): Promise<void> {
    this.#modules ??= await import('./taskTreeRows');
    this.#groups ??= new this.#modules.GroupRows({
      getLayout: () => this.#currentLayout()!,
      getContext: (record) => this.#getContext(record),
      isReadOnly: (id) => this.#options.store.isReadOnly(id),
      takes: this.#options.takes,
      now: () => this.#clock.now(),
    });
  }

  /** Waits for the newest records only: the store fires `onDidChange` for them before it has loaded the rest. */
  async #firstRecords(): Promise<void> {
    const { store } = this.#options;
    const load = store.load().then(
      () => this.#setFailure(undefined),
      // The store has logged the error. The view must not look as if there were no tasks.
      () =>
        this.#setFailure(
          vscode.l10n.t(
            'The list of tasks could not be read from the disk. Nothing was deleted. “Refresh” tries again; “Show log” has the details.',
          ),
        ),
    );
    if (store.list().length === 0) {
      await Promise.race([load, new Promise<void>((resolve) => (this.#onFirstRecords = resolve))]);
    }
  }

  #setFailure(failure: string | undefined): void {
    this.#failure = failure;
    this.#updateMessage();
  }

  getTreeItem(element: Element): vscode.TreeItem {
    const modules = this.#modules;
    if (modules && 'page' in element) {
      return modules.createPageItem(element.page, this.#currentLayout()?.getContents(element.page));
    }
    if (!('id' in element) && !('page' in element)) {
      const item = this.#groups?.createItem(element);
      if ('chain' in element) {
        this.#setAging(element.chain, this.#groups?.isAging(element) === true);
      }
      return item ?? new vscode.TreeItem('');
    }
    const record = this.#getRecord(element);
    if (!modules || !record) {
      // Removed a moment ago: a refresh of the list follows.
      return new vscode.TreeItem('');
    }
    const context = this.#getContext(record);
    this.#shown.set(record.id, modules.getRowText(record, context));
    this.#setAging(record.id, context.promptTake !== undefined);
    return modules.createTaskItem(record, context);
  }

  async resolveTreeItem(item: vscode.TreeItem, element: Element): Promise<vscode.TreeItem> {
    const record = this.#getRecord(element);
    if (record && this.#modules) {
      // Read again for each tooltip: it may have been drawn meanwhile.
      const poster = record.state === 'done' ? await this.#options.posters?.read(record.id) : undefined;
      item.tooltip = this.#modules.getTooltip(record, this.#getContext(record), poster);
    }
    return item;
  }

  getParent(element: Element): Element | undefined {
    const group = 'page' in element ? undefined : this.#groups?.getParent(element);
    if (group) {
      return this.#toElement(group);
    }
    const row = 'page' in element ? element.page : 'id' in element ? element.id : element;
    const page = this.#currentLayout()?.getPage(row);
    return page && this.#toElement(page);
  }

  // --- for commands

  /**
   * Reveals and selects a task without moving the focus. Does nothing if the task is not in the list.
   *
   * @param options.open whether to open the view if it is hidden
   */
  async reveal(id: string, { open = false }: { open?: boolean } = {}): Promise<void> {
    if ((this.#view.visible || open) && this.#options.store.get(id)) {
      // VS Code requests the parents of the row, which depend on the layout.
      await this.#loadLazy();
      await this.#view.reveal(this.#toElement(id), { select: true, focus: false });
    }
  }

  /** Refreshes all rows. */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  /**
   * Shows the takes of each chain below one row, and the shots of each storyboard, or all tasks in their order. Reveals the
   * selected task again.
   */
  async groupChains(isGrouped: boolean): Promise<void> {
    if (isGrouped === this.#isGrouped) {
      return;
    }
    const [selected] = this.selection;
    this.#isGrouped = isGrouped;
    this.#forgetLayout();
    this.refresh();
    this.#updateGroupContext();
    await this.#options.memory.update(GROUPED, isGrouped);
    if (selected !== undefined) {
      await this.reveal(selected);
    }
  }

  /** Whether the user sees the list. */
  get isVisible(): boolean {
    return this.#view.visible;
  }

  /** The ids of the selected tasks, for commands that are started by a key binding. */
  get selection(): readonly string[] {
    return this.#getIds(this.#view.selection);
  }

  #getIds(rows: readonly Element[]): string[] {
    return [...new Set(rows.flatMap((row) => ('id' in row ? row.id : this.tasksOf(row))))];
  }

  /**
   * The ids of the tasks that a row stands for which contains others: of a chain, a storyboard, a shot. A row of older tasks
   * stands for none: nobody sees them.
   */
  tasksOf(row: object): readonly string[] {
    return this.#groups?.tasksOf(row) ?? [];
  }

  // --- changes

  #onLoaded(): void {
    this.#unfinished.clear();
    this.#live.clear();
    this.#copies.clear();
    this.#continued.clear();
    this.#ofShots.clear();
    this.#forgetLayout();
    this.#localCopyBytes = 0;
    for (const record of this.#options.store.list()) {
      this.#addRecord(record);
    }
    this.#updateView();
    this.#changed.fire(undefined);
  }

  #onStoreChanged(changes: readonly TaskChange[]): void {
    const touched: Element[] = [];
    let otherRows = false;
    for (const { id, before, after } of changes) {
      if (after) {
        this.#addRecord(after);
      } else {
        this.#deleteRecord(id);
      }
      // Another prompt may be that of other rows, which are numbered then; of another shot it is another row.
      otherRows ||=
        !before ||
        !after ||
        before.request.prompt !== after.request.prompt ||
        JSON.stringify(before.shot) !== JSON.stringify(after.shot);
      const element = this.#elements.get(id);
      if (element && this.#shown.has(id)) {
        touched.push(element);
      }
    }
    if (otherRows) {
      this.#forgetLayout();
    }
    this.#updateView();
    this.#onFirstRecords?.();
    if (otherRows) {
      if (this.#options.store.isLoaded || !this.#hasDrawnRows) {
        this.#changed.fire(undefined);
      }
    } else {
      touched.push(
        ...(this.#groups?.getChanged(
          changes.map(({ id }) => id),
          { isByTime: false },
        ) ?? []),
      );
      if (touched.length > 0) {
        this.#changed.fire(touched);
      }
    }
  }

  #addRecord(record: TaskRecord): void {
    const { id } = record;
    toggle(this.#unfinished, id, isUnfinished(record));
    toggle(this.#live, id, msUntilTextChange(record, this.#clock.now()) !== undefined);
    toggle(this.#continued, id, record.request.firstFrame?.from !== undefined);
    toggle(this.#ofShots, id, record.shot !== undefined);
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

  #deleteRecord(id: string): void {
    this.#unfinished.delete(id);
    this.#live.delete(id);
    this.#continued.delete(id);
    this.#ofShots.delete(id);
    this.#countLocalCopyBytes(id, 0);
    this.#elements.delete(id);
    this.#shown.delete(id);
    this.#aging.delete(id);
  }

  #onPauseReasonsChanged(): void {
    this.#updateMessage();
    this.#refreshIfDifferent(this.#unfinished);
  }

  #onVisibilityChanged(): void {
    this.#options.disk?.keepLooking('tree', this.#view.visible);
    if (this.#view.visible) {
      // No timer was armed while the view was hidden.
      this.#refreshIfDifferent(new Set([...this.#live, ...this.#aging]));
    }
    this.#arm();
  }

  // --- badge, title, message and context keys

  #updateView(): void {
    const hasTasks = this.#options.store.list().length > 0;
    if (hasTasks !== this.#hasTasks) {
      this.#hasTasks = hasTasks;
      void this.#setContext('hasTasks', hasTasks);
    }
    const hasGroups = this.#continued.size > 0 || this.#ofShots.size > 0;
    if (hasGroups !== this.#hasGroups) {
      this.#hasGroups = hasGroups;
      void this.#setContext('hasChains', hasGroups);
    }
    this.#updateGroupContext();
    const running = this.#unfinished.size;
    if ((this.#view.badge?.value ?? 0) !== running) {
      this.#view.badge =
        running === 0 ? undefined : { value: running, tooltip: vscode.l10n.t('Videos on their way: {0}', running) };
    }
    this.#updateMessage();
    this.#updateTitle();
    this.#arm();
  }

  get #grouping(): LayoutModule.Grouping {
    return { chains: this.#isGrouped === true, films: this.#isGrouped !== false };
  }

  /** Tells the menus which of both commands is of use: to group what is not, or to show all apart. */
  #updateGroupContext(): void {
    const { chains, films } = this.#grouping;
    const showsGroups = chains || (films && this.#ofShots.size > 0 && this.#continued.size === 0);
    if (showsGroups !== this.#showsGroups) {
      this.#showsGroups = showsGroups;
      void this.#setContext('chainsGrouped', showsGroups);
    }
  }

  #setContext(key: string, value: boolean): Thenable<unknown> {
    return vscode.commands.executeCommand('setContext', `seedance.${key}`, value);
  }

  #updateTitle(): void {
    // The module is loaded with the first rows.
    const title = this.#modules?.getTitleWithSize(this.#title, this.#localCopyBytes);
    if (title !== undefined && title !== this.#view.title) {
      this.#view.title = title;
    }
  }

  #updateMessage(): void {
    const paused = this.#options.polling.pause !== undefined && this.#unfinished.size > 0;
    const unreadable = this.#options.disk?.unreadable.length ?? 0;
    const message =
      this.#failure ??
      (unreadable > 0
        ? vscode.l10n.t(
            'Tasks that the disk does not let Seedance read at the moment: {0}. They stay as they are and are read again by themselves; nothing is lost, sent or charged again. “Show log” has the details.',
            unreadable,
          )
        : undefined) ??
      (paused
        ? vscode.l10n.t(
            'The service refused the API key. The tasks wait and nothing is lost; they go on as soon as you set another key.',
          )
        : undefined);
    if (this.#view.message !== message) {
      // `undefined` removes the message, although the type of VS Code does not include it.
      (this.#view as { message: string | undefined }).message = message;
    }
  }

  // --- timer

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
        // Rows that count seconds are refreshed together, so that they do not flicker one by one.
        soonest = 1000;
        break;
      }
    }
    if (this.#aging.size > 0) {
      soonest = Math.min(soonest, Math.max(1000, this.#nextAgingAt - now));
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
      const start = (this.#tickCount++ * MAX_ROWS_PER_TICK) % live.length;
      this.#refreshIfDifferent([...live, ...live].slice(start, start + MAX_ROWS_PER_TICK));
    }
    const now = this.#clock.now();
    if (now >= this.#nextAgingAt) {
      this.#nextAgingAt = now + AGES_EVERY_MS;
      this.#refreshIfDifferent(this.#aging);
    }
    this.#arm();
  }

  #setAging(row: string, isAging: boolean): void {
    toggle(this.#aging, row, isAging);
    if (isAging && this.#timer === undefined) {
      this.#arm();
    }
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #refreshIfDifferent(ids: Iterable<string>): void {
    const different: Element[] = [];
    const looked = [...ids];
    for (const id of looked) {
      const shown = this.#shown.get(id);
      const record = shown === undefined ? undefined : this.#options.store.get(id);
      if (record && this.#modules?.getRowText(record, this.#getContext(record)) !== shown) {
        different.push(this.#toElement(id));
      }
    }
    different.push(...(this.#groups?.getChanged(looked, { isByTime: true }) ?? []));
    if (different.length > 0) {
      this.#changed.fire(different);
    }
  }

  // --- rows

  #currentLayout(): LayoutModule.Layout | undefined {
    return (this.#layout ??= this.#modules?.createLayout(this.#options.store.list(), this.#grouping, (id) =>
      this.#options.store.get(id),
    ));
  }

  #forgetLayout(): void {
    this.#layout = undefined;
    this.#groups?.forget();
  }

  #getRecord(element: Element): TaskRecord | undefined {
    return 'id' in element ? this.#options.store.get(element.id) : undefined;
  }

  #getContext(record: TaskRecord): LayoutModule.TaskViewContext {
    const { id } = record;
    return {
      shotTake: record.shot && this.#currentLayout()?.getShotTakeFacts(id),
      // Most lists have no chains: skip the search.
      take: this.#continued.size > 0 ? this.#currentLayout()?.getTakeFacts(id) : undefined,
      promptTake: this.#options.takes?.takeOf(id),
      now: this.#clock.now(),
      readOnly: this.#options.store.isReadOnly(id),
      estimate: this.#options.estimates?.of(record, this.#clock.now()),
      nextTryAt: record.trouble && this.#options.nextTryAt?.(record),
      progress: this.#options.downloader.getProgress(id),
      pauseReason: this.#options.polling.getPauseReason(record),
    };
  }

  #toElement(row: LayoutModule.Row | LayoutModule.Page | GroupModule.GroupRow): Element {
    if (typeof row === 'string') {
      return getOrCreate(this.#elements, row, () => ({ id: row }));
    }
    return 'level' in row
      ? getOrCreate(this.#pages, `${row.level}-${row.index}`, () => ({ page: row }))
      : this.#groups!.toElement(row);
  }
}

/** Handles images that are dropped onto the view. Each becomes the first frame of a new task. */
async function handleDrop(_target: unknown, data: vscode.DataTransfer): Promise<void> {
  const images = await readDroppedImages(data);
  if (images.length > 0) {
    vscode.commands.executeCommand(Commands.useAsFirstFrame, images).then(undefined, () => undefined);
  }
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, make: () => V): V {
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
