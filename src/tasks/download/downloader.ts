import {
  copyFile,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  stat,
  type FileHandle,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Response } from 'node-fetch';
import { parseUrl } from '../../common/url';
import { discardBody, followRedirects, parseRetryAfter, RedirectError, type Fetch } from '../../common/http';
import type { Clock, Random } from '../../common/clock';
import { syncDirectory } from '../../common/atomicFile';
import { getErrorCode, isDiskFull } from '../../common/fsErrors';
import { DownloadError, StoreError } from '../model/errors';
import type { WorkerLease } from '../worker/workerLease';
import { Disposable, Emitter } from '../../common/events';
import { BEGINNING_BYTES, validateMp4, mayBecomeMp4 } from './mp4Validation';
import { BufferedFileWriter } from './bufferedFileWriter';
import { isDownloadable, type TaskRecord } from '../model/taskRecord';
import { getBackOffMs } from '../polling/pollSchedule';
import type { TaskStore } from '../storage/taskStore';
import { withLocalCopy, localCopyMissing, localCopyRequested, expired, withTransientError } from '../model/transitions';

export interface DownloaderOptions {
  store: TaskStore;
  fetch: Fetch;
  lease: WorkerLease;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
}

export interface DownloadProgress {
  readonly id: string;
  /** Bytes so far, those of an earlier try included. */
  readonly received: number;
  /** Bytes, when the server says. */
  readonly total?: number;
}

const AT_ONCE = 2;
const MAX_REDIRECTS = 5;
/** Time without a single byte. There is no limit for the whole: lines differ, and nobody waits. */
const IDLE_LIMIT_MS = 30_000;
/** Hundred times the largest clip that was ever seen; an endless answer must not fill the disk. */
const MAX_BYTES = 6 * 1024 ** 3;
const PROGRESS_EVERY_MS = 250;
/** How long a window without the lease waits for the one that has it. */
const WAIT_FOR_OTHER_MS = 120_000;

/** What is remembered beside a part file, to go on only with the same file. */
interface PartMetadata {
  etag?: string | undefined;
  lastModified?: string | undefined;
  total?: number | undefined;
  /** When the machine was started, by the clock of that moment. */
  bootedAt?: number | undefined;
}

/** A clock that was set wrong, or is wrong, must not declare a paid video dead after one passing 404. */
const DEAD_ANSWERS = 4;

interface Job {
  failures: number;
  /** In a row, that say that the link has died. */
  deadAnswers: number;
  /** On the monotonic clock. */
  dueAt: number;
  running?: { promise: Promise<void>; abort: AbortController };
  error?: Error;
}

/**
 * Fetches every finished video into the extension's own folder before its link dies, most urgent first.
 *
 * Streamed to a part file, resumed by Range where the server proves that it is still the same file,
 * checked to be a whole MP4, made durable, renamed. Tried again until it is there or the link is dead.
 * Works in the window that holds the lease only. The key is never sent: the link is all it takes (seen).
 */
export class Downloader extends Disposable {
  readonly #options: DownloaderOptions;
  /** Of this window, in the names of its part files. */
  readonly #name: string;
  readonly #jobs = new Map<string, Job>();
  readonly #progress = new Map<string, DownloadProgress>();
  readonly #didProgress = this._register(new Emitter<DownloadProgress>());
  /** At most four times a second for a task. */
  readonly onDidProgress = this.#didProgress.event;
  readonly #didTry = this._register(new Emitter<string>());
  #timer: unknown;

