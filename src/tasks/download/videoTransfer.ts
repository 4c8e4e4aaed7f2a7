import { mkdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Response } from 'node-fetch';
import type { Clock } from '../../common/clock';
import { getErrorCode, isDiskFull } from '../../common/fsErrors';
import { discardBody, followRedirects, parseRetryAfter, RedirectError, type Fetch } from '../../common/http';
import { parseUrl } from '../../common/url';
import { DownloadError } from '../model/errors';
import { VIDEO_TYPES, type VideoType } from '../model/taskRecord';
import type { WorkerLease } from '../worker/workerLease';
import { BufferedFileWriter } from './bufferedFileWriter';
import { checkVideoFile, discardPartFiles, getFileSize, PartFile, type PartMetadata } from './partFile';
import { BEGINNING_BYTES, recognizeVideo } from './videoType';

export interface VideoTransferOptions {
  readonly id: string;
  /** Signed link of the service; the request carries no API key, as the link is sufficient (seen). */
  readonly url: string;
  /** Receives `<id>.<type>`, and the part files meanwhile. Created if missing. */
  readonly directory: string;
  /** Tells the part files of this window from those of others. */
  readonly windowName: string;
  readonly fetch: Fetch;
  /** The transfer stops when this window loses the lease. */
  readonly lease: Pick<WorkerLease, 'held'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called with sizes in bytes, at most four times a second; `received` includes the bytes of earlier attempts. */
  readonly onProgress: (received: number, total: number | undefined) => void;
}

/** As in browsers. */
const MAX_REDIRECTS = 20;
/** Some servers refuse who says that it is a library, and some who says nothing (seen in public reports). */
const USER_AGENT = 'Mozilla/5.0 (compatible; Seedance for VS Code)';
/** Time without a single byte. There is no limit for the whole transfer: lines differ in speed, and nothing waits for it. */
const IDLE_LIMIT_MS = 30_000;
/** 100 times the largest video that was seen. A response without an end must not fill the disk. */
const MAX_BYTES = 6 * 1024 ** 3;
const PROGRESS_EVERY_MS = 250;

/** A whole video in the directory. */
export interface TransferredVideo {
  readonly bytes: number;
  readonly type: VideoType;
}

/**
 * Downloads one video, in one attempt: continues what an earlier attempt left, if the server proves that it is still the
 * same file, checks that the result is a whole video, flushes it and renames it to `<id>.<type>`.
 *
 * @throws {DownloadError} when this attempt failed; what was received is kept for the next one, unless it cannot be right
 * @throws errors of the file system
 */
export function transferVideo(options: VideoTransferOptions): Promise<TransferredVideo> {
  return new VideoTransfer(options).run();
}

class VideoTransfer {
  readonly #options: VideoTransferOptions;
  /** What came first, up to `BEGINNING_BYTES`; empty while this attempt continues an earlier one. */
  #beginning: Buffer = Buffer.alloc(0);

  constructor(options: VideoTransferOptions) {
    this.#options = options;
  }

