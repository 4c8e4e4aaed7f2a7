import type * as vscode from 'vscode';
import { systemClock, type Clock } from '../common/clock';

/** A keyring may ask for its password first; a call that takes longer than this may never end. */
export const READ_LIMIT_MS = 10_000;
/** A slow keyring that has answered after all is waited for longer the next time. */
const READ_LIMIT_MAX_MS = 80_000;
/** The user may have to type the password of the keyring. */
export const WRITE_LIMIT_MS = 120_000;

export interface SecretReaderOptions {
  secrets: Pick<vscode.SecretStorage, 'get'>;
  clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  /** Called when a read that was given up has ended after all: the keyring answers again. */
  onLateAnswer?: () => void;
}

/** The secret storage did not answer in time, or with an error. What is stored there is as it was. */
export class SecretStorageError extends Error {
  override readonly name = 'SecretStorageError';
}

interface Read {
  answer: Promise<string | undefined>;
  /** A read that began before a change may answer with what was there before. */
  isOutdated: boolean;
}

/**
 * Reads from `SecretStorage`, which on Linux is a keyring that may be locked, ask the user first, or not answer at all.
 * Readers of the same secret share one call, so that a locked keyring asks once.
 */
export class SecretReader {
  readonly #options: SecretReaderOptions;
  readonly #reads = new Map<string, Read>();
  #limitMs = READ_LIMIT_MS;

  constructor(options: SecretReaderOptions) {
    this.#options = options;
  }

  /** @throws {SecretStorageError} */
  async read(name: string): Promise<string | undefined> {
    for (;;) {
      let read = this.#reads.get(name);
      if (!read) {
        const started: Read = { answer: this.#start(name, () => this.#end(name, started)), isOutdated: false };
        this.#reads.set(name, (read = started));
      }
      const answer = await read.answer;
      if (!read.isOutdated) {
        return answer;
      }
    }
  }

  /** Something was written, here or in another window: a read on its way may tell what was there before. */
  outdate(): void {
    for (const read of this.#reads.values()) {
      read.isOutdated = true;
    }
    this.#reads.clear();
  }

  #end(name: string, read: Read): void {
    if (this.#reads.get(name) === read) {
      this.#reads.delete(name);
    }
  }

  async #start(name: string, onEnd: () => void): Promise<string | undefined> {
    const { secrets, clock, onLateAnswer } = this.#options;
    try {
      return await withLimit(
        () => secrets.get(name),
        this.#limitMs,
        clock,
        () => {
          this.#limitMs = Math.min(this.#limitMs * 2, READ_LIMIT_MAX_MS);
          onLateAnswer?.();
        },
      );
    } finally {
      onEnd();
    }
  }
}

/**
 * @param onLate called when the call succeeds after it was given up
 * @throws {SecretStorageError}
 */
export function withLimit<T>(
  call: () => Thenable<T>,
  limitMs: number,
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> = systemClock,
  onLate?: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = clock.setTimeout(() => {
      isLate = true;
      reject(new SecretStorageError(`the secret storage has not answered for ${limitMs / 1000} s`));
    }, limitMs);
    const fail = (cause: unknown) => {
      clock.clearTimeout(timer);
      reject(new SecretStorageError(cause instanceof Error ? cause.message : String(cause), { cause }));
    };
    try {
      call().then((value) => {
        clock.clearTimeout(timer);
        resolve(value);
        if (isLate) {
          onLate?.();
        }
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
