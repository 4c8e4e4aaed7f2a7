/** The small pictures of finished videos: what is drawn, where it is seen, and how videos come into documents. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { POSTER_MAX_BYTES } from '../../src/tasks/model/poster';
import { sceneOf } from '../emulator/video/scene';
import { encodeBlackFirst } from '../support/blackFirstFilm';
import type { Workbench } from '../vscode/workbench';
import {
  closeNotifications,
  generate,
  giveUp,
  inPage,
  preview,
  question,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { filesIn, fixture } from './setup';

const PROMPT = 'A lighthouse in the morning fog';
const NAME = 'seedance/A-lighthouse-in-the-morning-fog';
const PICTURES = path.resolve('out', 'ui');

describe('posters', () => {
  it('are of a telling frame, not the black one that a video begins with, and are seen where the video is meant', async () => {
    const { behaviour } = fixture.emulator;
    behaviour.video = (task) => encodeBlackFirst(sceneOf(task, behaviour), 18);
    fixture.sandbox.changeSettings({ 'seedance.model': 'seedance-1-pro-480P-2s' });
    const { workbench, folder } = await fixture.open({ 'notes.md': '# Notes\n\n', [`${NAME}.jpg`]: 'not ours' });
    await setKey(workbench);
    await generate(workbench, PROMPT);
    const row = await rowOf(workbench, 'A lighthouse');
    await waitForState(row, /^Ready$/);
    assert.deepEqual(await posters(), []);
    const page = await preview(workbench, row);
    await waitForPage(page, 'ready');
    const [poster] = await until('posters', posters, (found) => found.length === 1);
    assert.ok(poster!.length <= POSTER_MAX_BYTES, String(poster!.length));
    const { width, height, mean, deviation } = await look(workbench, poster!);
    assert.deepEqual({ width, height }, { width: 480, height: 270 });
    assert.ok(mean > 40 && deviation > 20, `${mean} ${deviation}`);
    // What the user plays goes on as it was.
    assert.equal(await inPage<number>(page, 'document.querySelectorAll("video").length'), 1);
    assert.equal(await inPage<boolean>(page, 'document.querySelector("#video").paused'), false);

    // The tooltip of its row.
    await closeNotifications(workbench);
    await workbench.page.mouse.move(700, 500);
    await row.hover();
    const still = workbench.page.locator('.monaco-hover:visible img[alt="A frame of the video"]');
    await still.waitFor();
    await workbench.screenshot(path.join(PICTURES, 'posters-hover.png'));
    await until(
      'the picture',
      async () => (await still.boundingBox())?.height,
      (height) => height === 180,
    );
    assert.match((await still.getAttribute('src')) ?? '', /^data:image\/jpeg;base64,/);

    // The question before it is paid for once more.
    await workbench.chooseInMenu(row, 'Generate again');
    const prompt = question(workbench, /^Seedance$/).locator('.monaco-list-row', { hasText: 'Prompt: A lighthouse' });
    await prompt.waitFor();
    await workbench.screenshot(path.join(PICTURES, 'posters-again.png'));
    assert.match((await prompt.locator('.quick-input-list-icon').getAttribute('style')) ?? '', /\.poster\.jpg/);
    await giveUp(workbench);

    // The document: beside the saved video, and what had the name stays.
    await workbench.openFile('notes.md');
    await workbench.chooseInMenu(row, 'Insert into document…');
    const link = `[![${PROMPT}](${NAME}-2.jpg)](${NAME}.mp4)`;
    const text = await saved(workbench, path.join(folder, 'notes.md'), /mp4/);
    assert.deepEqual([text.includes(link), text.replace(link, '')], [true, '# Notes\n\n'], text);
    assert.ok((await readFile(path.join(folder, `${NAME}-2.jpg`))).equals(poster!));
    assert.equal(await readFile(path.join(folder, `${NAME}.jpg`), 'utf8'), 'not ours');
  });

  it('or links come into a document by dragging a row there, or by pasting what was copied for another', async () => {
    const { workbench, folder } = await fixture.open({ 'docs/notes.md': '# Notes\n', 'docs/pages/page.html': '' });
    await setKey(workbench);
    await generate(workbench, PROMPT);
    const row = await rowOf(workbench, 'A lighthouse');
    await waitForState(row, /^Ready$/);
    await closeNotifications(workbench);
    await workbench.openFile('notes.md');
    await dragWithShift(workbench, row, workbench.page.locator('.editor-instance .view-line').first());
    assert.match(
      await saved(workbench, path.join(folder, 'docs/notes.md'), /mp4/),
      new RegExp(`\\[${PROMPT}\\]\\(\\.\\./${NAME}\\.mp4\\)`),
    );
    assert.deepEqual(
      (await filesIn(path.join(folder, 'seedance'))).filter((name) => name.endsWith('.mp4')),
      [path.basename(`${NAME}.mp4`)],
    );

    await workbench.chooseInMenu(row, 'Copy as Markdown');
    await workbench.waitForNotification('Copied. The path is right for documents beside docs/notes.md.');
    await workbench.openFile('page.html');
    await workbench.page.locator('.tab.active', { hasText: 'page.html' }).waitFor();
    await workbench.page.locator('.editor-instance .view-line').first().click();
    await workbench.page.keyboard.press('Control+V');
    assert.match(
      await saved(workbench, path.join(folder, 'docs/pages/page.html'), /mp4/),
      new RegExp(`^<video src="\\.\\./\\.\\./${NAME}\\.mp4" `),
    );
  });
});

/** Saves the document that is edited until its file is as expected, and gives that. */
async function saved({ page }: Workbench, file: string, expected: RegExp): Promise<string> {
  return until(
    file,
    async () => {
      await page.keyboard.press('Control+S');
      return readFile(file, 'utf8');
    },
    (text) => expected.test(text),
  );
}

/** With Shift, VS Code drops into the document; without, it opens what is dropped. */
async function dragWithShift({ page }: Workbench, from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(start!.x + 60, start!.y + start!.height / 2);
  await page.mouse.down();
  await page.keyboard.down('Shift');
  await page.mouse.move(end!.x + 40, end!.y + 40, { steps: 8 });
  await page.mouse.move(end!.x + 10, end!.y + end!.height / 2, { steps: 8 });
  await page.waitForTimeout(500);
  await page.screenshot({ path: path.join(PICTURES, 'posters-drag.png') });
  await page.mouse.up();
  await page.keyboard.up('Shift');
}

async function posters(): Promise<Buffer[]> {
  const folder = path.join(fixture.storage, 'videos');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.poster.jpg'));
  return Promise.all(names.map((name) => readFile(path.join(folder, name))));
}

/** What a picture shows: its size, and the mean and the standard deviation of its light, 0 to 255. */
async function look({ page }: Workbench, jpeg: Buffer) {
  return page.evaluate<{ width: number; height: number; mean: number; deviation: number }>(`(async () => {
    const bytes = Uint8Array.from(atob('${jpeg.toString('base64')}'), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const light = [];
    for (let at = 0; at < data.length; at += 4) light.push((data[at] + data[at + 1] + data[at + 2]) / 3);
    const mean = light.reduce((sum, value) => sum + value, 0) / light.length;
    const deviation = Math.sqrt(light.reduce((sum, value) => sum + (value - mean) ** 2, 0) / light.length);
    return { width, height, mean, deviation };
  })()`);
}
