import type { FrameOrigin } from '../../tasks/model/taskRecord';
import * as v from 'valibot';
import { isThumbnail } from '../../tasks/model/taskRecord';

/**
 * The messages between the preview's page and its host, and their readers. Both sides import this file, so it must
 * import neither VS Code nor Node. Both check what they receive: the page plays a file from outside and shows text
 * from outside, so the host does not trust it; and the page takes nothing but a complete model.
 */

/** What the page may ask for. Each is a button; which are offered is decided by the host. */
export const PREVIEW_ACTIONS = [
  'save',
  'saveAs',
  'copyPrompt',
  'copyId',
  'again',
  'openExternal',
  'reveal',
  'check',
  'addId',
  'remove',
  /** What `explain()` names as the way to mend an error: set the key, choose a model, … */
  'remedy',
  /** Looks for the file again. */
  'reload',
  /** The host finds out when the last frame is due, and asks the page for it: see `takeLastFrame`. */
  'continueFromLastFrame',
  /** The task whose video the first frame was taken from. */
  'openOrigin',
] as const;
export type PreviewAction = (typeof PREVIEW_ACTIONS)[number];

const PREVIEW_STATES = [
  /** The list of tasks is being read. */
  'loading',
  /** Draft, being sent, waiting or running. */
  'waiting',
  /** On its way; nobody can ask about it with the present key, or without one. */
  'held',
  /** Of a newer version of the extension, and not done: its state may mean nothing to us. */
  'readonly',
  'unknown',
  'failed',
  'expired',
  /** Done; nothing to play yet. */
  'fetching',
  /** There is something to play. */
  'ready',
  /** This VS Code cannot play it. */
  'codec',
  /** The local copy is no longer there. */
  'gone',
  /** The link gives nothing, and there is no copy. */
  'unreachable',
  /** No longer in the list. */
  'removed',
] as const;
export type PreviewState = (typeof PREVIEW_STATES)[number];

const PreviewButton = v.object({
  action: v.picklist(PREVIEW_ACTIONS),
  label: v.string(),
  /** At most one a place. */
  primary: v.optional(v.boolean()),
});
export type PreviewButton = v.InferOutput<typeof PreviewButton>;

/** All that the page shows, in the user's language. Text is text: the page sets it as `textContent`. */
const PreviewModel = v.object({
  id: v.string(),
  state: v.picklist(PREVIEW_STATES),
  title: v.string(),
  /** What is said in place of the picture. */
  heading: v.string(),
  lines: v.array(v.string()),
  /** The service's own words about an error. */
  quote: v.optional(v.string()),
  stageButtons: v.array(PreviewButton),
  /** Since when it runs, milliseconds; the page counts on by its own clock (a remote host's may differ). */
  elapsedMs: v.optional(v.number()),
  /** How far it is, 0 to 1, and how long it still takes; absent while it is not known. */
  estimate: v.optional(v.object({ fraction: v.number(), label: v.string() })),
  /** Of the download, 0 to 1; `-1` while the length is not known. */
  progress: v.optional(v.number()),
  progressLabel: v.optional(v.string()),
  video: v.optional(
    v.object({
      url: v.pipe(v.string(), v.regex(/^(https?|vscode-webview-resource|vscode-resource):/)),
      /** The local copy, else the remote link. */
      copy: v.boolean(),
      /** Whether the model makes sound; absent when not known. */
      sound: v.optional(v.boolean()),
    }),
  ),
  /** Width by height that was asked for, until the video tells. */
  ratio: v.number(),
  prompt: v.string(),
  /** A passing remark: trouble with the connection, a newer version's record. */
  notice: v.optional(v.string()),
  facts: v.array(
    v.object({
      name: v.string(),
      value: v.string(),
      /** Makes a button of the value. */
      action: v.optional(v.picklist(PREVIEW_ACTIONS)),
      /** A small JPEG as a `data:` URL. */
      picture: v.optional(v.pipe(v.string(), v.regex(/^data:image\/jpeg;base64,/))),
    }),
  ),
  saved: v.array(v.string()),
  buttons: v.array(PreviewButton),
});
export type PreviewModel = v.InferOutput<typeof PreviewModel>;

