import { drawPoster } from '../shared/poster';

/** How long a page that is busy may put off a poster. */
const AT_LATEST_MS = 1_000;

export interface PosterQueueOptions {
  /** What has been scrolled out of sight meanwhile has time. */
  isInSight: (id: string) => boolean;
  onDrawn: (id: string, bytes: ArrayBuffer) => void;
}

/** Draws the posters that are missing, one at a time and only while the page has nothing else to do. */
export class PosterQueue {
  readonly #options: PosterQueueOptions;
  readonly #waiting = new Map<string, string>();
  /** What cannot be drawn here is not tried again. */
  readonly #tried = new Set<string>();
  #isDrawing = false;

  constructor(options: PosterQueueOptions) {
    this.#options = options;
  }

  add(id: string, videoUrl: string): void {
    if (!this.#tried.has(videoUrl)) {
      this.#waiting.set(id, videoUrl);
      this.#next();
    }
  }

  #next(): void {
    if (!this.#isDrawing && this.#waiting.size > 0) {
      this.#isDrawing = true;
      requestIdleCallback(() => void this.#draw(), { timeout: AT_LATEST_MS });
    }
  }

  async #draw(): Promise<void> {
    const [id, url] = this.#waiting.entries().next().value ?? [];
    if (id !== undefined && url !== undefined) {
      this.#waiting.delete(id);
      if (this.#options.isInSight(id)) {
        this.#tried.add(url);
        const bytes = await drawPoster(url).catch(() => undefined);
        if (bytes) {
          this.#options.onDrawn(id, bytes);
        }
      }
    }
    this.#isDrawing = false;
    this.#next();
  }
}
