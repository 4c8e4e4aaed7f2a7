import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { Commands, COMPARE_TYPE } from '../../constants';
import { Disposable, Emitter } from '../../common/events';
import { isNotFound } from '../../common/fsErrors';
import { readVideoFacts } from '../../tasks/download/mp4Facts';
import { readFrameTimes } from '../../tasks/download/mp4LastFrame';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import { openExternally } from '../../ui/openFile';
import { getUnknownText } from '../../ui/showError';
import { createWebviewHtml, getPageOptions, getTabIcon } from '../webviewHtml';
import type { CompareContext } from './compareManager';
import { createCompareModel, createLoadingModel, getCompareStrings, type TakeFacts } from './compareModel';
import {
  parseSavedState,
  parseWebviewMessage,
  type CompareModel,
  type HostMessage,
  type TakeAction,
  type WebviewMessage,
} from './protocol';

/** How often the ages of the takes are updated. They are shown in minutes at least. */
const AGES_EVERY_MS = 60_000;

/** Actions that run a command with the task's id. */
const ACTION_COMMANDS = {
  use: Commands.useTake,
  save: Commands.save,
  again: Commands.again,
  remove: Commands.remove,
  preview: Commands.preview,
} as const satisfies Partial<Record<TakeAction, string>>;

/** Shows takes side by side: sends models of their states to the webview, and runs the actions that it requests. */
export class ComparePanel extends Disposable {
  readonly #context: CompareContext;
  readonly #panel: vscode.WebviewPanel;
  readonly #closed = this._register(new Emitter<void>());
  readonly onDidClose = this.#closed.event;
  /** In the order of the page. Those that were removed from the list leave it. */
  #ids: readonly string[];
  #isReady = false;
  /** The last model that was sent, as JSON. Equal models are not sent again. */
  #sentModel: string | undefined;
  /** Why a take is not shown, by its id. */
  readonly #problems = new Map<string, NonNullable<TakeFacts['problem']>>();
  /** The takes whose videos are being fetched. */
  readonly #fetching = new Set<string>();
  /** The copies whose frame times the page has, by the id of their take. */
  readonly #timed = new Map<string, string>();
  /** Whether copies have a sound track, by their paths; `undefined` while that is being read. */
  readonly #tracks = new Map<string, boolean | undefined>();
  #timer: unknown;

  static create(context: CompareContext, ids: readonly string[]): ComparePanel {
    const panel = vscode.window.createWebviewPanel(COMPARE_TYPE, vscode.l10n.t('Compare'), vscode.ViewColumn.Active);
    return new ComparePanel(context, ids, panel);
  }

  /** Reads a saved state of the page; `undefined` if the state is invalid. */
  static parseState(state: unknown): readonly string[] | undefined {
    return parseSavedState(state);
  }

