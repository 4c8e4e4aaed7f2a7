import type { Account } from './accounts';
import type { CatalogueEntry } from './catalogue';
import type { Task } from './tasks';
import type { OtherVideoType } from './video/otherTypes';

/** How long tasks take: always `n` ms, log-normal around a median, or as a function says (ms). */
export type Durations =
  number | { readonly medianMs: number; readonly sigma: number } | ((model: string, index: number) => number);

/**
 * What lies behind a result link: one small clip for each aspect ratio, a clip drawn and encoded for
 * the task, a file of another type than MP4, or given bytes.
 */
export type VideoSource =
  'tiny' | 'real' | OtherVideoType | Uint8Array | ((task: Task) => Uint8Array | Promise<Uint8Array>);

/** How a failed task answers. `code` other than 0 beside the status word is a failed task as well. */
export interface Failure {
  readonly code: number;
  readonly status: string;
  readonly message: string;
}

/** What may be changed while the emulator runs. */
export interface Behaviour {
  /** Are `data:` URLs taken as images? Undocumented, so clients have to live with both answers. */
  acceptDataUrls: boolean;
  /** Fetch an image link at once, as the real service would, and refuse what is no image. */
  fetchImages: boolean;
  durations: Durations;
  /** The words a task goes through, spread evenly over its duration; the last one means done. */
  statuses: readonly string[];
  failure: Failure;
  /** Words in a prompt that bring the given service code: by default `#1001` brings code 1001, … */
  markers: Readonly<Record<string, number>>;
  /** The answer to a task id that is not 24 hex digits; which one the real service gives is unknown. */
  malformedIdCode: 3 | 4;
  /** Merged into every result, such as `{ mime: 'video/mp4', cost: 122 }`. */
  resultFields: Readonly<Record<string, unknown>>;
  models: readonly CatalogueEntry[];
  /** How long a result link works, in ms from the end of the task. */
  linkLifeMs: number;
  /** How long one link works before the next result names another one, ms. Not documented of the service. */
  oneLinkLifeMs: number;
  /** Content-Type of result files. */
  fileType: string;
  video: VideoSource;
  /** Shorter side of a drawn video in pixels; taken to the nearest size that keeps the exact ratio. */
  shortSidePx: number;
  /** Frames a second of a drawn video. */
  fps: number;
}

/** What another process may send to change the behaviour: all of it that JSON can say. */
export type BehaviourPatch = Partial<
  Omit<Behaviour, 'durations' | 'video'> & {
    durations: number | { medianMs: number; sigma: number };
    video: 'tiny' | 'real' | OtherVideoType;
  }
>;

/** Options that count when the emulator starts; see also {@link Behaviour}. */
export interface StartOptions {
  /** TCP ports; 0 (the default) takes any free one. */
  port?: number;
  filesPort?: number;
  foreignPort?: number;
  controlPort?: number;
  /** The accepted key. Default: `shds-emulator-key`. */
  key?: string;
  /** The account behind `key`; more accounts can be added to the running emulator. */
  account?: Partial<Account>;
  /** Seed of ids, durations and of faults with a probability. */
  seed?: number;
  /** The clock, in ms since 1970. Default: `Date.now`, and so a fake clock of the same process. */
  now?: () => number;
}

const MARKED_CODES = [1, 2, 3, 4, 5, 6, 7, 99, 500, 1001, 1002];
const HOUR_MS = 3_600_000;

export const DEFAULT_BEHAVIOUR: Omit<Behaviour, 'models'> = {
  acceptDataUrls: true,
  fetchImages: false,
  durations: 1_000,
  statuses: ['idle', 'running', 'done'],
  failure: { code: 0, status: 'failed', message: 'The video could not be generated. Please try again.' },
  markers: Object.fromEntries(MARKED_CODES.map((code) => [`#${code}`, code])),
  malformedIdCode: 4,
  resultFields: {},
  linkLifeMs: 48 * HOUR_MS,
  oneLinkLifeMs: Infinity,
  fileType: 'video/mp4',
  video: 'tiny',
  shortSidePx: 432,
  fps: 24,
};
