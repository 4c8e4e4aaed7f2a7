import * as v from 'valibot';
import { parseAs } from '../../common/parse';
import { ASPECT_RATIOS } from '../../api/aspectRatio';
import { MAX_READ_CHARS } from '../../tasks/model/prompt';
import { isThumbnail } from '../../tasks/model/taskRecord';

/**
 * The messages between the page of the composer and its host, and their parsers. Both sides import this file, so it must
 * import neither VS Code nor Node. The page takes images that nobody has looked at, so the host does not trust it: lengths
 * are bounded here, models are looked up in the catalog, and images are read by the host.
 *
 * Each state of the form has a revision. The page counts on with each change of the user, the host with each change of its
 * own, and a message about an older state than the newest changes nothing: what was seen is what is ordered.
 */

/** Takes of one prompt that one press can order. */
export const MAX_TAKES = 10;
/** The limit of the service for images. The content is validated later. */
export const MAX_IMAGE_BYTES = 30 * 1024 * 1024;
export const MAX_NAME_CHARS = 200;
const MAX_ID_CHARS = 200;
const MAX_PRICE = 1e9;

const Revision = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Price = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MAX_PRICE));

/** One of the choices of a group. All texts are localized. */
const Choice = v.object({
  label: v.string(),
  /** What it costs, or that this is not known. */
  price: v.string(),
  /** The id of the model that it leads to. */
  model: v.string(),
});
export type Choice = v.InferOutput<typeof Choice>;

/** A choice of the list of models; those of one group stand together. */
const ModelOption = v.object({ label: v.string(), model: v.string(), group: v.optional(v.string()) });
export type ModelOption = v.InferOutput<typeof ModelOption>;

const FormFrame = v.object({
  /** Tells this image from another one. */
  key: v.string(),
  label: v.string(),
  /** Its size in pixels, if it is known. */
  size: v.optional(v.string()),
  /** How it gets to the service. */
  delivery: v.string(),
  warning: v.optional(v.string()),
  canCrop: v.boolean(),
  thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail))),
});
export type FormFrame = v.InferOutput<typeof FormFrame>;

/** Everything that the page shows, localized. Plain text: the page sets it as `textContent`. */
const ComposerModel = v.object({
  revision: Revision,
  prompt: v.string(),
  /** Why the prompt cannot be sent; absent while there is none. */
  promptProblem: v.optional(v.string()),
  remarks: v.optional(
    v.object({
      /** How many there are. */
      title: v.string(),
      items: v.array(v.object({ text: v.string(), fixes: v.array(v.string()) })),
    }),
  ),
  models: v.array(ModelOption),
  /** The id in `models`, `resolutions` and `durations` that is chosen. */
  model: v.string(),
  modelWarning: v.optional(v.string()),
  /** Empty for a model whose id names none. */
  resolutions: v.array(Choice),
  durations: v.array(Choice),
  ratio: v.picklist(ASPECT_RATIOS),
  /** Without it the ratio is that of the settings, or the nearest to the first frame. */
  isRatioChosen: v.boolean(),
  takes: v.number(),
  frame: v.optional(FormFrame),
  /** Set while the next frame that is taken in a preview comes here. */
  isAwaitingFrame: v.boolean(),
  /** Roubles for one video. */
  price: v.optional(v.number()),
  /** The button, with the sum, and what is said below it about the price. */
  generate: v.string(),
  priceNote: v.optional(v.string()),
  /** Balance and daily budget; empty without a key. */
  money: v.string(),
  isShort: v.boolean(),
  /** Whether an order is on its way. */
  isBusy: v.boolean(),
  /** The last press that has been dealt with, whether anything was ordered or not. */
  settledOrder: v.optional(v.string()),
  /** What has happened last. */
  status: v.string(),
});
export type ComposerModel = v.InferOutput<typeof ComposerModel>;

