/** Which tiles are selected, by their ids, and from where a range is extended. Knows nothing of the page. */
export class Selection {
  readonly #ids: Set<string>;
  /** Where a range begins. */
  #anchor: string | undefined;
  /** What the range has selected, so that a shorter one gives it back. */
  #range = new Set<string>();

  constructor(ids: Iterable<string> = []) {
    this.#ids = new Set(ids);
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The ids in the order of the list. */
  inOrder(order: readonly { id: string }[]): string[] {
    return order.flatMap(({ id }) => (this.#ids.has(id) ? [id] : []));
  }

  toggle(id: string): void {
    if (!this.#ids.delete(id)) {
      this.#ids.add(id);
    }
    this.#setAnchor(id);
  }

  /** Selects everything between the anchor and this one, and gives back what an earlier, longer range had selected. */
  extend(id: string, order: readonly { id: string }[], indexes: ReadonlyMap<string, number>, from: string): void {
    this.#anchor = this.#anchor !== undefined && indexes.has(this.#anchor) ? this.#anchor : from;
    const [begin, end] = [indexes.get(this.#anchor) ?? 0, indexes.get(id) ?? 0].sort((a, b) => a - b) as [
      number,
      number,
    ];
    for (const one of this.#range) {
      this.#ids.delete(one);
    }
    this.#range = new Set(order.slice(begin, end + 1).flatMap((tile) => (this.#ids.has(tile.id) ? [] : [tile.id])));
    this.#range.forEach((one) => this.#ids.add(one));
  }

  selectAll(order: readonly { id: string }[]): void {
    order.forEach(({ id }) => this.#ids.add(id));
    this.#range.clear();
  }

  clear(): void {
    this.#ids.clear();
    this.#range.clear();
    this.#anchor = undefined;
  }

  /** Forgets what is no longer in the list. @returns whether anything was selected of it */
  keepOnly(isThere: (id: string) => boolean): boolean {
    const gone = [...this.#ids].filter((id) => !isThere(id));
    gone.forEach((id) => this.#ids.delete(id));
    return gone.length > 0;
  }

  /** The next range begins here. */
  setAnchor(id: string): void {
    this.#setAnchor(id);
  }

  #setAnchor(id: string): void {
    this.#anchor = id;
    this.#range.clear();
  }
}
