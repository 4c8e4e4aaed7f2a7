import type { Response } from 'node-fetch';
import type { CallOptions, CreatedTask, CreateRequest, ApiClient, TaskResult } from '../../../src/api/apiClient';
import { ApiError, type ApiErrorKind } from '../../../src/api/apiError';
import type { Fetch } from '../../../src/common/http';
import { makeMp4 } from '../mp4';
import type { Machine } from './machine';

const LINK_LIFE_MS = 48 * 60 * 60_000;
const CREATE_LIMIT_MS = 120_000;
const RESULT_LIMIT_MS = 30_000;

export interface ServiceTask {
  readonly id: string;
  readonly prompt: string;
  readonly account: string;
  /** World's time, ms. */
  readonly createdAt: number;
  readonly doneAt: number;
  readonly fails: boolean;
  /** All that the link ever gave, the current one last. */
  readonly files: Buffer[];
  /** The link that lives, and since when (world's time, ms). A link is made when it is asked for and the last one is dead. */
  link: { number: number; since: number };
}

/** A create on its way to the service, whatever became of it. */
export interface Sent {
  readonly prompt: string;
  readonly window: string;
  /** When the window let go of it; in steps of the machine. */
  readonly calledAt: number;
  /** The answer was spoiled or lost. */
  faulty: boolean;
  /** Set when it was charged. */
  task?: ServiceTask;
  /** Told to the window, in so many words. */
  answered?: boolean;
}

/** How the world treats requests; shares of 0 to 1. */
export interface Weather {
  /** No connection at all. */
  offline: boolean;
  trouble: number;
}

/** The service and its files, without sockets: every message is a job of the machine. */
export class Service {
  readonly sent: Sent[] = [];
  readonly tasks = new Map<string, ServiceTask>();
  readonly weather: Weather = { offline: false, trouble: 0.1 };
  /** Accounts by key; a key that is not in here is refused. */
  readonly keys = new Map<string, string>();
  /** How long a link lives, ms; the file lives longer where it is less than documented. */
  linkLifeMs = LINK_LIFE_MS;
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** A task that the user made elsewhere. */
  makeTask(prompt: string, account: string): ServiceTask {
    const { machine } = this;
    const task: ServiceTask = {
      id: machine.random.hex(24),
      prompt,
      account,
      createdAt: machine.time,
      doneAt: machine.time + 2_000 + machine.upTo(120_000),
      fails: machine.chance(0.1),
      files: [],
      link: { number: 0, since: 0 },
    };
    task.files.push(videoOf(task.id, 1, 300 + machine.upTo(6_000)));
    this.tasks.set(task.id, task);
    return task;
  }

  /** The service as one window sees it. */
  apiClient(window: string): ApiClient {
    return {
      create: (request, options) => this.#create(window, request, options),
      result: (id, options) => this.#limited(RESULT_LIMIT_MS, this.#result(id, options), options.signal),
      models: () => Promise.resolve([]),
      balance: () => Promise.resolve({ balance: 0 }),
    };
  }