/** Localized texts of the page. */
export type ComposerStrings = Record<
  | 'title'
  | 'prompt'
  | 'placeholder'
  | 'tooLong'
  | 'model'
  | 'resolution'
  | 'duration'
  | 'ratio'
  | 'landscape'
  | 'portrait'
  | 'square'
  | 'firstFrame'
  | 'choose'
  | 'fromVideo'
  | 'awaiting'
  | 'cancel'
  | 'dropHint'
  | 'change'
  | 'crop'
  | 'remove'
  | 'imageTooLarge'
  | 'takes'
  | 'topUp'
  | 'keys',
  string
>;

const HostMessage = v.variant('type', [
  /** A complete model. The page updates only what differs. */
  v.object({
    type: v.literal('model'),
    model: ComposerModel,
    /** Set when the host has filled the form, and the user goes on here. */
    focus: v.optional(v.boolean()),
  }),
  /** Asks for a thumbnail of the first frame with this key. The page replies with `thumbnail`, or not at all. */
  v.object({ type: v.literal('draw'), key: v.string(), bytes: v.instance(Uint8Array<ArrayBuffer>) }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Parses a message of the host. Returns `undefined` for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  return parseAs(HostMessage, message);
}

/** What the user has typed and chosen in the page. */
const Form = v.object({
  prompt: v.pipe(v.string(), v.maxLength(MAX_READ_CHARS)),
  model: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ID_CHARS)),
  /** Absent while the user has chosen none. */
  aspectRatio: v.optional(v.picklist(ASPECT_RATIOS)),
  takes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TAKES)),
});
export type Form = v.InferOutput<typeof Form>;

/** What the page keeps by itself: VS Code brings it back with the page. */
const SavedForm = v.object({ revision: Revision, form: Form });
export type SavedForm = v.InferOutput<typeof SavedForm>;

/** Parses what the page has kept. */
export function parseSavedForm(state: unknown): SavedForm | undefined {
  return parseAs(SavedForm, state);
}

/** Everything that is done with the first frame besides dropping or pasting one. */
export const FRAME_ACTIONS = ['choose', 'fromVideo', 'cancelVideo', 'change', 'crop', 'remove'] as const;
export type FrameAction = (typeof FRAME_ACTIONS)[number];

const WebviewMessage = v.variant('type', [
  /** The page listens for messages. */
  v.object({ type: v.literal('ready'), saved: v.optional(SavedForm) }),
  v.object({ type: v.literal('edit'), revision: Revision, form: Form }),
  v.object({
    type: v.literal('generate'),
    /** Each press has another one: the same one twice is one order. */
    order: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
    /** Of the state that the user has seen. */
    revision: Revision,
    form: Form,
    /** Roubles for one video, as it was shown; absent when it was shown as unknown. */
    price: v.optional(Price),
    /** The key of the first frame that was shown. */
    frame: v.optional(v.pipe(v.string(), v.maxLength(100))),
  }),
  v.object({
    type: v.literal('fix'),
    revision: Revision,
    remark: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
    fix: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
  }),
  v.object({ type: v.literal('frame'), action: v.picklist(FRAME_ACTIONS) }),
  /** An image that the user dropped or pasted. */
  v.object({
    type: v.literal('image'),
    bytes: v.pipe(
      v.instance(ArrayBuffer),
      v.check(({ byteLength }) => byteLength > 0 && byteLength <= MAX_IMAGE_BYTES),
    ),
    /** File name of a dropped image. */
    name: v.optional(v.pipe(v.string(), v.maxLength(MAX_NAME_CHARS))),
    thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail))),
  }),
  v.object({
    type: v.literal('thumbnail'),
    key: v.pipe(v.string(), v.maxLength(100)),
    thumbnail: v.pipe(v.string(), v.check(isThumbnail)),
  }),
  v.object({ type: v.literal('topUp') }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;

/** Parses a message of the page. Returns `undefined` for anything else. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  return parseAs(WebviewMessage, message);
}
