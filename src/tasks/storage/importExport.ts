import * as v from 'valibot';
import { isDownloadable, isPending, RECORD_FORMAT, type TaskRecord } from '../model/taskRecord';
import { withoutTickets } from '../model/keptFrame';
import { parseImportedRecord } from './importSchema';
import type { TaskStore } from './taskStore';

/** Exports tasks to one JSON file, for a backup or another machine. Videos and the key are not part of it. */

const KIND = 'seedance-tasks';

const ExportFile = v.object({
  kind: v.literal(KIND),
  format: v.pipe(v.number(), v.integer()),
  tasks: v.array(v.unknown()),
});

export function serializeExport(records: readonly TaskRecord[], at: number): string {
  const tasks = records.map(({ request, ...record }) => ({
    ...record,
    // Older versions kept signed links of images.
    request: { ...request, firstFrame: request.firstFrame && withoutTickets(request.firstFrame) },
    localCopy: undefined,
    sender: undefined,
  }));
  return `${JSON.stringify({ kind: KIND, format: RECORD_FORMAT, exportedAt: new Date(at).toISOString(), tasks }, null, 2)}\n`;
}

/** The file is no export, or a newer version wrote it. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  constructor(readonly kind: 'not-an-export' | 'newer-format') {
    super(kind);
  }
}

/** What a file holds, as far as it can be used. */
export interface ParsedExport {
  readonly records: readonly TaskRecord[];
  /** Entries that are no tasks. */
  readonly unreadable: number;
}

/**
 * Reads an export; hostile until checked (`importSchema.ts`).
 *
 * @param at now
 * @throws {ImportError}
 */
export function parseExport(text: string, at: number): ParsedExport {
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
  const records = file.output.tasks.flatMap((task) => parseImportedRecord(task, at) ?? []);
  return { records, unreadable: file.output.tasks.length - records.length };
}

/** What an import will do; shown to the user before it is done. */
export interface ImportPlan {
  /** Not here yet. */
  readonly added: readonly TaskRecord[];
  /** Already in the list, or twice in the file. */
  readonly known: number;
  /** How many of `added` the service will be asked about. */
  readonly asked: number;
  /** How many of `added` have a video that will be fetched by its link. */
  readonly fetched: number;
}

/**
 * What is not here yet, by our id and by the service's. What is here stays as it is.
 *
 * @throws {StoreError} when the list cannot be read
 */
export async function planImport(store: TaskStore, records: readonly TaskRecord[]): Promise<ImportPlan> {
  await store.load();
  const seen = new Set<string>();
  const added = records.filter(({ id, gatewayId }) => {
    const names = [`own ${id}`, ...(gatewayId === undefined ? [] : [`service ${gatewayId}`])];
    const isKnown =
      store.get(id) !== undefined ||
      (gatewayId !== undefined && store.findByGatewayId(gatewayId) !== undefined) ||
      names.some((name) => seen.has(name));
    names.forEach((name) => seen.add(name));
    return !isKnown;
  });
  return {
    added,
    known: records.length - added.length,
    asked: added.filter(isPending).length,
    fetched: added.filter(isDownloadable).length,
  };
}

/** Written together; the list is drawn anew and progress told after each. */
const BATCH = 100;

export interface ImportOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Adds what was planned.
 *
 * @returns how many were added: less than all when it was aborted, or another window added some meanwhile
 * @throws {StoreError} what was added before stays.
 */
export async function importRecords(
  store: TaskStore,
  { added: records }: Pick<ImportPlan, 'added'>,
  { signal, onProgress }: ImportOptions = {},
): Promise<number> {
  let added = 0;
  for (let start = 0; start < records.length && !signal?.aborted; start += BATCH) {
    const batch = records.slice(start, start + BATCH);
    added += await store.createAll(batch.filter(({ id }) => store.get(id) === undefined));
    onProgress?.(start + batch.length, records.length);
  }
  return added;
}
