import type * as vscode from 'vscode';
import type { SourceImage } from '../../images/delivery/types';
import type { ImageStore } from '../../images/imageStore';
import type { AspectRatio } from '../../api/aspectRatio';
import { Disposable } from '../../common/events';
import type { CropperPanel } from './cropperPanel';

/** What the cropper needs. */
export interface CropperContext {
  extensionUri: vscode.Uri;
  imageStore: Pick<ImageStore, 'put'>;
}

/** An image to crop or pad. */
export interface CropTask {
  /** Must have a file: links are not loaded. */
  image: SourceImage;
  /** The aspect ratio that is selected at first; without it, that of the image. */
  aspectRatio?: AspectRatio | undefined;
  /** Why the image has to be changed, as a localized sentence. */
  reason?: string | undefined;
}

/**
 * Opens the cropper: a webview in which the user crops, pads and scales down an image. The result is stored in the
 * global storage of the extension. Only one cropper is open at a time: opening another one cancels the first.
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
   * Lets the user change an image.
   *
   * @returns the changed image, with the same label; `undefined` when the user gave up
   * @throws {ImageError} when the file cannot be read
   */
  async open(task: CropTask): Promise<SourceImage | undefined> {
    return this.#show(task);
  }

  /** Lets the user paste, drop or choose an image, and change it. `undefined` when the user gave up. */
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
      // Release the image together with its panel.
      if (this.#panel === panel) {
        this.#panel = undefined;
      }
    });
    return panel.result;
  }
}
