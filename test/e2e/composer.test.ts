import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import type { Theme, Workbench } from '../vscode/workbench';
import { expectAccessible } from './audit';
import { inPage, question, setKey, until } from './actions';
import { landscape } from './pictures';
import { png } from './png';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');

describe('the view "Create"', () => {
  it('orders takes with the keyboard alone, once, and as its price says', async () => {
    const { emulator } = fixture;
    fixture.sandbox.changeSettings({ 'seedance.confirmAbove': 70 });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    const { keyboard } = workbench.page;
    const page = await openComposer(workbench);
    const focused = () => inPage<string>(page, 'document.activeElement.id || document.activeElement.name');
    await page.locator('#prompt').focus();
    await keyboard.type('A quiet street at night, no people.');
    await until(
      'the button',
      async () => plain(await page.locator('#generate').innerText()),
      (text) => text === 'Generate – 122 ₽',
    );
    assert.match(await page.locator('#money').innerText(), /^Balance: /);
    // What the remark proposes is pressed, and the focus is in the prompt again.
    await page.locator('#remarks summary', { hasText: '1 remark' }).waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await until(
      'the prompt',
      () => page.locator('#prompt').inputValue(),
      (text) => text === 'A quiet street at night, deserted.',
    );
    assert.equal(await focused(), 'prompt');
    await keyboard.press('Tab');
    assert.equal(await focused(), 'model');
    await keyboard.press('Tab');
    assert.equal(await focused(), 'resolution');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Tab');
    assert.equal(await focused(), 'duration');
    await keyboard.press('ArrowLeft');
    await until(
      'the button',
      async () => plain(await page.locator('#generate').innerText()),
      (text) => text === 'Generate – 22.40 ₽',
    );
    await keyboard.press('Tab');
    assert.equal(await focused(), 'ratio');
    await keyboard.press('ArrowRight');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    assert.equal(await focused(), 'takes');
    await keyboard.press('ArrowUp');
    await keyboard.press('ArrowUp');
    await until(
      'the button',
      async () => plain(await page.locator('#generate').innerText()),
      (text) => text === 'Generate 3 videos – 67.20 ₽',
    );
    await keyboard.press('Control+Enter');
    await keyboard.press('Control+Enter');
    await until(
      'the status',
      () => page.locator('#status').innerText(),
      (text) => text === 'Videos on their way: 3',
    );
    await workbench.page.waitForTimeout(500);
    const orders = emulator.ledger.creates().map(({ body }) => body as { model: string; prompt: string; ar: string });
    assert.deepEqual(
      orders.map(({ model, prompt, ar }) => ({ model, prompt, ar })),
      Array.from({ length: 3 }, () => ({
        model: 'seedance-1-pro-720P-2s',
        prompt: 'A quiet street at night, deserted.',
        ar: '9:16',
      })),
    );
    assert.equal(await workbench.quickInput.count(), 0);

    // Above the limit the price is asked about, and a "no" orders nothing.
    await page.locator('#takes').press('ArrowUp');
    await until(
      'the button',
      async () => plain(await page.locator('#generate').innerText()),
      (text) => text === 'Generate 4 videos – 89.60 ₽',
    );
    await page.locator('#generate').dblclick();
    await workbench.dialog.waitFor();
    assert.match(await workbench.dialog.innerText(), /Generate 4 videos\?[^]*Seedance 1 Pro · 720P · 2 s · 9:16/);
    await keyboard.press('Escape');
    await workbench.dialog.waitFor({ state: 'detached' });
    await until(
      'the status',
      () => page.locator('#status').innerText(),
      (text) => text === 'Nothing was sent.',
    );
    assert.equal(emulator.ledger.creates().length, 3);
  });

  it('takes an image that is pasted or too large, and keeps everything while it is hidden and when the window is loaded anew', async () => {
    const { emulator } = fixture;
    fixture.sandbox.changeSettings({ 'seedance.confirmAbove': 500 });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    let page = await openComposer(workbench);
    await page.locator('#prompt').fill('The poster comes alive');
    await hand(page, 'paste', png(7000, 3938));
    const cropper = await webviewWith(workbench, '#state[data-state="ready"]');
    assert.match(await cropper.locator('#reason').innerText(), /each side may have at most 6000/);
    await cropper.locator('#use').click();
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Send the file inside the request');
    await page.locator('#frame img').waitFor();
    assert.match(
      await page.locator('#frame').innerText(),
      /^Pasted image\s+6000 × 3375\s+The image is sent inside the request/,
    );
    await hand(page, 'drop', png(600, 600));
    await until(
      'the frame',
      () => page.locator('#frame').innerText(),
      (text) => text.includes('600 × 600'),
    );
    assert.equal(await page.locator('input[name="ratio"][value="1:1"]').isChecked(), true, 'the nearest ratio');
    await page.locator('#takes').fill('2');

    const same = async () => {
      await until(
        'the prompt',
        () => page.locator('#prompt').inputValue(),
        (text) => text === 'The poster comes alive',
      );
      await page.locator('#frame img').waitFor();
      assert.equal(await page.locator('#takes').inputValue(), '2');
      assert.match(await page.locator('#frame').innerText(), /600 × 600/);
    };
    await header(workbench).click();
    await workbench.page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    page = await openComposer(workbench);
    await same();
    await workbench.reload();
    await workbench.openContainer('Seedance');
    page = await webviewWith(workbench, '#composer[data-state="ready"]');
    await same();
    await page.locator('#generate').click();
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    assert.match((emulator.ledger.creates()[0]?.body as { images: string[] }).images[0]!, /^data:image\/png;base64,/);
  });

  it('is filled from the question before money is spent', async () => {
    const { workbench } = await fixture.open();
    await setKey(workbench);
    const page = await openComposer(workbench);
    await workbench.runCommand('Seedance: Generate video…');
    await question(workbench, 'Generate video').waitFor();
    await workbench.answer('A ship in a storm');
    await question(workbench, /^Seedance$/).waitFor();
    await workbench.pick('Edit in “Create”');
    await until(
      'the prompt',
      () => page.locator('#prompt').inputValue(),
      (text) => text === 'A ship in a storm',
    );
    await until(
      'the focus',
      () => inPage<string>(page, 'document.activeElement.id'),
      (id) => id === 'prompt',
    );
    assert.deepEqual(fixture.emulator.ledger.creates(), []);
  });

  it('looks like the workbench in every theme, at any width, and can be heard', async () => {
    const { workbench } = await fixture.open();
    await mkdir(PICTURES, { recursive: true });
    await setKey(workbench);
    const page = await openComposer(workbench);
    await workbench.page.setViewportSize({ width: 1280, height: 1300 });
    await growComposer(workbench, 900);
    await page.locator('#prompt').fill('A lighthouse on a cliff at dusk, no people. Slow push in, then pan left.');
    await page.locator('#remarks summary').click();
    await hand(page, 'drop', await landscape(1600, 1200));
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Send the file inside the request');
    await page.locator('#frame img').waitFor();
    await page.locator('#frame').scrollIntoViewIfNeeded();
    for (const theme of ['light', 'highContrast', 'highContrastLight', 'dark'] as Theme[]) {
      await workbench.useTheme(theme);
      await expectAccessible(page);
      await workbench.screenshot(path.join(PICTURES, `composer-${theme}.png`));
    }
    // The narrowest that VS Code lets a side bar be is 170 pixels.
    for (const width of [300, 170]) {
      await setSideBarWidth(workbench, width);
      assert.equal(
        await inPage<boolean>(page, 'document.documentElement.scrollWidth <= document.documentElement.clientWidth'),
        true,
        `${width} pixels`,
      );
      await expectAccessible(page);
      await workbench.screenshot(path.join(PICTURES, `composer-${width}.png`));
    }
  });
});

