import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { encodeNumbers, retime } from '../support/numberedFilm';
import { freshProfile } from '../vscode/browser';
import { retry, type Theme, type Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  closeNotifications,
  generate,
  inPage,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { expectAccessible } from './audit';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const FRAMES_PER_SECOND = 24;

describe('a comparison', () => {
  it('is opened and used with the keyboard alone, and shows the same frame of all', async () => {
    await seed([
      past('03whale', 'A whale in a teacup', { hoursAgo: 0.5, frames: 12 }),
      past('01fox', 'A red fox runs through the snow', { hoursAgo: 2, frames: 48 }),
      past('02fox', 'A red fox walks through deep snow', { hoursAgo: 1, frames: 72, model: 'seedance-2-720P-5s' }),
    ]);
    const { workbench } = await fixture.open();
    const { keyboard } = workbench.page;
    await rowOf(workbench, 'walks through');
    await retry(20_000, async () => {
      await command(workbench, 'Seedance: Focus on Videos View');
      await workbench.page.locator('[role="tree"][aria-label^="Videos"]:focus').waitFor({ timeout: 3_000 });
    });
    // From the row that has the focus, the keys select the two below it.
    await keyboard.press('Home');
    await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Shift+ArrowDown');
    await until(
      'selected',
      () => workbench.page.locator('.sidebar .monaco-list-row.selected').count(),
      (count) => count === 2,
    );
    await command(workbench, 'Seedance: Compare');
    const page = workbench.webview();
    await waitForComparison(page, 2);
    assert.deepEqual(await ids(page), ['01fox', '02fox']);
    await until(
      'both play',
      () => times(page),
      both((at) => at > 0.2),
    );

    // In step: to the frame, wherever they were led.
    await keyboard.press('k');
    await expectSameFrame(page);
    const [before = 0] = await frames(page);
    await keyboard.press('.');
    await until(
      'a frame on',
      () => frames(page),
      both((at) => at === before + 1),
    );
    await keyboard.press(',');
    await keyboard.press(',');
    await until(
      'two back',
      () => frames(page),
      both((at) => at === before - 1),
    );
    await keyboard.press('Home');
    await until(
      'at the beginning',
      () => frames(page),
      both((at) => at === 0),
    );
    await keyboard.press('ArrowRight');
    await until(
      'a second on',
      () => frames(page),
      both((at) => at === FRAMES_PER_SECOND),
    );
    // The shorter one holds its last frame until the longer one is over.
    await keyboard.press('End');
    await until(
      'at their ends',
      () => frames(page),
      ([short, long]) => short === 47 && long === 71,
    );
    await keyboard.press('Space');
    await until(
      'both begin anew',
      () => times(page),
      both((at) => at > 0.1 && at < 1.5),
    );
    await until(
      'the longer one goes on alone',
      () => times(page),
      ([short = 0, long = 0]) => short >= 1.9 && long > 2.2,
    );
    await until(
      'both begin anew, together',
      () => times(page),
      both((at) => at > 0.1 && at < 1.5),
    );
    await keyboard.press('Space');
    await expectSameFrame(page);

    // One over the other, and the divider between them.
    await keyboard.press('w');
    const divider = page.locator('#divider');
    await until(
      'the divider has the focus',
      () => inPage(page, 'document.activeElement.id'),
      (id) => id === 'divider',
    );
    assert.equal(await divider.getAttribute('aria-label'), 'Divider: Video 1 on the left, Video 2 on the right');
    for (const key of ['ArrowRight', 'ArrowRight', 'PageUp']) await keyboard.press(key);
    assert.equal(await divider.getAttribute('aria-valuenow'), '64');
    await keyboard.press('Home');
    assert.equal(await divider.getAttribute('aria-valuetext'), '0 %');
    assert.match(await inPage(page, CLIP_OF_SECOND), /^inset\(0px 0px 0px (0%|0px)\)$/);
    await keyboard.press('w');
    assert.equal(await divider.isVisible(), false);

    // What differs, and by more than colour.
    const marked = (tag: string) => page.locator(`#differences ${tag}`).allTextContents();
    assert.deepEqual(await marked('del'), [' removed: runs', ' removed: the', ' removed: 1 Pro Fast']);
    assert.match((await marked('ins')).join(), /added: walks.*added: deep/);

    await workbench.reload();
    await waitForComparison(workbench.webview(), 2);
    assert.deepEqual(await ids(workbench.webview()), ['01fox', '02fox']);
  });

  it('of takes of one prompt is offered when one is made again; saves one, and ends when one is left', async () => {
    const { emulator } = fixture;
    emulator.behaviour.video = 'real';
    emulator.behaviour.durations = 500;
    fixture.sandbox.changeSettings({ 'seedance.model': 'seedance-1-pro-480P-2s' });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A paper boat sails down a rainy street');
    const row = await rowOf(workbench, 'A paper boat');
    await waitForState(row, /^Ready$/);
    await closeNotifications(workbench);
    await workbench.chooseInMenu(row, 'Generate again');
    await acceptOffer(workbench);
    const ready = 'Video ready: “A paper boat sails down a rainy street” (take 2 of 2)';
    await workbench.pressInNotification(ready, 'Compare');
    const page = workbench.webview();
    await waitForComparison(page, 2);
    assert.deepEqual(await page.locator('.name').allInnerTexts(), ['Take 1 of 2', 'Take 2 of 2']);
    await until(
      'both play',
      () => times(page),
      both((at) => at > 0.2),
    );
    await workbench.runCommand('View: Close Editor');

    // With the mouse, from the menu of two rows.
    await workbench.treeRow('Take 1').first().click();
    await workbench
      .treeRow('Take 2')
      .first()
      .click({ modifiers: ['Control'] });
    await workbench.chooseInMenu(workbench.treeRow('Take 2').first(), 'Compare');
    await waitForComparison(page, 2);
    const [first, second] = (await ids(page)) as [string, string];
    await page.locator('#wipe').click();
    const box = (await page.locator('.wipe').boundingBox())!;
    await workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await workbench.page.mouse.down();
    await workbench.page.mouse.move(box.x + box.width / 4, box.y + box.height / 2, { steps: 4 });
    await workbench.page.mouse.up();
    await until(
      'divider',
      () => page.locator('#divider').getAttribute('aria-valuenow'),
      (at) => at === '25',
    );
    await page.locator('#wipe').click();
    await page.locator(`#save-${first}`).click();
    await workbench.waitForNotification('Saved: seedance/A-paper-boat-sails-down-a-rainy-street.mp4');
    await closeNotifications(workbench);
    await page.locator(`#remove-${second}`).click();
    await workbench.dialog.locator('.monaco-button', { hasText: 'Remove' }).first().click();
    await page.locator('#state[data-state="over"]').waitFor();
    assert.equal(await page.locator('#heading').innerText(), 'One take is left');
    await page.locator(`#preview-${first}`).click();
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'A paper boat' }).waitFor();
    await waitForPage(workbench.webview(), 'ready');
  });

  it('lets one take be heard at a time, also where VS Code cannot decode the sound', async () => {
    const film = await readFile(path.resolve('test', 'support', 'films', 'tone.mp4'));
    const model = 'seedance-2-720P-5s';
    await seed(
      ['01bell', '02bell'].map((id, index) => ({
        ...past(id, 'A bell rings', { hoursAgo: 2 - index, frames: 1, model }),
        film,
      })),
    );
    const profile = await freshProfile(fixture.browser);
    await profile.addInitScript(WITHOUT_AAC);
    const { workbench } = await fixture.openIn(profile, await fixture.workspace());
    await (await rowOf(workbench, 'Take 1')).click();
    await waitForPage(workbench.webview(), 'ready');
    await workbench.webview().locator('#compare').click();
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'Compare: A bell rings' }).waitFor();
    const page = workbench.webview();
    await waitForComparison(page, 2);
    assert.deepEqual(await heard(page), []);
    await page.locator('#sound-01bell').click();
    await until(
      'the first is heard',
      () => heard(page),
      (ids) => ids.join() === '01bell',
    );
    await workbench.page.keyboard.press('2');
    await until(
      'the second is heard',
      () => heard(page),
      (ids) => ids.join() === '02bell',
    );
    assert.equal(await page.locator('#sound-01bell').getAttribute('aria-pressed'), 'false');
    assert.equal(await page.locator('#sound-02bell').getAttribute('aria-pressed'), 'true');
    await workbench.page.keyboard.press('m');
    await until(
      'none is heard',
      () => heard(page),
      (ids) => ids.length === 0,
    );
    assert.equal(await page.locator('#silent').isVisible(), false);
  });

  it('is well-formed and whole in every theme, at 300 px, with four takes, in Russian', async function () {
    this.timeout(180_000);
    const prompt = 'Рыжий кот запрыгивает на подоконник';
    await seed(
      [1, 2, 3, 4].map((number) =>
        past(`0${number}cat`, prompt, {
          hoursAgo: 9 - number,
          frames: 48,
          ...(number === 3 ? { model: 'seedance-2-720P-5s' } : {}),
        }),
      ),
    );
    const { workbench } = await fixture.open({}, { locale: 'ru' });
    await mkdir(PICTURES, { recursive: true });
    await rowOf(workbench, 'Дубль 4');
    await workbench.runCommand('Seedance: Сравнить');
    await workbench.quickInput.locator('.monaco-list-row').first().waitFor();
    assert.match(await workbench.quickInput.innerText(), /Сравнение: отметьте хотя бы два/);
    await workbench.page.keyboard.press('Enter');
    assert.ok(await workbench.quickInput.isVisible());
    for (const row of await workbench.quickInput.locator('.monaco-list-row').all()) await row.click();
    await workbench.page.keyboard.press('Enter');
    const page = workbench.webview();
    await waitForComparison(page, 4);
    assert.deepEqual(
      await page.locator('.name').allInnerTexts(),
      [1, 2, 3, 4].map((take) => `Дубль ${take} из 4`),
    );
    const shown = await page.locator('#state').innerText();
    assert.deepEqual(shown.match(/\b(?:[A-Z][a-z]+ [a-z]+|Save|Take|Differences|Model|Price|Prompt)\b/g), null, shown);
    for (const theme of ['light', 'dark', 'highContrast', 'highContrastLight'] satisfies Theme[]) {
      await workbench.useTheme(theme);
      await workbench.screenshot(path.join(PICTURES, `compare-${theme}.png`));
      await expectAccessible(page);
    }
    await workbench.useTheme('dark');
    await workbench.page.keyboard.press('Control+B');
    await workbench.page.setViewportSize({ width: 360, height: 800 });
    await until(
      'narrow',
      () => inPage<number>(page, 'innerWidth'),
      (width) => width <= 320,
    );
    await workbench.screenshot(path.join(PICTURES, 'compare-narrow.png'));
    await expectAccessible(page);
    assert.ok(await inPage<boolean>(page, 'document.documentElement.scrollWidth <= innerWidth'), 'nothing is cut');
  });
});

