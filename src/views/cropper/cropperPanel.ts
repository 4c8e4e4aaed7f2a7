import * as vscode from 'vscode';
import type { SourceImage } from '../../images/delivery/types';
import { ImageError } from '../../images/imageError';
import { getAllowedRatio, cropTo, isFit, padTo, scaledToLimits, getAspect, type Size } from '../../images/cropGeometry';
import {
  DRAWABLE_MAX_BYTES,
  IMAGE_MAX_BYTES,
  IMAGE_MAX_RATIO,
  IMAGE_MAX_SIDE_PX,
  IMAGE_MIN_RATIO,
  IMAGE_MIN_SIDE_PX,
  isDrawable,
  readImageInfo,
  type ImageInfo,
} from '../../images/imageInfo';
import { formatBytes } from '../../messages/format';
import { describeImageError, getUndrawableMessage } from '../../messages/imageErrors';
import { readImageFile } from '../../platform/imageFile';
import { Disposable } from '../../common/events';
import type { CropperContext, CropTask } from './cropperManager';
import {
  CROP_RATIOS,
  parseWebviewMessage,
  type CropChoice,
  type CropLimits,
  type CropModel,
  type CropRatio,
  type CropStrings,
  type WebviewMessage,
  type HostMessage,
} from './protocol';
import { createWebviewHtml, getPageOptions, getTabIcon } from '../webviewHtml';
import { toSingleLine } from '../../common/text';

const LABEL_MAX_CHARS = 80;
/** Image types that the page should save without loss, because they are usually drawings and not photographs. */
const LOSSLESS: readonly ImageInfo['type'][] = ['png', 'gif', 'bmp'];

/** A task whose file has been read. */
interface LoadedTask extends CropTask {
  bytes: Uint8Array;
}

/** An image that the host has validated and that the page may draw. */
interface ShownImage {
  label: string;
  facts: ImageInfo;
  /** Not set for an image that the user pasted, dropped or chose in the page. */
  task?: CropTask | undefined;
}

/** The cropper of one image: sends it to the webview with the possible results, and stores the result. */
export class CropperPanel extends Disposable {
  /** The changed image; `undefined` when the user gave up. */
  readonly result: Promise<SourceImage | undefined>;
  readonly #context: CropperContext;
  readonly #panel: vscode.WebviewPanel;
  readonly #task: LoadedTask | undefined;
  #shown: ShownImage | undefined;
  #finish: (image: SourceImage | undefined) => void = () => undefined;

  /**
   * Reads the file of a task.
   *
   * @throws {ImageError} when it cannot be read
   */
  static async read(task: CropTask): Promise<LoadedTask> {
    const { file } = task.image;
    if (!file) {
      throw new ImageError('unreadable', {});
    }
    return { ...task, bytes: await file.read() };
  }

  /** @param given without it, the page asks the user for an image */
  constructor(context: CropperContext, given: LoadedTask | undefined) {
    super();
    this.#context = context;
    this.#task = given;
    this.result = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const title = given ? vscode.l10n.t('Crop or pad') : vscode.l10n.t('Paste an image');
    this.#panel = vscode.window.createWebviewPanel('seedance.cropper', title, vscode.ViewColumn.Active, {
      ...getPageOptions(context.extensionUri),
      // Keeps what the user has done so far while another tab is visible. The panel is closed soon.
      retainContextWhenHidden: true,
    });
    this.#panel.iconPath = getTabIcon(context.extensionUri);
    this._register(this.#panel.onDidDispose(() => this.dispose()));
    this._register(
      this.#panel.webview.onDidReceiveMessage((message: unknown) => void this.#onMessage(parseWebviewMessage(message))),
    );
    this.#panel.webview.html = createWebviewHtml(this.#panel.webview, context.extensionUri, {
      title,
      styles: ['form.css', 'cropper.css'],
      script: 'cropper.js',
      // The page receives bytes: it makes the only images that it may load.
      allows: ['img-src blob:'],
      data: { strings: getCropStrings(), limits: LIMITS, asks: given === undefined },
    });
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#finish(undefined);
      super.dispose();
      this.#panel.dispose();
    }
  }

  async #onMessage(message: WebviewMessage | undefined): Promise<void> {
    try {
      switch (message?.type) {
        case 'ready':
          if (this.#task) {
            this.#show(this.#task.image.label, this.#task.bytes, this.#task);
          }
          break;
        case 'offered':
          // A page that was given an image does not ask for another one.
          if (!this.#task) {
            this.#show(toSingleLine(message.name, LABEL_MAX_CHARS) || vscode.l10n.t('Pasted image'), message.bytes);
          }
          break;
        case 'decoded':
          if (this.#shown) {
            this.#post({ type: 'fit', model: createCropModel(this.#shown, message) });
          }
          break;
        case 'undecodable':
          this.#shown = undefined;
          this.#post({ type: 'problem', text: vscode.l10n.t('VS Code cannot draw this image. It may be damaged.') });
          break;
        case 'use':
          if (this.#shown) {
            await this.#keep(message.bytes, message.thumbnail, this.#shown);
          }
          break;
        case 'cancel':
          this.dispose();
          break;
        case undefined:
          break;
      }
    } catch (error) {
      this.#post({
        type: 'problem',
        text: error instanceof ImageError ? describeImageError(error) : getDrawFailedMessage(),
      });
    }
  }

  /** Validates an image before the page decodes it: a small file can claim any number of pixels. */
  #show(label: string, bytes: Uint8Array, task?: LoadedTask): void {
    const facts = readImageInfo(bytes);
    if (!isDrawable(facts)) {
      this.#post({ type: 'problem', text: getUndrawableMessage() });
      return;
    }
    this.#shown = { label, facts, task };
    // Copied, because VS Code does not transfer a `Buffer`, and transfers all of the memory below a view.
    this.#post({ type: 'image', mime: facts.mime, bytes: task && new Uint8Array(bytes) });
  }

  async #keep(bytes: Uint8Array, thumbnail: string, { label, task }: ShownImage): Promise<void> {
    const path = await this.#context.imageStore.put(bytes);
    const image = await readImageFile(vscode.Uri.file(path));
    this.#finish({ ...image, label, from: task?.image.from, thumbnail });
    this.dispose();
  }

  #post(message: HostMessage): void {
    // The panel may have been closed while the image was being stored.
    if (!this.isDisposed) {
      void this.#panel.webview.postMessage(message);
    }
  }
}

