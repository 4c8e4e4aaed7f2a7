import * as vscode from 'vscode';
import { Disposable } from '../../common/events';
import { Commands, GALLERY_TYPE } from '../../constants';
import { formatNumber } from '../../messages/format';
import type { TaskChange } from '../../tasks/storage/taskStore';
import { confirm } from '../../ui/quickInput';
import { getPanelPage, type FramePage } from '../lastFrame/framePage';
import { createWebviewHtml, getPageOptions, getTabIcon } from '../webviewHtml';
import type { GalleryContext } from './galleryManager';
import { changesOthers, formatDay, GalleryModel, getGalleryStrings } from './galleryModel';
import {
  parseWebviewMessage,
  TILES_A_MESSAGE,
  type FirstTiles,
  type GalleryAction,
  type HostMessage,
  type Media,
  type Tile,
  type WebviewMessage,
} from './protocol';

/** As many as a large window shows at once. */
const FIRST_TILES = 40;
/** Changes within this time are told together. */
const TELL_AFTER_MS = 150;
/** How late the headings may notice that a new day has begun. */
const DAY_EVERY_MS = 60_000;
/** So many are saved without a question: a click on “Save all” may be about thousands. */
const SAVED_UNASKED = 10;

/** Each takes the id of one task, and those of all that are selected. */
const ACTION_COMMANDS = {
  preview: Commands.preview,
  save: Commands.save,
  saveAll: Commands.save,
  compare: Commands.compare,
  exportGif: Commands.exportGif,
  remove: Commands.remove,
} as const satisfies Record<Exclude<GalleryAction, 'cleanUp'>, string>;

/** The panel of the gallery: tells its page the tasks and where their pictures are, and runs the commands it asks for. */
export class GalleryPanel extends Disposable {
  readonly #context: GalleryContext;
  readonly #panel: vscode.WebviewPanel;
  readonly #model: GalleryModel;
  #isReady = false;
  /** Counts the pages that were told everything: what is on its way to an older one is dropped. */
  #telling = 0;
  /** Tasks that have changed since the page was told last. */
  readonly #changed = new Set<string>();
  #changesOthers = false;
  /** The ids of the tasks that the page was told to have a copy and no poster: it draws one, and no other is kept. */
  readonly #awaitedPosters = new Set<string>();
  #tellTimer: unknown;
  #dayTimer: unknown;
  #today = '';