  async run(): Promise<TransferredVideo> {
    const { directory, id, windowName, clock } = this.#options;
    await mkdir(directory, { recursive: true });
    const finished = await this.#findFinished();
    if (finished) {
      await discardPartFiles(directory, id);
      return finished;
    }
    const part = await PartFile.create(directory, id, windowName, clock);
    try {
      const { bytes, isEndKnown } = await this.#fillPartFile(part);
      const { result, isProven, type } = await part.check();
      if (result !== 'video' || type === undefined) {
        await part.discard();
        throw this.#refuse(type === undefined ? 'no video' : `a ${type} file that is not whole: ${bytes} bytes`);
      }
      if (!isEndKnown && !isProven) {
        // Neither the server nor the film says how long it is. The next attempt begins anew, and has to end here too.
        await (await part.openNew({ endedAt: bytes })).close();
        throw new DownloadError('no-answer', { message: `${bytes} bytes, and nothing says whether that is all` });
      }
      return { bytes: await part.moveTo(this.#getPath(type), directory), type };
    } catch (error) {
      if (isFlushError(error)) {
        // The system may have dropped bytes that it could not store, and reports that only once.
        await part.discard();
      }
      // A window that took over has adopted the part file and deleted it.
      throw getErrorCode(error) === 'ENOENT' ? new DownloadError('aborted', { cause: error }) : error;
    }
  }

  #getPath(type: VideoType): string {
    return join(this.#options.directory, `${this.#options.id}.${type}`);
  }

  /** A process may have ended after it renamed the file and before it updated the record. */
  async #findFinished(): Promise<TransferredVideo | undefined> {
    for (const type of VIDEO_TYPES) {
      const path = this.#getPath(type);
      const bytes = await getFileSize(path);
      if (bytes > 0 && (await checkVideoFile(path)).result === 'video') {
        return { bytes, type };
      }
    }
    return undefined;
  }

  /** What came begins like no video, or is not a whole one. Where it is text, it says what stands there instead. */
  #refuse(message: string, status?: number): DownloadError {
    return new DownloadError('not-a-video', { status, message, answer: toText(this.#beginning) });
  }

  /**
   * @returns the size of the part file, bytes, and whether the server has said that this is all: by its length, or by
   * ending in the same place twice
   */
  async #fillPartFile(part: PartFile): Promise<{ bytes: number; isEndKnown: boolean }> {
    const { signal } = this.#options;
    const known = await part.readMetadata();
    const size = known ? await part.getSize() : 0;
    if (known?.total !== undefined && size === known.total) {
      // A process ended between the last byte and the check.
      return { bytes: size, isEndKnown: true };
    }
    // Only a strong ETag proves that the rest is the rest of the same file. A date or a length is the same for two files.
    // What is shorter than a beginning has not been looked at yet.
    const offset = known?.etag !== undefined && size >= BEGINNING_BYTES ? size : 0;
    const idle = new AbortController();
    const idleTimer = this.#startIdleTimer(idle);
    try {
      const response = await this.#request(offset, known, AbortSignal.any([signal, idle.signal]));
      const etag = getStrongEtag(response);
      const resumes = offset > 0 && known !== undefined && isContinuation(response, offset, known, etag);
      if (offset > 0 && !resumes && !isWholeFile(response)) {
        discardBody(response);
        throw new DownloadError('not-a-video', { status: response.status, message: 'the file changed, starting over' });
      }
      const range = response.status === 206 ? parseContentRange(response) : undefined;
      if (response.status === 206 && !resumes && range?.from !== 0) {
        discardBody(response);
        throw new DownloadError('not-a-video', { status: response.status, message: 'a part that was not asked for' });
      }
      const total = range?.total ?? getContentLength(response);
      const endedAt = known?.endedAt;
      const file = await (resumes ? part.openExisting() : part.openNew({ etag, total, endedAt }));
      try {
        const received = await this.#writeBody(response, file, resumes ? offset : 0, total, idleTimer.restart);
        if (total !== undefined && received !== total) {
          throw new DownloadError('no-answer', { message: `${received} of ${total} bytes` });
        }
        return { bytes: received, isEndKnown: total !== undefined || isEncoded(response) || received === endedAt };
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof DownloadError && error.kind === 'not-a-video') {
        await part.discard();
      }
      if (error instanceof DownloadError || isStorageError(error)) {
        throw error;
      }
      throw new DownloadError('no-answer', {
        cause: error,
        message: error instanceof Error ? error.message : String(error),
      });
    } finally {
      idleTimer.stop();
    }
  }

  /** Aborts a connection that sends nothing for too long. Uses one timer, however many packets arrive. */
  #startIdleTimer(idle: AbortController): { restart: () => void; stop: () => void } {
    const { clock } = this.#options;
    let lastByteAt = clock.monotonic();
    let timer: unknown;
    const wait = (ms: number) => {
      timer = clock.setTimeout(() => {
        const left = lastByteAt + IDLE_LIMIT_MS - clock.monotonic();
        if (left > 0) {
          wait(left);
        } else {
          idle.abort();
        }
      }, ms);
    };
    wait(IDLE_LIMIT_MS);
    return { restart: () => (lastByteAt = clock.monotonic()), stop: () => clock.clearTimeout(timer) };
  }

  /** @returns the size of the file afterwards, bytes */
  async #writeBody(
    response: Response,
    file: FileHandle,
    offset: number,
    total: number | undefined,
    onBytes: () => void,
  ): Promise<number> {
    const { clock, lease, onProgress } = this.#options;
    const decoders = createDecoders(response);
    let position = offset;
    let reportedAt = -Infinity;
    const writer = new BufferedFileWriter(file, offset, () => clock.monotonic());
    const write = (bytes: Buffer): Promise<void> | undefined => {
      onBytes();
      if (!lease.held) {
        throw new DownloadError('aborted');
      }
      if (offset === 0 && this.#beginning.length < BEGINNING_BYTES) {
        // An error page, or a response without an end, need not be read to the end.
        this.#beginning = Buffer.concat([this.#beginning, bytes]).subarray(0, BEGINNING_BYTES);
        if (this.#beginning.length === BEGINNING_BYTES && !recognizeVideo(this.#beginning)) {
          throw this.#refuse('no video', response.status);
        }
      }
      position += bytes.length;
      if (position > Math.min(total ?? MAX_BYTES, MAX_BYTES)) {
        throw new DownloadError('not-a-video', { message: 'longer than announced' });
      }
      const now = clock.monotonic();
      if (now - reportedAt >= PROGRESS_EVERY_MS) {
        reportedAt = now;
        onProgress(position, total);
      }
      return writer.write(bytes);
    };
    try {
      await pipeline([(response.body as Readable | null) ?? Readable.from([]), ...decoders, toWritable(write)]);
    } catch (error) {
      // node-fetch takes chunks for cut that are followed by trailers (seen). Where no length was stated, the film and a
      // second attempt say whether this is all.
      if (total !== undefined || getErrorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') {
        throw error;
      }
    } finally {
      // The next attempt continues from what arrived before a failure.
      await (lease.held ? writer.drain() : writer.stop());
    }
    return position;
  }

