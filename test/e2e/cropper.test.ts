import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import type { Theme, Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  answer,
  closeNotifications,
  inPage,
  offered,
  question,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { gifFile, jpegFile, pngFile, withoutTable } from '../support/imageFiles';
import { tiff } from '../support/imageHeaders';
import { alike, bmp, CORNERS, gif, landscape, look, photo, webp } from './pictures';
import { png, pngBomb } from './png';
import { expectAccessible } from './audit';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');

describe('cropper', () => {
  it('cuts a turned photograph as people see it, and nothing but the result is sent', async () => {
    const { emulator } = fixture;
    // Stored on its side, shown upright: 900 wide, 1200 high.
    const original = await photo(1200, 900, 6);
    const { workbench } = await fixture.open({ 'holiday.jpg': original });
    await setKey(workbench);
    await chooseFile(workbench, 'holiday.jpg');
    const offer = (await offered(workbench)).join('\n');
    assert.match(offer, /Aspect ratio: 9:16, nearest to the image/);
    assert.match(offer, /First frame: holiday\.jpg, 900 × 1200, .*Not 9:16: the service may cut the image/);
    await workbench.pick('Crop or pad…');
    const page = await cropper(workbench);
    await until(
      'result',
      () => page.locator('#result').innerText(),
      (text) => text === '675 × 1200 pixels',
    );
    assert.equal(await page.locator('#from').innerText(), 'out of 900 × 1200');
    await expectAccessible(page);
    await page.locator('#use').click();
    const cut = (await offered(workbench)).join('\n');
    assert.match(cut, /First frame: holiday\.jpg, 675 × 1200/);
    assert.doesNotMatch(cut, /may cut/);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );

    const body = emulator.ledger.creates()[0]?.body as { images: string[]; ar: string };
    assert.equal(body.ar, '9:16');
    assert.match(body.images[0]!, /^data:image\/jpeg;base64,/);
    const seen = await look(body.images[0]!, [
      [0.1, 0.1],
      [0.9, 0.1],
      [0.1, 0.9],
      [0.9, 0.9],
    ]);
    assert.deepEqual({ width: seen.width, height: seen.height }, { width: 675, height: 1200 });
    // Turned by a quarter to the right.
    const expected = [CORNERS.bottomLeft, CORNERS.topLeft, CORNERS.bottomRight, CORNERS.topRight];
    assert.ok(
      seen.colours.every((colour, index) => alike(colour, expected[index]!)),
      JSON.stringify(seen.colours),
    );
    assert.equal(
      Buffer.from(body.images[0]!.split(',')[1]!, 'base64').includes('Exif'),
      false,
      'the notes of the camera went along',
    );
  });

  it('scales down what is too large, at once', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open({ 'poster.png': png(7000, 3938) });
    await setKey(workbench);
    await workbench.chooseInMenu(await fileRow(workbench, 'poster.png'), 'Use as first frame');
    const page = await cropper(workbench);
    assert.match(await page.locator('#reason').innerText(), /7000 × 3938 pixels; each side may have at most 6000/);
    assert.equal(await page.locator('#result').innerText(), '6000 × 3375 pixels');
    assert.equal(emulator.ledger.entries.filter(({ route }) => route === 'create').length, 0);
    await page.locator('#use').click();
    await chooseInline(workbench);
    await answer(workbench, 'What happens after the first frame?', 'The poster comes alive');
    assert.match((await offered(workbench)).join('\n'), /First frame: poster\.png, 6000 × 3375/);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    const [image] = (emulator.ledger.creates()[0]?.body as { images: string[] }).images;
    const seen = await look(image!, [[0.5, 0.5]]);
    assert.deepEqual(
      { width: seen.width, height: seen.height, colours: seen.colours },
      { width: 6000, height: 3375, colours: [[0x80, 0x80, 0x80]] },
    );
    assert.match(image!, /^data:image\/png;/, 'a drawing loses nothing');
  });

  it('is done without a mouse, by crop and by pad', async () => {
    const { workbench } = await fixture.open({ 'square.jpg': await photo(1000, 1000) });
    const { keyboard } = workbench.page;
    await setKey(workbench);
    await chooseFile(workbench, 'square.jpg');
    await offered(workbench);
    await workbench.pick('Crop or pad…');
    const page = await cropper(workbench);
    const result = (size: string) =>
      until(
        'result',
        () => page.locator('#result').innerText(),
        (text) => text === `${size} pixels`,
      );
    const box = () =>
      page
        .locator('#frame')
        .evaluate((element: { style: { left: string; top: string; width: string } }) => [
          element.style.left,
          element.style.top,
          element.style.width,
        ]);
    await result('1000 × 1000');
    await until(
      'the frame has the focus',
      () => inPage<string>(page, 'document.activeElement.id'),
      (id) => id === 'frame',
    );
    for (let presses = 0; presses < 10; presses++) await keyboard.press('Shift+ArrowDown');
    await result('800 × 800');
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowUp');
    assert.deepEqual(await box(), ['9%', '9%', '80%']);
    for (let presses = 0; presses < 12; presses++) await keyboard.press('ArrowUp');
    assert.deepEqual(await box(), ['9%', '0%', '80%'], 'it stays inside the image');
    // The ratios are one stop, and arrows choose among them.
    await keyboard.press('Tab');
    await keyboard.press('ArrowLeft');
    await result('563 × 1000');
    await keyboard.press('Tab');
    await keyboard.press('ArrowRight');
    await result('1000 × 1778');
    await keyboard.press('Tab');
    await keyboard.press('ArrowRight');
    assert.equal(await page.locator('input[name=color][value=black]').isChecked(), true);
    await keyboard.press('Tab');
    assert.equal(await inPage<string>(page, 'document.activeElement.id'), 'use');
    await keyboard.press('Enter');
    assert.match((await offered(workbench)).join('\n'), /Aspect ratio: 9:16[^]*First frame: square\.jpg, 1000 × 1778/);
    const image = await orderImage(workbench);
    const seen = await look(image, [
      [0.5, 0.05],
      [0.25, 0.35],
      [0.75, 0.65],
      [0.5, 0.95],
    ]);
    const expected = [[0, 0, 0], CORNERS.topLeft, CORNERS.bottomRight, [0, 0, 0]] as const;
    assert.ok(
      seen.colours.every((colour, index) => alike(colour, expected[index]!)),
      JSON.stringify(seen.colours),
    );
  });

  it('is cut with the mouse, and given up without a trace', async () => {
    const { workbench } = await fixture.open({ 'square.jpg': await photo(1000, 700) });
    await setKey(workbench);
    await chooseFile(workbench, 'square.jpg');
    await offered(workbench);
    await workbench.pick('Crop or pad…');
    const page = await cropper(workbench);
    const size = async () => (await page.locator('#result').innerText()).match(/\d+/g)!.map(Number);
    assert.deepEqual(await size(), [1000, 563]);
    const { mouse } = workbench.page;
    const drag = async (selector: string, dx: number, dy: number) => {
      const box = (await page.locator(selector).boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await mouse.move(x, y);
      await mouse.down();
      await mouse.move(x + dx / 2, y + dy / 2);
      await mouse.move(x + dx, y + dy);
      await mouse.up();
    };
    await drag('.corner[data-corner="se"]', -160, -20);
    const [width = 0, height = 0] = await size();
    assert.ok(width < 900 && width > 600 && Math.abs(width / height - 16 / 9) < 0.01, `${width} × ${height}`);
    const corner = () =>
      page
        .locator('#frame')
        .evaluate((element: { style: { left: string; top: string } }) =>
          [element.style.left, element.style.top].map(parseFloat),
        );
    assert.equal((await corner())[0], 0);
    await drag('#frame', 4_000, 4_000);
    const [left = 0, top = 0] = await corner();
    assert.ok(
      Math.abs(left / 100 + width / 1000 - 1) < 0.01 && Math.abs(top / 100 + height / 700 - 1) < 0.01,
      'it does not stop in the corner',
    );
    assert.deepEqual(await size(), [width, height]);
    await page.locator('#frame').press('Escape');
    assert.match((await offered(workbench)).join('\n'), /First frame: square\.jpg, 1000 × 700/);
  });
});

