import type { Readable } from 'node:stream';
import nodeFetch, { type Response } from 'node-fetch';
import type { Fetch } from '../../src/common/http';

export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that says nothing for so long is taken to hang; the clock may go on. */
const STALL_MS = 60;
const STALL_TURNS = 50;

interface Flight {
  /** Gateway requests end by a time limit of their own, in real time; downloads by the clock. */
  readonly hasOwnLimit: boolean;
  heardAt: number;
  heardTurn: number;
}

const flights = new Set<Flight>();
let turn = 0;

/** node-fetch over real sockets, watched: what was sent, and whether anything is under way. */
export class RecordingFetch {
  readonly sent: SentRequest[] = [];
  /** Called before each request leaves; may throw in its place. */
  before: ((sent: SentRequest) => void | Promise<void>) | undefined;
  #inFlight = 0;
  /** The most requests that were ever under way together. */
  peak = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  readonly fetch: Fetch = async (url, init = {}) => {
    const headers = init.headers as Record<string, string>;
    const sent: SentRequest = { url, method: init.method ?? 'GET', headers };
    this.sent.push(sent);
    const flight: Flight = { hasOwnLimit: 'Authorization' in headers, heardAt: performance.now(), heardTurn: turn };
    flights.add(flight);
    this.#inFlight++;
    this.peak = Math.max(this.peak, this.#inFlight);
    const end = () => {
      if (flights.delete(flight)) {
        this.#inFlight--;
      }
    };
    try {
      await this.before?.(sent);
      return watched(await nodeFetch(url, init), flight, end);
    } catch (error) {
      end();
      throw error;
    }
  };
}

function watched(response: Response, flight: Flight, end: () => void): Response {
  hear(flight);
  const body = response.body as Readable | null;
  if (body === null) {
    end();
    return response;
  }
  body.once('close', end);
  const iterate = body[Symbol.asyncIterator].bind(body);
  body[Symbol.asyncIterator] = async function* () {
    for await (const chunk of iterate()) {
      hear(flight);
      yield chunk as unknown;
    }
  };
  return response;
}

function hear(flight: Flight): void {
  flight.heardAt = performance.now();
  flight.heardTurn = turn;
}

function isUnderWay({ hasOwnLimit, heardAt, heardTurn }: Flight): boolean {
  return hasOwnLimit || performance.now() - heardAt < STALL_MS || turn - heardTurn < STALL_TURNS;
}

/** What Node calls a request to disk or network that has not ended. */
const REQUESTS = new Set([
  'FSReqCallback',
  'FSReqPromise',
  'CloseReq',
  'FileHandleCloseReq',
  'TCPConnectWrap',
  'GetAddrInfoReqWrap',
  'WriteWrap',
  'ShutdownWrap',
]);
const QUIET_TURNS = 3;
/** After so long it is something slow, and spinning would only keep it from the processor. */
const SPIN_MS = 4;

/** Resolves when neither disk nor network has anything to do for us. */
export async function settled(): Promise<void> {
  const startedAt = performance.now();
  for (let quiet = 0; quiet < QUIET_TURNS;) {
    await (performance.now() - startedAt < SPIN_MS ? new Promise(setImmediate) : nap());
    turn++;
    const busy = isAnyUnderWay() || process.getActiveResourcesInfo().some((name) => REQUESTS.has(name));
    quiet = busy ? 0 : quiet + 1;
  }
}

/** A millisecond of real time. */
export function nap(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function isAnyUnderWay(): boolean {
  for (const flight of flights) {
    if (isUnderWay(flight)) {
      return true;
    }
  }
  return false;
}
