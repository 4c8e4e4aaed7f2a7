import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import type { FirstFrame, TaskRecord } from '../../src/tasks/model/taskRecord';
import type { Theme, Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  answer,
  closeNotifications,
  generate,
  question,
  rowOf,
  setKey,
  until,
  waitForState,
} from './actions';
import { png } from './png';
import { fixture, recordsOnDisk } from './setup';

const PICTURES = path.resolve('out', 'ui');
const CONTINUE = 'ctrl+alt+k';

describe('a chain', () => {
  it('is made by going on from the last frame', async () => {
    fixture.emulator.behaviour.video = 'real';
    fixture.sandbox.changeSettings({ 'seedance.model': 'seedance-1-pro-480P-2s' });
    const { workbench } = await fixture.open();
    await mkdir(PICTURES, { recursive: true });
    await setKey(workbench);
    await generate(workbench, 'A paper boat sails down a rainy street at dusk');
    const first = await rowOf(workbench, 'A paper boat');
    await waitForState(first, /^Ready$/);
    await closeNotifications(workbench);
    await workbench.chooseInMenu(first, 'Continue from last frame');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Send the file inside the request');
    await answer(workbench, 'What happens after the first frame?', 'It drifts out to sea');
    await acceptOffer(workbench);
    const next = await rowOf(workbench, 'It drifts out');
    await waitForState(next, /^Ready$/);
    await next.click();
    await workbench.runCommand('Seedance: Group chains and films');
    // The task whose row was chosen stays in sight, so its chain is open.
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.length === 3,
    );
    assert.deepEqual(await labels(workbench), [
      'A paper boat sails down a rainy street at dusk',
      'Take 1 · A paper boat sails down a rainy street at dusk',
      'Take 2 · It drifts out to sea',
    ]);
    await waitForState(workbench.treeRow('Takes: 2').first(), /^Takes: 2 · Ready$/);
    await workbench.webview().locator('.frame.painted').waitFor();
    await closeNotifications(workbench);
    await workbench.useTheme('dark');
    await workbench.screenshot(path.join(PICTURES, 'chain-preview.png'));
  });

  it('grows take by take, is shown together or apart, and outlives its first take', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = (_model, index) => (index === 0 ? 300_000 : 500);
    const folder = await fixture.workspace({ 'frame.png': png(640, 360) });
    const frame = `file://${folder}/frame.png`;
    await seed([
      past('00boat', 'A paper boat sails down a rainy street at dusk', 4),
      past('00calm', 'A whale in a teacup', 3),
      past('00river', 'The boat reaches the river', 2, {
        source: frame,
        delivery: 'inline',
        label: 'Last frame',
        from: { task: '00boat', seconds: 4.96, isLast: true },
      }),
    ]);
    // What the buttons of a preview pass.
    const args = {
      picture: frame,
      label: 'Last frame of “The boat reaches the river”',
      from: { task: '00river', seconds: 4.96, isLast: true },
    };
    await writeFile(
      path.join(fixture.sandbox.userData, 'User', 'keybindings.json'),
      JSON.stringify([{ key: CONTINUE, command: 'seedance.useAsFirstFrame', args }]),
    );
    const { workbench } = await fixture.openIn(await fixture.emptyProfile(), folder);
    await mkdir(PICTURES, { recursive: true });
    const take = (name: string) => workbench.screenshot(path.join(PICTURES, `chain-${name}.png`));
    await setKey(workbench);
    const second = await rowOf(workbench, 'The boat reaches');
    await workbench.page.keyboard.press('Control+Alt+K');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Send the file inside the request');
    await answer(workbench, 'What happens after the first frame?', 'Morning breaks over the sea');
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'Morning breaks'), /Waiting/);
    await closeNotifications(workbench);
    await second.hover();
    await workbench.page
      .locator('.monaco-hover:visible', {
        hasText: 'Take 2 of a chain; continues “A paper boat sails down a rainy street at dusk”',
      })
      .waitFor();

    const header = workbench.page.locator('.sidebar .pane-header', { hasText: 'Videos' });
    await header.hover();
    await header.locator('.action-label[aria-label="Group chains and films"]').click();
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.length === 5,
    );
    assert.deepEqual(await labels(workbench), [
      'A paper boat sails down a rainy street at dusk',
      'Take 1 · A paper boat sails down a rainy street at dusk',
      'Take 2 · The boat reaches the river',
      'Take 3 · Morning breaks over the sea',
      'A whale in a teacup',
    ]);
    const chain = workbench.treeRow('Takes: 3').first();
    await waitForState(chain, /^Takes: 3 · Waiting$/);
    assert.deepEqual(await workbench.page.locator('.activitybar .badge-content:visible').allInnerTexts(), ['1']);

    await workbench.page.mouse.move(700, 500); // takes the button's hover away
    for (const theme of ['light', 'dark', 'highContrast'] satisfies Theme[]) {
      await workbench.useTheme(theme);
      await take(theme);
    }
    await workbench.useTheme('dark');
    await workbench.page.setViewportSize({ width: 640, height: 700 });
    await take('narrow');
    await workbench.page.setViewportSize({ width: 1280, height: 720 });

    // A click on its row closes it; seconds that pass below do not open it again.
    await chain.click();
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.length === 2,
    );
    const before = await workbench.page.locator('.sidebar .pane-body .monaco-list-row').first().innerHTML();
    await workbench.page.waitForTimeout(2_500);
    assert.equal(await workbench.page.locator('.sidebar .pane-body .monaco-list-row').first().innerHTML(), before);
    await take('closed');
    await chain.click();
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.length === 5,
    );

    // Another second take, from the same frame; it stays with them after a reload.
    await workbench.chooseInMenu(workbench.treeRow('Take 2').first(), 'Generate again');
    await acceptOffer(workbench);
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.includes('Take 2.2 · The boat reaches the river'),
    );
    const records = await recordsOnDisk();
    const [boat, ...seconds] = ['A paper boat sails down a rainy street at dusk', 'The boat reaches the river'].flatMap(
      (prompt) => records.filter(({ request }) => request.prompt === prompt),
    );
    assert.equal(seconds.length, 2);
    assert.ok(seconds.every(({ request }) => request.firstFrame?.from?.task === boat!.id));
    await waitForState(workbench.treeRow('Take 2.2').first(), /^Ready$/);
    await workbench.reload();
    await (await rowOf(workbench, 'Takes: 4')).click();
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.includes('Take 2.2 · The boat reaches the river'),
    );

    await workbench.chooseInMenu(workbench.treeRow('Take 1').first(), 'Remove from list');
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows[0] === 'The boat reaches the river' && rows.length === 5,
    );
    assert.deepEqual((await labels(workbench)).slice(1, 4), [
      'Take 2.1 · The boat reaches the river',
      'Take 2.2 · The boat reaches the river',
      'Take 3 · Morning breaks over the sea',
    ]);
    await workbench.chooseInMenu(workbench.treeRow('Take 2.1').first(), 'Generate again');
    await acceptOffer(workbench);
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.includes('Take 2.3 · The boat reaches the river'),
    );

    await workbench.runCommand('Seedance: Ungroup chains and films');
    await until(
      'rows',
      () => labels(workbench),
      (rows) => rows.length === 5 && rows.every((row) => !/^Take [0-9.]+ · (?!\d|just now)/.test(row)),
    );
  });
});

