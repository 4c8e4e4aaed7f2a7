import type { TaskResult } from '../../api/apiClient';
import type { ApiError, ApiErrorKind } from '../../api/apiError';
import { cleanAnswer } from '../../common/cleanAnswer';
import { redact, redactSignedUrls } from '../../common/redact';
import {
  RECORD_FORMAT,
  type BalanceComparison,
  type LocalCopy,
  type SavedPlace,
  type TaskError,
  type TaskErrorKind,
  type TaskRecord,
  type TaskRequest,
  type TaskShot,
} from './taskRecord';

/**
 * The state machine, as pure functions.
 *
 * The store applies a `Change` to the newest revision of the record, which may be newer than the one that the caller saw:
 * another window may have been faster. So every change accepts every state, returns the same object when it does not
 * apply any more, and goes back behind what is known only where the service says so:
 *
 *     draft → submitting → waiting → running → done (→ local copy, saved) → expired
 *                │  │  └→ failed (refused: nothing charged)   └→ failed → running, done (asked again)
 *                │  └→ unknown → waiting (the id was found after all)    expired → done (a link that works)
 *                └→ unknown (the window died)
 */
export type Change = (record: TaskRecord) => TaskRecord;

/** A link to a result is valid for 48 hours (documented). */
export const LINK_LIFETIME_MS = 48 * 60 * 60_000;
/** Assumed: another link to the same video, given just now, lives at least this long, however old the video is. */
const FRESH_LINK_LIFETIME_MS = 60 * 60_000;

/** Creates the record of an intent of the user, before anything is sent. */
export function createDraft(facts: {
  id: string;
  request: TaskRequest;
  shot?: TaskShot | undefined;
  account?: string;
  quotedPrice?: number;
  sender?: string;
  at: number;
}): TaskRecord {
  return {
    format: RECORD_FORMAT,
    id: facts.id,
    state: 'draft',
    origin: 'generated',
    request: facts.request,
    ...(facts.shot === undefined ? {} : { shot: facts.shot }),
    account: facts.account,
    quotedPrice: facts.quotedPrice,
    sender: facts.sender,
    createdAt: facts.at,
    saved: [],
  };
}

/** Creates the record of a task that was created elsewhere. Its request is taken from the results of the service. */
export function createAdded(facts: { id: string; gatewayId: string; account?: string; at: number }): TaskRecord {
  return {
    format: RECORD_FORMAT,
    id: facts.id,
    state: 'waiting',
    origin: 'added',
    request: { model: '', prompt: '' },
    account: facts.account,
    gatewayId: facts.gatewayId,
    createdAt: facts.at,
    acceptedAt: facts.at,
    saved: [],
  };
}

/**
 * The request is about to be sent. After this, only a response can prove that it was not charged.
 *
 * @param balance the last one that is known, for a comparison should the answer be lost
 */
export function submitting(at: number, balance?: BalanceComparison): Change {
  return (record) =>
    record.state === 'draft' && !record.awaitsConsent
      ? { ...record, state: 'submitting', submittedAt: at, ...(balance ? { balance } : {}) }
      : record;
}

/**
 * The service has told the balance after an answer was lost.
 *
 * @param isMixed whether other orders may be part of the difference; then it does not replace one that is clear
 */
export function withBalanceAfter(after: number, afterAt: number, isMixed: boolean): Change {
  return (record) => {
    const { state, balance } = record;
    if (state !== 'unknown' || !balance) {
      return record;
    }
    const wasClear = balance.after !== undefined && balance.after < balance.before && !balance.isMixed;
    return wasClear && isMixed
      ? record
      : { ...record, balance: { ...balance, after, afterAt, isMixed: isMixed || undefined } };
  };
}

/** Whether the user has to agree before a draft is sent, which takes nothing of the daily budget meanwhile. */
export function awaitingConsent(awaitsConsent: boolean): Change {
  return (record) =>
    record.state !== 'draft' || Boolean(record.awaitsConsent) === awaitsConsent
      ? record
      : { ...record, awaitsConsent: awaitsConsent || undefined };
}

/** The same request is about to be sent again: no byte of the last one was sent. */
export function submittingAgain(at: number): Change {
  return (record) => (record.state === 'submitting' ? { ...record, submittedAt: at } : record);
}

/**
 * The service has the task under this id.
 *
 * Applies to `unknown` too: a late response, or an id that the user found, repairs the record. So does a response for a
 * record that another window took for interrupted. A record that has an id keeps it.
 */
