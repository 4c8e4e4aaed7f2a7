import type { Origin } from './ledger';
import type { Random } from './random';

/** What a request is about. `other`: a path that the service does not know. */
export type Route = 'create' | 'result' | 'models' | 'balance' | 'file' | 'other';

/** Which requests a fault strikes. What is left out matches everything. */
export interface Match {
  origin?: Origin;
  route?: Route;
  method?: string;
  taskId?: string;
  /** Strikes only the nth request (from 1) that matches the rest, counted since the fault was added. */
  nth?: number;
}

/** One issue of a code 3 answer. */
export interface Issue {
  path: string;
  expected: string;
  message: string;
}

/**
 * What can go wrong. Everything here can be written as JSON, so that a test in another process can
 * ask for it.
 *
 * For a create it matters whether the task is made and charged before the fault strikes:
 * - never: `resetBeforeRead`, `resetBeforeCharge`, `rateLimit`, `redirect`, `dropConnection`;
 * - only with `afterCharge`: `httpError`, `code`, `hang`, `delay` (which only moves the wait: the
 *   task is made in any case);
 * - always, since it is the true answer that gets spoiled: all others.
 */
export type Misfortune =
  // Anywhere
  | { kind: 'delay'; ms: number; afterCharge?: boolean }
  /** `retryAfter`: seconds, or the text of the header as it should be sent. */
  | { kind: 'rateLimit'; retryAfter?: number | string; html?: boolean }
  /** `body`: a proxy's page (the default), the OpenAI shape, or nothing. */
  | {
      kind: 'httpError';
      status: number;
      body?: 'html' | 'openai' | 'empty';
      retryAfter?: number | string;
      afterCharge?: boolean;
    }
  /** A service error in HTTP 200. */
  | {
      kind: 'code';
      code: number;
      message?: string;
      issues?: Issue[];
      afterCharge?: boolean;
      /** Put beside the code, such as `status: 'error'`. */
      fields?: Record<string, unknown>;
    }
  /** The service's own answer, whole, with an HTTP status or fields that do not go with it, or `text` in its place. */
  | { kind: 'unusual'; status?: number; fields?: Record<string, unknown>; text?: string }
  /** Each answer is odd in a random way: see `oddities.ts`. */
  | { kind: 'odd'; seed: number }
  | { kind: 'brokenJson' }
  /** Fields of the wrong type; `fields` replaces the default choice for the route. */
  | { kind: 'wrongTypes'; fields?: Record<string, unknown> }
  | { kind: 'emptyBody' }
  /** Endless text in place of the answer, cut after `bytes` if given. */
  | { kind: 'hugeBody'; bytes?: number }
  /** The connection is reset when the head has come, before the body is read. */
  | { kind: 'resetBeforeRead' }
  | { kind: 'resetBeforeCharge' }
  | { kind: 'resetAfterRead' }
  /** Never answers. */
  | { kind: 'hang'; afterCharge?: boolean }
  /** Announces everything, sends `atByte` bytes (default: half), closes in good order. */
  | { kind: 'cutBody'; atByte?: number }
  /** As `cutBody`, with a reset at the end. */
  | { kind: 'resetMidBody'; atByte?: number }
  | { kind: 'slowBody'; bytesPerSecond: number }
  /** `to`: the same path on the same origin (with `redirected=1`), on the stranger's, or a full URL. */
  | { kind: 'redirect'; status: 301 | 302 | 303 | 307 | 308; to: 'same' | 'foreign' | (string & {}) }
  // Connections: no byte is read, so nothing but the origin can be matched
  | { kind: 'dropConnection' }
  // Results of a task that is done
  | { kind: 'doneWithoutUrl' }
  // Files
  /** The object store's answer for a link that has run out, whatever the clock says. */
  | { kind: 'expiredLink' }
  /** 404, as for a file that is not there yet. */
  | { kind: 'notYet' }
  | { kind: 'fileEmpty' }
  | { kind: 'fileXml' }
  | { kind: 'fileHtml' }
  /** Any text in place of the file; bytes as Latin-1. */
  | { kind: 'filePage'; text: string; type?: string }
  /** As `cutBody`, for files alone: fewer bytes than announced. */
  | { kind: 'fileShort'; bytes?: number }
  /** The stored file itself is cut: an honest answer about fewer bytes. */
  | { kind: 'fileTruncated'; bytes?: number }
  /** The file is replaced just before a Range request is answered, and stays replaced. */
  | { kind: 'fileChanged' }
  /** Answers a Range request with 200 and everything. */
  | { kind: 'fileNoRange' };

export type FaultKind = Misfortune['kind'];

/** A fault as a test asks for it. */
export type FaultSpec = Misfortune & {
  match?: Match;
  /** How often it strikes; default 1. `'always'`, Infinity and null (JSON's Infinity) mean no end. */
  times?: number | 'always' | null;
  /** Chance that it strikes a matching request, 0 to 1; default 1. */
  probability?: number;
};

