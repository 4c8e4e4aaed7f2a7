import { parseAnswer } from './answerText';
import { getMeaning, type Meaning } from './resultWords';
import { findAnothersId, isFields, namesTask, toPlainName, type Fields } from './taskIdentity';

/**
 * Results in the shape of other makers, whose answers come through (seen in public reports): one level deeper, under
 * other names, the link in a list or an object. What is documented goes first.
 */

const WRAPPERS = ['data', 'result', 'output', 'task', 'response'];
/** Of tasks. One alone is ours, as nobody asked about another. */
const LISTS = ['data', 'tasks', 'items', 'list', 'records', 'results', 'jobs', 'generations'];
const STATUS = ['status', 'state', 'task_status', 'taskStatus'];
const MESSAGE = ['message', 'task_status_msg', 'error_message', 'fail_reason', 'failure_reason', 'failed_reason'];
/** A code that stands by itself. */
const CODES = ['failure_code', 'failureCode', 'fail_code', 'error_code', 'errorCode', 'reason'];
/** Of a video for certain: no preview, no link to ask again, no image that was sent. Compared without case and signs. */
const VIDEOS = names(
  'video videos videourl videourls videouri videolink videofile mp4 mp4url generatedvideo generatedvideos resultvideo ' +
    'resultvideourl outputvideo outputvideourl finalvideo finalvideourl download downloadurl downloadurls downloadlink ' +
    'downloadableurl fileurl',
);
/** Of whatever was made. What is sent may stand there as well, and links to ask again. */
const OUTPUTS = names(
  'output outputs outputurl outputurls result results resulturl resulturls resultjson resultlink taskresult',
);
/** Of who knows what, and wrappers of what is above. */
const PLACES = names(
  'content contents data media medias mediaurl mediaurls assets urls url uri href src link links response file files ' +
    'generation generations artifacts generatevideoresponse generatedsamples playurl failreason',
);
const MAX_DEPTH = 6;
const MAX_PARTS = 20;

