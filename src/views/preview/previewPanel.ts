import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { getUnknownText } from '../../ui/showError';
import { Commands, PREVIEW_TYPE } from '../../constants';
import { isNotFound } from '../../common/fsErrors';
import { isLocalFile, isPlayableLoopback } from '../../common/link';
import { findBaseUrl } from '../../platform/settings';
import { sha256Hex } from '../../common/sha256';
import { describeTaskError } from '../../messages/taskErrors';
import { Disposable, Emitter } from '../../common/events';
import { readImageFile } from '../../platform/imageFile';
import { readVideoFacts, type VideoFacts } from '../../tasks/download/mp4Facts';
import { readFrameTimes, readLastFrame } from '../../tasks/download/mp4LastFrame';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import { openExternally } from '../../ui/openFile';
import { getColumnToReveal, getPreviewColumn } from './previewColumn';
import type { PreviewContext, ShowOptions } from './previewManager';
import {
  parseWebviewMessage,
  MAX_SERIES,
  parseSavedState,
  type SavedState,
  type WebviewMessage,
  type PreviewAction,
  type PreviewModel,
  type HostMessage,
  type PreviewStrings,
} from './protocol';
import {
  createPreviewModel,
  createModelWithoutRecord,
  getNextModelChange,
  getPreviewStrings,
  getPreviewTitle,
  type PlaybackProblem,
} from './previewModel';
import { getPanelPage, type FramePage } from '../lastFrame/framePage';
import { createWebviewHtml, getPageOptions, getTabIcon } from '../webviewHtml';

/** Actions that run a command with the task's id. */
const ACTION_COMMANDS = {
  save: Commands.save,
  saveAs: Commands.saveAs,
  useTake: Commands.useTake,
  copyPrompt: Commands.copyPrompt,
  copyId: Commands.copyId,
  again: Commands.again,
  compare: Commands.compare,
  export: Commands.exportGif,
  reveal: Commands.reveal,
  check: Commands.check,
  addId: Commands.addId,
  remove: Commands.remove,
  continueFromLastFrame: Commands.continueFromLastFrame,
} as const satisfies Partial<Record<PreviewAction, string>>;

/** The preview of one task: sends models of its state to the webview, and runs the actions that the webview requests. */
export class PreviewPanel extends Disposable {
  readonly #context: PreviewContext;
  readonly #panel: vscode.WebviewPanel;
  readonly #closed = this._register(new Emitter<void>());
  readonly onDidClose = this.#closed.event;
  readonly #switched = this._register(new Emitter<void>());
  /** Fires when the panel shows another task than before. */
  readonly onDidSwitch = this.#switched.event;
  #id: string;
  /** The ids of the tasks that were chosen together, which are shown in turn; empty for one alone. */
  #series: readonly string[] = [];

  /** What the content security policy of the loaded page allows. The page is loaded again if it needs more. */
  #allowedMedia: RemoteMedia | undefined;
  #isReady = false;
  /** The last model that was sent, as JSON. Equal models are not sent again. */
  #sentModel: string | undefined;
  #problem: PlaybackProblem | undefined;
  /** The copy whose frame times the page has. */
  #timedCopy: string | undefined;
  /** What the tables of a copy state; of which copy, by its path and time. */
  #film: { copy: string; facts: VideoFacts | undefined } | undefined;
  /** The last frame is to be captured, but the page has not been asked yet. */
  #isLastFrameRequested = false;
  /** The page has been asked for the thumbnail of the first frame. It is asked only once. */
  #isThumbnailRequested = false;
  /** The copies whose posters were asked about, by their paths and times: once each. */
  readonly #askedPosters = new Set<string>();
  /** The ids of the tasks whose posters the page was asked for. */
  readonly #awaitedPosters = new Set<string>();
  #timer: unknown;

  /** Opens a new panel. */
  static create(context: PreviewContext, id: string, { preserveFocus = false }: ShowOptions): PreviewPanel {
    const title = getPreviewTitle(context.store.get(id), context.takes.takeOf(id), context.clock.now());
    const place = { viewColumn: getPreviewColumn(), preserveFocus };
    const panel = vscode.window.createWebviewPanel(PREVIEW_TYPE, title, place);
    return new PreviewPanel(context, id, panel);
  }