describe('an image that is brought', () => {
  it('is looked at before it is drawn, whether it is chosen, pasted or dropped', async () => {
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await mkdir(PICTURES, { recursive: true });
    const bring = async () => {
      await workbench.quickInput.locator('.action-label[aria-label="First frame: paste or choose an image…"]').click();
      const page = workbench.webview();
      await page.locator('#state[data-state="empty"]').waitFor();
      return page;
    };
    await workbench.runCommand('Seedance: Generate video…');
    await question(workbench, 'Generate video').waitFor();
    const page = await bring();
    await workbench.screenshot(path.join(PICTURES, 'cropper-paste.png'));
    await expectAccessible(page);
    const bomb = pngBomb(60_000, 60_000);
    for (const [name, buffer, why] of [
      ['bomb.png', bomb, /60000 × 60000 pixels; each side may have at most 6000/],
      [
        'drawing.png',
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>'),
        /not an image that the service takes/,
      ],
      ['empty.png', Buffer.alloc(0), /The file is empty/],
    ] as const) {
      await page.locator('#file').setInputFiles({ name, mimeType: 'image/png', buffer });
      await until(
        name,
        () => page.locator('#problem').innerText(),
        (text) => why.test(text),
      );
      assert.equal(await page.locator('#state').getAttribute('data-state'), 'empty');
    }
    // As a browser hands it over, with the file as it lies in the clipboard or under the mouse.
    const hand = (type: 'paste' | 'drop', image: Buffer) =>
      inPage(
        page,
        `(() => {
      const bytes = Uint8Array.from(atob(${JSON.stringify(image.toString('base64'))}), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      document.body.dispatchEvent(${type === 'paste' ? "new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })" : "new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })"});
    })()`,
      );
    await hand('drop', png(640, 400));
    await page.locator('#state[data-state="ready"]').waitFor();
    assert.equal(await page.locator('#result').innerText(), '640 × 400 pixels');
    assert.equal(await page.locator('.label').innerText(), 'Pasted image');
    await page.locator('#cancel').click();
    await question(workbench, 'Generate video').waitFor();
    await bring();
    await hand('paste', png(640, 360));
    await page.locator('#state[data-state="ready"]').waitFor();
    await page.locator('#use').click();
    await answer(workbench, 'Generate video', 'It moves');
    await chooseInline(workbench);
    assert.match((await offered(workbench)).join('\n'), /First frame: Pasted image, 640 × 360/);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => fixture.emulator.ledger.charged().length,
      (count) => count === 1,
    );
  });
});

