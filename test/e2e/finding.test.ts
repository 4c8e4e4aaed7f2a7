import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { makeMp4 } from '../support/mp4';
import { question, rowOf, until } from './actions';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const LONG = 'A red fox runs through the snow at dawn, cinematic, shot on film, with fireflies over the frozen river';

describe('among many tasks', () => {
  it('each is found, told from its twins, looked at in turn and removed by a key', async () => {
    await seed();
    const { workbench } = await fixture.open();
    const { page } = workbench;
    await mkdir(PICTURES, { recursive: true });
    await workbench.openContainer('Seedance');
    const newest = await rowOf(workbench, 'Take 5');
    assert.equal(await newest.locator('.label-name').innerText(), `Take 5 · 3 h · ${LONG}`);
    const oldest = workbench.treeRow('Take 1').first();
    await workbench.useTheme('dark');
    await workbench.screenshot(path.join(PICTURES, 'finding-list.png'));

    // The row of older tasks, below all others, says what is in it.
    const older = workbench.treeRow(/\d+ older, /).first();
    const scroll = (by: number, row: Locator) =>
      until(
        'the row is in sight',
        async () => {
          await page.mouse.move(150, 400);
          await page.mouse.wheel(0, by);
          await page.waitForTimeout(100);
          return row.isVisible();
        },
        (isVisible) => isVisible,
      );
    await scroll(600, older);
    assert.match(await older.innerText(), /^\d+ older, \w+ \d+\s–\s/);
    await scroll(-600, newest);

    // What is in a page that is closed is found, and shown while the list keeps the focus.
    await workbench.runCommand('Seedance: Find video…');
    await question(workbench, 'Find video').waitFor();
    await page.keyboard.type('fireflies lighthouse');
    const found = workbench.quickInput.locator('.monaco-list-row');
    await until(
      'found',
      () => found.count(),
      (rows) => rows === 1,
    );
    assert.match((await found.first().getAttribute('aria-label')) ?? '', /Scene 3 at the lighthouse/);
    const tabs = () => page.locator('.tab[data-resource-name]').allInnerTexts();
    await until('the preview', tabs, (names) => names.some((name) => name.includes('Scene 3 at the')));
    assert.ok(await workbench.quickInput.locator('input[type=text]:focus').count(), 'the list keeps the focus');
    await workbench.screenshot(path.join(PICTURES, 'finding-pick.png'));
    await page.keyboard.press('Escape');
    await until('no trace', tabs, (names) => !names.some((name) => name.includes('Scene 3 at the')));

    // Several are looked at in turn.
    await newest.click();
    await oldest.click({ modifiers: ['Shift'] });
    await workbench.chooseInMenu(newest, 'Preview');
    const inPreview = workbench.webview();
    const shows = async (label: string, title: string) => {
      await until(
        'the count',
        () => inPreview.locator('#seriesLabel').innerText(),
        (text) => text === label,
      );
      await until('the tab', tabs, (names) => names.some((name) => name.startsWith(title)));
    };
    await shows('1 of 5', 'Take 5');
    await inPreview.locator('#next').click();
    await shows('2 of 5', 'Take 4');
    await inPreview.locator('body').press(']');
    await shows('3 of 5', 'Take 3');
    await inPreview.locator('body').press('[');
    await shows('2 of 5', 'Take 4');
    await workbench.screenshot(path.join(PICTURES, 'finding-series.png'));

    // One key and one question for all of them; who declines keeps all.
    const takes = () => page.locator('.sidebar .monaco-list-row', { hasText: 'fireflies over' }).count();
    const press = async (button: string) => {
      await newest.click();
      await workbench
        .treeRow('Take 2')
        .first()
        .click({ modifiers: ['Shift'] });
      await page.keyboard.press('Delete');
      await workbench.dialog.waitFor();
      assert.match(await workbench.dialog.innerText(), /Remove 4 tasks from the list:[^]*not saved anywhere else/);
      await workbench.dialog.locator('.monaco-button', { hasText: button }).click();
      await workbench.dialog.waitFor({ state: 'detached' });
    };
    await press('Cancel');
    assert.equal(await takes(), 5);
    await press('Remove');
    await until('left', takes, (rows) => rows === 1);
    await rowOf(workbench, /^A red fox runs/);
  });
});

/** A hundred tasks of the last weeks, and the newest five of one prompt, whose videos are saved nowhere else. */
async function seed(): Promise<void> {
  const tasks = path.join(fixture.storage, 'tasks');
  await mkdir(tasks, { recursive: true });
  const write = (record: TaskRecord) => writeFile(path.join(tasks, `${record.id}.1.json`), JSON.stringify(record));
  const hour = 3_600_000;
  for (let n = 0; n < 100; n++) {
    const prompt = `Scene ${n} at the ${n === 3 ? 'lighthouse with fireflies' : 'harbour, a slow camera drives along the quay'}`;
    await write(failed(`1${String(n).padStart(3, '0')}`, prompt, (200 - n) * 6 * hour));
  }
  const videos = path.join(fixture.storage, 'videos');
  await mkdir(videos);
  const video = makeMp4(30_000);
  for (const [n, hours] of [7, 6, 5, 4, 3].entries()) {
    const id = `2${n}`;
    const at = Date.now() - hours * hour;
    await writeFile(path.join(videos, `${id}.mp4`), video);
    const record = failed(id, LONG, hours * hour + 60_000);
    await write({
      ...record,
      state: 'done',
      error: undefined,
      localCopy: { file: `${id}.mp4`, bytes: video.length, at },
    });
  }
}

function failed(id: string, prompt: string, age: number): TaskRecord {
  return {
    format: 1,
    id,
    state: 'failed',
    origin: 'generated',
    account: getKeyFingerprint(fixture.emulator.key),
    request: { model: 'seedance-1-pro-fast-720P-5s', prompt, aspectRatio: '16:9' },
    createdAt: Date.now() - age,
    finishedAt: Date.now() - age + 65_000,
    error: { kind: 'never-sent', at: Date.now() - age },
    saved: [],
  };
}
