import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { validateImage } from '../../src/images/imageInfo';
import type { Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  answer,
  closeNotifications,
  generate,
  giveUp,
  offered,
  question,
  rowOf,
  setKey,
  until,
  waitForState,
} from './actions';
import { png } from './png';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const BOAT = png(640, 360);
const SEA = png(400, 400);

describe('ways in for a first frame', () => {
  it('takes several images of the explorer, with one question for all', async () => {
    const { workbench } = await fixture.open({ 'boat.png': BOAT, 'SEA.PNG': SEA, 'notes.md': '# Notes' });
    await setKey(workbench);
    await toggle(workbench, ['boat.png', 'notes.md', 'SEA.PNG'], 3);
    await workbench.chooseInMenu(await fileRow(workbench, 'SEA.PNG'), 'Use as first frame');
    assert.match(
      await workbench.waitForNotification(/cannot be a first frame/),
      /^notes\.md: By its content this is not an image[^]*Nothing was sent\.$/,
    );
    await closeNotifications(workbench);

    await toggle(workbench, ['notes.md'], 2);
    await workbench.chooseInMenu(await fileRow(workbench, 'SEA.PNG'), 'Use as first frame');
    await sendInside(workbench);
    await answer(workbench, 'What happens after the first frame?', 'Waves rise');
    assert.match(
      (await offered(workbench)).join('\n'),
      /Generate 2 videos – 244\s₽[^]*First frame: boat\.png and more: 1/,
    );
    await acceptOffer(workbench);
    await until(
      'creates',
      () => fixture.emulator.ledger.charged().length,
      (count) => count === 2,
    );
    assert.deepEqual(sent(), [[inline(BOAT)], [inline(SEA)]]);
  });

  it('takes what is dragged from the explorer onto the tasks', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open({ 'boat.png': BOAT, 'sea.png': SEA, 'notes.md': '# Notes' });
    await mkdir(PICTURES, { recursive: true });
    await setKey(workbench);
    await generate(workbench, 'A whale in a teacup');
    await waitForState(await rowOf(workbench, 'A whale'), /^Ready$/);
    await closeNotifications(workbench);

    await drag(workbench, await fileRow(workbench, 'boat.png'), 'waysIn-drag');
    await sendInside(workbench);
    await answer(workbench, 'What happens after the first frame?', 'The boat sails');
    assert.match((await offered(workbench)).join('\n'), /First frame: boat\.png/);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    assert.deepEqual(sent()[1], [inline(BOAT)]);

    await toggle(workbench, ['boat.png', 'sea.png'], 2);
    await drag(workbench, await fileRow(workbench, 'sea.png'));
    await answer(workbench, 'What happens after the first frame?', 'Rain falls');
    assert.match((await offered(workbench)).join('\n'), /Generate 2 videos/);
    await giveUp(workbench);

    await drag(workbench, await fileRow(workbench, 'notes.md'));
    assert.match(
      await workbench.waitForNotification(/cannot be a first frame/),
      /^notes\.md: By its content this is not an image/,
    );
    assert.equal(emulator.ledger.creates().length, 2);

    // From the system's own windows a browser gets the bytes and no path.
    await workbench.openContainer('Seedance');
    await dropFile(workbench, 'desktop.png', SEA);
    await answer(workbench, 'What happens after the first frame?', 'Snow falls');
    assert.match((await offered(workbench)).join('\n'), /First frame: desktop\.png/);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 3,
    );
    assert.deepEqual(sent()[2], [inline(SEA)]);
  });

  it('takes an image of the clipboard while the prompt is typed, and keeps what was typed', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open();
    await mkdir(PICTURES, { recursive: true });
    await setKey(workbench);
    await workbench.page.evaluate(`(async () => {
      const bytes = Uint8Array.from(atob('${BOAT.toString('base64')}'), (char) => char.charCodeAt(0));
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })]);
    })()`);
    await workbench.runCommand('Seedance: Generate video…');
    const box = question(workbench, 'Generate video');
    await box.locator('input').fill('A paper boat sails');
    await workbench.screenshot(path.join(PICTURES, 'waysIn-prompt.png'));
    await box.locator('.action-label[aria-label="First frame: paste or choose an image…"]').click();
    await paste(workbench);
    await until(
      'typed',
      () => box.locator('input').inputValue(),
      (text) => text === 'A paper boat sails',
    );
    assert.match(await box.innerText(), /First frame: Pasted image\. What happens after it\?/);
    await workbench.screenshot(path.join(PICTURES, 'waysIn-pasted.png'));
    await workbench.page.keyboard.press('Enter');
    await sendInside(workbench);
    assert.match((await offered(workbench)).join('\n'), /First frame: Pasted image/);

    // The question before sending takes another one.
    await workbench.pick('First frame: ');
    await workbench.pick('Paste image…');
    await paste(workbench);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    const [[image]] = sent() as [[string]];
    assert.match(image, /^data:image\/png;base64,/);
    const { width, height } = validateImage(Buffer.from(image.split(',')[1]!, 'base64'));
    assert.deepEqual({ width, height }, { width: 640, height: 360 });
  });

  it('takes the image at the cursor of a Markdown or HTML text', async () => {
    const { emulator } = fixture;
    const { workbench, folder } = await fixture.open({
      'docs/notes.md': [
        '# Shots',
        'The ![small boat](../my%20img/boat.png "At sea") leaves.',
        '',
        'The ![private one](../../private.png).',
        '',
        'From ![the web][web].',
        '',
        `Inside ![data](data:image/png;base64,${SEA.toString('base64')})`,
        '',
        'Nothing here',
        '',
        '[web]: https://images.example/sea.png',
      ].join('\n'),
      'index.html': '<p>\n<img alt="a boat"\n  src="/my%20img/boat.png">\n</p>',
      'my img/boat.png': BOAT,
    });
    await writeFile(path.join(folder, '..', 'private.png'), SEA);
    await setKey(workbench);
    await workbench.openFile('notes.md');
    await mkdir(PICTURES, { recursive: true });

    // By its menu, which moves the cursor to where it is opened.
    await workbench.page.locator('.view-line span', { hasText: 'small boat' }).last().click({ button: 'right' });
    await workbench.page
      .locator('.monaco-menu .action-menu-item', { hasText: 'Use image at cursor as first frame' })
      .waitFor();
    await workbench.screenshot(path.join(PICTURES, 'waysIn-menu.png'));
    await workbench.page.keyboard.press('Escape');
    await workbench.chooseInMenu(
      workbench.page.locator('.view-line span', { hasText: 'small boat' }).last(),
      'Use image at cursor as first frame',
    );
    await sendInside(workbench);
    await answer(workbench, 'What happens after the first frame?', 'The boat sails');
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    assert.deepEqual(sent(), [[inline(BOAT)]]);

    await useImageAt(workbench, 'private one');
    await workbench.dialog.waitFor();
    assert.ok((await workbench.dialog.innerText()).includes(path.join(path.dirname(folder), 'private.png')));
    await workbench.screenshot(path.join(PICTURES, 'waysIn-outside.png'));
    await workbench.page.keyboard.press('Escape');
    await workbench.dialog.waitFor({ state: 'detached' });

    await useImageAt(workbench, 'the web');
    await answer(workbench, 'What happens after the first frame?', 'The sea is calm');
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    assert.deepEqual(sent()[1], ['https://images.example/sea.png']);

    await useImageAt(workbench, 'Inside');
    await answer(workbench, 'What happens after the first frame?', 'The sea is wild');
    assert.match((await offered(workbench)).join('\n'), /First frame: Image in notes\.md/);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 3,
    );
    assert.deepEqual(sent()[2], [inline(SEA)]);

    await useImageAt(workbench, 'Nothing here');
    await workbench.waitForNotification('There is no image at the cursor');
    await closeNotifications(workbench);

    await workbench.openFile('index.html');
    await useImageAt(workbench, 'a boat');
    await answer(workbench, 'What happens after the first frame?', 'The boat lands');
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 4,
    );
    assert.deepEqual(sent()[3], [inline(BOAT)]);
  });
});

