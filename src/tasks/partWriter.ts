import type { FileHandle } from 'node:fs/promises';

/** Two of these are all that a download holds; larger ones are not written any faster. */
const PIECE_BYTES = 512 * 1024;

/**
 * Writes to a file while the next bytes are on their way: what comes during a write is collected and written
 * in one piece after it. So a slow line's bytes are on their way to the disk at once, and a fast one's
 * thousands of small packets become some hundred writes. In order and without gaps: what is in the file is
 * always the beginning.
 */
export class PartWriter {
  readonly #file: Pick<FileHandle, 'write'>;
  #position: number;
  #filling = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #spare = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #filled = 0;
  #writing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(file: Pick<FileHandle, 'write'>, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /**
   * Takes over the bytes; waits only where the disk is slower than the line.
   *
   * @throws what an earlier write failed with; nothing is written after that.
   */
  async take(bytes: Buffer): Promise<void> {
    for (let taken = 0; taken < bytes.length; ) {
      if (this.#filled === PIECE_BYTES) {
        await this.#writing;
      }
      this.#begin();
      const copied = bytes.copy(this.#filling, this.#filled, taken);
      taken += copied;
      this.#filled += copied;
    }
    this.#begin();
  }

  /** Waits until all that was taken is in the file. */
  async flush(): Promise<void> {
    do {
      await this.#writing;
      this.#begin();
    } while (this.#writing);
  }

  /** Drops what is not being written yet, and waits for what is. */
  async stop(): Promise<void> {
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
    const piece = this.#filling.subarray(0, this.#filled);
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
    this.#writing = this.#write(piece)
      .catch((error: unknown) => (this.#failure = { error }))
      .then(() => (this.#writing = undefined));
  }

  async #write(piece: Buffer): Promise<void> {
    for (let written = 0; written < piece.length; ) {
      const { bytesWritten } = await this.#file.write(piece, written, piece.length - written, this.#position);
      written += bytesWritten;
      this.#position += bytesWritten;
    }
  }
}
