import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from './answer';
import { answerApi, apiRoute, askedTaskId } from './api';
import type { Circumstances, Misfortune } from './faults';
import { answerFile, fileTaskId } from './files';
import type { Heads } from './rawHeaders';
import type { Entry, Origin } from './ledger';
import { send } from './send';
import { isServed, replacement, spoiled } from './corruptResponse';
import { answerStranger } from './foreignOrigin';
import { hasVideo } from './tasks';
import { wait } from './wait';
import type { EmulatorState } from './emulatorState';

/** Reads one request, enters it into the ledger, lets the faults have their say, and answers. */
export async function exchange(
  world: EmulatorState,
  origin: Origin,
  heads: Heads,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  // The one who asked may leave at any time; nothing is left to do then.
  res.on('error', () => undefined);
  const authorization = heads.authorization(req.socket);
  const entry = enter(world, origin, req);
  const [early] = strike(world, 'head', entry);
  if (early) {
    fail(entry, early, req.socket);
    return;
  }
  try {
    entry.body = parse(await readBody(req), req.headers['content-type']);
  } catch {
    return;
  }
  heads.forget(req.socket);
  if (entry.route === 'result') {
    const id = askedTaskId(entry.query, entry.body);
    Object.assign(entry, id !== undefined && { taskId: id });
  }

  const struck = strike(world, 'request', entry);
  const fault = struck.find(({ kind }) => kind !== 'delay');
  entry.outcome.fault = (fault ?? struck[0])?.kind ?? null;
  await delay(struck, false);
  const where = { route: entry.route, url: req.url ?? '/', foreignUrl: world.foreignUrl };
  const own = isServed(fault) ? await answer(world, entry, authorization, fault) : undefined;
  await delay(struck, true);

  switch (fault?.kind) {
    case 'hang':
      return;
    case 'resetBeforeCharge':
    case 'resetAfterRead':
      fail(entry, fault, req.socket);
      return;
    default:
      break;
  }
  const sent = replacement(fault, where) ?? (own && spoiled(own, fault, entry.route));
  if (sent) {
    entry.outcome.status = sent.status;
    entry.outcome.code = sent.code;
    await send(res, sent, fault);
  }
}

/** A connection that `dropConnection` may end before a byte of it is read. */
export function admit(world: EmulatorState, origin: Origin, socket: Socket): void {
  const about: Circumstances = { origin, route: 'other', method: '', taskId: undefined, done: false, ranged: false };
  if (origin !== 'foreign' && world.faults.strike('connection', about).length > 0) {
    socket.resetAndDestroy();
  }
}

function enter(world: EmulatorState, origin: Origin, req: IncomingMessage): Entry {
  const url = new URL(req.url ?? '/', 'http://origin');
  const method = req.method ?? '';
  const path = url.pathname;
  const fileOf = fileTaskId(path);
  return world.ledger.open({
    at: world.now(),
    origin,
    route: origin === 'api' ? apiRoute(method, path) : fileOf === undefined ? 'other' : 'file',
    method,
    path,
    query: Object.fromEntries(url.searchParams),
    headers: req.headers,
    rawHeaders: req.rawHeaders,
    body: undefined,
    ...(fileOf !== undefined && { taskId: fileOf }),
  });
}

function strike(world: EmulatorState, stage: 'head' | 'request', entry: Entry): Misfortune[] {
  if (entry.origin === 'foreign') {
    return [];
  }
  const task = entry.taskId === undefined ? undefined : world.tasks.get(entry.taskId);
  return world.faults.strike(stage, {
    origin: entry.origin,
    route: entry.route,
    method: entry.method,
    taskId: entry.taskId,
    done: entry.route === 'result' && task !== undefined && hasVideo(task, world.now()),
    ranged: entry.headers.range !== undefined,
  });
}

function answer(
  world: EmulatorState,
  entry: Entry,
  authorization: string | undefined,
  fault?: Misfortune,
): Promise<Answer> {
  switch (entry.origin) {
    case 'api':
      return answerApi(world, entry, authorization);
    case 'files':
      return answerFile(world, entry, fault);
    case 'foreign':
      return answerStranger(world, entry);
  }
}

function fail(entry: Entry, fault: Misfortune, socket: Socket): void {
  entry.outcome.fault = fault.kind;
  socket.resetAndDestroy();
}

async function delay(struck: readonly Misfortune[], afterCharge: boolean): Promise<void> {
  for (const fault of struck) {
    if (fault.kind === 'delay' && (fault.afterCharge ?? false) === afterCharge) {
      await wait(fault.ms);
    }
  }
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** JSON if the sender says so and it is; the service reads nothing else. */
function parse(bytes: Buffer, contentType: string | undefined): unknown {
  if (bytes.length === 0) {
    return undefined;
  }
  const text = bytes.toString();
  if (!contentType?.startsWith('application/json')) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
