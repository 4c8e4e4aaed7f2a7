import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type Mocha from 'mocha';
import type { FrameLocator } from 'playwright-core';
import { freshProfile } from '../vscode/browser';
import type { Workbench } from '../vscode/workbench';
import { generate, inPage, preview, rowOf, setKey, until, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

/** Three seconds: a second of silence, then a tone. */
const FILM = path.resolve('test', 'support', 'films', 'tone.mp4');
/** What a viewer may notice of lips and voices. */
const MAX_DRIFT = 0.04;
const LOOPING_MS = 60_000;
const TIMEOUT_MS = 4 * 60_000;

/** As in a desktop VS Code, which plays the picture without the licensed sound. */
const WITHOUT_AAC = `
  const can = HTMLMediaElement.prototype.canPlayType;
  HTMLMediaElement.prototype.canPlayType = function (type) { return type.includes('mp4a') ? '' : can.call(this, type); };
`;

/** Opens the preview of a new video in a window without a decoder of AAC. */
async function watch(film: Buffer): Promise<{ workbench: Workbench; page: FrameLocator }> {
  fixture.emulator.behaviour.video = film;
  const profile = await freshProfile(fixture.browser);
  await profile.addInitScript(WITHOUT_AAC);
  const { workbench } = await fixture.openIn(profile, await fixture.workspace());
  await setKey(workbench);
  await generate(workbench, 'A bell rings');
  const row = await rowOf(workbench, 'A bell');
  await waitForState(row, /^Ready$/);
  const page = await preview(workbench, row);
  await waitForPage(page, 'ready');
  return { workbench, page };
}

interface Sound {
  paused: boolean;
  muted: boolean;
  volume: number;
  rate: number;
  duration: number;
  /** Seconds; positive where the sound is ahead of the picture. */
  drift: number;
  time: number;
}

const soundOf = (page: FrameLocator): Promise<Sound> =>
  inPage(
    page,
    `(() => {
      const [video, audio] = ['#video', 'audio'].map((name) => document.querySelector(name));
      const { paused, muted, volume, playbackRate: rate, duration, currentTime: time } = audio;
      return { paused, muted, volume, rate, duration, time, drift: time - video.currentTime };
    })()`,
  );

describe('a VS Code that cannot decode the sound', () => {
  it('plays it beside the picture, in step', async function (this: Mocha.Context) {
    this.timeout(TIMEOUT_MS);
    const { page, workbench } = await watch(await readFile(FILM));
    const { keyboard } = workbench.page;
    const becomes = (what: string, fits: (sound: Sound) => boolean) => until(what, () => soundOf(page), fits);
    const isInStep = ({ paused, drift }: Sound) => !paused && Math.abs(drift) <= MAX_DRIFT;

    await becomes('the sound plays', isInStep);
    assert.ok(Math.abs((await soundOf(page)).duration - 3) < 0.03);
    assert.ok(await page.locator('#mute').isVisible());
    assert.equal(await page.locator('#silent').isVisible(), false);

    await page
      .locator('#state')
      .focus()
      .catch(() => undefined);
    await page.locator('#play').focus();
    await keyboard.press('k');
    await becomes('the sound pauses', ({ paused }) => paused);
    await keyboard.press('Home');
    await keyboard.press('ArrowRight');
    await keyboard.press('k');
    await becomes('the sound goes on behind a seek', (sound) => isInStep(sound) && sound.time > 0);

    await keyboard.press('m');
    await becomes('the sound is off', ({ muted }) => muted);
    await keyboard.press('m');
    await becomes('the sound is on', ({ muted }) => !muted);
    await page.locator('#volume').fill('30');
    await becomes('the sound is soft', ({ volume }) => volume === 0.3);

    await page.locator('#speed').selectOption('2');
    await becomes('the sound is fast', (sound) => isInStep(sound) && Math.abs(sound.rate - 2) <= 0.2);
    await page.locator('#speed').selectOption('1');
    await becomes('the sound has its speed', (sound) => isInStep(sound) && Math.abs(sound.rate - 1) <= 0.1);

    const drifts = await inPage<number[]>(
      page,
      `new Promise((resolve) => {
        const [video, audio] = ['#video', 'audio'].map((name) => document.querySelector(name));
        const drifts = [];
        const begun = performance.now();
        const sample = () => {
          // Where the film begins anew, both seek.
          if (!audio.paused && !audio.seeking && !video.seeking) drifts.push(audio.currentTime - video.currentTime);
          if (performance.now() - begun < ${LOOPING_MS}) setTimeout(sample, 50);
          else resolve(drifts);
        };
        sample();
      })`,
    );
    const sorted = drifts.map(Math.abs).sort((a, b) => a - b);
    const at = (share: number) => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? NaN) * 1000);
    console.log(
      `drift of the sound over ${LOOPING_MS / 1000} s: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, most ${at(1)} ms`,
    );
    assert.ok(at(0.95) <= MAX_DRIFT * 1000, `${at(0.95)} ms`);
    await becomes('the sound is in step after a minute', isInStep);
  });

  it('says once that a sound cannot be played, and leads to a player that can', async () => {
    const film = await readFile(FILM);
    // A codec that nobody knows.
    film.write('zzzz', film.indexOf('mp4a'), 'latin1');
    film.write('free', film.indexOf('esds'), 'latin1');
    const { page } = await watch(film);
    const silent = page.locator('#silent');
    await silent.waitFor();
    assert.match(await silent.innerText(), /^The sound of this video cannot be played here\. The file has it/);
    assert.equal(await page.locator('#mute').isVisible(), false);
    assert.ok(await page.locator('#openExternal').isVisible());
    await until(
      'the picture plays on',
      () => inPage<number>(page, 'document.querySelector("#video").currentTime'),
      (seconds) => seconds > 0,
    );
  });
});
