import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { sleep, type Clock } from '../../common/clock';
import { Disposable } from '../../common/events';
import { Turns } from '../../common/turns';
import { isPng, readPng } from '../../images/readers/png';
import { getTaskLabel } from '../../messages/format';
import { getFrameLabel } from '../../messages/frameLabel';
import type { ImageArgument } from '../../platform/imageFile';
import type { Downloader } from '../../tasks/download/downloader';
import { readLastFrame } from '../../tasks/download/mp4LastFrame';
import { StoreError } from '../../tasks/model/errors';
import { FrameError } from '../../tasks/model/frameError';
import type { TaskStore } from '../../tasks/storage/taskStore';
import type { FramePage } from './framePage';
import { FrameView, openFramePanel, type OwnFramePage, type OwnFramePageOptions } from './ownFramePage';
import { parseFrameReply, type FrameReply, type FrameRequest } from './protocol';

/** A page is there within a second; on a machine that is busy, or far away, later. */
const OPENED_WITHIN_MS = 30_000;
/** The side bar shows a view at once, or not at all. */
const VIEW_WITHIN_MS = 3_000;
/** A page that is loading has this long, and is looked at so often. */
const LOADED_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 50;
/** Longer than the page itself tries (`src/webviews/shared/lastFrame.ts`), which then says that it has failed. */
const DRAWN_WITHIN_MS = 60_000;
/** Who takes several frames in turn asks for the next one at once: one page is enough for all of them. */
const CLOSED_AFTER_MS = 300;
/** Of the name of the task in the label of the frame. */
const NAME_CHARS = 40;

export interface LastFramesOptions {
  extensionUri: vscode.Uri;
  store: Pick<TaskStore, 'get' | 'videosDirectory'>;
  downloader: Pick<Downloader, 'ensureCopy'>;
  /** Finds a page of ours that the user has open, and that can draw. */
  findPage: () => FramePage | undefined;
  /** Whether such a page is being loaded. */
  isPageLoading: () => boolean;
  /** Whether the side bar shows the list of tasks. */
  isListVisible: () => boolean;
  clock: Clock;
}

/** What became of one request to a page. */
type Outcome = Exclude<FrameReply, { type: 'ready' | 'heldUp' }> | 'ended' | 'timeout';

/**
 * Takes the last frames of videos for what goes on without the user, such as the run of a storyboard. The extension host
 * has no decoder for H.264, only a page has one, and VS Code loads no page that is hidden. So this disturbs as little as
 * it can:
 *
 * 1. A page of ours that is visible already draws the frame beside what it is there for, and the user sees nothing of it.
 * 2. Where the side bar shows our list, it gets a section for as long as it takes, and the editors stay as they are.
 * 3. Else a small page opens beside the editor, without the focus. A view of the side bar would put itself in the place
 *    of what the user has there, such as the explorer, and VS Code does not say what that was, so nothing could bring it
 *    back; a panel gives the column back when it closes. It is no preview: one that comes and goes by itself would be
 *    taken for the user's own.
 */
export class LastFrames extends Disposable {
  readonly #options: LastFramesOptions;
  /** Decoders are few, and a frame in 4K takes a while: one after the other. */
  readonly #turns = new Turns();
  /** By the id of the task: what is asked for twice at a time is taken once. */
  readonly #underway = new Map<string, Promise<ImageArgument>>();
  #view: FrameView | undefined;
  /** The page that was opened for it. */
  #own: OwnFramePage | undefined;
  /** How many frames are to be drawn. */
  #waiting = 0;
  #closing: unknown;
  #requests = 0;