  /** @param restored the panel that VS Code restores after a reload */
  constructor(context: GalleryContext, restored: vscode.WebviewPanel | undefined, onClosed: () => void) {
    super();
    this.#context = context;
    const { store, polling, takes, clock, extensionUri } = context;
    this.#model = new GalleryModel({
      source: store,
      getPauseReason: (record) => polling.getPauseReason(record),
      takeOf: (id) => takes.takeOf(id),
      getFolders: () => (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.toString()),
      now: () => clock.now(),
    });
    this.#panel = this._register(
      restored ??
        vscode.window.createWebviewPanel(GALLERY_TYPE, vscode.l10n.t('Gallery'), vscode.ViewColumn.Active, {}),
    );
    const { webview } = this.#panel;
    this.#panel.title = vscode.l10n.t('Gallery');
    this.#panel.iconPath = getTabIcon(extensionUri);
    webview.options = getPageOptions(extensionUri, vscode.Uri.file(store.videosDirectory));
    this._register(
      this.#panel.onDidDispose(() => {
        onClosed();
        this.dispose();
      }),
    );
    this._register(
      webview.onDidReceiveMessage((message: unknown) => {
        const parsed = parseWebviewMessage(message);
        if (parsed) {
          void this.#onMessage(parsed);
        }
      }),
    );
    this._register(this.#panel.onDidChangeViewState(() => this.#onVisibilityChanged()));
    this._register(store.onDidChange((changes) => this.#onChanged(changes)));
    this._register(store.onDidLoad(() => this.#isReady && void this.#tellAll()));
    this._register(polling.onDidChangePauseReason(() => this.#tellSoon({ others: true })));
    this._register(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#tellSoon({ others: true })));
    this._register({ dispose: () => this.#stop() });
    void this.#load();
  }

  /** The page, while it listens: it can draw frames as well. */
  get framePage(): FramePage | undefined {
    return this.#isReady && this.#panel.visible ? getPanelPage(this.#panel) : undefined;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** Loads the page, with the newest tiles and their pictures if the tasks are known. */
  async #load(): Promise<void> {
    const { store, extensionUri } = this.#context;
    const first = store.isLoaded ? await this.#createFirst() : undefined;
    if (this.isDisposed) {
      return;
    }
    const { webview } = this.#panel;
    webview.html = createWebviewHtml(webview, extensionUri, {
      title: vscode.l10n.t('Gallery'),
      styles: ['gallery.css'],
      script: 'gallery.js',
      allows: [`img-src ${webview.cspSource}`, `media-src ${webview.cspSource}`],
      data: { strings: getGalleryStrings(), ...(first ? { first } : {}) },
    });
    if (!store.isLoaded) {
      // The list shows a failure and the store logs it. This page keeps showing "Loading…".
      store.load().catch(() => undefined);
    }
  }

  async #createFirst(): Promise<FirstTiles> {
    const tiles = this.#model.createFirst(FIRST_TILES);
    return {
      tiles,
      media: await this.#findMedia(tiles.map(({ id }) => id)),
      total: this.#context.store.list().length,
      today: formatDay(this.#context.clock.now()),
    };
  }

  async #onMessage(message: WebviewMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#today = '';
        this.#tellDay();
        if (this.#context.store.isLoaded) {
          await this.#tellAll();
        }
        break;
      case 'look':
        this.#send({ type: 'media', media: await this.#findMedia(message.ids) });
        break;
      case 'poster':
        if (
          this.#awaitedPosters.delete(message.id) &&
          (await this.#context.posters.keep(message.id, new Uint8Array(message.bytes)))
        ) {
          this.#send({ type: 'media', media: await this.#findMedia([message.id]) });
        }
        break;
      case 'action':
        await this.#run(message.action, message.ids);
        break;
    }
  }

  async #run(action: GalleryAction, ids: readonly string[]): Promise<void> {
    const { store } = this.#context;
    const known = ids.filter((id) => store.get(id));
    if (action === 'cleanUp') {
      await vscode.commands.executeCommand(Commands.cleanUpCopies);
      return;
    }
    if (known.length === 0) {
      return;
    }
    if (action === 'saveAll' && known.length > SAVED_UNASKED && !(await confirmSaving(known.length))) {
      return;
    }
    const command = ACTION_COMMANDS[action];
    await vscode.commands.executeCommand(command, known[0], known);
  }

  /** Where the pictures of tasks are. Only what is there is named. */
  async #findMedia(ids: readonly string[]): Promise<Media[]> {
    const { store, posters } = this.#context;
    const toUrl = (path: string) => this.#panel.webview.asWebviewUri(vscode.Uri.file(path)).toString();
    return Promise.all(
      ids.map(async (id) => {
        const record = store.get(id);
        const poster = record && (await posters.find(id));
        const video = record && store.videoPath(record);
        if (poster === undefined && video !== undefined) {
          this.#awaitedPosters.add(id);
        }
        return {
          id,
          ...(poster === undefined ? {} : { poster: toUrl(poster) }),
          ...(video === undefined ? {} : { video: toUrl(video) }),
        };
      }),
    );
  }

  /** Tells the page all tasks, in parts: it draws the first of them while the others are on their way. */
  async #tellAll(): Promise<void> {
    const telling = ++this.#telling;
    this.#changed.clear();
    this.#changesOthers = false;
    const tiles = this.#model.createAll();
    for (let at = 0; at === 0 || at < tiles.length; at += TILES_A_MESSAGE) {
      const part: Tile[] = tiles.slice(at, at + TILES_A_MESSAGE);
      this.#send({ type: 'tiles', isFirst: at === 0, isLast: at + TILES_A_MESSAGE >= tiles.length, tiles: part });
      await new Promise((resolve) => setImmediate(resolve));
      if (telling !== this.#telling || this.isDisposed) {
        return;
      }
    }
  }

  #onChanged(changes: readonly TaskChange[]): void {
    if (this.#isReady) {
      changes.forEach(({ id }) => this.#changed.add(id));
      this.#tellSoon({ others: changes.some(({ before, after }) => changesOthers(before, after)) });
    }
  }

  #tellSoon({ others }: { others: boolean }): void {
    this.#changesOthers ||= others;
    this.#tellTimer ??= this.#context.clock.setTimeout(() => {
      this.#tellTimer = undefined;
      this.#tellChanges();
    }, TELL_AFTER_MS);
  }

  #tellChanges(): void {
    if (!this.#isReady || !this.#context.store.isLoaded) {
      return;
    }
    const { tiles, removed } = this.#changesOthers
      ? this.#model.findChanges()
      : this.#model.findChangesOf(this.#changed);
    this.#changed.clear();
    this.#changesOthers = false;
    for (let at = 0; at < tiles.length; at += TILES_A_MESSAGE) {
      this.#send({ type: 'changes', tiles: tiles.slice(at, at + TILES_A_MESSAGE), removed: [] });
    }
    if (removed.length > 0) {
      this.#send({ type: 'changes', tiles: [], removed });
    }
  }

  #tellDay(): void {
    const { clock } = this.#context;
    clock.clearTimeout(this.#dayTimer);
    if (!this.#isReady) {
      return;
    }
    this.#dayTimer = clock.setTimeout(() => this.#tellDay(), DAY_EVERY_MS);
    const today = formatDay(clock.now());
    if (today !== this.#today) {
      this.#today = today;
      this.#send({ type: 'today', today });
    }
  }

  #onVisibilityChanged(): void {
    if (!this.#panel.visible) {
      // VS Code discards hidden pages. When shown, the page is loaded again and sends `ready`.
      this.#isReady = false;
      this.#telling++;
      this.#model.forget();
      this.#stop();
    }
  }

  #stop(): void {
    const { clock } = this.#context;
    clock.clearTimeout(this.#tellTimer);
    clock.clearTimeout(this.#dayTimer);
    this.#tellTimer = undefined;
  }

  #send(message: HostMessage): void {
    if (this.#isReady && !this.isDisposed) {
      void this.#panel.webview.postMessage(message);
    }
  }
}

function confirmSaving(count: number): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Save {0} videos to the workspace?', formatNumber(count)),
    vscode.l10n.t('They are copied into the folder of the setting seedance.saveFolder. Nothing is charged.'),
    vscode.l10n.t('Save'),
  );
}
