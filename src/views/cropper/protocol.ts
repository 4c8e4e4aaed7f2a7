import * as v from 'valibot';
import { parseAs } from '../../common/parse';
import { ASPECT_RATIOS } from '../../api/aspectRatio';
import { isThumbnail } from '../../tasks/model/taskRecord';

/**
 * The messages between the webview of the cropper and its host, and their parsers. Both sides import this file, so it must
 * import neither VS Code nor Node. The page decodes untrusted images, so the host does not trust it: images
 * are validated before the page draws them, and again when it returns them.
 */

export const CROP_RATIOS = [...ASPECT_RATIOS, 'original'] as const;
export type CropRatio = (typeof CROP_RATIOS)[number];

/** A length in pixels, or a ratio. */
const Length = v.pipe(v.number(), v.finite());

/** The results that one of the ratios leads to, calculated by the host. */
const CropChoice = v.object({
  id: v.picklist(CROP_RATIOS),
  /** Width divided by height, within the limits of the service. */
  ratio: Length,
  /** Initial crop frame, in pixels of the upright image. Not set if the result would be smaller than the limits. */
  crop: v.optional(v.object({ x: Length, y: Length, width: Length, height: Length })),
  /** Size of the padded image, in pixels. */
  pad: v.object({ width: Length, height: Length }),
});
export type CropChoice = v.InferOutput<typeof CropChoice>;

const CropModel = v.object({
  /** Name of the image. */
  label: v.string(),
  /** Why the image has to be changed, as a localized sentence. */
  reason: v.optional(v.string()),
  /** Size of the upright image, in pixels. */
  width: Length,
  height: Length,
  choices: v.array(CropChoice),
  chosen: v.picklist(CROP_RATIOS),
  /** Whether the result should be saved without loss, because the image is a drawing and not a photograph. */
  lossless: v.boolean(),
});
export type CropModel = v.InferOutput<typeof CropModel>;

/** Limits of the service for the result. */
export interface CropLimits {
  /** Pixels. */
  minSide: number;
  maxSide: number;
  /** Width divided by height. */
  minRatio: number;
  maxRatio: number;
  maxBytes: number;
  /** Limit for files that the user pastes, drops or chooses: larger ones are not read. */
  maxOfferedBytes: number;
}

/** Localized texts of the page, which replaces `{0}`, `{1}`. */
export type CropStrings = Record<
  | 'title'
  | 'loading'
  | 'working'
  | 'pasteTitle'
  | 'pasteHint'
  | 'paste'
  | 'choose'
  | 'noClipboard'
  | 'noImage'
  | 'tooLarge'
  | 'ratio'
  | 'original'
  | 'method'
  | 'crop'
  | 'pad'
  | 'color'
  | 'average'
  | 'black'
  | 'white'
  | 'result'
  | 'pixels'
  | 'from'
  | 'frame'
  | 'frameKeys'
  | 'place'
  | 'privacy'
  | 'use'
  | 'cancel'
  | 'failed'
  | 'tooSmall',
  string
>;

/** VS Code does not document whether bytes arrive as an `ArrayBuffer` or as a view of one. */
const Bytes = v.pipe(
  v.union([v.instance(ArrayBuffer), v.instance(Uint8Array<ArrayBuffer>)]),
  v.transform((bytes) => (bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))),
);

const HostMessage = v.variant('type', [
  /** An image to decode and measure. Without bytes it is the one that the page has offered. */
  v.object({ type: v.literal('image'), mime: v.string(), bytes: v.optional(Bytes) }),
  /** Follows `decoded`: the choices for the image. */
  v.object({ type: v.literal('fit'), model: CropModel }),
  /** An error, localized. If the page asks for an image, it waits for another one. */
  v.object({ type: v.literal('problem'), text: v.string() }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Parses a message of the host. Returns `undefined` for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  return parseAs(HostMessage, message);
}

const Side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));

const WebviewMessage = v.union([
  /** The page listens for messages. */
  v.object({ type: v.literal('ready') }),
  /** The user pasted, dropped or chose this image. */
  v.object({ type: v.literal('offered'), bytes: Bytes, name: v.pipe(v.string(), v.maxLength(1_000)) }),
  v.object({ type: v.literal('decoded'), width: Side, height: Side }),
  v.object({ type: v.literal('undecodable') }),
  /** The result that the user accepted. */
  v.object({ type: v.literal('use'), bytes: Bytes, thumbnail: v.pipe(v.string(), v.check(isThumbnail)) }),
  v.object({ type: v.literal('cancel') }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;
/** A message before parsing, in which bytes may have either type. */
export type WebviewMessageInput = v.InferInput<typeof WebviewMessage>;

/** Parses a message of the page. Returns `undefined` for anything else. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  return parseAs(WebviewMessage, message);
}
