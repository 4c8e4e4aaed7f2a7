import path from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../../common/events';
import { formatBytes } from '../../messages/format';
import { createWebviewHtml, getPageOptions, getTabIcon, getWebviewRoots } from '../webviewHtml';
import type { ExportContext, ExportTarget, ExportTask } from './exportManager';
import {
  MAX_EXPORT_BYTES,
  MAX_EXPORT_FRAMES,
  MAX_FRAME_TIMES,
  parseWebviewMessage,
  type ExportKind,
  type ExportModel,
  type ExportRequest,
  type ExportStrings,
  type HostMessage,
  type WebviewMessage,
} from './protocol';

/** What the page has announced and is sending. */
interface Job {
  request: ExportRequest;
  target: ExportTarget;
  /** Index of the frame that comes next. */
  next: number;
}

/** The page that exports one video: it decodes and encodes, and the host writes what it sends. */
export class ExportPanel extends Disposable {
  readonly #task: ExportTask;
  readonly #panel: vscode.WebviewPanel;
  #job: Job | undefined;
  /** One message after the other: a frame is written before the next, and before a `cancel` removes it. */
  #last: Promise<void> = Promise.resolve();

  constructor({ extensionUri }: ExportContext, task: ExportTask, kind: ExportKind, onClose: () => void) {
    super();
    this.#task = task;
    const title = vscode.l10n.t('Export: {0}', task.title);
    this.#panel = vscode.window.createWebviewPanel('seedance.export', title, vscode.ViewColumn.Active, {
      ...getPageOptions(extensionUri, vscode.Uri.file(path.dirname(task.path))),
      // An export goes on while another tab is visible.
      retainContextWhenHidden: true,
    });
    const { webview } = this.#panel;
    this.#panel.iconPath = getTabIcon(extensionUri);
    this._register(this.#panel.onDidDispose(() => this.dispose()));
    this._register({ dispose: onClose });
    this._register(
      webview.onDidReceiveMessage((message: unknown) =>
        this.#enqueue(() => this.#onMessage(parseWebviewMessage(message))),
      ),
    );
    const { scripts } = getWebviewRoots(extensionUri);
    const model: ExportModel = {
      title: task.title,
      kind,
      url: webview.asWebviewUri(vscode.Uri.file(task.path)).toString(),
      ...(task.times && task.times.length <= MAX_FRAME_TIMES ? { times: [...task.times] } : {}),
    };
    webview.html = createWebviewHtml(webview, extensionUri, {
      title,
      styles: ['form.css', 'export.css'],
      script: 'export.js',
      allows: [
        `media-src ${webview.cspSource}`,
        // A worker has to be of the page's own origin, which the extension's files are not: the page fetches its script.
        `connect-src ${webview.cspSource}`,
        'worker-src blob:',
      ],
      data: {
        strings: getExportStrings(),
        model,
        worker: webview.asWebviewUri(vscode.Uri.joinPath(scripts, 'exportWorker.js')).toString(),
      },
    });
  }

  reveal(kind: ExportKind): void {
    this.#panel.reveal();
    this.#post({ type: 'kind', kind });
  }

  override dispose(): void {
    if (!this.isDisposed) {
      super.dispose();
      this.#panel.dispose();
      this.#enqueue(async () => void (await this.#discard()));
    }
  }

  #enqueue(run: () => Promise<void>): void {
    this.#last = this.#last.then(run).catch((error: unknown) => this.#fail(error));
  }

  async #onMessage(message: WebviewMessage | undefined): Promise<void> {
    switch (message?.type) {
      case 'begin':
        await this.#begin(message.request);
        break;
      case 'file':
        if (this.#job && this.#job.request.kind !== 'frames') {
          this.#end(await this.#job.target.writeFile(message.bytes));
        }
        break;
      case 'frame':
        await this.#takeFrame(message.index, message.bytes);
        break;
      case 'cancel': {
        const remains = await this.#discard();
        const what = {
          user: vscode.l10n.t('Cancelled.'),
          failed: vscode.l10n.t('The video could not be read to the end, so nothing was exported.'),
          'too-large': getTooLargeText(),
        }[message.why];
        this.#post({
          type: 'ended',
          text: [what, remains || vscode.l10n.t('Nothing was left behind.')].join(' '),
          isProblem: message.why !== 'user',
        });
        break;
      }
      case undefined:
        break;
    }
  }

  async #begin(request: ExportRequest): Promise<void> {
    if (this.#job || this.isDisposed) {
      return;
    }
    const target = await this.#task.output.open(request);
    if (target) {
      this.#job = { request, target, next: 0 };
      this.#post({ type: 'go' });
    } else {
      this.#post({ type: 'ended', text: vscode.l10n.t('Cancelled.'), isProblem: false });
    }
  }

  async #takeFrame(index: number, bytes: Uint8Array): Promise<void> {
    const job = this.#job;
    if (!job || job.request.kind !== 'frames' || index !== job.next) {
      return;
    }
    await job.target.writeFrame(index, bytes);
    job.next += 1;
    if (job.next === job.request.durations.length) {
      this.#end(await job.target.finish());
    } else {
      this.#post({ type: 'written', index });
    }
  }

  #end(text: string): void {
    this.#job = undefined;
    this.#post({ type: 'ended', text, isProblem: false });
  }

  async #discard(): Promise<string> {
    const job = this.#job;
    this.#job = undefined;
    return job ? job.target.discard() : '';
  }

  async #fail(error: unknown): Promise<void> {
    this.#task.output.showError(error);
    const remains = await this.#discard().catch(() => '');
    const text = vscode.l10n.t('The export has failed.');
    this.#post({ type: 'ended', text: [text, remains].filter(Boolean).join(' '), isProblem: true });
  }

  #post(message: HostMessage): void {
    if (!this.isDisposed) {
      void this.#panel.webview.postMessage(message);
    }
  }
}

