import { isPlayableLoopback } from '../../common/url';
import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { Commands } from '../../constants';
import { parseUrl } from '../../common/url';
import { sha256Hex } from '../../common/sha256';
import { describeTaskError } from '../../messages/taskErrors';
import { Disposable, Emitter } from '../../common/events';
import { readImageFile } from '../../platform/imageFile';
import { readLastFrame } from '../../tasks/download/mp4LastFrame';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import { openExternally } from '../../ui/openFile';
import { type PreviewContext } from './previewManager';
import { PREVIEW_TYPE } from '../../constants';
import {
  parseWebviewMessage,
  parseSavedState,
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
import { createWebviewHtml, getWebviewRoots } from '../webviewHtml';

/** Actions that are a command with the task's id. */
const COMMAND_OF = {
  save: Commands.save,
  saveAs: Commands.saveAs,
  copyPrompt: Commands.copyPrompt,
  copyId: Commands.copyId,
  again: Commands.again,
  reveal: Commands.reveal,
  check: Commands.check,
  addId: Commands.addId,
  remove: Commands.remove,
  continueFromLastFrame: Commands.continueFromLastFrame,
} as const satisfies Partial<Record<PreviewAction, string>>;

/** The panel of one task: makes models of what the store says, and commands of what the page asks. */
export class PreviewPanel extends Disposable {
  readonly #context: PreviewContext;
  readonly #panel: vscode.WebviewPanel;
  readonly #closed = this._register(new Emitter<void>());
  readonly onDidClose = this.#closed.event;

  /** What the page's policy allows; a page that needs more is loaded anew. */
  #allowed: RemoteMedia | undefined;
  #isReady = false;
  /** The last model that the page got, to send only news. */
  #sent: string | undefined;
  #problem: PlaybackProblem | undefined;
  /** Somebody waits for the last frame, and the page has not been asked yet. */
  #lastFrameDue = false;
  /** The first frame was handed to a page to be drawn small: once is enough. */
  #frameSent = false;
  #timer: unknown;

  static create(context: PreviewContext, id: string): PreviewPanel {
    const column = vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel(PREVIEW_TYPE, getPreviewTitle(context.store.get(id)), column);
    return new PreviewPanel(context, id, panel);
  }

  /** The task of a page that VS Code has kept over a reload; `undefined` when it is none of ours. */
  static idIn(state: unknown): string | undefined {
    return parseSavedState(state);
  }

  constructor(
    context: PreviewContext,
    readonly id: string,
    panel: vscode.WebviewPanel,
  ) {
    super();
    this.#context = context;
    this.#panel = panel;
    const { store, downloader, polling, extensionUri } = context;
    const { media, scripts } = getWebviewRoots(extensionUri);
    const videos = vscode.Uri.joinPath(vscode.Uri.file(store.directory), 'videos');
    panel.iconPath = {
      light: vscode.Uri.joinPath(media, 'preview-light.svg'),
      dark: vscode.Uri.joinPath(media, 'preview-dark.svg'),
    };
    panel.webview.options = {
      enableScripts: true,
      enableForms: false,
      localResourceRoots: [media, scripts, videos],
    };

    this._register(panel.onDidDispose(() => this.dispose()));
    this._register(
      panel.webview.onDidReceiveMessage((message: unknown) => this.#onMessage(parseWebviewMessage(message))),
    );
    this._register(panel.onDidChangeViewState(() => this.#visibilityChanged()));
    this._register(store.onDidLoad(() => this.#update()));
    this._register(
      store.onDidChange((changes) => {
        const change = changes.find((candidate) => candidate.id === this.id);
        if (change) {
          this.#recordChanged(change.before, change.after);
        } else if (changes.some(({ id }) => id === this.#originId)) {
          this.#update();
        }
      }),
    );
    this._register(downloader.onDidProgress((progress) => progress.id === this.id && this.#update()));
    this._register(polling.onDidChangePauseReason(() => this.#update()));
    this._register({ dispose: () => this.#stopTimer() });
    this.#update();
    if (!store.isLoaded) {
      // A failure is shown by the tree, and logged by the store; this page says "Loading…" until then.
      store.load().catch(() => undefined);
    }
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** Asks the page for the last frame as soon as it plays the copy. */
  continueFromLastFrame(): void {
    this.#lastFrameDue = true;
    this.#update();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#closed.fire();
      super.dispose();
      this.#panel.dispose();
    }
  }

  #recordChanged(before: TaskRecord | undefined, after: TaskRecord | undefined): void {
    // Another file or another link: what was wrong with the old one says nothing about it.
    if (before?.localCopy?.at !== after?.localCopy?.at || before?.result?.url !== after?.result?.url) {
      this.#problem = undefined;
    }
    this.#update();
  }

  #visibilityChanged(): void {
    if (this.#panel.visible) {
      this.#update();
    } else {
      // A hidden page does not exist; it is loaded anew, and says "ready", when it is shown.
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
      ? this.#modelOf(record)
      : createModelWithoutRecord(this.id, store.isLoaded ? 'removed' : 'loading');
    if (this.#panel.title !== model.title) {
      this.#panel.title = model.title;
    }
    const needed = neededMedia(model);
    if (this.#allowed === undefined || !allows(this.#allowed, needed)) {
      // Before there is a copy, the link may come at any time: allowed from the start, so that the
      // page need not be loaded anew in the moment in which the video is ready.
      this.#allowed = record?.localCopy && needed === 'none' ? 'none' : needed === 'none' ? 'https' : needed;
      this.#isReady = false;
      this.#sent = JSON.stringify(model);
      this.#panel.webview.html = createPreviewHtml(this.#panel.webview, this.#context.extensionUri, {
        model,
        strings: getPreviewStrings(),
        remote: this.#allowed,
      });
    } else {
      this.#post(model);
    }
    this.#askForLastFrame(record, model);
    if (record && this.#isReady && !this.#frameSent && !store.isReadOnly(record.id)) {
      void this.#askForThumbnail(record);
    }
    this.#arm(record);
  }

  #askForLastFrame(record: TaskRecord | undefined, { state, video }: PreviewModel): void {
    const path = record && this.#context.store.videoPath(record);
    if (!this.#lastFrameDue || state === 'fetching' || state === 'loading') {
      return;
    }
    if (path === undefined || state !== 'ready' || !video?.copy) {
      this.#lastFrameDue = false;
      tellNoFrame();
    } else if (this.#isReady) {
      this.#lastFrameDue = false;
      // Damaged tables, or none: the player alone decides then.
      const due = readLastFrame(path).catch(() => undefined);
      void due.then((lastFrame) => this.#send({ type: 'takeLastFrame', due: lastFrame }));
    }
  }

  /** Only of a file: a link would be opened by the mere look at a task. */
  async #askForThumbnail({ request: { firstFrame } }: TaskRecord): Promise<void> {
    if (
      firstFrame?.hash === undefined ||
      firstFrame.thumbnail !== undefined ||
      parseUrl(firstFrame.source)?.protocol.startsWith('http') !== false
    ) {
      return;
    }
    this.#frameSent = true;
    try {
      const { file } = await readImageFile(vscode.Uri.parse(firstFrame.source));
      const bytes = await file?.read();
      // Another image may lie there by now.
      if (bytes && sha256Hex(bytes) === firstFrame.hash) {
        this.#send({ type: 'drawFrame', bytes: new Uint8Array(bytes) });
      }
    } catch {
      // It was moved or deleted since: then there is no picture of it.
    }
  }

  #send(message: HostMessage): void {
    if (!this.isDisposed) {
      void this.#panel.webview.postMessage(message);
    }
  }

  #post(model: PreviewModel): void {
    const text = JSON.stringify(model);
    if (this.#isReady && text !== this.#sent) {
      this.#sent = text;
      this.#send({ type: 'model', model });
    }
  }

  #modelOf(record: TaskRecord): PreviewModel {
    const { store, downloader, polling, estimates, clock } = this.#context;
    const path = store.videoPath(record);
    return createPreviewModel(record, {
      now: clock.now(),
      readOnly: store.isReadOnly(record.id),
      hold: polling.getPauseReason(record),
      progress: downloader.progressOf(record.id),
      estimate: estimates.of(record, clock.now()),
      problem: this.#problem,
      origin: this.#originId === undefined ? undefined : store.get(this.#originId),
      copyUrl: path === undefined ? undefined : this.#panel.webview.asWebviewUri(vscode.Uri.file(path)).toString(),
      nameOfPlace: (uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)),
    });
  }

  #onMessage(message: WebviewMessage | undefined): void {
    switch (message?.type) {
      case 'ready':
        this.#isReady = true;
        this.#sent = undefined;
        this.#update();
        break;
      case 'action':
        this.#act(message.action).then(undefined, (error: unknown) => {
          void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
        });
        break;
      case 'videoError':
        void this.#videoFailed(message);
        break;
      case 'picture':
        void this.#context.onDidCaptureImage({ ...message, bytes: new Uint8Array(message.bytes), task: this.id });
        break;
      case 'thumbnail':
        // For the eye only: nothing is said where it cannot be kept.
        this.#context.keepThumbnail(this.id, message.thumbnail).catch(() => undefined);
        break;
      case 'pictureFailed':
        tellNoFrame();
        break;
      case undefined:
        break;
    }
  }

  async #act(action: PreviewAction): Promise<void> {
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
        await vscode.commands.executeCommand(COMMAND_OF[action], this.id);
    }
  }

  get #originId(): string | undefined {
    return this.#context.store.get(this.id)?.request.firstFrame?.from?.task;
  }

  async #runErrorAction(record: TaskRecord): Promise<void> {
    if (record.error === undefined) {
      // The only remedy without an error is the one for a refused key.
      await vscode.commands.executeCommand(Commands.setApiKey);
      return;
    }
    const { action: remedy } = describeTaskError(record.error, record);
    if (remedy) {
      await vscode.commands.executeCommand(remedy.command, ...(remedy.arguments ?? []));
    }
  }

  /** The page cannot play what it was given. Finds out which of the possible reasons it is. */
  async #videoFailed({ code, copy }: Extract<WebviewMessage, { type: 'videoError' }>): Promise<void> {
    const record = this.#context.store.get(this.id);
    const path = record && this.#context.store.videoPath(record);
    if (!record || copy !== (path !== undefined)) {
      // It speaks of the link while we have a copy by now; the page gets or has got the copy.
      this.#update();
      return;
    }
    if (path !== undefined) {
      this.#problem = (await exists(path)) ? 'codec' : 'gone';
    } else {
      // 3 is a decoding error; 4 is a codec as well as a link that answers with an error page.
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
      // Free, and nothing that a user would have to be asked. What became of it is in the record.
      await downloader.ensureCopy(this.id).catch(() => undefined);
    }
    // Also for the same model as before: the page has to try again.
    this.#sent = undefined;
    this.#update();
  }

  /** One timer, for the moment at which a text changes; none while nobody looks or nothing changes. */
  #arm(record: TaskRecord | undefined): void {
    this.#stopTimer();
    const { clock, estimates } = this.#context;
    const now = clock.now();
    const isEstimated = record !== undefined && estimates.of(record, now) !== undefined;
    const ms = record && this.#panel.visible ? getNextModelChange(record, now, isEstimated) : undefined;
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

function tellNoFrame(): void {
  void vscode.window.showWarningMessage(
    vscode.l10n.t(
      'The frame could not be taken, because the video is not shown here. Nothing was sent. Save the video and take the frame in another program.',
    ),
  );
}

function neededMedia({ video }: PreviewModel): RemoteMedia {
  if (!video || video.copy) {
    return 'none';
  }
  const url = new URL(video.url);
  return url.protocol === 'http:' && isPlayableLoopback(url) ? 'https-and-loopback' : 'https';
}

const WIDTH: Record<RemoteMedia, number> = { none: 0, https: 1, 'https-and-loopback': 2 };
const allows = (allowed: RemoteMedia, needed: RemoteMedia) => WIDTH[needed] <= WIDTH[allowed];

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** What `media-src` allows besides the extension's own files. */
export type RemoteMedia = 'none' | 'https' | 'https-and-loopback';

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
    style: 'preview.css',
    script: 'preview.js',
    // Thumbnails come with the model.
    allows: [`img-src ${cspSource} data:`, `media-src ${media}`],
    // The first model comes with the page, so that the video is asked for without a message to and fro.
    data: { strings, model },
  });
}