/** As in a desktop VS Code, which plays the picture without the licensed sound. */
const WITHOUT_AAC = `
  const can = HTMLMediaElement.prototype.canPlayType;
  HTMLMediaElement.prototype.canPlayType = function (type) { return type.includes('mp4a') ? '' : can.call(this, type); };
`;

/** The takes whose sound plays from a file of its own, and is not mute. */
const heard = (page: FrameLocator) =>
  inPage<string[]>(
    page,
    `[...document.querySelectorAll('audio')]
      .filter((audio) => !audio.muted && !audio.paused && !audio.previousElementSibling.muted)
      .map((audio) => audio.closest('.take').id.replace('take-', ''))`,
  );

const CLIP_OF_SECOND = `getComputedStyle(document.querySelectorAll('.frame')[1]).clipPath`;

async function waitForComparison(page: FrameLocator, count: number): Promise<void> {
  await page.locator(`#state[data-state="ready"][data-count="${count}"]`).waitFor({ timeout: 20_000 });
  await until(
    'the pictures',
    () => inPage<number[]>(page, `[...document.querySelectorAll('video')].map((video) => video.readyState)`),
    (states) => states.length === count && states.every((state) => state >= 2),
  );
}

const ids = (page: FrameLocator) =>
  inPage<string[]>(page, `[...document.querySelectorAll('.take')].map((take) => take.id.replace('take-', ''))`);

