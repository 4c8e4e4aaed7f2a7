import { Emitter, type Event } from '../common/events';
import type { ShotIdentity } from './resolve';

/** A shot that is sent as soon as the one that it continues has a video. */
export interface WaitingShot extends Pick<ShotIdentity, 'label' | 'title'> {
  /** The label of the shot that it continues. */
  readonly source: string;
}

/**
 * The runs of this window that go on: shots that the user has agreed to and that wait for another one. They live as long
 * as the window: nothing is sent by itself after a restart. `generation/storyboardRun.ts` carries them out.
 */
export class StoryboardRuns {
  readonly #waiting = new Map<string, readonly WaitingShot[]>();
  readonly #didChange = new Emitter<string>();
  /** Fires with the URI of the storyboard. */
  readonly onDidChange: Event<string> = this.#didChange.event;

  /** @param document URI of the storyboard */
  waitingOf(document: string): readonly WaitingShot[] {
    return this.#waiting.get(document) ?? [];
  }

  /** Called by who carries the run out. */
  setWaiting(document: string, waiting: readonly WaitingShot[]): void {
    if (waiting.length > 0) {
      this.#waiting.set(document, waiting);
    } else if (!this.#waiting.delete(document)) {
      return;
    }
    this.#didChange.fire(document);
  }
}
