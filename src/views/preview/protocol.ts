import type { FrameOrigin } from '../../tasks/model/taskRecord';
import * as v from 'valibot';
import { parseAs } from '../../common/parse';
import { isThumbnail } from '../../tasks/model/taskRecord';
import {
  DrawPosterMessage,
  DueFrame,
  FrameSeconds,
  MediaUrl,
  PictureBytes,
  PosterMessage,
  TaskId,
} from '../messageParts';

/**
 * The messages between the webview of a preview and its host, and their parsers. Both sides import this file, so it must
 * import neither VS Code nor Node. Both validate what they receive: the page plays untrusted files and
 * shows untrusted text, so the host does not trust it, and the page accepts only complete models.
 */

/** Actions that the page may request. Each is a button; the host decides which are shown. */
export const PREVIEW_ACTIONS = [
  'save',
  'saveAs',
  /** Chooses it for its shot of a storyboard. */
  'useTake',
  'copyPrompt',
  'copyId',
  'again',
  /** Puts the finished takes of the same prompt side by side. */
  'compare',
  /** Opens the page that exports it as GIF, WebP or frames. */
  'export',
  'openExternal',
  'reveal',
  'check',
  'addId',
  'remove',
  /** Runs the action of the task's error (`describeTaskError`): set the key, choose another model, … */
  'remedy',
  /** Looks for the file again, and downloads it again if it is missing. */
  'reload',
  /** The host reads from the file when the last frame begins, and sends `takeLastFrame`. */
  'continueFromLastFrame',
  /** Opens the preview of the task whose video the first frame was captured from. */
  'openOrigin',
  /** Shows another of the tasks that were chosen together, in the same panel. */
  'previous',
  'next',
] as const;
export type PreviewAction = (typeof PREVIEW_ACTIONS)[number];

const PREVIEW_STATES = [
  /** The list of tasks is being loaded. */
  'loading',
  /** Queued, being sent, waiting or running. */
  'waiting',
  /** Waiting or running, but polling is paused until the API key changes. */
  'held',
  /** Written by a newer version of the extension and not done: this version may not know the state. */
  'readonly',
  'unknown',
  'failed',
  'expired',
  /** Done, but there is nothing to play yet. */
  'fetching',
  /** There is something to play. */
  'ready',
  /** This VS Code cannot decode the video. */
  'codec',
  /** The file of the local copy is missing. */
  'gone',
  /** The link returns no video, and there is no local copy. */
  'unreachable',
  /** No longer in the list. */
  'removed',
] as const;
export type PreviewState = (typeof PREVIEW_STATES)[number];

const PreviewButton = v.object({
  action: v.picklist(PREVIEW_ACTIONS),
  label: v.string(),
  /** At most one button of a group is primary. */
  primary: v.optional(v.boolean()),
});
export type PreviewButton = v.InferOutput<typeof PreviewButton>;

/** Everything that the page shows, localized. Plain text: the page sets it as `textContent`. */
const PreviewModel = v.object({
  id: v.string(),
  state: v.picklist(PREVIEW_STATES),
  title: v.string(),
  /** Heading, lines, quote and buttons that are shown instead of the video. */
  heading: v.string(),
  lines: v.array(v.string()),
  /** The service's own message about an error. */
  quote: v.optional(v.string()),
  overlayButtons: v.array(PreviewButton),
  /** Milliseconds since the task was submitted. The page continues to count, because the clock of a remote host may differ. */
  elapsedMs: v.optional(v.number()),
  /** Progress, 0 to 1, and remaining time, if they can be estimated. */
  estimate: v.optional(v.object({ fraction: v.number(), label: v.string() })),
  /** Progress of the download, 0 to 1, or -1 while the length is unknown. */
  progress: v.optional(v.number()),
  progressLabel: v.optional(v.string()),
  video: v.optional(
    v.object({
      url: MediaUrl,
      /** Whether the URL is that of the local copy. */
      copy: v.boolean(),
      /** Whether the file may be anything else than an MP4 with the codecs of the service. */
      isOther: v.optional(v.boolean()),
      /** Whether the model generates sound, if that is known. */
      sound: v.optional(v.boolean()),
      /** Whether the file has a sound track, by its tables. Not known of a link. */
      hasTrack: v.optional(v.boolean()),
    }),
  ),
  /** Requested width divided by height, used until the video is loaded. */
  ratio: v.number(),
  prompt: v.string(),
  /** A remark: a temporary error, or a record of a newer version. */
  notice: v.optional(v.string()),
  facts: v.array(
    v.object({
      name: v.string(),
      value: v.string(),
      /** Shows the value as a button with this action. */
      action: v.optional(v.picklist(PREVIEW_ACTIONS)),
      /** A small JPEG as a `data:` URL. */
      picture: v.optional(v.pipe(v.string(), v.regex(/^data:image\/jpeg;base64,/))),
    }),
  ),
  saved: v.array(v.string()),
  buttons: v.array(PreviewButton),
  /** The tasks that were chosen together with this one, if there are several. */
  series: v.optional(
    v.object({
      /** Of all of them, in turn. The page keeps them for after a reload of the window. */
      ids: v.array(v.string()),
      /** Which of them this is: `2 of 5`. */
      label: v.string(),
      hasPrevious: v.boolean(),
      hasNext: v.boolean(),
    }),
  ),
});
export type PreviewModel = v.InferOutput<typeof PreviewModel>;

