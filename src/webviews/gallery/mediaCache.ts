import type { Media, Tile } from '../../views/gallery/protocol';

/** Of what was seen, so many are remembered: an address is a few hundred bytes. */
const KEPT = 2_000;

interface Entry {
  media: Media | undefined;
  /** The copy that it was asked for. */
  copyAt: number | undefined;
}

/** Where the pictures of tiles are, as far as the host was asked. */
export class MediaCache {
  readonly #entries = new Map<string, Entry>();
  readonly #ask: (ids: string[]) => void;
  #toAsk: string[] = [];

  /** @param ask asks the host; the answer comes to `set` */
  constructor(ask: (ids: string[]) => void) {
    this.#ask = ask;
  }

  /** What is known of a tile. Asks when nothing is known, once for all tiles that come into sight together. */
  get({ id, state, copyAt }: Tile): Media | undefined {
    if (state !== 'done' && state !== 'expired' && state !== 'readonly') {
      return undefined;
    }
    const entry = this.#entries.get(id);
    if (entry && entry.copyAt === copyAt) {
      return entry.media;
    }
    this.#keep(id, { media: entry?.media, copyAt });
    this.#toAsk.push(id);
    if (this.#toAsk.length === 1) {
      queueMicrotask(() => {
        const ids = this.#toAsk;
        this.#toAsk = [];
        this.#ask(ids);
      });
    }
    return entry?.media;
  }

  /** What the host has answered. */
  set(media: Media, copyAt?: number): void {
    this.#keep(media.id, { media, copyAt: this.#entries.get(media.id)?.copyAt ?? copyAt });
  }

  #keep(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size > KEPT) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
  }
}
