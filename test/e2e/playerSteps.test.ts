/** The page of the preview in a browser, without VS Code around it: what it shows of films that are timed in many ways. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { findFrameTimes } from '../../src/tasks/download/mp4LastFrame';
import { BITS, encodeNumbers, retime, type FilmTimes } from '../support/numberedFilm';
import { fixture } from './setup';

const FRAMES = 40;
/** Frames that are stepped through from a place; all of them would take long at no gain. */
const STEPS = 4;

const every = (timescale: number, ticks: number): FilmTimes => ({
  timescale,
  lasts: Array<number>(FRAMES).fill(ticks),
});
const RATES: Readonly<Record<string, FilmTimes>> = {
  '12': every(12_288, 1_024),
  '15': every(15, 1),
  '23.976': every(24_000, 1_001),
  '24': every(90_000, 3_750),
  '25': every(25, 1),
  '29.97': every(30_000, 1_001),
  '30': every(1_000_000, 33_333),
  '48': every(48_000, 1_000),
  '50': every(12_800, 256),
  '59.94': every(60_000, 1_001),
  '60': every(15_360, 256),
};
const VARIABLE: FilmTimes = {
  timescale: 600,
  lasts: Array.from({ length: FRAMES }, (_, index) => [10, 50, 20, 25, 100][index % 5]!),
};
const ODD: Readonly<Record<string, FilmTimes>> = {
  'of a variable rate': VARIABLE,
  'that begins with nothing': {
    ...every(600, 25),
    edits: [
      { lasts: 300, start: -1 },
      { lasts: 1_000, start: 0 },
    ],
  },
  'that an edit cuts at its start': { ...every(600, 25), edits: [{ lasts: 700, start: 300 }] },
  'that is turned': { ...every(600, 25), turned: 90 },
};

