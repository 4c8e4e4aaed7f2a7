import { createHash } from 'node:crypto';
import { bytesAnswer, storeError, textAnswer, type Answer } from './answer';
import type { Misfortune } from './faults';
import type { Entry } from './ledger';
import { readRange } from './range';
import { endsAtMs, hasVideo, type Task } from './tasks';
import { videoOf } from './video/library';
import type { EmulatorState } from './emulatorState';

const FILE_PATH = /^\/predication\/[0-9a-f]+\/([0-9a-f]{24})_result\.mp4$/;
const NO_BYTES = new Uint8Array();

/** The task whose file a path names. */
export function fileTaskId(path: string): string | undefined {
  return FILE_PATH.exec(path)?.[1];
}

const getLinkStart = (task: Task): number => (task.link.number === 0 ? endsAtMs(task) : task.link.sinceMs);

/** The link to the file as the result names it: another one when the last is dead, while the file is kept. */
export function nameLink(world: EmulatorState, task: Task): string {
  const now = world.now();
  const isKept = now < endsAtMs(task) + world.behaviour.linkLifeMs;
  if (isKept && now >= getLinkStart(task) + world.behaviour.oneLinkLifeMs) {
    task.link = { number: task.link.number + 1, sinceMs: now };
  }
  return world.filesUrl + world.filePath(task);
}

/** The object store's answer, with what `fault` makes of it. */
export async function answerFile(world: EmulatorState, entry: Entry, fault?: Misfortune): Promise<Answer> {
  const { path, method } = entry;
  if (method !== 'GET' && method !== 'HEAD') {
    return storeError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', path);
  }
  const task = world.tasks.get(fileTaskId(path) ?? '');
  if (!task || world.filePath(task) !== path) {
    return storeError(403, 'AccessDenied', 'Access Denied', path);
  }
  if (!hasVideo(task, world.now()) || fault?.kind === 'notYet') {
    return storeError(404, 'NoSuchKey', 'The specified key does not exist.', path);
  }
  const expiresAtMs = endsAtMs(task) + world.behaviour.linkLifeMs;
  const isLinkDead = world.now() >= getLinkStart(task) + world.behaviour.oneLinkLifeMs;
  if (world.now() >= expiresAtMs || isLinkDead || fault?.kind === 'expiredLink') {
    return storeError(403, 'ExpiredToken', 'Request has expired.', path);
  }
  const type = world.behaviour.fileType;
  switch (fault?.kind) {
    case 'fileEmpty':
      return bytesAnswer(200, { 'content-type': type }, NO_BYTES);
    case 'fileXml':
      return { ...storeError(200, 'SlowDown', 'Please reduce your request rate.', path), status: 200 };
    case 'fileHtml':
      return textAnswer(200, 'text/html; charset=utf-8', '<!doctype html><title>Maintenance</title><p>Back soon.');
    case 'filePage':
      return bytesAnswer(200, { 'content-type': fault.type ?? 'text/html' }, Buffer.from(fault.text, 'latin1'));
    case 'fileChanged':
      task.fileVersion += 1;
      break;
    default:
      break;
  }
  const whole = await videoOf(world.behaviour, task);
  const stored = fault?.kind === 'fileTruncated' ? whole.subarray(0, fault.bytes ?? whole.length >> 1) : whole;
  return serve(stored, type, task, entry, fault?.kind !== 'fileNoRange');
}

function serve(bytes: Uint8Array, type: string, task: Task, { headers }: Entry, ranges: boolean): Answer {
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  // A second for each version, since HTTP dates have no finer grain.
  const lastModified = new Date(endsAtMs(task) + (task.fileVersion - 1) * 1000).toUTCString();
  const common = { 'content-type': type, etag, 'last-modified': lastModified };
  if (!ranges) {
    return bytesAnswer(200, common, bytes);
  }
  const about = { ...common, 'accept-ranges': 'bytes' };
  const ifRange = headers['if-range'];
  const isSame = ifRange === undefined || ifRange === etag || ifRange === lastModified;
  const span = isSame ? readRange(headers.range, bytes.length) : undefined;
  if (span === undefined) {
    return bytesAnswer(200, about, bytes);
  }
  if (span === 'unsatisfiable') {
    const error = storeError(416, 'InvalidRange', 'The requested range is not satisfiable', task.id);
    return { ...error, headers: { ...error.headers, 'content-range': `bytes */${bytes.length}` } };
  }
  const contentRange = `bytes ${span.start}-${span.end}/${bytes.length}`;
  return bytesAnswer(206, { ...about, 'content-range': contentRange }, bytes.subarray(span.start, span.end + 1));
}
