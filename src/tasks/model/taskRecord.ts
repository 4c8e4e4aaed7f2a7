import type { AspectRatio } from '../../api/aspectRatio';
import type { ApiErrorKind } from '../../api/apiError';

/**
 * The task record: everything that is needed to continue a task after a crash, on another day, in another window. Changed
 * by `transitions.ts` only, stored by `storage/taskStore.ts`, shown by `views/`.
 *
 * All times are wall clock, milliseconds since 1970. All amounts are roubles.
 */

/** Raised when older code can no longer read a record; see `storage/recordFile.ts`. */
export const RECORD_FORMAT = 1;

export const TASK_STATES = [
  /** Confirmed by the user, not sent yet. */
  'draft',
  /** The request is being sent, or was when its window ended. */
  'submitting',
  /** The request may have arrived and been charged, but no usable response came. Never sent again without the user. */
  'unknown',
  /** The service has accepted it and has not started. */
  'waiting',
  'running',
  /** The service has a video. `localCopy` says whether it has been downloaded. */
  'done',
  /** Will never have a video; `error` says why. */
  'failed',
  /** Was done, and its link expired before the video was downloaded. */
  'expired',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** Why a task failed, or what is wrong with it for now: errors of the API and of the extension. */
export type TaskErrorKind =
  | ApiErrorKind
  /** The service reported that the task failed. */
  | 'task-failed'
  /** The service refused what it had made for its content. */
  | 'output-refused'
  /** The service says that the video is done, and gives no link that works. */
  | 'no-link'
  /** VS Code ended before the request was sent. */
  | 'never-sent'
  /** It was to be asked about before it was sent, and the user did not agree. */
  | 'not-confirmed'
  /** VS Code ended while the request was on its way. */
  | 'interrupted'
  /** The link to the result no longer works. */
  | 'link-expired'
  /** The link leads into this computer or its network, so it is not opened. */
  | 'private-address'
  /** The link did not give a whole video: cut, empty, an error page. */
  | 'not-a-video'
  | 'disk-full'
  /** The extension's storage could not be written or read. */
  | 'storage';

export interface TaskError {
  kind: TaskErrorKind;
  at: number;
  code?: number | undefined;
  status?: number | undefined;
  /** The service's message. Untrusted: escape it before showing it. */
  message?: string | undefined;
  /** An id that came beside the error, and may be the task's: the service is asked before it is believed. */
  taskId?: string | undefined;
  /** The beginning of an answer that could not be used. Hostile until shown as text. */
  answer?: string | undefined;
  issues?: { path: string; expected?: string | undefined; message?: string | undefined }[] | undefined;
}

/** Where in the video of another task a first frame was taken from. Such tasks form a chain. */
export interface FrameOrigin {
  /** The record id of that task, which may have been removed since. */
  task: string;
  /** The time of the frame in that video. */
  seconds: number;
  /** Whether it is the last frame, so that the new video continues where the other one ends. */
  isLast: boolean;
}

/** The first frame as the user chose it, with everything that is needed to send it again. */
export interface FirstFrame {
  /** What the user chose: the URI of a file, or the link itself. */
  source: string;
  /** The image delivery (`images/delivery/`) that made the file readable for the service: `link`, `inline`, … */
  delivery: string;
  /** What to show to the user: the file's name, or the link. */
  label: string;
  /** The link that was sent. An inlined image is not stored: it is read from `source` again. */
  link?: string | undefined;
  /** The link that was sent was a ticket (`common/ticket.ts`) and is not kept: it has to be given anew. */
  isLinkSecret?: boolean | undefined;
  /** Of the image, pixels. */
  width?: number | undefined;
  height?: number | undefined;
  from?: FrameOrigin | undefined;
  /** SHA-256 in hex of the file that was sent, or that the link led to. Tells whether `source` is still that image. */
  hash?: string | undefined;
  /** For display only: a `data:` URL of a JPEG of a few KB, drawn by the first webview that showed the image. */
  thumbnail?: string | undefined;
}

/** Keeps a record small. */
export const THUMBNAIL_MAX_CHARS = 16_384;

/** Checks a thumbnail from a webview, which is untrusted. */
export function isThumbnail(text: string): boolean {
  return text.length <= THUMBNAIL_MAX_CHARS && /^data:image\/jpeg;base64,[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/**
 * The shot of a storyboard that a task was generated for: what it was then. The file may have been changed since, so tasks
 * are matched with shots by all of it, and by the prompt that was sent (`storyboard/takes.ts`).
 */
export interface TaskShot {
  /** URI of the storyboard. */
  document: string;
  /** `Shot 2`; in a scene `Scene 1 / Shot 2`. Hostile until shown as text, as the title is. */
  label: string;
  /** Empty when it has none. */
  title: string;
}

/** Of a label and a title: keeps a record small. */
export const SHOT_TEXT_MAX_CHARS = 500;

export interface TaskRequest {
  /** Empty for a task that was added by its id, until the service reports it. The same for `prompt`. */
  model: string;
  prompt: string;
  aspectRatio?: AspectRatio | undefined;
  firstFrame?: FirstFrame | undefined;
}

/**
 * What a result may be, by what it begins with (`download/videoType.ts`); also the endings of the names of files. The
 * service sends MP4; the others are kept as what they are.
 */
export const VIDEO_TYPES = [
  'mp4',
  'mov',
  'webm',
  'mkv',
  'avi',
  'ts',
  'mpg',
  'flv',
  'ogv',
  'wmv',
  /** These four are kept when they move: pictures that do not are no videos. */
  'gif',
  'webp',
  'png',
  'avif',
] as const;
export type VideoType = (typeof VIDEO_TYPES)[number];

export interface LocalCopy {
  /** `ID.mp4`, whatever its type: earlier versions take no other name. See `getCopyName`. */
  file: string;
  bytes: number;
  at: number;
  /** Absent for an MP4. */
  type?: VideoType | undefined;
}

/** The file name of a local copy in the extension's `videos` directory. */
export function getCopyName({ file, type }: LocalCopy): string {
  return type === undefined ? file : file.replace(/mp4$/, type);
}

/** Where the user saved a video, and what was written there, as far as an older version did not leave that out. */
export interface SavedPlace {
  uri: string;
  at: number;
  bytes?: number | undefined;
  /** SHA-256 of what was written, hex: tells whether the file is still that video when our own copy is gone. */
  hash?: string | undefined;
  /** Of the file when it was written: as long as it has this stamp, it needs no reading (`savedVideos.ts`). */
  stamp?: string | undefined;
}

/** The balance of an account before a request was sent, and after its answer was lost. */
export interface BalanceComparison {
  /** Roubles, as they were known when it was sent. */
  before: number;
  /** When that was asked. */
  beforeAt: number;
  /** `undefined` until the service has said it. */
  after?: number | undefined;
  afterAt?: number | undefined;
  /** Other orders of this account may be part of the difference. */
  isMixed?: boolean | undefined;
}

export interface TaskRecord {
  format: number;
  /** Created before the request is sent, so that a lost response leaves a trace. Sorts by time of creation. */
  id: string;
  state: TaskState;
  /** Created by this extension, or created elsewhere and added by its id. */
  origin: 'generated' | 'added';
  request: TaskRequest;
  /** Absent for a task that was generated for itself. */
  shot?: TaskShot | undefined;
  /** Fingerprint of the key that created it (`common/keyFingerprint.ts`): other keys get "record not found". */
  account?: string | undefined;
  /** The service's id, once known. */
  gatewayId?: string | undefined;
  /** The price that was shown to the user before sending; absent when it was unknown. */
  quotedPrice?: number | undefined;
  /** The price that came with the result; undocumented, so mostly absent. */
  cost?: number | undefined;

  /**
   * The balance around a request whose answer may be lost, until it is known what became of it: a hint whether it was
   * charged. Nothing is decided by it.
   */
  balance?: BalanceComparison | undefined;

  /** The process that owns it while it is `draft` or `submitting` (`worker/processIdentity.ts`). */
  sender?: string | undefined;
  /**
   * A `draft` that the user has yet to agree to, because it would go past the daily budget: it takes nothing of the
   * budget meanwhile (`reservations.ts`).
   */
  awaitsConsent?: boolean | undefined;

  createdAt: number;
  submittedAt?: number | undefined;
  acceptedAt?: number | undefined;
  /** When it was first seen running. */
  startedAt?: number | undefined;
  /** When it was first seen done, failed or expired. */
  finishedAt?: number | undefined;

  /** The last status that the service reported: `idle`, `running`, … */
  word?: string | undefined;
  /** `expiresAt` is the earliest time at which the link may expire: 48 hours (documented) after it may have been created. */
  result?: { url: string; expiresAt: number } | undefined;
  /**
   * The last answer about it that made no sense, to look at later: short, without secrets, links and prompt
   * (`common/cleanAnswer.ts`).
   */
  lastAnswer?: { at: number; text: string } | undefined;
  localCopy?: LocalCopy | undefined;
  /** The user deleted the local copy, so it is not downloaded again without the user. */
  copyDropped?: boolean | undefined;
  /** Where the user saved it, oldest first. A place that another video was saved to is no longer among them. */
  saved: SavedPlace[];

  /** Why it is `failed`, `unknown` or `expired`. */
  error?: TaskError | undefined;
  /** A transient error of a task that continues by itself; removed when the next attempt succeeds. */
  trouble?: TaskError | undefined;
}

/** The fields that spending is computed from. Nothing else is kept of a removed task. */
export type ChargeableTask = Pick<
  TaskRecord,
  'state' | 'origin' | 'gatewayId' | 'quotedPrice' | 'cost' | 'createdAt' | 'submittedAt' | 'awaitsConsent'
> & {
  request: Pick<TaskRequest, 'model'> & { prompt?: string };
};

/** Whether the task has to be polled. */
export function isPending({ state, gatewayId }: TaskRecord): boolean {
  return (state === 'waiting' || state === 'running') && gatewayId !== undefined;
}

/** Whether its video has to be downloaded. */
export function isDownloadable({ state, localCopy, copyDropped, result }: TaskRecord): boolean {
  return state === 'done' && localCopy === undefined && !copyDropped && result !== undefined;
}

/** Whether it is still in progress. The badge counts these. */
export function isUnfinished({ state }: Pick<TaskRecord, 'state'>): boolean {
  return state === 'draft' || state === 'submitting' || state === 'waiting' || state === 'running';
}

/** Whether a task failed before anything was sent, by no fault of the service or the network. */
export function isNeverSent(error: TaskError | undefined): boolean {
  return error?.kind === 'never-sent' || error?.kind === 'not-confirmed';
}
