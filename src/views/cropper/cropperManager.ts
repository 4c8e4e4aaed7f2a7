import type * as vscode from 'vscode';
import type { SourceImage } from '../../images/delivery/types';
import type { ImageStore } from '../../images/imageStore';
import type { AspectRatio } from '../../api/aspectRatio';
import { Disposable } from '../../common/events';
import type { CropperPanel } from './cropperPanel';

export interface CropperContext {
  extensionUri: vscode.Uri;
  imageStore: Pick<ImageStore, 'put'>;
}

/** What is opened to be made fit. */
export interface CropTask {
  /** A file: a bare link is never loaded. */
  image: SourceImage;
  /** What it is cut to at first; without one, its own. */
  aspectRatio?: AspectRatio | undefined;
  /** Why, in a sentence of the user's language. */
  reason?: string | undefined;
}

/**
 * Makes images fit, in a page: cut, padded, scaled down. Nothing but the result leaves it, and the result is
 * kept in the extension's own storage. One page at a time: what was open is given up.
 */
export class CropperManager extends Disposable {
  readonly #context: CropperContext;
  #panel: CropperPanel | undefined;

  constructor(context: CropperContext) {
    super();
    this.#context = context;
    this._register({ dispose: () => this.#panel?.dispose() });
  }

  /**
   * @returns the image as it is now, under the same name; `undefined` when the user gave up
   * @throws {FrameError} when the file cannot be read, or is nothing that can be drawn
   */
  async open(task: CropTask): Promise<SourceImage | undefined> {
    return this.#show(task);
  }

  /** Asks for an image from the clipboard, by drag and drop or from a file, and lets it be cut. */
  async paste(): Promise<SourceImage | undefined> {
    return this.#show(undefined);
  }

  async #show(task: CropTask | undefined): Promise<SourceImage | undefined> {
    const { CropperPanel } = await import('./cropperPanel');
    const given = task && (await CropperPanel.read(task));
    if (this.isDisposed) {
      return undefined;
    }
    this.#panel?.dispose();
    const panel = new CropperPanel(this.#context, given);
    this.#panel = panel;
    void panel.result.finally(() => {
      // The image goes with its panel.
      if (this.#panel === panel) {
        this.#panel = undefined;
      }
    });
    return panel.result;
  }
}
