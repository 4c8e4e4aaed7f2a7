/** What the preview takes out of a video, compared with what the emulator drew into it. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { isThumbnail, type TaskRecord } from '../../src/tasks/model/taskRecord';
import { parseRecordFile } from '../../src/tasks/storage/recordFile';
import { freshProfile } from '../vscode/browser';
import type { Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  answer,
  closeNotifications,
  generate,
  inPage,
  offered,
  preview,
  question,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { decodePng, png } from './png';
import { fixture } from './setup';
import { assertFrame, FRAMES, sentImage } from './videoPictures';

const PROMPT = 'A paper boat sails down a rainy street';
const PICTURES = path.resolve('out', 'ui');

describe('frames of a video', () => {
  beforeEach(() => {
    fixture.emulator.behaviour.video = 'real';
    fixture.sandbox.changeSettings({ 'seedance.model': 'seedance-1-pro-480P-2s' });
  });

  it('are taken as they are shown', async () => {
    const { workbench, folder } = await fixture.open();
    const page = await play(workbench);
    await mkdir(PICTURES, { recursive: true });
    await stepTo(page, 17);
    await page.locator('#saveFrame').click();
    const saved = await workbench.waitForNotification('Saved: ');
    assert.equal(saved, 'Saved: seedance/A-paper-boat-sails-down-a-rainy-street-0.71s.png');
    assertFrame(await readFile(path.join(folder, saved.slice('Saved: '.length))), 17);

    // Once more: nothing is overwritten.
    await closeNotifications(workbench);
    await page.locator('#saveFrame').click();
    assert.match(await workbench.waitForNotification('Saved: '), /0\.71s-2\.png$/);

    await closeNotifications(workbench);
    for (const theme of ['dark', 'light', 'highContrast'] as const) {
      await workbench.useTheme(theme);
      await workbench.screenshot(path.join(PICTURES, `frames-${theme}.png`));
    }
    await workbench.useTheme('dark');
    await page.locator('#stepForward').click();
    await until(
      'shows',
      () => shownFrame(page),
      (index) => index === 18,
    );
    await page.locator('#useFrame').click();
    await sendInline(workbench);
    await answer(workbench, 'What happens after the first frame?', 'It turns over');
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'It turns over'), /^Ready$/);
    assertFrame(sentImage(1), 18);
    assertFrame((await keptImages())[0]!, 18);
  });

  it('let a video go on where another ends, from the tree', async () => {
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, PROMPT);
    const row = await rowOf(workbench, 'A paper boat');
    await waitForState(row, /^Ready$/);
    await workbench.chooseInMenu(row, 'Continue from last frame');
    await sendInline(workbench);
    await answer(workbench, 'What happens after the first frame?', 'It drifts out to sea');
    assert.match(
      (await offered(workbench)).join('\n'),
      /First frame: Last frame of “A paper boat sails down a rainy street”/,
    );
    await acceptOffer(workbench);
    const next = await rowOf(workbench, 'It drifts out');
    await waitForState(next, /^Ready$/);
    assertFrame(sentImage(1), FRAMES - 1);
    const [kept] = await keptImages();
    assert.ok(kept?.equals(sentImage(1)));
    await until(
      'the player shows',
      () => shownFrame(workbench.webview()),
      (shown) => shown === FRAMES - 1,
    );
    const { from, thumbnail, width, height } = (await recordOf('It drifts out to sea')).request.firstFrame!;
    assert.deepEqual(
      { task: from?.task, isLast: from?.isLast, width, height },
      { task: (await recordOf(PROMPT)).id, isLast: true, width: 768, height: 432 },
    );
    assert.ok(Math.abs(from!.seconds - (FRAMES - 1) / 24) < 0.001, String(from!.seconds));
    assert.ok(isThumbnail(thumbnail ?? ''));

    // The way back: its preview names the video that it continues.
    await next.click();
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'It drifts out' }).waitFor();
    const page = workbench.webview();
    await waitForPage(page, 'ready');
    await closeNotifications(workbench);
    await workbench.screenshot(path.join(PICTURES, 'frames-continues.png'));
    await page.locator('#openOrigin', { hasText: 'Last frame of “A paper boat' }).click();
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'A paper boat' }).waitFor();
  });

  it('are found to the last one where the file names a wrong length', async () => {
    const { behaviour } = fixture.emulator;
    behaviour.fps = 23.976; // which the encoder cuts to 23: a frame is no whole number of ticks then
    behaviour.video = async (task) => {
      const { videoOf } = await import('../emulator/video/library');
      return shortened(Buffer.from(await videoOf({ ...behaviour, video: 'real' }, task)));
    };
    const { workbench } = await fixture.open();
    const page = await play(workbench);
    // Just before its end, this film shows the last frame but one.
    assert.ok((await inPage<number>(page, 'document.querySelector("#video").duration')) < FRAMES / 23 - 0.02);
    await page.locator('#continueFromLastFrame').click();
    await question(workbench, 'First frame').waitFor();
    assertFrame((await keptImages())[0]!, FRAMES - 1);
  });

  it('are not taken where the video does not play, and that is said', async () => {
    const profile = await freshProfile(fixture.browser);
    await profile.addInitScript("HTMLMediaElement.prototype.canPlayType = () => '';");
    const { workbench } = await fixture.openIn(profile, await fixture.workspace());
    await setKey(workbench);
    await generate(workbench, PROMPT);
    const row = await rowOf(workbench, 'A paper boat');
    await waitForState(row, /^Ready$/);
    await waitForPage(await preview(workbench, row), 'codec');
    await workbench.chooseInMenu(row, 'Continue from last frame');
    await workbench.waitForNotification(
      /^The frame could not be taken, because the video is not shown here\. Nothing was sent\./,
    );
  });

  it('are offered once there is a copy, and not before', async () => {
    const { emulator } = fixture;
    emulator.faults.add({ kind: 'hang', match: { route: 'file', nth: 1 } });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, PROMPT);
    const page = await preview(workbench, await rowOf(workbench, 'A paper boat'));
    await waitForPage(page, 'ready');
    await page.locator('#video[data-source="link"]').waitFor();
    assert.ok(!(await page.locator('.frames').isVisible()));
  });

  it('may come from the clipboard', async () => {
    const { workbench } = await fixture.open();
    const page = await play(workbench);
    await copy(workbench, png(640, 360));
    await page.locator('#prompt').click();
    await workbench.page.keyboard.press('Control+V');
    await sendInline(workbench);
    await answer(workbench, 'What happens after the first frame?', 'A grey day');
    assert.match((await offered(workbench)).join('\n'), /First frame: Pasted image/);
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'A grey day'), /^Ready$/);
    const sent = decodePng(sentImage(1));
    assert.deepEqual(
      { width: sent.width, height: sent.height, red: sent.data[0] },
      { width: 640, height: 360, red: 0x80 },
    );

    // Too small for the service: that is said before anything is asked.
    await copy(workbench, png(64, 64));
    await page.locator('#prompt').click();
    await workbench.page.keyboard.press('Control+V');
    await workbench.waitForNotification(
      'The image has 64 × 64 pixels; each side must have at least 300. So it cannot be a first frame. Nothing was sent.',
    );
  });

  it('may be dropped onto the preview, as files from outside of VS Code', async () => {
    const { workbench } = await fixture.open();
    const page = await play(workbench);
    /** Whether the page shows then that it takes it. */
    const drag = (event: 'dragenter' | 'dragleave' | 'drop', name = 'boat.png', type = 'image/png') =>
      inPage<boolean>(
        page,
        `(() => {
      const bytes = Uint8Array.from(atob('${png(640, 360).toString('base64')}'), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], '${name}', { type: '${type}' }));
      document.querySelector('#video').dispatchEvent(new DragEvent('${event}', { bubbles: true, cancelable: true, composed: true, dataTransfer: data }));
      return document.body.classList.contains('over');
    })()`,
      );
    assert.equal(await drag('dragenter', 'notes.md', 'text/markdown'), false);
    await drag('drop', 'notes.md', 'text/markdown');

    await closeNotifications(workbench);
    assert.equal(await drag('dragenter'), true);
    for (const theme of ['light', 'highContrast', 'dark'] as const) {
      await workbench.useTheme(theme);
      await workbench.screenshot(path.join(PICTURES, `frames-drop-${theme}.png`));
    }
    assert.equal(await drag('dragleave'), false);
    await drag('drop');
    await sendInline(workbench);
    await answer(workbench, 'What happens after the first frame?', 'A grey day');
    assert.match((await offered(workbench)).join('\n'), /First frame: boat\.png, 640 × 360/);
    await acceptOffer(workbench);
    await until(
      'charged',
      () => fixture.emulator.ledger.charged().length,
      (count) => count === 2,
    );
    const sent = decodePng(sentImage(1));
    assert.deepEqual({ width: sent.width, height: sent.height }, { width: 640, height: 360 });
  });
});