/** A task of some hours ago, whose video was saved. */
function past(id: string, prompt: string, hoursAgo: number, firstFrame?: FirstFrame): TaskRecord {
  const at = Date.now() - hoursAgo * 60 * 60_000;
  return {
    format: 1,
    id,
    state: 'done',
    origin: 'generated',
    account: getKeyFingerprint(fixture.emulator.key),
    gatewayId: `gateway${id}`,
    request: {
      model: 'seedance-1-pro-fast-720P-5s',
      prompt,
      aspectRatio: '16:9',
      ...(firstFrame ? { firstFrame } : {}),
    },
    createdAt: at,
    finishedAt: at + 65_000,
    saved: [{ uri: `file:///films/${id}.mp4`, at }],
  };
}

async function seed(records: readonly TaskRecord[]): Promise<void> {
  const tasks = path.join(fixture.storage, 'tasks');
  await mkdir(tasks, { recursive: true });
  for (const record of records) await writeFile(path.join(tasks, `${record.id}.1.json`), JSON.stringify(record));
}

/** Without the time that a row of what is on its way begins with. */
async function labels(workbench: Workbench): Promise<string[]> {
  const texts = await workbench.page.locator('.sidebar .pane-body .monaco-list-row .label-name').allInnerTexts();
  return texts.map((text) => text.replace(/^\d+:\d\d · /, ''));
}