const VIDEO_LINK = /\.(?:mp4|m4v|mov|webm|mkv)\b/i;
const IMAGE_LINK = /\.(?:png|jpe?g|webp|gif|bmp|tiff?|heic|avif|svg)(?:$|[?#&])/i;

/** @returns the answer with status, link and message under the documented names; anything else as it is */
export function toDocumentedShape(body: unknown, taskId: string): unknown {
  if (!isFields(body)) {
    return body;
  }
  const told = unwrap(body, taskId);
  const status = findStatus(told);
  const message = MESSAGE.map((name) => told[name]).find((value) => typeof value === 'string');
  const error = isAbsent(told['error']) ? findError(told) : told['error'];
  const meaning = status === undefined ? 'unknown' : getMeaning(status);
  const another = findAnothersId(told, taskId);
  const id = namesTask(told, taskId) ? taskId : another;
  const url = another === undefined ? findLinks(told, meaning, taskId) : undefined;
  return {
    ...told,
    ...(id === undefined ? {} : { id }),
    ...(status === undefined ? {} : { status }),
    ...(message === undefined ? {} : { message }),
    ...(error === undefined ? {} : { error }),
    url,
  };
}

/** Whether an answer tells the state of a task, or its link. */
export function hasUsableShape(answer: Fields, taskId: string): boolean {
  const told = toDocumentedShape(answer, taskId) as Fields;
  return typeof told['status'] === 'string' || told['url'] !== undefined;
}

export function isDoneWithLink(answer: Fields, taskId: string): boolean {
  return (toDocumentedShape(answer, taskId) as Fields)['url'] !== undefined;
}

function findStatus(told: Fields): string | undefined {
  const word = STATUS.map((name) => told[name]).find((value) => typeof value === 'string');
  if (word !== undefined) {
    return word;
  }
  // An operation of Google: over or not, and with an error it is over without a video.
  const { done } = told;
  return typeof done === 'boolean'
    ? !done
      ? 'running'
      : isFields(told['error'])
        ? 'failed'
        : 'done'
    : toStatus(told['progress']);
}

/** The fields of the task itself, with the code of the whole answer. */
function unwrap(body: Fields, taskId: string): Fields {
  let told = body;
  for (let depth = 0; depth < MAX_DEPTH && !hasAny(told, [...STATUS, 'url']); depth++) {
    const inner = WRAPPERS.map((name) => told[name]).find(isFields) ?? findOnlyTask(told, taskId);
    if (!inner) {
      return depth === 0 ? body : { ...body, ...told };
    }
    told = inner;
  }
  if (told !== body && !hasAny(told, STATUS)) {
    // A link beside no state is not the documented one.
    return { ...body, ...told, url: body['url'] };
  }
  return { ...body, ...told };
}

function findOnlyTask(told: Fields, taskId: string): Fields | undefined {
  return LISTS.flatMap((name) => {
    const list: unknown = told[name];
    const [only, second] = Array.isArray(list) ? (list as unknown[]) : [];
    return second === undefined && isFields(only) && hasAny(only, STATUS) && findAnothersId(only, taskId) === undefined
      ? [only]
      : [];
  })[0];
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

interface Candidate {
  text: string;
  rank: 'video' | 'output' | 'place';
}

/**
 * The links that may be the video, the best first. What is documented as the link is one whatever the word; a link under
 * another name is none while the task goes on, and where the state is not known it must be a video's.
 */
function findLinks(told: Fields, meaning: Meaning, taskId: string): unknown {
  const { url, ...rest } = told;
  const documented = isAbsent(url) || (meaning === 'pending' && !mayBeResult(url, taskId)) ? undefined : url;
  const others =
    meaning === 'pending' ? [] : collect(rest, 'place', taskId, 0).filter((link) => isTaken(link, meaning));
  const of = (isWanted: (link: Candidate) => boolean) => others.filter(isWanted).map(({ text }) => text);
  const best = [
    ...of(({ text, rank }) => rank === 'video' && VIDEO_LINK.test(text)),
    ...of(({ text, rank }) => rank === 'video' && !VIDEO_LINK.test(text)),
    ...of(({ text, rank }) => rank !== 'video' && VIDEO_LINK.test(text)),
  ];
  const last = of(({ text, rank }) => rank !== 'video' && !VIDEO_LINK.test(text));
  if (documented === undefined) {
    return best.length + last.length > 0 ? [...best, ...last] : undefined;
  }
  // An address to ask again may have the documented name (seen): what is a video's for certain goes before it.
  const isSure = typeof documented !== 'string' || VIDEO_LINK.test(documented) || best.length === 0;
  return isSure ? documented : [...best, documented];
}

function isTaken({ text, rank }: Candidate, meaning: Meaning): boolean {
  if (IMAGE_LINK.test(text)) {
    // A still image is a result, too, where it is told of as one.
    return meaning === 'done' && rank === 'output';
  }
  return (
    meaning === 'done' ||
    (rank === 'video' && meaning !== 'pending') ||
    (meaning === 'unknown' && VIDEO_LINK.test(text))
  );
}

/** Under the documented name, and while the task goes on: no image, and no address to ask again. */
function mayBeResult(url: unknown, taskId: string): boolean {
  return typeof url !== 'string' || VIDEO_LINK.test(url) || !(IMAGE_LINK.test(url) || url.includes(taskId));
}

function collect(value: unknown, rank: Candidate['rank'], taskId: string, depth: number): Candidate[] {
  if (typeof value === 'string') {
    const list = /^\s*[[{]/.test(value) && value.length <= 16_384 ? parseAnswer(value) : undefined;
    return list === undefined || depth >= MAX_DEPTH
      ? value.trim() === ''
        ? []
        : [{ text: value, rank }]
      : collect(list, rank, taskId, depth + 1);
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.slice(0, MAX_PARTS).flatMap((part: unknown) => collect(part, rank, taskId, depth + 1));
  }
  const fields = value as Fields;
  const kind = getKind(fields);
  if (kind === 'other' || (depth > 0 && findAnothersId(fields, taskId) !== undefined)) {
    return [];
  }
  return Object.entries(fields).flatMap(([name, part]) => {
    const plain = toPlainName(name);
    // A field of the task itself is no link for its name alone.
    const inner = VIDEOS.has(plain)
      ? 'video'
      : OUTPUTS.has(plain)
        ? rank === 'video'
          ? rank
          : 'output'
        : PLACES.has(plain)
          ? rank
          : undefined;
    return inner === undefined ? [] : collect(part, kind === 'video' ? 'video' : inner, taskId, depth + 1);
  });
}

/** What an object in a list says that it is: a video; or an image, a sound, or something that was sent. */
function getKind(fields: Fields): 'video' | 'other' | undefined {
  const told = ['type', 'kind', 'role', 'media_type', 'mediaType', 'mime', 'mime_type', 'mimeType', 'content_type']
    .map((name) => fields[name])
    .filter((word) => typeof word === 'string')
    .join(' ')
    .toLowerCase();
  if (/image|audio|text|thumb|poster|cover|preview|frame|reference|input|source|user/.test(told)) {
    return 'other';
  }
  return /video/.test(told) ? 'video' : undefined;
}

const isAbsent = (value: unknown) => value === undefined || value === null || value === '';
const hasAny = (fields: Fields, wanted: readonly string[]) => wanted.some((name) => fields[name] !== undefined);

function names(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