/** In the page that asks for an image. */
async function paste(workbench: Workbench): Promise<void> {
  const page = workbench.webview();
  await page.locator('#paste').click();
  await page.locator('#use').click();
}

const inline = (image: Buffer) => `data:image/png;base64,${image.toString('base64')}`;

/** The images of each request, in the order that they came. */
function sent(): unknown[] {
  return fixture.emulator.ledger.creates().map(({ body }) => (body as { images?: unknown }).images);
}

async function fileRow(workbench: Workbench, name: string): Promise<Locator> {
  await workbench.openContainer('Explorer');
  const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  await row.waitFor();
  return row;
}

/** Adds to what is selected, or takes away. A click without the key would open the file, and that another selection. */
async function toggle(workbench: Workbench, names: readonly string[], chosen: number): Promise<void> {
  for (const name of names) await (await fileRow(workbench, name)).click({ modifiers: ['Control'] });
  await until(
    'chosen',
    () => workbench.page.locator('.explorer-folders-view .monaco-list-row.selected').count(),
    (count) => count === chosen,
  );
}

/** With the mouse: over the icon of Seedance, which opens it, onto its list. */
async function drag(workbench: Workbench, row: Locator, picture?: string): Promise<void> {
  const { mouse } = workbench.page;
  const icon = (await workbench.container('Seedance').boundingBox())!;
  const from = (await row.boundingBox())!;
  await mouse.move(from.x + 60, from.y + from.height / 2);
  await mouse.down();
  await mouse.move(from.x + 70, from.y + from.height / 2 + 4, { steps: 3 });
  const target = workbench.treeRow('A whale').first();
  await until(
    'the list is open',
    async () => {
      // A drag that stands still is not seen.
      await mouse.move(icon.x + icon.width / 2 + Math.random() * 4, icon.y + icon.height / 2, { steps: 2 });
      return target.isVisible();
    },
    Boolean,
  );
  const onto = (await target.boundingBox())!;
  await mouse.move(onto.x + 80, onto.y + onto.height / 2, { steps: 5 });
  if (picture !== undefined) await workbench.screenshot(path.join(PICTURES, `${picture}.png`));
  await mouse.up();
}

/** What a browser fires for a file from outside of it. */
async function dropFile(workbench: Workbench, name: string, content: Buffer): Promise<void> {
  await workbench.page.evaluate(`(() => {
    const target = document.querySelector('.sidebar .pane-body .monaco-list-row');
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob('${content.toString('base64')}'), (char) => char.charCodeAt(0));
    data.items.add(new File([bytes], '${name}', { type: 'image/png' }));
    const { x, y, width, height } = target.getBoundingClientRect();
    for (const type of ['dragenter', 'dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer: data, clientX: x + width / 2, clientY: y + height / 2 }));
    }
  })()`);
}

/** Asked on first use. */
async function sendInside(workbench: Workbench): Promise<void> {
  await question(workbench, 'First frame').waitFor();
  await workbench.pick('Send the file inside the request');
}

async function useImageAt(workbench: Workbench, text: string): Promise<void> {
  await workbench.selectText(text);
  await workbench.runCommand('Seedance: Use image at cursor as first frame');
}
