import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { findFrameTimes, findLastFrame, readLastFrame } from '../../../../src/tasks/download/mp4LastFrame';
import { startEmulator } from '../../../emulator/emulator';
import { Probe } from '../../../emulator/probe';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';

/** Of a film: how long each picture stands, in order of decoding, and by how much it is shown later. */
interface Film {
  timescale: number;
  movieTimescale: number;
  stands: number[];
  shifts?: number[];
  edits?: { lasts: number; start: number }[];
  /** 64-bit times. */
  isLong?: boolean;
}

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeInt32BE(value | 0, index * 4));
  return bytes;
}

const header = (timescale: number, isLong = false) =>
  isLong ? words(0x0100_0000, 0, 0, 0, 0, timescale, 0, 0) : words(0, 0, 0, timescale, 0);

/** Equal neighbours are counted, as writers do. */
function runs(values: readonly number[]): Buffer {
  const entries: [count: number, value: number][] = [];
  for (const value of values) {
    const last = entries.at(-1);
    if (last?.[1] === value) {
      last[0] += 1;
    } else {
      entries.push([1, value]);
    }
  }
  return words(0, entries.length, ...entries.flat());
}

function movieOf({ timescale, movieTimescale, stands, shifts, edits, isLong = false }: Film): Buffer {
  const table = box('stbl', box('stts', runs(stands)), ...(shifts ? [box('ctts', runs(shifts))] : []));
  const media = box(
    'mdia',
    box('mdhd', header(timescale, isLong)),
    box('hdlr', words(0, 0), Buffer.from('vide')),
    box('minf', table),
  );
  const list =
    edits &&
    box('edts', box('elst', words(0, edits.length, ...edits.flatMap(({ lasts, start }) => [lasts, start, 0x1_0000]))));
  const sound = box('trak', box('mdia', box('mdhd', header(48_000)), box('hdlr', words(0, 0), Buffer.from('soun'))));
  return Buffer.concat([
    box('mvhd', header(movieTimescale, isLong)),
    sound,
    box('trak', ...(list ? [list] : []), media),
  ]);
}

/** By the book: every picture on its own. */
function slowly({ timescale, movieTimescale, stands, shifts = [], edits = [] }: Film): number | undefined {
  const shown: number[] = [];
  let decoded = 0;
  stands.forEach((stand, index) => {
    shown.push(decoded + (shifts[index] ?? 0));
    decoded += stand;
  });
  const edit = edits.at(-1) ?? { lasts: 0, start: 0 };
  const end = edit.lasts === 0 ? Infinity : edit.start + (edit.lasts / movieTimescale) * timescale;
  const inside = shown.filter((at) => at < end);
  const delay = edits.slice(0, -1).reduce((sum, { lasts }) => sum + lasts, 0) / movieTimescale;
  return inside.length === 0 ? undefined : (Math.max(...inside) - edit.start) / timescale + delay;
}

const near = (one: number | undefined, other: number) =>
  assert.ok(one !== undefined && Math.abs(one - other) < 1e-9, `${one}, not ${other}`);

