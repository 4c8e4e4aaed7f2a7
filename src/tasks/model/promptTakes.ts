import { stripControlChars } from '../../common/text';
import type { Event } from '../../common/events';
import type { TaskRecord } from './taskRecord';

/** Which of the videos of one prompt a task is. */
export interface PromptTake {
  /** Counts from 1 by time of creation, so that a new take changes the number of no other. */
  readonly number: number;
  /** How many tasks in the list have this prompt: two or more. */
  readonly count: number;
}

/** The part of the store that is followed. */
export interface PromptSource {
  list(): readonly Pick<TaskRecord, 'id' | 'request'>[];
  readonly onDidChange: Event<readonly { id: string; after?: TaskRecord | undefined }[]>;
  readonly onDidLoad: Event<void>;
}

/**
 * Numbers the tasks of one prompt. Reads the list once, when somebody first asks, and follows the changes from then on,
 * so that a change costs the same however long the list is.
 */
export class PromptTakes {
  readonly #source: PromptSource;
  /** The ids of each prompt. Sorted when they are asked for: ids sort by time of creation. */
  readonly #ids = new Map<string, { ids: string[]; isSorted: boolean }>();
  readonly #keys = new Map<string, string>();
  #isFilled = false;

  constructor(source: PromptSource) {
    this.#source = source;
    // Both ends live as long as the window.
    source.onDidLoad(() => this.#isFilled && this.#fill());
    source.onDidChange((changes) => {
      for (const { id, after } of this.#isFilled ? changes : []) {
        this.#set(id, after && getPromptKey(after.request.prompt));
      }
    });
  }

  /** Returns `undefined` for the only task of a prompt, and while the prompt is not known. */
  takeOf(id: string): PromptTake | undefined {
    const ids = this.takesOf(id);
    return ids.length > 1 ? { number: findPlace(ids, id) + 1, count: ids.length } : undefined;
  }

  /** The ids of all tasks with the prompt of this one, oldest first; none for an unknown prompt. */
  takesOf(id: string): readonly string[] {
    if (!this.#isFilled) {
      this.#fill();
    }
    const takes = this.#ids.get(this.#keys.get(id) ?? '');
    if (takes && !takes.isSorted) {
      takes.ids.sort();
      takes.isSorted = true;
    }
    return takes?.ids ?? [];
  }

  #fill(): void {
    this.#isFilled = true;
    const gone = new Set(this.#keys.keys());
    for (const { id, request } of this.#source.list()) {
      this.#set(id, getPromptKey(request.prompt));
      gone.delete(id);
    }
    gone.forEach((id) => this.#set(id, undefined));
  }

  #set(id: string, key: string | undefined): void {
    const before = this.#keys.get(id);
    if (before === key) {
      return;
    }
    if (before !== undefined) {
      this.#delete(id, before);
    }
    if (key) {
      this.#keys.set(id, key);
      const takes = this.#ids.get(key);
      if (takes) {
        takes.isSorted &&= takes.ids.at(-1)! < id;
        takes.ids.push(id);
      } else {
        this.#ids.set(key, { ids: [id], isSorted: true });
      }
    }
  }

  #delete(id: string, key: string): void {
    this.#keys.delete(id);
    const ids = this.#ids.get(key)?.ids ?? [];
    ids.splice(ids.indexOf(id), 1);
    if (ids.length === 0) {
      this.#ids.delete(key);
    }
  }
}

/** What changes nothing that a reader sees is no other prompt. Most prompts are clean, and their own key. */
function getPromptKey(prompt: string): string {
  return UNCLEAN.test(prompt)
    ? stripControlChars(prompt)
        .replace(/[\s\p{Z}]+/gu, ' ')
        .trim()
    : prompt;
}

const UNCLEAN = /^\s|\s$|[^\S ]|\s\s|\p{C}|(?! )\p{Z}/u;

function findPlace(ids: readonly string[], id: string): number {
  let low = 0;
  for (let high = ids.length; low < high;) {
    const middle = (low + high) >> 1;
    if (ids[middle]! < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
