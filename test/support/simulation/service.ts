import type { Readable } from 'node:stream';
import type { RequestInit, Response } from 'node-fetch';
import type { ApiClient } from '../../../src/api/apiClient';
import { HttpApiClient } from '../../../src/api/httpApiClient';
import type { Fetch } from '../../../src/common/http';
import { jsonAnswer, proxyPage, type Answer } from '../../emulator/answer';
import { refusal } from '../../emulator/codes';
import { DECOY_HOST, makeOdd } from '../../emulator/oddities';
import { makeMp4 } from '../mp4';
import type { Machine } from './machine';

const LINK_LIFE_MS = 48 * 60 * 60_000;
const CREATE_LIMIT_MS = 120_000;
const RESULT_LIMIT_MS = 30_000;
const BASE_URL = 'https://service.example/v1';

/** Not the whole answer, or all of it and no proper end. */
type End = 'cut' | 'broken';

/** As Node tells it: no byte was sent. */
const NO_CONNECTION = () =>
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
const LOST = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

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
  /** What came to the window names the task, however oddly. */
  answered?: boolean;
}

/** How the world treats requests; shares of 0 to 1. */
export interface Weather {
  /** No connection at all. */
  offline: boolean;
  trouble: number;
  /** Of odd answers, where that is more than the share of trouble. */
  odd: number;
}

/** The service and its files, without sockets: every message is a job of the machine. */
export class Service {
  readonly sent: Sent[] = [];
  readonly tasks = new Map<string, ServiceTask>();
  readonly weather: Weather = { offline: false, trouble: 0.1, odd: 0 };
  /** Every question about a task, world's time, ms. */
  readonly asked: { readonly id: string; readonly at: number }[] = [];
  /** Accounts by key; a key that is not in here is refused. */
  readonly keys = new Map<string, string>();
  /** How long a link lives, ms; the file lives longer where it is less than documented. */
  linkLifeMs = LINK_LIFE_MS;
  /** How often something was fetched that is no result of ours. */
  wrongLinks = 0;
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** A task that the user made elsewhere. */
  makeTask(prompt: string, account: string): ServiceTask {
    const { machine } = this;
    const task: ServiceTask = {
      // The first digits are the time, by the clock of the service (seen).
      id: Math.floor((machine.time + EPOCH_MS) / 1000).toString(16) + machine.random.hex(16),
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

  /** The service as one window sees it: the real client, which reads what comes of the texts below. */
  apiClient(window: string): ApiClient {
    return new HttpApiClient({
      fetch: (url, init = {}) => this.#exchange(window, url, init),
      baseUrl: () => new URL(BASE_URL),
      now: () => this.machine.wall(),
    });
  }

  #fault(): boolean {
    return this.machine.chance(this.weather.trouble);
  }

  #exchange(window: string, url: string, init: RequestInit): Promise<Response> {
    const { Authorization: key = '' } = init.headers as Record<string, string>;
    const { pathname, searchParams } = new URL(url);
    const text = (init.body as unknown as Readable | undefined)?.read() as Buffer | undefined;
    const body = (text ? JSON.parse(text.toString()) : Object.fromEntries(searchParams)) as Record<string, string>;
    switch (pathname) {
      case '/v1/media/create':
        return this.#create(window, body['prompt']!, key);
      case '/v1/media/result':
        return this.#limited(RESULT_LIMIT_MS, this.#result(body['task_id']!, key), init.signal as AbortSignal);
      default:
        throw new Error(`nobody expected ${url}`);
    }
  }