  constructor(context: CompareContext, ids: readonly string[], panel: vscode.WebviewPanel) {
    super();
    this.#context = context;
    this.#ids = ids;
    this.#panel = panel;
    const { store, downloader, extensionUri } = context;
    panel.iconPath = getTabIcon(extensionUri);
    panel.webview.options = getPageOptions(extensionUri, vscode.Uri.file(store.videosDirectory));
    this._register(panel.onDidDispose(() => this.dispose()));
    this._register(
      panel.webview.onDidReceiveMessage((message: unknown) => void this.#onMessage(parseWebviewMessage(message))),
    );
    this._register(panel.onDidChangeViewState(() => this.#onVisibilityChanged()));
    this._register(store.onDidLoad(() => this.#update()));
    this._register(
      store.onDidChange((changes) => {
        for (const { id, before, after } of changes) {
          if (before?.localCopy?.at !== after?.localCopy?.at) {
            // It is another file, so the problem of the old one no longer applies.
            this.#problems.delete(id);
            this.#timed.delete(id);
          }
        }
        // Another task of the same prompt may have come or gone, and changes how many takes there are.
        if (changes.some(({ id, before, after }) => this.#ids.includes(id) || !before || !after)) {
          this.#update();
        }
      }),
    );
    this._register(downloader.onDidProgress(({ id }) => this.#ids.includes(id) && this.#update()));
    this._register({ dispose: () => this.#stopTimer() });
    const model = this.#createModel();
    this.#sentModel = JSON.stringify(model);
    panel.title = model.title;
    panel.webview.html = createCompareHtml(panel.webview, extensionUri, model);
    this.#update();
    if (!store.isLoaded) {
      // The tree view shows a failure and the store logs it. This page keeps showing "Loading…".
      store.load().catch(() => undefined);
    }
  }

  /** The ids of the takes that are shown, in turn. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Brings the panel to the front. */
  reveal(): void {
    this.#panel.reveal();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#closed.fire();
      super.dispose();
      this.#panel.dispose();
    }
  }

  #onVisibilityChanged(): void {
    if (this.#panel.visible) {
      this.#update();
    } else {
      // VS Code discards hidden pages. When shown, the page is loaded again and sends `ready`.
      this.#isReady = false;
      this.#stopTimer();
    }
  }

  #update(): void {
    if (this.isDisposed) {
      return;
    }
    if (this.#context.store.isLoaded) {
      this.#ids = this.#ids.filter((id) => this.#context.store.get(id));
      this.#fetchMissing();
    }
    const model = this.#createModel();
    if (this.#panel.title !== model.title) {
      this.#panel.title = model.title;
    }
    const text = JSON.stringify(model);
    if (this.#isReady && text !== this.#sentModel) {
      this.#sentModel = text;
      this.#send({ type: 'model', model });
    }
    this.#sendFrameTimes(model);
    this.#arm();
  }

  #createModel(): CompareModel {
    const { store, downloader, takes, clock } = this.#context;
    if (!store.isLoaded) {
      return createLoadingModel();
    }
    const compared = this.#ids.flatMap((id): TakeFacts[] => {
      const record = store.get(id);
      const path = record && store.videoPath(record);
      return record
        ? [
            {
              record,
              readOnly: store.isReadOnly(id),
              take: takes.takeOf(id),
              copyUrl: path === undefined || this.#fetching.has(id) ? undefined : this.#getFileUrl(path),
              hasTrack: path === undefined ? undefined : this.#tracks.get(path),
              progress: downloader.getProgress(id),
              problem: this.#problems.get(id),
            },
          ]
        : [];
    });
    const [first] = this.#ids;
    const ofOnePrompt = first === undefined ? [] : takes.takesOf(first);
    return createCompareModel(compared, {
      now: clock.now(),
      isOnePrompt: this.#ids.every((id) => ofOnePrompt.includes(id)),
    });
  }

  /** Only copies are shown, since links of another origin are not played in step: they stall. */
  #fetchMissing(): void {
    const { store } = this.#context;
    for (const id of this.#ids) {
      const record = store.get(id);
      if (record && store.videoPath(record) === undefined && !this.#problems.has(id)) {
        this.#fetch(record);
      }
    }
  }

  /** Downloading again is free, so it needs no question. */
  #fetch({ id, state }: TaskRecord): void {
    if (state !== 'done') {
      if (state === 'expired') {
        this.#problems.set(id, 'unavailable');
      }
      return;
    }
    if (this.#fetching.has(id)) {
      return;
    }
    this.#fetching.add(id);
    this.#problems.delete(id);
    this.#timed.delete(id);
    this.#context.downloader
      .ensureCopy(id)
      .catch(() => void this.#problems.set(id, 'unavailable'))
      .finally(() => {
        this.#fetching.delete(id);
        this.#update();
      });
  }

  /** Tells the page once when each frame of a copy appears, so that it can step from one to the next. */
  #sendFrameTimes({ takes }: CompareModel): void {
    const { store } = this.#context;
    for (const { id, video } of takes) {
      const record = store.get(id);
      const path = record && store.videoPath(record);
      if (this.#isReady && video && path !== undefined && this.#timed.get(id) !== path) {
        this.#timed.set(id, path);
        void this.#readTrack(path);
        // Without them, the page takes the usual rate.
        const times = readFrameTimes(path).catch(() => undefined);
        void times.then((found) => this.#timed.get(id) === path && this.#send({ type: 'frames', id, times: found }));
      }
    }
  }

  /** Reads once whether there is something to be heard. */
  async #readTrack(path: string): Promise<void> {
    if (!this.#tracks.has(path)) {
      this.#tracks.set(path, undefined);
      // The page finds out if the file is not there.
      const facts = await readVideoFacts(path).catch(() => undefined);
      this.#tracks.set(path, facts && facts.sound !== undefined);
      this.#update();
    }
  }

  async #sendSound(id: string): Promise<void> {
    const path = await this.#context.getSound(id);
    this.#send({ type: 'sound', id, ...(path === undefined ? {} : { url: this.#getFileUrl(path) }) });
  }

  /** The URL under which the page can load a file of our folder of videos. */
  #getFileUrl(path: string): string {
    return this.#panel.webview.asWebviewUri(vscode.Uri.file(path)).toString();
  }