export function accepted(facts: { gatewayId: string; at: number; serverCreatedAt?: number }): Change {
  return (record) => {
    if (record.gatewayId !== undefined || !['draft', 'submitting', 'unknown'].includes(record.state)) {
      return record;
    }
    return {
      ...record,
      state: 'waiting',
      gatewayId: facts.gatewayId,
      acceptedAt: facts.serverCreatedAt === undefined ? facts.at : Math.min(facts.at, facts.serverCreatedAt),
      error: undefined,
      finishedAt: undefined,
      balance: undefined,
    };
  };
}

/** It was certainly not charged: refused, or never sent. */
export function refused(error: TaskError): Change {
  return (record) =>
    record.gatewayId === undefined && ['draft', 'submitting', 'unknown'].includes(record.state)
      ? withAnswerOf(error)({ ...record, state: 'failed', error, finishedAt: error.at, balance: undefined })
      : record;
}

/** It may have been charged, and its id is not known. */
export function answerLost(error: TaskError): Change {
  return (record) =>
    record.state === 'submitting' ? withAnswerOf(error)({ ...record, state: 'unknown', error }) : record;
}

/** The window that owned the intent has ended: a draft was not sent, a submission may have been. */
export function abandoned(at: number): Change {
  return (record) => {
    switch (record.state) {
      case 'draft':
        return refused({ kind: 'never-sent', at })(record);
      case 'submitting':
        return answerLost({ kind: 'interrupted', at })(record);
      default:
        return record;
    }
  };
}

/**
 * The service has returned a result for the task.
 *
 * @param notDoneBefore the last time at which the task was known to be unfinished: the link cannot have been created
 * earlier, so it cannot expire earlier than 48 hours after that
 * @param reopens the user asked about it again although it was over: its service may have changed its mind
 */
export function withPollResult(result: TaskResult, at: number, notDoneBefore?: number, reopens = false): Change {
  return (record) => {
    const isOpen = record.state === 'waiting' || record.state === 'running';
    // A task that the service made and that failed: an answer may have been misunderstood, by us or on its way.
    const hasFailed = record.state === 'failed' && record.gatewayId !== undefined;
    // A video is welcome in any of these states, also for a link that was dead: it may live again, or be a fresh one.
    if (!isOpen && !hasFailed && record.state !== 'expired' && record.state !== 'done') {
      return record;
    }
    const merged = mergeResponse(record, result);
    switch (result.progress) {
      case 'pending':
        return isOpen
          ? pending(merged, result.word, at, result.odd !== undefined)
          : hasFailed && reopens
            ? reopened(merged, result.word, at)
            : record;
      case 'failed':
        // One that has failed keeps its first answer; the second says the same, or less.
        return isOpen
          ? {
              ...merged,
              state: 'failed',
              word: result.word,
              finishedAt: at,
              trouble: undefined,
              error: {
                kind: result.refusal ?? 'task-failed',
                at,
                code: result.code,
                message: quoted(result.message, 1000),
              },
            }
          : record;
      case 'done':
        return done(merged, result, at, notDoneBefore);
    }
  };
}

function pending(record: TaskRecord, word: string, at: number, isOdd = false): TaskRecord {
  // `idle` (documented) and `queued` (seen) have not started; every other status means running.
  const begun = record.state === 'running' || !['idle', 'queued'].includes(word.toLowerCase());
  // What was told of odd answers holds until one makes sense.
  const trouble = isOdd && ['no-link', 'bad-answer'].includes(record.trouble?.kind ?? '') ? record.trouble : undefined;
  if (record.word === word && (record.state === 'running') === begun && record.trouble === trouble) {
    return record;
  }
  return {
    ...record,
    state: begun ? 'running' : 'waiting',
    word,
    startedAt: begun ? (record.startedAt ?? at) : undefined,
    trouble,
  };
}

/** The service works on it although it was taken for failed: it is asked about like any other from now on. */
function reopened(record: TaskRecord, word: string, at: number): TaskRecord {
  return pending({ ...record, state: 'waiting', error: undefined, finishedAt: undefined, word: undefined }, word, at);
}