/** Localized texts that do not depend on the task. The page replaces `{0}`, `{1}`. */
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
  | 'keyPaste'
  | 'series'
  | 'previous'
  | 'next',
  string
>;

const HostMessage = v.variant('type', [
  /** A complete model. The page updates only what differs. */
  v.object({ type: v.literal('model'), model: PreviewModel }),
  /** Asks for a thumbnail of this image. The page replies with `thumbnail`, or not at all. */
  v.object({ type: v.literal('drawFrame'), bytes: v.instance(Uint8Array<ArrayBuffer>) }),
  DrawPosterMessage,
  v.object({
    /** When each frame of the local copy appears, in seconds; not set if the file does not tell. */
    type: v.literal('frames'),
    times: v.optional(v.array(v.number())),
  }),
  v.object({
    /** Asks for the last frame. The page replies with `picture` or `pictureFailed`. */
    type: v.literal('takeLastFrame'),
    due: DueFrame,
  }),
  v.object({
    /** The sound of the local copy as a file that every player takes; without a URL if it cannot be decoded. */
    type: v.literal('sound'),
    /** Of the task. The page may show another one by now. */
    id: v.string(),
    url: v.optional(MediaUrl),
  }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Parses a message of the host. Returns `undefined` for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  return parseAs(HostMessage, message);
}

/** Parses the model that is part of the page. */
export function parsePreviewModel(model: unknown): PreviewModel | undefined {
  return parseAs(PreviewModel, model);
}

export const MAX_NAME_CHARS = 200;

const WebviewMessage = v.union([
  /** The page listens for messages. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('action'), action: v.picklist(PREVIEW_ACTIONS) }),
  v.object({
    type: v.literal('videoError'),
    /** `MediaError.code`; 0 if the browser reports that it cannot play H.264, 5 if it plays only the sound. */
    code: v.picklist([0, 1, 2, 3, 4, 5]),
    copy: v.boolean(),
  }),
  /** A frame of the video as PNG, or an image that the user pasted or dropped. */
  v.object({
    type: v.literal('picture'),
    use: v.picklist(['firstFrame', 'save']),
    bytes: PictureBytes,
    /** File name of a dropped image. */
    name: v.optional(v.pipe(v.string(), v.maxLength(MAX_NAME_CHARS))),
    /** Position in the video; not set for pasted and dropped images. */
    frame: v.optional(v.object({ seconds: FrameSeconds, isLast: v.boolean() })),
    thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail))),
  }),
  v.object({ type: v.literal('thumbnail'), thumbnail: v.pipe(v.string(), v.check(isThumbnail)) }),
  PosterMessage,
  /** The player cannot decode the sound of the local copy. The host replies with `sound`. */
  v.object({ type: v.literal('soundNeeded') }),
  /** No frame could be captured, or the image could not be read. */
  v.object({ type: v.literal('pictureFailed') }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;

/** Parses a message of the page. Returns `undefined` for anything else. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  return parseAs(WebviewMessage, message);
}

/** The most tasks that one preview shows in turn. */
export const MAX_SERIES = 1_000;

const SavedState = v.object({
  id: TaskId,
  /** The tasks that were chosen together. A page that cannot have them again still has the one that was shown. */
  ids: v.fallback(v.optional(v.pipe(v.array(TaskId), v.maxLength(MAX_SERIES))), undefined),
});
export type SavedState = v.InferOutput<typeof SavedState>;

/** Parses the state of the page that VS Code restores after a reload. */
export function parseSavedState(state: unknown): SavedState | undefined {
  return parseAs(SavedState, state);
}

/** An image that the page of a preview captured from its video, or that the user pasted or dropped there. */
export interface CapturedImage {
  use: 'firstFrame' | 'save';
  /** Not validated yet. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Id of the task that the preview shows. */
  task: string;
  /** File name of a dropped image. */
  name?: string | undefined;
  /** Position in the video; not set for pasted and dropped images. */
  frame?: Omit<FrameOrigin, 'task'> | undefined;
  thumbnail?: string | undefined;
}