  /** Requests the video from `offset` on. No redirect may lead from https to a plain connection. */
  async #request(offset: number, known: PartMetadata | undefined, signal: AbortSignal): Promise<Response> {
    const url = parseUrl(this.#options.url);
    if (!url) {
      throw new DownloadError('redirected');
    }
    try {
      const response = await followRedirects(
        withUserInfo(this.#options.fetch, url),
        url,
        {
          headers: {
            Accept: 'video/mp4, */*;q=0.5',
            'Accept-Encoding': 'identity',
            'User-Agent': USER_AGENT,
            ...(offset > 0 && known?.etag !== undefined ? { Range: `bytes=${offset}-`, 'If-Range': known.etag } : {}),
          },
          compress: false,
          // Servers and proxies send what is not quite HTTP: line feeds alone, a length twice. curl takes it, and nothing
          // else comes over this connection that it could be mistaken for.
          insecureHTTPParser: true,
          signal,
        },
        (target, from) => target.protocol === 'https:' || target.origin === from.origin,
        MAX_REDIRECTS,
      );
      return checkStatus(response, this.#options.clock.now());
    } catch (error) {
      if (isPrivateAddressError(error)) {
        throw new DownloadError('private-address', { cause: error });
      }
      throw error instanceof RedirectError ? new DownloadError('redirected') : error;
    }
  }
}

/** A user and a password in a link go where a browser sends them: into a header, and to the link's own origin alone. */
function withUserInfo(fetch: Fetch, url: URL): Fetch {
  const { origin, username, password } = url;
  if (username === '' && password === '') {
    return fetch;
  }
  const authorization = `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
  url.username = url.password = '';
  return (target, init = {}) =>
    fetch(target, {
      ...init,
      headers: {
        ...(init.headers as Record<string, string>),
        ...(parseUrl(target)?.origin === origin ? { Authorization: authorization } : {}),
      },
    });
}

/** `URL` keeps a lone % in a user or a password as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A stream that calls `write` for each piece. Faster than `for await` over the response, as most pieces need not be
 * waited for.
 */
function toWritable(write: (bytes: Buffer) => Promise<void> | undefined): Writable {
  return new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      try {
        const written = write(bytes);
        if (written) {
          written.then(() => done(), done);
        } else {
          done();
        }
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** @throws {DownloadError} for a status that brings no video; the body is discarded then. */
function checkStatus(response: Response, now: number): Response {
  if (isWholeFile(response) || response.status === 206 || response.status === 416) {
    return response;
  }
  discardBody(response);
  // An object store responds with 403 or 404 after the link has expired (assumed), and before the file is there (seen).
  const isGone = [403, 404, 410].includes(response.status);
  throw new DownloadError(isGone ? 'link-expired' : 'internal', {
    status: response.status,
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), now),
  });
}

/** 203 comes through proxies that change something. */
function isWholeFile({ status }: Response): boolean {
  return status >= 200 && status < 300 && ![204, 205, 206].includes(status);
}

/** A weak ETag does not promise equal bytes (RFC 9110, section 8.8.1). */
function getStrongEtag(response: Response): string | undefined {
  const etag = response.headers.get('etag');
  return etag !== null && /^"[^"]*"$/.test(etag) && !isEncoded(response) ? etag : undefined;
}

/** Whether a response 206 continues the very file that the part file is the beginning of. */
function isContinuation(response: Response, offset: number, known: PartMetadata, etag: string | undefined): boolean {
  const range = parseContentRange(response);
  return (
    response.status === 206 &&
    range?.from === offset &&
    (known.total === undefined || range.total === known.total) &&
    known.etag !== undefined &&
    known.etag === etag
  );
}

/**
 * Which byte a response 206 begins with, and the size of the whole file. The response may end before the file does, as
 * some servers limit the size of a range.
 */
function parseContentRange(response: Response): { from: number; total: number } | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return range ? { from: Number(range[1]), total: Number(range[2]) } : undefined;
}

/** Some servers and proxies compress although they are asked not to. A compressed stream has an end of its own. */
function isEncoded(response: Response): boolean {
  return getEncodings(response).length > 0;
}

function getEncodings(response: Response): string[] {
  return (response.headers.get('content-encoding') ?? '')
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
}

/** Some servers send `deflate` without the header that belongs to it. Browsers look at the first byte, too. */
async function* inflate(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const pieces = source[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) {
    return;
  }
  const inflater = (first.value[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw();
  async function* all(): AsyncIterable<Buffer> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
  const piped = pipeline(all(), inflater);
  // Its failure is that of the inflater, too.
  piped.catch(() => undefined);
  yield* inflater as AsyncIterable<Buffer>;
  await piped;
}

/** Streams that undo the encodings, the last one first. An unknown one is left: the bytes will begin like no video. */
function createDecoders(response: Response): Duplex[] {
  return getEncodings(response)
    .reverse()
    .flatMap((encoding) => {
      switch (encoding) {
        case 'gzip':
        case 'x-gzip':
          return createGunzip();
        case 'deflate':
          return Duplex.from(inflate);
        case 'br':
          return createBrotliDecompress();
        default:
          return [];
      }
    });
}

/** `undefined` for bytes that are no text. */
function toText(bytes: Buffer): string | undefined {
  return bytes.length === 0 || bytes.includes(0) ? undefined : bytes.toString();
}

/** Bytes of the video, if the server says; the length of what is encoded says nothing about it. */
function getContentLength(response: Response): number | undefined {
  if (isEncoded(response)) {
    return undefined;
  }
  const length = response.headers.get('content-length');
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

function isStorageError(error: unknown): boolean {
  // Other errors of the file system name a path; those of the network do not.
  return isDiskFull(error) || isFlushError(error) || (error instanceof Error && 'path' in error && 'syscall' in error);
}

function isFlushError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && ['fsync', 'fdatasync'].includes(String(error.syscall));
}

/** By name: the guard (`common/address.ts`) is loaded with the first request, and the downloader during activation. */
function isPrivateAddressError(error: unknown): boolean {
  return error instanceof Error && error.name === 'PrivateAddressError';
}