  #fault(): boolean {
    return this.machine.chance(this.weather.trouble);
  }

  async #create(window: string, { prompt }: CreateRequest, { key }: CallOptions): Promise<CreatedTask> {
    const { machine } = this;
    const sent: Sent = { prompt, window, calledAt: machine.steps, faulty: false };
    await machine.job(() => {
      if (this.weather.offline || (this.#fault() && machine.chance(0.4))) {
        throw new ApiError(machine.chance(0.3) ? 'proxy-refused' : 'not-sent');
      }
      this.sent.push(sent);
    });
    // From here on it is in the network's hands, and a kill of the sender changes nothing.
    const sender = machine.current;
    const delay = this.#fault() ? machine.upTo(200_000) : machine.upTo(3_000);
    const answer = new Promise<CreatedTask>((resolve, reject) => {
      machine.setTimeout(
        () => {
          const outcome = this.#carryOut(sent, key);
          const arrive = (): void => {
            if (outcome instanceof ApiError) {
              reject(outcome);
            } else {
              sent.answered = true;
              resolve(outcome);
            }
          };
          void machine.job(arrive, sender);
        },
        delay,
        machine.network,
      );
    });
    return this.#limited(CREATE_LIMIT_MS, answer, undefined, () => {
      sent.faulty = true;
    });
  }

  /** What the service does, and what comes back. */
  #carryOut(sent: Sent, key: string): CreatedTask | ApiError {
    const { machine } = this;
    const spoil = (kind: ApiErrorKind): ApiError => {
      sent.faulty = true;
      return new ApiError(kind);
    };
    if (this.#fault()) {
      const kinds = ['overloaded', 'insufficient-balance', 'sensitive-content'] as const;
      return machine.chance(0.5)
        ? spoil(machine.pick(['no-answer', 'internal'] as const)!)
        : new ApiError(machine.pick(kinds)!);
    }
    const account = this.keys.get(key);
    if (account === undefined) {
      return new ApiError('invalid-key');
    }
    sent.task = this.makeTask(sent.prompt, account);
    if (this.#fault() && machine.chance(0.4)) {
      // The id is there, beside what looks like an error.
      sent.answered = true;
      return new ApiError(machine.pick(['internal', 'overloaded', 'bad-answer'] as const)!, { taskId: sent.task.id });
    }
    if (this.#fault()) {
      return spoil(machine.pick(['no-answer', 'bad-answer', 'internal', 'in-between', 'redirected'] as const)!);
    }
    return { id: sent.task.id, createdAt: Math.floor(sent.task.createdAt / 1000) * 1000 + EPOCH_MS };
  }

  async #result(id: string, { key }: CallOptions): Promise<TaskResult> {
    const { machine } = this;
    await machine.job(() => {
      if (this.weather.offline) {
        throw new ApiError('not-sent');
      }
    });
    await new Promise<void>((resolve) => machine.setTimeout(resolve, machine.upTo(this.#fault() ? 40_000 : 500)));
    return machine.job(() => {
      if (this.#fault()) {
        throw new ApiError(
          machine.pick([
            'no-answer',
            'internal',
            'bad-answer',
            'overloaded',
            'insufficient-balance',
            'model-forbidden',
            'wrong-address',
            'in-between',
            'proxy-refused',
          ] as const)!,
          machine.chance(0.3) ? { retryAfterMs: 5_000 } : {},
        );
      }
      const account = this.keys.get(key);
      if (account === undefined) {
        throw new ApiError('invalid-key');
      }
      const task = this.tasks.get(id);
      if (task?.account !== account) {
        throw new ApiError('not-found');
      }
      if (machine.time < task.doneAt || this.#fault()) {
        if (machine.time >= task.doneAt) {
          return { progress: 'pending', word: 'done', odd: 'no-link', answer: '{"status":"done","url":null}' };
        }
        return { progress: 'pending', word: machine.time < task.doneAt - 1_000 ? 'idle' : 'running' };
      }
      return task.fails
        ? { progress: 'failed', word: 'failed', message: 'no luck' }
        : { progress: 'done', word: 'done', url: this.#getLink(task) };
    });
  }

  #getLink(task: ServiceTask): string {
    const { link } = task;
    const { time } = this.machine;
    if (link.number === 0 || (time >= link.since + this.linkLifeMs && time < task.doneAt + LINK_LIFE_MS)) {
      task.link = { number: link.number + 1, since: link.number === 0 ? task.doneAt : time };
    }
    return `https://files.example/${task.id}.${task.link.number}.mp4`;
  }

  /** Ends a request by its time limit, or when it is given up. */
  #limited<T>(ms: number, answer: Promise<T>, signal?: AbortSignal, onLimit?: () => void): Promise<T> {
    const { machine } = this;
    return new Promise((resolve, reject) => {
      const timer = machine.setTimeout(() => {
        onLimit?.();
        reject(new ApiError('no-answer'));
      }, ms);
      const abort = (): void => reject(new ApiError('aborted'));
      signal?.addEventListener('abort', abort);
      void answer.then(resolve, reject).then(() => {
        machine.clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      });
    });
  }

  /** The files, as one window fetches them. */
  readonly fetch: Fetch = async (url, init = {}) => {
    const { machine } = this;
    const { weather } = this;
    const signal = init.signal as AbortSignal | undefined;
    const headers = init.headers as Record<string, string>;
    const given = <T>(work: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        const abort = (): void => reject(new Error('aborted'));
        if (signal?.aborted) {
          abort();
        }
        signal?.addEventListener('abort', abort);
        void machine
          .job(work)
          .then(resolve, reject)
          .then(() => signal?.removeEventListener('abort', abort));
      });
    return given(() => {
      if (this.weather.offline || (this.#fault() && machine.chance(0.3))) {
        throw new Error('ECONNRESET');
      }
      const [, id = '', number] = /([0-9a-f]{24})\.(\d+)\.mp4$/.exec(url) ?? [];
      const task = this.tasks.get(id);
      const isAlive = task?.link.number === Number(number) && machine.time < task.link.since + this.linkLifeMs;
      if (!task || !isAlive || machine.time >= task.doneAt + LINK_LIFE_MS) {
        return answer(403, Buffer.from('<Error>ExpiredToken</Error>'), {});
      }
      if (this.#fault()) {
        switch (machine.upTo(6)) {
          case 0:
            return answer(503, Buffer.from('busy'), {});
          case 1:
            return answer(200, Buffer.from('<!doctype html>Back soon.'), {});
          case 2:
            return answer(404, Buffer.from('<Error>NoSuchKey</Error>'), {});
          case 3:
            return answer(200, Buffer.alloc(0), {});
          case 4: {
            // The file itself is cut, and the server does not know.
            const whole = task.files.at(-1)!;
            return answer(200, whole.subarray(0, machine.upTo(whole.length - 8)), {});
          }
          default:
            task.files.push(videoOf(task.id, task.files.length + 1, 300 + machine.upTo(6_000)));
        }
      }
      const file = task.files.at(-1)!;
      const etag = `"${task.id}-${task.files.length}"`;
      const from = Number(/^bytes=(\d+)-$/.exec(headers['Range'] ?? '')?.[1] ?? NaN);
      const isSame = headers['If-Range'] === undefined || headers['If-Range'] === etag;
      if (Number.isNaN(from) || !isSame || this.#fault()) {
        return answer(200, file, { etag });
      }
      return from < file.length
        ? answer(206, file.subarray(from), { etag, 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` })
        : answer(416, Buffer.from('<Error/>'), {});
    });

    function answer(status: number, body: Buffer, about: Record<string, string>): Response {
      const all: Record<string, string> = { 'content-length': String(body.length), ...about };
      return {
        status,
        headers: { get: (name: string) => all[name] ?? null },
        body: Object.assign(pour(body), { destroy: () => undefined }),
      } as unknown as Response;
    }

    async function* pour(body: Buffer): AsyncGenerator<Buffer> {
      for (let at = 0; at < body.length;) {
        const end = at + 1 + machine.upTo(2_000);
        const from = at;
        yield await given(() => {
          if (machine.chance(weather.trouble * 0.3)) {
            throw new Error('premature close');
          }
          return body.subarray(from, end);
        });
        at = end;
        if (machine.chance(weather.trouble * 0.2)) {
          // Nothing more comes, and nobody says so.
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
        }
      }
    }
  };
}

const EPOCH_MS = Date.UTC(2026, 5, 1);

/** Bytes like no other file's, zeros nowhere: what is pieced together or half lost is recognised. */
function videoOf(id: string, version: number, bytes: number): Buffer {
  const file = Buffer.from(makeMp4(bytes));
  const mark = Buffer.from(`${id}/${version} `);
  for (let at = file.length - bytes; at < file.length; at += mark.length) {
    mark.copy(file, at, 0, Math.min(mark.length, file.length - at));
  }
  return file;
}