describe('the last frame', () => {
  const plain: Film = { timescale: 24_000, movieTimescale: 1_000, stands: Array<number>(120).fill(1_001) };

  it('is where the pictures before it end, also at 23.976 a second', () => {
    const last = findLastFrame(movieOf(plain));
    near(last?.seconds, (119 * 1_001) / 24_000);
    near(last?.lasts, 1_001 / 24_000);
    near(findLastFrame(movieOf({ ...plain, isLong: true }))?.seconds, (119 * 1_001) / 24_000);
  });

  it('is the one shown last where pictures are decoded in another order', () => {
    // I P B B P B B, as encoders with two B-frames write it; the edit takes away the delay of two pictures.
    const film = {
      ...plain,
      timescale: 24,
      stands: Array<number>(7).fill(1),
      shifts: [2, 4, 1, 1, 4, 1, 1],
      edits: [{ lasts: 0, start: 2 }],
    };
    near(findLastFrame(movieOf(film))?.seconds, 6 / 24);
  });

  it('is within what the edit shows, and later where nothing is shown first', () => {
    near(
      findLastFrame(
        movieOf({ ...plain, timescale: 24, stands: Array<number>(48).fill(1), edits: [{ lasts: 1_000, start: 0 }] }),
      )?.seconds,
      23 / 24,
    );
    near(
      findLastFrame(
        movieOf({
          ...plain,
          timescale: 24,
          stands: Array<number>(48).fill(1),
          edits: [
            { lasts: 500, start: -1 },
            { lasts: 2_000, start: 0 },
          ],
        }),
      )?.seconds,
      0.5 + 47 / 24,
    );
  });

  it('may stand for no time at all', () => {
    const last = findLastFrame(movieOf({ ...plain, timescale: 24, stands: [1, 1, 1, 0] }));
    assert.deepEqual(last, { seconds: 3 / 24, lasts: 1 / 24 });
  });

  it('is left to the player where the tables do not say', () => {
    assert.equal(findLastFrame(Buffer.alloc(0)), undefined);
    assert.equal(findLastFrame(movieOf({ ...plain, stands: [] })), undefined, 'in fragments');
    assert.equal(findLastFrame(movieOf({ ...plain, timescale: 0 })), undefined);
    assert.equal(
      findLastFrame(
        movieOf({
          ...plain,
          edits: [
            { lasts: 100, start: 0 },
            { lasts: 100, start: 5 },
          ],
        }),
      ),
      undefined,
      'cut together',
    );
  });

  it('is the same as when every picture is counted', () => {
    const ticks = fc.integer({ min: 1, max: 5 });
    const film = fc
      .record({
        timescale: fc.constantFrom(24, 600, 90_000),
        movieTimescale: fc.constantFrom(24, 600, 1_000),
        stands: fc.array(ticks, { minLength: 1, maxLength: 40 }),
        shifts: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 }),
        edits: fc.option(
          fc.tuple(fc.nat(20), fc.nat(3)).map(([lasts, start]) => [{ lasts, start }]),
          { nil: [] },
        ),
        isLong: fc.boolean(),
      })
      .map(({ edits, ...rest }) => (edits.length > 0 ? { ...rest, edits } : rest));
    fc.assert(
      fc.property(film, (made) => {
        const found = findLastFrame(movieOf(made))?.seconds;
        const expected = slowly(made);
        const times = findFrameTimes(movieOf(made));
        assert.ok(times?.every((time, index) => index === 0 || time > times[index - 1]!) ?? true);
        if (expected !== undefined && expected >= 0) assert.equal(times?.at(-1), found);
        if (expected === undefined || expected < 0) {
          assert.equal(found, undefined);
        } else {
          near(found, expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('ends with some answer on whatever tables there are', () => {
    const whole = movieOf({ ...plain, shifts: Array<number>(120).fill(2), edits: [{ lasts: 5_000, start: 2 }] });
    const spoiled = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(spoiled, fc.nat(whole.length), (changes, length) => {
        const movie = Buffer.from(whole);
        changes.forEach(([at, value]) => movie.writeUInt8(value, at));
        for (const candidate of [movie, movie.subarray(0, length)]) {
          const last = findLastFrame(candidate);
          assert.ok(findFrameTimes(candidate)?.every(Number.isFinite) ?? true);
          assert.ok(last === undefined || (Number.isFinite(last.seconds) && last.seconds >= 0 && last.lasts > 0));
        }
      }),
      { numRuns: 1_000 },
    );
    // Four thousand million pictures in one entry are one run, not a loop.
    const endless = movieOf({ ...plain, timescale: 24, stands: [1] });
    endless.writeUInt32BE(0xffff_ffff, endless.indexOf('stts') + 12);
    near(findLastFrame(endless)?.seconds, 0xffff_fffe / 24);
  });

  describe('of files', () => {
    let place: string;

    before(async () => {
      place = await makeTempDir();
    });
    after(() => removeTempDir(place));

    it('is found in a real film, and in nothing else', async () => {
      const emulator = await startEmulator();
      const real = Buffer.from(await (await fetch(await new Probe(emulator).link())).arrayBuffer());
      await emulator.close();
      const path = join(place, 'film.mp4');
      const last = async (bytes: Uint8Array) => {
        await writeFile(path, bytes);
        return readLastFrame(path);
      };
      near((await last(real))?.seconds, 5 / 24);
      for (const cut of [0, 4, 20, real.length >> 1, real.indexOf('moov') + 40]) {
        assert.equal(await last(real.subarray(0, cut)), undefined, `cut at ${cut}`);
      }
      assert.equal(await last(Buffer.from('<html>'.repeat(50))), undefined);
    });
  });
});
