import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { replaceFileAtomically } from '../../common/atomicFile';
import { Disposable } from '../../common/events';
import { Turns } from '../../common/turns';
import { readVideoFacts } from '../download/mp4Facts';
import type { TaskStore } from '../storage/taskStore';
import { getSoundName } from './soundFile';
import type { SoundAnswer, SoundJob } from './soundWorkerProtocol';
import { WAV_HEADER_BYTES } from './wav';

/** Videos of the service take some tens of MB. The worker holds the file in memory, twice. */
const MAX_VIDEO_BYTES = 256 * 1024 * 1024;
/** Two minutes in stereo take about five seconds. */
const TIMEOUT_MS = 60_000;
/** Of the worker's own objects; what it decodes is outside of them, and bounded by itself. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 };

export interface SoundTracksOptions {
  store: Pick<TaskStore, 'videosDirectory' | 'get' | 'videoPath'>;
  /** Where the worker and its decoder are: `dist/sound`. */
  folder: string;
  log?: (message: string) => void;
  timeoutMs?: number;
}

/**
 * The sound of our own copies as files that a page can play without a decoder: desktop VS Code has none for AAC. Made
 * once, by a worker thread, when a page asks: `ID.sound.wav` beside the copy. One at a time; two windows that make the
 * same one replace a file by an equal one.
 */
export class SoundTracks extends Disposable {
  readonly #options: SoundTracksOptions;
  readonly #turns = new Turns();
  /** What is being made, by the task. */
  readonly #running = new Map<string, Promise<string | undefined>>();
  /** Copies whose sound could not be decoded, by path and time: they are not tried again in this window. */
  readonly #undecodable = new Set<string>();
  readonly #workers = new Set<Worker>();

  constructor(options: SoundTracksOptions) {
    super();
    this.#options = options;
    this._register({ dispose: () => this.#workers.forEach((worker) => void worker.terminate()) });
  }

  /**
   * The path of a WAV with the sound of a video; decodes it first if need be. Never throws.
   *
   * @returns `undefined` without a local copy, without a sound track, and for what cannot be decoded
   */
  getSound(id: string): Promise<string | undefined> {
    const running = this.#running.get(id);
    if (running) {
      return running;
    }
    const made = this.#findOrMake(id)
      .catch((error: unknown) => {
        this.#options.log?.(`the sound of ${id} could not be made: ${String(error)}`);
        return undefined;
      })
      .finally(() => this.#running.delete(id));
    this.#running.set(id, made);
    return made;
  }

  async #findOrMake(id: string): Promise<string | undefined> {
    const { store, log } = this.#options;
    const record = store.get(id);
    const video = record && store.videoPath(record);
    if (video === undefined) {
      return undefined;
    }
    const { mtimeMs, size } = await stat(video);
    const path = join(store.videosDirectory, getSoundName(id));
    // An older one is of a copy that was fetched again.
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.size > WAV_HEADER_BYTES && found.mtimeMs >= mtimeMs) {
      return path;
    }
    const copy = `${video} ${mtimeMs} ${size}`;
    if (this.#undecodable.has(copy) || size > MAX_VIDEO_BYTES || !(await readVideoFacts(video))?.sound) {
      return undefined;
    }
    const answer = await this.#turns.next(() => this.#decode(video));
    if ('problem' in answer) {
      this.#undecodable.add(copy);
      log?.(`the sound of ${id} cannot be decoded: ${answer.problem}`);
      return undefined;
    }
    if (!this.#hasCopy(id)) {
      return undefined;
    }
    await replaceFileAtomically(path, answer.wav);
    if (!this.#hasCopy(id)) {
      // Removed while we wrote.
      await unlink(path).catch(() => undefined);
      return undefined;
    }
    return path;
  }

  #hasCopy(id: string): boolean {
    return this.#options.store.get(id)?.localCopy !== undefined;
  }

  /** Runs a worker, and ends it in any case. */
  async #decode(video: string): Promise<SoundAnswer> {
    if (this.isDisposed) {
      return { problem: 'the window is closing' };
    }
    const { folder, timeoutMs = TIMEOUT_MS } = this.#options;
    const job: SoundJob = { video, decoder: join(folder, 'decoder.wasm.br') };
    const worker = new Worker(join(folder, 'worker.cjs'), {
      workerData: job,
      resourceLimits: RESOURCE_LIMITS,
      // Nothing of this process is its business, and what the decoder prints is no output of the extension.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    this.#workers.add(worker);
    worker.unref();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<SoundAnswer>((resolve) => {
        timer = setTimeout(() => resolve({ problem: `not done in ${timeoutMs} ms` }), timeoutMs);
        worker.once('message', resolve);
        worker.once('error', (error) => resolve({ problem: String(error) }));
        worker.once('exit', (code) => resolve({ problem: `the worker has ended with ${code}` }));
      });
    } finally {
      clearTimeout(timer);
      this.#workers.delete(worker);
      await worker.terminate();
    }
  }
}