/** Where the videos stand, in seconds. */
const times = (page: FrameLocator) =>
  inPage<number[]>(page, `[...document.querySelectorAll('video')].map((video) => video.currentTime)`);

/** Which frames they show, once all of them have sought. */
async function frames(page: FrameLocator): Promise<number[]> {
  const found = await inPage<{ seeking: boolean; at: number }[]>(
    page,
    `[...document.querySelectorAll('video')].map((video) => ({ seeking: video.seeking, at: video.currentTime }))`,
  );
  return found.map(({ seeking, at }) => (seeking ? NaN : Math.floor(at * FRAMES_PER_SECOND + 0.01)));
}

const both = (fits: (value: number) => boolean) => (values: number[]) => values.length > 1 && values.every(fits);

async function expectSameFrame(page: FrameLocator): Promise<void> {
  await until(
    'paused',
    () => inPage<boolean>(page, `[...document.querySelectorAll('video')].every((video) => video.paused)`),
    Boolean,
  );
  await until(
    'the same frame',
    () => frames(page),
    ([one, other]) => one === other,
  );
}

/** Runs a command from the palette without touching the mouse. */
async function command({ page, quickInput }: Workbench, title: string): Promise<void> {
  const { keyboard } = page;
  await retry(20_000, async () => {
    if (await quickInput.isVisible()) await keyboard.press('Escape');
    await keyboard.press('F1');
    await quickInput.locator('input').fill(`>${title}`, { timeout: 2_000 });
    await quickInput.getByRole('option', { name: title }).first().waitFor({ timeout: 2_000 });
  });
  await keyboard.press('Enter');
}