  constructor(options: DownloaderOptions) {
    super();
    this.#options = options;
    this.#name = Math.floor(options.random() * 36 ** 8).toString(36);
    this._register({ dispose: () => options.clock.clearTimeout(this.#timer) });
    this._register({ dispose: () => this.#jobs.forEach((job) => job.running?.abort.abort()) });
  }

  /** Begins to follow the store; loads nothing itself. */
  start(): void {
    const { store, lease } = this.#options;
    this._register(
      store.onDidChange((changes) => {
        for (const { id, after } of changes) {
          this.#follow(id, after);
        }
        this.#reschedule();
      }),
    );
    this._register(
      lease.onDidChange((held) => {
        if (!held) {
          // The window that took over goes on from what is on the disk.
          this.#jobs.forEach((job) => job.running?.abort.abort());
        }
        this.#reschedule();
      }),
    );
    for (const record of store.list()) {
      this.#follow(record.id, record);
    }
    this.#reschedule();
  }

  /** Of a download under way in this window. */
  progressOf(id: string): DownloadProgress | undefined {
    return this.#progress.get(id);
  }

  /**
   * The absolute path of a whole local copy, fetched now if need be, by whichever window has the lease.
   *
   * @throws {DownloadError | StoreError} when this try failed; later ones go on by themselves.
   */
  async ensureCopy(id: string, signal?: AbortSignal): Promise<string> {
    const { store, clock } = this.#options;
    await store.load();
    for (const deadline = clock.monotonic() + WAIT_FOR_OTHER_MS; ;) {
      const record = store.get(id);
      if (!record) {
        throw new StoreError('gone');
      }
      const path = store.videoPath(record);
      if (path !== undefined) {
        if (await exists(path)) {
          return path;
        }
        // Deleted behind our back. The link may still live.
        await store.update(id, localCopyMissing());
        continue;
      }
      if (record.copyDropped) {
        await store.update(id, localCopyRequested());
        continue;
      }
      const job = this.#jobs.get(id);
      if (!job) {
        throw new DownloadError(record.state === 'expired' ? 'link-expired' : 'not-found');
      }
      const wait = deadline - clock.monotonic();
      if (wait <= 0 || signal?.aborted) {
        throw new DownloadError(record.trouble?.kind ?? 'no-answer');
      }
      await this.#attempt(id, job, wait, signal);
    }
  }

  /** Waits until a try of this window has ended, or the record was changed by another one. */
  async #attempt(id: string, job: Job, ms: number, signal?: AbortSignal): Promise<void> {
    const { store, clock } = this.#options;
    delete job.error;
    job.dueAt = 0;
    const ended = new Promise<void>((resolve) => {
      const done = () => {
        clock.clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        heard.forEach((listener) => listener.dispose());
        resolve();
      };
      const timer = clock.setTimeout(done, ms);
      const heard = [
        this.#didTry.event((tried) => tried === id && done()),
        store.onDidChange((changes) => changes.some((change) => change.id === id) && done()),
      ];
      signal?.addEventListener('abort', done);
    });
    this.#reschedule();
    await ended;
    const error = toDownloadError(job);
    if (error) {
      throw error;
    }
  }

  #follow(id: string, record: TaskRecord | undefined): void {
    const job = this.#jobs.get(id);
    if (record && isDownloadable(record) && !this.#options.store.isReadOnly(id)) {
      if (!job) {
        this.#jobs.set(id, { failures: 0, deadAnswers: 0, dueAt: 0 });
      }
    } else if (job) {
      this.#jobs.delete(id);
      // Copied by another window, or removed. Our own success has ended already.
      job.running?.abort.abort();
    }
    this.#options.lease.setWorkPending('downloads', this.#jobs.size > 0);
  }

  #reschedule(): void {
    const { clock, lease, store } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.isDisposed || !lease.held) {
      return;
    }
    const running = [...this.#jobs.values()].filter((job) => job.running).length;
    const waiting = [...this.#jobs]
      .filter(([, job]) => !job.running)
      .map(([id, job]) => ({ id, job, expiresAt: store.get(id)?.result?.expiresAt ?? 0 }));
    const now = clock.monotonic();
    const due = waiting.filter(({ job }) => job.dueAt <= now).sort((a, b) => a.expiresAt - b.expiresAt);
    for (const { id, job } of due.slice(0, Math.max(0, AT_ONCE - running))) {
      this.#run(id, job);
    }
    const later = waiting.filter(({ job }) => job.dueAt > now).map(({ job }) => job.dueAt);
    if (later.length > 0) {
      this.#timer = clock.setTimeout(() => this.#reschedule(), Math.min(...later) - now);
    }
  }

  #run(id: string, job: Job): void {
    const abort = new AbortController();
    const promise = this.#try(id, job, abort.signal).finally(() => {
      delete job.running;
      this.#progress.delete(id);
      this.#didTry.fire(id);
      this.#reschedule();
    });
    job.running = { promise, abort };
  }

