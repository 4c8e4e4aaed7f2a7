/** The gallery: by the keyboard alone, by the mouse, for each theme and width, in Russian and over a reload. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { encodeClip, galleryRecord, getGalleryId, writeGallery } from '../support/galleryTasks';
import type { Theme, Workbench } from '../vscode/workbench';
import { inPage, until } from './actions';
import { expectAccessible } from './audit';
import { filesIn, fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const HOSTILE = `<img src=x onerror="globalThis.hacked=1"> \u202egnirts a \u2066${'endless'.repeat(400)}`;

describe('the gallery', () => {
  before(async () => {
    await mkdir(PICTURES, { recursive: true });
  });

  it('is searched, walked through, selected in, saved from and tidied by the keyboard alone', async () => {
    await seed(24);
    fixture.sandbox.changeSettings({ 'workbench.reduceMotion': 'off' });
    const { workbench, folder } = await fixture.open();
    const { keyboard } = workbench.page;
    const page = await openByKeyboard(workbench);
    const focused = () => inPage<string>(page, 'document.activeElement.id');
    await until('the first tile has the focus', focused, (id) => id === `tile-${getGalleryId(0)}`);
    await until(
      'the posters',
      () => page.locator('.tile.pictured').count(),
      (count) => count > 3,
      30_000,
    );

    await keyboard.press('/');
    assert.equal(await focused(), 'search');
    await keyboard.type('LIGHTHOUSE');
    await foundIs(page, 'Found: 6 of 24');
    await keyboard.press('ArrowDown');
    const lighthouses = [1, 9, 17, 5, 13, 21].sort((a, b) => a - b);
    await until('the first that is found', focused, (id) => id === `tile-${getGalleryId(lighthouses[0]!)}`);

    // What has the focus plays, is paused and moved through.
    await until(
      'it plays',
      () => currentTime(page),
      (at) => at > 0.1,
    );
    await keyboard.press('k');
    assert.equal(await inPage<boolean>(page, 'document.querySelector(".tile video").paused'), true);

    await keyboard.press('Home');
    await keyboard.press('Space');
    await keyboard.press('End');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    const last = await focused();
    await keyboard.press('Space');
    assert.equal(await page.locator('#selected').innerText(), 'Selected: 2');
    assert.deepEqual(await selected(page), [`tile-${getGalleryId(1)}`, last]);
    // Which tile that is depends on where midnight falls between the days: a range begins with nothing selected.
    await keyboard.press('Escape');
    await keyboard.press('Control+Home');
    assert.equal(await focused(), `tile-${getGalleryId(1)}`);
    for (let step = 0; step < 3; step++) await keyboard.press('Shift+ArrowRight');
    assert.equal((await selected(page)).length, 4);
    await keyboard.press('Shift+ArrowLeft');
    assert.equal((await selected(page)).length, 3);
    await keyboard.press('Escape');
    assert.deepEqual(await selected(page), []);
    await keyboard.press('Control+a');
    assert.equal((await selected(page)).length, 6);

    // One Tab leads out of the grid. The two that failed have nothing to save, and that is said.
    await keyboard.press('Tab');
    assert.equal(await focused(), 'save');
    await keyboard.press('Enter');
    await workbench.waitForNotification('Left out, because they have no video: 3 of 6.');
    const films = async () => (await filesIn(folder)).filter((name) => name.endsWith('.mp4'));
    await until('saved', films, (names) => names.length === 3);
    await until(
      'the marks',
      () => page.locator('.mark:visible').count(),
      (count) => count === 3,
    );

    // What is nowhere else is asked about.
    await keyboard.press('Shift+Tab');
    await keyboard.press('Escape');
    await keyboard.press('/');
    await keyboard.press('Escape');
    await foundIs(page, 'Videos: 24');
    await keyboard.press('ArrowDown');
    await keyboard.press('Control+End');
    const bottom = await focused();
    assert.equal(bottom, `tile-${getGalleryId(23)}`);
    await keyboard.press('Delete');
    await workbench.dialog.waitFor();
    assert.match(await workbench.dialog.innerText(), /Remove “A whale in a teacup, take 23[^]*not saved anywhere else/);
    await keyboard.press('Enter');
    await workbench.dialog.waitFor({ state: 'detached' });
    await foundIs(page, 'Videos: 23');
    await until('the focus is on what is in its place', focused, (id) => id === `tile-${getGalleryId(22)}`);

    // The preview, and back to where one was.
    await keyboard.press('Enter');
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'take 22' }).waitFor();
    await workbench.runCommand('View: Close Editor');
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'Gallery' }).waitFor();
    const again = workbench.webview();
    await foundIs(again, 'Videos: 23');
    await again.locator(`#tile-${getGalleryId(22)}[tabindex="0"]`).waitFor();
  });

  it('plays under the pointer, is filtered, and does with a click what the list does', async () => {
    await seed(24);
    fixture.sandbox.changeSettings({ 'workbench.reduceMotion': 'off' });
    const { workbench } = await fixture.open();
    await workbench.openContainer('Seedance');
    await workbench.runCommand('Seedance: Open gallery');
    const page = workbench.webview();
    await foundIs(page, 'Videos: 24');
    const { mouse } = workbench.page;
    const tile = page.locator(`#tile-${getGalleryId(3)}`);
    const picture = tile.locator('.picture');
    await tile.locator('img:visible').waitFor({ timeout: 30_000 });
    await picture.hover();
    await until(
      'it plays',
      () => currentTime(page),
      (at) => at > 0.1,
    );
    assert.equal(await page.locator('video').count(), 1);
    // It is muted, and moving over it moves through it.
    assert.equal(await inPage<boolean>(page, 'document.querySelector(".tile video").muted'), true);
    const { x, y, width } = (await picture.boundingBox())!;
    for (const share of [0.2, 0.4, 0.6, 0.8]) await mouse.move(x + share * width, y + 20);
    await until(
      'it stands at',
      () => currentTime(page),
      (at) => at > 1.4 && at < 1.75,
    );
    await mouse.move(x + 0.2 * width, y + 20);
    await until(
      'it stands at',
      () => currentTime(page),
      (at) => at < 0.7,
    );
    await workbench.screenshot(path.join(PICTURES, 'gallery-hover.png'));
    await page.locator('#search').hover();
    assert.equal(await page.locator('video').count(), 0);

    // Filters.
    await page.locator('#showFilters').click();
    await page.locator('#state-filter').selectOption({ label: 'Failed' });
    await foundIs(page, 'Found: 3 of 24');
    assert.match(await page.locator('.tile').first().innerText(), /Not sent: VS Code was closed/);
    await page.locator('#state-filter').selectOption('');
    await page.locator('#maxPrice').fill('30');
    await foundIs(page, 'Found: 8 of 24');
    await page.locator('#ratio').selectOption('1:1');
    await foundIs(page, 'Found: 0 of 24');
    await page.locator('#state[data-state="nothing"]').waitFor();
    await page.locator('#showAll').click();
    await foundIs(page, 'Videos: 24');
    await page.locator('#model').selectOption({ label: 'Seedance 2' });
    await page.locator('#sort').selectOption({ label: 'Oldest first' });
    await page.locator('#group').selectOption({ label: 'By chain' });
    await foundIs(page, 'Found: 8 of 24');
    assert.equal(await page.locator('.heading h2').first().innerText(), 'Not in a chain · 8');
    assert.equal(await page.locator('.tile').first().getAttribute('id'), `tile-${getGalleryId(23)}`);

    // Some are selected and removed; who declines keeps all.
    await page.locator('.tile').nth(0).hover();
    await page.locator('.tile .check').nth(0).click();
    await page
      .locator('.tile')
      .nth(2)
      .click({ modifiers: ['Shift'] });
    assert.equal(await page.locator('#selected').innerText(), 'Selected: 3');
    await page.locator('#remove').click();
    await workbench.dialog.waitFor();
    assert.match(await workbench.dialog.innerText(), /Remove 3 tasks from the list:/);
    await workbench.dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await workbench.dialog.waitFor({ state: 'detached' });
    await foundIs(page, 'Found: 8 of 24');

    // The menu of a tile is that of VS Code, and is for all that are selected.
    await page.locator('.tile').nth(1).click({ button: 'right' });
    const entry = workbench.page.locator('.monaco-menu .action-menu-item', { hasText: 'Copy prompt' });
    await entry.waitFor();
    await workbench.page.waitForTimeout(400); // it takes no clicks in its first moments
    await entry.click();
    await until(
      'the clipboard',
      () => workbench.clipboard(),
      (text) => text.split('take').length === 4,
    );

    // A click opens the preview.
    await page.locator('.tile').nth(3).locator('.prompt').click();
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'take 14' }).waitFor();
  });

  it('is accessible in every theme and at 300 px, shows text as text, and holds only what is seen', async function () {
    this.timeout(120_000);
    const records = Array.from({ length: 300 }, (_, n) => record(n));
    records[1] = { ...records[1]!, request: { ...records[1]!.request, prompt: HOSTILE } };
    await seedRecords(records);
    const { workbench } = await fixture.open();
    const page = await openByKeyboard(workbench);
    await foundIs(page, 'Videos: 300');
    await until(
      'posters',
      () => page.locator('.tile.pictured').count(),
      (count) => count > 8,
      40_000,
    );
    assert.ok((await page.locator('.tile').count()) < 40, 'tiles in the page');
    assert.equal(await page.locator('#grid').getAttribute('aria-colcount'), '5');
    await scrollTo(page, 1e9);
    await page.locator(`#tile-${getGalleryId(299)}`).waitFor();
    const rows = Number(await page.locator('#grid').getAttribute('aria-rowcount'));
    assert.equal(await page.locator('#grid > [role=row]').last().getAttribute('aria-rowindex'), String(rows));
    await scrollTo(page, 0);

    const shown = await page.locator(`#tile-${getGalleryId(1)} .prompt`).innerText();
    assert.ok(shown.startsWith('<img src=x onerror="globalThis.hacked=1"> gnirts a endless'), shown);
    assert.equal(await inPage<unknown>(page, 'globalThis.hacked'), undefined);
    const heights = await inPage<number[]>(
      page,
      '[...document.querySelectorAll(".tile")].map((one) => one.offsetHeight)',
    );
    assert.equal(new Set(heights).size, 1, String(heights));

    await page.locator('#showFilters').click();
    await page
      .locator('.tile')
      .nth(0)
      .click({ modifiers: ['Control'] });
    await page
      .locator('.tile')
      .nth(2)
      .click({ modifiers: ['Control'] });
    for (const theme of ['light', 'dark', 'highContrast', 'highContrastLight'] as Theme[]) {
      await workbench.useTheme(theme);
      await workbench.page.waitForTimeout(300); // colours change in a transition
      await workbench.screenshot(path.join(PICTURES, `gallery-${theme}.png`));
      await expectAccessible(page);
    }
    await workbench.useTheme('dark');
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await workbench.page.setViewportSize({ width: 360, height: 800 });
    await until(
      'the width',
      () => inPage<number>(page, 'innerWidth'),
      (width) => width > 250 && width <= 310,
    );
    await until(
      'one column',
      () => page.locator('#grid').getAttribute('aria-colcount'),
      (count) => count === '1',
    );
    assert.equal(await inPage<boolean>(page, 'document.documentElement.scrollWidth > innerWidth'), false);
    await workbench.screenshot(path.join(PICTURES, 'gallery-narrow.png'));
    await expectAccessible(page);
  });

  it('speaks Russian, and is after a reload as it was', async () => {
    await seed(60);
    const { workbench } = await fixture.open({}, { locale: 'ru' });
    await workbench.runCommand('Seedance: Открыть галерею');
    let page = workbench.webview();
    await foundIs(page, 'Видео: 60');
    assert.match(await page.locator('.heading h2').nth(0).innerText(), /^Сегодня · \d$/);
    await page.locator('#showFilters').click();
    const texts = await page.locator('#state').innerText();
    assert.deepEqual(
      texts.match(/\b(?:Any|Save|Saved|Remove|Select|Filters|By|Price|first|Videos|Today)\b/g),
      null,
      texts,
    );
    await page.locator('#search').fill('cinematic');
    await page.locator('#state-filter').selectOption('done');
    await page.locator('#sort').selectOption('oldest');
    await foundIs(page, 'Найдено: 53 из 60');
    await page
      .locator('.tile')
      .nth(1)
      .click({ modifiers: ['Control'] });
    await scrollTo(page, 900);
    await until(
      'scrolled',
      () => inPage<number>(page, 'document.querySelector("#scroller").scrollTop'),
      (at) => at > 850,
    );
    await workbench.screenshot(path.join(PICTURES, 'gallery-russian.png'));

    await workbench.reload();
    page = workbench.webview();
    await foundIs(page, 'Найдено: 53 из 60');
    assert.equal(await page.locator('#search').inputValue(), 'cinematic');
    assert.equal(await page.locator('#sort').inputValue(), 'oldest');
    assert.equal(await page.locator('#filters').isVisible(), true);
    assert.equal(await page.locator('#selected').innerText(), 'Выбрано: 1');
    await until(
      'scrolled',
      () => inPage<number>(page, 'document.querySelector("#scroller").scrollTop'),
      (at) => Math.abs(at - 900) < 60,
    );
    // One gallery a window.
    await workbench.runCommand('Seedance: Открыть галерею');
    assert.equal(await workbench.page.locator('.tabs-container .tab', { hasText: 'Галерея' }).count(), 1);
  });
});

function record(n: number): TaskRecord {
  return galleryRecord(n, Date.now(), getKeyFingerprint(fixture.emulator.key));
}

async function seed(count: number): Promise<void> {
  await seedRecords(Array.from({ length: count }, (_, n) => record(n)));
}

async function seedRecords(records: readonly TaskRecord[]): Promise<void> {
  await writeGallery(fixture.storage, records, await Promise.all([0, 1, 2].map(encodeClip)));
}

async function openByKeyboard(workbench: Workbench): Promise<FrameLocator> {
  const { page, quickInput } = workbench;
  await until(
    'the palette offers it',
    async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('F1');
      await quickInput.waitFor({ timeout: 5_000 });
      await page.keyboard.type('Open gallery');
      await page.waitForTimeout(500);
      return quickInput.locator('.monaco-list-row').first().innerText({ timeout: 2_000 });
    },
    (text) => text.includes('Seedance: Open gallery'),
    30_000,
  );
  await page.keyboard.press('Enter');
  const inside = workbench.webview();
  await inside.locator('#state').waitFor();
  return inside;
}

async function foundIs(page: FrameLocator, text: string): Promise<void> {
  await until(
    'it says',
    () => page.locator('#found').innerText(),
    (shown) => shown === text,
  );
}

function scrollTo(page: FrameLocator, y: number): Promise<void> {
  return inPage(page, `document.querySelector('#scroller').scrollTo(0, ${y})`);
}

function selected(page: FrameLocator): Promise<string[]> {
  return inPage(page, '[...document.querySelectorAll(".tile[aria-selected=true]")].map(({ id }) => id)');
}

function currentTime(page: FrameLocator): Promise<number> {
  return inPage(page, 'document.querySelector(".tile video")?.currentTime ?? -1');
}
