import assert from 'node:assert/strict';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkMp4, type Mp4Check, type Mp4CheckResult } from '../../../../src/tasks/download/mp4Validation';
import { startEmulator } from '../../../emulator/emulator';
import { Probe } from '../../../emulator/probe';
import { makeFragmentedMp4, type Fragments } from '../../../support/mp4';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';

function box(type: string, content: Uint8Array | number = 0, length?: number): Buffer {
  const payload = typeof content === 'number' ? Buffer.alloc(content, 0x55) : content;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(length ?? payload.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, payload]);
}

/** A box that says its length in 64 bits. */
function longBox(type: string, bytes: number): Buffer {
  const head = Buffer.alloc(16, 0);
  head.writeUInt32BE(1);
  head.write(type, 4, 'latin1');
  head.writeBigUInt64BE(BigInt(bytes + 16), 8);
  return Buffer.concat([head, Buffer.alloc(bytes, 0x55)]);
}

const FTYP = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2'));
const MOOV = box('moov', 300);
const MDAT = box('mdat', 5_000);

/** Where each box at the top level begins and ends. */
function boxesOf(file: Uint8Array): { type: string; start: number; end: number }[] {
  const view = Buffer.from(file);
  const boxes = [];
  for (let start = 0; start < view.length;) {
    const end = start + view.readUInt32BE(start);
    boxes.push({ type: view.toString('latin1', start + 4, start + 8), start, end });
    start = end;
  }
  return boxes;
}