/** The words of the page that do not change; `{0}` stands for what it fills in. */
export type PreviewStrings = Record<
  | 'prompt'
  | 'details'
  | 'savedTo'
  | 'copied'
  | 'player'
  | 'play'
  | 'pause'
  | 'timeline'
  | 'timelineValue'
  | 'stepBack'
  | 'stepForward'
  | 'speed'
  | 'loop'
  | 'mute'
  | 'unmute'
  | 'volume'
  | 'actualSize'
  | 'fit'
  | 'fullScreen'
  | 'exitFullScreen'
  | 'keys'
  | 'keySpace'
  | 'keyArrows'
  | 'keyFrames'
  | 'keySpeed'
  | 'keyEnds'
  | 'silent'
  | 'frames'
  | 'continueFromLastFrame'
  | 'useFrame'
  | 'saveFrame'
  | 'takingFrame'
  | 'keyPaste',
  string
>;

const HostMessage = v.variant('type', [
  /** Everything, anew. The page touches only what differs. */
  v.object({ type: v.literal('model'), model: PreviewModel }),
  /** An image to be drawn small; answered by `thumbnail`, or by nothing. */
  v.object({ type: v.literal('drawFrame'), bytes: v.instance(Uint8Array<ArrayBuffer>) }),
  v.object({
    /** Answered by `picture`, or `pictureFailed`. */
    type: v.literal('takeLastFrame'),
    /** When the last frame begins, and how long it stands, seconds; absent where the file does not tell. */
    due: v.fallback(v.optional(v.object({ seconds: v.number(), lasts: v.number() })), undefined),
  }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Undefined for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  const { success, output } = v.safeParse(HostMessage, message);
  return success ? output : undefined;
}

/** The model that the page comes with. */
export function parsePreviewModel(model: unknown): PreviewModel | undefined {
  const { success, output } = v.safeParse(PreviewModel, model);
  return success ? output : undefined;
}

/** As much as the service takes for an image; what it is, and whether it fits, is looked at later. */
const MAX_PICTURE_BYTES = 30 * 1024 * 1024;
export const MAX_NAME_CHARS = 200;
const MAX_SECONDS = 24 * 60 * 60;

const WebviewMessage = v.union([
  /** The page listens. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('action'), action: v.picklist(PREVIEW_ACTIONS) }),
  v.object({
    type: v.literal('videoError'),
    /** `MediaError.code`; 0 when the page knew beforehand that it cannot play H.264. */
    code: v.picklist([0, 1, 2, 3, 4]),
    copy: v.boolean(),
  }),
  /** A frame of the video as PNG, or an image that the user pasted or dropped. */
  v.object({
    type: v.literal('picture'),
    use: v.picklist(['firstFrame', 'save']),
    bytes: v.pipe(
      v.instance(ArrayBuffer),
      v.check(({ byteLength }) => byteLength > 0 && byteLength <= MAX_PICTURE_BYTES),
    ),
    /** Of the file that was dropped. */
    name: v.optional(v.pipe(v.string(), v.maxLength(MAX_NAME_CHARS))),
    /** Where it stands in the video; an image from elsewhere stands nowhere. */
    frame: v.optional(
      v.object({ seconds: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_SECONDS)), isLast: v.boolean() }),
    ),
    thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail))),
  }),
  v.object({ type: v.literal('thumbnail'), thumbnail: v.pipe(v.string(), v.check(isThumbnail)) }),
  /** The video gives no picture, or the image from elsewhere cannot be read. */
  v.object({ type: v.literal('pictureFailed') }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;

/** Undefined for anything that the page has no business to say. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  const { success, output } = v.safeParse(WebviewMessage, message);
  return success ? output : undefined;
}

/** The page's saved state, as VS Code gives it back after a reload. */
export function parseSavedState(state: unknown): string | undefined {
  const { success, output } = v.safeParse(v.object({ id: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,64}$/)) }), state);
  return success ? output.id : undefined;
}

/** What the page of a preview made of its video, or was given. */
export interface CapturedImage {
  use: 'firstFrame' | 'save';
  /** Not looked at yet: a page says what it likes. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The task of the preview. */
  task: string;
  /** Of the file that the user dropped. */
  name?: string | undefined;
  /** Of its video; absent for an image that the user pasted or dropped. */
  frame?: Omit<FrameOrigin, 'task'> | undefined;
  thumbnail?: string | undefined;
}