  async #try(id: string, job: Job, signal: AbortSignal): Promise<void> {
    const { store, clock, random, log } = this.#options;
    const record = store.get(id);
    if (!record?.result) {
      return;
    }
    try {
      const bytes = await this.#fetchWhole(record, record.result.url, signal);
      await store.update(id, withLocalCopy({ file: `${id}.mp4`, bytes, at: clock.now() }));
    } catch (error) {
      if (signal.aborted) {
        job.error = new DownloadError('aborted');
        return;
      }
      const failure = error instanceof DownloadError || error instanceof StoreError ? error : StoreError.from(error);
      job.failures++;
      job.deadAnswers = failure.kind === 'link-expired' ? job.deadAnswers + 1 : 0;
      job.error = failure;
      job.dueAt =
        clock.monotonic() +
        Math.max(getBackOffMs(job.failures, random), getRetryAfter(failure, record.result.expiresAt - clock.now()));
      log?.(`video of task ${id}: ${failure.message}; try ${job.failures}`);
      await this.#tell(id, failure, job.deadAnswers >= DEAD_ANSWERS).catch((e: unknown) =>
        log?.(`task ${id}: ${String(e)}`),
      );
    }
  }

  async #tell(id: string, failure: DownloadError | StoreError, seemsDead: boolean): Promise<void> {
    const { store, clock } = this.#options;
    const at = clock.now();
    if (seemsDead && at >= (store.get(id)?.result?.expiresAt ?? 0)) {
      await store.update(id, expired(at));
    } else if (failure.kind !== 'gone' && failure.kind !== 'newer-format' && failure.kind !== 'aborted') {
      const details = failure instanceof DownloadError ? failure.details : {};
      await store.update(
        id,
        withTransientError({ kind: failure.kind, at, status: details.status, message: details.message }),
      );
    }
  }

  /** @returns the size of the copy, bytes. */
  async #fetchWhole(record: TaskRecord, url: string, signal: AbortSignal): Promise<number> {
    const folder = this.#options.store.videosDirectory;
    await mkdir(folder, { recursive: true });
    const whole = join(folder, `${record.id}.mp4`);
    // Renamed, and then the window died before the record knew.
    const size = await getFileSize(whole);
    if (size > 0 && (await validateVideo(whole)) === 'video') {
      await Promise.all((await findPartFiles(folder, record.id)).map(discardPart));
      return size;
    }
    const part = await this.#openPartFile(folder, record.id);
    try {
      const bytes = await this.#fetchPart(record.id, url, part, signal);
      if ((await validateVideo(part)) !== 'video') {
        await discardPart(part);
        throw new DownloadError('not-a-video', { message: `${bytes} bytes that are not a whole MP4` });
      }
      // Its last byte may have come in a window that died before it could flush it.
      await syncFile(part);
      await rename(part, whole);
      await syncDirectory(folder);
      await unlink(getMetadataPath(part)).catch(() => undefined);
      return bytes;
    } catch (error) {
      // The window that took over has inherited it.
      throw getErrorCode(error) === 'ENOENT' ? new DownloadError('aborted', { cause: error }) : error;
    }
  }

  /**
   * The part file of this window, with what an earlier one left of the same video in it.
   *
   * A window that was stopped and goes on may still write when another has taken over. So each has a file of
   * its own, or the bytes of two versions would mix: what is inherited is copied, and the old one removed.
   */
  async #openPartFile(folder: string, id: string): Promise<string> {
    const own = join(folder, `${id}.${this.#name}.part`);
    const others = (await findPartFiles(folder, id)).filter((part) => part !== own);
    if (others.length > 0) {
      const sizes = await Promise.all(others.map(getFileSize));
      const longest = others[sizes.indexOf(Math.max(...sizes))]!;
      if ((await getFileSize(own)) < Math.max(...sizes)) {
        await adoptPartFile(longest, own);
      }
      await Promise.all(others.map(discardPart));
    }
    return own;
  }

  async #fetchPart(id: string, url: string, part: string, signal: AbortSignal): Promise<number> {
    const known = await readPartMetadata(part);
    const offset = known && isOfThisBoot(known) ? await getFileSize(part) : 0;
    if (known?.total !== undefined && offset === known.total) {
      // The window died between the last byte and the check.
      return offset;
    }
    // A connection that only drips is cut by silence, not by a time limit for the whole.
    const silence = new AbortController();
    const silenceWatch = this.#watchSilence(silence);
    const both = AbortSignal.any([signal, silence.signal]);
    try {
      const response = await this.#request(url, offset, known, both);
      const facts = getPartMetadata(response);
      const resumes = offset > 0 && known !== undefined && isContinuation(response, offset, known, facts);
      if (offset > 0 && !resumes && response.status !== 200) {
        // Not the file that we have the beginning of: start over.
        discardBody(response);
        throw new DownloadError('not-a-video', { status: response.status, message: 'the file changed, starting over' });
      }
      const total = resumes ? parseContentRange(response)?.total : getContentLength(response);
      const file = await open(part, resumes ? 'r+' : 'w');
      try {
        if (!resumes) {
          await writeFile(getMetadataPath(part), JSON.stringify({ ...facts, total, bootedAt: bootedAt() }));
        }
        const received = await this.#writeBody(response, file, resumes ? offset : 0, id, total, silenceWatch.heard);
        if (total !== undefined && received !== total) {
          // Kept: the next try goes on from here.
          throw new DownloadError('no-answer', { message: `${received} of ${total} bytes` });
        }
        return received;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof DownloadError && error.kind === 'not-a-video') {
        await discardPart(part);
      }
      if (error instanceof DownloadError || isStorageError(error)) {
        throw error;
      }
      throw new DownloadError('no-answer', {
        cause: error,
        message: error instanceof Error ? error.message : String(error),
      });
    } finally {
      silenceWatch.stop();
    }
  }

  /** One timer, however many packets come. */
  #watchSilence(silence: AbortController): { heard: () => void; stop: () => void } {
    const { clock } = this.#options;
    let heardAt = clock.monotonic();
    let timer: unknown;
    const wait = (ms: number) => {
      timer = clock.setTimeout(() => {
        const left = heardAt + IDLE_LIMIT_MS - clock.monotonic();
        if (left > 0) {
          wait(left);
        } else {
          silence.abort();
        }
      }, ms);
    };
    wait(IDLE_LIMIT_MS);
    return { heard: () => (heardAt = clock.monotonic()), stop: () => clock.clearTimeout(timer) };
  }

  async #writeBody(
    response: Response,
    file: FileHandle,
    offset: number,
    id: string,
    total: number | undefined,
    onBytes: () => void,
  ): Promise<number> {
    const { clock, lease } = this.#options;
    let position = offset;
    let toldAt = -Infinity;
    let beginning = Buffer.alloc(0);
    const writer = new BufferedFileWriter(file, offset, () => clock.monotonic());
    const take = (bytes: Buffer): Promise<void> | undefined => {
      onBytes();
      if (!lease.held) {
        // Another window may be writing this very file by now.
        throw new DownloadError('aborted');
      }
      if (offset === 0 && beginning.length < BEGINNING_BYTES) {
        // A page of an error, or nonsense without an end: no need to hear it out.
        beginning = Buffer.concat([beginning, bytes.subarray(0, BEGINNING_BYTES)]);
        if (!mayBecomeMp4(beginning)) {
          throw new DownloadError('not-a-video', { status: response.status, message: 'begins like no MP4' });
        }
      }
      position += bytes.length;
      if (position > Math.min(total ?? MAX_BYTES, MAX_BYTES)) {
        throw new DownloadError('not-a-video', { message: 'longer than announced' });
      }
      const now = clock.monotonic();
      if (now - toldAt >= PROGRESS_EVERY_MS) {
        toldAt = now;
        const progress = { id, received: position, ...(total === undefined ? {} : { total }) };
        this.#progress.set(id, progress);
        this.#didProgress.fire(progress);
      }
      return writer.take(bytes);
    };
    try {
      await pipeline((response.body as Readable | null) ?? Readable.from([]), toWritable(take));
    } finally {
      // What came before a failure is kept: the next try goes on from there.
      await (lease.held ? writer.flush() : writer.stop());
    }
    return position;
  }

  /** No redirect may lead from https to a plain connection. */
  async #request(
    link: string,
    offset: number,
    known: PartMetadata | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const url = parseUrl(link);
    if (!url) {
      throw new DownloadError('redirected');
    }
    try {
      const response = await followRedirects(
        this.#options.fetch,
        url,
        {
          headers: {
            Accept: 'video/mp4, */*;q=0.5',
            'Accept-Encoding': 'identity',
            ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
            ...(offset > 0 && isStrong(known?.etag) ? { 'If-Range': known.etag } : {}),
          },
          compress: false,
          signal,
        },
        (target, from) => target.protocol === 'https:' || target.origin === from.origin,
        MAX_REDIRECTS,
      );
      return checkStatus(response, this.#options.clock.now());
    } catch (error) {
      throw error instanceof RedirectError ? new DownloadError('redirected') : error;
    }
  }
}

