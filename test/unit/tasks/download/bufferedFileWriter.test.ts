import assert from 'node:assert/strict';
import { BufferedFileWriter } from '../../../../src/tasks/download/bufferedFileWriter';

const KB = 1024;

/** A disk that is slower than the line: a write ends when it is told to. */
class SlowFile {
  readonly bytes = Buffer.alloc(40 * 1024 * KB);
  size = 0;
  /** Flushes that have not ended yet. */
  readonly flushes: { resolve: () => void; reject: (error: Error) => void; size: number }[] = [];
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

  datasync(): Promise<void> {
    return new Promise((resolve, reject) => this.flushes.push({ resolve, reject, size: this.size }));
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
      const room = writer.write(piece(given++));
      if (room) {
        return { given, room };
      }
    }
  }

  it('writes what it is given, in order and without gaps, and asks to be waited for', async () => {
    const { given, room } = fill();
    await file.go();
    await room;
    const drained = writer.drain();
    while (file.size < given * 64 * KB) {
      await file.go();
    }
    await drained;
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
    const failing = new BufferedFileWriter(
      { write: () => Promise.reject(new Error('ENOSPC')), datasync: () => Promise.resolve() } as never,
      0,
      () => 0,
    );
    let room: Promise<void> | undefined;
    for (let n = 0; room === undefined; n++) {
      room = failing.write(piece(n));
    }
    await assert.rejects(room, /ENOSPC/);
    await assert.rejects(failing.drain(), /ENOSPC/);
  });

  describe('flushes', () => {
    const MB = 1024 * KB;

    /** Writes until so many bytes are in the file. */
    async function writeUpTo(bytes: number): Promise<void> {
      while (file.size < bytes) {
        const room = writer.write(piece(1));
        await file.go();
        await room;
      }
    }

    it('in the background after every 16 MB, one flush at a time, and waits for the last at the end', async () => {
      await writeUpTo(15 * MB);
      assert.equal(file.flushes.length, 0, 'flushes before 16 MB');
      await writeUpTo(17 * MB);
      assert.equal(file.flushes.length, 1, 'flushes after 16 MB');
      assert.ok(file.flushes[0]!.size >= 16 * MB, 'covers what was written');
      await writeUpTo(35 * MB);
      assert.equal(file.flushes.length, 1, 'writing goes on, without a second flush beside the first');

      let isDrained = false;
      const drained = writer.drain().then(() => (isDrained = true));
      for (let turn = 0; turn < 10; turn++) {
        await file.go();
      }
      assert.equal(isDrained, false, 'ends before the flush does');
      file.flushes[0]!.resolve();
      await drained;
    });

    it('and fails with what a flush failed with, though all bytes were written', async () => {
      await writeUpTo(17 * MB);
      file.flushes[0]!.reject(new Error('EIO'));
      await file.go();
      await assert.rejects(writer.drain(), /EIO/);
      assert.throws(() => fill(), /EIO/, 'and takes nothing more');
    });
  });
});