/** A fault that was added, with its count. */
export interface Fault {
  readonly id: number;
  readonly spec: FaultSpec;
  /** Requests struck so far. */
  hits: number;
  /** Requests seen so far that `match` fits, `nth` aside. */
  seen: number;
}

/** What a fault is matched against. */
export interface Circumstances {
  origin: Origin;
  route: Route;
  method: string;
  taskId: string | undefined;
  /** A result request for a task that has its video. */
  done: boolean;
  /** A file request with a Range header. */
  ranged: boolean;
}

/** When a fault has its say: before anything is read, with only the head read, or with all of it read. */
export type Stage = 'connection' | 'head' | 'request';

const FILE_KINDS: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'expiredLink',
  'notYet',
  'fileEmpty',
  'fileXml',
  'fileHtml',
  'filePage',
  'fileShort',
  'fileTruncated',
  'fileChanged',
  'fileNoRange',
]);

/** The faults that are switched on. */
export class Faults {
  readonly #random: Random;
  #faults: Fault[] = [];
  #lastId = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @throws when the fault could never strike what it is meant for. */
  add(spec: FaultSpec): Fault {
    const route = spec.match?.route;
    if (FILE_KINDS.has(spec.kind) && route !== undefined && route !== 'file') {
      throw new Error(`${spec.kind} can only strike files.`);
    }
    if (spec.kind === 'doneWithoutUrl' && route !== undefined && route !== 'result') {
      throw new Error('doneWithoutUrl can only strike results.');
    }
    if (spec.kind === 'dropConnection' && route !== undefined) {
      throw new Error('dropConnection strikes before there is a route; match by origin.');
    }
    this.#lastId += 1;
    const fault: Fault = { id: this.#lastId, spec, hits: 0, seen: 0 };
    this.#faults.push(fault);
    return fault;
  }

  remove(id: number): void {
    this.#faults = this.#faults.filter((fault) => fault.id !== id);
  }

  clear(): void {
    this.#faults = [];
  }

  /** All faults that were added and not cleared, also those that are used up. */
  get list(): readonly Fault[] {
    return this.#faults;
  }

  /** How often each kind has struck. */
  get hits(): Readonly<Record<string, number>> {
    const hits: Record<string, number> = {};
    for (const { spec, hits: count } of this.#faults) {
      hits[spec.kind] = (hits[spec.kind] ?? 0) + count;
    }
    return hits;
  }

  /**
   * The faults that strike now, counted as hits: every delay that matches, and the first of the
   * others. A request is counted once for each stage it passes, and each kind belongs to one stage.
   */
  strike(stage: Stage, circumstances: Circumstances): Misfortune[] {
    const struck: Misfortune[] = [];
    let taken = false;
    for (const fault of this.#faults) {
      const { spec } = fault;
      if (stageOf(spec.kind) !== stage || !fits(spec, circumstances)) {
        continue;
      }
      fault.seen += 1;
      const free = spec.kind === 'delay' || !taken;
      if (free && this.#isDue(fault)) {
        fault.hits += 1;
        struck.push(spec);
        taken ||= spec.kind !== 'delay';
      }
    }
    return struck;
  }

  #isDue({ spec, hits, seen }: Fault): boolean {
    const times = spec.times === 'always' || spec.times === null ? Infinity : (spec.times ?? 1);
    const nth = spec.match?.nth;
    return (
      hits < times &&
      (nth === undefined || nth === seen) &&
      (spec.probability === undefined || this.#random.next() < spec.probability)
    );
  }
}

function stageOf(kind: FaultKind): Stage {
  switch (kind) {
    case 'dropConnection':
      return 'connection';
    case 'resetBeforeRead':
      return 'head';
    default:
      return 'request';
  }
}

function fits({ kind, match = {} }: FaultSpec, now: Circumstances): boolean {
  return (
    (match.origin === undefined || match.origin === now.origin) &&
    (match.route === undefined || match.route === now.route) &&
    (match.method === undefined || match.method === now.method) &&
    (match.taskId === undefined || match.taskId === now.taskId) &&
    canStrike(kind, now)
  );
}

/** A fault waits for a request that it makes a difference to, and is not used up by others. */
function canStrike(kind: FaultKind, { route, done, ranged }: Circumstances): boolean {
  switch (kind) {
    case 'doneWithoutUrl':
      return done;
    case 'fileChanged':
    case 'fileNoRange':
      return route === 'file' && ranged;
    case 'brokenJson':
    case 'wrongTypes':
    case 'unusual':
    case 'odd':
      return route !== 'file';
    default:
      return route === 'file' || !FILE_KINDS.has(kind);
  }
}
