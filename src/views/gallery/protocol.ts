import * as v from 'valibot';
import { parseAs } from '../../common/parse';
import { PosterMessage, TaskId } from '../messageParts';

/**
 * The messages between the webview of the gallery and its host, and their parsers. Both sides import this file, so it
 * must import neither VS Code nor Node. Both validate what they receive: texts of tiles come from the service and from
 * imports, and a page that shows untrusted text is not trusted by the host.
 */

/** What a tile is, for its icon and for the filter. The words that are shown say more. */
export const TILE_STATES = ['done', 'underway', 'unknown', 'failed', 'expired', 'readonly'] as const;
export type TileState = (typeof TILE_STATES)[number];

/** Longer prompts are not sent whole: the service takes 3,000 characters. */
export const PROMPT_MAX_CHARS = 3_000;

const Text = v.pipe(v.string(), v.maxLength(400));

/** A task as the gallery shows it. Plain text: the page sets it as `textContent`. */
const Tile = v.object({
  id: TaskId,
  /** Without control characters; empty while it is not known. */
  prompt: v.pipe(v.string(), v.maxLength(PROMPT_MAX_CHARS)),
  /** What the task is called while its prompt is not known. */
  name: v.optional(Text),
  state: v.picklist(TILE_STATES),
  /** The state in words. */
  words: Text,
  /** The title of the model's family, by which models are filtered; empty for an unknown model. */
  family: Text,
  /** The whole title of the model. */
  model: Text,
  ratio: v.optional(Text),
  /** Roubles: what was charged, or else what was quoted. */
  price: v.optional(v.number()),
  priceText: v.optional(Text),
  /** When it was created, milliseconds since the epoch. */
  at: v.number(),
  /** The day of that in the time zone of the host, as `2026-11-26`; empty for a time that is none. */
  day: v.pipe(v.string(), v.regex(/^(\d{4,6}-\d\d-\d\d)?$/)),
  /** The chain that it is part of. */
  chain: v.optional(TaskId),
  /** Counts along the chain. */
  chainTake: v.optional(v.number()),
  /** Which of the videos of its prompt it is, in words, if there are several. */
  take: v.optional(Text),
  saved: v.optional(v.literal(true)),
  /** Whether it is saved in a folder of this workspace. */
  here: v.optional(v.literal(true)),
  /** When the local copy was made, if there is one: another copy has another picture. */
  copyAt: v.optional(v.number()),
});
export type Tile = v.InferOutput<typeof Tile>;

/** So many tiles are sent at a time: more would hold up a frame of the page. */
export const TILES_A_MESSAGE = 500;

/** What the pictures of a tile are loaded from. */
const ResourceUrl = v.pipe(v.string(), v.regex(/^(https|vscode-webview-resource|vscode-resource):/));
const Media = v.object({ id: TaskId, poster: v.optional(ResourceUrl), video: v.optional(ResourceUrl) });
export type Media = v.InferOutput<typeof Media>;

/** What the page begins with, so that the first pictures do not wait for a message. */
const FirstTiles = v.object({ tiles: v.array(Tile), media: v.array(Media), total: v.number(), today: v.string() });
export type FirstTiles = v.InferOutput<typeof FirstTiles>;

