import * as v from 'valibot';
import { ASPECT_RATIOS } from '../../api/aspectRatio';
import { isThumbnail } from '../../tasks/model/taskRecord';

/**
 * The messages between the cropper's page and its host, and their readers. Both sides import this file, so it must
 * import neither VS Code nor Node. The page decodes images from outside, so the host does not trust it: bytes are
 * looked at before they are drawn, and again when they come back.
 */

export const CROP_RATIOS = [...ASPECT_RATIOS, 'original'] as const;
export type CropRatio = (typeof CROP_RATIOS)[number];

/** Of an image; in a message to the page none is empty, infinite or no number. */
const Length = v.pipe(v.number(), v.finite());

/** What an image becomes with one of the ratios; the host calculates it. */
const CropChoice = v.object({
  id: v.picklist(CROP_RATIOS),
  /** Width by height, as the service takes it. */
  ratio: Length,
  /** Where the crop frame begins, in pixels of the upright image; absent where too little of it would be left. */
  crop: v.optional(v.object({ x: Length, y: Length, width: Length, height: Length })),
  pad: v.object({ width: Length, height: Length }),
});
export type CropChoice = v.InferOutput<typeof CropChoice>;

const CropModel = v.object({
  /** What the image is called. */
  label: v.string(),
  /** Why it is here, in a sentence. */
  reason: v.optional(v.string()),
  /** Upright, pixels. */
  width: Length,
  height: Length,
  choices: v.array(CropChoice),
  chosen: v.picklist(CROP_RATIOS),
  /** Whether the result should lose nothing: a drawing, not a photograph. */
  lossless: v.boolean(),
});
export type CropModel = v.InferOutput<typeof CropModel>;

/** What the result has to keep to. */
export interface CropLimits {
  minSide: number;
  maxSide: number;
  minRatio: number;
  maxRatio: number;
  maxBytes: number;
  /** Of an image that is brought: more is not even looked at. */
  maxOfferedBytes: number;
}

/** The words of the page; `{0}` stands for what it fills in. */
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

/** Bytes come as what was sent or as a view of it: VS Code does not say which. */
const Bytes = v.pipe(
  v.union([v.instance(ArrayBuffer), v.instance(Uint8Array<ArrayBuffer>)]),
  v.transform((bytes) => (bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))),
);

const HostMessage = v.variant('type', [
  /** To be decoded and measured. Without bytes: those that the page has offered. */
  v.object({ type: v.literal('image'), mime: v.string(), bytes: v.optional(Bytes) }),
  v.object({ type: v.literal('fit'), model: CropModel }),
  /** Cannot be done, in words. The page waits for another image if it is one to paste into. */
  v.object({ type: v.literal('problem'), text: v.string() }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Undefined for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  const { success, output } = v.safeParse(HostMessage, message);
  return success ? output : undefined;
}

const Side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));

const WebviewMessage = v.union([
  /** The page listens. */
  v.object({ type: v.literal('ready') }),
  /** The user pasted, dropped or chose this. */
  v.object({ type: v.literal('offered'), bytes: Bytes, name: v.pipe(v.string(), v.maxLength(1_000)) }),
  v.object({ type: v.literal('decoded'), width: Side, height: Side }),
  v.object({ type: v.literal('undecodable') }),
  v.object({ type: v.literal('use'), bytes: Bytes, thumbnail: v.pipe(v.string(), v.check(isThumbnail)) }),
  v.object({ type: v.literal('cancel') }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;
/** As the page sends it, before the bytes have one type. */
export type WebviewMessageInput = v.InferInput<typeof WebviewMessage>;

/** Undefined for anything that the page has no business to say. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  const { success, output } = v.safeParse(WebviewMessage, message);
  return success ? output : undefined;
}
