import * as v from 'valibot';
import { RECORD_FORMAT, type TaskRecord } from '../model/taskRecord';
import { TaskRecordSchema } from '../model/taskRecordSchema';
import type { TaskStore } from './taskStore';
import { abandoned } from '../model/transitions';

/** Exports tasks to one JSON file, for a backup or another machine. Videos and the key are not part of it. */

const KIND = 'seedance-tasks';

const ExportFile = v.object({
  kind: v.literal(KIND),
  format: v.pipe(v.number(), v.integer()),
  tasks: v.array(v.unknown()),
});

export function serializeExport(records: readonly TaskRecord[], at: number): string {
  const tasks = records.map((record) => ({ ...record, localCopy: undefined, sender: undefined }));
  return `${JSON.stringify({ kind: KIND, format: RECORD_FORMAT, exportedAt: new Date(at).toISOString(), tasks }, null, 2)}\n`;
}

/** The file is no export, or a newer version wrote it. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  constructor(readonly kind: 'not-an-export' | 'newer-format') {
    super(kind);
  }
}

/**
 * Parses an export, which is untrusted.
 *
 * @returns the tasks, and how many entries could not be read
 * @throws {ImportError}
 */
export function parseExport(text: string): { records: TaskRecord[]; unreadable: number } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ImportError('not-an-export');
  }
  const file = v.safeParse(ExportFile, json);
  if (!file.success) {
    throw new ImportError('not-an-export');
  }
  if (file.output.format > RECORD_FORMAT) {
    throw new ImportError('newer-format');
  }
  const records = file.output.tasks.flatMap((task) => {
    const parsed = v.safeParse(TaskRecordSchema, task);
    return parsed.success ? [parsed.output] : [];
  });
  return { records, unreadable: file.output.tasks.length - records.length };
}

/**
 * Adds the records that are not in the store yet, by record id and by the service's id. Existing ones are not changed.
 *
 * @returns how many records were added, and how many existed already
 * @throws {StoreError} records that were added before are kept
 */
export async function importRecords(
  store: TaskStore,
  records: readonly TaskRecord[],
  at: number,
): Promise<{ added: number; known: number }> {
  await store.load();
  let added = 0;
  for (const record of records) {
    const isKnown =
      store.get(record.id) !== undefined ||
      (record.gatewayId !== undefined && store.findByGatewayId(record.gatewayId) !== undefined);
    if (!isKnown) {
      // Its window is on another machine or has ended, and the export has no videos. What it says of files proves nothing.
      const saved = record.saved.map((place) => ({ uri: place.uri, at: place.at }));
      await store.create(abandoned(at)({ ...record, localCopy: undefined, sender: undefined, saved }));
      added++;
    }
  }
  return { added, known: records.length - added };
}