describe('image formats', () => {
  it('are drawn whatever their name says, and what cannot be drawn is told', async () => {
    // All of a shape that the service does not take: the page opens at once, before anything else is asked.
    const wide = [1000, 390] as const;
    const { workbench } = await fixture.open({
      'drawing.png': png(...wide),
      'picture.bmp': bmp(...wide),
      'loop.gif': gif(...wide),
      'photo.webp': await webp(...wide),
      'named.gif': await photo(...wide),
      'scan.tif': tiff(...wide),
    });
    for (const name of ['drawing.png', 'picture.bmp', 'loop.gif', 'photo.webp', 'named.gif']) {
      await workbench.chooseInMenu(await fileRow(workbench, name), 'Use as first frame');
      const page = await cropper(workbench);
      await until(
        name,
        () => page.locator('.label').innerText(),
        (text) => text === name,
      );
      assert.equal(await page.locator('#result').innerText(), '693 × 390 pixels', name);
      await page.locator('#cancel').click();
      await workbench.page.locator('.tabs-container .tab').waitFor({ state: 'detached' });
    }
    await workbench.chooseInMenu(await fileRow(workbench, 'scan.tif'), 'Use as first frame');
    assert.match(
      await workbench.waitForNotification('scan.tif'),
      /2\.6 times as wide as it is high[^]*cannot draw TIFF[^]*Nothing was sent\./,
    );
    assert.deepEqual(fixture.emulator.ledger.entries, []);
  });
});

