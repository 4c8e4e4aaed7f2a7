import type * as vscode from 'vscode';
import { withShotDocument, type Change } from '../tasks/model/transitions';
import type { TaskStore } from '../tasks/storage/taskStore';
import type { Log } from './log';

/** What following needs. */
export interface FollowServices {
  store: TaskStore;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
}

export interface Move {
  oldUri: vscode.Uri;
  newUri: vscode.Uri;
}

/** Enough to keep a disk busy, and few enough to leave it to others, too. */
const WRITES_AT_ONCE = 8;

/** One after the other: a file may be renamed again while its tasks still follow. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Writes into the tasks of storyboards where those are now, after files or folders were renamed. Never rejects. What cannot be written stays below the old name in the list, where
 * it can be reached.
 */
export function followStoryboards(services: FollowServices, moves: readonly Move[]): Promise<void> {
  const move = turn.then(() =>
    moveAll(services, moves).catch((error: unknown) =>
      services.log.error('the tasks of a renamed storyboard stay below its old name', error),
    ),
  );
  turn = move;
  return move;
}

async function moveAll({ store, log }: FollowServices, moves: readonly Move[]): Promise<void> {
  await store.load();
  const waiting = store.list().flatMap((record) => {
    const to = record.shot && getNewPlace(record.shot.document, moves);
    return to === undefined || store.isReadOnly(record.id) ? [] : [{ record, to }];
  });
  const count = waiting.length;
  let failed = 0;
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { record, to } = next;
      try {
        await store.update(record.id, moved(record.shot!.document, to));
      } catch (error) {
        failed++;
        log.warn(`task ${record.id} stays below the old name of its storyboard: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, work));
  if (count > 0) {
    log.info(`a storyboard was renamed: ${count - failed} tasks follow, ${failed} do not`);
  }
}

/** Another window may have been faster, and moved it further. */
function moved(from: string, to: string): Change {
  const move = withShotDocument(to);
  return (record) => (record.shot?.document === from ? move(record) : record);
}

/** Where a document is now that files and folders were moved, as a URI; `undefined` when it was not among them. */
export function getNewPlace(document: string, moves: readonly Move[]): string | undefined {
  for (const { oldUri, newUri } of moves) {
    const [from, to] = [oldUri, newUri].map((uri) => uri.toString().replace(/\/$/, '')) as [string, string];
    if (document === oldUri.toString() || document.startsWith(`${from}/`)) {
      return to + document.slice(from.length);
    }
  }
  return undefined;
}
