import type { FileHandle } from 'node:fs/promises';

/** Two of these are all that a download holds; larger ones are not written any faster. */
const PIECE_BYTES = 512 * 1024;
/** A write is a trip to another thread and back: many small ones take longer than the bytes need. */
const WORTH_A_WRITE_BYTES = 256 * 1024;
/** Of a slow line every packet is worth one: a kill should cost little of what took long to come. */
const LONGEST_HELD_MS = 50;

/**
 * Writes to a file while the next bytes are on their way. A fast line's thousands of packets become some hundred
 * writes, a slow one's bytes are on their way to the disk at once. In order and without gaps: what is in the
 * file is always the beginning.
 */
export class BufferedFileWriter {
  readonly #file: Pick<FileHandle, 'write'>;
  readonly #now: () => number;
  #begunAt: number;
  #position: number;
  #filling = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #spare = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #filled = 0;
  #writing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  /** @param now milliseconds, on a clock that nobody sets */
  constructor(file: Pick<FileHandle, 'write'>, position: number, now: () => number) {
    this.#file = file;
    this.#position = position;
    this.#now = now;
    this.#begunAt = now();
  }

  /**
   * Takes over the bytes.
   *
   * @returns something to wait for where the disk is slower than the line, before more is given
   * @throws what an earlier write failed with; nothing is written after that.
   */
  take(bytes: Buffer): Promise<void> | undefined {
    const copied = bytes.copy(this.#filling, this.#filled);
    this.#filled += copied;
    if (this.#filled >= WORTH_A_WRITE_BYTES || this.#now() - this.#begunAt >= LONGEST_HELD_MS) {
      this.#begin();
    }
    return copied < bytes.length ? this.#takeLater(bytes.subarray(copied)) : undefined;
  }

  async #takeLater(bytes: Buffer): Promise<void> {
    await this.#writing;
    this.#begin();
    await this.take(bytes);
  }

  /** Waits until all that was taken is in the file. */
  async flush(): Promise<void> {
    do {
      await this.#writing;
      this.#begin();
    } while (this.#writing);
  }

  /** Drops what is not being written yet, and waits for what is. What still waits to be taken would leave a gap: it is refused. */
  async stop(): Promise<void> {
    this.#failure ??= { error: new Error('stopped') };
    this.#filled = 0;
    await this.#writing;
  }

  #begin(): void {
    if (this.#failure) {
      throw this.#failure.error;
    }
    if (this.#writing || this.#filled === 0) {
      return;
    }
    this.#begunAt = this.#now();
    const piece = this.#filling.subarray(0, this.#filled);
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
    this.#writing = this.#write(piece)
      .catch((error: unknown) => (this.#failure = { error }))
      .then(() => (this.#writing = undefined));
  }

  async #write(piece: Buffer): Promise<void> {
    for (let written = 0; written < piece.length;) {
      const { bytesWritten } = await this.#file.write(piece, written, piece.length - written, this.#position);
      written += bytesWritten;
      this.#position += bytesWritten;
    }
  }
}
