import type { WorkerReply, WorkerRequest } from '../exportWorker/messages';

/** The worker that encodes. Requests are answered in turn. */
export class Encoder {
  readonly #worker: Worker;
  readonly #waiting: { resolve: (reply: WorkerReply) => void; reject: (error: unknown) => void }[] = [];

  /** @param script the address of the worker's script; one of another origin cannot be started, so it is fetched */
  static async start(script: string): Promise<Encoder> {
    const text = await (await fetch(script)).text();
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    try {
      return new Encoder(new Worker(url));
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#waiting.shift()?.resolve(data);
    worker.onerror = () => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new Error('the worker has failed'));
      }
    };
  }

  /** @throws when the worker could not do it, for example for lack of memory */
  async ask(request: WorkerRequest, transfer: Transferable[] = []): Promise<Exclude<WorkerReply, { type: 'failed' }>> {
    const reply = await new Promise<WorkerReply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
    if (reply.type === 'failed') {
      throw new Error(`${request.type} has failed`);
    }
    return reply;
  }
}
