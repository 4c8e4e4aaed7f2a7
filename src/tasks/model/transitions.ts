import type { TaskResult } from '../../api/apiClient';
import type { ApiError } from '../../api/apiError';
import { redactSignedUrls } from '../../common/redact';
import {
  RECORD_FORMAT,
  type LocalCopy,
  type TaskError,
  type TaskErrorKind,
  type TaskRecord,
  type TaskRequest,
} from './taskRecord';

/**
 * The state machine, as pure functions.
 *
 * A `Change` is applied by the store to whatever the record is at that moment, which may be newer than
 * what its author saw: another window may have been faster. So every change accepts every state, gives
 * back the same object where it no longer applies, and never leads back from what is known:
 *
 *     draft → submitting → waiting → running → done (→ local copy, saved) → expired
 *                │  │  └→ failed (refused: nothing charged)   └→ failed
 *                │  └→ unknown → waiting (the id was found after all)
 *                └→ unknown (the window died)
 */
export type Change = (record: TaskRecord) => TaskRecord;

/** Documented: a link to a result lives 48 hours. */
export const LINK_LIFETIME_MS = 48 * 60 * 60_000;

/** A new intent of the user, before anything is sent. */
export function createDraft(facts: {
  id: string;
  request: TaskRequest;
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
    account: facts.account,
    quotedPrice: facts.quotedPrice,
    sender: facts.sender,
    createdAt: facts.at,
    saved: [],
  };
}

/** A task that was made elsewhere, followed by its id. Its request is learned from the service's answers. */
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

/** The request is about to be sent. After this, only an answer can prove that it was not charged. */
export function submitting(at: number): Change {
  return (record) => (record.state === 'draft' ? { ...record, state: 'submitting', submittedAt: at } : record);
}

/** The same request once more: not a byte of the last one was sent. */
export function submittingAgain(at: number): Change {
  return (record) => (record.state === 'submitting' ? { ...record, submittedAt: at } : record);
}

/**
 * The service has the task under this id.
 *
 * From `unknown` too: a late answer, or an id that the user found, heals the record. So does one for
 * a record that another window took for interrupted. A record that has an id keeps it.
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
    };
  };
}

/** It was certainly not charged: refused, or never sent. */
export function refused(error: TaskError): Change {
  return (record) =>
    record.gatewayId === undefined && ['draft', 'submitting', 'unknown'].includes(record.state)
      ? { ...record, state: 'failed', error, finishedAt: error.at }
      : record;
}

/** It may have been charged, and we do not know its id. */
export function answerLost(error: TaskError): Change {
  return (record) => (record.state === 'submitting' ? { ...record, state: 'unknown', error } : record);
}

/** What an intent is when the window that had it has died: a draft was not sent, a submission may have been. */
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
 * What the service said about a task.
 *
 * @param notDoneBefore the last time at which it was known to be unfinished: its link cannot have been
 * made earlier, so it cannot die earlier than 48 hours after that.
 */
export function withPollResult(result: TaskResult, at: number, notDoneBefore?: number): Change {
  return (record) => {
    // `expired` too: a fresh link for it may come after all, and is welcome.
    if (!['waiting', 'running', 'expired', 'done'].includes(record.state)) {
      return record;
    }
    const told = mergeResponse(record, result);
    switch (result.progress) {
      case 'pending':
        return record.state === 'waiting' || record.state === 'running' ? pending(told, result.word, at) : record;
      case 'failed':
        return record.state === 'waiting' || record.state === 'running'
          ? {
              ...told,
              state: 'failed',
              word: result.word,
              finishedAt: at,
              trouble: undefined,
              error: { kind: 'task-failed', at, code: result.code, message: quoted(result.message, 1000) },
            }
          : record;
      case 'done':
        return done(told, result, at, notDoneBefore);
    }
  };
}

