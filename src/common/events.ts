/** What `vscode.Disposable` and `vscode.EventEmitter` are, for services that know no VS Code. Same shapes, so they mix. */

export interface IDisposable {
  dispose(): void;
}

export type Event<T> = (listener: (event: T) => unknown) => IDisposable;

export class Emitter<T> implements IDisposable {
  #listeners = new Set<(event: T) => unknown>();

  readonly event: Event<T> = (listener) => {
    // Wrapped, so that the same function registered twice is heard twice.
    const entry = (event: T) => listener(event);
    this.#listeners.add(entry);
    return { dispose: () => this.#listeners.delete(entry) };
  };

  /** Tells everyone. A listener that throws does not keep the others from hearing. */
  fire(event: T): void {
    const errors: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      queueMicrotask(() => {
        throw new AggregateError(errors, 'a listener failed');
      });
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

/** Owns what it registers, and lets go of it once. */
export abstract class Disposable implements IDisposable {
  readonly #owned: IDisposable[] = [];
  #disposed = false;

  get isDisposed(): boolean {
    return this.#disposed;
  }

  protected _register<T extends IDisposable>(owned: T): T {
    if (this.#disposed) {
      owned.dispose();
      throw new Error('registered with a disposed object');
    }
    this.#owned.push(owned);
    return owned;
  }

  dispose(): void {
    if (this.#disposed) {
      return;
    }
    this.#disposed = true;
    for (const owned of this.#owned.reverse()) {
      owned.dispose();
    }
  }
}
