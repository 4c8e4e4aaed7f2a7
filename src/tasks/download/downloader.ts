import { stat } from 'node:fs/promises';
import type { Clock, Random } from '../../common/clock';
import { Disposable, Emitter } from '../../common/events';
import { isNotFound } from '../../common/fsErrors';
import type { Fetch } from '../../common/http';
import { DownloadError, StoreError } from '../model/errors';
import { isDownloadable, type TaskRecord } from '../model/taskRecord';
import {
  withLocalCopy,
  localCopyMissing,
  localCopyRequested,
  expired,
  withLastAnswer,
  withTransientError,
} from '../model/transitions';
import { getBackOffMs } from '../polling/pollSchedule';
import type { TaskStore } from '../storage/taskStore';
import type { WorkerLease } from '../worker/workerLease';
import { transferVideo } from './videoTransfer';

export interface DownloaderOptions {
  store: TaskStore;
  /** Guarded: links come from the disk, and may have been imported. See `common/address.ts`. */
  fetch: Fetch;
  lease: WorkerLease;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
  /**
   * Asks the service for the link of a task once more, as it was found dead at `deadSince` (monotonic). Resolves when the
   * answer is in the record: whether the service has named a link since then. Never throws.
   */
  refreshLink: (id: string, deadSince: number) => Promise<boolean>;
}

export interface DownloadProgress {
  readonly id: string;
  /** Bytes so far, including those of earlier attempts. */
  readonly received: number;
  /** Bytes, if the server said. */
  readonly total?: number | undefined;
}

const MAX_CONCURRENT = 2;
/** A link that dies this soon is not kept waiting by others: its video gets a slot beside them. */
const URGENT_MS = 2 * 60 * 60_000;
/** While a video waits, one that comes slower than this makes room. A video of 10 MB would take more than ten minutes. */
const MIN_BYTES_PER_SECOND = 16_000;
/** How long a slow one is given first. Twice as long each time, so that on a slow line each is whole at last. */
const PATIENCE_MS = 60_000;
const MAX_PATIENCE_MS = 60 * 60_000;
/** How long a window without the lease waits for the one that holds it. */
const WAIT_FOR_OTHER_MS = 120_000;
/**
 * A dead link that the service names once more, or what is no video, is tried again after twice as long each time: it may
 * be the store that is down, or a video that is not in it yet (seen), and a link that is dead for good costs some 60
 * requests.
 */
const RARE_MS = 2_000;
const MAX_RARE_MS = 60 * 60_000;
/** What is no video mostly stays so, and some 20 requests find out whether it was a page of a store that was down. */
const MAX_REFUSED_MS = 7 * 24 * 60 * 60_000;
/** One 404 that will pass, under a wall clock that is wrong, must not make a paid video count as expired. */
const MAX_CONSECUTIVE_GONE = 4;

/** The download of one video. Its state is kept in memory only; the record and the part file are all that lasts. */
interface Job {
  /** Failed attempts. */
  failures: number;
  /** How often it came so slowly that others went first. */
  preemptions: number;
  /** Of the last attempt, on the monotonic clock; `undefined` before the first. */
  triedAt?: number;
  /** How many callers wait for it now. */
  waiters: number;
  /** Attempts in a row that ended with the response that the link is gone, while the service named no other one. */
  consecutiveGone: number;
  /** How often the link gave something that is no video; also before this window was opened, as far as the time tells. */
  refusals: number;
  /** The service was asked whether there is another link, as this one gives no video. */
  isOtherLinkAsked: boolean;
  /** The link that was found dead, or to give no video, and when first (monotonic). */
  dead?: { url: string; since: number };
  /** On the monotonic clock. */
  dueAt: number;
  running?: {
    abort: AbortController;
    startedAt: number;
    isUrgent: boolean;
    isPreempted?: boolean;
    /** Bytes that earlier attempts have left; `undefined` before the first byte. */
    beganWith?: number;
    received: number;
  };
  /** Of the last attempt. */
  error?: Error;
}

/**
 * Downloads every finished video to the extension's storage before its link expires.
 *
 * Nothing starves: what the user waits for comes first, then what was never tried, the link that expires first before
 * the others, then what failed, the one that was tried longest ago first, and last what has expired. A slow one makes
 * room for those that wait, and a link that dies soon waits for nobody.
 *
 * Retries with growing delays until the video is there or the link has expired. Runs only in the window that holds the
 * lease. `videoTransfer.ts` does one attempt at one file.
 */
