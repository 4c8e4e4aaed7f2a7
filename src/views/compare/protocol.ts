import * as v from 'valibot';
import { parseAs } from '../../common/parse';
import { MediaUrl, TaskId } from '../messageParts';

/**
 * The messages between the page that compares takes and its host, and their parsers. Both sides import this file, so it
 * must import neither VS Code nor Node. Both validate what they receive: the page plays untrusted files and shows
 * untrusted text.
 */

export const MIN_COMPARED = 2;
export const MAX_COMPARED = 4;

/** What the page may ask for about one of its takes. Each is a button; the host decides which are shown. */
export const TAKE_ACTIONS = [
  /** Chooses it for its shot of a storyboard. */
  'use',
  'save',
  'again',
  'remove',
  'preview',
  /** Fetches the video once more, after it could not be shown. */
  'reload',
  'openExternal',
] as const;
export type TakeAction = (typeof TAKE_ACTIONS)[number];

const TakeButton = v.object({ action: v.picklist(TAKE_ACTIONS), label: v.string() });
export type TakeButton = v.InferOutput<typeof TakeButton>;

const ComparedTake = v.object({
  id: TaskId,
  /** What it is called beside the others: `Take 2 of 3`. */
  name: v.string(),
  /** What else tells it from them: its age, and the prompt where the prompts differ. */
  about: v.string(),
  /** Absent while there is nothing to play; `notice` says why. */
  video: v.optional(
    v.object({
      /** Of the local copy. */
      url: MediaUrl,
      /** Whether the file may be anything else than an MP4 with the codecs of the service. */
      isOther: v.boolean(),
      /** Whether there is a sound: by the tables of the file, or until they are read by the model. */
      sound: v.optional(v.boolean()),
    }),
  ),
  notice: v.optional(v.string()),
  /** Requested width divided by height, used until the video is loaded. */
  ratio: v.number(),
  buttons: v.array(TakeButton),
});
export type ComparedTake = v.InferOutput<typeof ComparedTake>;

/** A piece of a text: in both, in this one only, or in the first one only. */
const DiffPart = v.object({ text: v.string(), change: v.optional(v.picklist(['inserted', 'removed'])) });
export type DiffPart = v.InferOutput<typeof DiffPart>;

/** A fact in which the takes differ, in the order of the takes; each but the first as what is changed from the first. */
const Difference = v.object({ name: v.string(), values: v.array(v.array(DiffPart)) });
export type Difference = v.InferOutput<typeof Difference>;

/** Everything that the page shows, localized. Plain text: the page sets it as `textContent`. */
const CompareModel = v.object({
  title: v.string(),
  state: v.picklist([
    /** The list of tasks is being loaded. */
    'loading',
    'ready',
    /** Only one of them is left in the list, or none. */
    'over',
  ]),
  /** What is said in place of the takes. */
  heading: v.string(),
  lines: v.array(v.string()),
  takes: v.pipe(v.array(ComparedTake), v.maxLength(MAX_COMPARED)),
  differences: v.array(Difference),
  /** Facts that are the same in all. */
  same: v.array(v.object({ name: v.string(), value: v.string() })),
});
export type CompareModel = v.InferOutput<typeof CompareModel>;

/** Localized texts that do not depend on the takes. The page replaces `{0}`, `{1}`. */
export type CompareStrings = Record<
  | 'player'
  | 'play'
  | 'pause'
  | 'timeline'
  | 'timelineValue'
  | 'stepBack'
  | 'stepForward'
  | 'speed'
  | 'loop'
  | 'soundOf'
  | 'soundOff'
  | 'silent'
  | 'wipe'
  | 'wipeOff'
  | 'divider'
  | 'dividerValue'
  | 'differences'
  | 'changedFrom'
  | 'noDifferences'
  | 'same'
  | 'inserted'
  | 'removed'
  | 'keys'
  | 'keySpace'
  | 'keyArrows'
  | 'keyFrames'
  | 'keySpeed'
  | 'keyEnds'
  | 'keySound',
  string
>;

const HostMessage = v.variant('type', [
  /** A complete model. The page updates only what differs. */
  v.object({ type: v.literal('model'), model: CompareModel }),
  v.object({
    /** When each frame of the copy of a take appears, in seconds; not set if the file does not tell. */
    type: v.literal('frames'),
    id: TaskId,
    times: v.optional(v.array(v.number())),
  }),
  v.object({
    /** The sound of a take as a file that every player takes; without a URL if it cannot be decoded. */
    type: v.literal('sound'),
    id: TaskId,
    url: v.optional(MediaUrl),
  }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Parses a message of the host. Returns `undefined` for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  return parseAs(HostMessage, message);
}

/** Parses the model that is part of the page. */
export function parseCompareModel(model: unknown): CompareModel | undefined {
  return parseAs(CompareModel, model);
}

const WebviewMessage = v.variant('type', [
  /** The page listens for messages. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('action'), id: TaskId, action: v.picklist(TAKE_ACTIONS) }),
  v.object({
    type: v.literal('videoError'),
    id: TaskId,
    /** `MediaError.code`; 0 if the browser reports that it cannot play H.264, 5 if it plays only the sound. */
    code: v.picklist([0, 1, 2, 3, 4, 5]),
  }),
  /** The player cannot decode the sound of a take that is to be heard. The host replies with `sound`. */
  v.object({ type: v.literal('soundNeeded'), id: TaskId }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;

/** Parses a message of the page. Returns `undefined` for anything else. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  return parseAs(WebviewMessage, message);
}

const SavedState = v.object({
  ids: v.pipe(
    v.array(TaskId),
    v.minLength(1),
    v.maxLength(MAX_COMPARED),
    v.check((ids) => new Set(ids).size === ids.length),
  ),
});

/** Parses the state of the page that VS Code restores after a reload: the ids of the takes, in turn. */
export function parseSavedState(state: unknown): readonly string[] | undefined {
  const { success, output } = v.safeParse(SavedState, state);
  return success ? output.ids : undefined;
}
