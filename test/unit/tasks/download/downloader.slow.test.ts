import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { DownloadProgress } from '../../../../src/tasks/download/downloader';
import { isLinkAlive } from '../../../../src/tasks/model/taskCapabilities';
import { DownloadError } from '../../../../src/tasks/model/errors';
import type { TaskErrorKind, TaskRecord, VideoType } from '../../../../src/tasks/model/taskRecord';
import type { Emulator } from '../../../emulator/emulator';
import type { Misfortune } from '../../../emulator/faults';
import { videoOf } from '../../../emulator/video/library';
import { OTHER_VIDEO_TYPES } from '../../../emulator/video/otherTypes';
import { startHarness, startClockedEmulator, type TestHarness } from '../../../support/harness';
import { makeFragmentedMp4, makeMp4 } from '../../../support/mp4';
import { createDoneRecord, HOUR_MS } from '../../../support/records';
import { VirtualClock } from '../../../support/clocks';
import { settled } from '../../../support/recordingFetch';

/** Comes in many pieces, so that there is a middle. */
const BYTES = 400_000;
const MINUTE_MS = 60_000;

/** One task's record and its video. */
interface Made {
  readonly id: string;
  readonly gatewayId: string;
}

describe('download', () => {
  let clock: VirtualClock;
  let emulator: Emulator;
  let harness: TestHarness;
  const harnesses: TestHarness[] = [];

  async function open(name: string, options: Parameters<typeof startHarness>[0] = {}): Promise<TestHarness> {
    const opened = await startHarness({
      emulator,
      clock,
      directory: harness?.directory,
      processes: harness?.processes,
      name,
      seed: harnesses.length + 1,
      ...options,
    });
    harnesses.push(opened);
    return opened;
  }

  /** A task whose video is ready at the service, and of which nothing was fetched so far. */
  async function make(from: TestHarness = harness): Promise<Made> {
    const record = await from.make();
    return { id: record.id, gatewayId: record.gatewayId! };
  }

  const served = async ({ gatewayId }: Made): Promise<Buffer> =>
    Buffer.from(await videoOf(emulator.behaviour, emulator.tasks.need(gatewayId)));
  const copy = (record: TaskRecord, from: TestHarness = harness): Promise<Buffer> =>
    readFile(from.store.videoPath(record) ?? '');
  const inFolder = (from: TestHarness = harness): Promise<string[]> => readdir(from.store.videosDirectory);
  const downloads = ({ gatewayId }: Made): ReturnType<Emulator['ledger']['downloads']> =>
    emulator.ledger.downloads(gatewayId);

  async function isWhole(made: Made, from: TestHarness = harness, type: VideoType = 'mp4'): Promise<void> {
    const record = await from.until(made.id, 'done', 'expired', 'failed');
    assert.equal(record.state, 'done');
    const expected = await served(made);
    assert.ok((await copy(record, from)).equals(expected), 'byte for byte what is served');
    assert.equal(record.localCopy?.bytes, expected.length);
    assert.equal(record.trouble, undefined);
    assert.equal(record.localCopy.type ?? 'mp4', type);
    assert.deepEqual(await inFolder(from), [`${made.id}.${type}`], 'and nothing beside it');
  }

  beforeEach(async () => {
    clock = new VirtualClock(settled);
    emulator = await startClockedEmulator(clock, { video: makeMp4(BYTES), durations: 10_000 });
    harness = await startHarness({ emulator, clock });
    harnesses.push(harness);
  });

  afterEach(async () => {
    for (const opened of harnesses.splice(0).reverse()) {
      await opened.end();
    }
    await emulator.close();
  });

  it('fetches what is done, once, by itself', async () => {
    const made = await make();
    await isWhole(made);
    await clock.pass(10 * MINUTE_MS);
    assert.equal(downloads(made).length, 1);
    assert.equal(clock.timers, 0, 'and rests then');
  });

  describe('what is no MP4', () => {
    for (const type of OTHER_VIDEO_TYPES) {
      it(`is kept as what it is, whatever the server calls it: ${type}`, async () => {
        emulator.behaviour.video = type;
        const made = await make();
        await isWhole(made, harness, type);
        assert.equal(downloads(made).length, 1);
        const record = harness.get(made.id);
        assert.equal(record.localCopy?.file, `${made.id}.mp4`, 'earlier versions take no other name');
        const next = await harness.reopen();
        harnesses.push(next);
        assert.equal(await next.downloader.ensureCopy(made.id), next.store.videoPath(record));
      });
    }

    it('goes on from where it was, and its type is known by what is here already', async () => {
      emulator.behaviour.video = 'webm';
      emulator.faults.add({ kind: 'resetMidBody', atByte: 30_000, match: { route: 'file' } });
      const made = await make();
      await clock.until(() => harness.get(made.id).trouble !== undefined);
      const next = await harness.reopen();
      harnesses.push(next);
      await isWhole(made, next, 'webm');
      assert.equal(downloads(made)[1]?.outcome.status, 206);
    });

    it('is found where a window died between the file and the record', async () => {
      emulator.behaviour.video = 'gif';
      const made = await make();
      await isWhole(made, harness, 'gif');
      await harness.store.update(made.id, (record) => ({ ...record, localCopy: undefined }));
      await isWhole(made, harness, 'gif');
      assert.equal(downloads(made).length, 1, 'it was not fetched again');
    });

    it('is not taken when it is cut, whatever its sender says', async () => {
      emulator.behaviour.video = 'webm';
      emulator.faults.add({ kind: 'fileTruncated', times: 2 });
      const made = await make();
      await isWhole(made, harness, 'webm');
      assert.equal(downloads(made).length, 3);
    });

    it('goes with its task', async () => {
      emulator.behaviour.video = 'webm';
      const made = await make();
      await isWhole(made, harness, 'webm');
      await harness.run(harness.store.remove(made.id));
      assert.deepEqual(await inFolder(), []);
    });
  });

  it('asks without the key, and for the bytes as they are', async () => {
    const made = await make();
    await isWhole(made);
    const { headers, method } = downloads(made)[0]!;
    assert.equal(method, 'GET');
    assert.equal(headers['authorization'], undefined);
    assert.equal(headers['cookie'], undefined);
    assert.equal(headers['accept-encoding'], 'identity');
    assert.deepEqual(emulator.ledger.leaks(), []);
  });

  it('fetches what was done while nobody looked, the most urgent first, two at a time', async () => {
    const urgency = [30, 2, 47, 11, 5];
    const made: Made[] = [];
    while (made.length < urgency.length) {
      made.push(await make());
    }
    harness.close();
    await clock.settle();
    clock.freeze(MINUTE_MS);
    // The records of an earlier session, in the order in which they were made.
    const writer = await open('writer', { credentials: harness.credentials });
    for (const [n, hours] of urgency.entries()) {
      const { id, gatewayId } = made[n]!;
      const url = emulator.filesUrl + emulator.world.filePath(emulator.tasks.need(gatewayId));
      await writer.store.update(id, (record) => ({
        ...record,
        state: 'done',
        result: { url, expiresAt: clock.now() + hours * HOUR_MS },
      }));
    }
    for (const { id } of made) {
      await writer.until(id, 'done');
    }
    const order = emulator.ledger
      .downloads()
      .map(({ taskId }) => urgency[made.findIndex(({ gatewayId }) => gatewayId === taskId)]!);
    assert.equal(order.length, 5);
    // Two that are under way together may come to the server in either order: at most one that is more urgent comes later.
    for (const [n, hours] of order.entries()) {
      assert.ok(order.slice(n + 1).filter((later) => later < hours).length <= 1, order.join(', '));
    }
  });

  describe('when the file is not there, or not it', () => {
    const faults: [Misfortune, TaskErrorKind][] = [
      [{ kind: 'resetBeforeRead' }, 'no-answer'],
      [{ kind: 'resetAfterRead' }, 'no-answer'],
      [{ kind: 'resetMidBody' }, 'no-answer'],
      [{ kind: 'cutBody' }, 'no-answer'],
      [{ kind: 'fileShort', bytes: 1_000 }, 'no-answer'],
      [{ kind: 'fileTruncated' }, 'not-a-video'],
      [{ kind: 'fileTruncated', bytes: 10 }, 'not-a-video'],
      [{ kind: 'fileEmpty' }, 'not-a-video'],
      [{ kind: 'fileXml' }, 'not-a-video'],
      [{ kind: 'fileHtml' }, 'not-a-video'],
      [{ kind: 'emptyBody' }, 'not-a-video'],
      [{ kind: 'notYet' }, 'link-expired'],
      [{ kind: 'expiredLink' }, 'link-expired'],
      [{ kind: 'httpError', status: 404, body: 'empty' }, 'link-expired'],
      [{ kind: 'httpError', status: 410 }, 'link-expired'],
      [{ kind: 'httpError', status: 401 }, 'internal'],
      [{ kind: 'httpError', status: 500 }, 'internal'],
      [{ kind: 'httpError', status: 503, retryAfter: 5 }, 'internal'],
      [{ kind: 'rateLimit', retryAfter: 3 }, 'internal'],
      [{ kind: 'redirect', status: 302, to: 'foreign' }, 'redirected'],
      [{ kind: 'redirect', status: 302, to: 'file:///etc/passwd' }, 'redirected'],
      [{ kind: 'redirect', status: 301, to: 'javascript:alert(1)' }, 'redirected'],
    ];
    for (const [fault, kind] of faults) {
      it(`tells ${kind}, tries again and gets it whole: ${JSON.stringify(fault)}`, async () => {
        emulator.faults.add({ ...fault, match: { route: 'file' }, times: 2 });
        const seen = new Set<TaskErrorKind | undefined>();
        harness.store.onDidChange((changes) => changes.forEach(({ after }) => seen.add(after?.trouble?.kind)));
        const made = await make();
        await isWhole(made);
        assert.ok(seen.has(kind), [...seen].join());
        assert.equal(downloads(made).length, 3);
      });
    }

    it('gives up a connection that is silent, and tries again', async () => {
      emulator.faults.add({ kind: 'hang', match: { route: 'file' } });
      const made = await make();
      await isWhole(made);
      assert.equal(downloads(made).length, 2);
    });

    it('stops what is no film at its beginning, however long it would go on', async function () {
      this.timeout(10_000);
      emulator.faults.add({ kind: 'hugeBody', match: { route: 'file' } });
      let most = 0;
      harness.downloader.onDidProgress(({ received }) => {
        most = Math.max(most, received);
      });
      const made = await make();
      await isWhole(made);
      assert.ok(most < 10_000_000, `${most} bytes of nothing were stored`);
    });

    it('keeps nothing that is wrong, and goes on trying with longer and longer pauses', async () => {
      emulator.faults.add({ kind: 'fileHtml', times: 'always' });
      const made = await make();
      await clock.pass(HOUR_MS);
      assert.equal(harness.get(made.id).state, 'done');
      assert.equal(harness.get(made.id).localCopy, undefined);
      assert.equal(harness.get(made.id).trouble?.kind, 'not-a-video');
      assert.deepEqual(await inFolder(), []);
      const times = downloads(made).map(({ at }) => at);
      assert.ok(times.length > 8 && times.length < 40, `${times.length} tries in an hour`);
      emulator.faults.clear();
      await isWhole(made);
    });
  });

  describe('goes on from where it was', () => {
    const range = (entry: { headers: Record<string, unknown> } | undefined): unknown => entry?.headers['range'];
    /** Where a request begins. A reset may overtake the bytes before it, so this is not known beforehand. */
    const start = (entry: { headers: Record<string, unknown> } | undefined): number =>
      Number(/^bytes=(\d+)-$/.exec(String(range(entry)))?.[1] ?? 0);

    it('after a reset, with the proof that it is the same file', async () => {
      emulator.faults.add({ kind: 'resetMidBody', atByte: 150_000, match: { route: 'file' } });
      const made = await make();
      await isWhole(made);
      const [, second] = downloads(made);
      assert.ok(start(second) > 0 && start(second) <= 150_000, String(range(second)));
      assert.match(String(second?.headers['if-range']), /^"[0-9a-f]{32}"$/);
      assert.equal(second?.outcome.status, 206);
    });

    it('several times over', async () => {
      emulator.faults.add({ kind: 'resetMidBody', atByte: 50_000, match: { route: 'file' }, times: 4 });
      const made = await make();
      await isWhole(made);
      const starts = downloads(made).map(start);
      assert.equal(starts.length, 5);
      assert.deepEqual(
        starts,
        starts.toSorted((a, b) => a - b),
      );
      assert.ok(starts.at(-1)! > 0, starts.join());
    });

    it('in another window, after the first has ended', async () => {
      emulator.faults.add({ kind: 'resetMidBody', atByte: 150_000, match: { route: 'file' } });
      const made = await make();
      await clock.until(() => harness.get(made.id).trouble !== undefined);
      const next = await harness.reopen();
      harnesses.push(next);
      await isWhole(made, next);
      assert.ok(start(downloads(made)[1]) > 0);
    });

    it('from the beginning, when the file has changed', async () => {
      emulator.faults.add({ kind: 'resetMidBody', match: { route: 'file' } });
      emulator.faults.add({ kind: 'fileChanged' });
      const made = await make();
      await isWhole(made);
      const [, second] = downloads(made);
      assert.equal(second?.outcome.status, 200, 'If-Range made it so');
    });

    it('from the beginning, where the server knows no ranges', async () => {
      emulator.faults.add({ kind: 'resetMidBody', match: { route: 'file' } });
      emulator.faults.add({ kind: 'fileNoRange' });
      const made = await make();
      await isWhole(made);
      assert.equal(downloads(made).length, 2);
    });

    it('from the beginning, when the part is longer than the file', async () => {
      const made = await make();
      await prepare(made, Buffer.alloc(BYTES * 2, 0x41), { etag: '"old"' });
      await isWhole(made);
      assert.deepEqual(
        downloads(made).map(({ outcome }) => outcome.status),
        [200],
      );
    });

    it('from the beginning, when nothing proves whose part it is', async () => {
      for (const facts of [undefined, '', '{"etag":', '[]', '{"etag":7}']) {
        const made = await make();
        await prepare(made, Buffer.alloc(1_000, 0x41), facts);
        await harness.until(made.id, 'done');
        assert.ok((await copy(harness.get(made.id))).equals(await served(made)));
        assert.equal(range(downloads(made)[0]), undefined, String(facts));
      }
    });

    it('from the beginning, when the machine was started anew', async () => {
      const made = await make();
      const bootedAt = clock.now() - clock.uptime() - MINUTE_MS;
      const whole = await served(made);
      await prepare(made, Buffer.alloc(whole.length), { total: whole.length, bootedAt });
      await isWhole(made);
      assert.equal(range(downloads(made)[0]), undefined);
    });

    it('without a request, when all of it was here', async () => {
      const made = await make();
      const whole = await served(made);
      await prepare(made, whole, { total: whole.length });
      await isWhole(made);
      assert.equal(downloads(made).length, 0);
    });

    it('without a request, when it was renamed and not yet written down', async () => {
      const made = await make();
      await writeFile(join(harness.store.videosDirectory, `${made.id}.mp4`), await served(made));
      await isWhole(made);
      assert.equal(downloads(made).length, 0);
    });

    it('and sweeps up after a window that died between the renaming of the part and the end of its facts', async () => {
      const made = await make();
      await writeFile(join(harness.store.videosDirectory, `${made.id}.mp4`), await served(made));
      await writeFile(join(harness.store.videosDirectory, `${made.id}.earlier.part.json`), '{}');
      await isWhole(made);
    });

    it('with a new one, when what lies there under its name is cut', async () => {
      const made = await make();
      await writeFile(join(harness.store.videosDirectory, `${made.id}.mp4`), (await served(made)).subarray(0, 9_000));
      await isWhole(made);
      assert.equal(downloads(made).length, 1);
    });

    /** As an earlier session of this machine left it. */
    async function prepare({ id }: Made, bytes: Buffer, facts: object | string | undefined): Promise<void> {
      const part = join(harness.store.videosDirectory, `${id}.earlier.part`);
      await writeFile(part, bytes);
      if (facts !== undefined) {
        const bootedAt = clock.now() - clock.uptime();
        await writeFile(`${part}.json`, typeof facts === 'string' ? facts : JSON.stringify({ bootedAt, ...facts }));
      }
    }
  });

  describe('on a server of its own kind', () => {
    let server: Server;
    let url: string;
    let handle: RequestListener;
    const asked: (string | undefined)[] = [];
    const film = Buffer.from(makeMp4(BYTES));

    beforeEach(async () => {
      asked.length = 0;
      server = createServer((req, res) => {
        asked.push(req.headers.range);
        handle(req, res);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.mp4`;
    });

    afterEach(
      () =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    );

    /** Ends as HTTP/1.0 did: by closing the connection, which a broken line does as well. */
    function closeAfter(res: ServerResponse, bytes: Buffer): void {
      res.socket?.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'), bytes]));
    }

    async function fetched(): Promise<Buffer> {
      const record = await harness.store.create(
        createDoneRecord(harness.store.newId(clock.now()), url, clock.now() + 40 * HOUR_MS),
      );
      return copy(await harness.until(record.id, 'done'));
    }

    it('leaves it alone for as long as it asks, and asks in time before the link dies', async () => {
      const times: number[] = [];
      handle = (_req, res) => {
        times.push(clock.now());
        if (times.length < 4) {
          res.writeHead(503, { 'Retry-After': '1800' }).end();
        } else {
          res.end(film);
        }
      };
      const begun = clock.now();
      const record = await harness.store.create(createDoneRecord(harness.store.newId(begun), url, begun + HOUR_MS));
      await clock.pass(58 * 60_000);
      assert.ok((await copy(harness.get(record.id))).equals(film));
      const [first = 0, second = 0, third = 0, fourth = 0] = times.map((time) => (time - begun) / 60_000);
      assert.ok(first < 1 && second >= 29.9 && second < 31, `asked again after ${second} minutes, not 30`);
      assert.ok(third - second > 14 && third < 47, `half of its life later, not at ${third}`);
      assert.ok(fourth < 55, `the last time at ${fourth}`);
      assert.equal(times.length, 4);
    });

    it('takes a film whose length is not announced', async () => {
      handle = (_req, res) => {
        res.write(film.subarray(0, 1_000));
        res.end(film.subarray(1_000));
      };
      assert.ok((await fetched()).equals(film));
    });

    describe('joins no two versions of a video', () => {
      const other = Buffer.from(film).fill(7, film.length / 2);
      const validators: Record<string, Record<string, string>> = {
        'nothing tells apart': {},
        'a date tells apart': { 'last-modified': 'Wed, 20 May 2026 10:00:00 GMT' },
        'a weak ETag tells apart': { etag: 'W/"x"' },
        'an ETag without quotes tells apart': { etag: 'x' },
        'a weak ETag and a date tell apart': { etag: 'W/"x"', 'last-modified': 'Wed, 20 May 2026 10:00:00 GMT' },
      };
      for (const [name, validator] of Object.entries(validators)) {
        it(`that ${name}`, async () => {
          // It gives ranges of whatever it has now, and what it has now is another version, as long as the first.
          handle = (req, res) => {
            const from = Number(/\d+/.exec(req.headers.range ?? '')?.[0] ?? 0);
            const isFirst = asked.length === 1;
            res.writeHead(from > 0 ? 206 : 200, {
              ...validator,
              'content-length': film.length - from,
              ...(from > 0 ? { 'content-range': `bytes ${from}-${film.length - 1}/${film.length}` } : {}),
            });
            if (isFirst) {
              res.write(film.subarray(0, 100_000), () => setTimeout(() => res.destroy(), 20));
            } else {
              res.end(other.subarray(from));
            }
          };
          assert.ok((await fetched()).equals(other), 'all of it is the second version');
          assert.deepEqual(asked, [undefined, undefined], 'it began anew');
        });
      }
    });

    describe('without a length', () => {
      it('takes a video that says by its tables that it is whole, at once', async () => {
        const { tasks, behaviour } = emulator;
        const task = tasks.need((await make()).gatewayId);
        const real = Buffer.from(await videoOf({ ...behaviour, video: 'tiny' }, task));
        handle = (_req, res) => closeAfter(res, real);
        assert.ok((await fetched()).equals(real));
      });

      it('takes one that says nothing when it ends in the same place twice', async () => {
        handle = (_req, res) => closeAfter(res, film);
        assert.ok((await fetched()).equals(film));
        assert.equal(asked.length, 2);
      });

      it('takes none that ends somewhere else each time', async () => {
        const whole = Buffer.from(makeFragmentedMp4(20));
        handle = (_req, res) => closeAfter(res, Buffer.from(makeFragmentedMp4(Math.min(20, 4 + asked.length * 4))));
        assert.ok((await fetched()).equals(whole));
        assert.equal(asked.length, 5, 'tried until two attempts ended in the same place');
      });
    });

    for (const [name, encode] of Object.entries({ gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync })) {
      it(`takes one that comes as ${name}, though it was asked for as it is`, async () => {
        handle = (_req, res) => {
          const encoded = encode(film);
          res.writeHead(200, { 'content-encoding': name, 'content-length': encoded.length, etag: '"x"' }).end(encoded);
        };
        assert.ok((await fetched()).equals(film));
      });
    }

    it('goes on after a part that it did not ask for', async () => {
      handle = (req, res) => {
        const from = Number(/\d+/.exec(req.headers.range ?? '')?.[0] ?? 0);
        const end = Math.min(from + 150_000, film.length);
        res.writeHead(206, {
          etag: '"x"',
          'content-length': end - from,
          'content-range': `bytes ${from}-${end - 1}/${film.length}`,
        });
        res.end(film.subarray(from, end));
      };
      assert.ok((await fetched()).equals(film));
      assert.equal(asked[0], undefined);
      assert.ok(asked.length >= 3, 'piece after piece');
    });

    it('takes one that gives only so much at a time', async () => {
      handle = (req, res) => {
        const from = Number(/\d+/.exec(req.headers.range ?? '')?.[0] ?? 0);
        if (from === 0) {
          res.writeHead(200, { etag: '"x"', 'content-length': film.length });
          res.write(film.subarray(0, 100_000), () => setTimeout(() => res.destroy(), 20));
          return;
        }
        const end = Math.min(from + 100_000, film.length);
        res.writeHead(206, {
          etag: '"x"',
          'content-length': end - from,
          'content-range': `bytes ${from}-${end - 1}/${film.length}`,
        });
        res.end(film.subarray(from, end));
      };
      assert.ok((await fetched()).equals(film));
      assert.ok(asked.filter((range) => range !== undefined).length >= 3, 'piece after piece');
    });

    it('does not believe a 206 that begins elsewhere', async () => {
      handle = (req, res) => {
        if (req.headers.range === undefined) {
          res.writeHead(200, { etag: '"x"', 'content-length': film.length });
          if (asked.length === 1) {
            res.write(film.subarray(0, 100_000), () => setTimeout(() => res.destroy(), 20));
          } else {
            res.end(film);
          }
          return;
        }
        res.writeHead(206, {
          etag: '"x"',
          'content-length': film.length - 5,
          'content-range': `bytes 5-${film.length - 1}/${film.length}`,
        });
        res.end(film.subarray(5));
      };
      assert.ok((await fetched()).equals(film));
    });

    it('sends a user and a password in the link as a browser does, also after a redirect', async () => {
      const expected = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
      handle = (req, res) => {
        if (req.headers.authorization !== expected) {
          res.writeHead(401).end();
        } else if (req.url === '/x.mp4') {
          res.writeHead(302, { location: '/y.mp4' }).end();
        } else {
          res.end(film);
        }
      };
      url = url.replace('http://', 'http://me:p%40ss@');
      assert.ok((await fetched()).equals(film));
      assert.ok(!harness.log.some((line) => line.includes('p%40ss') || line.includes('p@ss')));
    });

    it('follows redirects on its own origin, and not for ever', async () => {
      handle = (req, res) => {
        const hops = Number(new URL(req.url ?? '', url).searchParams.get('hops') ?? 0);
        if (asked.length <= 25 || hops < 3) {
          res.writeHead(302, { location: `/x.mp4?hops=${hops + 1}` }).end();
        } else {
          res.end(film);
        }
      };
      assert.ok((await fetched()).equals(film));
      assert.ok(asked.length > 21, 'the first try went round in a circle');
    });
  });

  describe('with others in the way', () => {
    let server: Server;
    let origin: string;
    /** Paths asked for, and when, on the clock of the test. */
    const asked: { path: string; at: number }[] = [];
    const film = Buffer.from(makeMp4(BYTES));
    const SILENT = -1;
    /** Bytes a second that a path is served with; 0 is an error; a path that is not in here is not found. */
    const speeds = new Map<string, number>();

    beforeEach(async () => {
      asked.length = 0;
      speeds.clear();
      server = createServer((req, res) => {
        const path = req.url ?? '';
        asked.push({ path, at: clock.now() });
        const speed = speeds.get(path);
        if (speed === SILENT) {
          return;
        }
        if (speed === undefined || speed === 0) {
          res.writeHead(speed === 0 ? 503 : 404).end();
          return;
        }
        const from = Number(/\d+/.exec(req.headers.range ?? '')?.[0] ?? 0);
        res.writeHead(from > 0 ? 206 : 200, {
          etag: '"x"',
          'content-length': film.length - from,
          ...(from > 0 ? { 'content-range': `bytes ${from}-${film.length - 1}/${film.length}` } : {}),
        });
        drip(res, from, speed);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    afterEach(
      () =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    );

    /** Serves the rest of the film in pieces of ten seconds, on the clock of the test. */
    function drip(res: ServerResponse, from: number, speed: number): void {
      if (res.destroyed) {
        return;
      }
      const end = Math.min(film.length, from + speed * 10);
      res.write(film.subarray(from, end));
      if (end === film.length) {
        res.end();
      } else {
        clock.setTimeout(() => drip(res, end, speed), 10_000);
      }
    }

    async function add(path: string, lifeMs: number, from: TestHarness = harness): Promise<string> {
      const now = clock.now();
      const id = from.store.newId(now);
      await from.store.create(createDoneRecord(id, `${origin}/${path}`, now + lifeMs));
      return id;
    }

    it('fetches a fresh video at once, however many dead links expire before it', async () => {
      for (let n = 0; n < 30; n++) {
        speeds.set(`/dead${n}`, SILENT);
        await add(`dead${n}`, HOUR_MS * (1 + n / 30));
      }
      await clock.pass(20 * MINUTE_MS);
      speeds.set('/fresh', BYTES);
      const begun = clock.now();
      const id = await add('fresh', 48 * HOUR_MS);
      await harness.until(id, 'done');
      await clock.until(() => harness.get(id).localCopy !== undefined, 'the copy', 2 * MINUTE_MS);
      assert.ok(clock.now() - begun < 2 * MINUTE_MS, 'it did not wait for them');
    });

    it('fetches what was never tried before what failed, in another window too, and what has expired last', async () => {
      const lives = { '/expired': -HOUR_MS, '/failed': 3 * HOUR_MS, '/failed too': 4 * HOUR_MS };
      for (const [path, life] of Object.entries(lives)) {
        speeds.set(path.replace(' ', '%20'), 0);
        await add(path.slice(1), life);
      }
      await clock.pass(MINUTE_MS);
      harness.close();
      await clock.settle();
      const writer = await open('writer', { credentials: harness.credentials });
      for (let n = 0; n < 4; n++) {
        await add('new', 40 * HOUR_MS, writer);
      }
      asked.length = 0;
      for (const path of [...speeds.keys(), '/new']) {
        speeds.set(path, BYTES);
      }
      await clock.until(() => writer.store.list().every(({ localCopy }) => localCopy), 'all copies', HOUR_MS);
      const order = asked.map(({ path }) => path);
      assert.ok(order.lastIndexOf('/new') < order.indexOf('/expired'), order.join(', '));
      assert.ok(order.indexOf('/new') < order.indexOf('/failed'), order.join(', '));
      assert.equal(order.at(-1), '/expired', order.join(', '));
    });

    it('gives a link that dies soon a slot beside two that drip', async () => {
      speeds.set('/drip', 20);
      speeds.set('/urgent', BYTES);
      await add('drip', 40 * HOUR_MS);
      await add('drip', 40 * HOUR_MS);
      await clock.until(() => asked.length === 2, 'both under way', MINUTE_MS);
      const id = await add('urgent', 30 * MINUTE_MS);
      await clock.until(() => harness.get(id).localCopy !== undefined, 'the copy', MINUTE_MS);
    });

    it('lets two that drip make room for one that waits', async () => {
      speeds.set('/drip', 20);
      speeds.set('/quick', BYTES);
      await add('drip', 10 * HOUR_MS);
      await add('drip', 10 * HOUR_MS);
      await clock.until(() => asked.length === 2, 'both under way', MINUTE_MS);
      const id = await add('quick', 40 * HOUR_MS);
      await clock.until(() => harness.get(id).localCopy !== undefined, 'the copy', 3 * MINUTE_MS);
    });

    it('gets all of them on a line on which all are slow', async () => {
      speeds.set('/slow', 500);
      const ids: string[] = [];
      for (let n = 0; n < 6; n++) {
        ids.push(await add('slow', 40 * HOUR_MS));
      }
      await clock.until(() => ids.every((id) => harness.get(id).localCopy), 'all copies', 4 * HOUR_MS);
    });
  });

  describe('when the link dies', () => {
    it('says so, keeps nothing, and asks no more', async () => {
      const made = await make();
      emulator.faults.add({ kind: 'httpError', status: 503, match: { route: 'file' }, times: 'always' });
      await clock.until(() => harness.get(made.id).state === 'done');
      harness.close();
      await clock.settle();
      clock.freeze(49 * HOUR_MS);
      emulator.faults.clear();
      const next = await harness.reopen();
      harnesses.push(next);
      const record = await next.until(made.id, 'expired');
      assert.equal(record.error?.kind, 'link-expired');
      assert.equal(record.localCopy, undefined);
      assert.deepEqual(await inFolder(next), []);
      const asked = downloads(made).length;
      await clock.pass(5 * HOUR_MS);
      assert.equal(downloads(made).length, asked);
      await assert.rejects(
        next.run(next.downloader.ensureCopy(made.id)),
        (error: DownloadError) => error.kind === 'link-expired',
      );
    });

    it('asks for another one, also hours later, and needs a handful of requests for it', async () => {
      emulator.behaviour.oneLinkLifeMs = MINUTE_MS;
      const made = await make();
      // The line breaks down for hours, and each link lives for a minute.
      emulator.faults.add({ kind: 'httpError', status: 503, match: { route: 'file' }, times: 'always' });
      await clock.until(() => downloads(made).length === 3);
      harness.close();
      await clock.settle();
      clock.freeze(7 * HOUR_MS);
      emulator.faults.clear();
      const before = { files: downloads(made).length, results: emulator.ledger.results(made.gatewayId).length };
      const next = await harness.reopen();
      harnesses.push(next);
      await isWhole(made, next);
      assert.ok(downloads(made).length - before.files <= 3, `${downloads(made).length - before.files} requests`);
      assert.equal(emulator.ledger.results(made.gatewayId).length - before.results, 1);
    });

    it('goes on ever more rarely when the service names no other one, and promises no hours', async () => {
      emulator.faults.add({ kind: 'expiredLink', times: 'always' });
      const made = await make();
      await clock.until(() => harness.get(made.id).trouble !== undefined);
      assert.equal(isLinkAlive(harness.get(made.id), clock.now()), false);
      await clock.pass(40 * HOUR_MS);
      const tries = downloads(made).length;
      assert.ok(tries > 40 && tries < 70, `${tries} requests in 40 hours`);
      const asked = emulator.ledger.results(made.gatewayId).length;
      assert.ok(asked <= tries + 5, `${asked} questions`);
      assert.equal(harness.get(made.id).state, 'done', 'which is not believed before its time');
      emulator.faults.clear();
      await isWhole(made);
    });

    describe('with a page in place of the video', () => {
      const results = ({ gatewayId }: Made) => emulator.ledger.results(gatewayId).length;
      const isThereInTime = ({ id }: Made, from: TestHarness = harness) =>
        clock.until(
          () => from.get(id).localCopy !== undefined,
          'the copy, before the link dies',
          from.get(id).result!.expiresAt - clock.now(),
        );
      const pages: Misfortune[] = [
        { kind: 'fileHtml' },
        { kind: 'fileXml' },
        { kind: 'filePage', type: 'application/json', text: '{"error":{"message":"not ready"}}' },
        // Longer than what is looked at, and told to be a video.
        { kind: 'filePage', type: 'video/mp4', text: 'Service temporarily unavailable. '.repeat(30_000) },
        { kind: 'filePage', type: 'image/png', text: '\x89PNG\r\n\x1a\n'.padEnd(9_000, '.') },
        { kind: 'fileEmpty' },
      ];
      for (const page of pages) {
        it(`tells it once, asks once for another link and tries ever more rarely: ${JSON.stringify(page).slice(0, 80)}`, async () => {
          emulator.faults.add({ ...page, times: 'always' });
          const made = await make();
          let told = 0;
          harness.store.onDidChange((changes) =>
            changes.forEach(({ before, after }) => {
              told += after?.trouble && before?.trouble?.message !== after.trouble.message ? 1 : 0;
            }),
          );
          await clock.until(() => harness.get(made.id).trouble !== undefined);
          const asked = results(made);
          await clock.pass(40 * HOUR_MS);
          const tries = downloads(made).length;
          assert.ok(tries > 10 && tries < 25, `${tries} requests in 40 hours`);
          assert.equal(results(made), asked, 'no question after the first');
          assert.equal(told, 1);
          assert.deepEqual(await inFolder(), []);
          const { state, trouble } = harness.get(made.id);
          assert.deepEqual([state, trouble?.kind], ['done', 'not-a-video']);
          emulator.faults.clear();
          await isThereInTime(made);
          await isWhole(made);
        });
      }

      it('reads only the beginning of it', async () => {
        emulator.faults.add({ kind: 'filePage', text: '<html>'.padEnd(30_000_000, ' '), times: 3 });
        let most = 0;
        const made = await make();
        harness.downloader.onDidProgress(({ total, received }) => {
          most = Math.max(most, total === BYTES ? 0 : received);
        });
        await isWhole(made);
        assert.ok(most < 1_000_000, `${most} bytes of a page`);
      });

      it('keeps the beginning of its text, without links, for a report', async () => {
        emulator.faults.add({
          kind: 'filePage',
          text: '<Error><Code>SlowDown</Code><Url>https://files.example/secret/v.mp4?sig=abcdef</Url></Error>',
          times: 'always',
        });
        const made = await make();
        await clock.until(() => harness.get(made.id).lastAnswer !== undefined);
        const { text } = harness.get(made.id).lastAnswer!;
        assert.match(text, /SlowDown[^]*files\.example/);
        assert.doesNotMatch(text, /secret|abcdef/);
      });

      it('outlasts one that stands there until shortly before the link dies', async () => {
        emulator.faults.add({ kind: 'fileHtml', times: 'always' });
        const made = await make();
        await clock.until(() => harness.get(made.id).result !== undefined);
        await clock.pass(harness.get(made.id).result!.expiresAt - clock.now() - 2 * HOUR_MS);
        emulator.faults.clear();
        await isThereInTime(made);
        await isWhole(made);
      });

      it('takes another link that the service names by then', async () => {
        emulator.behaviour.oneLinkLifeMs = MINUTE_MS / 60;
        emulator.faults.add({ kind: 'fileHtml', times: 1 });
        const made = await make();
        await isWhole(made);
        const urls = new Set(downloads(made).map(({ path }) => path));
        // On a busy machine the second one may have died, too, before it was followed.
        assert.ok(urls.size > 1, [...urls].join());
      });

      it('does not begin anew when VS Code is restarted', async () => {
        emulator.faults.add({ kind: 'fileHtml', times: 'always' });
        const made = await make();
        await clock.until(() => harness.get(made.id).trouble !== undefined);
        await clock.pass(20 * HOUR_MS);
        const before = { files: downloads(made).length, results: results(made) };
        const next = await harness.reopen();
        harnesses.push(next);
        await clock.pass(HOUR_MS);
        assert.equal(downloads(made).length - before.files, 1);
        assert.equal(results(made), before.results);
        emulator.faults.clear();
        await isThereInTime(made, next);
        await isWhole(made, next);
      });
    });

    it('asks nobody without the key of the task', async () => {
      emulator.faults.add({ kind: 'expiredLink', times: 'always' });
      const made = await make();
      await clock.until(() => harness.get(made.id).state === 'done');
      harness.credentials.set(undefined);
      await clock.settle();
      const asked = emulator.ledger.results(made.gatewayId).length;
      await clock.pass(HOUR_MS);
      assert.ok(downloads(made).length > 5);
      assert.equal(emulator.ledger.results(made.gatewayId).length, asked);
    });

    it('does not believe it before its time', async () => {
      emulator.faults.add({ kind: 'expiredLink', times: 9 });
      const made = await make();
      await isWhole(made);
    });

    it('does not believe a single answer, when the clock is wrong', async () => {
      emulator.faults.add({ kind: 'expiredLink', times: 2 });
      const made = await make();
      await clock.until(() => harness.get(made.id).state === 'done');
      clock.jump(1_000 * HOUR_MS);
      emulator.advance(-1_000 * HOUR_MS);
      await isWhole(made);
    });
  });

  describe('by hand', () => {
    it('gives the copy that is here, at once', async () => {
      const made = await make();
      await isWhole(made);
      assert.equal(await harness.downloader.ensureCopy(made.id), join(harness.store.videosDirectory, `${made.id}.mp4`));
      assert.equal(downloads(made).length, 1);
    });

    it('fetches now what would have waited', async () => {
      emulator.faults.add({ kind: 'httpError', status: 503, match: { route: 'file' }, times: 6 });
      const made = await make();
      await clock.until(() => downloads(made).length >= 6);
      const before = clock.monotonic();
      const path = await harness.run(harness.downloader.ensureCopy(made.id));
      assert.ok((await readFile(path)).equals(await served(made)));
      assert.ok(clock.monotonic() - before < 1_000);
    });

    it('tells why it could not', async () => {
      emulator.faults.add({ kind: 'fileHtml', times: 'always' });
      const made = await make();
      await clock.until(() => harness.get(made.id).trouble !== undefined);
      await assert.rejects(
        harness.run(harness.downloader.ensureCopy(made.id)),
        (error: DownloadError) => error.kind === 'not-a-video',
      );
    });

    it('fetches a deleted copy again', async () => {
      const made = await make();
      await isWhole(made);
      await unlink(harness.store.videoPath(harness.get(made.id))!);
      const path = await harness.run(harness.downloader.ensureCopy(made.id));
      assert.ok((await readFile(path)).equals(await served(made)));
      await isWhole(made);
    });

    it('knows nothing of what is not done, or not there', async () => {
      const made = await make();
      await assert.rejects(
        harness.downloader.ensureCopy(made.id),
        (error: DownloadError) => error.kind === 'not-found',
      );
      await assert.rejects(harness.downloader.ensureCopy('nothing'), { kind: 'gone' });
    });

    it('ends when it is no longer wanted', async () => {
      emulator.faults.add({ kind: 'hang', match: { route: 'file' }, times: 'always' });
      const made = await make();
      await clock.until(() => downloads(made).length > 0);
      const abort = new AbortController();
      const asked = harness.downloader.ensureCopy(made.id, abort.signal);
      abort.abort();
      await assert.rejects(harness.run(asked), DownloadError);
    });
  });

  describe('with several windows', () => {
    it('fetches each video once', async () => {
      const others = [await open('window-2'), await open('window-3')];
      const made = [await make(), await make(others[0]), await make(others[1])];
      for (const one of made) {
        for (const window of [harness, ...others]) {
          await window.until(one.id, 'done');
        }
        assert.equal(downloads(one).length, 1);
        assert.ok((await copy(harness.get(one.id))).equals(await served(one)));
      }
      assert.equal((await inFolder()).length, 3);
    });

    it('gives the copy in a window that does not fetch', async () => {
      const made = await make();
      const other = await open('window-2');
      await clock.until(() => other.store.get(made.id)?.state === 'done');
      assert.equal(other.lease.held, false);
      const path = await other.run(other.downloader.ensureCopy(made.id));
      assert.ok((await readFile(path)).equals(await served(made)));
      assert.equal(downloads(made).length, 1);
    });

    it('goes on in another one when the first is closed in the middle', async () => {
      emulator.faults.add({ kind: 'resetMidBody', atByte: 200_000, match: { route: 'file' } });
      const made = await make();
      const other = await open('window-2');
      await clock.until(() => harness.get(made.id).trouble !== undefined);
      harness.close();
      await isWhole(made, other);
      assert.equal(downloads(made).length, 2);
      assert.match(downloads(made)[1]?.headers.range ?? '', /^bytes=[1-9]/);
    });
  });

  it('tells how far it is, not too often, and to the end', async () => {
    const told: DownloadProgress[] = [];
    harness.downloader.onDidProgress((progress) => told.push(progress));
    emulator.faults.add({ kind: 'resetMidBody', atByte: 200_000, match: { route: 'file' } });
    const made = await make();
    await isWhole(made);
    assert.ok(told.length >= 2, String(told.length));
    const whole = (await served(made)).length;
    assert.ok(
      told.every(({ total }) => total === whole),
      JSON.stringify(told),
    );
    assert.deepEqual(
      told.map(({ received }) => received),
      told.map(({ received }) => received).toSorted((a, b) => a - b),
    );
    assert.equal(harness.downloader.getProgress(made.id), undefined);
  });

  it('leaves no video of a task that is removed in the middle', async () => {
    emulator.faults.add({ kind: 'slowBody', bytesPerSecond: 400_000, match: { route: 'file' } });
    const made = await make();
    await clock.until(() => downloads(made).length > 0);
    await harness.store.remove(made.id);
    await clock.pass(5 * MINUTE_MS);
    assert.deepEqual(await inFolder(), []);
    assert.equal(downloads(made).length, 1);
    await assert.rejects(stat(join(harness.store.videosDirectory, `${made.id}.mp4`)));
  });
});