export class Downloader extends Disposable {
  readonly #options: DownloaderOptions;
  /** Random; part of the names of the part files of this window. */
  readonly #windowName: string;
  readonly #jobs = new Map<string, Job>();
  readonly #progress = new Map<string, DownloadProgress>();
  readonly #didProgress = this._register(new Emitter<DownloadProgress>());
  /** Fires at most four times a second for a task. */
  readonly onDidProgress = this.#didProgress.event;
  /** Fires with the id of the task when an attempt has ended, either way. */
  readonly #didAttempt = this._register(new Emitter<string>());
  #timer: unknown;

  constructor(options: DownloaderOptions) {
    super();
    this.#options = options;
    this.#windowName = Math.floor(options.random() * 36 ** 8).toString(36);
    this._register({ dispose: () => options.clock.clearTimeout(this.#timer) });
    this._register({ dispose: () => this.#jobs.forEach((job) => job.running?.abort.abort()) });
  }

  /** Starts to follow the store. Does not load it. */
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
          // The window that takes over continues from what is on the disk.
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

  /** When this window tries to fetch a video next, wall clock; `undefined` when it does so now, or another one does. */
  getNextTryAt(id: string): number | undefined {
    const { clock, lease } = this.#options;
    const job = this.#jobs.get(id);
    return job && lease.held && !job.running && job.failures > 0
      ? clock.now() + Math.max(0, job.dueAt - clock.monotonic())
      : undefined;
  }

  /** Returns the progress of a download that runs in this window. */
  getProgress(id: string): DownloadProgress | undefined {
    return this.#progress.get(id);
  }

  /**
   * Returns the absolute path of a complete local copy. Has it downloaded now if necessary, by the window that holds the
   * lease.
   *
   * @param signal ends the waiting, not the download
   * @throws {DownloadError | StoreError} when this attempt failed. Retries continue in the background.
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
        // Deleted from outside. The link may still be alive.
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
      await this.#waitForAttempt(id, job, wait, signal);
    }
  }

  /** Starts an attempt and waits until it has ended, or until another window has changed the record. */
  async #waitForAttempt(id: string, job: Job, ms: number, signal?: AbortSignal): Promise<void> {
    const { store, clock } = this.#options;
    delete job.error;
    job.dueAt = 0;
    job.waiters++;
    const ended = new Promise<void>((resolve) => {
      const done = () => {
        clock.clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        subscriptions.forEach((listener) => listener.dispose());
        resolve();
      };
      const timer = clock.setTimeout(done, ms);
      const subscriptions = [
        this.#didAttempt.event((attempted) => attempted === id && done()),
        store.onDidChange((changes) => changes.some((change) => change.id === id) && done()),
      ];
      signal?.addEventListener('abort', done);
    });
    this.#reschedule();
    await ended;
    job.waiters--;
    const error = getError(job);
    if (error) {
      throw error;
    }
  }

  #follow(id: string, record: TaskRecord | undefined): void {
    const job = this.#jobs.get(id);
    if (record && isDownloadable(record) && !this.#options.store.isReadOnly(id)) {
      if (!job) {
        const refusals = getRefusals(record, this.#options.clock.now());
        this.#jobs.set(id, {
          failures: 0,
          preemptions: 0,
          waiters: 0,
          consecutiveGone: 0,
          refusals,
          isOtherLinkAsked: refusals > 0,
          dueAt: 0,
        });
      }
    } else if (job) {
      this.#jobs.delete(id);
      // Downloaded by another window, or the task was removed. An attempt of this window that succeeded has ended already.
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
    const now = clock.monotonic();
    const waiting = [...this.#jobs]
      .filter(([, job]) => !job.running)
      .map(([id, job]) => {
        const { result, trouble } = store.get(id) ?? {};
        const linkLifeMs = (result?.expiresAt ?? 0) - clock.now();
        return { id, job, linkLifeMs, wasTried: job.triedAt !== undefined || trouble !== undefined };
      });
    const due = waiting.filter(({ job }) => job.dueAt <= now).sort(compareUrgency);
    for (const { id, job, linkLifeMs } of due) {
      const running = [...this.#jobs.values()].flatMap((other) => other.running ?? []);
      const isUrgent = linkLifeMs > 0 && linkLifeMs < URGENT_MS;
      if (running.filter((other) => !other.isUrgent).length < MAX_CONCURRENT) {
        this.#start(id, job, false);
      } else if (isUrgent && !running.some((other) => other.isUrgent)) {
        this.#start(id, job, true);
      }
    }
    const nextTimes = waiting.filter(({ job }) => job.dueAt > now).map(({ job }) => job.dueAt);
    if (due.some(({ job }) => !job.running)) {
      nextTimes.push(...this.#makeRoom(now));
    }
    if (nextTimes.length > 0) {
      this.#timer = clock.setTimeout(() => this.#reschedule(), Math.max(0, Math.min(...nextTimes) - now));
    }
  }

  /**
   * Ends what comes so slowly that it only keeps others waiting; its part file stays.
   *
   * @returns when to look again, on the monotonic clock
   */
  #makeRoom(now: number): number[] {
    return [...this.#jobs.values()].flatMap(({ running, preemptions, waiters }) => {
      if (!running || running.isPreempted || waiters > 0) {
        return [];
      }
      const patience = Math.min(PATIENCE_MS * 2 ** preemptions, MAX_PATIENCE_MS);
      const elapsed = now - running.startedAt;
      if (elapsed < patience) {
        return [running.startedAt + patience];
      }
      const bytes = running.received - (running.beganWith ?? running.received);
      if (bytes >= (elapsed / 1000) * MIN_BYTES_PER_SECOND) {
        return [now + PATIENCE_MS];
      }
      running.isPreempted = true;
      running.abort.abort();
      return [];
    });
  }

  #start(id: string, job: Job, isUrgent: boolean): void {
    const { clock } = this.#options;
    const abort = new AbortController();
    job.running = { abort, startedAt: clock.monotonic(), isUrgent, received: 0 };
    job.triedAt = clock.monotonic();
    void this.#attempt(id, job, abort.signal).finally(() => {
      if (job.running?.isPreempted) {
        job.preemptions++;
        job.triedAt = clock.monotonic();
      }
      delete job.running;
      this.#progress.delete(id);
      this.#didAttempt.fire(id);
      this.#reschedule();
    });
  }

  async #attempt(id: string, job: Job, signal: AbortSignal): Promise<void> {
    const { store, fetch, lease, clock, random, log } = this.#options;
    const record = store.get(id);
    if (!record?.result || !isDownloadable(record)) {
      // Another window has downloaded it. The store announces what it reads in batches, and this one is not over.
      this.#follow(id, record);
      return;
    }
    try {
      const { bytes, type } = await transferVideo({
        id,
        url: record.result.url,
        directory: store.videosDirectory,
        windowName: this.#windowName,
        fetch,
        lease,
        clock,
        signal,
        onProgress: (received, total) => {
          const progress = { id, received, total };
          if (job.running) {
            job.running.beganWith ??= received;
            job.running.received = received;
          }
          this.#progress.set(id, progress);
          this.#didProgress.fire(progress);
        },
      });
      const copy = { file: `${id}.mp4`, bytes, at: clock.now() };
      await store.update(id, withLocalCopy(type === 'mp4' ? copy : { ...copy, type }));
    } catch (error) {
      if (signal.aborted) {
        job.error = new DownloadError('aborted');
        return;
      }
      const failure = error instanceof DownloadError || error instanceof StoreError ? error : StoreError.from(error);
      log?.(`video of task ${id}: ${failure.message}; try ${job.failures + 1}`);
      job.failures++;
      if (failure.kind !== 'link-expired') {
        job.consecutiveGone = 0;
        if (failure.kind === 'not-a-video') {
          await this.#noteRefusal(id, job, record.result.url);
        }
      } else {
        switch (await this.#askForLink(id, job, record.result.url)) {
          case 'fresh':
            job.error = failure;
            job.failures = job.consecutiveGone = job.dueAt = 0;
            return;
          case 'same':
            job.consecutiveGone++;
            break;
          case 'unknown':
            // Nobody can be asked now, so nothing is over.
            break;
        }
      }
      job.error = failure;
      const linkLifeMs = record.result.expiresAt - clock.now();
      job.dueAt =
        clock.monotonic() +
        Math.max(
          getBackOffMs(job.failures, random),
          getRareDelay(failure, job, linkLifeMs),
          getRetryAfterMs(failure, linkLifeMs),
        );
      const seemsExpired = job.consecutiveGone >= MAX_CONSECUTIVE_GONE;
      await this.#recordFailure(id, failure, seemsExpired).catch((e: unknown) => log?.(`task ${id}: ${String(e)}`));
    }
  }