/** The same film, of which the file says that it is half as long. */
function shortened(file: Buffer): Buffer {
  // Version 0 of the boxes: the length stands behind flags, two times, and the timescale or the track's number.
  for (const [type, at] of [
    ['mvhd', 16],
    ['tkhd', 20],
    ['mdhd', 16],
  ] as const) {
    const box = file.indexOf(type) + 4;
    file.writeUInt32BE(Math.round(file.readUInt32BE(box + at) / 2), box + at);
  }
  return file;
}

/** Into the clipboard, as a program that makes screenshots does. */
async function copy(workbench: Workbench, image: Buffer): Promise<void> {
  const bytes = `Uint8Array.from(atob('${image.toString('base64')}'), (letter) => letter.charCodeAt(0))`;
  await workbench.page.evaluate(
    `navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([${bytes}], { type: 'image/png' }) })])`,
  );
}

async function recordOf(prompt: string): Promise<TaskRecord> {
  const folder = path.join(fixture.storage, 'tasks');
  for (const name of await readdir(folder)) {
    const file = parseRecordFile(name.split('.')[0]!, await readFile(path.join(folder, name), 'utf8'));
    if (file.kind === 'record' && file.record.request.prompt === prompt) return file.record;
  }
  throw new Error(`There is no task "${prompt}".`);
}