function pending(record: TaskRecord, word: string, at: number): TaskRecord {
  // `idle` and `queued` have not begun (documented and seen); any other word is work.
  const begun = record.state === 'running' || !['idle', 'queued'].includes(word.toLowerCase());
  if (record.word === word && (record.state === 'running') === begun && record.trouble === undefined) {
    return record;
  }
  return {
    ...record,
    state: begun ? 'running' : 'waiting',
    word,
    startedAt: begun ? (record.startedAt ?? at) : undefined,
    trouble: undefined,
  };
}

function done(
  record: TaskRecord,
  { url, word, createdAt }: TaskResult,
  at: number,
  notDoneBefore?: number,
): TaskRecord {
  if (url === undefined || record.localCopy !== undefined || record.result?.url === url) {
    return record;
  }
  const madeAfter = notDoneBefore ?? createdAt ?? record.acceptedAt ?? record.createdAt;
  return {
    ...record,
    state: 'done',
    word,
    finishedAt: record.finishedAt ?? at,
    result: { url, expiresAt: Math.min(madeAfter, at) + LINK_LIFETIME_MS },
    error: undefined,
    trouble: undefined,
  };
}

/** Takes from the answer what we did not know: the request of a task made elsewhere, the cost. */
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

/** The service knows it under this key: the one that it was made with has been replaced. */
export function withAccount(account: string): Change {
  return (record) => (record.account === account ? record : { ...record, account });
}

/** The whole video is in our folder. */
export function withLocalCopy(localCopy: LocalCopy): Change {
  return (record) =>
    (record.state === 'done' || record.state === 'expired') && record.localCopy === undefined
      ? { ...record, state: 'done', localCopy, copyDropped: undefined, error: undefined, trouble: undefined }
      : record;
}

/** Our copy was deleted behind our back: it is fetched again while the link lives. */
export function localCopyMissing(): Change {
  return (record) => (record.localCopy === undefined ? record : { ...record, localCopy: undefined });
}

/** The user lets go of our copy: it stays away until it is asked for. */
export function localCopyDiscarded(): Change {
  return (record) => (record.localCopy === undefined ? record : { ...record, localCopy: undefined, copyDropped: true });
}

/** A copy that was let go is wanted after all. */
export function localCopyRequested(): Change {
  return (record) => (record.copyDropped ? { ...record, copyDropped: undefined } : record);
}

/** The link died before we had a copy. */
export function expired(at: number): Change {
  return (record) =>
    record.state === 'done' && record.localCopy === undefined
      ? { ...record, state: 'expired', trouble: undefined, error: { kind: 'link-expired', at } }
      : record;
}

/** A page has drawn the first frame small: see `FirstFrame.thumbnail`. */
export function withThumbnail(thumbnail: string): Change {
  return (record) => {
    const { firstFrame } = record.request;
    return firstFrame && firstFrame.thumbnail === undefined
      ? { ...record, request: { ...record.request, firstFrame: { ...firstFrame, thumbnail } } }
      : record;
  };
}

export function withSavedLocation(uri: string, at: number): Change {
  return (record) => {
    const last = record.saved.at(-1);
    return last?.uri === uri && last.at === at
      ? record
      : { ...record, saved: [...record.saved.filter((place) => place.uri !== uri), { uri, at }] };
  };
}

/**
 * Something went wrong for now. Written only when it is news: repeated tries change no record. With the copy
 * here there is nothing left to go wrong, and no later try that would take the trouble away again.
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

/** The persistent form of a service's error. */
export function toTaskError(error: ApiError, at: number, kind: TaskErrorKind = error.kind): TaskError {
  return {
    kind,
    at,
    code: error.code,
    status: error.status,
    message: quoted(error.serverMessage, 1000),
    // A wrong model answers with all 273 ids in `expected` (documented); a record stays small.
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

/** The service may repeat what it was sent: a signed link is a ticket, and neither it nor an image is kept with a task. */
function quoted(text: string | undefined, maxChars: number): string | undefined {
  // Cut first: an image is megabytes long. A link that is cut ends with its query, so none shows.
  return text === undefined ? undefined : redactSignedUrls(text.slice(0, 4 * maxChars)).slice(0, maxChars);
}
