import * as vscode from 'vscode';
import { fold, getWords } from '../common/searchText';
import { getDateWords } from '../messages/dateWords';
import { formatModelTitle } from '../messages/format';
import type { TaskRecord } from '../tasks/model/taskRecord';

/** Searches all tasks: what they are found by, and how. */

export interface SearchResult {
  /** Newest first, no more than were asked for. */
  found: TaskRecord[];
  total: number;
}

/** So long a search works before it lets others have their turn: the answers to a key that was just pressed, too. */
const SLICE_MS = 8;
const RECORDS_A_LOOK = 64;

export interface VideoSearchOptions {
  /** Newest first. */
  list: () => readonly TaskRecord[];
  formatState: (record: TaskRecord) => string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Searches a list. What a task is found by is made once, and kept as long as its record is the same. */
export class VideoSearch {
  readonly #options: VideoSearchOptions;
  readonly #texts = new WeakMap<TaskRecord, string>();
  /** The words of each day: making them takes longer than all the rest. */
  readonly #days = new Map<string, string>();

  constructor(options: VideoSearchOptions) {
    this.#options = options;
  }

  /** @returns `undefined` when it was aborted, because another query is asked for by now */
  async find(query: string, atMost: number, signal: AbortSignal): Promise<SearchResult | undefined> {
    const words = getWords(query);
    const found: TaskRecord[] = [];
    let total = 0;
    let until = performance.now() + SLICE_MS;
    for (const [index, record] of this.#options.list().entries()) {
      if (index % RECORDS_A_LOOK === 0 && performance.now() > until) {
        await new Promise((resolve) => setImmediate(resolve));
        until = performance.now() + SLICE_MS;
      }
      if (signal.aborted) {
        return undefined;
      }
      if (words.length === 0 || this.#matches(record, words)) {
        total++;
        if (found.length < atMost) {
          found.push(record);
        }
      }
    }
    return { found, total };
  }

  #matches(record: TaskRecord, words: readonly string[]): boolean {
    let text = this.#texts.get(record);
    if (text === undefined) {
      text = fold(this.#getText(record));
      this.#texts.set(record, text);
    }
    return words.every((word) => text.includes(word));
  }

  #getDay(at: number): string {
    const day = new Date(at).toDateString();
    const words = this.#days.get(day) ?? getDateWords(at, this.#options.now);
    this.#days.set(day, words);
    return words;
  }

  #getText(record: TaskRecord): string {
    const { id, gatewayId, request, createdAt, saved } = record;
    return [
      request.prompt,
      request.model,
      formatModelTitle(request.model),
      request.aspectRatio,
      request.firstFrame?.label,
      id,
      gatewayId,
      this.#options.formatState(record),
      this.#getDay(createdAt),
      ...saved.map(({ uri }) => getFileName(uri)),
    ].join('\n');
  }
}

function getFileName(uri: string): string {
  try {
    return vscode.Uri.parse(uri).path.split('/').at(-1) ?? '';
  } catch {
    return uri;
  }
}

const EXCERPT_CHARS = 110;
const BEFORE_CHARS = 40;

/**
 * The place of a prompt that shows why it was found, if that is not seen in its first `seenChars` characters.
 *
 * @returns not made safe to be shown
 */
export function getExcerpt(prompt: string, query: string, seenChars: number): string | undefined {
  const folded = fold(prompt);
  const words = getWords(query);
  // Folding keeps the length of nearly all texts; where it does not, the excerpt would be of another place.
  const later = folded.length !== prompt.length ? [] : words.map((word) => folded.indexOf(word));
  const at = later.filter((place) => place >= seenChars).sort((a, b) => a - b)[0];
  if (at === undefined) {
    return undefined;
  }
  const start = Math.max(0, at - BEFORE_CHARS);
  const from = start === 0 ? 0 : prompt.indexOf(' ', start) + 1 || start;
  return `…${prompt.slice(Math.min(from, at), at + EXCERPT_CHARS)}${at + EXCERPT_CHARS < prompt.length ? '…' : ''}`;
}
