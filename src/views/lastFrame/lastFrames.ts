import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Clock } from '../../common/clock';
import { Disposable } from '../../common/events';
import { Turns } from '../../common/turns';
import { isPng, readPng } from '../../images/readers/png';
import { getFrameLabel, getTaskLabel } from '../../messages/format';
import type { ImageArgument } from '../../platform/imageFile';
import type { Downloader } from '../../tasks/download/downloader';
import { readLastFrame } from '../../tasks/download/mp4LastFrame';
import { FrameError, StoreError } from '../../tasks/model/errors';
import type { TaskStore } from '../../tasks/storage/taskStore';
import type { FramePage } from './framePage';
import { LastFramePanel } from './lastFramePanel';
import { parseFrameReply, type FrameReply, type FrameRequest } from './protocol';

/** A page is there within a second; on a machine that is busy, or far away, later. */
const OPENED_WITHIN_MS = 30_000;
/** Longer than the page itself tries (`src/webviews/shared/lastFrame.ts`), which then says that it has failed. */
const DRAWN_WITHIN_MS = 60_000;
/** Of the name of the task in the label of the frame. */
const NAME_CHARS = 40;

export interface LastFramesOptions {
  extensionUri: vscode.Uri;
  store: Pick<TaskStore, 'get' | 'videosDirectory'>;
  downloader: Pick<Downloader, 'ensureCopy'>;
  /** Finds a page of ours that the user has open, and that can draw. */
  findPage: () => FramePage | undefined;
  clock: Clock;
}

/** What became of one request to a page. */
type Outcome = Exclude<FrameReply, { type: 'ready' }> | 'ended' | 'timeout';

/**
 * Takes the last frames of videos for what goes on without the user, such as the run of a storyboard. The extension host
 * has no decoder for H.264, only a page has one, and VS Code loads no page that is hidden. So this disturbs as little as
 * it can: a page of ours that is visible already draws the frame beside what it is there for, and nothing changes for the
 * user. Where there is none, a small page opens beside the editor without taking the focus, for as long as it takes. It is
 * no preview: one that opens and closes by itself would be taken for the user's own.
 */
export class LastFrames extends Disposable {
  readonly #options: LastFramesOptions;
  /** Decoders are few, and a frame in 4K takes a while: one after the other. */
  readonly #turns = new Turns();
  /** By the id of the task: what is asked for twice at a time is taken once. */
  readonly #underway = new Map<string, Promise<ImageArgument>>();
  #panel: LastFramePanel | undefined;
  #requests = 0;

  constructor(options: LastFramesOptions) {
    super();
    this.#options = options;
    this._register({ dispose: () => this.#panel?.dispose() });
  }

  /**
   * Takes the last frame of a task's video as a PNG in full size, exactly the one that the file ends with. Fetches the
   * local copy if there is none, which is free.
   *
   * @throws {FrameError | StoreError}
   */
  takeLastFrame(id: string): Promise<ImageArgument> {
    const underway = this.#underway.get(id);
    if (underway) {
      return underway;
    }
    const taking = this.#take(id).finally(() => {
      this.#underway.delete(id);
      if (this.#underway.size === 0) {
        this.#panel?.dispose();
      }
    });
    this.#underway.set(id, taking);
    return taking;
  }

  async #take(id: string): Promise<ImageArgument> {
    const { downloader, store } = this.#options;
    const path = await downloader.ensureCopy(id).catch((error: unknown) => {
      throw error instanceof StoreError ? error : new FrameError('no-copy', { cause: error });
    });
    const { bytes, seconds, thumbnail } = await this.#turns.next(() => this.#draw(path));
    const record = store.get(id);
    const frame = { seconds, isLast: true };
    return {
      picture: new Uint8Array(bytes),
      label: getFrameLabel(record ? getTaskLabel(record, NAME_CHARS) : id, frame),
      from: { task: id, ...frame },
      thumbnail,
    };
  }

  async #draw(path: string): Promise<Extract<FrameReply, { type: 'lastFrame' }>> {
    // If the file does not tell when its last frame begins, the player finds it.
    const due = await readLastFrame(path).catch(() => undefined);
    const visible = this.#options.findPage();
    let outcome: Outcome = visible ? await this.#ask(visible, path, due) : 'ended';
    if (outcome === 'ended') {
      // The user has closed or hidden it meanwhile.
      outcome = await this.#ask(await this.#openPanel(), path, due);
    }
    if (outcome === 'ended') {
      throw new FrameError('no-page');
    }
    if (outcome === 'timeout') {
      throw new FrameError('timeout');
    }
    if (outcome.type === 'lastFrame' && isPicture(outcome.bytes)) {
      return outcome;
    }
    throw new FrameError((await exists(path)) ? 'cannot-play' : 'no-copy');
  }

  /** @throws {FrameError} when the page does not load, or the user closes it */
  async #openPanel(): Promise<LastFramePanel> {
    const { extensionUri, store, clock } = this.#options;
    if (this.isDisposed) {
      throw new FrameError('no-page');
    }
    if (!this.#panel) {
      const panel = new LastFramePanel({ extensionUri, videosDirectory: store.videosDirectory });
      this.#panel = panel;
      panel.onDidEnd(() => {
        if (this.#panel === panel) {
          this.#panel = undefined;
        }
      });
    }
    const panel = this.#panel;
    const isReady = await new Promise<boolean>((resolve) => {
      const end = (ready: boolean) => {
        clock.clearTimeout(timer);
        listener.dispose();
        resolve(ready);
      };
      const timer = clock.setTimeout(() => end(false), OPENED_WITHIN_MS);
      const listener = panel.onDidEnd(() => end(false));
      void panel.whenReady.then(() => end(true));
    });
    if (!isReady) {
      panel.dispose();
      throw new FrameError('no-page');
    }
    return panel;
  }

  /** Asks a page for the frame. Ends with the first reply, with the page, or when the time is over. */
  #ask({ webview, onDidEnd }: FramePage, path: string, due: FrameRequest['due']): Promise<Outcome> {
    const { clock } = this.#options;
    const request = ++this.#requests;
    return new Promise<Outcome>((resolve) => {
      const end = (outcome: Outcome) => {
        clock.clearTimeout(timer);
        listeners.forEach((listener) => void listener.dispose());
        resolve(outcome);
      };
      const timer = clock.setTimeout(() => end('timeout'), DRAWN_WITHIN_MS);
      const listeners = [
        onDidEnd(() => end('ended')),
        webview.onDidReceiveMessage((message: unknown) => {
          const reply = parseFrameReply(message);
          if (reply?.type === 'ready') {
            end('ended');
          } else if (reply?.request === request) {
            end(reply);
          }
        }),
      ];
      const url = webview.asWebviewUri(vscode.Uri.file(path)).toString();
      const message: FrameRequest = { type: 'drawLastFrame', request, url, due };
      webview.postMessage(message).then(
        (isDelivered) => isDelivered || end('ended'),
        () => end('ended'),
      );
    });
  }
}

/** Whether a page has sent what it should. Whether the service takes a picture of that size is asked when it is delivered. */
function isPicture(bytes: ArrayBuffer): boolean {
  try {
    const file = Buffer.from(bytes);
    return isPng(file) && readPng(file) !== undefined;
  } catch {
    return false; // too short
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