function done(
  record: TaskRecord,
  { url, word, createdAt }: TaskResult,
  at: number,
  notDoneBefore?: number,
): TaskRecord {
  if (url === undefined || record.localCopy !== undefined) {
    return record;
  }
  if (record.result?.url === url) {
    // The service still names the link of a video that could not be fetched: it is worth another try.
    return record.state === 'done' ? record : { ...record, state: 'done', word, error: undefined, trouble: undefined };
  }
  const madeAfter = notDoneBefore ?? createdAt ?? record.acceptedAt ?? record.createdAt;
  const expiresAt = Math.min(madeAfter, at) + LINK_LIFETIME_MS;
  return {
    ...record,
    state: 'done',
    word,
    finishedAt: record.state === 'failed' ? at : (record.finishedAt ?? at),
    result: { url, expiresAt: record.result ? Math.max(expiresAt, at + FRESH_LINK_LIFETIME_MS) : expiresAt },
    error: undefined,
    trouble: undefined,
  };
}

/** Adds what the result says and the record does not: the request of a task that was created elsewhere, the cost. */
function mergeResponse(record: TaskRecord, { cost, model, prompt, aspectRatio }: TaskResult): TaskRecord {
  const { request } = record;
  const isBlank = record.origin === 'added' && request.prompt === '' && request.model === '';
  const learns = isBlank && Boolean(model || prompt);
  if (!learns && (cost === undefined || cost === record.cost)) {
    return record;
  }
  return {
    ...record,
    cost: cost ?? record.cost,
    request: learns
      ? { ...request, model: model ?? '', prompt: prompt ?? '', aspectRatio: aspectRatio ?? request.aspectRatio }
      : request,
  };
}

/** The service knows the task under this key: it has replaced the key that created it. */
export function withAccount(account: string): Change {
  return (record) => (record.account === account ? record : { ...record, account });
}

/** The whole video has been downloaded. */
export function withLocalCopy(localCopy: LocalCopy): Change {
  return (record) =>
    (record.state === 'done' || record.state === 'expired') && record.localCopy === undefined
      ? { ...record, state: 'done', localCopy, copyDropped: undefined, error: undefined, trouble: undefined }
      : record;
}

/** The local copy was deleted from outside. It is downloaded again while the link is alive. */
export function localCopyMissing(): Change {
  return (record) => (record.localCopy === undefined ? record : { ...record, localCopy: undefined });
}

/**
 * The user deleted the local copy. It is not downloaded again until the user needs it.
 *
 * @param savedAt the place where the same video was found, if that is why: the local copy stays if another video was saved
 * there meanwhile, perhaps by another window
 */
export function localCopyDiscarded(savedAt?: string): Change {
  return (record) =>
    record.localCopy === undefined || (savedAt !== undefined && !isSavedAt(record, savedAt))
      ? record
      : { ...record, localCopy: undefined, copyDropped: true };
}

/** Our copy was let go, and its file could not be deleted. */
export function localCopyKept(localCopy: LocalCopy): Change {
  return (record) => (record.copyDropped ? withLocalCopy(localCopy)(record) : record);
}

/** The user needs a local copy that was deleted. */
export function localCopyRequested(): Change {
  return (record) => (record.copyDropped ? { ...record, copyDropped: undefined } : record);
}

/** The link expired before the video was downloaded. */
export function expired(at: number): Change {
  return (record) =>
    record.state === 'done' && record.localCopy === undefined
      ? { ...record, state: 'expired', trouble: undefined, error: { kind: 'link-expired', at } }
      : record;
}

/** The storyboard was renamed or moved. */
export function withShotDocument(document: string): Change {
  return (record) =>
    record.shot === undefined || record.shot.document === document
      ? record
      : { ...record, shot: { ...record.shot, document } };
}

/**
 * A storyboard was made of the task, which is a take of one of its shots from now on. A task of another storyboard stays
 * there.
 *
 * @param instead the storyboard that it is taken from, because that is no longer there
 */
export function withShot(shot: TaskShot, instead?: string): Change {
  return (record) => {
    const { document, label, title } = record.shot ?? {};
    const isSame = document === shot.document && label === shot.label && title === shot.title;
    const isOfOther = document !== undefined && document !== shot.document && document !== instead;
    return isSame || isOfOther ? record : { ...record, shot };
  };
}

/** A webview has drawn a thumbnail of the first frame: see `FirstFrame.thumbnail`. */
export function withThumbnail(thumbnail: string): Change {
  return (record) => {
    const { firstFrame } = record.request;
    return firstFrame && firstFrame.thumbnail === undefined
      ? { ...record, request: { ...record.request, firstFrame: { ...firstFrame, thumbnail } } }
      : record;
  };
}

