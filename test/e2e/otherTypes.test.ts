import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeOtherVideo } from '../emulator/video/otherTypes';
import {
  closeNotifications,
  currentTime,
  generate,
  preview,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { filesIn, fixture } from './setup';

/** A short film as a browser records it, which is WebM. */
async function recordWebm(): Promise<Buffer> {
  const page = await fixture.browser.newPage();
  try {
    const base64 = await page.evaluate<string>(`(async () => {
      const canvas = document.createElement('canvas');
      canvas.width = 320;
      canvas.height = 180;
      const context = canvas.getContext('2d');
      const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm;codecs=vp8' });
      const pieces = [];
      recorder.ondataavailable = ({ data }) => pieces.push(data);
      const stopped = new Promise((resolve) => (recorder.onstop = resolve));
      recorder.start();
      for (let n = 0; n < 30; n++) {
        context.fillStyle = 'hsl(' + n * 12 + ' 80% 50%)';
        context.fillRect(0, 0, 320, 180);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      recorder.stop();
      await stopped;
      const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    })()`);
    return Buffer.from(base64, 'base64');
  } finally {
    await page.close();
  }
}

describe('a result that is no MP4', () => {
  it('is kept as what it is, plays, and is saved under its own ending', async () => {
    const film = await recordWebm();
    fixture.emulator.behaviour.video = film;
    const { workbench, folder } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A kite');
    const row = await rowOf(workbench, 'A kite');
    await waitForState(row, /^Ready$/);
    const page = await preview(workbench, row);
    await waitForPage(page, 'ready');
    await until(
      'it plays',
      () => currentTime(page),
      (seconds) => seconds > 0,
    );
    assert.match(await page.locator('#facts').innerText(), /WebM/);
    assert.ok(await page.locator('#useFrame').isVisible(), 'frames are taken from what is shown');

    await closeNotifications(workbench);
    await page.locator('#save').click();
    assert.equal(await workbench.waitForNotification('Saved: '), 'Saved: seedance/A-kite.webm');
    assert.deepEqual(await filesIn(folder), ['seedance/A-kite.json', 'seedance/A-kite.webm']);
    assert.ok(film.equals(await readFile(path.join(folder, 'seedance/A-kite.webm'))));
  });

  it('and that the player cannot show is told, with the ways to get at it', async () => {
    const film = makeOtherVideo('avi');
    fixture.emulator.behaviour.video = film;
    const { workbench, folder } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A clog');
    const row = await rowOf(workbench, 'A clog');
    await waitForState(row, /^Ready$/);
    const page = await preview(workbench, row);
    await waitForPage(page, 'codec');
    assert.match(
      await page.locator('#lines').innerText(),
      /of the type AVI instead of an MP4[^]*Frames cannot be taken/,
    );
    assert.ok(await page.locator('#stage-openExternal').isVisible());
    assert.equal(await page.locator('#useFrame').isVisible(), false);

    await closeNotifications(workbench);
    await page.locator('#stage-save').click();
    assert.equal(await workbench.waitForNotification('Saved: '), 'Saved: seedance/A-clog.avi');
    assert.ok(film.equals(await readFile(path.join(folder, 'seedance/A-clog.avi'))));
  });
});
