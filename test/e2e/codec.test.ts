import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type Mocha from 'mocha';
import { freshProfile } from '../vscode/browser';
import { generate, inPage, preview, rowOf, setKey, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

describe('a VS Code that cannot play the video', () => {
  it('says so, and opens it outside', async () => {
    const profile = await freshProfile(fixture.browser);
    // As in a browser that was built without the licensed decoders.
    await profile.addInitScript("HTMLMediaElement.prototype.canPlayType = () => '';");
    const { workbench } = await fixture.openIn(profile, await fixture.workspace());
    await setKey(workbench);
    await generate(workbench, 'An owl turns its head');
    const row = await rowOf(workbench, 'An owl');
    await waitForState(row, /^Ready$/);
    const page = await preview(workbench, row);
    await waitForPage(page, 'codec');
    assert.equal(await page.locator('#heading').innerText(), 'This VS Code cannot play the video');
    assert.match(await page.locator('#lines').innerText(), /H\.264[^]*The file itself is fine/);
    assert.ok(await page.locator('#save').isVisible());

    // Between two machines the link is what can be opened outside.
    const opened = profile.waitForEvent('page');
    await page.locator('#stage-openExternal').click();
    assert.match((await opened).url(), /_result\.mp4/);
  });

  it('notices a picture that it cannot decode', async () => {
    const { behaviour } = fixture.emulator;
    behaviour.video = async (task) => {
      const { videoOf } = await import('../emulator/video/library');
      const bytes = Buffer.from(await videoOf({ ...behaviour, video: 'tiny' }, task));
      // Whole as a file, but not one picture in it is.
      return bytes.fill(
        0xff,
        bytes.indexOf('mdat') + 8,
        bytes.indexOf('moov') > bytes.indexOf('mdat') ? bytes.indexOf('moov') - 4 : bytes.length,
      );
    };
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'Snow on a screen');
    const row = await rowOf(workbench, 'Snow');
    await waitForState(row, /^Ready$/);
    await waitForPage(await preview(workbench, row), 'codec');
  });
});

/**
 * Films of a second with a tone, made by ffmpeg 7 out of `testsrc` and `sine` in 64 × 64: what the preview says of each. A
 * Chromium without licensed decoders of its own plays AV1 and VP9 besides H.264.
 */
const FILMS = {
  'hevc.mp4': 'codec',
  'hevc-10-bits.mp4': 'codec',
  'mpeg4-part2.mp4': 'codec',
  'prores.mov': 'codec',
  'av1.mp4': 'ready',
  'vp9.mp4': 'ready',
} as const;

const SIX_FILMS_TIMEOUT_MS = 6 * 60_000;

describe('a film in another codec', () => {
  it('is ready only where its picture plays; else what to do is told, and nothing plays on', async function (this: Mocha.Context) {
    this.timeout(SIX_FILMS_TIMEOUT_MS);
    const { behaviour } = fixture.emulator;
    const { workbench } = await fixture.open();
    await setKey(workbench);
    for (const [name, state] of Object.entries(FILMS)) {
      behaviour.video = await readFile(path.resolve('test', 'support', 'films', name));
      await generate(workbench, `Film ${name}`);
      const row = await rowOf(workbench, `Film ${name}`);
      await waitForState(row, /^Ready$/);
      const page = await preview(workbench, row);
      await waitForPage(page, state);
      const video = await inPage<{ width: number; source: string | null }>(
        page,
        "(({ videoWidth, attributes }) => ({ width: videoWidth, source: attributes.src?.value ?? null }))(document.querySelector('#video'))",
      );
      assert.equal(video.width, state === 'ready' ? 64 : 0, name);
      if (state === 'codec') {
        assert.equal(video.source, null, `${name} plays on as sound`);
        assert.match(await page.locator('#heading').innerText(), /cannot play/, name);
        assert.ok(await page.locator('#save').isVisible(), name);
        assert.ok(await page.locator('#stage-openExternal').isVisible(), name);
      }
    }
  });
});
