/** Longer texts are seldom asked for twice. In UTF-16. */
const MAX_CHARS = 200;
/** A film of thousands of shots, with title and label of each. */
const MAX_TEXTS = 20_000;

/**
 * Remembers what a pure function makes of short texts. A film is read again with each key, and all of its names but one
 * are the same as before.
 */
export class TextMemory<T> {
  readonly #known = new Map<string, T>();

  constructor(private readonly compute: (text: string) => T) {}

  of(text: string): T {
    if (text.length > MAX_CHARS) {
      return this.compute(text);
    }
    const known = this.#known.get(text);
    if (known !== undefined) {
      return known;
    }
    const result = this.compute(text);
    if (this.#known.size >= MAX_TEXTS) {
      this.#known.clear();
    }
    this.#known.set(toOwnText(text), result);
    return result;
  }
}

/** A part of a long text keeps all of it in memory, in V8; a copy does not. */
function toOwnText(text: string): string {
  return ` ${text}`.slice(1);
}
