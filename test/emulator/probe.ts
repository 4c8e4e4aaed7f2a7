import type { Emulator } from './emulator';

/** Fields of the service's answers that a test may look at; which are there depends on the call. */
export interface Reply {
  code: number;
  message?: string;
  issues?: { path: string; expected: string; message: string }[];
  id: string;
  model: string;
  prompt: string;
  created_at: number;
  status: string;
  url: string | null;
  [field: string]: unknown;
}

/** The plainest client there is: it asks the emulator, and takes what comes. */
export class Probe {
  readonly #emulator: Emulator;
  readonly #key: string | undefined;

  /** @param key instead of the emulator's own */
  constructor(emulator: Emulator, key?: string) {
    this.#emulator = emulator;
    this.#key = key;
  }

  /** A request to the API; `path` starts after `/v1`. */
  fetch(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
    return fetch(this.#emulator.baseUrl + path, {
      method,
      headers: { authorization: this.#key ?? this.#emulator.key, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...init,
    });
  }

  async ask(method: string, path: string, body?: unknown): Promise<Reply> {
    const response = await this.fetch(method, path, body);
    return (await response.json()) as Reply;
  }

  /** Asks for a video of a cat, unless `request` says otherwise. */
  create(request: Record<string, unknown> = {}): Promise<Reply> {
    return this.ask('POST', '/media/create', {
      model: 'seedance-1-pro-480P-2s',
      prompt: 'a cat',
      ar: '16:9',
      ...request,
    });
  }

  result(id: string): Promise<Reply> {
    return this.ask('POST', '/media/result', { task_id: id });
  }

  /** Makes a task, lets it end, and gives the link of its file. */
  async link(request: Record<string, unknown> = {}): Promise<string> {
    const { id } = await this.create(request);
    this.#emulator.tasks.need(id).durationMs = 0;
    const { url } = await this.result(id);
    if (url === null) {
      throw new Error('The task has no link.');
    }
    return url;
  }
}