describe('damaged images', () => {
  it('are drawn as far as they go, and what is drawn is sent', async () => {
    const wide = [1000, 390] as const;
    const [width, height] = wide;
    const turned = await photo(...wide, 6);
    const { workbench } = await fixture.open({
      'no-table.jpg': withoutTable(jpegFile({ width, height })),
      'no-palette.png': pngFile({ width, height, color: 3, palette: false }),
      'no-picture.gif': gifFile({ screen: wide, frames: 0 }),
      'cut.bmp': bmp(...wide).subarray(0, 500_000),
      'cut.jpg': turned.subarray(0, Math.ceil((turned.length * 2) / 3)),
    });
    await setKey(workbench);
    for (const name of ['no-table.jpg', 'no-palette.png', 'no-picture.gif', 'cut.bmp']) {
      await workbench.chooseInMenu(await fileRow(workbench, name), 'Use as first frame');
      const page = await cropper(workbench);
      assert.equal(await page.locator('#result').innerText(), '693 × 390 pixels', name);
      await page.locator('#cancel').click();
      await workbench.page.locator('.tabs-container .tab').waitFor({ state: 'detached' });
    }
    await workbench.chooseInMenu(await fileRow(workbench, 'cut.jpg'), 'Use as first frame');
    const page = await cropper(workbench);
    assert.equal(await page.locator('#from').innerText(), 'out of 390 × 1000');
    await page.locator('#use').click();
    await chooseInline(workbench);
    await answer(workbench, 'What happens after the first frame?', 'It moves');
    const image = await orderImage(workbench);
    const seen = await look(image, [
      [0.9, 0.1],
      [0.9, 0.9],
    ]);
    assert.deepEqual({ width: seen.width, height: seen.height }, { width: 390, height: 693 });
    // Its top, which is not missing, is on the right.
    const expected = [CORNERS.topLeft, CORNERS.topRight];
    assert.ok(
      seen.colours.every((colour, index) => alike(colour, expected[index]!)),
      JSON.stringify(seen.colours),
    );
  });
});

describe('hostile images', () => {
  it('are refused before anything draws them, and a link out of the workspace is asked about', async () => {
    const { workbench, folder } = await fixture.open({ 'cat.txt': '' });
    await setKey(workbench);
    const outside = fixture.sandbox.folder('private');
    await mkdir(outside, { recursive: true });
    await writeFile(path.join(outside, 'secret.jpg'), await photo(640, 360));
    const bomb = pngBomb(60_000, 60_000);
    await writeFile(path.join(folder, 'bomb.png'), bomb);
    await writeFile(path.join(folder, 'empty.png'), '');
    await symlink(path.join(outside, 'secret.jpg'), path.join(folder, 'link.jpg'));

    for (const [name, why] of [
      [
        'bomb.png',
        /bomb\.png: The image has 60000 × 60000 pixels; each side may have at most 6000\..*Nothing was sent\./,
      ],
      ['empty.png', /empty\.png: The file is empty\..*Nothing was sent\./],
    ] as const) {
      await workbench.chooseInMenu(await fileRow(workbench, name), 'Use as first frame');
      assert.match(await workbench.waitForNotification(name), why);
      await closeNotifications(workbench);
    }
    await workbench.chooseInMenu(await fileRow(workbench, 'link.jpg'), 'Use as first frame');
    await workbench.dialog.waitFor();
    const text = await workbench.dialog.innerText();
    assert.match(text, /link\.jpg leads to a file outside of the workspace/);
    assert.ok(text.includes(path.join(outside, 'secret.jpg')), text);
    await workbench.page.keyboard.press('Escape');
    await workbench.dialog.waitFor({ state: 'detached' });
    assert.equal(await workbench.quickInput.count(), 0);
    await workbench.chooseInMenu(await fileRow(workbench, 'link.jpg'), 'Use as first frame');
    await workbench.dialog.locator('.monaco-button', { hasText: 'Use that file' }).click();
    await chooseInline(workbench);
    await answer(workbench, 'What happens after the first frame?', 'It moves');
    assert.match((await offered(workbench)).join('\n'), /First frame: link\.jpg, 640 × 360/);
    assert.deepEqual(fixture.emulator.ledger.creates(), []);
  });
});