  /** Reads a saved state of the page; `undefined` if the state is invalid. */
  static parseState(state: unknown): SavedState | undefined {
    return parseSavedState(state);
  }

  constructor(context: PreviewContext, id: string, panel: vscode.WebviewPanel) {
    super();
    this.#id = id;
    this.#context = context;
    this.#panel = panel;
    const { store, downloader, polling, extensionUri } = context;
    const videos = vscode.Uri.joinPath(vscode.Uri.file(store.directory), 'videos');
    panel.iconPath = getTabIcon(extensionUri);
    panel.webview.options = getPageOptions(extensionUri, videos);

    this._register(panel.onDidDispose(() => this.dispose()));
    this._register(
      panel.webview.onDidReceiveMessage((message: unknown) => this.#onMessage(parseWebviewMessage(message))),
    );
    this._register(panel.onDidChangeViewState(() => this.#onVisibilityChanged()));
    this._register(store.onDidLoad(() => this.#update()));
    this._register(
      store.onDidChange((changes) => {
        const change = changes.find((candidate) => candidate.id === this.id);
        if (change) {
          this.#onRecordChanged(change.before, change.after);
        } else if (
          changes.some(({ id, before, after }) => id === this.#originId || !before || !after || this.#isOtherTake(id))
        ) {
          // Another task of the same prompt may have come, gone, or got its video.
          this.#update();
        }
      }),
    );
    this._register(downloader.onDidProgress((progress) => progress.id === this.id && this.#update()));
    this._register(polling.onDidChangePauseReason(() => this.#update()));
    this._register({ dispose: () => this.#stopTimer() });
    this.#update();
    if (!store.isLoaded) {
      // The tree view shows a failure and the store logs it. This page keeps showing "Loading…".
      store.load().catch(() => undefined);
    }
  }

  /** Whether this is the tab that the user works in. */
  get isActive(): boolean {
    return this.#panel.active;
  }

  get id(): string {
    return this.#id;
  }

  /** The page, while it listens: it can draw frames of other videos as well. */
  get framePage(): FramePage | undefined {
    return this.#isReady && this.#panel.visible ? getPanelPage(this.#panel) : undefined;
  }

  /** It is being loaded, and will listen in a moment. */
  get isLoading(): boolean {
    return !this.#isReady && this.#panel.visible && !this.isDisposed;
  }

  /** Shows these tasks in turn from now on. */
  setSeries(ids: readonly string[]): void {
    this.#series = ids.slice(0, MAX_SERIES);
    this.#update();
  }

  /** Shows another task in the same panel. */
  switchTo(id: string): void {
    if (id !== this.#id) {
      this.#id = id;
      this.#problem = undefined;
      this.#timedCopy = undefined;
      this.#isLastFrameRequested = false;
      this.#isThumbnailRequested = false;
      this.#switched.fire();
      this.#update();
    }
  }

  /** Without those that were removed since. */
  get #remaining(): readonly string[] {
    const { store } = this.#context;
    return store.isLoaded ? this.#series.filter((id) => id === this.#id || store.get(id)) : this.#series;
  }

  #go(by: 1 | -1): void {
    const ids = this.#remaining;
    const next = ids[ids.indexOf(this.#id) + by];
    if (next !== undefined) {
      this.switchTo(next);
    }
  }

  /** Brings the panel to the front. */
  reveal({ preserveFocus }: ShowOptions): void {
    this.#panel.reveal(getColumnToReveal(this.#panel.viewColumn), preserveFocus);
  }

  /** Captures the last frame as soon as the page plays the local copy. */
  continueFromLastFrame(): void {
    this.#isLastFrameRequested = true;
    this.#update();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#closed.fire();
      super.dispose();
      this.#panel.dispose();
    }
  }

  #onRecordChanged(before: TaskRecord | undefined, after: TaskRecord | undefined): void {
    // There is another file or link, so the problem of the old one no longer applies.
    if (before?.localCopy?.at !== after?.localCopy?.at || before?.result?.url !== after?.result?.url) {
      this.#problem = undefined;
    }
    this.#update();
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
    const { store } = this.#context;
    const record = store.get(this.id);
    const model = record
      ? this.#createModel(record)
      : createModelWithoutRecord(this.id, store.isLoaded ? 'removed' : 'loading', this.#remaining);
    if (this.#panel.title !== model.title) {
      this.#panel.title = model.title;
    }
    const needed = getNeededMedia(model);
    if (this.#allowedMedia === undefined || !allows(this.#allowedMedia, needed)) {
      // Without a local copy, links are allowed from the start, so that the page need not be loaded again when the
      // video is ready.
      this.#allowedMedia = record?.localCopy && needed === 'none' ? 'none' : needed === 'none' ? 'https' : needed;
      this.#isReady = false;
      this.#sentModel = JSON.stringify(model);
      this.#panel.webview.html = createPreviewHtml(this.#panel.webview, this.#context.extensionUri, {
        model,
        strings: getPreviewStrings(),
        remote: this.#allowedMedia,
      });
    } else {
      this.#post(model);
    }
    if (model.state === 'ready' && this.#isReady && this.#panel.visible) {
      // Ticks a step of the walkthrough.
      void vscode.commands.executeCommand('setContext', 'seedance.hasWatched', true);
    }
    this.#readFilm(record);
    this.#sendFrameTimes(record, model);
    this.#requestLastFrame(record, model);
    void this.#requestPoster(record, model);
    if (record && this.#isReady && !this.#isThumbnailRequested && !store.isReadOnly(record.id)) {
      void this.#requestThumbnail(record);
    }
    this.#arm(record);
  }

  /** Reads the tables of the copy once, and shows what they state. */
  #readFilm(record: TaskRecord | undefined): void {
    const path = record && this.#context.store.videoPath(record);
    const copy = `${path} ${record?.localCopy?.at}`;
    if (path !== undefined && this.#film?.copy !== copy) {
      const film: { copy: string; facts: VideoFacts | undefined } = { copy, facts: undefined };
      this.#film = film;
      readVideoFacts(path).then(
        (facts) => {
          film.facts = facts;
          this.#update();
        },
        // The page finds out that the file is not there.
        () => undefined,
      );
    }
  }

  /** Tells the page once when each frame of the copy appears, so that it can step from one to the next. */
  #sendFrameTimes(record: TaskRecord | undefined, { state, video }: PreviewModel): void {
    const path = record && this.#context.store.videoPath(record);
    if (path !== undefined && state === 'ready' && video?.copy && this.#isReady && this.#timedCopy !== path) {
      this.#timedCopy = path;
      // Without them, the page measures the rate.
      const times = readFrameTimes(path).catch(() => undefined);
      void times.then((found) => {
        // Meanwhile the panel may show another video.
        if (this.#timedCopy === path) {
          this.#send({ type: 'frames', times: found });
        }
      });
    }
  }

  #requestLastFrame(record: TaskRecord | undefined, { state, video }: PreviewModel): void {
    const path = record && this.#context.store.videoPath(record);
    if (!this.#isLastFrameRequested || state === 'fetching' || state === 'loading') {
      return;
    }
    if (path === undefined || state !== 'ready' || !video?.copy) {
      this.#isLastFrameRequested = false;
      showNoFrameWarning();
    } else if (this.#isReady) {
      this.#isLastFrameRequested = false;
      // If the file does not tell when its last frame begins, the player finds it.
      const due = readLastFrame(path).catch(() => undefined);
      void due.then((lastFrame) => this.#send({ type: 'takeLastFrame', due: lastFrame }));
    }
  }

  /** Requests a poster of the video that is shown, unless it has one. */
  async #requestPoster(record: TaskRecord | undefined, { state, video }: PreviewModel): Promise<void> {
    const { posters } = this.#context;
    const copy = `${record?.id} ${record?.localCopy?.at}`;
    if (!posters || !record || state !== 'ready' || !video?.copy || !this.#isReady || this.#askedPosters.has(copy)) {
      return;
    }
    this.#askedPosters.add(copy);
    if ((await posters.find(record.id)) === undefined && this.#id === record.id) {
      this.#awaitedPosters.add(record.id);
      this.#send({ type: 'drawPoster', id: record.id });
    }
  }

  /** Requests a thumbnail of the first frame. Only a file of this computer is read: opening a preview opens nothing else. */
  async #requestThumbnail({ request: { firstFrame } }: TaskRecord): Promise<void> {
    if (firstFrame?.hash === undefined || firstFrame.thumbnail !== undefined || !isLocalFile(firstFrame.source)) {
      return;
    }
    this.#isThumbnailRequested = true;
    try {
      const { file } = await readImageFile(vscode.Uri.parse(firstFrame.source));
      const bytes = await file?.read();
      // The file may have been replaced by another image.
      if (bytes && sha256Hex(bytes) === firstFrame.hash) {
        this.#send({ type: 'drawFrame', bytes: new Uint8Array(bytes) });
      }
    } catch {
      // The file was moved or deleted: there is no thumbnail then.
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

  #post(model: PreviewModel): void {
    const text = JSON.stringify(model);
    if (this.#isReady && text !== this.#sentModel) {
      this.#sentModel = text;
      this.#send({ type: 'model', model });
    }
  }

  #createModel(record: TaskRecord): PreviewModel {
    const { store, downloader, polling, estimates, clock } = this.#context;
    const path = store.videoPath(record);
    return createPreviewModel(record, {
      now: clock.now(),
      readOnly: store.isReadOnly(record.id),
      pauseReason: polling.getPauseReason(record),
      progress: downloader.getProgress(record.id),
      estimate: estimates.of(record, clock.now()),
      nextTryAt: record.trouble && this.#context.nextTryAt(record),
      problem: this.#problem,
      film: path === undefined ? undefined : this.#film?.facts,
      series: this.#remaining,
      take: this.#context.takes.takeOf(record.id),
      hasOtherTakes: this.#hasOtherTakes(),
      origin: this.#originId === undefined ? undefined : store.get(this.#originId),
      base: findBaseUrl(),
      copyUrl: path === undefined ? undefined : this.#getFileUrl(path),
      formatSavedUri: formatUri,
    });
  }

  #onMessage(message: WebviewMessage | undefined): void {
    switch (message?.type) {
      case 'ready':
        this.#isReady = true;
        this.#sentModel = undefined;
        this.#timedCopy = undefined;
        // What an unloaded page was asked for will not come.
        this.#askedPosters.clear();
        this.#update();
        break;
      case 'action':
        this.#runAction(message.action).then(undefined, (error: unknown) => {
          void vscode.window.showErrorMessage(getUnknownText(error));
        });
        break;
      case 'videoError':
        void this.#onVideoError(message);
        break;
      case 'picture':
        void this.#context.onDidCaptureImage({ ...message, bytes: new Uint8Array(message.bytes), task: this.id });
        break;
      case 'thumbnail':
        // Optional: the user need not know if it cannot be stored.
        this.#context.keepThumbnail(this.id, message.thumbnail).catch(() => undefined);
        break;
      case 'poster':
        if (this.#awaitedPosters.delete(message.id)) {
          void this.#context.posters?.keep(message.id, new Uint8Array(message.bytes));
        }
        break;
      case 'soundNeeded':
        void this.#sendSound(this.id);
        break;
      case 'pictureFailed':
        showNoFrameWarning();
        break;
      case undefined:
        break;
    }
  }

  async #runAction(action: PreviewAction): Promise<void> {
    if (action === 'previous' || action === 'next') {
      // Also from a task that was removed.
      this.#go(action === 'next' ? 1 : -1);
      return;
    }
    const record = this.#context.store.get(this.id);
    if (!record) {
      return;
    }
    switch (action) {
      case 'openExternal':
        return openExternally(record, this.#context.store.videoPath(record), this.#context.clock.now());
      case 'remedy':
        return this.#runErrorAction(record);
      case 'reload':
        return this.#reload(record);
      case 'openOrigin':
        await vscode.commands.executeCommand(Commands.preview, this.#originId);
        break;
      default:
        await vscode.commands.executeCommand(ACTION_COMMANDS[action], this.id);
    }
  }

  #isOtherTake(id: string): boolean {
    return id !== this.#id && this.#context.takes.takesOf(this.#id).includes(id);
  }

  /** Whether another take of the prompt has a video. */
  #hasOtherTakes(): boolean {
    const { store, takes } = this.#context;
    return takes.takesOf(this.#id).some((id) => id !== this.#id && store.get(id)?.state === 'done');
  }

  get #originId(): string | undefined {
    return this.#context.store.get(this.id)?.request.firstFrame?.from?.task;
  }

  async #runErrorAction(record: TaskRecord): Promise<void> {
    if (record.error === undefined) {
      // Without an error, the only action is to set another key.
      await vscode.commands.executeCommand(Commands.setApiKey);
      return;
    }
    const { action } = describeTaskError(record.error, record);
    if (action) {
      await vscode.commands.executeCommand(action.command, ...(action.arguments ?? []));
    }
  }

