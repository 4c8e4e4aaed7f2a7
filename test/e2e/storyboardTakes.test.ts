import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import { encodeNumbers, retime } from '../support/numberedFilm';
import { LETTER } from '../support/storyboards';
import type { Theme, Workbench } from '../vscode/workbench';
import { closeNotifications, question, rowOf, until } from './actions';
import { filesIn, fixture, recordsOnDisk } from './setup';

const PICTURES = path.resolve('out', 'ui');
const FILE = 'the-letter.storyboard.md';

describe('the takes of a storyboard', () => {
  it('are listed by its shots, chosen by keyboard, and the line is one step to undo', async () => {
    const folder = await fixture.workspace({ [FILE]: LETTER });
    await mkdir(PICTURES, { recursive: true });
    await seed(folder, [
      { id: '01night', label: 'Shot 1', title: 'Late night' },
      { id: '02night', label: 'Shot 1', title: 'Late night' },
      { id: '03rain', label: 'Shot 2', title: 'Rain', state: 'failed' },
      { id: '04gone', label: 'Shot 7', title: 'The sea' },
    ]);
    const { workbench } = await fixture.openIn(await fixture.emptyProfile(), folder);
    const { page } = workbench;
    const film = await rowOf(workbench, 'the-letter');
    assert.match(await film.innerText(), /2 of 3 · 1 failed/);
    // A click is for the file; the arrow opens the row.
    await film.click();
    await page.locator('.tabs-container .tab.active', { hasText: FILE }).waitFor();
    await film.focus();
    await film.locator('.monaco-tl-twistie').click();
    await workbench.treeRow('Shot 7: The sea').waitFor();
    assert.deepEqual(await labels(workbench), ['the-letter', 'Shot 1: Late night', 'Shot 2: Rain', 'Shot 7: The sea']);
    const shot = workbench.treeRow('Shot 1: Late night').first();
    await shot.locator('.monaco-tl-twistie').click();
    await workbench.treeRow('Take 2').first().waitFor();
    for (const theme of ['light', 'dark', 'highContrast', 'highContrastLight'] as Theme[]) {
      await workbench.useTheme(theme);
      await workbench.screenshot(path.join(PICTURES, `takes-${theme}.png`));
    }
    await workbench.useTheme('dark');

    // From the row, the cursor comes to the shot, and from there everything is typed.
    await workbench.treeRow('Shot 2: Rain').first().click();
    await until(
      'line',
      () => cursorLine(workbench),
      (line) => line === LETTER.split('\n').indexOf('## Shot 2: Rain') + 1,
    );
    await shot.click();
    await until(
      'line',
      () => cursorLine(workbench),
      (line) => line === LETTER.split('\n').indexOf('## Shot 1: Late night') + 1,
    );
    await page.keyboard.press('F1');
    await workbench.quickInput.locator('input').fill('>Seedance: Choose take');
    await workbench.quickInput.locator('.monaco-list-row', { hasText: 'Seedance: Choose take…' }).first().waitFor();
    await page.keyboard.press('Enter');
    const pick = question(workbench, 'Take of “Shot 1: Late night”');
    await pick.waitFor();
    await workbench.screenshot(path.join(PICTURES, 'takes-pick.png'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const line = '- take: [take 1](seedance/the-letter/shot-1-take-1.mp4)';
    await page.locator('.view-line', { hasText: 'shot-1-take-1.mp4' }).waitFor();
    await page.keyboard.press('Control+S');
    await until(
      'the file',
      () => readFile(path.join(folder, FILE), 'utf8'),
      (text) => text === LETTER.replace('720P-10s\n', `720P-10s\n${line}\n`),
    );
    assert.ok((await filesIn(folder)).includes('seedance/the-letter/shot-1-take-1.mp4'));
    await page.keyboard.press('Control+Z');
    await page.locator('.view-line', { hasText: 'shot-1-take-1.mp4' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Control+S');
    await until(
      'the file as it was',
      () => readFile(path.join(folder, FILE), 'utf8'),
      (text) => text === LETTER,
    );
    assert.equal((await recordsOnDisk()).filter(({ saved }) => saved.length > 0).length, 1);
  });

  it('are used from the comparison, in a file that nobody sees, and follow it when it is renamed', async () => {
    const folder = await fixture.workspace({ [FILE]: LETTER });
    await seed(folder, [
      { id: '01night', label: 'Shot 1', title: 'Late night' },
      { id: '02night', label: 'Shot 1', title: 'Late night' },
      { id: '00gone', label: 'Shot 1', title: '', file: 'gone.storyboard.md' },
    ]);
    const { workbench } = await fixture.openIn(await fixture.emptyProfile(), folder);
    const film = await rowOf(workbench, 'the-letter');
    await film.locator('.monaco-tl-twistie').click();
    await workbench.chooseInMenu(workbench.treeRow('Shot 1: Late night').first(), 'Compare');
    const page = workbench.webview();
    await page.locator('#state[data-state="ready"]').waitFor();
    const use = page.locator('#use-02night');
    assert.match((await use.getAttribute('aria-label')) ?? '', /^Use this take: /);
    await use.click();
    await workbench.waitForNotification('“Shot 1: Late night” is in the film with take 2 now.');
    const line = '- take: [take 2](seedance/the-letter/shot-1-take-2.mp4)';
    assert.equal(await readFile(path.join(folder, FILE), 'utf8'), LETTER.replace('720P-10s\n', `720P-10s\n${line}\n`));
    await workbench.screenshot(path.join(PICTURES, 'takes-compare.png'));
    await closeNotifications(workbench);

    await workbench.runCommand('View: Show Explorer');
    const entry = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: FILE });
    await entry.click();
    await entry.press('F2');
    const box = workbench.page.locator('.explorer-folders-view .monaco-inputbox input');
    await box.fill('a letter.storyboard.md');
    await box.press('Enter');
    await rowOf(workbench, 'a letter');
    assert.deepEqual(await labels(workbench), ['a letter', 'gone']);
    await until(
      'records',
      recordsOnDisk,
      (all) => all.filter(({ shot }) => shot?.document.endsWith('/a%20letter.storyboard.md')).length === 2,
    );
    // One that was deleted or moved elsewhere: no event tells that, and its tasks stay in reach below its name.
    await (await rowOf(workbench, 'gone')).click();
    await workbench.waitForNotification(/“gone\.storyboard\.md” cannot be opened: it was deleted, moved or renamed/);
  });
});

interface Seed {
  id: string;
  label: string;
  title: string;
  state?: 'failed';
  file?: string;
}

/** Tasks of the film, finished some time ago, with their copies. */
async function seed(folder: string, takes: readonly Seed[]): Promise<void> {
  const [tasks, videos] = ['tasks', 'videos'].map((name) => path.join(fixture.storage, name)) as [string, string];
  await mkdir(tasks, { recursive: true });
  await mkdir(videos, { recursive: true });
  const bytes = retime(await encodeNumbers(24), { timescale: 24, lasts: Array<number>(24).fill(1) });
  for (const [index, { id, label, title, state = 'done', file = FILE }] of takes.entries()) {
    const at = Date.now() - (takes.length - index) * 3_600_000;
    const isDone = state === 'done';
    const record: TaskRecord = {
      format: 1,
      id,
      state,
      origin: 'generated',
      account: getKeyFingerprint(fixture.emulator.key),
      gatewayId: `gateway${id}`,
      request: { model: 'seedance-1-pro-480P-2s', prompt: `${title}, ${id}`, aspectRatio: '16:9' },
      shot: { document: `file://${folder}/${file}`, label, title },
      quotedPrice: 12,
      createdAt: at,
      finishedAt: at + 60_000,
      saved: [],
      ...(isDone
        ? { localCopy: { file: `${id}.mp4`, bytes: bytes.length, at } }
        : { error: { kind: 'task-failed', at } as const }),
    };
    if (isDone) await writeFile(path.join(videos, `${id}.mp4`), bytes);
    await writeFile(path.join(tasks, `${id}.1.json`), JSON.stringify(record));
  }
}

function labels({ page }: Workbench): Promise<string[]> {
  return page.locator('.sidebar .pane-body .monaco-list-row .label-name').allInnerTexts();
}

async function cursorLine({ page }: Workbench): Promise<number> {
  const status = await page
    .locator('.statusbar-item', { hasText: /^Ln \d+, Col/ })
    .first()
    .innerText();
  return Number(/\d+/.exec(status)?.[0]);
}