describe('the first frame', () => {
  it('is seen where its task is: in preview, tooltip and the file beside the video', async () => {
    fixture.emulator.behaviour.video = 'real';
    // Upright, 900 × 1200; nothing has drawn it yet.
    const { workbench, folder } = await fixture.open({ 'holiday.jpg': await photo(1200, 900, 6) });
    await setKey(workbench);
    await chooseFile(workbench, 'holiday.jpg');
    await acceptOffer(workbench);
    const row = await rowOf(workbench, 'It moves');
    await waitForState(row, /^Ready$/);
    await closeNotifications(workbench);
    await row.click();
    const page = workbench.webview();
    await waitForPage(page, 'ready');
    const picture = page.locator('#firstFrame');
    await picture.waitFor();
    const thumbnail = (await picture.getAttribute('src')) ?? '';
    const seen = await look(thumbnail, [
      [0.1, 0.1],
      [0.9, 0.1],
      [0.1, 0.9],
      [0.9, 0.9],
    ]);
    assert.deepEqual({ width: seen.width, height: seen.height }, { width: 120, height: 160 });
    const expected = [CORNERS.bottomLeft, CORNERS.topLeft, CORNERS.bottomRight, CORNERS.topRight];
    assert.ok(
      seen.colours.every((colour, index) => alike(colour, expected[index]!)),
      JSON.stringify(seen.colours),
    );
    await expectAccessible(page);
    await workbench.page.mouse.move(600, 500); // from elsewhere, or nothing moves
    await row.hover();
    // Beside it is the poster.
    const inHover = workbench.page.locator('.monaco-hover:visible img[alt="First frame"]');
    await inHover.waitFor();
    assert.equal(await inHover.getAttribute('src'), thumbnail);
    await workbench.screenshot(path.join(PICTURES, 'first-frame.png'));
    await workbench.chooseInMenu(row, 'Save to workspace');
    await waitForState(row, /^Saved$/);
    await workbench.waitForNotification('Saved: '); // The file beside the video is written after its row has changed.
    const saved = JSON.parse(readFileSync(path.join(folder, 'seedance', 'It-moves.json'), 'utf8')) as {
      firstFrame: { thumbnail: string };
    };
    assert.equal(saved.firstFrame.thumbnail, thumbnail);
  });
});

describe('cropper in pictures', () => {
  it('has its picture taken in every theme', async () => {
    const { workbench } = await fixture.open({ 'sea.jpg': await landscape(2000, 1500) });
    await mkdir(PICTURES, { recursive: true });
    const take = (name: string) => workbench.screenshot(path.join(PICTURES, `cropper-${name}.png`));
    await setKey(workbench);
    await chooseFile(workbench, 'sea.jpg');
    await offered(workbench);
    await take('offer');
    await workbench.pick('Crop or pad…');
    const page = await cropper(workbench);
    for (const theme of ['light', 'highContrast', 'highContrastLight', 'dark'] as Theme[]) {
      await workbench.useTheme(theme);
      await page.locator('#frame').focus();
      await expectAccessible(page);
      await take(theme);
    }
    await page.locator('label', { hasText: '1:1' }).click();
    await page.locator('label', { hasText: 'Pad' }).click();
    await take('pad');
    await page.locator('label', { hasText: 'Crop' }).click();
    await page.locator('label', { hasText: '9:16' }).click();
    await workbench.page.setViewportSize({ width: 700, height: 900 });
    await take('narrow');
    await workbench.page.setViewportSize({ width: 1280, height: 720 });
    await page.locator('#use').click();
    await acceptOffer(workbench);
    const row = await rowOf(workbench, 'It moves');
    await waitForState(row, /^Ready$/);
    await row.click();
    await waitForPage(workbench.webview(), 'ready');
    await workbench.page.mouse.move(600, 500); // from elsewhere, or nothing moves
    await row.hover();
    await workbench.page.locator('.monaco-hover:visible', { hasText: 'First frame' }).waitFor();
    await take('tooltip');
  });
});

/** From the explorer to the question before money is spent. */
async function chooseFile(workbench: Workbench, name: string): Promise<void> {
  await workbench.chooseInMenu(await fileRow(workbench, name), 'Use as first frame');
  await chooseInline(workbench);
  await answer(workbench, 'What happens after the first frame?', 'It moves');
}

async function chooseInline(workbench: Workbench): Promise<void> {
  await question(workbench, 'First frame').waitFor();
  await workbench.pick('Send the file inside the request');
}

async function cropper(workbench: Workbench): Promise<FrameLocator> {
  const page = workbench.webview();
  await page.locator('#state[data-state="ready"]').waitFor();
  return page;
}

async function fileRow(workbench: Workbench, name: string) {
  await workbench.container('Seedance').waitFor();
  await workbench.openContainer('Explorer');
  const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  await row.waitFor();
  return row;
}

/** Takes the question as it is, and returns the image that the service got. */
async function orderImage(workbench: Workbench): Promise<string> {
  await acceptOffer(workbench);
  await until(
    'creates',
    () => fixture.emulator.ledger.charged().length,
    (count) => count === 1,
  );
  const [image] = (fixture.emulator.ledger.creates()[0]?.body as { images: string[] }).images;
  assert.ok(image);
  return image;
}
