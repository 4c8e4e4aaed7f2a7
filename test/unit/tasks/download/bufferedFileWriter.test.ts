import assert from 'node:assert/strict';
import { BufferedFileWriter } from '../../../../src/tasks/download/bufferedFileWriter';

const KB = 1024;

/** A disk that is slower than the line: a write ends when it is told to. */
class SlowFile {
  readonly bytes = Buffer.alloc(4 * 1024 * KB);
  size = 0;
  #waiting: (() => void)[] = [];

  write(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number; buffer: Buffer }> {
    return new Promise((resolve) =>
      this.#waiting.push(() => {
        buffer.copy(this.bytes, position, offset, offset + length);
        this.size = Math.max(this.size, position + length);
        resolve({ bytesWritten: length, buffer });
      }),
    );
  }

  async go(): Promise<void> {
    for (const done of this.#waiting.splice(0)) {
      done();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Tells from its content where in the file a byte belongs. */
const piece = (n: number): Buffer => Buffer.alloc(64 * KB, n + 1);

describe('part writer', () => {
  let file: SlowFile;
  let writer: BufferedFileWriter;

  beforeEach(() => {
    file = new SlowFile();
    writer = new BufferedFileWriter(file as never, 0, () => 0);
  });

  /** Gives pieces until the writer wants to be waited for. */
  function fill(): { given: number; room: Promise<void> } {
    for (let given = 0; ;) {
      const room = writer.take(piece(given++));
      if (room) {
        return { given, room };
      }
    }
  }

  it('writes what it is given, in order and without gaps, and asks to be waited for', async () => {
    const { given, room } = fill();
    await file.go();
    await room;
    const flushed = writer.flush();
    while (file.size < given * 64 * KB) {
      await file.go();
    }
    await flushed;
    for (let n = 0; n < given; n++) {
      assert.ok(file.bytes.subarray(n * 64 * KB, (n + 1) * 64 * KB).equals(piece(n)), `piece ${n}`);
    }
  });

  it('leaves no gap when it is stopped while something waits to be taken', async () => {
    const { room } = fill();
    const refused = assert.rejects(room, /stopped/);
    const stopped = writer.stop();
    await file.go();
    await stopped;
    await refused;
    await file.go();
    assert.ok(file.size > 0);
    for (let at = 0; at < file.size; at += 64 * KB) {
      assert.ok(file.bytes.subarray(at, at + 64 * KB).equals(piece(at / (64 * KB))), `at ${at}`);
    }
    assert.throws(() => fill(), /stopped/, 'and takes nothing more');
  });

  it('tells what a write failed with, and writes nothing after it', async () => {
    const failing = new BufferedFileWriter({ write: () => Promise.reject(new Error('ENOSPC')) } as never, 0, () => 0);
    let room: Promise<void> | undefined;
    for (let n = 0; room === undefined; n++) {
      room = failing.take(piece(n));
    }
    await assert.rejects(room, /ENOSPC/);
    await assert.rejects(failing.flush(), /ENOSPC/);
  });
});