describe('mp4', () => {
  let place: string;
  let path: string;
  /** Encoded by the emulator, as H.264 in MP4. */
  let real: Buffer;

  /** Without the disk, for the many cases of a property. */
  async function verdictInMemory(bytes: Uint8Array): Promise<Mp4CheckResult> {
    return (await checkInMemory(bytes)).result;
  }

  function checkInMemory(bytes: Uint8Array): Promise<Mp4Check> {
    const data = Buffer.from(bytes);
    return checkMp4({
      stat: () => Promise.resolve({ size: data.length }),
      read: (buffer: Buffer, offset: number, length: number, position: number) =>
        Promise.resolve({ bytesRead: data.copy(buffer, offset, position, position + length) }),
    } as unknown as FileHandle);
  }

  async function verdict(...parts: Uint8Array[]): Promise<Mp4CheckResult> {
    await writeFile(path, Buffer.concat(parts));
    const file = await open(path, 'r');
    try {
      return (await checkMp4(file)).result;
    } finally {
      await file.close();
    }
  }

  before(async () => {
    place = await makeTempDir();
    path = join(place, 'x.mp4');
    const emulator = await startEmulator();
    real = Buffer.from(await (await fetch(await new Probe(emulator).link())).arrayBuffer());
    await emulator.close();
  });

  after(() => removeTempDir(place));

  it('takes a whole film, wherever its parts stand', async () => {
    assert.equal(await verdict(real), 'video');
    assert.equal(await verdict(FTYP, MOOV, MDAT), 'video');
    assert.equal(await verdict(FTYP, MDAT, MOOV), 'video');
    assert.equal(await verdict(FTYP, box('free', 10), MOOV, box('uuid', 30), MDAT, box('free')), 'video');
    assert.equal(await verdict(FTYP, MOOV, longBox('mdat', 70_000)), 'video');
    assert.equal(await verdict(FTYP, MOOV, box('moof', 50), MDAT, box('moof', 50), MDAT), 'video');
    assert.equal(await verdict(FTYP, MOOV, box('mdat', 500, 0)), 'video', 'a last box up to the end');
  });

  it('takes a film with some bytes behind it', async () => {
    assert.equal(await verdict(FTYP, MOOV, MDAT, Buffer.alloc(3)), 'video');
    assert.equal(await verdict(FTYP, MOOV, MDAT, Buffer.alloc(64)), 'video');
  });

  it('tells what is none', async () => {
    const others = {
      nothing: Buffer.alloc(0),
      'some bytes': Buffer.from('abc'),
      HTML: Buffer.from('<!doctype html><title>ftyp</title>'),
      XML: Buffer.from('<?xml version="1.0"?><Error><Code>ExpiredToken</Code></Error>'),
      zeros: Buffer.alloc(4_096),
      JPEG: Buffer.from('ffd8ffe000104a46494600010100', 'hex'),
      Matroska: Buffer.from('1a45dfa39f4286810142f7810142f281', 'hex'),
      'an MP4 that begins in its middle': Buffer.concat([MOOV, MDAT]),
    };
    for (const [name, bytes] of Object.entries(others)) {
      assert.equal(await verdict(bytes), 'other', name);
    }
  });

  it('tells what lacks something', async () => {
    assert.equal(await verdict(FTYP), 'cut');
    assert.equal(await verdict(FTYP, MOOV), 'cut');
    assert.equal(await verdict(FTYP, MDAT), 'cut');
    assert.equal(await verdict(FTYP, MOOV, box('moof', 50)), 'cut', 'a fragment without its media');
    assert.equal(await verdict(FTYP, MOOV, box('moof', 50), MDAT, box('moof', 50)), 'cut', 'the last one without');
    assert.equal(await verdict(FTYP, MOOV, Buffer.alloc(5_000)), 'cut', 'zeros where the media should be');
    assert.equal(await verdict(FTYP, MOOV, box('mdat', 100, 4)), 'cut', 'a box shorter than its own head');
    assert.equal(await verdict(FTYP, MOOV, longBox('mdat', 100).subarray(0, 12)), 'cut');
  });

  it('never takes a real film that was cut inside what is played', async () => {
    // Behind the film stands a box of the emulator's, which players skip; a head of which only some bytes are left is junk behind a whole film.
    const last = boxesOf(real).findLast(({ type }) => type === 'moov' || type === 'mdat')!;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: last.end - 1 }), async (length) => {
        assert.notEqual(await verdictInMemory(real.subarray(0, length)), 'video', `cut at ${length} of ${real.length}`);
      }),
      { numRuns: 300 },
    );
  });

  it('never takes a film that was cut inside any box', async () => {
    const type = fc.constantFrom('moov', 'mdat', 'free', 'moof', 'uuid');
    const files = fc
      .array(fc.tuple(type, fc.nat(400)), { minLength: 1, maxLength: 8 })
      .map((boxes) => Buffer.concat([FTYP, ...boxes.map(([name, size]) => box(name, size))]));
    await fc.assert(
      fc.asyncProperty(files, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (file, share) => {
        const length = Math.floor(file.length * share);
        const inside = boxesOf(file).find(({ start, end }) => start + 8 <= length && length < end);
        if (inside) {
          assert.notEqual(
            await verdictInMemory(file.subarray(0, length)),
            'video',
            `cut at ${length}, inside ${inside.type}`,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never takes a real film whose media says that it goes up to the end, and does not', async () => {
    const boxes = boxesOf(real);
    const media = boxes.find(({ type }) => type === 'mdat')!;
    const movie = boxes.find(({ type }) => type === 'moov')!;
    // The tables first, as for playing while it comes, and the media without a length.
    const endless = Buffer.concat([
      real.subarray(0, boxes[0]!.end),
      shifted(real.subarray(movie.start, movie.end), boxes[0]!.end + (movie.end - movie.start) - media.start),
      box('mdat', real.subarray(media.start + 8, media.end), 0),
    ]);
    assert.deepEqual(await checkInMemory(endless), { result: 'video', isProven: true });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: endless.length - (media.end - media.start), max: endless.length - 1 }),
        async (length) => {
          assert.equal(
            await verdictInMemory(endless.subarray(0, length)),
            'cut',
            `cut at ${length} of ${endless.length}`,
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  /** A film whose chunks lie elsewhere: `moov` before `mdat`. */
  function shifted(movie: Buffer, by: number): Buffer {
    const moved = Buffer.from(movie);
    for (let at = moved.indexOf('stco'); at >= 0; at = moved.indexOf('stco', at + 1)) {
      for (let n = 0; n < moved.readUInt32BE(at + 8); n++) {
        moved.writeUInt32BE(moved.readUInt32BE(at + 12 + n * 4) + by, at + 12 + n * 4);
      }
    }
    return moved;
  }

  describe('in fragments', () => {
    const whole = (options: Fragments = {}) => checkInMemory(makeFragmentedMp4(20, options));

    it('is proven to be whole by a duration or an index, and by nothing else', async () => {
      assert.deepEqual(await whole(), { result: 'video', isProven: false });
      assert.deepEqual(await whole({ stated: 20 }), { result: 'video', isProven: true });
      assert.deepEqual(await whole({ indexedBefore: 20 }), { result: 'video', isProven: true });
      assert.deepEqual(await whole({ isIndexed: true }), { result: 'video', isProven: true });
    });

    it('is never taken with fewer than it says', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 17 }),
          fc.constantFrom('stated' as const, 'indexedBefore' as const),
          async (count, how) => {
            const cut = makeFragmentedMp4(count, { [how]: 20 });
            assert.deepEqual(await checkInMemory(cut), { result: 'cut', isProven: false }, `${count} of 20, ${how}`);
          },
        ),
      );
      const missing = Buffer.from(makeFragmentedMp4(20, { isIndexed: true }));
      const { start, end } = boxesOf(missing).filter(({ type }) => type === 'moof')[7]!;
      const media = boxesOf(missing).find((found) => found.start === end)!;
      const gap = Buffer.concat([missing.subarray(0, start), missing.subarray(media.end)]);
      assert.equal(await verdictInMemory(gap), 'cut', 'one is missing in the middle');
    });
  });

  it('ends on whatever bytes there are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const found = await verdictInMemory(Buffer.concat([FTYP, bytes]));
        assert.ok(found !== 'other');
      }),
      { numRuns: 300 },
    );
    // A thousand boxes are a strange file, ten thousand and more none that is looked at to its end.
    assert.equal(await verdict(FTYP, MOOV, MDAT, ...Array.from({ length: 20_000 }, () => box('free'))), 'video');
  });
});
