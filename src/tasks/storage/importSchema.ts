import * as v from 'valibot';
import { ServiceTaskId } from '../../api/schemas';
import { isPrivateHost } from '../../common/address';
import { cleanAnswer } from '../../common/cleanAnswer';
import { isLocalFile } from '../../common/link';
import { redactSignedUrls } from '../../common/redact';
import { parseUrl } from '../../common/url';
import { RECORD_FORMAT, type TaskErrorKind, type TaskRecord } from '../model/taskRecord';
import { FrameOriginSchema, TaskRecordSchema, TaskShotSchema } from '../model/taskRecordSchema';
import { withoutTickets } from '../model/keptFrame';
import { abandoned, LINK_LIFETIME_MS } from '../model/transitions';

/**
 * A record from a file that any program may have written. Stricter than for our own disk: each field is checked as in
 * an answer of the service, and what is not what it should be is left out. An entry is refused when its task could not
 * be told from others, or be asked about.
 */

const MAX_TEXT = 10_000;
const MAX_URI = 8_192;
const MAX_SAVED = 20;
const MAX_ISSUES = 5;
/** A link that died so long ago is not tried by itself: more than any clock is wrong by an accident. */
const DEAD_FOR_MS = 2 * 24 * 60 * 60_000;

const lenient = <const S extends v.GenericSchema>(schema: S) => v.fallback(v.optional(schema), undefined);
const text = (maxChars: number) =>
  v.pipe(
    v.string(),
    v.transform((s) => (s.length > maxChars ? `${s.slice(0, maxChars - 1)}…` : s)),
  );
/** In this century, as in answers (`api/schemas.ts`). */
const time = v.pipe(v.number(), v.minValue(1_500_000_000_000), v.maxValue(4_100_000_000_000));
/** Roubles; what is spent counts for the daily budget. */
const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000));
const pixels = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));
const httpStatus = v.pipe(v.number(), v.integer(), v.minValue(-1_000_000), v.maxValue(1_000_000));

/** A link on the internet. Where the service itself is on this computer, it gives the link anew. */
const isPublicLink = (link: string, schemes: readonly string[]) => {
  const url = link.length <= MAX_URI ? parseUrl(link) : undefined;
  return (
    url !== undefined &&
    schemes.includes(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    !isPrivateHost(url.hostname)
  );
};
const isImageLink = (link: string) => isPublicLink(link, ['https:', 'http:']);

const ImportedError = v.object({
  kind: v.pipe(
    text(40),
    v.transform((kind) => kind as TaskErrorKind),
  ),
  at: v.fallback(time, 0),
  code: lenient(httpStatus),
  status: lenient(httpStatus),
  message: lenient(v.pipe(text(1_000), v.transform(redactSignedUrls))),
  issues: lenient(
    v.pipe(
      v.array(v.object({ path: text(100), expected: lenient(text(500)), message: lenient(text(300)) })),
      v.transform((issues) => issues.slice(0, MAX_ISSUES)),
    ),
  ),
});

const ImportedFrame = v.object({
  /** Empty when it is neither a file of this computer nor a link: the user is then asked for the image. */
  source: v.fallback(
    v.pipe(
      v.string(),
      v.maxLength(MAX_URI),
      v.check((source) => isLocalFile(source) || isImageLink(source)),
    ),
    '',
  ),
  delivery: v.fallback(v.pipe(v.string(), v.regex(/^[\w-]{1,40}$/)), 'link'),
  label: text(200),
  link: lenient(v.pipe(v.string(), v.check(isImageLink))),
  isLinkSecret: lenient(v.boolean()),
  width: lenient(pixels),
  height: lenient(pixels),
  from: lenient(FrameOriginSchema),
  hash: lenient(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  thumbnail: TaskRecordSchema.entries.request.entries.firstFrame.wrapped.entries.thumbnail,
});

const ImportedRecord = v.object({
  // Fields that are not named here are checked as on the disk; unknown ones are left out.
  ...TaskRecordSchema.entries,
  format: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(RECORD_FORMAT)),
  request: v.object({
    ...TaskRecordSchema.entries.request.entries,
    model: text(200),
    prompt: text(MAX_TEXT),
    aspectRatio: lenient(TaskRecordSchema.entries.request.entries.aspectRatio.wrapped),
    firstFrame: v.optional(ImportedFrame),
  }),
  shot: lenient(v.object(TaskShotSchema.entries)),
  account: lenient(v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/))),
  gatewayId: v.optional(ServiceTaskId),
  quotedPrice: lenient(amount),
  cost: lenient(amount),
  createdAt: lenient(time),
  submittedAt: lenient(time),
  acceptedAt: lenient(time),
  startedAt: lenient(time),
  finishedAt: lenient(time),
  word: lenient(text(64)),
  result: lenient(
    v.object({
      url: v.pipe(
        v.string(),
        v.check((url) => isPublicLink(url, ['https:'])),
      ),
      expiresAt: time,
    }),
  ),
  lastAnswer: lenient(
    v.object({
      at: time,
      text: v.pipe(
        text(MAX_TEXT),
        v.transform((answer) => cleanAnswer(answer)),
      ),
    }),
  ),
  copyDropped: lenient(v.boolean()),
  saved: v.pipe(
    v.fallback(v.array(v.unknown()), []),
    v.transform((places) =>
      places.slice(-MAX_SAVED).flatMap((place) => {
        const parsed = v.safeParse(SavedPlace, place);
        return parsed.success ? [parsed.output] : [];
      }),
    ),
  ),
  error: lenient(ImportedError),
});