/** Amounts have spaces that do not break. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

function header(workbench: Workbench) {
  return workbench.page.locator('.sidebar .pane-header', { hasText: /^(Create|Создать)/i });
}

/** Unfolds the view, and gives its page. */
async function openComposer(workbench: Workbench): Promise<FrameLocator> {
  await workbench.openContainer('Seedance');
  await header(workbench).click();
  return webviewWith(workbench, '#composer[data-state="ready"]');
}

/** The page that has such an element. */
async function webviewWith(workbench: Workbench, selector: string): Promise<FrameLocator> {
  return until(
    selector,
    async () => {
      const count = await workbench.page.locator('iframe.webview.ready').count();
      for (let index = 0; index < count; index++) {
        const page = workbench.webview(index);
        if ((await page.locator(selector).count()) > 0) return page;
      }
      return undefined;
    },
    (page) => page !== undefined,
  ) as Promise<FrameLocator>;
}

/** As a browser hands it over, with the file as it lies in the clipboard or under the mouse. */
async function hand(page: FrameLocator, type: 'paste' | 'drop', image: Uint8Array): Promise<void> {
  await inPage(
    page,
    `(() => {
      const bytes = Uint8Array.from(atob(${JSON.stringify(Buffer.from(image).toString('base64'))}), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      document.body.dispatchEvent(${type === 'paste' ? "new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })" : "new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })"});
    })()`,
  );
}

/** Drags the edge between the form and the list down. */
async function growComposer(workbench: Workbench, pixels: number): Promise<void> {
  const list = workbench.page.locator('.sidebar .pane-header', { hasText: 'Videos' });
  const box = (await list.boundingBox())!;
  const { mouse } = workbench.page;
  await mouse.move(box.x + 80, box.y);
  await mouse.down();
  await mouse.move(box.x + 80, box.y + pixels / 2, { steps: 5 });
  await mouse.move(box.x + 80, box.y + pixels, { steps: 5 });
  await mouse.up();
}

async function setSideBarWidth(workbench: Workbench, width: number): Promise<void> {
  const box = (await workbench.page.locator('.part.sidebar').boundingBox())!;
  const { mouse } = workbench.page;
  await mouse.move(box.x + box.width, box.y + box.height / 2);
  await mouse.down();
  await mouse.move(box.x + width, box.y + box.height / 2, { steps: 5 });
  await mouse.up();
}