function getDrawFailedMessage(): string {
  return vscode.l10n.t('The image could not be made. Try again, or choose another one.');
}

const LIMITS: CropLimits = {
  minSide: IMAGE_MIN_SIDE_PX,
  maxSide: IMAGE_MAX_SIDE_PX,
  minRatio: IMAGE_MIN_RATIO,
  maxRatio: IMAGE_MAX_RATIO,
  maxBytes: IMAGE_MAX_BYTES,
  maxOfferedBytes: DRAWABLE_MAX_BYTES,
};

/**
 * Creates the model of an image.
 *
 * @param size as decoded by the page, which may handle rotation in more formats than `readImageInfo`
 */
function createCropModel({ label, facts, task }: ShownImage, { width, height }: Size): CropModel {
  const size = { width, height };
  const choices = CROP_RATIOS.map((id) => getCropChoice(size, id));
  const wanted = choices.find(({ id }) => id === (task?.aspectRatio ?? 'original'))!;
  return {
    label: toSingleLine(label, LABEL_MAX_CHARS),
    reason: task?.reason,
    ...size,
    choices,
    chosen: wanted.id,
    lossless: LOSSLESS.includes(facts.type),
  };
}

function getCropChoice(size: Size, id: CropRatio): CropChoice {
  const ratio = id === 'original' ? getAllowedRatio(size) : getAspect(id);
  const crop = cropTo(size, ratio);
  return { id, ratio, pad: padTo(size, ratio), crop: isFit(scaledToLimits(crop)) ? crop : undefined };
}

function getCropStrings(): CropStrings {
  return {
    title: vscode.l10n.t('Fit the first frame'),
    loading: vscode.l10n.t('Loading…'),
    working: vscode.l10n.t('Drawing the image…'),
    pasteTitle: vscode.l10n.t('Paste an image'),
    pasteHint: vscode.l10n.t('Press {0}, drop an image here, or choose a file.', '{0}'),
    paste: vscode.l10n.t('Paste'),
    choose: vscode.l10n.t('Choose a file…'),
    noClipboard: vscode.l10n.t('The clipboard cannot be read by a button here. Press {0}.', '{0}'),
    noImage: vscode.l10n.t('There is no image in it.'),
    tooLarge: vscode.l10n.t('The file is too large: at most {0} can be drawn.', formatBytes(DRAWABLE_MAX_BYTES)),
    ratio: vscode.l10n.t('Aspect ratio'),
    original: vscode.l10n.t('Original'),
    method: vscode.l10n.t('Method'),
    crop: vscode.l10n.t('Crop'),
    pad: vscode.l10n.t('Pad'),
    color: vscode.l10n.t('Colour of the margins'),
    average: vscode.l10n.t('Average'),
    black: vscode.l10n.t('Black'),
    white: vscode.l10n.t('White'),
    result: vscode.l10n.t('Result'),
    pixels: vscode.l10n.t('{0} × {1} pixels', '{0}', '{1}'),
    from: vscode.l10n.t('out of {0} × {1}', '{0}', '{1}'),
    frame: vscode.l10n.t('Crop frame'),
    frameKeys: vscode.l10n.t('Arrow keys move the frame, with Shift they change its size.'),
    place: vscode.l10n.t('{0} × {1} pixels, {2} from the left, {3} from the top', '{0}', '{1}', '{2}', '{3}'),
    privacy: vscode.l10n.t(
      'Only the result is kept and sent, without what a camera writes into a file, such as place and time.',
    ),
    use: vscode.l10n.t('Use'),
    cancel: vscode.l10n.t('Cancel'),
    failed: getDrawFailedMessage(),
    tooSmall: vscode.l10n.t('Too little would be left of the image.'),
  };
}