/** What a stream is poured into; faster than reading it piece by piece, for most pieces need not be waited for. */
function toWritable(take: (bytes: Buffer) => Promise<void> | undefined): Writable {
  return new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      try {
        const room = take(bytes);
        if (room) {
          room.then(() => done(), done);
        } else {
          done();
        }
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** Read through a function: the compiler believes that what was deleted stays so across an `await`. */
function toDownloadError(job: Job): Error | undefined {
  return job.error;
}

function checkStatus(response: Response, now: number): Response {
  if (response.status === 200 || response.status === 206 || response.status === 416) {
    return response;
  }
  discardBody(response);
  // An object store answers 403 or 404 after the link's life (assumed), and before the file is there (seen).
  const gone = [403, 404, 410].includes(response.status);
  throw new DownloadError(gone ? 'link-expired' : 'internal', {
    status: response.status,
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), now),
  });
}

/** For how long the server wants to be left alone; never so long that the link would die meanwhile. */
function getRetryAfter(failure: DownloadError | StoreError, lifeMs: number): number {
  return failure instanceof DownloadError ? Math.min(failure.details.retryAfterMs ?? 0, lifeMs / 2) : 0;
}

const getMetadataPath = (part: string) => `${part}.json`;

/** By hand: for four fields of a file of our own the schema library need not be there at the start. */
function isPartMetadata(facts: unknown): facts is PartMetadata {
  const { etag, lastModified, total, bootedAt } = (facts ?? {}) as Record<keyof PartMetadata, unknown>;
  const isOptional = (type: string) => (field: unknown) => field === undefined || typeof field === type;
  return [etag, lastModified].every(isOptional('string')) && [total, bootedAt].every(isOptional('number'));
}

