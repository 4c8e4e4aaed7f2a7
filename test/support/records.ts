import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import type { DiagnosticFacts } from '../../src/tasks/model/diagnostics';
import { systemClock } from '../../src/common/clock';
import { TaskStore, type TaskStoreOptions } from '../../src/tasks/storage/taskStore';
import { createDraft } from '../../src/tasks/model/transitions';

/** Of a window, for the diagnostics of its tasks. */
export const DIAGNOSTIC_FACTS: DiagnosticFacts = {
  extensionVersion: '1.0.0',
  vscodeVersion: '1.100.0',
  system: 'linux x64',
  node: '22',
  remote: undefined,
  ui: 'desktop',
  language: 'en',
  apiHost: 'gptunnel.ru',
  hasProxy: false,
  pause: undefined,
  isWorker: true,
  now: Date.UTC(2026, 5, 2),
};

export const HOUR_MS = 60 * 60_000;

/** Creates a draft, as it is before it is sent. */
export function createRecord(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  const request = { model: 'seedance-1-pro-480P-2s', prompt: `prompt of ${id}` };
  return { ...createDraft({ id, request, account: 'abcd1234', at: Date.UTC(2026, 5, 1) }), ...more };
}

/** Creates a record of a task that the service accepted a minute before `now`. */
export function createAcceptedRecord(now: number, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    format: 1,
    id: 'task1',
    state: 'running',
    origin: 'generated',
    request: { model: 'seedance-1-pro-1080P-5s', prompt: 'A red fox in the snow', aspectRatio: '16:9' },
    gatewayId: '66f0c0ffee0123456789abcd',
    quotedPrice: 122,
    createdAt: now - 66_000,
    submittedAt: now - 65_000,
    saved: [],
    ...more,
  };
}

/** Creates a record whose video is ready at `url`. */
export function createDoneRecord(
  id: string,
  url: string,
  expiresAt: number,
  more: Partial<TaskRecord> = {},
): TaskRecord {
  return createRecord(id, {
    state: 'done',
    gatewayId: `gateway${id}`,
    word: 'done',
    result: { url, expiresAt },
    ...more,
  });
}

/** Creates a store, as each window has one. */
export function createStore(directory: string, options: Partial<TaskStoreOptions> = {}): TaskStore {
  return new TaskStore({ directory, clock: systemClock, random: Math.random, ...options });
}
