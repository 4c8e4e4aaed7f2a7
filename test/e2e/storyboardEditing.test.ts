/** Editing a storyboard by keyboard: what is suggested, mended, renamed, found and shown above the shots. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locator } from 'playwright-core';
import { getGalleryId, writeGallery } from '../support/galleryTasks';
import { createRecord } from '../support/records';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import type { Theme, Workbench } from '../vscode/workbench';
import { question, until } from './actions';
import { png } from './png';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const FILE = 'letter.storyboard.md';
const TEXT = `---
model: seedance-1-5-pro-audio-720P-5s
ratio: 4:3
---
# The letter

## Cast
- **Vera**: a young woman in a cream sweater. ![](cast/vera.png)

## Shot 1: Night

> Close-up of @Vera at a desk.

## Shot 2: Rain
- continue: Shot 1

> @Vera waits under an umbrella.

## Shot 3: Morning

> The sun rises over`;

const lineOf = (words: string) => TEXT.slice(0, TEXT.indexOf(words)).split('\n').length;

/** Two takes of the first shot, and one of a shot that is gone. */
async function open(options: { locale?: 'en' | 'ru' } = {}): Promise<Workbench> {
  const folder = await fixture.workspace({
    [FILE]: TEXT,
    'cast/vera.png': png(320, 180, (x, y) => [200 * x, 90, 200 * y]),
  });
  const document = pathToFileURL(path.join(folder, FILE)).href;
  const at = Date.UTC(2026, 10, 20, 12);
  const take = (n: number, label: string, title: string): TaskRecord =>
    createRecord(getGalleryId(9 - n), {
      state: 'done',
      shot: { document, label, title },
      quotedPrice: 56,
      createdAt: at + n * 3_600_000,
      finishedAt: at + n * 3_600_000 + 60_000,
      localCopy: { file: `${getGalleryId(9 - n)}.mp4`, bytes: 1, at },
    });
  const records = [take(1, 'Shot 1', 'Night'), take(2, 'Shot 1', 'Night'), take(3, 'Shot 9', 'A storm')];
  await writeGallery(fixture.storage, records, [new Uint8Array(64)]);
  const { workbench } = await fixture.openIn(await fixture.emptyProfile(options), folder);
  for (const [index, { id }] of records.entries()) {
    const url = await workbench.page.evaluate<string>(`(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 270 });
      const context = canvas.getContext('2d');
      context.fillStyle = 'hsl(${index * 90 + 20} 60% 55%)';
      context.fillRect(0, 0, 480, 270);
      context.fillStyle = 'white';
      context.fillRect(60 + ${index * 120}, 60, 120, 150);
      return canvas.toDataURL('image/jpeg');
    })()`);
    await writeFile(
      path.join(fixture.storage, 'videos', `${id}.poster.jpg`),
      Buffer.from(url.split(',')[1]!, 'base64'),
    );
  }
  await mkdir(PICTURES, { recursive: true });
  await workbench.openFile(FILE);
  return workbench;
}

/** What stands over the lines, from the first that is seen to the last. */
async function lenses({ page }: Workbench): Promise<string[]> {
  const found = await page.locator('.codelens-decoration:visible').all();
  const places = await Promise.all(
    found.map(
      async (one) => [(await one.boundingBox())?.y ?? 0, (await one.innerText()).replace(/\s+/g, ' ')] as const,
    ),
  );
  return places.toSorted(([a], [b]) => a - b).map(([, text]) => text);
}

async function goTo({ page, quickInput }: Workbench, place: string): Promise<void> {
  await page.keyboard.press('Control+G');
  await quickInput.locator('input').fill(`:${place}`);
  await page.keyboard.press('Enter');
  await quickInput.waitFor({ state: 'hidden' });
}

function suggestion({ page }: Workbench, text: string | RegExp): Locator {
  return page.locator('.suggest-widget.visible .monaco-list-row', { hasText: text }).first();
}

async function lineThere({ page }: Workbench, text: string | RegExp): Promise<void> {
  await page.locator('.editor-instance .view-line', { hasText: text }).first().waitFor();
}

