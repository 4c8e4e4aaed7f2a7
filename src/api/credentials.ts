import type { Event } from '../common/events';

/** Where the API key comes from. Asked before each use, so that it lives nowhere else. */
export interface Credentials {
  get(): Promise<string | undefined>;
  /** Set, changed or removed, here or in another window. */
  readonly onDidChange: Event<void>;
}