  /** Finds out why the page cannot play the video. */
  async #onVideoError({ code, copy }: Extract<WebviewMessage, { type: 'videoError' }>): Promise<void> {
    const record = this.#context.store.get(this.id);
    const path = record && this.#context.store.videoPath(record);
    if (!record || copy !== (path !== undefined)) {
      // The error is about the link, but meanwhile there is a local copy, which the page plays next.
      this.#update();
      return;
    }
    if (path !== undefined) {
      this.#problem = !(await exists(path)) ? 'gone' : code === 5 ? 'only-sound' : 'codec';
    } else if (code === 5) {
      this.#problem = 'only-sound';
    } else {
      // 3 is a decoding error. 4 can be a missing codec, or a link that returns an error page.
      this.#problem = code === 0 || code === 3 ? 'codec' : 'unreachable';
    }
    this.#update();
  }

  async #reload(record: TaskRecord): Promise<void> {
    const { store, downloader } = this.#context;
    const path = store.videoPath(record);
    this.#problem = undefined;
    if (path !== undefined && !(await exists(path))) {
      this.#problem = 'gone';
      // Downloading again is free, so it needs no confirmation. The record shows the outcome.
      await downloader.ensureCopy(this.id).catch(() => undefined);
    }
    // Send the model even if it is unchanged, so that the page tries again.
    this.#sentModel = undefined;
    this.#update();
  }

  /** Arms one timer for the next change of a text. None while the panel is hidden or nothing changes. */
  #arm(record: TaskRecord | undefined): void {
    this.#stopTimer();
    const { clock, estimates } = this.#context;
    const now = clock.now();
    const facts = record && {
      isEstimated: estimates.of(record, now) !== undefined,
      isRetried: record.trouble !== undefined && this.#context.nextTryAt(record) !== undefined,
      hasAge: this.#context.takes.takeOf(record.id) !== undefined,
    };
    const ms = record && this.#panel.visible ? getNextModelChange(record, now, facts) : undefined;
    if (ms !== undefined) {
      this.#timer = clock.setTimeout(() => this.#update(), ms);
    }
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) {
      this.#context.clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }
}