/** Generates a video and opens its preview. */
async function play(workbench: Workbench): Promise<FrameLocator> {
  await setKey(workbench);
  await generate(workbench, PROMPT);
  const row = await rowOf(workbench, 'A paper boat');
  await waitForState(row, /^Ready$/);
  const page = await preview(workbench, row);
  await waitForPage(page, 'ready');
  await page.locator('.frame.painted').waitFor();
  await page.locator('.frames').waitFor();
  return page;
}

/** Shows a frame, counted from 0, by the keys of a user. */
async function stepTo(page: FrameLocator, index: number): Promise<void> {
  if (!(await inPage<boolean>(page, 'document.querySelector("#video").paused'))) await page.locator('#play').click();
  await page.locator('#timeline').press('Home');
  for (let at = 0; at < index; at++) await page.locator('#timeline').press('.');
  await until(
    'shows',
    () => shownFrame(page),
    (shown) => shown === index,
  );
}

/** By its place in time: 24 a second. */
async function shownFrame(page: FrameLocator): Promise<number> {
  return Math.floor((await inPage<number>(page, 'document.querySelector("#video").currentTime')) * 24);
}

async function sendInline(workbench: Workbench): Promise<void> {
  await question(workbench, 'First frame').waitFor();
  await workbench.pick('Send the file inside the request');
}

async function keptImages(): Promise<Buffer[]> {
  const kept = path.join(fixture.storage, 'images');
  return Promise.all((await readdir(kept)).map((name) => readFile(path.join(kept, name))));
}