  /**
   * Where something else stands than a video, the service is asked once whether the video is at another place by now. It
   * may name a new link each time that it is asked, so one is no reason to try at once.
   */
  async #noteRefusal(id: string, job: Job, url: string): Promise<void> {
    job.refusals++;
    if (!job.isOtherLinkAsked) {
      job.isOtherLinkAsked = (await this.#askForLink(id, job, url)) !== 'unknown';
    }
  }

  /** @returns whether the service names another link than the dead one, also as another window has learned it */
  async #askForLink(id: string, job: Job, url: string): Promise<'fresh' | 'same' | 'unknown'> {
    const { store, clock, refreshLink } = this.#options;
    const hasOther = () => {
      const { result } = store.get(id) ?? {};
      return result !== undefined && result.url !== url;
    };
    if (job.dead?.url !== url) {
      job.dead = { url, since: clock.monotonic() };
    }
    const isNamed = !hasOther() && (await refreshLink(id, job.dead.since));
    return hasOther() ? 'fresh' : isNamed ? 'same' : 'unknown';
  }

  async #recordFailure(id: string, failure: DownloadError | StoreError, seemsExpired: boolean): Promise<void> {
    const { store, clock } = this.#options;
    const at = clock.now();
    if (seemsExpired && at >= (store.get(id)?.result?.expiresAt ?? 0)) {
      await store.update(id, expired(at));
    } else if (failure.kind !== 'gone' && failure.kind !== 'newer-format' && failure.kind !== 'aborted') {
      const details = failure instanceof DownloadError ? failure.details : {};
      const trouble = { kind: failure.kind, at, status: details.status, message: details.message };
      await store.update(id, (record) => withLastAnswer(details.answer, at)(withTransientError(trouble)(record)));
    }
  }
}