  async #create(window: string, prompt: string, key: string): Promise<Response> {
    const { machine } = this;
    const sent: Sent = { prompt, window, calledAt: machine.steps, faulty: false };
    const refused = await machine.job(() => {
      if (this.weather.offline || (this.#fault() && machine.chance(0.4))) {
        if (machine.chance(0.3)) {
          return this.#toResponse(proxyPage(407, 'Proxy Authentication Required'));
        }
        throw NO_CONNECTION();
      }
      this.sent.push(sent);
      return undefined;
    });
    if (refused) {
      return refused;
    }
    // From here on it is in the network's hands, and a kill of the sender changes nothing.
    const sender = machine.current;
    const delay = this.#fault() ? machine.upTo(200_000) : machine.upTo(3_000);
    const answer = new Promise<Response>((resolve, reject) => {
      machine.setTimeout(
        () => {
          const { answer, told, end } = this.#carryOut(sent, key);
          const arrive = (): void => {
            if (answer) {
              sent.answered = told;
              resolve(this.#toResponse(answer, end));
            } else {
              reject(LOST());
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

  /** What the service does, and what comes back of its answer: nothing, an odd one, or the beginning. */
  #carryOut(sent: Sent, key: string): { answer?: Answer; told: boolean; end?: End } {
    const { machine } = this;
    const { random } = machine;
    if (this.#fault()) {
      if (machine.chance(0.5)) {
        sent.faulty = true;
        return { ...(machine.chance(0.5) && { answer: refusal(machine.pick([1, 500])!) }), told: false };
      }
      return { answer: refusal(machine.pick([5, 6, 7, 1001, 1002])!), told: false };
    }
    const account = this.keys.get(key);
    if (account === undefined) {
      return { answer: refusal(2), told: false };
    }
    sent.task = this.makeTask(sent.prompt, account);
    const answer = this.#toAnswer(sent.task);
    if (this.#isOdd()) {
      const kind = machine.pick(['readable', 'named', 'foreign'] as const)!;
      sent.faulty ||= kind === 'foreign';
      return { answer: makeOdd(answer, random, 'create', kind), told: kind !== 'foreign' };
    }
    if (this.#fault()) {
      const end = machine.pick(['lost', 'cut', 'broken'] as const)!;
      sent.faulty ||= end !== 'broken';
      return end === 'lost' ? { told: false } : { answer, told: end === 'broken', end };
    }
    return { answer, told: true };
  }

  async #result(id: string, key: string): Promise<Response> {
    const { machine } = this;
    await machine.job(() => {
      this.asked.push({ id, at: machine.time });
      if (this.weather.offline) {
        throw NO_CONNECTION();
      }
    });
    await new Promise<void>((resolve) => machine.setTimeout(resolve, machine.upTo(this.#fault() ? 40_000 : 500)));
    return machine.job(() => {
      if (this.#fault() && machine.chance(0.5)) {
        throw LOST();
      }
      const account = this.keys.get(key);
      const task = this.tasks.get(id);
      if (account === undefined) {
        return this.#toResponse(refusal(2));
      }
      if (task?.account !== account) {
        return this.#toResponse(refusal(4));
      }
      const answer = this.#toAnswer(task);
      const isOdd = this.#isOdd();
      return this.#toResponse(
        isOdd ? makeOdd(answer, machine.random, 'result') : answer,
        this.#fault() ? machine.pick(['cut', 'broken'] as const) : undefined,
      );
    });
  }

  #isOdd(): boolean {
    return this.machine.chance(Math.max(this.weather.trouble, this.weather.odd));
  }

  /** As documented. */
  #toAnswer(task: ServiceTask): Answer {
    const { machine } = this;
    const isOver = machine.time >= task.doneAt;
    const word = machine.time < task.doneAt - 1_000 ? 'idle' : 'running';
    const hasLink = isOver && !task.fails && !this.#fault();
    return jsonAnswer(200, {
      code: 0,
      id: task.id,
      model: 'm',
      prompt: `${task.prompt} --ar 16:9`,
      created_at: Math.floor((task.createdAt + EPOCH_MS) / 1000),
      status: !isOver ? word : task.fails ? 'failed' : 'done',
      url: hasLink ? this.#getLink(task) : null,
      ...(isOver && task.fails && { message: 'no luck' }),
    });
  }

  #toResponse({ status, headers, body }: Answer, end?: End): Response {
    const bytes = Buffer.from(body);
    const sent = end === 'cut' ? bytes.subarray(0, this.machine.upTo(bytes.length)) : bytes;
    // eslint-disable-next-line @typescript-eslint/require-await -- a body is read like this
    async function* pour(): AsyncGenerator<Buffer> {
      yield sent;
      if (end) {
        throw new Error('premature close');
      }
    }
    return {
      status,
      ok: status >= 200 && status < 300,
      headers: { get: (name: string) => headers[name]?.toString() ?? null },
      body: Object.assign(pour(), { destroy: () => undefined }),
    } as unknown as Response;
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
        reject(LOST());
      }, ms);
      const abort = (): void => reject(new Error('aborted'));
      signal?.addEventListener('abort', abort);
      void answer.then(resolve, reject).then(() => {
        machine.clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      });
    });
  }

  /** The files, as one window fetches them. */
  readonly fetch: Fetch = async (url, init = {}) => {
    this.wrongLinks += url.includes(DECOY_HOST) ? 1 : 0;
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