const HostMessage = v.variant('type', [
  v.object({
    /** A part of all tiles, newest first. The first part replaces what the page has. */
    type: v.literal('tiles'),
    isFirst: v.boolean(),
    isLast: v.boolean(),
    tiles: v.array(Tile),
  }),
  v.object({
    /** What has changed since. New tiles are among `tiles`. */
    type: v.literal('changes'),
    tiles: v.array(Tile),
    removed: v.array(TaskId),
  }),
  v.object({ type: v.literal('media'), media: v.array(Media) }),
  /** Which day it is, for the headings. */
  v.object({ type: v.literal('today'), today: v.string() }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Parses a message of the host. Returns `undefined` for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  return parseAs(HostMessage, message);
}

/** Parses what is part of the page. */
export function parseFirstTiles(value: unknown): FirstTiles | undefined {
  return parseAs(FirstTiles, value);
}

/** Commands that the page may ask for, with the ids of the tasks that they are for. The host knows which they are. */
export const GALLERY_ACTIONS = ['preview', 'save', 'saveAll', 'compare', 'exportGif', 'remove', 'cleanUp'] as const;
export type GalleryAction = (typeof GALLERY_ACTIONS)[number];

/** The most tasks that one message is about. */
export const MAX_IDS = 100_000;
/** The most tiles whose media are asked for at once: more are never in sight. */
export const MAX_MEDIA_IDS = 500;

const WebviewMessage = v.variant('type', [
  /** The page listens for messages. */
  v.object({ type: v.literal('ready') }),
  /** These tiles come into sight. The host answers with `media`. */
  v.object({ type: v.literal('look'), ids: v.pipe(v.array(TaskId), v.maxLength(MAX_MEDIA_IDS)) }),
  v.object({
    type: v.literal('action'),
    action: v.picklist(GALLERY_ACTIONS),
    ids: v.pipe(v.array(TaskId), v.maxLength(MAX_IDS)),
  }),
  PosterMessage,
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;

/** Parses a message of the page. Returns `undefined` for anything else. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  return parseAs(WebviewMessage, message);
}

export const SORTS = ['newest', 'oldest', 'expensive', 'cheap', 'prompt'] as const;
export type Sort = (typeof SORTS)[number];
export const GROUPS = ['day', 'chain', 'none'] as const;
export type Group = (typeof GROUPS)[number];
export const SAVED_FILTERS = ['saved', 'unsaved', 'here'] as const;
export type SavedFilter = (typeof SAVED_FILTERS)[number];

/** The most characters of a query, and of a number that is typed. */
export const QUERY_MAX_CHARS = 500;

/** What is shown, and in which order. Absent is any. */
const ViewSettings = v.object({
  query: v.fallback(v.pipe(v.string(), v.maxLength(QUERY_MAX_CHARS)), ''),
  state: v.fallback(v.optional(v.picklist(TILE_STATES)), undefined),
  family: v.fallback(v.optional(Text), undefined),
  ratio: v.fallback(v.optional(Text), undefined),
  saved: v.fallback(v.optional(v.picklist(SAVED_FILTERS)), undefined),
  /** Roubles, both included. */
  minPrice: v.fallback(v.optional(v.pipe(v.number(), v.minValue(0))), undefined),
  maxPrice: v.fallback(v.optional(v.pipe(v.number(), v.minValue(0))), undefined),
  sort: v.fallback(v.picklist(SORTS), 'newest'),
  group: v.fallback(v.picklist(GROUPS), 'day'),
});
export type ViewSettings = v.InferOutput<typeof ViewSettings>;

/** The most selected tasks that the page remembers. */
export const MAX_REMEMBERED_IDS = 1_000;

const SavedState = v.object({
  settings: ViewSettings,
  /** Whether the filters are shown. */
  isFiltering: v.fallback(v.boolean(), false),
  /** The tile at the top of what is seen, and how many pixels of its row are above. */
  top: v.fallback(v.optional(v.object({ id: TaskId, offset: v.number() })), undefined),
  active: v.fallback(v.optional(TaskId), undefined),
  selected: v.fallback(v.pipe(v.array(TaskId), v.maxLength(MAX_REMEMBERED_IDS)), []),
});
export type SavedState = v.InferOutput<typeof SavedState>;

/** Parses the state of the page that VS Code keeps. What is damaged is as it is at first, the rest stays. */
export function parseSavedState(state: unknown): SavedState | undefined {
  return parseAs(SavedState, state);
}

/** Everything as it is at first. */
export function createViewSettings(): ViewSettings {
  return { query: '', sort: 'newest', group: 'day' };
}

/** Localized texts. The page replaces `{0}`. */
export type GalleryStrings = Record<
  | 'title'
  | 'grid'
  | 'search'
  | 'filters'
  | 'anyState'
  | 'anyModel'
  | 'anyRatio'
  | 'anyPlace'
  | 'state'
  | 'model'
  | 'ratio'
  | 'place'
  | 'saved'
  | 'unsaved'
  | 'here'
  | 'minPrice'
  | 'maxPrice'
  | 'sort'
  | 'newest'
  | 'oldest'
  | 'expensive'
  | 'cheap'
  | 'byPrompt'
  | 'group'
  | 'byDay'
  | 'byChain'
  | 'ungrouped'
  | 'clear'
  | 'today'
  | 'yesterday'
  | 'unknownDay'
  | 'noChain'
  | 'chain'
  | 'found'
  | 'foundOf'
  | 'nothing'
  | 'none'
  | 'noneHint'
  | 'loading'
  | 'selected'
  | 'selection'
  | 'selectAll'
  | 'deselect'
  | 'save'
  | 'saveAll'
  | 'compare'
  | 'exportGif'
  | 'remove'
  | 'cleanUp'
  | 'savedMark'
  | 'stateDone'
  | 'stateUnderway'
  | 'stateUnknown'
  | 'stateFailed'
  | 'stateExpired'
  | 'stateReadonly'
  | 'keys',
  string
>;