interface Waiting {
  readonly job: Job;
  /** Negative after the link has expired. */
  readonly linkLifeMs: number;
  /** In this window or another one. */
  readonly wasTried: boolean;
}

/** The order in which videos are fetched. */
function compareUrgency(a: Waiting, b: Waiting): number {
  const rank = ({ job, linkLifeMs, wasTried }: Waiting) =>
    job.waiters > 0 ? 0 : linkLifeMs <= 0 ? 3 : wasTried ? 2 : 1;
  return rank(a) - rank(b) || (a.job.triedAt ?? 0) - (b.job.triedAt ?? 0) || a.linkLifeMs - b.linkLifeMs;
}

/** A function, because the compiler assumes that a property that was deleted stays so across an `await`. */
function getError(job: Job): Error | undefined {
  return job.error;
}

/** How often a link was tried that gives no video, by when that was noticed first. */
function getRefusals({ trouble }: TaskRecord, now: number): number {
  const age = trouble?.kind === 'not-a-video' ? Math.max(0, now - trouble.at) : 0;
  return Math.ceil(Math.log2(1 + age / RARE_MS));
}

/**
 * A page in place of a video is fetched ever more rarely while the link lives, but for its last hours: a store that was
 * down for a day is noticed before the link dies.
 */
function getRareDelay({ kind }: DownloadError | StoreError, { failures, refusals }: Job, linkLifeMs: number): number {
  switch (kind) {
    case 'link-expired':
      return Math.min(RARE_MS * 2 ** (failures - 1), MAX_RARE_MS);
    case 'not-a-video': {
      const limit = linkLifeMs > 0 ? Math.max(linkLifeMs / 2, MAX_RARE_MS) : MAX_REFUSED_MS;
      return Math.min(RARE_MS * 2 ** (refusals - 1), limit);
    }
    default:
      return 0;
  }
}

/** For how long the server asked not to be called; limited so that a retry comes before the link expires. */
function getRetryAfterMs(failure: DownloadError | StoreError, linkLifeMs: number): number {
  return failure instanceof DownloadError ? Math.min(failure.details.retryAfterMs ?? 0, linkLifeMs / 2) : 0;
}

/** @throws {StoreError} when that cannot be told: a disk that fails for a moment has not lost the video. */
function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (s) => s.size > 0,
    (error: unknown) => {
      if (isNotFound(error)) {
        return false;
      }
      throw StoreError.from(error);
    },
  );
}