function getTooLargeText(): string {
  return vscode.l10n.t(
    'It became larger than {0}, which is the most. Choose a shorter part, a smaller width or fewer frames.',
    formatBytes(MAX_EXPORT_BYTES),
  );
}

function getExportStrings(): ExportStrings {
  return {
    title: vscode.l10n.t('Export'),
    loading: vscode.l10n.t('Loading…'),
    unplayable: vscode.l10n.t(
      'This VS Code cannot show the video, so it cannot be exported here. The file itself may be fine: save it and convert it in another program.',
    ),
    play: vscode.l10n.t('Play'),
    pause: vscode.l10n.t('Pause'),
    range: vscode.l10n.t('Part of the video'),
    start: vscode.l10n.t('First frame of the part'),
    end: vscode.l10n.t('Last frame of the part'),
    frameOf: vscode.l10n.t('{0} s, frame {1}', '{0}', '{1}'),
    selected: vscode.l10n.t('{0} – {1} s: {2} s', '{0}', '{1}', '{2}'),
    kind: vscode.l10n.t('Export as'),
    gif: 'GIF',
    webp: vscode.l10n.t('WebP (animated)'),
    frames: vscode.l10n.t('Frames'),
    sheet: vscode.l10n.t('Sprite sheet'),
    gifHint: vscode.l10n.t('Plays everywhere, also in a README. No sound.'),
    webpHint: vscode.l10n.t('Smaller and in all colours; browsers and GitHub show it. No sound.'),
    framesHint: vscode.l10n.t('Each frame as a PNG in a folder of its own.'),
    sheetHint: vscode.l10n.t(
      'All frames in one PNG, and where each lies in a JSON, as Phaser, PixiJS and others read it.',
    ),
    width: vscode.l10n.t('Width, pixels'),
    framesPerSecond: vscode.l10n.t('Frames a second'),
    every: vscode.l10n.t('Every n-th frame'),
    loop: vscode.l10n.t('Repeat for ever'),
    outcome: vscode.l10n.t('Result'),
    outcomeSize: vscode.l10n.t('{0} × {1} pixels', '{0}', '{1}'),
    outcomeFrames: vscode.l10n.t('Frames: {0}', '{0}'),
    estimating: vscode.l10n.t('Trying out how large…'),
    estimate: vscode.l10n.t('about {0}', '{0}'),
    noEstimate: vscode.l10n.t('size unknown'),
    tooManyFrames: vscode.l10n.t(
      'At most {0} frames can be exported at once. Choose a shorter part or fewer frames.',
      MAX_EXPORT_FRAMES,
    ),
    sheetTooLarge: vscode.l10n.t('The sheet would be too large for games. Choose a smaller width or fewer frames.'),
    export: vscode.l10n.t('Export'),
    cancel: vscode.l10n.t('Cancel'),
    progress: vscode.l10n.t('Exporting: {0} of {1} frames', '{0}', '{1}'),
    asking: vscode.l10n.t('Where to? VS Code asks.'),
    failed: vscode.l10n.t('The video could not be read to the end, so nothing was exported.'),
    tooLarge: getTooLargeText(),
  };
}
