import { cleanAnswer } from '../../common/cleanAnswer';
import { parseUrl } from '../../common/url';
import { toSingleLine } from '../../common/text';
import type { BalanceComparison, TaskError, TaskRecord } from './taskRecord';

/** What a helper has to know of the place where it happened. */
export interface DiagnosticFacts {
  extensionVersion: string;
  vscodeVersion: string;
  /** Such as "linux x64". */
  system: string;
  node: string;
  /** The kind of a remote window, such as "ssh-remote"; its host is nobody's business. */
  remote: string | undefined;
  ui: 'desktop' | 'web';
  language: string;
  apiHost: string | undefined;
  hasProxy: boolean;
  /** Why the task is not asked about. */
  pause: string | undefined;
  isWorker: boolean;
  now: number;
}

/**
 * Everything about a task that a bug report needs, in English, as its readers may come from anywhere. It is made to be
 * published: no key, no prompt, no link (only its host), no path or name of a file.
 */
export function formatDiagnostics(record: TaskRecord, facts: DiagnosticFacts): string {
  const { request, result, saved, localCopy } = record;
  const clean = (text: string) => toSingleLine(cleanAnswer(text, request.prompt), 300);
  const lines: [string, string | number | undefined][] = [
    ['extension', facts.extensionVersion],
    ['VS Code', `${facts.vscodeVersion}, ${facts.ui}, ${facts.language}`],
    ['system', `${facts.system}, Node ${facts.node}`],
    ['remote', facts.remote ?? 'none'],
    ['service', facts.apiHost ?? 'invalid address'],
    ['http.proxy', facts.hasProxy ? 'set' : 'not set'],
    ['task', record.id],
    ['ID at the service', record.gatewayId ?? 'none'],
    ['state', `${record.state}, ${record.origin}, format ${record.format}`],
    [
      'last word of the service',
      record.word === undefined ? undefined : JSON.stringify(clean(record.word).slice(0, 64)),
    ],
    ['not asked because', facts.pause],
    ['this window polls', facts.isWorker ? 'yes' : 'no'],
    ['model', clean(request.model).slice(0, 100) || 'unknown'],
    ['aspect ratio', request.aspectRatio],
    ['prompt', `${request.prompt.length} characters`],
    ['first frame', formatFrame(record)],
    ['price', `quoted ${record.quotedPrice ?? 'unknown'}, charged ${record.cost ?? 'not told'} (roubles)`],
    ['balance around the order', record.balance && formatBalance(record.balance)],
    ['created', formatTime(record.createdAt)],
    ['submitted', formatTime(record.submittedAt)],
    ['accepted', formatTime(record.acceptedAt)],
    ['running since', formatTime(record.startedAt)],
    ['finished', formatTime(record.finishedAt)],
    ['link', result && `host ${parseUrl(result.url)?.host ?? 'none'}, expires ${formatTime(result.expiresAt)}`],
    ['local copy', localCopy && `${localCopy.bytes} bytes, ${localCopy.type ?? 'mp4'}, ${formatTime(localCopy.at)}`],
    ['local copy was deleted', record.copyDropped ? 'yes' : undefined],
    ['saved', saved.length === 0 ? undefined : `${saved.length} times, last ${formatTime(saved.at(-1)?.at)}`],
    ['error', record.error && formatError(record.error, clean)],
    ['trouble', record.trouble && formatError(record.trouble, clean)],
    ['now', formatTime(facts.now)],
  ];
  const answer = getLastAnswer(record);
  return [
    'Seedance: diagnostics of a task',
    ...lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
    ...(answer
      ? ['', `last odd answer, ${formatTime(answer.at)}:`, ...indent(cleanAnswer(answer.text, request.prompt))]
      : []),
    '',
  ].join('\n');
}

/** The last answer that made no sense, also where an older version kept it with the error alone. */
export function getLastAnswer({ lastAnswer, trouble, error }: TaskRecord): { at: number; text: string } | undefined {
  const older = [trouble, error].find((told) => told?.answer);
  return lastAnswer ?? (older?.answer ? { at: older.at, text: older.answer } : undefined);
}

function formatBalance({ before, beforeAt, after, afterAt, isMixed }: BalanceComparison): string {
  return [
    `before ${before}, ${formatTime(beforeAt)}`,
    after === undefined ? 'after: not told' : `after ${after}, ${formatTime(afterAt)}`,
    ...(after === undefined ? [] : [`difference ${Math.round((after - before) * 100) / 100} (roubles)`]),
    ...(isMixed ? ['other orders meanwhile'] : []),
  ].join('; ');
}

function formatFrame({ request: { firstFrame } }: TaskRecord): string {
  if (!firstFrame) {
    return 'none';
  }
  const { delivery, width, height, link, from } = firstFrame;
  return [
    // Of an imported record it may be anything.
    /^[\w-]{1,40}$/.test(delivery) ? delivery : 'unknown',
    width !== undefined && height !== undefined ? `${width} × ${height}` : 'size unknown',
    ...(link === undefined ? [] : [`host ${parseUrl(link)?.host ?? 'none'}`]),
    ...(from ? ['a frame of another task'] : []),
  ].join(', ');
}

function formatError({ kind, code, status, at, taskId, message, issues }: TaskError, clean: (text: string) => string) {
  return [
    toSingleLine(kind, 40),
    code === undefined ? undefined : `code ${code}`,
    status === undefined ? undefined : `HTTP ${status}`,
    formatTime(at),
    taskId === undefined ? undefined : `may be ${clean(taskId)}`,
    issues === undefined ? undefined : `fields ${issues.map(({ path }) => clean(path).slice(0, 60)).join(' ')}`,
    message === undefined ? undefined : JSON.stringify(clean(message)),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** A record may hold any number. */
function formatTime(at: number | undefined): string | undefined {
  if (at === undefined) {
    return undefined;
  }
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : 'an impossible time';
}

function indent(text: string): string[] {
  return text.split('\n').map((line) => `    ${line}`);
}
