import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { check, resolve } from '../support/storyboards';
import { retry, type Workbench } from '../vscode/workbench';
import { closeNotifications, generate, question, rowOf, setKey, until, waitForState } from './actions';
import { filesIn, fixture } from './setup';

const SHOTS = ['red', 'green', 'blue', 'white', 'black', 'grey'].map(
  (colour) => `A ${colour} kite rises into the wind.`,
);

describe('a new storyboard', () => {
  it('is made of six selected paragraphs, beside their file, by keyboard alone', async () => {
    const source = `# The kites\n\n${SHOTS.join('\n\n')}\n`;
    const { workbench, folder } = await fixture.open({ 'notes/kites.md': source });
    const { page } = workbench;
    await pressInQuickOpen(workbench, 'Control+P', 'kites.md', 'kites.md');
    await selectAll(workbench);
    await pressInQuickOpen(workbench, 'F1', '>Seedance: New storyboard', 'Seedance: New storyboard');
    const name = question(workbench, 'New storyboard');
    await name.waitFor();
    assert.equal(await name.locator('input').inputValue(), 'notes/kites.storyboard.md');
    await page.keyboard.press('Enter');
    await page.locator('.tabs-container .tab.active', { hasText: 'kites.storyboard.md' }).waitFor();

    const text = await readFile(path.join(folder, 'notes/kites.storyboard.md'), 'utf8');
    const { shots, storyboard } = resolve(text);
    assert.deepEqual(
      [storyboard.title?.text, shots.map(({ prompt }) => prompt), check(text)],
      ['The kites', SHOTS, []],
    );
    assert.equal(await readFile(path.join(folder, 'notes/kites.md'), 'utf8'), source);
    await page.locator('.statusbar-item#status\\.problems[aria-label="No Problems"]').waitFor();

    // A second one takes another name, and nothing is written over.
    await pressInQuickOpen(workbench, 'Control+P', 'kites.md', /^kites\.md/);
    await selectAll(workbench);
    await pressInQuickOpen(workbench, 'F1', '>Seedance: New storyboard', 'Seedance: New storyboard');
    await name.waitFor();
    assert.equal(await name.locator('input').inputValue(), 'notes/kites-2.storyboard.md');
    await name.locator('input').fill('notes/kites');
    await page.keyboard.press('Enter');
    await name.locator('.quick-input-message', { hasText: 'There is a file of this name already.' }).waitFor();
    // Where nothing can be written, the text is there all the same.
    await name.locator('input').fill('notes/kites.md/film');
    await page.keyboard.press('Enter');
    await workbench.waitForNotification(
      /^The storyboard could not be written to “notes.kites\.md.film\.storyboard\.md”/,
    );
    const unsaved = page.locator('.tabs-container .tab.active.dirty', { hasText: 'film.storyboard.md' });
    await unsaved.waitFor();
    await page.locator('.editor-group-container.active .view-line', { hasText: '## Shot 6' }).waitFor();
    assert.deepEqual((await readdir(path.join(folder, 'notes'))).sort(), ['kites.md', 'kites.storyboard.md']);
  });

  it('is made of tasks that are selected in the list, which are takes of its shots from then on', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = 500;
    const { workbench, folder } = await fixture.open();
    await setKey(workbench);
    for (const prompt of [SHOTS[0]!, SHOTS[1]!]) {
      await generate(workbench, prompt);
      await waitForState(await rowOf(workbench, prompt), /^Ready$/);
    }
    await closeNotifications(workbench);
    const row = await rowOf(workbench, SHOTS[0]!);
    await workbench.chooseInMenu(row, 'Save to workspace');
    await waitForState(row, /^Saved$/);
    await closeNotifications(workbench);
    await row.focus();
    await row.click({ modifiers: ['Control'] });
    await workbench.page.keyboard.press('Control+A');
    // A row that is selected may be so by chance: from the palette it is asked about.
    await workbench.runCommand('Seedance: New storyboard');
    const asked = question(workbench, 'New storyboard');
    await asked.locator('.monaco-list-row').first().waitFor();
    assert.deepEqual(
      await Promise.all((await asked.locator('.monaco-list-row').all()).map((one) => one.getAttribute('aria-label'))),
      ['list-tree  Of the tasks that are selected in the list, Tasks: 2', 'lightbulb  A short example to write over'],
    );
    await workbench.page.keyboard.press('Escape');
    await workbench.chooseInMenu(row, 'New storyboard');
    const name = question(workbench, 'New storyboard');
    await name.waitFor();
    assert.equal(await name.locator('input').inputValue(), 'film.storyboard.md');
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'film.storyboard.md' }).waitFor();

    const [video] = (await filesIn(folder)).filter((file) => file.endsWith('.mp4'));
    const { shots, model } = resolve(await readFile(path.join(folder, 'film.storyboard.md'), 'utf8'));
    assert.deepEqual(
      [model, shots.map(({ prompt, take }) => [prompt, take?.target])],
      [
        'seedance-1-pro-1080P-5s',
        [
          [SHOTS[0], video],
          [SHOTS[1], undefined],
        ],
      ],
    );
    const document = `file://${folder}/film.storyboard.md`;
    await until(
      'the shots of the tasks',
      async () => (await readRecords()).map(({ shot }) => `${shot?.document} ${shot?.label}`).sort(),
      (found) => JSON.stringify(found) === JSON.stringify([`${document} Shot 1`, `${document} Shot 2`]),
    );
    assert.equal(emulator.ledger.charged().length, 2);
  });
});

/** Opens a list by a key, types, and takes the first row once it is the one that is meant. */
async function pressInQuickOpen(workbench: Workbench, key: string, text: string, row: string | RegExp): Promise<void> {
  const { page, quickInput } = workbench;
  await retry(60_000, async () => {
    if (!(await quickInput.isVisible())) await page.keyboard.press(key);
    await quickInput.locator('input').fill(text, { timeout: 2_000 });
    await quickInput.locator('.monaco-list-row.focused', { hasText: row }).waitFor({ timeout: 2_000 });
  });
  await page.keyboard.press('Enter');
  await quickInput.waitFor({ state: 'hidden' }).catch(() => undefined);
}

/** The editor takes the focus a moment after its tab is there. */
async function selectAll({ page }: Workbench): Promise<void> {
  const selected = page.locator('.statusbar-item', { hasText: /\(\d+ selected\)/ });
  await retry(20_000, async () => {
    await page.keyboard.press('Control+A');
    await selected.waitFor({ timeout: 1_000 });
  });
}

/** The newest revision of each record. */
async function readRecords(): Promise<TaskRecord[]> {
  const tasks = path.join(fixture.storage, 'tasks');
  const newest = new Map<string, { revision: number; name: string }>();
  for (const name of await readdir(tasks)) {
    const [, id, revision] = /^(.+)\.(\d+)\.json$/.exec(name) ?? [];
    if (id !== undefined && Number(revision) > (newest.get(id)?.revision ?? -1)) {
      newest.set(id, { revision: Number(revision), name });
    }
  }
  return Promise.all(
    [...newest.values()].map(
      async ({ name }) => JSON.parse(await readFile(path.join(tasks, name), 'utf8')) as TaskRecord,
    ),
  );
}
