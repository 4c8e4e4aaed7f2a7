import { getMeaning } from './resultWords';

/**
 * Results in the shape of other makers, whose answers come through (seen in public reports): one level deeper, under
 * other names, the link in a list or an object. What is documented goes first.
 */

type Fields = Readonly<Record<string, unknown>>;

const WRAPPERS = ['data', 'result', 'output', 'task', 'response'];
const STATUS = ['status', 'state', 'task_status', 'taskStatus'];
const MESSAGE = ['message', 'task_status_msg', 'error_message', 'fail_reason', 'failure_reason', 'failed_reason'];
/** A code that stands by itself. */
const CODES = ['failure_code', 'failureCode', 'fail_code', 'error_code', 'errorCode', 'reason'];
/** Of a video for certain: no preview, no link to ask again, no image that was sent. */
const LINKS = ['video_url', 'videoUrl', 'video', 'videos', 'download_url', 'file_url'];
/**
 * Of whatever was made, and wrappers of what is above. What is sent stands there as well, and links to ask again: what has
 * no better name counts only once the task is done.
 */
const PLACES = ['content', 'output', 'outputs', 'result', 'results', 'task_result'];
const MAX_DEPTH = 3;

/** @returns the answer with status, link and message under the documented names; anything else as it is */
export function toDocumentedShape(body: unknown): unknown {
  if (!isFields(body)) {
    return body;
  }
  const told = unwrap(body);
  const status =
    STATUS.map((name) => told[name]).find((value) => typeof value === 'string') ?? toStatus(told['progress']);
  const message = MESSAGE.map((name) => told[name]).find((value) => typeof value === 'string');
  const error = isAbsent(told['error']) ? findError(told) : told['error'];
  const isDone = status === undefined || getMeaning(status) === 'done';
  const url = isAbsent(told['url']) ? findLink(told, isDone, 0) : told['url'];
  return {
    ...told,
    ...(status === undefined ? {} : { status }),
    ...(message === undefined ? {} : { message }),
    ...(error === undefined ? {} : { error }),
    ...(url === undefined ? {} : { url }),
  };
}

/** The fields of the task itself, with the code of the whole answer. */
function unwrap(body: Fields): Fields {
  let told = body;
  for (let depth = 0; depth < MAX_DEPTH && !hasAny(told, [...STATUS, 'url']); depth++) {
    const inner = WRAPPERS.map((name) => told[name]).find(isFields);
    if (!inner) {
      return depth === 0 ? body : { ...body, ...told };
    }
    told = inner;
  }
  return { ...body, ...told };
}

/** A task of which nothing but the progress is told is under way. */
function toStatus(progress: unknown): string | undefined {
  const amount = typeof progress === 'string' ? /^\s*(\d{1,3})\s*%?\s*$/.exec(progress)?.[1] : progress;
  const percent = Number(amount ?? NaN);
  return percent >= 0 && percent <= 100 ? `${Math.round(percent)}%` : undefined;
}

function findError(told: Fields): unknown {
  const { errors } = told;
  const code = CODES.map((name) => told[name]).find((value) => typeof value === 'string');
  return Array.isArray(errors) && errors.length > 0 ? (errors as unknown[])[0] : code && { code };
}

function findLink(told: Fields, isDone: boolean, depth: number): unknown {
  const direct = LINKS.map((name) => told[name]).find((value) => !isAbsent(value));
  if (direct !== undefined || depth > MAX_DEPTH) {
    return direct;
  }
  for (const place of PLACES.map((name) => told[name])) {
    const certain = isFields(place) ? findLink(place, isDone, depth + 1) : undefined;
    const found = certain ?? (isDone ? (isFields(place) ? place['url'] : place) : undefined);
    if (!isAbsent(found)) {
      return found;
    }
  }
  return undefined;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAbsent = (value: unknown) => value === undefined || value === null || value === '';
const hasAny = (fields: Fields, names: readonly string[]) => names.some((name) => fields[name] !== undefined);
