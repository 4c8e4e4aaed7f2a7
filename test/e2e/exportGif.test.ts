/** The export of a video: what it makes is read back by the browser's own decoders. */
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import type { Workbench } from '../vscode/workbench';
import { expectAccessible } from './audit';
import {
  closeNotifications,
  generate,
  inPage,
  preview,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { decodePng } from './png';
import { filesIn, fixture } from './setup';

const PROMPT = 'A paper boat sails down a rainy street';
const NAME = 'seedance/A-paper-boat-sails-down-a-rainy-street';
const PICTURES = path.resolve('out', 'ui');
/** Encoding takes its time on a busy machine. */
const EXPORT_MS = 60_000;
const MB = 1024 * 1024;

describe('export of a video', () => {
  beforeEach(() => {
    fixture.emulator.behaviour.video = 'real';
    fixture.sandbox.changeSettings({ 'seedance.model': 'seedance-1-pro-480P-5s' });
  });

  it('makes a GIF of a part by the keyboard alone, and shows it where it is written', async () => {
    const { workbench, folder } = await fixture.open({ 'README.md': '# Boats\n' });
    const { keyboard } = workbench.page;
    await ready(workbench);
    await workbench.runCommand('Seedance: Export as GIF…');
    const page = await exporter(workbench);
    await expectAccessible(page);
    assert.equal(await focused(page), 'gif');
    assert.match(await page.locator('#count').innerText(), /60$/);
    const whole = await estimate(page);
    // From the radio buttons back to the handles: the part is 1 s to 3 s.
    await keyboard.press('Shift+Tab');
    await until(
      'focus',
      () => focused(page),
      (id) => id === 'end',
    );
    for (let frame = 0; frame < 48; frame++) await keyboard.press('ArrowLeft');
    await keyboard.press('Shift+Tab');
    for (let frame = 0; frame < 24; frame++) await keyboard.press('ArrowRight');
    assert.match(await page.locator('#selected').innerText(), /^1\.00 – 3\.00 s: 2\.00 s$/);
    assert.equal(await page.locator('#start').getAttribute('aria-valuetext'), '1.00 s, frame 25');
    assert.match(await page.locator('#count').innerText(), /24$/);
    for (const id of ['end', 'gif', 'width']) {
      await keyboard.press('Tab');
      assert.equal(await focused(page), id);
    }
    await keyboard.press('Control+A');
    // VS Code has it back from the page as a command of its own, and what was typed meanwhile would be selected too.
    await workbench.page.waitForTimeout(300);
    await keyboard.type('320');
    await until(
      'size',
      () => page.locator('#size').innerText(),
      (text) => text === '320 × 180 pixels',
    );
    assert.ok((await estimate(page)) < whole);
    while ((await focused(page)) !== 'export') await keyboard.press('Tab');
    await keyboard.press('Enter');
    await workbench.waitForNotification(`Exported: ${NAME}.gif`);
    await until(
      'message',
      () => page.locator('#message').innerText(),
      (text) => text === `Exported: ${NAME}.gif`,
    );
    const gif = await decode(await readFile(path.join(folder, `${NAME}.gif`)), 'image/gif');
    assert.deepEqual(gif, { width: 320, height: 180, frames: 24, ms: 2000, repeats: true });
    await workbench.pressInNotification('Exported: ', 'Copy as Markdown');
    await workbench.waitForNotification('Copied. The path is right');
  });

  it('tells the size before, also of WebP, and makes no more than what was asked', async () => {
    const { workbench, folder } = await fixture.open();
    const row = await ready(workbench);
    await workbench.chooseInMenu(row, 'Save to workspace');
    await workbench.waitForNotification('Saved: ');
    const watched = await preview(workbench, row);
    await waitForPage(watched, 'ready');
    await watched.locator('#export').click();
    const page = await exporter(workbench);
    await mkdir(PICTURES, { recursive: true });
    for (const [kind, type] of [
      ['gif', 'image/gif'],
      ['webp', 'image/webp'],
    ] as const) {
      await page.locator(`input[name=kind][value=${kind}]`).check({ force: true });
      const expected = await estimate(page);
      await page.locator('#export').click();
      await done(page, `Exported: ${NAME}.${kind}`);
      const bytes = await readFile(path.join(folder, `${NAME}.${kind}`));
      assert.deepEqual(await decode(bytes, type), { width: 480, height: 270, frames: 60, ms: 5000, repeats: true });
      assert.ok(bytes.length < 3 * MB, `${bytes.length} bytes`);
      assert.ok(Math.abs(expected / bytes.length - 1) < 0.3, `${kind}: about ${expected} of ${bytes.length}`);
    }
  });

  it('makes frames and a sheet for games, and a cancelled export leaves nothing', async function () {
    this.timeout(240_000); // several pages, each with an audit
    const { workbench, folder } = await fixture.open();
    const row = await ready(workbench);
    await workbench.chooseInMenu(row, 'Export frames…');
    const page = await exporter(workbench);
    await page.locator('#export').click();
    await until(
      'frames on the disk',
      () => filesIn(folder),
      (files) => files.includes(`${NAME}-frames/0002.png`),
      EXPORT_MS,
    );
    await page.locator('#cancel').click();
    await done(page, 'Cancelled. Nothing was left behind.');
    assert.deepEqual(await filesIn(folder), []);

    await page.locator('#every').fill('30');
    await page.locator('#width').fill('320');
    await page.locator('#export').click();
    await done(page, `Exported: ${NAME}-frames with 4 frames`);
    const names = ['0001', '0002', '0003', '0004'];
    assert.deepEqual(
      await filesIn(folder),
      names.map((name) => `${NAME}-frames/${name}.png`),
    );
    const shown = decodePng(await readFile(path.join(folder, `${NAME}-frames/0003.png`)));
    assert.deepEqual([shown.width, shown.height], [320, 180]);

    await page.locator('input[name=kind][value=sheet]').check({ force: true });
    await page.locator('#every').fill('20');
    await page.locator('#width').fill('160');
    await page.locator('#export').click();
    await done(page, `Exported: ${NAME}-sheet.png and ${path.basename(NAME)}-sheet.json`);
    const sheet = JSON.parse(await readFile(path.join(folder, `${NAME}-sheet.json`), 'utf8')) as {
      frames: Record<string, unknown>;
      meta: { image: string; size: { w: number; h: number } };
    };
    assert.equal(Object.keys(sheet.frames).length, 6);
    const drawn = decodePng(await readFile(path.join(folder, path.dirname(NAME), sheet.meta.image)));
    assert.deepEqual(sheet.meta.size, { w: drawn.width, h: drawn.height });

    await mkdir(PICTURES, { recursive: true });
    await closeNotifications(workbench);
    for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
      await workbench.useTheme(theme);
      await expectAccessible(page);
      await workbench.screenshot(path.join(PICTURES, `export-${theme}.png`));
    }
  });
});