interface Past {
  record: TaskRecord;
  frames: number;
  /** In place of one with so many frames. */
  film?: Buffer;
}

/** A finished task of some hours ago, with a copy of so many frames. */
function past(
  id: string,
  prompt: string,
  {
    hoursAgo,
    frames: count,
    model = 'seedance-1-pro-fast-720P-5s',
  }: { hoursAgo: number; frames: number; model?: string },
): Past {
  const at = Date.now() - hoursAgo * 60 * 60_000;
  return {
    frames: count,
    record: {
      format: 1,
      id,
      state: 'done',
      origin: 'generated',
      account: getKeyFingerprint(fixture.emulator.key),
      gatewayId: `gateway${id}`,
      request: { model, prompt, aspectRatio: '16:9' },
      quotedPrice: 36,
      createdAt: at,
      finishedAt: at + 65_000,
      localCopy: { file: `${id}.mp4`, bytes: 1, at },
      saved: [],
    },
  };
}

async function seed(takes: readonly Past[]): Promise<void> {
  const [tasks, videos] = ['tasks', 'videos'].map((name) => path.join(fixture.storage, name)) as [string, string];
  await mkdir(tasks, { recursive: true });
  await mkdir(videos, { recursive: true });
  for (const { record, frames: count, film: given } of takes) {
    const lasts = Array<number>(count).fill(1);
    const film = given ?? retime(await encodeNumbers(count), { timescale: FRAMES_PER_SECOND, lasts });
    const copy = { ...record.localCopy!, bytes: film.length };
    await writeFile(path.join(videos, copy.file), film);
    await writeFile(path.join(tasks, `${record.id}.1.json`), JSON.stringify({ ...record, localCopy: copy }));
  }
}
