import type { Account } from './accounts';

export const ASPECT_RATIOS = ['1:1', '16:9', '9:16'] as const;
export type AspectRatio = (typeof ASPECT_RATIOS)[number];

/** The first frame of a task: the link as sent, and what was seen behind it. */
export interface FirstFrame {
  readonly link: string;
  /** Such as `640x360 PNG`; the link's host when the image itself was not looked at. */
  readonly note: string;
}

/** One generation, as the service knows it. */
export interface Task {
  /** 24 hex digits, of which the first 8 are the time of creation in seconds. */
  readonly id: string;
  readonly owner: Account;
  readonly model: string;
  /** As sent, without what the service appends. */
  readonly prompt: string;
  /** `undefined` when the request did not say. */
  readonly ar: AspectRatio | undefined;
  readonly firstFrame: FirstFrame | undefined;
  readonly createdAtMs: number;
  /** From creation to done or failed. */
  durationMs: number;
  /** Roubles charged; `null` when the model has no price. */
  readonly price: number | null;
  /** Ends in failure instead of a video. */
  fails: boolean;
  /** Put over the fields of the result's answer, whatever they are: hostile texts, odd words, … */
  fields: Record<string, unknown>;
  /** Part of the file's path, so that a link cannot be guessed from an id. */
  readonly token: string;
  /** The link that works: which one it is, and since when. */
  link: { number: number; sinceMs: number };
  /** Counts the changes of the file's bytes behind the same link. */
  fileVersion: number;
}

/** What is needed to make a task; the rest is derived. */
export type NewTask = Pick<Task, 'owner' | 'model' | 'prompt'> & Partial<Task>;

/** Is the task through, well or badly, at `nowMs`? */
export function isOver(task: Task, nowMs: number): boolean {
  return nowMs >= endsAtMs(task);
}

/** Does the task have a video at `nowMs`? */
export function hasVideo(task: Task, nowMs: number): boolean {
  return !task.fails && isOver(task, nowMs);
}

/** When the task ends, in ms since 1970. */
export function endsAtMs(task: Task): number {
  return task.createdAtMs + task.durationMs;
}

/** The word for a task that goes well: one of `words`, by how much of its duration has passed. */
export function statusWord(task: Task, words: readonly string[], nowMs: number): string {
  const pending = words.slice(0, -1);
  const share = task.durationMs > 0 ? (nowMs - task.createdAtMs) / task.durationMs : 1;
  const word = share < 1 ? pending[Math.max(0, Math.floor(share * pending.length))] : undefined;
  return word ?? words.at(-1) ?? 'done';
}

/** All tasks of all accounts. */
export class TaskBook {
  readonly #byId = new Map<string, Task>();

  add(task: Task): Task {
    this.#byId.set(task.id, task);
    return task;
  }

  get(id: string): Task | undefined {
    return this.#byId.get(id);
  }

  /** As `get`, for tests: a task that is not there is the test's mistake. */
  need(id: string): Task {
    const task = this.#byId.get(id);
    if (!task) {
      throw new Error(`The emulator has no task ${id}.`);
    }
    return task;
  }

  all(): Task[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }
}