/** Generates a video, and returns its row once there is a copy. */
async function ready(workbench: Workbench) {
  await setKey(workbench);
  await generate(workbench, PROMPT);
  const row = await rowOf(workbench, 'A paper boat');
  await waitForState(row, /^Ready$/);
  await closeNotifications(workbench);
  await row.click();
  await waitForPage(workbench.webview(), 'ready');
  return row;
}

async function exporter(workbench: Workbench): Promise<FrameLocator> {
  await workbench.page.locator('.tabs-container .tab.active', { hasText: 'Export: ' }).waitFor();
  const page = workbench.webview();
  await page.locator('#state[data-state="ready"]').waitFor();
  return page;
}

/** The id, or of radio buttons the value, of what has the focus. */
function focused(page: FrameLocator): Promise<string> {
  return inPage(page, "document.activeElement.id || document.activeElement.value || ''");
}

/** Waits until the size was tried out. Bytes. */
async function estimate(page: FrameLocator): Promise<number> {
  const text = await until(
    'estimate',
    () => page.locator('#estimate').getAttribute('data-bytes'),
    (bytes) => Number(bytes) > 0,
    EXPORT_MS,
  );
  return Number(text);
}

async function done(page: FrameLocator, text: string): Promise<void> {
  await until(
    'message',
    () => page.locator('#message, #problem').allInnerTexts(),
    (texts) => texts.includes(text),
    EXPORT_MS,
  );
}

/** What the browser's decoder finds in an animation. */
async function decode(
  bytes: Buffer,
  type: string,
): Promise<{ width: number; height: number; frames: number; ms: number; repeats: boolean }> {
  const context = await fixture.browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    // A decoder is there on pages that are secure only.
    await page.goto(fixture.emulator.baseUrl.replace(/\/v1$/, '/')).catch(() => undefined);
    return await page.evaluate(`(async () => {
      const data = Uint8Array.from(atob('${bytes.toString('base64')}'), (letter) => letter.charCodeAt(0));
      const decoder = new ImageDecoder({ data, type: '${type}' });
      await decoder.completed;
      await decoder.tracks.ready;
      const { frameCount: frames, repetitionCount } = decoder.tracks.selectedTrack;
      let ms = 0;
      let size;
      for (let frameIndex = 0; frameIndex < frames; frameIndex++) {
        const { image } = await decoder.decode({ frameIndex });
        ms += image.duration / 1000;
        size = { width: image.displayWidth, height: image.displayHeight };
        image.close();
      }
      return { ...size, frames, ms: Math.round(ms), repeats: repetitionCount === Infinity };
    })()`);
  } finally {
    await context.close();
  }
}