describe('the steps of the player', () => {
  let film: Buffer;
  let server: Server;
  let context: BrowserContext;
  let page: Page;
  let address = '';
  let served: { bytes: Buffer; type: string } = { bytes: Buffer.alloc(0), type: 'video/mp4' };

  before(async () => {
    film = await encodeNumbers(FRAMES);
    const script = await readFile(path.resolve('dist', 'webviews', 'preview.js'));
    server = createServer((request, response) => {
      if (request.url === '/preview.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      } else if (request.url?.startsWith('/film')) {
        sendPart(served.bytes, served.type, request.headers.range, response);
      } else {
        response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
      }
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => server.close());

  beforeEach(async () => {
    context = await fixture.browser.newContext();
    page = await context.newPage();
  });

  afterEach(() => context.close());

  /** Opens a film; `times` are what the host tells of it. */
  async function open(bytes: Buffer, times: number[] | undefined, { isStill = false } = {}): Promise<void> {
    served = { bytes, type: 'video/mp4' };
    if (isStill) await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(address);
    await send({ type: 'model', model: MODEL(`${address}/film-${Math.random()}.mp4`) });
    await page.waitForFunction('document.querySelector(".frame.painted") !== null');
    if (times) await send({ type: 'frames', times });
  }

  const send = (message: unknown) => page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);

  async function press(key: string): Promise<void> {
    await page.keyboard.press(key);
    await page.waitForFunction('!document.querySelector("#video").seeking');
  }

  /** The number in the picture that is on the screen. */
  async function shown(): Promise<number> {
    return page.evaluate<number>(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
      const video = document.querySelector('#video');
      const isTurned = video.videoHeight > video.videoWidth;
      const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
      const context = canvas.getContext('2d');
      context.drawImage(video, 0, 0);
      let number = 0;
      for (let bit = 0; bit < ${BITS}; bit++) {
        const [x, y] = isTurned ? [canvas.width / 2, (bit + 0.5) * canvas.height / ${BITS}] : [(bit + 0.5) * canvas.width / ${BITS}, canvas.height / 2];
        if (context.getImageData(x, y, 1, 1).data[0] > 127) number |= 1 << bit;
      }
      resolve(number);
    })))`);
  }

  /** Steps on or back, and asserts that each picture comes once. */
  async function stepThrough(direction: 1 | -1, first: number, last: number): Promise<void> {
    const seen = [await shown()];
    for (let step = 0; step < STEPS; step++) {
      await press(direction > 0 ? '.' : ',');
      seen.push(await shown());
    }
    const expected = seen.map((_, step) => Math.min(last, Math.max(first, seen[0]! + step * direction)));
    assert.deepEqual(seen, expected);
  }

  /** From the start, from places in it, and from its end. */
  async function stepFromEverywhere(first = 0, last = FRAMES - 1): Promise<void> {
    await pause();
    await press('Home');
    assert.equal(await shown(), first);
    await stepThrough(1, first, last);
    await stepThrough(-1, first, last);
    for (const place of [0.31, 0.77]) {
      await page.evaluate(`(() => {
        const slider = document.querySelector('#timeline');
        slider.value = ${place} * slider.max;
        slider.dispatchEvent(new Event('input'));
        slider.dispatchEvent(new Event('change'));
      })()`);
      await page.waitForFunction('!document.querySelector("#video").seeking');
      await stepThrough(1, first, last);
      await stepThrough(-1, first, last);
    }
    await press('End');
    assert.equal(await shown(), last);
    await stepThrough(1, first, last);
    await stepThrough(-1, first, last);
  }

  const pause = () => page.evaluate('document.querySelector("#video").pause()');

  for (const [rate, times] of Object.entries(RATES)) {
    it(`show each picture once at ${rate} frames a second, although it never played`, async () => {
      const bytes = retime(film, times);
      await open(bytes, timesOf(bytes), { isStill: true });
      await stepFromEverywhere();
    });
  }

  for (const [name, times] of Object.entries(ODD)) {
    it(`show each picture once in a film ${name}`, async () => {
      const bytes = retime(film, times);
      await open(bytes, timesOf(bytes), { isStill: true });
      const first = times.edits?.[0]?.start === 300 ? 12 : 0;
      // Behind a delay, Chromium takes the film to be over when its last picture begins: no seek leads there.
      const last = times.edits?.[0]?.start === -1 ? FRAMES - 2 : FRAMES - 1;
      await stepFromEverywhere(first, last);
    });
  }

  it('go on from the picture that is seen after the film played, was paused, came to its end', async () => {
    const bytes = retime(film, RATES['60']!);
    await open(bytes, timesOf(bytes));
    await page.waitForFunction('document.querySelector("#video").currentTime > 0.2');
    await pause();
    await stepThrough(1, 0, FRAMES - 1);
    await page.evaluate('document.querySelector("#video").loop = false; document.querySelector("#video").play()');
    await page.waitForFunction('document.querySelector("#video").ended');
    assert.equal(await shown(), FRAMES - 1);
    await stepThrough(-1, 0, FRAMES - 1);
  });

  for (const rate of ['12', '29.97', '60']) {
    it(`measure ${rate} frames a second where the file tells nothing`, async () => {
      const bytes = retime(film, RATES[rate]!);
      await open(bytes, undefined);
      await page.waitForFunction('document.querySelector("#video").currentTime > 0.4');
      await stepFromEverywhere();
    });
  }

  it('are none where only the sound plays, and the host is told', async () => {
    served = { bytes: silence(), type: 'audio/wav' };
    await page.goto(address);
    await send({ type: 'model', model: MODEL(`${address}/film.mp4`) });
    await page.waitForFunction('window.sent.some(({ type }) => type === "videoError")');
    assert.deepEqual(await page.evaluate('window.sent.filter(({ type }) => type === "videoError")'), [
      { type: 'videoError', code: 5, copy: true },
    ]);
    assert.equal(await page.evaluate('document.querySelector("#video").getAttribute("src")'), null);
  });

  for (const isDecoded of [false, true]) {
    it(`${isDecoded ? 'need no other file' : 'ask once for a file of the sound'} where the player says that it can decode it, and ${isDecoded ? 'does' : 'does not'}`, async () => {
      if (!isDecoded) {
        await page.addInitScript(
          'Object.defineProperty(HTMLMediaElement.prototype, "webkitAudioDecodedByteCount", { get: () => 0 })',
        );
      }
      served = { bytes: await readFile(path.resolve('test', 'support', 'films', 'tone.mp4')), type: 'video/mp4' };
      await page.goto(address);
      const model = MODEL(`${address}/film.mp4`);
      await send({ type: 'model', model: { ...model, video: { ...model.video, hasTrack: true } } });
      await page.waitForFunction('document.querySelector("#video").currentTime > 2');
      const asked = 'window.sent.filter(({ type }) => type === "soundNeeded").length';
      assert.equal(await page.evaluate(asked), isDecoded ? 0 : 1);
      if (!isDecoded) {
        await send({ type: 'sound', id: 'a1' });
        await page.waitForFunction('!document.querySelector("#silent").hidden');
        await page.waitForFunction('document.querySelector("#video").currentTime < 1');
        assert.equal(await page.evaluate(asked), 1);
      }
      assert.equal(await page.evaluate('document.querySelector(".sound").hidden'), !isDecoded);
    });
  }
});

/** The times that the host reads from the tables. */
function timesOf(film: Buffer): number[] {
  const at = film.indexOf('moov');
  const times = findFrameTimes(film.subarray(at + 4, at - 4 + film.readUInt32BE(at - 4)));
  assert.ok(times);
  return times;
}

const MODEL = (url: string) => ({
  id: 'a1',
  state: 'ready',
  title: 'A film',
  heading: '',
  lines: [],
  overlayButtons: [],
  video: { url, copy: true },
  ratio: 8,
  prompt: 'Numbers',
  facts: [],
  saved: [],
  buttons: [],
});

const STRINGS = JSON.stringify({ speed: '', timelineValue: '{0} {1}' }).replaceAll('"', '&quot;');
const PAGE = `<!DOCTYPE html><html lang="en"><head><meta id="seedance" data-strings="${STRINGS}">
<script>
  window.sent = [];
  window.acquireVsCodeApi = () => ({ postMessage: (message) => sent.push(message), getState: () => undefined, setState: () => undefined });
</script><script defer src="/preview.js"></script></head><body></body></html>`;

function sendPart(bytes: Buffer, type: string, range: string | undefined, response: ServerResponse): void {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const headers = { 'content-type': type, 'accept-ranges': 'bytes' };
  if (from === undefined) {
    response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
    return;
  }
  const end = to ? Math.min(Number(to), bytes.length - 1) : bytes.length - 1;
  const part = bytes.subarray(Number(from), end + 1);
  const contentRange = `bytes ${from}-${end}/${bytes.length}`;
  response.writeHead(206, { ...headers, 'content-length': part.length, 'content-range': contentRange }).end(part);
}

/** A second of silence as WAV: what a browser has of a film whose picture it cannot decode. */
function silence(): Buffer {
  const file = Buffer.alloc(44 + 8_000, 0x80);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8_000, 24);
  file.writeUInt32LE(8_000, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(8_000, 40);
  return file;
}