/** Without size and hash: what a file says of other files proves nothing. */
const SavedPlace = v.object({ uri: v.pipe(v.string(), v.maxLength(MAX_URI), v.check(isLocalFile)), at: time });

const TIMES = ['submittedAt', 'acceptedAt', 'startedAt', 'finishedAt'] as const;

/**
 * @param at now
 * @returns `undefined` for an entry that is no task
 */
export function parseImportedRecord(entry: unknown, at: number): TaskRecord | undefined {
  const parsed = v.safeParse(ImportedRecord, entry);
  if (!parsed.success) {
    return undefined;
  }
  const told = parsed.output;
  const record: TaskRecord = {
    ...told,
    createdAt: told.createdAt ?? told.submittedAt ?? told.acceptedAt ?? at,
    // They stayed on the other computer.
    localCopy: undefined,
    sender: undefined,
    trouble: undefined,
    // Of another moment, and perhaps of another account.
    balance: undefined,
  };
  // Nothing has happened after now; the clock of the other computer may be wrong.
  record.createdAt = Math.min(record.createdAt, at);
  for (const name of TIMES) {
    if (record[name] !== undefined) {
      record[name] = Math.min(record[name], at);
    }
  }
  if ((record.state === 'waiting' || record.state === 'running') && record.gatewayId === undefined) {
    return undefined;
  }
  return abandoned(at)(withCheckedResult(withCheckedLabel(record), at));
}

function withCheckedResult(record: TaskRecord, at: number): TaskRecord {
  const { state, result, gatewayId, finishedAt, createdAt } = record;
  if (state !== 'done') {
    return record;
  }
  if (result) {
    const expiresAt = Math.min(result.expiresAt, at + LINK_LIFETIME_MS);
    const isLongDead = expiresAt < at - DEAD_FOR_MS;
    return {
      ...record,
      result: { url: result.url, expiresAt },
      // It can still be asked for by hand.
      ...(isLongDead ? { copyDropped: true } : {}),
    };
  }
  const mayLive = (finishedAt ?? createdAt) + LINK_LIFETIME_MS > at;
  // The service gives the link anew, for nothing.
  return gatewayId !== undefined && mayLive ? { ...record, state: 'waiting', finishedAt: undefined } : record;
}

/** The label is what the user sees when the image is sent once more: it must not be another name than the file's. */
function withCheckedLabel(record: TaskRecord): TaskRecord {
  const { firstFrame } = record.request;
  if (!firstFrame) {
    return record;
  }
  if (!isLocalFile(firstFrame.source)) {
    return { ...record, request: { ...record.request, firstFrame: withoutTickets(firstFrame) } };
  }
  const label = decodeURIComponent(firstFrame.source).split('/').at(-1) || firstFrame.label;
  return { ...record, request: { ...record.request, firstFrame: { ...firstFrame, label: label.slice(0, 200) } } };
}
