import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { deleteOrphans, discardLocalCopy, planCleanUp } from '../../../../src/tasks/storage/localCopies';
import { SoundTracks } from '../../../../src/tasks/sound/soundTracks';
import { WAV_HEADER_BYTES } from '../../../../src/tasks/sound/wav';
import type { TaskStore } from '../../../../src/tasks/storage/taskStore';
import { createDoneRecord, createStore } from '../../../support/records';
import { ROOT } from '../../../support/root';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';

/**
 * Three seconds in stereo, made by ffmpeg 7: silence for a second, then 440 Hz on the left and 880 Hz on the right.
 * `aevalsrc='0.5*sin(2*PI*440*t)*gte(t,1)|0.5*sin(2*PI*880*t)*gte(t,1)':s=48000:d=3`, AAC of 32 kbit/s.
 */
const TONE = path.join(ROOT, 'test', 'support', 'films', 'tone.mp4');
const RATE = 48_000;
const CHANNELS = 2;
/** What an encoder works on at once: samples of one channel. */
const FRAME = 1024;
const BUILD_TIMEOUT_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

describe('sound tracks', function () {
  this.timeout(BUILD_TIMEOUT_MS);
  const folder = path.join(ROOT, 'out', 'sound', 'sound');
  let place: string;
  let store: TaskStore;
  let sounds: SoundTracks;
  const log: string[] = [];

  before(async () => {
    await promisify(execFile)(process.execPath, ['esbuild.js', '--outdir=out/sound'], { cwd: ROOT });
  });
  beforeEach(async () => {
    place = await makeTempDir();
    store = createStore(place);
    sounds = new SoundTracks({ store, folder, log: (line) => log.push(line) });
    log.length = 0;
  });
  afterEach(async () => {
    sounds.dispose();
    store.dispose();
    await removeTempDir(place);
  });

  /** A finished task whose copy is this film. */
  async function keep(film: Buffer): Promise<string> {
    const { id } = await store.create(
      createDoneRecord('task1', 'https://example.org/1.mp4', Date.UTC(2100, 0, 1), {
        localCopy: { file: 'task1.mp4', bytes: film.length, at: 1 },
      }),
    );
    const video = store.videoPath(store.get(id)!)!;
    await mkdir(store.videosDirectory, { recursive: true });
    await writeFile(video, film);
    return id;
  }
  const files = async () => (await readdir(store.videosDirectory)).sort();

  it('hold what the film sounds like, from its beginning to its end', async () => {
    const id = await keep(await readFile(TONE));
    const found = await sounds.getSound(id);
    assert.equal(found, path.join(store.videosDirectory, `${id}.sound.wav`), log.join());
    const { channels, rate, left, right } = parseWav(await readFile(found));
    assert.deepEqual({ channels, rate }, { channels: CHANNELS, rate: RATE });
    // The last frame of the encoder is full.
    assert.ok(Math.abs(left.length - 3 * RATE) <= FRAME, `${left.length} samples`);
    const first = left.findIndex((sample) => Math.abs(sample) > 0.05);
    assert.ok(Math.abs(first / RATE - 1) < 0.002, `begins at ${first / RATE} s`);
    assert.ok(Math.abs(measureHz(left.subarray(1.2 * RATE, 2.8 * RATE)) - 440) < 1);
    assert.ok(Math.abs(measureHz(right.subarray(1.2 * RATE, 2.8 * RATE)) - 880) < 1);
  });

  it('are made once, also for two that ask at a time', async () => {
    const id = await keep(await readFile(TONE));
    const [one, other] = await Promise.all([sounds.getSound(id), sounds.getSound(id)]);
    assert.ok(one);
    assert.equal(other, one);
    const before = await stat(one);
    assert.equal(await sounds.getSound(id), one);
    assert.equal((await stat(one)).ino, before.ino);
    assert.deepEqual(await files(), [`${id}.mp4`, `${id}.sound.wav`]);
  });

  it('are made by two windows at a time, harmlessly', async () => {
    const id = await keep(await readFile(TONE));
    const window = new SoundTracks({ store, folder });
    const [one, other] = await Promise.all([sounds.getSound(id), window.getSound(id)]);
    assert.ok(one);
    assert.equal(other, one);
    assert.deepEqual(await files(), [`${id}.mp4`, `${id}.sound.wav`]);
    window.dispose();
  });

  it('are made anew of a copy that was fetched again', async () => {
    const id = await keep(await readFile(TONE));
    const sound = (await sounds.getSound(id))!;
    const { ino } = await stat(sound);
    await utimes(sound, new Date(0), new Date(0));
    assert.equal(await sounds.getSound(id), sound);
    assert.notEqual((await stat(sound)).ino, ino);
  });

  it('are none of a film without a track, without a copy, of a task that is not there', async () => {
    const film = await readFile(TONE);
    const at = film.indexOf('soun', film.indexOf('hdlr', film.indexOf('smhd') - 200), 'latin1');
    const silent = Buffer.from(film);
    silent.write('text', at, 'latin1');
    const id = await keep(silent);
    assert.equal(await sounds.getSound(id), undefined);
    await store.create(createDoneRecord('task2', 'https://example.org/2.mp4', Date.UTC(2100, 0, 1)));
    assert.equal(await sounds.getSound('task2'), undefined);
    assert.equal(await sounds.getSound('nobody'), undefined);
    assert.deepEqual(await files(), [`${id}.mp4`]);
    assert.deepEqual(log, []);
  });

  it('are none of films that are damaged or hostile, and such a film is tried once', async () => {
    const film = await readFile(TONE);
    const random = Buffer.from(film);
    const [data, end] = [film.indexOf('mdat') + 4, film.length];
    for (let at = data; at < end; at++) random[at] = (at * 2_654_435_761) >>> 13;
    const unknown = Buffer.from(film);
    unknown.write('zzzz', film.indexOf('mp4a'), 'latin1');
    unknown.write('free', film.indexOf('esds'), 'latin1');
    const fast = Buffer.from(film);
    // Samples a second, in the sample entry: 16.16 bits.
    fast.writeUInt32BE(0xffff_0000, film.indexOf('mp4a') + 4 + 24);
    const counted = Buffer.from(film);
    // A table that says of 4 billion samples.
    counted.writeUInt32BE(0xffff_ffff, film.lastIndexOf('stsz') + 12);
    for (const [name, hostile] of Object.entries({
      random,
      unknown,
      cut: film.subarray(0, data + 100),
      nothing: Buffer.alloc(10_000),
    })) {
      const id = await keep(hostile);
      assert.equal(await sounds.getSound(id), undefined, name);
      const { length } = log;
      assert.equal(await sounds.getSound(id), undefined, name);
      assert.equal(log.length, length, `${name} is tried twice: ${log.join()}`);
      assert.deepEqual(await files(), [`${id}.mp4`], name);
      await store.remove(id);
    }
    // Whatever comes of what is merely odd, it ends, and is bounded.
    for (const odd of [fast, counted]) {
      const id = await keep(odd);
      const sound = await sounds.getSound(id);
      assert.ok(sound === undefined || (await stat(sound)).size < 4 * RATE * CHANNELS * 2);
      await store.remove(id);
    }
  });

  it('that take too long are given up, and their worker is ended', async () => {
    const hasty = new SoundTracks({ store, folder, timeoutMs: 1, log: (line) => log.push(line) });
    const id = await keep(await readFile(TONE));
    assert.equal(await hasty.getSound(id), undefined);
    assert.match(log.join(), /not done in 1 ms/);
    assert.deepEqual(await files(), [`${id}.mp4`]);
    hasty.dispose();
  });

  it('end with the window', async () => {
    const id = await keep(await readFile(TONE));
    const asked = sounds.getSound(id);
    sounds.dispose();
    assert.equal(await asked, undefined);
    assert.deepEqual(await files(), [`${id}.mp4`]);
  });

  it('without a worker are none, and the reason is in the log', async () => {
    const broken = new SoundTracks({ store, folder: path.join(folder, 'nowhere'), log: (line) => log.push(line) });
    const id = await keep(await readFile(TONE));
    assert.equal(await broken.getSound(id), undefined);
    assert.match(log.join(), /Cannot find module/);
    broken.dispose();
  });

  it('go with the task, also when it is removed while one is made', async () => {
    const first = await keep(await readFile(TONE));
    await sounds.getSound(first);
    await store.remove(first);
    assert.deepEqual(await files(), []);

    store.dispose();
    store = createStore((place = await makeTempDir()));
    sounds = new SoundTracks({ store, folder });
    const id = await keep(await readFile(TONE));
    const asked = sounds.getSound(id);
    await store.remove(id);
    assert.equal(await asked, undefined);
    assert.deepEqual(await files(), []);
  });

  it('go with the copy, whose size they count to', async () => {
    const film = await readFile(TONE);
    const id = await keep(film);
    const sound = (await sounds.getSound(id))!;
    const { size } = await stat(sound);
    assert.ok(size > WAV_HEADER_BYTES);
    const plan = await planCleanUp(store, () => Promise.resolve(false));
    assert.deepEqual(
      plan.only.map(({ bytes }) => bytes),
      [film.length + size],
    );
    assert.equal(await discardLocalCopy(store, id, 'confirmed'), true);
    assert.deepEqual(await files(), []);
    // What a killed window left.
    await writeFile(sound, 'RIFF');
    await deleteOrphans(store, Date.now() + 2 * DAY_MS);
    assert.deepEqual(await files(), []);
  });
});

function parseWav(file: Buffer): { channels: number; rate: number; left: Float64Array; right: Float64Array } {
  assert.equal(file.toString('latin1', 0, 4), 'RIFF');
  assert.equal(file.toString('latin1', 8, 16), 'WAVEfmt ');
  assert.equal(file.readUInt32LE(4), file.length - 8);
  assert.equal(file.readUInt32LE(40), file.length - WAV_HEADER_BYTES);
  const channels = file.readUInt16LE(22);
  const count = (file.length - WAV_HEADER_BYTES) / 2 / channels;
  const channel = (index: number) =>
    Float64Array.from(
      { length: count },
      (_, sample) => file.readInt16LE(WAV_HEADER_BYTES + (sample * channels + index) * 2) / 0x8000,
    );
  return { channels, rate: file.readUInt32LE(24), left: channel(0), right: channel(channels - 1) };
}

/** Half the changes of sign in a second. */
function measureHz(samples: Float64Array): number {
  const changes = samples.reduce(
    (sum, sample, index) => sum + (index > 0 && sample < 0 !== samples[index - 1]! < 0 ? 1 : 0),
    0,
  );
  return changes / 2 / (samples.length / RATE);
}