  constructor(options: LastFramesOptions) {
    super();
    this.#options = options;
    this._register({
      dispose: () => {
        options.clock.clearTimeout(this.#closing);
        this.#own?.dispose();
      },
    });
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
    const taking = this.#take(id).finally(() => this.#underway.delete(id));
    this.#underway.set(id, taking);
    return taking;
  }

  async #take(id: string): Promise<ImageArgument> {
    const { downloader, store } = this.#options;
    const path = await downloader.ensureCopy(id).catch((error: unknown) => {
      throw error instanceof StoreError ? error : new FrameError('no-copy', { cause: error });
    });
    this.#waiting++;
    const { bytes, seconds, thumbnail } = await this.#turns
      .next(() => this.#draw(path))
      .finally(() => {
        this.#waiting--;
        this.#closeSoon();
      });
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
    let outcome: Outcome = 'ended';
    // What the user closes or hides meanwhile is followed by the next place.
    const places = [() => this.#findPage(), () => this.#findOwn(), () => this.#openView(), () => this.#openPanel()];
    for (const find of places) {
      const page = await find();
      outcome = page ? await this.#ask(page, path, due) : 'ended';
      if (outcome !== 'ended') {
        break;
      }
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

  /** A page of ours that is visible. A preview is loaded anew as its video comes, which is when its last frame is wanted. */
  async #findPage(): Promise<FramePage | undefined> {
    const { findPage, isPageLoading, clock } = this.#options;
    for (const endsAt = clock.monotonic() + LOADED_WITHIN_MS; ;) {
      const page = findPage();
      if (page || !isPageLoading() || clock.monotonic() >= endsAt) {
        return page;
      }
      await sleep(clock, LOOK_AGAIN_MS);
    }
  }

  #closeSoon(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#closing);
    if (!this.#findOwn()) {
      return;
    }
    this.#closing = clock.setTimeout(() => {
      if (this.#waiting === 0) {
        this.#own?.dispose();
      }
    }, CLOSED_AFTER_MS);
  }

  /** The page that was opened for the frame before. */
  #findOwn(): FramePage | undefined {
    return this.#own?.isDisposed === false ? this.#own : undefined;
  }

  /** Opens the page in the side bar, if that shows our list. `undefined` where it does not open. */
  async #openView(): Promise<FramePage | undefined> {
    if (this.isDisposed || !this.#options.isListVisible()) {
      return undefined;
    }
    const { clock } = this.#options;
    const view = (this.#view ??= this._register(new FrameView(this.#pageOptions)));
    const opened = new Promise<OwnFramePage | undefined>((resolve) => {
      const end = (page?: OwnFramePage) => {
        clock.clearTimeout(timer);
        listener.dispose();
        resolve(page);
      };
      const listener = view.onDidOpen(end);
      // The user may have hidden the view for good.
      const timer = clock.setTimeout(() => end(), VIEW_WITHIN_MS);
    });
    view.setWanted(true);
    const page = await opened;
    if (!page) {
      view.setWanted(false);
      return undefined;
    }
    return (await this.#use(page)) ? page : undefined;
  }

  /** Opens the page beside the editor. `undefined` when it does not load, or the user closes it. */
  async #openPanel(): Promise<FramePage | undefined> {
    if (this.isDisposed) {
      return undefined;
    }
    const page = openFramePanel(this.#pageOptions);
    return (await this.#use(page)) ? page : undefined;
  }

  get #pageOptions(): OwnFramePageOptions {
    const { extensionUri, store } = this.#options;
    return { extensionUri, videosDirectory: store.videosDirectory };
  }

  /** Keeps a page until there is nothing to draw. Resolves when it listens, with `false` when it does not in time. */
  async #use(page: OwnFramePage): Promise<boolean> {
    const { clock } = this.#options;
    this.#own = page;
    const isReady = await new Promise<boolean>((resolve) => {
      const end = (ready: boolean) => {
        clock.clearTimeout(timer);
        listener.dispose();
        resolve(ready);
      };
      const timer = clock.setTimeout(() => end(false), OPENED_WITHIN_MS);
      const listener = page.onDidEnd(() => end(false));
      void page.whenReady.then(() => end(true));
    });
    if (!isReady) {
      page.dispose();
    }
    return isReady;
  }

  /**
   * Asks a page for the frame. Ends with the first reply, with the page, or when the time is over, of which a hidden window
   * takes none.
   */
  #ask({ webview, onDidEnd }: FramePage, path: string, due: FrameRequest['due']): Promise<Outcome> {
    const { clock } = this.#options;
    const request = ++this.#requests;
    return new Promise<Outcome>((resolve) => {
      const end = (outcome: Outcome) => {
        clock.clearTimeout(timer);
        listeners.forEach((listener) => void listener.dispose());
        resolve(outcome);
      };
      let timer: unknown;
      const startTimer = () => {
        timer = clock.setTimeout(() => end('timeout'), DRAWN_WITHIN_MS);
      };
      startTimer();
      const listeners = [
        onDidEnd(() => end('ended')),
        webview.onDidReceiveMessage((message: unknown) => {
          const reply = parseFrameReply(message);
          if (reply?.type === 'ready') {
            end('ended');
          } else if (reply?.request === request) {
            if (reply.type !== 'heldUp') {
              end(reply);
              return;
            }
            clock.clearTimeout(timer);
            if (!reply.isHidden) {
              startTimer();
            }
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