async function readPartMetadata(part: string): Promise<PartMetadata | undefined> {
  try {
    const facts: unknown = JSON.parse(await readFile(getMetadataPath(part), 'utf8'));
    return isPartMetadata(facts) ? facts : undefined;
  } catch {
    // None, or half of one: then nothing proves that the part belongs to this file.
    return undefined;
  }
}

const bootedAt = (): number => Date.now() - uptime() * 1000;
/** Clocks are slewed a little all the time. */
const SAME_BOOT_MS = 5_000;

/**
 * Whether the machine has run on since the part was begun. A killed process loses nothing; a power cut does,
 * and what was not flushed can come back as zeros. A clock that was set meanwhile looks like a power cut,
 * which costs a new start and no video; the times of files would prove nothing then.
 */
function isOfThisBoot(known: PartMetadata): boolean {
  return known.bootedAt !== undefined && Math.abs(known.bootedAt - bootedAt()) < SAME_BOOT_MS;
}

function getFileSize(path: string): Promise<number> {
  return stat(path).then(
    (s) => s.size,
    () => 0,
  );
}

/** Part files of a video, whichever window's; also one of which a window that died left nothing but the facts. */
async function findPartFiles(folder: string, id: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${id}.`));
  const parts = names.map((name) => (name.endsWith('.part.json') ? name.slice(0, -'.json'.length) : name));
  return [...new Set(parts.filter((name) => name.endsWith('.part')))].map((name) => join(folder, name));
}

/** Copies a part with its facts; without facts, or with others at the end than at the beginning, there is nothing to trust. */
async function adoptPartFile(from: string, to: string): Promise<void> {
  const readText = () => readFile(getMetadataPath(from), 'utf8').catch(() => undefined);
  const facts = await readText();
  try {
    if (facts !== undefined) {
      await copyFile(from, to);
      if ((await readText()) === facts) {
        await writeFile(getMetadataPath(to), facts);
        return;
      }
    }
  } catch {
    // Gone, or no room for two: then it is fetched from the beginning.
  }
  await discardPart(to);
}

async function discardPart(part: string): Promise<void> {
  await Promise.all([unlink(part), unlink(getMetadataPath(part))].map((gone) => gone.catch(() => undefined)));
}

function getPartMetadata(response: Response): PartMetadata {
  return {
    etag: response.headers.get('etag') ?? undefined,
    lastModified: response.headers.get('last-modified') ?? undefined,
  };
}

/** A weak ETag promises no equal bytes (RFC 9110). */
function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && !etag.startsWith('W/');
}

/** Whether a 206 goes on with the very file that the part is the beginning of. */
function isContinuation(response: Response, offset: number, known: PartMetadata, facts: PartMetadata): boolean {
  const range = parseContentRange(response);
  return (
    response.status === 206 &&
    range?.from === offset &&
    (known.total === undefined || range.total === known.total) &&
    known.etag === facts.etag &&
    known.lastModified === facts.lastModified &&
    (known.etag ?? known.lastModified ?? known.total) !== undefined
  );
}

/** Which part of how much a 206 brings. It may end before the file does, as some servers give only so much at a time. */
function parseContentRange(response: Response): { from: number; total: number } | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return range ? { from: Number(range[1]), total: Number(range[2]) } : undefined;
}

function getContentLength(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function validateVideo(path: string) {
  const file = await open(path, 'r');
  try {
    return await validateMp4(file);
  } finally {
    await file.close();
  }
}

function isStorageError(error: unknown): boolean {
  // Errors of the file system name a path; those of the network do not.
  return isDiskFull(error) || (error instanceof Error && 'path' in error && 'syscall' in error);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (s) => s.size > 0,
    () => false,
  );
}
