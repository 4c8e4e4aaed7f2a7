import { isLinkAlive } from '../../tasks/model/taskCapabilities';
import type { TaskRecord } from '../../tasks/model/taskRecord';

/** What time does to the texts of a task. Apart from the texts, for `activate` needs no texts. */

/** Milliseconds since the user asked for it (or since it was followed), until it was finished. */
export function elapsedMs({ submittedAt, acceptedAt, createdAt, finishedAt }: TaskRecord, now: number): number {
  return Math.max(0, (finishedAt ?? now) - (submittedAt ?? acceptedAt ?? createdAt));
}

/**
 * In how many milliseconds the description changes by the mere passing of time; undefined for never.
 * A task on its way counts seconds, a link without a copy counts minutes, all else stands still.
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
