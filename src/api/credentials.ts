import type { Event } from '../common/events';

/** Where the API key comes from. Read before each use, so that no other copy of it is kept in memory. */
export interface Credentials {
  /**
   * @returns `undefined` when there is no key, or it was entered for another address than that in the settings
   * @throws {ApiError} of kind `key-unreadable`: the secret storage fails or does not answer, as a locked keyring does
   */
  get(): Promise<string | undefined>;
  /** Whether the last `get` returned no key although there is one, because it was entered for another address. */
  readonly isHeldBack?: boolean;
  /** Fires when the key was set, changed or removed, in this window or another one. */
  readonly onDidChange: Event<void>;
}
