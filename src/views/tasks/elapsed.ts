import { isLinkAlive } from '../../tasks/model/taskCapabilities';
import type { TaskRecord } from '../../tasks/model/taskRecord';

/** Times of a task. Separate from `taskTreeItem.ts`, because `activate` does not load the texts. */

/**
 * Returns the milliseconds since the user submitted a task, or since its id was added. Stops when the task finishes.
 */
export function elapsedMs({ submittedAt, acceptedAt, createdAt, finishedAt }: TaskRecord, now: number): number {
  return Math.max(0, (finishedAt ?? now) - (submittedAt ?? acceptedAt ?? createdAt));
}

/**
 * Returns in how many milliseconds the description of a task changes by itself, or `undefined` for never. A task that is
 * being generated counts seconds; a link without a local copy counts minutes.
 */
export function msUntilTextChange(record: TaskRecord, now: number): number | undefined {
  switch (record.state) {
    case 'submitting':
    case 'waiting':
    case 'running':
      return 1000 - (elapsedMs(record, now) % 1000);
    case 'done': {
      if (record.localCopy || record.saved.length > 0 || !isLinkAlive(record, now)) {
        return undefined;
      }
      return ((record.result.expiresAt - now) % 60_000) + 1;
    }
    case 'draft':
    case 'unknown':
    case 'failed':
    case 'expired':
      return undefined;
  }
}