/**
 * The user saved the video. The same place again moves to the end of the list.
 *
 * @param written what was written there
 */
export function withSavedLocation(uri: string, at: number, written: Omit<SavedPlace, 'uri' | 'at'> = {}): Change {
  return (record) => {
    const last = record.saved.at(-1);
    return last?.uri === uri && last.at === at
      ? record
      : { ...record, saved: [...record.saved.filter((place) => place.uri !== uri), { uri, at, ...written }] };
  };
}

/** Another video is written to a place that this one was saved to: the place belongs to the last writer. */
export function withoutSavedLocation(uri: string): Change {
  return (record) =>
    isSavedAt(record, uri) ? { ...record, saved: record.saved.filter((place) => place.uri !== uri) } : record;
}

/** Whether a place is among those that a video was saved to. */
export function isSavedAt({ saved }: TaskRecord, uri: string): boolean {
  return saved.some((place) => place.uri === uri);
}

/**
 * Something went wrong for now. Written only when the error is a new one, so repeated attempts change no record. Does not
 * apply once the video is downloaded: no later attempt would remove the error again.
 */
export function withTransientError(error: TaskError): Change {
  return (record) => {
    const same = record.trouble?.kind === error.kind && record.trouble.message === error.message;
    const goesOn = ['waiting', 'running', 'done'].includes(record.state) && record.localCopy === undefined;
    return same || !goesOn ? record : { ...record, trouble: error };
  };
}

export function withoutTransientError(): Change {
  return (record) => (record.trouble === undefined ? record : { ...record, trouble: undefined });
}

/** So often at most: an answer may hold its own time, and a record is not written with each of them. */
const LAST_ANSWER_EVERY_MS = 10 * 60_000;

/** An answer that made no sense, or not the sense that was hoped for. Kept also when all goes well later. */
export function withLastAnswer(answer: string | undefined, at: number): Change {
  return (record) => {
    if (answer === undefined || Math.abs(at - (record.lastAnswer?.at ?? -Infinity)) < LAST_ANSWER_EVERY_MS) {
      return record;
    }
    const text = cleanAnswer(answer, record.request.prompt);
    return text === '' || text === record.lastAnswer?.text ? record : { ...record, lastAnswer: { at, text } };
  };
}

function withAnswerOf({ answer, at }: TaskError): Change {
  return withLastAnswer(answer, at);
}

const UNUSABLE: ReadonlySet<TaskErrorKind> = new Set<ApiErrorKind>([
  'internal',
  'bad-answer',
  'no-answer',
  'in-between',
  'proxy-refused',
  'redirected',
]);

/** An answer that makes no sense for too long; the task goes on. */
export function toOddError({ odd, answer }: TaskResult, at: number): TaskError {
  return { kind: odd === 'no-link' ? 'no-link' : 'bad-answer', at, answer: quoted(answer, 1000, redact) };
}

/** Converts an error of the API to the form that is stored. */
export function toTaskError(error: ApiError, at: number, kind: TaskErrorKind = error.kind): TaskError {
  return {
    kind,
    at,
    code: error.code,
    status: error.status,
    message: quoted(error.serverMessage, 1000),
    ...(error.taskId === undefined ? {} : { taskId: error.taskId }),
    // What was understood needs no answer beside it.
    ...(error.answer === undefined || !UNUSABLE.has(error.kind) ? {} : { answer: quoted(error.answer, 1000, redact) }),
    // For a wrong model the service lists all 273 ids in `expected` (documented); this keeps the record small.
    issues:
      error.issues.length === 0
        ? undefined
        : error.issues.slice(0, 5).map(({ path, expected, message }) => ({
            path: path.slice(0, 100),
            expected: quoted(expected, 500),
            message: quoted(message, 300),
          })),
  };
}

/** The service may quote the request: neither a signed link, which grants access, nor an image is stored with a task. */
function quoted(
  text: string | undefined,
  maxChars: number,
  clean: (text: string) => string = redactSignedUrls,
): string | undefined {
  // Cut first, as an image is megabytes long. The query at the end of a link that is cut is redacted all the same.
  return text === undefined ? undefined : clean(text.slice(0, 4 * maxChars)).slice(0, maxChars);
}