  #send(message: HostMessage): void {
    if (!this.isDisposed) {
      void this.#panel.webview.postMessage(message);
    }
  }

  async #onMessage(message: WebviewMessage | undefined): Promise<void> {
    if (message === undefined) {
      return;
    }
    if (message.type === 'ready') {
      this.#isReady = true;
      this.#sentModel = undefined;
      this.#timed.clear();
      this.#update();
      return;
    }
    const record = this.#ids.includes(message.id) ? this.#context.store.get(message.id) : undefined;
    if (!record) {
      return;
    }
    try {
      await (message.type === 'action'
        ? this.#runAction(message.action, record)
        : message.type === 'soundNeeded'
          ? this.#sendSound(record.id)
          : this.#onVideoError(message.code, record));
    } catch (error) {
      void vscode.window.showErrorMessage(getUnknownText(error));
    }
  }

  async #runAction(action: TakeAction, record: TaskRecord): Promise<void> {
    switch (action) {
      case 'reload':
        this.#problems.delete(record.id);
        this.#fetch(record);
        this.#update();
        break;
      case 'openExternal':
        await openExternally(record, this.#context.store.videoPath(record), this.#context.clock.now());
        break;
      default:
        await vscode.commands.executeCommand(ACTION_COMMANDS[action], record.id);
    }
  }

  /** Finds out why the page cannot play a video. A file that is missing is fetched again. */
  async #onVideoError(code: number, record: TaskRecord): Promise<void> {
    const path = this.#context.store.videoPath(record);
    if (path === undefined || this.#fetching.has(record.id)) {
      return;
    }
    if (await exists(path)) {
      this.#problems.set(record.id, code === 5 ? 'only-sound' : 'codec');
    } else {
      this.#fetch(record);
    }
    this.#update();
  }

  #arm(): void {
    this.#stopTimer();
    if (this.#panel.visible && this.#ids.length > 0) {
      this.#timer = this.#context.clock.setTimeout(() => this.#update(), AGES_EVERY_MS);
    }
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) {
      this.#context.clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }
}

/** A disk that fails for a moment has not lost the file. */
async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return !isNotFound(error);
  }
}

/** Creates the page with its first model. */
export function createCompareHtml(webview: vscode.Webview, extensionUri: vscode.Uri, model: CompareModel): string {
  return createWebviewHtml(webview, extensionUri, {
    title: model.title,
    styles: ['player.css', 'compare.css'],
    script: 'compare.js',
    // Copies only.
    allows: [`media-src ${webview.cspSource}`],
    data: { strings: getCompareStrings(), model },
  });
}
