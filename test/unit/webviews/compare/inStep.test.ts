import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { InStep, type StepVideo } from '../../../../src/webviews/compare/inStep';

/** A video whose time is moved by the test. Seeks take a turn of the loop, or as long as the test wants. */
class FakeVideo extends EventTarget implements StepVideo {
  paused = true;
  ended = false;
  seeking = false;
  playbackRate = 1;
  muted = true;
  /** Sought to, in turn. */
  readonly seeks: number[] = [];
  refuses: ((video: FakeVideo) => boolean) | undefined;
  holdsSeeks = false;
  #time = 0;
  #seek = 0;

  constructor(readonly duration: number) {
    super();
  }

  get currentTime(): number {
    return this.#time;
  }

  set currentTime(seconds: number) {
    this.seeks.push(seconds);
    this.#time = seconds;
    this.seeking = true;
    this.ended = false;
    const seek = ++this.#seek;
    if (!this.holdsSeeks) {
      void setImmediate().then(() => seek === this.#seek && this.endSeek());
    }
  }

  endSeek(): void {
    this.seeking = false;
    this.dispatchEvent(new Event('seeked'));
  }

  play(): Promise<void> {
    if (this.refuses?.(this)) {
      return Promise.reject(new DOMException('', 'NotAllowedError'));
    }
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  /** Time passes. */
  advance(seconds: number): void {
    if (!this.paused && !this.ended) {
      this.#time = Math.min(this.duration, this.#time + seconds * this.playbackRate);
      this.ended = this.#time >= this.duration;
      this.paused ||= this.ended;
    }
  }
}

describe('a player of several videos', () => {
  let callbacks: (() => void)[];
  let refusals: number;
  let player: InStep;
  let now: number;

  beforeEach(() => {
    callbacks = [];
    refusals = 0;
    now = 0;
    player = new InStep({
      onDidChange: () => undefined,
      onSoundRefused: () => refusals++,
      requestFrame: (callback) => callbacks.push(callback),
      now: () => now,
    });
  });

  async function settled(): Promise<void> {
    for (let turns = 12; turns > 0; turns--) await setImmediate();
  }

  /** Time passes for all, and the page is drawn. */
  async function pass(videos: readonly FakeVideo[], seconds: number, frames = 1): Promise<void> {
    for (let frame = 0; frame < frames; frame++) {
      now += seconds * 1_000;
      videos.forEach((video) => video.advance(seconds));
      callbacks.splice(0).forEach((callback) => callback());
    }
    await settled();
  }

  async function open(...durations: number[]): Promise<FakeVideo[]> {
    const videos = durations.map((duration) => new FakeVideo(duration));
    player.setVideos(videos);
    await settled();
    return videos;
  }

  it('starts and pauses all at one position', async () => {
    const videos = await open(5, 5);
    player.play();
    await settled();
    assert.ok(videos.every(({ paused }) => !paused));
    await pass(videos, 0.1, 10);
    videos[1]!.advance(0.04);
    player.pause();
    await settled();
    assert.ok(videos.every(({ paused }) => paused));
    assert.ok(Math.abs(videos[0]!.currentTime - videos[1]!.currentTime) < 0.001);
    assert.equal(player.isPlaying, false);
  });

  it('waits for all to have sought before it plays on, and takes the newest of several seeks', async () => {
    const videos = await open(5, 5);
    player.play();
    await settled();
    videos[1]!.holdsSeeks = true;
    player.seek(1);
    player.seek(2);
    player.seek(3);
    await settled();
    assert.ok(
      videos.every(({ paused }) => paused),
      'one is still seeking',
    );
    assert.equal(player.position, 3);
    videos[1]!.holdsSeeks = false;
    videos[1]!.endSeek();
    await settled();
    assert.ok(videos.every(({ paused }) => !paused));
    assert.ok(videos.every(({ currentTime }) => Math.abs(currentTime - 3) < 1 / 24));
    assert.ok(videos[1]!.seeks.length <= 3, 'those between are left out');
  });

  it('brings back what has drifted: a little by another speed, much by a seek', async () => {
    const videos = await open(5, 5);
    const [, follower] = videos as [FakeVideo, FakeVideo];
    player.play();
    await settled();
    follower.advance(0.1);
    await pass(videos, 0.016);
    assert.ok(follower.playbackRate < 1);
    await pass(videos, 0.016, 120);
    assert.equal(follower.playbackRate, 1);
    assert.ok(Math.abs(follower.currentTime - videos[0]!.currentTime) < 1 / 24);
    const before = follower.seeks.length;
    follower.advance(0.8);
    await pass(videos, 0.016, 3);
    assert.equal(follower.seeks.length, before + 1);
    assert.equal(videos[0]!.playbackRate, 1, 'the leader is never corrected');
  });

  it('seeks a film that lags again and again no more than once a second', async () => {
    const videos = await open(60, 60);
    const [leader, follower] = videos as [FakeVideo, FakeVideo];
    player.play();
    await settled();
    const before = follower.seeks.length;
    for (let frame = 0; frame < 140; frame++) {
      leader.advance(0.4);
      await pass([leader], 0.016);
    }
    assert.ok(follower.seeks.length - before <= 3, `${follower.seeks.length - before} seeks in 2.2 s`);
  });

  it('lets a shorter film hold its end, and begins anew after the longest', async () => {
    const videos = await open(2, 5);
    const [short, long] = videos as [FakeVideo, FakeVideo];
    player.play();
    await settled();
    await pass(videos, 0.1, 30);
    assert.ok(short.ended && !long.ended);
    assert.equal(player.length, 5);
    await pass(videos, 0.1, 21);
    assert.ok(short.currentTime < 0.5 && long.currentTime < 0.5);
    assert.ok(!short.paused && !long.paused);
    player.toggleLoop();
    await pass(videos, 0.1, 52);
    assert.equal(player.isPlaying, false);
    assert.equal(player.position, 5);
    player.play();
    await settled();
    assert.ok(
      videos.every(({ currentTime }) => currentTime < 0.1),
      'from the end it begins anew',
    );
  });

  it('steps and pauses, one frame of all, also while a seek is on its way', async () => {
    const videos = await open(5, 5);
    player.play();
    await settled();
    player.seek(1);
    player.step(1);
    player.step(1);
    await settled();
    assert.ok(videos.every(({ paused }) => paused));
    assert.deepEqual(
      videos.map(({ currentTime }) => Math.floor(currentTime * 24)),
      [26, 26],
    );
    player.step(-1);
    await settled();
    assert.deepEqual(
      videos.map(({ currentTime }) => Math.floor(currentTime * 24)),
      [25, 25],
    );
  });

  it('lets one be heard at a time, and none where the browser refuses', async () => {
    const videos = await open(5, 5, 5);
    const [one, two, three] = videos as [FakeVideo, FakeVideo, FakeVideo];
    player.audible = two;
    assert.deepEqual([one.muted, two.muted, three.muted], [true, false, true]);
    player.audible = three;
    assert.deepEqual([one.muted, two.muted, three.muted], [true, true, false]);
    videos.forEach((video) => (video.refuses = ({ muted }) => !muted));
    player.play();
    await settled();
    assert.equal(refusals, 1);
    assert.ok(videos.every(({ paused, muted }) => !paused && muted));
  });

  it('goes on when one leaves, and takes in one that comes later at the position of the others', async () => {
    const videos = await open(5, 5);
    player.play();
    await settled();
    await pass(videos, 0.1, 20);
    const late = new FakeVideo(5);
    player.setVideos([videos[0]!, late]);
    await settled();
    assert.ok(videos[1]!.paused, 'who left is silent');
    assert.ok(!videos[0]!.paused && !late.paused);
    assert.ok(Math.abs(late.currentTime - videos[0]!.currentTime) < 1 / 24);
  });

  it('has one speed for all', async () => {
    const videos = await open(5, 5);
    player.setRate(0.5);
    player.play();
    await settled();
    assert.deepEqual(
      videos.map(({ playbackRate }) => playbackRate),
      [0.5, 0.5],
    );
  });

  it('pauses all when something else pauses the leader, such as a key for media', async () => {
    const videos = await open(5, 5);
    player.play();
    await settled();
    await pass(videos, 0.1, 3);
    videos[0]!.pause();
    await pass(videos, 0.016);
    assert.equal(player.isPlaying, false);
    assert.ok(videos.every(({ paused }) => paused));
  });
});
