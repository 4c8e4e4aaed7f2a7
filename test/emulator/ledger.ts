import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from './faults';

/** The servers that keep books: the service, the result files, and a stranger that redirects lead to. */
export type Origin = 'api' | 'files' | 'foreign';

/** How a request ended, as far as the emulator could see. */
export interface Outcome {
  /** HTTP status sent; `null` when the connection ended or hung without one. */
  status: number | null;
  /** Gateway code in the body. */
  code: number | null;
  /** Kind of the fault that had a hand in it. */
  fault: string | null;
}

/** One request. */
export interface Entry {
  /** Emulator's clock, ms since 1970. */
  readonly at: number;
  readonly origin: Origin;
  readonly route: Route;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, in the order and case in which they came. */
  readonly rawHeaders: readonly string[];
  /** Parsed if it was JSON, else the text; `undefined` for none. */
  body: unknown;
  readonly outcome: Outcome;
  taskId?: string;
  /** Set when the request made a task, even if its answer never arrived. Price in roubles. */
  made?: { readonly taskId: string; readonly price: number | null };
}

/** Every request at every origin, in the order of arrival. */
export class Ledger {
  /** @param entries of another ledger, such as one that came over the control server */
  constructor(readonly entries: Entry[] = []) {}

  open(entry: Omit<Entry, 'outcome'>): Entry {
    const opened: Entry = { ...entry, outcome: { status: null, code: null, fault: null } };
    this.entries.push(opened);
    return opened;
  }

  /** Requests to create a task, whatever became of them. */
  creates(): Entry[] {
    return this.entries.filter((entry) => entry.route === 'create');
  }

  /** Requests that made a task and were charged, also where the answer was then lost. */
  charged(): Entry[] {
    return this.entries.filter((entry) => entry.made !== undefined);
  }

  /** Questions for a task's result, or for any. */
  results(taskId?: string): Entry[] {
    return this.#of('result', taskId);
  }

  /** Requests for a task's file, or for any. */
  downloads(taskId?: string): Entry[] {
    return this.#of('file', taskId);
  }

  /** Roubles charged in all. */
  spent(): number {
    return this.charged().reduce((sum, entry) => sum + (entry.made?.price ?? 0), 0);
  }

  /** Requests that carried credentials to a server other than the service. There must be none. */
  leaks(): Entry[] {
    return this.entries.filter((entry) => entry.origin !== 'api' && entry.headers.authorization !== undefined);
  }

  clear(): void {
    this.entries.length = 0;
  }

  #of(route: Route, taskId: string | undefined): Entry[] {
    return this.entries.filter((entry) => entry.route === route && (taskId === undefined || entry.taskId === taskId));
  }
}
