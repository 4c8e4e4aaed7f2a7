import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { systemClock } from '../../src/common/clock';
import { TaskStore, type TaskStoreOptions } from '../../src/tasks/storage/taskStore';
import { createDraft } from '../../src/tasks/model/transitions';
import { VirtualClock } from './virtualClock';
import { settled } from './recordingFetch';

export const HOUR_MS = 60 * 60_000;

/** A draft as a window writes it. */
export function someRecord(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  const request = { model: 'seedance-1-pro-480P-2s', prompt: `prompt of ${id}` };
  return { ...createDraft({ id, request, account: 'abcd1234', at: Date.UTC(2026, 5, 1) }), ...more };
}

/** A record whose video is ready at `url`. */
export function doneRecord(id: string, url: string, expiresAt: number, more: Partial<TaskRecord> = {}): TaskRecord {
  return someRecord(id, {
    state: 'done',
    gatewayId: `gateway${id}`,
    word: 'done',
    result: { url, expiresAt },
    ...more,
  });
}

/** One instance of the store, such as each window has. */
export function storeAt(directory: string, options: Partial<TaskStoreOptions> = {}): TaskStore {
  return new TaskStore({ directory, clock: systemClock, random: Math.random, ...options });
}

/** A clock that shows the time and stands: a window that has it hears of nothing that needs a timer. */
export function stoppedClock(): VirtualClock {
  const clock = new VirtualClock(settled);
  clock.jump(Date.now() - clock.now());
  return clock;
}
