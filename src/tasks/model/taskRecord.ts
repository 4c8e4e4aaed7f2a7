import type { AspectRatio } from '../../api/aspectRatio';
import type { ApiErrorKind } from '../../api/apiError';

/**
 * The task record: the one noun of this extension, and all that is needed to go on after a crash, on
 * another day, in another window. Written by `transitions.ts` only, kept by `store.ts`, shown by `views/`.
 *
 * All times are wall clock, milliseconds since 1970. All amounts are roubles.
 */

/** Raised when a record can no longer be read by older code; see `recordFile.ts`. */
export const RECORD_FORMAT = 1;

export const TASK_STATES = [
  /** Confirmed by the user, not sent yet. */
  'draft',
  /** The request is on its way, or was when a window died. */
  'submitting',
  /** The request may have arrived and be charged; no usable answer came. Never sent again by itself. */
  'unknown',
  /** The service has it and has not begun. */
  'waiting',
  'running',
  /** The service has a video. `localCopy` says whether we have it too. */
  'done',
  /** Will never have a video; `error` says why. */
  'failed',
  /** Was done, and its link died before a copy was made. */
  'expired',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** Why a task failed or what troubles it: the service's errors, and our own. */
export type TaskErrorKind =
  | ApiErrorKind
  /** The service says that the task itself failed. */
  | 'task-failed'
  /** VS Code ended before the request was sent. */
  | 'never-sent'
  /** VS Code ended while the request was on its way. */
  | 'interrupted'
  /** The link to the result no longer works. */
  | 'link-expired'
  /** What the link gave was not a whole video: cut, empty, an error page. */
  | 'not-a-video'
  | 'disk-full'
  /** The extension's storage could not be written or read. */
  | 'storage';

export interface TaskError {
  kind: TaskErrorKind;
  at: number;
  code?: number | undefined;
  status?: number | undefined;
  /** The service's own words. Hostile until shown as text. */
  message?: string | undefined;
  issues?: { path: string; expected?: string | undefined; message?: string | undefined }[] | undefined;
}

/** Where a first frame was taken from the video of another task. Tasks made so are a chain. */
export interface FrameOrigin {
  /** Our id of that task. It may have been removed since. */
  task: string;
  /** The time of the frame in its video. */
  seconds: number;
  /** The very last one: the new video goes on where the other ends. */
  isLast: boolean;
}

/** The first frame as the user chose it; enough to send it again. */
export interface FirstFrame {
  /** What was chosen: the URI of a file, or the link itself. */
  source: string;
  /** The strategy of `frames/` that made the file readable for the service: `link`, `inline`, … */
  delivery: string;
  /** What people call it: the file's name, or the link. */
  label: string;
  /** What was sent, when it was a link. An inlined image is not kept: it is read from `source` again. */
  link?: string | undefined;
  /** Of the image, pixels. */
  width?: number | undefined;
  height?: number | undefined;
  from?: FrameOrigin | undefined;
  /** SHA-256 of the file that was sent, or that the link led to, in hex: tells whether `source` is still that image. */
  hash?: string | undefined;
  /** For the eye only: a `data:` URL of a JPEG of a few KB, drawn by the first page that showed the image. */
  thumbnail?: string | undefined;
}

/** So that a record stays small. */
export const THUMBNAIL_MAX_CHARS = 16_384;

/** What a page handed in is shown nowhere before it was looked at. */
export function isThumbnail(text: string): boolean {
  return text.length <= THUMBNAIL_MAX_CHARS && /^data:image\/jpeg;base64,[A-Za-z0-9+/]+={0,2}$/.test(text);
}

export interface TaskRequest {
  /** Empty for a task that was added by id until the service told. The same for `prompt`. */
  model: string;
  prompt: string;
  aspectRatio?: AspectRatio | undefined;
  firstFrame?: FirstFrame | undefined;
}

export interface LocalCopy {
  /** A name inside the extension's own `videos` folder. */
  file: string;
  bytes: number;
  at: number;
}

export interface TaskRecord {
  format: number;
  /** Made by us before the request, so that a lost answer leaves a trace. Sorts by time of creation. */
  id: string;
  state: TaskState;
  /** Made here, or made elsewhere and followed by its id. */
  origin: 'generated' | 'added';
  request: TaskRequest;
  /** Fingerprint of the key that made it (`account.ts`): other keys get "record not found". */
  account?: string | undefined;
  /** The service's id, once known. */
  gatewayId?: string | undefined;
  /** As shown to the user before sending; absent when the service named none. */
  quotedPrice?: number | undefined;
  /** As told with the result; undocumented, so mostly absent. */
  cost?: number | undefined;

  /** Which process has it while it is `draft` or `submitting` (`identity.ts`). */
  sender?: string | undefined;

  createdAt: number;
  submittedAt?: number | undefined;
  acceptedAt?: number | undefined;
  /** First seen at work. */
  startedAt?: number | undefined;
  /** First seen done, failed or expired. */
  finishedAt?: number | undefined;

  /** The service's last word about it: `idle`, `running`, … */
  word?: string | undefined;
  /** `expiresAt` is the earliest time at which the link may die, 48 hours (documented) after it can have been made. */
  result?: { url: string; expiresAt: number } | undefined;
  localCopy?: LocalCopy | undefined;
  /** The user let go of our copy on purpose: it is not fetched again by itself. */
  copyDropped?: boolean | undefined;
  /** Where the user saved it, as URIs, oldest first. */
  saved: { uri: string; at: number }[];

  /** Why it is `failed`, `unknown` or `expired`. */
  error?: TaskError | undefined;
  /** A passing difficulty of a task that goes on by itself; goes when the next try succeeds. */
  trouble?: TaskError | undefined;
}

/** What spending is summed up from; of a removed task nothing else is kept. */
export type ChargeableTask = Pick<
  TaskRecord,
  'state' | 'origin' | 'gatewayId' | 'quotedPrice' | 'cost' | 'createdAt' | 'submittedAt'
> & {
  request: Pick<TaskRequest, 'model'> & { prompt?: string };
};

/** Whether the service is to be asked about it. */
export function isPending({ state, gatewayId }: TaskRecord): boolean {
  return (state === 'waiting' || state === 'running') && gatewayId !== undefined;
}

/** Whether its video is to be fetched. */
export function isDownloadable({ state, localCopy, copyDropped, result }: TaskRecord): boolean {
  return state === 'done' && localCopy === undefined && !copyDropped && result !== undefined;
}

/** Whether it is still on its way: counted by the badge. */
export function isUnfinished({ state }: TaskRecord): boolean {
  return state === 'draft' || state === 'submitting' || state === 'waiting' || state === 'running';
}