function showNoFrameWarning(): void {
  void vscode.window.showWarningMessage(
    vscode.l10n.t(
      'The frame could not be taken, because the video is not shown here. Nothing was sent. Save the video and take the frame in another program.',
    ),
  );
}

function getNeededMedia({ video }: PreviewModel): RemoteMedia {
  if (!video || video.copy) {
    return 'none';
  }
  const url = new URL(video.url);
  return url.protocol === 'http:' && isPlayableLoopback(url) ? 'https-and-loopback' : 'https';
}

const WIDTH: Record<RemoteMedia, number> = { none: 0, https: 1, 'https-and-loopback': 2 };
const allows = (allowed: RemoteMedia, needed: RemoteMedia) => WIDTH[needed] <= WIDTH[allowed];

/** A disk that fails for a moment has not lost the file. */
async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return !isNotFound(error);
  }
}

/** Where videos may be loaded from, besides the extension's own files. */
export type RemoteMedia = 'none' | 'https' | 'https-and-loopback';

/** Creates the page with its first model. */
export function createPreviewHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  { model, strings, remote }: { model: PreviewModel; strings: PreviewStrings; remote: RemoteMedia },
): string {
  const { cspSource } = webview;
  const media = {
    none: cspSource,
    https: `${cspSource} https:`,
    'https-and-loopback': `${cspSource} https: http://127.0.0.1:* http://localhost:*`,
  }[remote];
  return createWebviewHtml(webview, extensionUri, {
    title: model.title,
    styles: ['player.css', 'preview.css'],
    script: 'preview.js',
    // Thumbnails are `data:` URLs in the model; images that the user brings are decoded from `blob:` URLs of the page.
    allows: [`img-src ${cspSource} data: blob:`, `media-src ${media}`],
    // Includes the first model, so that the page requests the video without waiting for a message.
    data: { strings, model },
  });
}

/** Never throws: the URI comes from the disk. */
function formatUri(uri: string): string {
  try {
    return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
  } catch {
    return uri;
  }
}