describe('a storyboard in the editor', () => {
  it('is written by keyboard alone, with suggestions, fixes, a rename and what each shot has over it', async function () {
    this.timeout(180_000);
    const workbench = await open();
    const { page } = workbench;
    const picture = (name: string) => workbench.screenshot(path.join(PICTURES, `storyboard-${name}.png`));
    await until(
      'lenses',
      () => lenses(workbench),
      (all) => all.length === 3,
      30_000,
    );
    // The head of the file has a mistake, so nothing of it can be sent.
    assert.deepEqual(await lenses(workbench), ['1 take without a shot', '2 takes | Compare', 'Continues Shot 1']);

    // A quick fix.
    await goTo(workbench, `${lineOf('4:3')}:9`);
    await page.locator('.editor-instance .squiggly-error').first().waitFor();
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget .monaco-list-row', { hasText: 'Write: 9:16' }).waitFor();
    await picture('fix');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await lineThere(workbench, 'ratio: "9:16"');
    await until(
      'lenses',
      () => lenses(workbench),
      (all) => all.includes('Generate (56 ₽ · 5 s) | Continues Shot 1'),
    );
    assert.deepEqual(await lenses(workbench), [
      'Generate 2 missing shots (112 ₽) | 1 take without a shot',
      'Another take (56 ₽ · 5 s) | 2 takes | Compare',
      'Generate (56 ₽ · 5 s) | Continues Shot 1',
      'Generate (56 ₽ · 5 s)',
    ]);

    // A name of the cast.
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' @');
    await suggestion(workbench, '@Vera').waitFor();
    await page.keyboard.press('Enter');
    await lineThere(workbench, 'The sun rises over @Vera');

    // A model, with its price, where the shot says it.
    await goTo(workbench, String(lineOf('## Shot 3')));
    await page.keyboard.press('End');
    await page.keyboard.type('\n- model:');
    const row = suggestion(workbench, 'seedance-1-pro-480P-2s');
    await row.waitFor();
    assert.match(await row.innerText(), /12\s₽ · 2 s/);
    await picture('models');
    await page.keyboard.type(' seedance-1-pro-480P-2s');
    await row.waitFor();
    await page.keyboard.press('Enter');
    await lineThere(workbench, '- model: seedance-1-pro-480P-2s');
    await until(
      'lenses',
      () => lenses(workbench),
      (all) =>
        all.includes('Generate (12 ₽ · 2 s)') && all.some((one) => one.startsWith('Generate 2 missing shots (68 ₽)')),
    );

    // To the cast and back, and another name for her.
    await goTo(workbench, `${lineOf('@Vera waits')}:5`);
    await page.keyboard.press('F12');
    await page.locator('.statusbar', { hasText: `Ln ${lineOf('**Vera**')}, Col 5` }).waitFor();
    await page.keyboard.press('F2');
    const box = page.locator('.rename-box input');
    await box.waitFor();
    assert.equal(await box.inputValue(), 'Vera');
    await box.fill('Anna');
    await page.keyboard.press('Enter');
    for (const words of ['**Anna**: a young', 'Close-up of @Anna at', '@Anna waits', 'rises over @Anna']) {
      await lineThere(workbench, words);
    }

    // What is sent, and the takes with their pictures.
    await goTo(workbench, `${lineOf('## Shot 1')}:6`);
    await page.keyboard.press('Control+K');
    await page.keyboard.press('Control+I');
    const hover = page.locator('.monaco-hover:visible', { hasText: 'Text that is sent' });
    await hover.waitFor();
    assert.match(
      await hover.innerText(),
      /Anna \(a young woman in a cream sweater\)[^]*56\s₽[^]*Take 1[^]*Take 2 ✓ counts/,
    );
    await until(
      'pictures',
      () => hover.locator('img[src^="data:image/jpeg"]').count(),
      (count) => count === 2,
    );
    for (const theme of ['light', 'highContrast', 'highContrastLight', 'dark'] satisfies Theme[]) {
      await workbench.useTheme(theme);
      await picture(`hover-${theme}`);
    }
    await page.keyboard.press('Escape');
    await goTo(workbench, `${lineOf('**Vera**')}:5`);
    await page.keyboard.press('Control+K');
    await page.keyboard.press('Control+I');
    await page.locator('.monaco-hover:visible img').waitFor();
    await picture('hover-cast');
    await page.keyboard.press('Escape');

    // Lenses without a mouse.
    await goTo(workbench, String(lineOf('# The letter')));
    await workbench.runCommand('Show CodeLens Commands for Current Line');
    await workbench.pick('1 take without a shot');
    const pick = question(workbench, 'Takes without a shot');
    await pick.locator('.monaco-list-row', { hasText: 'Shot 9: A storm' }).waitFor();
    await picture('loose-takes');
    await page.keyboard.press('Enter');
    await page.locator('.tabs-container .tab.active', { hasText: 'prompt of' }).waitFor();
  });

  it('speaks Russian', async () => {
    const workbench = await open({ locale: 'ru' });
    await until(
      'lenses',
      () => lenses(workbench),
      (all) => all.includes('Дубли: 2 | Сравнить') && all.includes('1 дубль без кадра'),
      30_000,
    );
    await workbench.screenshot(path.join(PICTURES, 'storyboard-russian.png'));
  });
});
