import * as v from 'valibot';
import type { Rect, Size } from '../../images/cropGeometry';
import { isThumbnail } from '../../tasks/model/taskRecord';

/**
 * What the cropper's page and its host say to each other. The page decodes images from outside, so the host
 * believes it nothing: bytes are looked at before they are drawn, and again when they come back.
 */

export const CROP_RATIOS = ['16:9', '9:16', '1:1', 'original'] as const;
export type CropRatio = (typeof CROP_RATIOS)[number];

/** What an image becomes with one of the ratios; reckoned by `frames/fit.ts`. */
export interface CropChoice {
  id: CropRatio;
  /** Width by height, as the service takes it. */
  ratio: number;
  /** Where the crop frame begins, in pixels of the upright image; absent where too little of it would be left. */
  crop?: Rect;
  pad: Size;
}

export interface CropModel {
  /** What people call the image. */
  label: string;
  /** Why it is here, in a sentence. */
  reason?: string;
  /** Upright, pixels. */
  width: number;
  height: number;
  choices: CropChoice[];
  chosen: CropRatio;
  /** Whether the result should lose nothing: a drawing, not a photograph. */
  lossless: boolean;
}

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

/** Host to page. */
export type HostMessage =
  /** To be decoded and measured. Without bytes: those that the page has offered. */
  | { type: 'image'; mime: string; bytes?: Uint8Array }
  | { type: 'fit'; model: CropModel }
  /** Cannot be done, in words. The page waits for another image if it is one to paste into. */
  | { type: 'problem'; text: string };

/** Bytes come as what the page sent or as a view of it: VS Code does not say which. */
const Bytes = v.pipe(
  v.union([v.instance(ArrayBuffer), v.instance(Uint8Array)]),
  v.transform((bytes) => (bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))),
);
const Side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));

const WebviewMessage = v.union([
  /** The page can hear. */
  v.object({ type: v.literal('ready') }),
  /** The user pasted, dropped or chose this. */
  v.object({ type: v.literal('offered'), bytes: Bytes, name: v.pipe(v.string(), v.maxLength(1_000)) }),
  v.object({ type: v.literal('decoded'), width: Side, height: Side }),
  v.object({ type: v.literal('undecodable') }),
  v.object({ type: v.literal('use'), bytes: Bytes, thumbnail: v.pipe(v.string(), v.check(isThumbnail)) }),
  v.object({ type: v.literal('cancel') }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;

/** Undefined for anything that the page has no business to say. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  const { success, output } = v.safeParse(WebviewMessage, message);
  return success ? output : undefined;
}
