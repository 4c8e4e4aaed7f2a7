import type { FileHandle } from 'node:fs/promises';
import { isFlushUnsupported } from '../../common/fsErrors';

/** A download holds two buffers of this size. Larger ones do not make it faster. */
const BUFFER_BYTES = 512 * 1024;
/** A write goes to another thread and back, so many small ones take longer than their bytes need. */
const WRITE_THRESHOLD_BYTES = 256 * 1024;
/** On a slow line bytes are written after this time at the latest, so that a kill loses little of what took long to arrive. */
const MAX_BUFFERED_MS = 50;
/** How much is written before the disk is asked to store it. Some tens of milliseconds of work for a disk. */
const FLUSH_EVERY_BYTES = 16 * 1024 * 1024;

/**
 * Writes to a file while the next bytes arrive. The thousands of packets of a fast line become some hundred writes; the
 * bytes of a slow line are written at once. Writes are in order and leave no gaps: the file always holds the beginning.
 *
 * Flushes the file to the disk meanwhile, one flush at a time, so that the flush at the end, which the caller has to do
 * anyway, is short. A flush that fails counts as a write that fails: the system reports such an error only once.
 */
export class BufferedFileWriter {
  readonly #file: Pick<FileHandle, 'write' | 'datasync'>;
  readonly #now: () => number;
  #lastWriteAt: number;
  #position: number;
  #filling = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #spare = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;
  #writing: Promise<void> | undefined;
  #flushedTo: number;
  #flushing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  /**
   * @param file stays open; the caller closes it after {@link drain} or {@link stop}
   * @param position of the first byte in the file
   * @param now milliseconds on a monotonic clock
   */
  constructor(file: Pick<FileHandle, 'write' | 'datasync'>, position: number, now: () => number) {
    this.#file = file;
    this.#position = position;
    this.#flushedTo = position;
    this.#now = now;
    this.#lastWriteAt = now();
  }

  /**
   * Copies the bytes, and writes them now or later.
   *
   * @returns a promise to wait for before the next call, if the disk is slower than the line
   * @throws the error of an earlier write or flush; nothing is written after that
   */
  write(bytes: Buffer): Promise<void> | undefined {
    const copied = bytes.copy(this.#filling, this.#filled);
    this.#filled += copied;
    if (this.#filled >= WRITE_THRESHOLD_BYTES || this.#now() - this.#lastWriteAt >= MAX_BUFFERED_MS) {
      this.#startWrite();
    }
    return copied < bytes.length ? this.#writeRest(bytes.subarray(copied)) : undefined;
  }

  async #writeRest(bytes: Buffer): Promise<void> {
    await this.#writing;
    this.#startWrite();
    await this.write(bytes);
  }

  /** Waits until all bytes are in the file. The last of them need not be on the disk. */
  async drain(): Promise<void> {
    do {
      await this.#writing;
      this.#startWrite();
    } while (this.#writing);
    await this.#flushing;
    this.#throwFailure();
  }

  /**
   * Drops the bytes that are not being written yet, and waits for those that are. Bytes that wait for space in a buffer
   * are refused, as they would leave a gap.
   */
  async stop(): Promise<void> {
    this.#failure ??= { error: new Error('stopped') };
    this.#filled = 0;
    await this.#writing;
    await this.#flushing;
  }

  #startWrite(): void {
    this.#throwFailure();
    if (this.#writing || this.#filled === 0) {
      return;
    }
    this.#lastWriteAt = this.#now();
    const bytes = this.#filling.subarray(0, this.#filled);
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
    this.#writing = this.#writeAll(bytes)
      .then(() => this.#startFlush())
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .then(() => (this.#writing = undefined));
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#position);
      written += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  #startFlush(): void {
    if (this.#flushing || this.#failure || this.#position - this.#flushedTo < FLUSH_EVERY_BYTES) {
      return;
    }
    this.#flushedTo = this.#position;
    this.#flushing = this.#file
      .datasync()
      .catch((error: unknown) => {
        if (!isFlushUnsupported(error)) {
          this.#failure ??= { error };
        }
      })
      .then(() => (this.#flushing = undefined));
  }

  #throwFailure(): void {
    if (this.#failure) {
      throw this.#failure.error;
    }
  }
}
