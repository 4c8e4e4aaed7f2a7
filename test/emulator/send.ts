import type { ServerResponse } from 'node:http';
import type { Answer } from './answer';
import type { Misfortune } from './faults';
import { wait } from './wait';

const SLOW_TICK_MS = 50;
const JUNK = Buffer.alloc(64 * 1024, 'all work and no play makes a dull answer ');
/** Long enough for the other side to read what came before a reset, which may overtake the bytes. */
const BEFORE_RESET_MS = 30;

/** Sends `answer` the way `fault` has it; most faults leave the sending alone. */
export async function send(res: ServerResponse, answer: Answer, fault: Misfortune | undefined): Promise<void> {
  switch (fault?.kind) {
    case 'cutBody':
      await sendPart(res, answer, fault.atByte);
      res.socket?.end();
      break;
    case 'fileShort':
      await sendPart(res, answer, fault.bytes);
      res.socket?.end();
      break;
    case 'resetMidBody':
      await sendPart(res, answer, fault.atByte);
      await wait(BEFORE_RESET_MS);
      res.socket?.resetAndDestroy();
      break;
    case 'slowBody':
      await sendSlowly(res, answer, fault.bytesPerSecond);
      break;
    case 'hugeBody':
      await sendJunk(res, answer, fault.bytes ?? Infinity);
      break;
    default:
      res.writeHead(answer.status, answer.headers);
      res.end(answer.body);
  }
}

async function sendPart(res: ServerResponse, answer: Answer, bytes = answer.body.length >> 1): Promise<void> {
  res.writeHead(answer.status, answer.headers);
  res.flushHeaders();
  await write(res, answer.body.subarray(0, Math.min(bytes, answer.body.length - 1)));
}

async function sendSlowly(res: ServerResponse, answer: Answer, bytesPerSecond: number): Promise<void> {
  const step = Math.max(1, Math.round((bytesPerSecond * SLOW_TICK_MS) / 1000));
  res.writeHead(answer.status, answer.headers);
  res.flushHeaders();
  for (let at = 0; at < answer.body.length && !res.destroyed; at += step) {
    await write(res, answer.body.subarray(at, at + step));
    await wait(SLOW_TICK_MS);
  }
  res.end();
}

/** No Content-Length: the client has to limit what it reads. */
async function sendJunk(res: ServerResponse, answer: Answer, bytes: number): Promise<void> {
  res.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'application/json' });
  for (let left = bytes; left > 0 && !res.destroyed; left -= JUNK.length) {
    await write(res, JUNK.subarray(0, Math.min(left, JUNK.length)));
  }
  res.end();
}

/** Resolves when the bytes are handed to the system, or when nobody is there to take them. */
function write(res: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (res.destroyed) {
      resolve();
      return;
    }
    res.once('close', resolve);
    res.write(bytes, () => {
      res.off('close', resolve);
      resolve();
    });
  });
}
