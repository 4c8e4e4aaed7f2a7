import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { Workbench } from '../vscode/workbench';
import { acceptOffer, answer, closeNotifications, generate, offered, question, rowOf, setKey, until, waitForState } from './person';
import { png } from './png';
import { stage } from './setup';

const PICTURES = path.resolve('out', 'ui');
const BOAT = png(640, 360);
const SEA = png(400, 400);

describe('ways in for a first frame', () => {
  it('takes several images of the explorer, with one question for all', async () => {
    const { workbench } = await stage.open({ 'boat.png': BOAT, 'SEA.PNG': SEA, 'notes.md': '# Notes' });
    await setKey(workbench);
    await select(workbench, ['boat.png', 'notes.md', 'SEA.PNG']);
    await workbench.chooseInMenu(await fileRow(workbench, 'SEA.PNG'), 'Use as first frame');
    assert.match(await workbench.waitForNotification(/cannot be a first frame/), /^notes\.md: By its content this is not an image[^]*Nothing was sent\.$/);
    await closeNotifications(workbench);

    await select(workbench, ['boat.png', 'SEA.PNG']);
    await workbench.chooseInMenu(await fileRow(workbench, 'SEA.PNG'), 'Use as first frame');
    await sendInside(workbench);
    await answer(workbench, 'What happens after the first frame?', 'Waves rise');
    assert.match((await offered(workbench)).join('\n'), /Generate videos: 2 – 244\s₽[^]*First frame: boat\.png and more: 1/);
    await acceptOffer(workbench);
    await until('creates', () => stage.emulator.ledger.charged().length, (count) => count === 2);
    assert.deepEqual(sent(), [[inline(BOAT)], [inline(SEA)]]);
  });

  it('takes what is dragged from the explorer onto the tasks', async () => {
    const { emulator } = stage;
    const { workbench } = await stage.open({ 'boat.png': BOAT, 'sea.png': SEA, 'notes.md': '# Notes' });
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
    await until('creates', () => emulator.ledger.charged().length, (count) => count === 2);
    assert.deepEqual(sent()[1], [inline(BOAT)]);

    await select(workbench, ['boat.png', 'sea.png']);
    await drag(workbench, await fileRow(workbench, 'sea.png'));
    await answer(workbench, 'What happens after the first frame?', 'Rain falls');
    assert.match((await offered(workbench)).join('\n'), /Generate videos: 2/);
    await workbench.page.keyboard.press('Escape');

    await drag(workbench, await fileRow(workbench, 'notes.md'));
    assert.match(await workbench.waitForNotification(/cannot be a first frame/), /^notes\.md: By its content this is not an image/);
    assert.equal(emulator.ledger.creates().length, 2);

    // From the system's own windows a browser gets the bytes and no path.
    await workbench.openContainer('Seedance');
    await dropFile(workbench.treeRow('A whale').first(), 'desktop.png', SEA);
    await answer(workbench, 'What happens after the first frame?', 'Snow falls');
    assert.match((await offered(workbench)).join('\n'), /First frame: desktop\.png/);
    await acceptOffer(workbench);
    await until('creates', () => emulator.ledger.charged().length, (count) => count === 3);
    assert.deepEqual(sent()[2], [inline(SEA)]);
  });

  it('takes the image at the cursor of a Markdown or HTML text', async () => {
    const { emulator } = stage;
    const { workbench, folder } = await stage.open({
      'docs/notes.md': [
        '# Shots', 'The ![small boat](../my%20img/boat.png "At sea") leaves.', '', 'The ![private one](../../private.png).', '',
        'From ![the web][web].', '', `Inside ![data](data:image/png;base64,${SEA.toString('base64')})`, '', 'Nothing here', '', '[web]: https://images.example/sea.png',
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
    await workbench.page.locator('.monaco-menu .action-menu-item', { hasText: 'Use image at cursor as first frame' }).waitFor();
    await workbench.screenshot(path.join(PICTURES, 'waysIn-menu.png'));
    await workbench.page.keyboard.press('Escape');
    await workbench.chooseInMenu(workbench.page.locator('.view-line span', { hasText: 'small boat' }).last(), 'Use image at cursor as first frame');
    await sendInside(workbench);
    await answer(workbench, 'What happens after the first frame?', 'The boat sails');
    await acceptOffer(workbench);
    await until('creates', () => emulator.ledger.charged().length, (count) => count === 1);
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
    await until('creates', () => emulator.ledger.charged().length, (count) => count === 2);
    assert.deepEqual(sent()[1], ['https://images.example/sea.png']);

    await useImageAt(workbench, 'Inside');
    await answer(workbench, 'What happens after the first frame?', 'The sea is wild');
    assert.match((await offered(workbench)).join('\n'), /First frame: Image in notes\.md/);
    await acceptOffer(workbench);
    await until('creates', () => emulator.ledger.charged().length, (count) => count === 3);
    assert.deepEqual(sent()[2], [inline(SEA)]);

    await useImageAt(workbench, 'Nothing here');
    await workbench.waitForNotification('There is no image at the cursor');
    await closeNotifications(workbench);

    await workbench.openFile('index.html');
    await useImageAt(workbench, 'a boat');
    await answer(workbench, 'What happens after the first frame?', 'The boat lands');
    await acceptOffer(workbench);
    await until('creates', () => emulator.ledger.charged().length, (count) => count === 4);
    assert.deepEqual(sent()[3], [inline(BOAT)]);
  });
});

const inline = (image: Buffer) => `data:image/png;base64,${image.toString('base64')}`;

/** The images of each request, in the order that they came. */
function sent(): unknown[] {
  return stage.emulator.ledger.creates().map(({ body }) => (body as { images?: unknown }).images);
}

async function fileRow(workbench: Workbench, name: string): Promise<Locator> {
  await workbench.openContainer('Explorer');
  const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  await row.waitFor();
  return row;
}

async function select(workbench: Workbench, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    // The first without a key, or it would add to what is selected.
    const row = await fileRow(workbench, name);
    await (index === 0 ? row.click() : row.click({ modifiers: ['Control'] }));
  }
  await until('chosen', () => workbench.page.locator('.explorer-folders-view .monaco-list-row.selected').count(), (count) => count === names.length);
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
  await until('the list is open', async () => {
    // A drag that stands still is not seen.
    await mouse.move(icon.x + icon.width / 2 + Math.random() * 4, icon.y + icon.height / 2, { steps: 2 });
    return target.isVisible();
  }, Boolean);
  const onto = (await target.boundingBox())!;
  await mouse.move(onto.x + 80, onto.y + onto.height / 2, { steps: 5 });
  if (picture !== undefined) await workbench.screenshot(path.join(PICTURES, `${picture}.png`));
  await mouse.up();
}

/** What a browser fires for a file from outside of it. */
async function dropFile(target: Locator, name: string, content: Buffer): Promise<void> {
  await target.evaluate(`(target) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob('${content.toString('base64')}'), (char) => char.charCodeAt(0));
    data.items.add(new File([bytes], '${name}', { type: 'image/png' }));
    const { x, y, width, height } = target.getBoundingClientRect();
    for (const type of ['dragenter', 'dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer: data, clientX: x + width / 2, clientY: y + height / 2 }));
    }
  }`);
}

/** Asked on first use. */
async function sendInside(workbench: Workbench): Promise<void> {
  await question(workbench, 'First frame').waitFor();
  await workbench.pick('Send the file inside the request');
  await workbench.dialog.locator('.monaco-button', { hasText: 'Send files like this' }).click();
}

async function useImageAt(workbench: Workbench, text: string): Promise<void> {
  await workbench.selectText(text);
  await workbench.runCommand('Seedance: Use image at cursor as first frame');
}
