import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  answer,
  closeNotifications,
  offered,
  question,
  rowOf,
  setKey,
  until,
  waitForState,
} from './actions';
import { landscape, photo } from './pictures';
import { png } from './png';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>';

describe('use as first frame', () => {
  it('sends an image of the explorer inside the request, after one question', async () => {
    const { emulator } = fixture;
    const image = png(640, 360);
    const { workbench } = await fixture.open({ 'boat.png': image });
    await setKey(workbench);
    await useAsFirstFrame(workbench, 'boat.png');
    await question(workbench, 'First frame').waitFor();
    await until(
      'what works at once is proposed, with its consequences',
      () => workbench.quickInput.locator('.monaco-list-row.focused').innerText(),
      (text) => /Send the file inside the request[^]*Only the service gets it[^]*may refuse/.test(text),
    );
    await workbench.accept();
    await answer(workbench, 'What happens after the first frame?', 'The boat sails away');
    assert.match(
      (await offered(workbench)).join('\n'),
      /First frame: boat\.png[^]*The image is sent inside the request/,
    );
    assert.equal(emulator.ledger.creates().length, 0);
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'The boat sails away'), /^Ready$/);
    const body = emulator.ledger.creates()[0]?.body as { images: string[] };
    assert.deepEqual(body.images, [`data:image/png;base64,${image.toString('base64')}`]);

    // The next one needs neither to be told again nor to choose.
    await closeNotifications(workbench);
    await useAsFirstFrame(workbench, 'boat.png');
    await answer(workbench, 'What happens after the first frame?', 'The boat sinks');
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
  });

  it('sends a link that the user gives', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open({ 'boat.png': png(400, 400) });
    await setKey(workbench);
    await useAsFirstFrame(workbench, 'boat.png');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('It is on the web: give a link');
    await answer(workbench, 'Link to boat.png', 'file:///etc/passwd');
    await until(
      'the box says',
      () => workbench.quickInput.innerText(),
      (text) => text.includes('This is not a link that the service could open.'),
    );
    await workbench.answer('https://images.example/boat.png');
    await answer(workbench, 'What happens after the first frame?', 'The boat sails away');
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    assert.deepEqual((emulator.ledger.creates()[0]?.body as { images: string[] }).images, [
      'https://images.example/boat.png',
    ]);
  });

  it('says of a task that is generated again that its image has changed, sends what it is now, and never goes on without it by itself', async () => {
    const { emulator } = fixture;
    const [before, after] = [await landscape(640, 360), await photo(500, 500)];
    const { workbench, folder } = await fixture.open({ 'boat.jpg': before });
    const file = path.join(folder, 'boat.jpg');
    await mkdir(PICTURES, { recursive: true });
    await setKey(workbench);
    await useAsFirstFrame(workbench, 'boat.jpg');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Send the file inside the request');
    await answer(workbench, 'What happens after the first frame?', 'The boat sails away');
    await offered(workbench);
    assert.equal(await framePictures(workbench), 1);
    await acceptOffer(workbench);
    const row = await rowOf(workbench, 'The boat sails away');
    await waitForState(row, /^Ready$/);
    await closeNotifications(workbench);

    // Unchanged, nothing is said about it.
    await workbench.chooseInMenu(row, 'Generate again');
    assert.doesNotMatch((await offered(workbench)).join('\n'), /has changed/);
    await workbench.page.keyboard.press('Escape');
    await workbench.quickInput.waitFor({ state: 'hidden' });

    await writeFile(file, after);
    await workbench.chooseInMenu(row, 'Generate again');
    assert.match(
      (await offered(workbench)).join('\n'),
      /First frame: boat\.jpg[^\n]*500 × 500[^\n]*The file has changed since: the video begins with what it is now/,
    );
    await workbench.screenshot(path.join(PICTURES, 'firstFrame-changed.png'));
    // This window has shown a picture of the file already, and would show the old one.
    await until(
      'no picture',
      () => framePictures(workbench),
      (count) => count === 0,
    );
    await acceptOffer(workbench);
    await until(
      'charged',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    const sent = emulator.ledger.creates().map(({ body }) => (body as { images: string[] }).images);
    assert.deepEqual(
      sent,
      [before, after].map((image) => [`data:image/jpeg;base64,${image.toString('base64')}`]),
    );

    await rm(file);
    await workbench.chooseInMenu(row, 'Generate again');
    await workbench.dialog.waitFor();
    assert.match(
      await workbench.dialog.innerText(),
      /The first frame can no longer be used: boat\.jpg[^]*may have been moved or deleted[^]*nothing was charged/,
    );
    await workbench.screenshot(path.join(PICTURES, 'firstFrame-gone.png'));
    await workbench.dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await workbench.dialog.waitFor({ state: 'detached' });
    assert.equal(emulator.ledger.creates().length, 2);
  });

  it('refuses what the service would not take, by its content and before anything is asked', async () => {
    const { workbench } = await fixture.open({
      'text.png': 'this is no picture',
      'drawing.png': SVG,
      'drawing.svg': SVG,
      'small.png': png(299, 360),
    });
    // All of several have to be fit: nothing is sent for some of them.
    await workbench.container('Seedance').waitFor();
    for (const name of ['drawing.png', 'small.png'])
      await (await fileRow(workbench, name)).click({ modifiers: ['Control'] });
    await until(
      'chosen',
      () => workbench.page.locator('.explorer-folders-view .monaco-list-row.selected').count(),
      (count) => count === 2,
    );
    await workbench.chooseInMenu(await fileRow(workbench, 'small.png'), 'Use as first frame');
    const told = await workbench.waitForNotification(/cannot be a first frame/);
    for (const why of [
      /drawing\.png: By its content this is not an image that the service takes/,
      /small\.png: The image has 299 × 360 pixels; each side must have at least 300\./,
      /Nothing was sent\.$/,
    ])
      assert.match(told, why);
    await closeNotifications(workbench);
    await useAsFirstFrame(workbench, 'text.png');
    assert.match(
      await workbench.waitForNotification(/cannot be a first frame/),
      /text\.png: By its content this is not an image/,
    );
    await (await fileRow(workbench, 'drawing.svg')).click({ button: 'right' });
    await workbench.page.locator('.monaco-menu .action-menu-item', { hasText: 'Copy Path' }).first().waitFor();
    assert.equal(
      await workbench.page.locator('.monaco-menu .action-menu-item', { hasText: 'Use as first frame' }).count(),
      0,
    );
    assert.deepEqual(fixture.emulator.ledger.entries, []);
  });
});

/** How many pictures the row of the first frame shows: one, or an icon in its place. */
function framePictures(workbench: Workbench): Promise<number> {
  const row = question(workbench, /^Seedance$/).locator('.monaco-list-row', { hasText: 'First frame' });
  return row.locator('.quick-input-list-icon:not(.codicon)').count();
}

async function fileRow(workbench: Workbench, name: string) {
  await workbench.openContainer('Explorer');
  const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  await row.waitFor();
  return row;
}

async function useAsFirstFrame(workbench: Workbench, name: string): Promise<void> {
  await workbench.container('Seedance').waitFor();
  await workbench.chooseInMenu(await fileRow(workbench, name), 'Use as first frame');
}
