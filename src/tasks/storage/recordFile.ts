import * as v from 'valibot';
import { RECORD_FORMAT, type ChargeableTask, type TaskRecord } from '../model/taskRecord';
import { TaskRecordSchema } from '../model/taskRecordSchema';

/** The content of one file of the store. */
export type RecordFile =
  | { kind: 'record'; record: TaskRecord; /** Written by a newer version: shown, never changed. */ readOnly: boolean }
  /** A removed record. Kept for a while, so that a slower window does not bring it back, and for what it cost. */
  | { kind: 'tombstone'; removedAt: number; paid?: ChargeableTask | undefined }
  | { kind: 'damaged' };

/** What is kept of a removed task: the fields of spending, and nothing that the user created. */
const { state, origin, gatewayId, quotedPrice, cost, createdAt, submittedAt } = TaskRecordSchema.entries;
const Paid = v.object({
  state,
  origin,
  gatewayId,
  quotedPrice,
  cost,
  createdAt,
  submittedAt,
  request: v.object({ model: v.string() }),
});
const Tombstone = v.object({
  removedAt: v.number(),
  paid: v.fallback(v.optional(Paid), undefined),
});

/** Parses a file of the store; never throws. A file whose record has another id is damaged. */
export function parseRecordFile(id: string, text: string): RecordFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'damaged' };
  }
  const tombstone = v.safeParse(Tombstone, json);
  if (tombstone.success) {
    return { kind: 'tombstone', ...tombstone.output };
  }
  const format = v.safeParse(v.object({ format: v.pipe(v.number(), v.integer()) }), json);
  if (!format.success) {
    return { kind: 'damaged' };
  }
  if (format.output.format > RECORD_FORMAT) {
    return { kind: 'record', record: parseNewerRecord(id, json), readOnly: true };
  }
  const parsed = v.safeParse(TaskRecordSchema, migrate(json));
  return parsed.success && parsed.output.id === id
    ? { kind: 'record', record: parsed.output, readOnly: false }
    : { kind: 'damaged' };
}

export function serializeRecord(record: TaskRecord): string {
  return `${JSON.stringify(record)}\n`;
}

export function serializeTombstone(removedAt: number, paid: ChargeableTask): string {
  return `${JSON.stringify({ format: RECORD_FORMAT, removedAt, paid })}\n`;
}

/** Reduces a record that is removed to the fields of spending: no prompt, no image, no link. */
export function toChargeableTask({
  state,
  origin,
  gatewayId,
  quotedPrice,
  cost,
  createdAt,
  submittedAt,
  request,
}: TaskRecord): ChargeableTask {
  return { state, origin, gatewayId, quotedPrice, cost, createdAt, submittedAt, request: { model: request.model } };
}

/** Converts older formats, one step at a time. There is only one format so far. */
function migrate(json: unknown): unknown {
  return json;
}

/** Parses as much as possible of a record of a newer version, so that it can be shown. */
function parseNewerRecord(id: string, json: unknown): TaskRecord {
  const parsed = v.safeParse(TaskRecordSchema, json);
  if (parsed.success && parsed.output.id === id) {
    return parsed.output;
  }
  const text = v.fallback(v.string(), '');
  const Part = v.object({
    format: v.number(),
    createdAt: v.fallback(v.number(), 0),
    request: v.fallback(v.object({ model: text, prompt: text }), { model: '', prompt: '' }),
  });
  const { format, createdAt, request } = v.parse(Part, json);
  // A final state, so that the task is neither polled nor downloaded.
  return { format, id, state: 'failed', origin: 'added', request, createdAt, saved: [] };
}
