/** `vscode.Disposable` and `vscode.EventEmitter` for code that does not depend on VS Code. Structurally compatible. */

export interface IDisposable {
  dispose(): void;
}

export type Event<T> = (listener: (event: T) => unknown) => IDisposable;

export class Emitter<T> implements IDisposable {
  #listeners = new Set<(event: T) => unknown>();

  readonly event: Event<T> = (listener) => {
    // Wrapped, so that a function that is registered twice is called twice.
    const entry = (event: T) => listener(event);
    this.#listeners.add(entry);
    return { dispose: () => this.#listeners.delete(entry) };
  };

  /** Calls all listeners. If one throws, the others are still called. */
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

/** Disposes what it has registered, in reverse order, once. */
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
